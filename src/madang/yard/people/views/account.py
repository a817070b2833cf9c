"""What a signed-in person sees of their own account."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.numerics.errors import DomainError
from madang.yard.audit.authority import Action, may
from madang.yard.people.forms import TokenForm
from madang.yard.people.models import User
from madang.yard.people.selectors import (
    accesses_of,
    assignments_held,
    has_second_factor,
    person_of_user,
    request_actor,
    request_user,
    sessions_of,
    tokens_of,
)
from madang.yard.people.selectors.accounts import SESSION_ASSIGNMENT
from madang.yard.people.services import (
    person_read_own,
    role_choose,
    scopes_for,
    session_revoke,
    token_issue,
    token_revoke,
)
from madang.yard.people.services.tokens import SCOPE_NAMES, Scope
from madang.yard.people.views.support import blame


def _user(request: HttpRequest) -> User:
    user = request_user(request)
    if user is None:
        raise AssertionError("behind login_required")
    return user


@login_required
@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show the account: its roles, and the ways to everything that is its own."""
    user, actor = _user(request), request_actor(request)
    context = {
        "held": assignments_held(user, actor),
        "second_factor": has_second_factor(user),
        "session_count": len(sessions_of(user)),
        "token_count": tokens_of(user).count(),
        "has_record": person_of_user(user.pk) is not None,
        "account_name": user.username,
        "has_password": user.has_usable_password(),
        "reads_persons": may(actor, Action.PERSON_READ),
        "keeps_accounts": may(actor, Action.USER_ADD),
    }
    return render(request, "people/account.html", context)


@login_required
@require_POST
def role_choose_view(request: HttpRequest) -> HttpResponse:
    """Act in another of one's own roles from now on."""
    chosen = request.POST.get("assignment", "")
    held = role_choose(request_actor(request), int(chosen) if chosen.isascii() and chosen.isdigit() else 0)
    request.session[SESSION_ASSIGNMENT] = held.pk
    messages.success(request, _("You act in this role now."))
    return redirect("people:account")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Show where the account is signed in; end one session, or all others."""
    user, actor = _user(request), request_actor(request)
    found = sessions_of(user, request.session.session_key)
    if request.method != "POST":
        return render(request, "people/sessions.html", {"sessions": found})
    chosen = request.POST.get("session", "")
    ending = [one for one in found if not one.current and (chosen == "others" or str(one.id) == chosen)]
    for one in ending:
        session_revoke(actor, one.id)
    if ending:
        messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show the account's keys for programs; issue one, whose secret is shown this once."""
    actor = request_actor(request)
    allowed = scopes_for(actor.role)
    form = TokenForm(request.POST or None, scopes=allowed)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = token_issue(actor, form.draft())
            form = TokenForm(scopes=allowed)
        except DomainError as error:
            blame(form, error)
    shown = [
        {"token": token, "scopes": [SCOPE_NAMES[Scope(scope)] for scope in token.scopes]}
        for token in tokens_of(_user(request))
    ]
    context = {"form": form, "tokens": shown, "secret": secret, "may_issue": bool(allowed)}
    return render(request, "people/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def token_revoke_view(request: HttpRequest, token_id: uuid.UUID) -> HttpResponse:
    """Revoke one of the account's tokens."""
    token_revoke(request_actor(request), token_id)
    messages.success(request, _("The key opens nothing any more."))
    return redirect("people:tokens")


@login_required
@never_cache
@require_GET
def own_record(request: HttpRequest) -> HttpResponse:
    """Show a resident what the district keeps about them, and who has read it."""
    actor = request_actor(request)
    record = person_read_own(actor)
    person = person_of_user(_user(request).pk)
    accesses = accesses_of(person) if person is not None else []
    return render(request, "people/own_record.html", {"record": record, "accesses": accesses})
