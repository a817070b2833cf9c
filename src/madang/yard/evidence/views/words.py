"""How numbers, periods and states of the evidence are said."""

from dataclasses import dataclass

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from madang.ui import formats
from madang.yard.evidence.bridge import DISTRICT_DIGITS, Value
from madang.yard.evidence.engine.periods import Frequency, period
from madang.yard.evidence.engine.targets import on_course, target_at
from madang.yard.evidence.models import COMPARABLE_UNITS, Direction, Indicator, Unit

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where a value should be and whether it is there, in words; `state` is empty where nothing can be said."""

    target: str
    state: str
    tone: str


def target_of(indicator: Indicator, text: str, *, place: str = "") -> float | None:
    """Return what the target path asks for by the end of a period.

    The path is the district's. A dong is held against it only in units that do not grow with a place.
    """
    of_district = len(place) <= DISTRICT_DIGITS
    return target_at(indicator.targets, text) if of_district or indicator.unit in COMPARABLE_UNITS else None


def course(value: Value | None, indicator: Indicator) -> Course:
    """Return where a value should be, and whether it is there."""
    target = target_of(indicator, value.period, place=value.place) if value else None
    if value is None or target is None:
        return Course(target="–", state="", tone="new")
    said = number_said(target, indicator)
    if value.value is None:
        return Course(target=said, state="", tone="new")
    if on_course(value.value, target, higher_is_better=indicator.direction == Direction.UP):
        return Course(target=said, state=_("on target"), tone="done")
    return Course(target=said, state=_("behind target"), tone="late")
