"""The Jinja2 environment of every page: filters, globals and nothing of any domain."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from madang.ui import formats
from madang.ui.charts import chart_view
from madang.ui.fields import field_view
from madang.ui.icons import icon
from madang.ui.maps import map_view
from madang.ui.preferences import Preferences, preferences_of


def environment(**options: Any) -> Environment:  # noqa: ANN401  # Django passes what the settings hold
    """Return the environment: autoescaping, strict about missing names, translated."""
    options["undefined"] = StrictUndefined
    env = Environment(  # noqa: S701  # Django's backend passes autoescape=True
        **options, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"]
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        gettext=translation.gettext,
        ngettext=translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    # Every `{% trans %}` block folds its line breaks, as tools/messages.py does when it extracts them.
    env.policies["ext.i18n.trimmed"] = True
    env.globals.update(
        static=static,
        url=_url,
        get_language=_language,
        icon=icon,
        field_view=field_view,
        chart_view=chart_view,
        map_view=map_view,
        preferences_of=_preferences_of,
        query_with=query_with,
        other_language=_other_language,
        today=timezone.localdate,
    )
    env.filters.update(
        won=_in_language(formats.won),
        won_short=_in_language(formats.won_short),
        day=_in_language(formats.day),
        day_short=_in_language(formats.day_short),
        month=_in_language(formats.month),
        moment=_in_language(formats.moment),
        number=_in_language(formats.number),
        percent=_in_language(formats.percent),
        digest=formats.digest_short,
        money=money,
        when=when,
    )
    return env


def money(amount_won: int) -> Markup:
    """Return an amount as one says it, with the exact won on hover and for programs."""
    language = _language()
    return Markup('<data value="{}" title="{}">{}</data>').format(
        amount_won, formats.won(amount_won, language), formats.won_short(amount_won, language)
    )


def when(value: date, *, short: bool = False) -> Markup:
    """Return a date or a moment as a `<time>`, machine-readable inside and the whole of it on hover."""
    language = _language()
    whole = formats.moment(value, language) if isinstance(value, datetime) else formats.day(value, language)
    text = formats.day_short(value, language) if short else whole
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), whole, text)


def query_with(request: HttpRequest, **changes: str | int | None) -> str:
    """Return a request's query string with some parameters changed; None removes one.

    A change of anything but the page goes back to the first page.
    """
    query = {name: values for name, values in request.GET.lists() if name != "page"}
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = [str(value)]
    return "?" + urlencode(query, doseq=True)


def _url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


def _language() -> str:
    return translation.get_language() or "ko"


def _other_language() -> tuple[str, str]:
    """Return code and own name of the language that the page is not in."""
    return ("en", "English") if formats.is_korean(_language()) else ("ko", "한국어")


def _preferences_of(request: HttpRequest | None) -> Preferences:
    return Preferences() if request is None else preferences_of(request)


def _in_language(say: Callable[..., str]) -> Callable[..., str]:
    def filter_(value: date | Decimal | float, **options: object) -> str:
        return say(value, _language(), **options)

    return filter_
