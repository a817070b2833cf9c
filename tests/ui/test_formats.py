"""Money, dates and numbers in both languages."""

import doctest
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.ui import formats
from madang.ui.charts import canvas
from madang.ui.charts.specs import Measure

LANGUAGES = st.sampled_from(["ko", "en", "ko-kr", "en-gb"])
AMOUNTS = st.integers(-(10**16), 10**16)
UNITS = {"조": 10**12, "억": 10**8, "만": 10**4, "원": 1}


def plain(text: str) -> str:
    return text.replace(formats.NO_BREAK, " ")


@pytest.mark.parametrize("module", [formats, canvas])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]  # both are modules
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("amount", "korean", "english"),
    [
        (0, "0원", "₩0"),
        (999, "999원", "₩999"),
        (10_000, "1만 원", "₩10,000"),
        (999_999, "99만 9,999원", "₩999,999"),
        (1_004_999, "100만 원", "₩1.0 million"),
        (123_000_000, "1억 2,300만 원", "₩123.0 million"),
        (5_800_000_000, "58억 원", "₩5.80 billion"),
        (999_950_000, "9억 9,995만 원", "₩1.00 billion"),
        (99_995_000, "1억 원", "₩100.0 million"),
        (999_999_995_000, "1조 원", "₩1.00 trillion"),
        (1_234_550_000_000, "1조 2,346억 원", "₩1.23 trillion"),
        (-2_400_000, "−240만 원", "−₩2.4 million"),
    ],
)
def test_amounts_are_said_as_people_say_them(amount: int, korean: str, english: str) -> None:
    assert plain(formats.won_short(amount, "ko")) == korean
    assert plain(formats.won_short(amount, "en")) == english


def said_in_korean(text: str) -> int:
    """Read back what was said."""
    body = plain(text).lstrip(formats.MINUS).replace(",", "").replace(" ", "")
    total = sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)([조억만원])", body))
    return -total if text.startswith(formats.MINUS) else total


@given(AMOUNTS)
def test_a_short_amount_read_back_is_near_the_exact_one(amount: int) -> None:
    back = said_in_korean(formats.won_short(amount, "ko"))
    unit = 1 if abs(amount) < 10**6 else 10**4 if abs(amount) < 10**12 - 5000 else 10**8
    assert abs(back - amount) * 2 <= unit


@given(AMOUNTS)
def test_korean_units_stay_below_ten_thousand(amount: int) -> None:
    counts = re.findall(r"([\d,]+)[억만]", formats.won_short(amount, "ko"))
    assert all(int(count.replace(",", "")) < 10_000 for count in counts)


@given(AMOUNTS)
def test_english_amounts_stay_below_a_thousand_of_their_unit(amount: int) -> None:
    found = re.search(r"₩([\d,.]+)\N{NO-BREAK SPACE}(million|billion)", formats.won_short(amount, "en"))
    assert found is None or float(found[1].replace(",", "")) < 1000


@given(AMOUNTS, LANGUAGES)
def test_the_exact_amount_loses_nothing(amount: int, language: str) -> None:
    digits = re.sub(r"\D", "", formats.won(amount, language))
    assert int(digits) == abs(amount)
    assert formats.won(amount, language).startswith(formats.MINUS) == (amount < 0)


@given(AMOUNTS, LANGUAGES)
def test_a_compact_amount_is_short_and_never_exponential(amount: int, language: str) -> None:
    text = formats.won_compact(amount, language)
    assert "E" not in text
    assert len(text) <= 10


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_dates_name_the_right_day(value: date) -> None:
    assert "월화수목금토일"[value.weekday()] in formats.day(value, "ko")
    assert formats.day(value, "en").startswith(value.strftime("%A"))
    assert formats.day(value, "ko").startswith(f"{value.year}년 {value.month}월 {value.day}일")


def test_moments_are_shown_in_seoul() -> None:
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert formats.moment(late, "ko") == "2026년 11월 23일 (월) 01:30"
    assert formats.moment(late, "en") == "Monday 23 November 2026, 01:30"
    assert formats.day_short(late, "en") == "Mon 23 Nov"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        formats.moment(datetime(2026, 11, 23), "ko")  # noqa: DTZ001  # the fault under test


@given(st.floats(-1e12, 1e12, allow_nan=False), st.integers(0, 4), LANGUAGES)
def test_numbers_keep_their_value(value: float, decimals: int, language: str) -> None:
    text = formats.number(value, language, decimals=decimals)
    back = float(text.replace(",", "").replace(formats.MINUS, "-"))
    assert abs(back - value) <= 0.51 * 10**-decimals + abs(value) * 1e-12


@pytest.mark.parametrize(
    ("measure", "value", "step", "said"),
    [
        (Measure(unit="days", decimals=1), 10.0, 5.0, "10"),
        (Measure(unit="days"), 2.5, 2.5, "2.5"),
        (Measure(ratio=True, decimals=1), 0.2, 0.1, "20%"),
        (Measure(money=True), 50_000_000.0, 10_000_000.0, "₩50m"),
    ],
)
def test_scales_carry_no_more_digits_than_their_steps(measure: Measure, value: float, step: float, said: str) -> None:
    assert measure.tick(value, step, "en") == said
