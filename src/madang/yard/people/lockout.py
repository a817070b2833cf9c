"""What a person sees after too many failed logins."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


def locked_out(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
    """Say that the login waits, and for how long."""
    return HttpResponse(_("Too many attempts. Please wait 15 minutes and try again."), status=429)
