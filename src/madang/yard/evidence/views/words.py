"""How numbers, periods and states of the evidence are said."""

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from madang.ui import formats
from madang.yard.evidence.bridge import Value
from madang.yard.evidence.engine.periods import Frequency, period
from madang.yard.evidence.engine.targets import on_course, target_at
from madang.yard.evidence.models import Direction, Indicator, Unit

TONES = {True: "done", False: "late", None: "new"}
SIGNAL_TONES = {"raised": "new", "seen": "going", "on_agenda": "going", "answered": "done", "closed": "held"}


def language() -> str:
    """Return the page's language."""
    return get_language() or "ko"


def number_said(number: float, indicator: Indicator) -> str:
    """Return a number with its unit."""
    if indicator.unit == Unit.WON:
        return formats.won_short(round(number), language())
    text = formats.number(number, language(), decimals=indicator.decimals)
    space = "" if indicator.unit == Unit.PERCENT else formats.NO_BREAK
    return f"{text}{space}{indicator.get_unit_display()}"


def withheld_said() -> str:
    """Return what stands in the place of every withheld value, small or not."""
    return pgettext("value", "withheld")


def value_said(value: Value | None, indicator: Indicator) -> str:
    """Return a value as it stands in a table."""
    if value is None:
        return "–"
    return withheld_said() if value.value is None else number_said(value.value, indicator)


def period_said(text: str) -> str:
    """Return a period as people say it."""
    found = period(text)
    day = found.first
    if found.frequency is Frequency.MONTH:
        return formats.month(day, language())
    if found.frequency is Frequency.DAY:
        return formats.day(day, language(), weekday=False)
    if found.frequency is Frequency.QUARTER:
        return _("quarter %(number)d of %(year)d") % {"number": (day.month + 2) // 3, "year": day.year}
    if found.frequency is Frequency.WEEK:
        year, week, _weekday = day.isocalendar()
        return _("week %(number)d of %(year)d") % {"number": week, "year": year}
    return _("%(year)d") % {"year": day.year}


def target_of(indicator: Indicator, text: str) -> float | None:
    """Return what the target path asks for by the end of a period."""
    return target_at(indicator.targets, text)


def course(value: Value | None, indicator: Indicator) -> bool | None:
    """Return whether a value is where its target path should be; None where nothing can be said."""
    if value is None or value.value is None:
        return None
    higher = indicator.direction == Direction.UP
    return on_course(value.value, target_of(indicator, value.period), higher_is_better=higher)


def course_said(state: bool | None) -> str:
    """Return that in words."""
    return {True: _("on target"), False: _("behind target"), None: _("no target")}[state]
