"""Who acts in this request, and whether their account is safe enough to act."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from madang.yard.audit.authority import VISITOR
from madang.yard.people.selectors import demo_on, has_second_factor, identity_of, request_user
from madang.yard.people.selectors.accounts import SESSION_ASSIGNMENT

_Response = Callable[[HttpRequest], HttpResponse]

# What a staff account without a second factor may still open: setting one up, signing out, changing the language.
_OPEN_TO_ALL = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "account_change_password",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_index",
        "mfa_list_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "preferences",
    }
)
_PROGRAMS = "/api/"


class ActorMiddleware:
    """Set `request.actor`: the signed-in account in the role it has chosen, or a visitor.

    A session counts for nothing at the addresses of programs, which act through tokens: no other site can make a
    browser act there in its reader's name.
    """

    def __init__(self, get_response: _Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the actor and go on."""
        user = None if request.path.startswith(_PROGRAMS) else request_user(request)
        if user is None:
            request.actor, request.is_staff_account = VISITOR, False  # type: ignore[attr-defined]  # request_actor reads it
        else:
            identity = identity_of(user, request.session.get(SESSION_ASSIGNMENT))
            request.actor, request.is_staff_account = identity.actor, identity.is_staff  # type: ignore[attr-defined]
        return self.get_response(request)


class SecondFactorMiddleware:
    """Send a staff account that has only a password to the page where it gets a second factor."""

    def __init__(self, get_response: _Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: object, _args: object, _kwargs: object) -> HttpResponse | None:
        """Answer with the set-up page where it is due; a sample's demo accounts are let through."""
        user = request_user(request)
        if user is None or not getattr(request, "is_staff_account", False):
            return None
        match = request.resolver_match
        if match is not None and match.url_name in _OPEN_TO_ALL:
            return None
        if has_second_factor(user) or (user.is_demo and demo_on()):
            return None
        return redirect("mfa_activate_totp")
