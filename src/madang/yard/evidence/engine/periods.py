"""Periods of observations: `2026`, `2026-Q3`, `2026-11`, `2026-W46`, `2026-11-23`."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from madang.numerics.errors import EngineInputError


class Frequency(StrEnum):
    """How often an indicator is observed."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Period:
    """A stretch of days with its official spelling.

    Attributes
    ----------
    first, last : date
        Its first and last day.
    text : str
        How it is written; within one frequency, spelling sorts like time.
    frequency : Frequency
        What kind of period it is.
    """

    first: date
    last: date
    text: str
    frequency: Frequency


_FORMS: tuple[tuple[re.Pattern[str], Frequency], ...] = (
    (re.compile(r"^(\d{4})$"), Frequency.YEAR),
    (re.compile(r"^(\d{4})-Q([1-4])$"), Frequency.QUARTER),
    (re.compile(r"^(\d{4})-(\d{2})$"), Frequency.MONTH),
    (re.compile(r"^(\d{4})-W(\d{2})$"), Frequency.WEEK),
    (re.compile(r"^(\d{4})-(\d{2})-(\d{2})$"), Frequency.DAY),
)


def period(text: str) -> Period:
    """Return the period that a text spells.

    Raises
    ------
    EngineInputError
        If it spells none, or a day that does not exist.

    Notes
    -----
    Weeks are those of ISO 8601: Monday to Sunday, week 1 holds the year's first Thursday.

    Examples
    --------
    >>> period("2026-Q3").last.isoformat()
    '2026-09-30'
    >>> period("2026-W46").first.isoformat()
    '2026-11-09'
    """
    for form, frequency in _FORMS:
        match = form.match(text)
        if match:
            numbers = tuple(int(group) for group in match.groups())
            try:
                first, last = _days(frequency, numbers)
            except ValueError as error:
                raise _unreadable(text) from error
            return Period(first=first, last=last, text=text, frequency=frequency)
    raise _unreadable(text)


def _unreadable(text: str) -> EngineInputError:
    return EngineInputError(
        "period_unreadable",
        f"{text!r} is not a period; write 2026, 2026-Q3, 2026-11, 2026-W46 or 2026-11-23.",
        {"period": text},
        field="period",
    )


def _days(frequency: Frequency, numbers: tuple[int, ...]) -> tuple[date, date]:
    year = numbers[0]
    if frequency is Frequency.YEAR:
        return date(year, 1, 1), date(year, 12, 31)
    if frequency is Frequency.WEEK:
        first = date.fromisocalendar(year, numbers[1], 1)
        return first, first + timedelta(days=6)
    if frequency is Frequency.DAY:
        day = date(*numbers)
        return day, day
    months = 3 if frequency is Frequency.QUARTER else 1
    begin = (numbers[1] - 1) * months
    first = date(year, begin + 1, 1)
    return first, date(year + (begin + months) // 12, (begin + months) % 12 + 1, 1) - timedelta(days=1)


def month_of(day: date) -> str:
    """Return the spelling of the month that a day lies in."""
    return f"{day:%Y-%m}"
