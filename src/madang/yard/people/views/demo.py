"""Trying a role on sample data."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from madang.numerics.errors import NotFound
from madang.yard.audit.authority import Role
from madang.yard.people.forms import DemoRoleForm
from madang.yard.people.selectors import DemoRole, demo_on, demo_roles, request_actor
from madang.yard.people.selectors.accounts import SESSION_ASSIGNMENT
from madang.yard.people.services import role_switch

BACKEND = "madang.yard.people.adapters.AccountBackend"


def _absent() -> NotFound:
    return NotFound("demo_off", _("There is nothing here, or you may not see it."))


@never_cache
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Show the roles that can be tried, one click each."""
    if not demo_on():
        raise _absent()
    grouped: dict[Role, list[DemoRole]] = {}
    for one in demo_roles(request):
        grouped.setdefault(one.role, []).append(one)
    return render(request, "people/demo_roles.html", {"grouped": list(grouped.values())})


@never_cache
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Sign the visitor in as the demo account of a role."""
    form = DemoRoleForm(request.POST)
    if not form.is_valid():
        raise _absent()
    chosen = role_switch(request_actor(request), Role(form.cleaned_data["role"]), form.cleaned_data["place"])
    logout(request)
    login(request, chosen.user, backend=BACKEND)
    request.session[SESSION_ASSIGNMENT] = chosen.pk
    UserSession.objects.create_from_request(request)
    messages.success(request, _("You are trying this role. Everything here is sample data."))
    return redirect("home")
