"""Accounts and their roles, as the administrator sees them."""

import secrets
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.numerics.errors import DomainError
from madang.ui.listing import Column, ListingRules, listing_of, page_of
from madang.yard.audit.authority import ROLE_NAMES, Role
from madang.yard.people.forms import RoleForm, UserForm
from madang.yard.people.selectors import (
    assignments_held,
    has_second_factor,
    place_names,
    request_actor,
    sessions_of,
    user_get,
    users_visible,
)
from madang.yard.people.services import role_grant, role_revoke, second_factor_reset, user_add, user_close
from madang.yard.people.views.support import blame, place_choices

_RULES = ListingRules(sortable={"name": "username", "since": "created_at"}, default="name")
_PASSWORD_BYTES = 12


@login_required
@never_cache
@require_GET
def users(request: HttpRequest) -> HttpResponse:
    """List the accounts within an administrator's reach."""
    actor = request_actor(request)
    listing = listing_of(request, _RULES)
    found = users_visible(actor).order_by(*listing.ordering)
    if listing.q:
        found = found.filter(username__icontains=listing.q)
    page = page_of(found, listing.page)
    held = [(user, list(user.live_assignments)) for user in page.object_list]
    names = place_names(one.place for _user, roles in held for one in roles)
    rows = [
        {
            "user": user,
            "roles": [(ROLE_NAMES[Role(one.role)], names.get(one.place, one.place)) for one in roles],
        }
        for user, roles in held
    ]
    columns = [
        Column(label=gettext_lazy("Account"), key="name"),
        Column(label=gettext_lazy("Roles")),
        Column(label=gettext_lazy("Since"), key="since"),
    ]
    context = {"page": page, "listing": listing, "rows": rows, "columns": columns}
    return render(request, "people/users.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make an account; its first password is drawn and shown this once."""
    actor = request_actor(request)
    users_visible(actor)
    form = UserForm(request.POST or None, places=place_choices(actor))
    if request.method == "POST" and form.is_valid():
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        try:
            made = user_add(actor, form.user_draft(password))
        except DomainError as error:
            blame(form, error)
        else:
            return render(request, "people/user_made.html", {"made": made, "password": password})
    return render(request, "people/user_add.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def user(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Show an account and grant it a role."""
    actor = request_actor(request)
    subject = user_get(actor, user_id)
    form = RoleForm(request.POST or None, places=place_choices(actor))
    if request.method == "POST" and form.is_valid():
        try:
            role_grant(actor, form.role_draft(subject.pk))
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("The role is granted."))
            return redirect("people:user", subject.pk)
    context = {
        "subject": subject,
        "held": [one for one in assignments_held(subject) if actor.reaches(one.place)],
        "second_factor": has_second_factor(subject),
        "session_count": len(sessions_of(subject)),
        "own": actor.user == str(subject.pk),
        "form": form,
    }
    return render(request, "people/user.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Revoke a role."""
    held = role_revoke(request_actor(request), assignment_id)
    messages.success(request, _("The role is revoked."))
    return redirect("people:user", held.user_id)


@login_required
@require_POST
def reset_second_factor(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Remove a lost second factor."""
    second_factor_reset(request_actor(request), user_id)
    messages.success(request, _("The second factor is removed and every session ended."))
    return redirect("people:user", user_id)


@login_required
@require_POST
def close(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Close an account."""
    user_close(request_actor(request), user_id)
    messages.success(request, _("The account is closed."))
    return redirect("people:role_admin")
