"""Money, dates and numbers as people read them, in Korean and in English: pure functions of value and language."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from zoneinfo import ZoneInfo

MINUS: Final = "−"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
SEOUL: Final = ZoneInfo("Asia/Seoul")

_MAN: Final = 10_000
_MILLION: Final = 1_000_000
_KOREAN_UNITS: Final = ((10**12, "조"), (10**8, "억"), (10**4, "만"))
_ENGLISH_UNITS: Final = ((10**12, "trillion", 2), (10**9, "billion", 2), (10**6, "million", 1))
_ENGLISH_SHORT: Final = ((10**12, "tn"), (10**9, "bn"), (10**6, "m"))
_KOREAN_DAYS: Final = "월화수목금토일"
_ENGLISH_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def is_korean(language: str) -> bool:
    """Return whether a language code is Korean."""
    return language.startswith("ko")


def number(value: float | Decimal, language: str, *, decimals: int = 0) -> str:
    """Return a number with grouped thousands.

    Parameters
    ----------
    value : float or Decimal
        The number.
    language : str
        Either language groups alike today; kept so that a third can differ.
    decimals : int
        Digits after the point; halves are rounded away from zero.

    Examples
    --------
    >>> number(1234567, "ko")
    '1,234,567'
    >>> number(-0.05, "en", decimals=1)
    '−0.1'
    """
    del language
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
    return _signed(f"{abs(rounded):,}", negative=rounded < 0)


def percent(ratio: float | Decimal, language: str, *, decimals: int = 1) -> str:
    """Return a ratio (0.062) as a percentage.

    Examples
    --------
    >>> percent(0.062, "en")
    '6.2%'
    >>> percent(0.062, "ko").replace(NO_BREAK, " ")
    '6.2 %'
    """
    text = number(Decimal(str(ratio)) * 100, language, decimals=decimals)
    return f"{text}{NO_BREAK}%" if is_korean(language) else f"{text}%"


def won(amount_won: int, language: str) -> str:
    """Return an exact amount.

    Examples
    --------
    >>> won(123_000_000, "ko"), won(-5_000, "en")
    ('123,000,000원', '−₩5,000')
    """
    digits = f"{abs(amount_won):,}"
    return _signed(f"{digits}원" if is_korean(language) else f"₩{digits}", negative=amount_won < 0)


def won_short(amount_won: int, language: str) -> str:
    """Return an amount as one says it: exact below a million won, rounded to its two leading units above.

    Parameters
    ----------
    amount_won : int
        The amount (won).
    language : str
        "ko" or "en".

    Examples
    --------
    >>> won_short(123_000_000, "ko").replace(NO_BREAK, " ")
    '1억 2,300만 원'
    >>> won_short(123_000_000, "en").replace(NO_BREAK, " ")
    '₩123.0 million'
    >>> won_short(12_345, "ko").replace(NO_BREAK, " ")
    '1만 2,345원'
    >>> won_short(99_999_999, "ko").replace(NO_BREAK, " ")
    '1억 원'
    """
    say = _korean_won if is_korean(language) else _english_won
    return _signed(say(abs(amount_won)), negative=amount_won < 0)


def won_compact(amount_won: int, language: str) -> str:
    """Return an amount for the scale of a chart or where there is hardly room: three figures.

    Examples
    --------
    >>> won_compact(203_000_000, "ko"), won_compact(203_000_000, "en")
    ('2.03억', '₩203m')
    >>> won_compact(0, "ko"), won_compact(50_000_000, "ko")
    ('0', '5,000만')
    """
    korean = is_korean(language)
    amount = _three_figures(abs(amount_won))
    text = f"{amount:,}"
    for unit, name in _KOREAN_UNITS if korean else _ENGLISH_SHORT:
        if amount >= unit:
            text = f"{Decimal(amount) / unit:,f}{name}"
            break
    return _signed(text if korean or not amount else f"₩{text}", negative=amount_won < 0)


def day(value: date, language: str, *, weekday: bool = True) -> str:
    """Return a date; a moment is first taken to Seoul.

    Examples
    --------
    >>> day(date(2026, 11, 23), "ko"), day(date(2026, 11, 23), "en")
    ('2026년 11월 23일 (월)', 'Monday 23 November 2026')
    >>> day(date(2026, 11, 23), "en", weekday=False)
    '23 November 2026'
    """
    here = in_seoul(value) if isinstance(value, datetime) else value
    if is_korean(language):
        text = f"{here.year}년 {here.month}월 {here.day}일"
        return f"{text} ({_KOREAN_DAYS[here.weekday()]})" if weekday else text
    text = f"{here.day} {_ENGLISH_MONTHS[here.month - 1]} {here.year}"
    return f"{_ENGLISH_DAYS[here.weekday()]} {text}" if weekday else text


def day_short(value: date, language: str) -> str:
    """Return a date without its year, for lists whose year is plain.

    Examples
    --------
    >>> day_short(date(2026, 11, 23), "ko"), day_short(date(2026, 11, 23), "en")
    ('11월 23일 (월)', 'Mon 23 Nov')
    """
    here = in_seoul(value) if isinstance(value, datetime) else value
    if is_korean(language):
        return f"{here.month}월 {here.day}일 ({_KOREAN_DAYS[here.weekday()]})"
    return f"{_ENGLISH_DAYS[here.weekday()][:3]} {here.day} {_ENGLISH_MONTHS[here.month - 1][:3]}"


def month(value: date, language: str) -> str:
    """Return a month.

    Examples
    --------
    >>> month(date(2027, 6, 1), "ko"), month(date(2027, 6, 1), "en")
    ('2027년 6월', 'June 2027')
    """
    if is_korean(language):
        return f"{value.year}년 {value.month}월"
    return f"{_ENGLISH_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, language: str) -> str:
    """Return a date and time in Seoul.

    Raises
    ------
    ValueError
        If the moment has no time zone: whose noon would it be?

    Examples
    --------
    >>> moment(datetime(2026, 11, 23, 6, 5, tzinfo=SEOUL), "ko")
    '2026년 11월 23일 (월) 06:05'
    """
    here = in_seoul(value)
    joint = " " if is_korean(language) else ", "
    return f"{day(here, language)}{joint}{here:%H:%M}"


def in_seoul(value: datetime) -> datetime:
    """Return an aware moment in Seoul's time.

    Raises
    ------
    ValueError
        If the moment is naive.
    """
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return value.astimezone(SEOUL)


def digest_short(digest: str) -> str:
    """Return the first characters of a digest, enough to compare by eye.

    Examples
    --------
    >>> digest_short("8f21c0ffee42")
    '8f21c0ff'
    """
    return digest[:8]


def _three_figures(amount: int) -> int:
    """Return an amount rounded to three figures; below a thousand it is left as it is."""
    step: int = 10 ** max(0, len(str(amount)) - 3)
    return (amount + step // 2) // step * step


def _signed(text: str, *, negative: bool) -> str:
    return f"{MINUS}{text}" if negative else text


def _korean_won(amount: int) -> str:
    if amount < 100 * _MAN:
        man, rest = divmod(amount, _MAN)
        if not man:
            return f"{rest:,}원"
        return f"{man:,}만{NO_BREAK}{rest:,}원" if rest else f"{man:,}만{NO_BREAK}원"
    # Round to ten-thousands (from a trillion on to hundred-millions) before splitting, so that 9,999.6 carries over.
    step = _MAN if amount < 10**12 - _MAN // 2 else 10**8
    left = (amount + step // 2) // step * step
    parts = []
    for unit, name in _KOREAN_UNITS:
        count, left = divmod(left, unit)
        if count:
            parts.append(f"{count:,}{name}")
    return f"{NO_BREAK.join(parts)}{NO_BREAK}원"


def _english_won(amount: int) -> str:
    for unit, name, decimals in _ENGLISH_UNITS:
        scaled = (Decimal(amount) / unit).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        # 999.95 million would be said as 1000.0 million: what rounds up to the unit is said in it.
        if amount >= unit or (scaled >= 1 and amount >= _MILLION):
            return f"₩{scaled:,}{NO_BREAK}{name}"
    return f"₩{amount:,}"
