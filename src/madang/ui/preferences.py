"""What a reader may set about every page (type size, colour scheme, language), kept in cookies of plain words."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

TYPE_COOKIE = "madang_type"
SCHEME_COOKIE = "madang_scheme"
TYPES = ("normal", "large")
SCHEMES = ("auto", "light", "dark")
ONE_YEAR_S = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The choices of one reader.

    Attributes
    ----------
    type : str
        "normal" or "large".
    scheme : str
        "auto" (as the device says), "light" or "dark".
    """

    type: str = "normal"
    scheme: str = "auto"

    @property
    def classes(self) -> str:
        """The classes of the root element."""
        return f"type-{self.type} scheme-{self.scheme}"


def preferences_of(request: HttpRequest) -> Preferences:
    """Return the choices in a request's cookies; anything unknown counts as not chosen."""
    size = request.COOKIES.get(TYPE_COOKIE, "")
    scheme = request.COOKIES.get(SCHEME_COOKIE, "")
    return Preferences(
        type=size if size in TYPES else "normal",
        scheme=scheme if scheme in SCHEMES else "auto",
    )


def preferences_remember(request: HttpRequest, response: HttpResponse) -> None:
    """Set a cookie for every valid choice in a request's query; ignore the rest."""
    languages = tuple(code for code, _name in settings.LANGUAGES)
    choices = (
        ("type", TYPE_COOKIE, TYPES),
        ("scheme", SCHEME_COOKIE, SCHEMES),
        ("language", settings.LANGUAGE_COOKIE_NAME, languages),
    )
    for name, cookie, allowed in choices:
        value = request.GET.get(name, "")
        if value in allowed:
            response.set_cookie(
                cookie, value, max_age=ONE_YEAR_S, samesite="Lax", secure=request.is_secure(), httponly=True
            )
