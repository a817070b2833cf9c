"""Periods as they are spelled."""

from datetime import date

import pytest

from madang.numerics.errors import EngineInputError
from madang.yard.evidence.engine.periods import Frequency, month_of, period


@pytest.mark.parametrize(
    ("text", "first", "last", "frequency"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), Frequency.YEAR),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), Frequency.QUARTER),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), Frequency.QUARTER),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29), Frequency.MONTH),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31), Frequency.MONTH),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3), Frequency.WEEK),
        ("2026-11-23", date(2026, 11, 23), date(2026, 11, 23), Frequency.DAY),
    ],
)
def test_spellings(text: str, first: date, last: date, frequency: Frequency) -> None:
    found = period(text)
    assert (found.first, found.last, found.frequency, found.text) == (first, last, frequency, text)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-00", "2026-Q5", "2025-W53", "2026-02-30", "2026/11", " 2026", "0000", "2026-1"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(EngineInputError) as caught:
        period(text)
    assert caught.value.code == "period_unreadable"


def test_spelling_sorts_like_time() -> None:
    for texts in (["2026-09", "2026-10", "2027-01"], ["2026-Q4", "2027-Q1"], ["2026-W09", "2026-W10"]):
        assert sorted(texts) == sorted(texts, key=lambda text: period(text).first) == texts


def test_month_of_a_day() -> None:
    assert month_of(date(2026, 3, 9)) == "2026-03"
