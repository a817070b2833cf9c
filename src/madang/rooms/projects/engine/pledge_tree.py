"""The pledge tree: what a district promises, by which programmes, measured how, with what money."""

from dataclasses import dataclass
from datetime import date

from madang.numerics.errors import EngineInputError
from madang.rooms.projects.engine.pledge_state import Funding

ROOMS = ("autonomy", "care", "health", "climate", "projects")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text in the two languages of the pages."""

    ko: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeEntry:
    """One programme by which a pledge is kept."""

    code: str
    name: Words
    summary: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorEntry:
    """One indicator by which a pledge is judged; see the engine's `Indicator` for the path."""

    code: str
    name: Words
    definition: Words
    source: Words
    unit: str
    direction: str
    frequency: str
    decimals: int
    baseline: tuple[date, float]
    targets: tuple[tuple[date, float], ...]
    weight: float = 1.0
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneEntry:
    """One event that a pledge promises by a day."""

    code: str
    name: Words
    due_on: date
    weight: float = 1.0
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskEntry:
    """One decision that an outside body must take."""

    code: str
    name: Words
    body: Words
    asked_on: date | None
    due_on: date | None
    answered_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeEntry:
    """One pledge."""

    code: str
    room: str
    name: Words
    promise: Words
    programmes: tuple[ProgrammeEntry, ...]
    indicators: tuple[IndicatorEntry, ...]
    milestones: tuple[MilestoneEntry, ...]
    asks: tuple[AskEntry, ...]
    funding: Funding


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeTree:
    """Every pledge of a district for one term.

    Attributes
    ----------
    district : str
        Code of the district, or "*" for a tree that fits any.
    source : Words
        Where the promises and figures come from.
    starts_on : date
        First day of the term.
    months : int
        Length of the term [months].
    pledges : tuple of PledgeEntry
        In the order of the board.
    """

    district: str
    source: Words
    starts_on: date
    months: int
    pledges: tuple[PledgeEntry, ...]

    def __post_init__(self) -> None:
        for kind in ("programmes", "indicators", "milestones", "asks"):
            codes = [entry.code for pledge in self.pledges for entry in getattr(pledge, kind)]
            _once(kind, codes)
        _once("pledges", [pledge.code for pledge in self.pledges])


def month_after(start: date, months: int) -> date:
    """Return the day so many months after a day, or the month's last day where it has no such day.

    Examples
    --------
    >>> month_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date.resolution).day
    return date(year, month + 1, min(start.day, last))


def _once(kind: str, codes: list[str]) -> None:
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise EngineInputError("code_twice", f"{kind}: {', '.join(twice)} stands more than once", {"codes": twice})
