"""What counts as an attempt to enter an account, and what a person sees after too many."""

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

LOGIN_FIELDS = ("login", "username")


def client_address(request: HttpRequest) -> str:
    """Return the address that a request came from: the one the district's own proxy saw, where there is a proxy."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", maxsplit=1)[-1].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", "")) or "0.0.0.0"  # noqa: S104  # "unknown", not an address to bind


def login_digest(request: HttpRequest, credentials: dict[str, object] | None = None) -> str:
    """Return how a failed login names the account that was tried: by a keyed digest.

    People type their own name, number or even password there; none of it is stored.
    """
    given = credentials or {}
    typed = next((given[name] for name in LOGIN_FIELDS if given.get(name)), None)
    if typed is None:
        typed = next((request.POST[name] for name in LOGIN_FIELDS if request.POST.get(name)), "")
    return salted_hmac("madang.login", str(typed).strip().lower(), algorithm="sha256").hexdigest()


def attempt_allowed(request: HttpRequest, username: str) -> bool:
    """Return whether another attempt to enter an account may be made; where not, the answer becomes the 429 page."""
    allowed: bool = AxesProxyHandler.is_allowed(request, {"username": username})
    if not allowed:
        request.axes_locked_out = True  # type: ignore[attr-defined]  # read by axes' middleware
    return allowed


def attempt_failed(request: HttpRequest, username: str) -> None:
    """Count a failed attempt that Django does not see, such as a wrong code of the second factor."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def locked_out(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
    """Say that the login waits, and for how long."""
    return render(request, "account/locked.html", {"minutes": round(settings.AXES_COOLOFF_TIME * 60)}, status=429)


def too_many(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
    """Say that too many requests came from one address in a minute."""
    return render(request, "account/locked.html", {"minutes": 1}, status=429)
