"""The door between observations and the publication guard: rows to lines of counts with their places, and back."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from madang.numerics.errors import EngineInfeasible
from madang.yard.evidence.engine.line import guard_line
from madang.yard.evidence.engine.rules import Fixed, Rule
from madang.yard.evidence.models import Indicator

# A district's code has five digits and begins the codes of its dongs.
DISTRICT_DIGITS = 5

COLUMNS = (
    "pk", "indicator_id", "place", "period", "revision", "value", "numerator", "denominator", "status", "run_id",
    "withheld",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An observation as it may be seen.

    Attributes
    ----------
    pk, indicator, revision : int
        Keys of the row and its indicator; how often it was entered.
    place, period : str
        Where and when.
    value, numerator, denominator : float or None
        In the indicator's unit; None where withheld or not known.
    status : str
        Measured, estimated, or sample data.
    run : UUID or None
        The computation that it comes from.
    withheld : bool
        Whether the guard keeps it back.
    """

    pk: int
    indicator: int
    place: str
    period: str
    revision: int
    value: float | None
    numerator: float | None
    denominator: float | None
    status: str
    run: UUID | None
    withheld: bool

    def as_published(self) -> "Value":
        """Return it without what is withheld."""
        return replace(self, value=None, numerator=None) if self.withheld else self


def values_of(rows: Iterable[Sequence[object]]) -> list[Value]:
    """Return rows of `COLUMNS` as exact values."""
    names = tuple(Value.__dataclass_fields__)
    return [Value(**dict(zip(names, row, strict=True))) for row in rows]  # type: ignore[arg-type]  # rows of COLUMNS


def rule_of(indicator: Indicator) -> Rule:
    """Return the guard's rule of an indicator."""
    return Rule(threshold=indicator.threshold, zeros=indicator.zeros_sensitive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The counts of one sensitive indicator in one period, and what is public about them already.

    Attributes
    ----------
    counts : mapping
        By place: persons, the newest revision.
    shown : set of str
        Places whose present count is public already.
    withheld : set of str
        Places that were withheld before and stay so.
    """

    counts: Mapping[str, int]
    shown: AbstractSet[str] = frozenset()
    withheld: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Which places of a line are withheld, and whether that protects (it cannot where too much is public already)."""

    withheld: frozenset[str]
    protects: bool


def line_judged(line: Line, rule: Rule) -> Verdict:
    """Return which places of a line are withheld.

    Notes
    -----
    The line is the district's dongs with the district as their total. What the district has beyond its dongs (persons
    of no known dong) is one more cell, which counts as public where it is not small. Without exactly one district and
    some dong there is no sum, and each cell stands alone. Places are taken in the order of their codes, since the guard
    breaks ties by order.
    """
    totals = sorted(place for place in line.counts if len(place) == DISTRICT_DIGITS)
    dongs = sorted(place for place in line.counts if len(place) > DISTRICT_DIGITS)
    summed = len(totals) == 1 and bool(dongs)
    if not summed:
        dongs = sorted(line.counts)
    counts = np.array([line.counts[place] for place in dongs], dtype=np.int64)
    rest = line.counts[totals[0]] - int(counts.sum()) if summed else 0
    # Where the dongs add up to more than the district (someone counted twice), nothing is left over.
    cells = np.append(counts, rest) if rest > 0 else counts
    names = [*dongs, *([""] if rest > 0 else []), *(totals if summed else [])]
    shown = _mask(names, line.shown)
    if rest > 0:
        shown[len(dongs)] = rest >= rule.threshold
    fixed = Fixed(shown=shown, withheld=_mask(names, line.withheld))
    try:
        published = guard_line(cells, rule, with_total=summed, fixed=fixed).published
    except EngineInfeasible:
        small = {place for place, count in line.counts.items() if rule.at_least <= count < rule.threshold}
        fresh = set(line.counts) - set(line.shown)
        return Verdict(withheld=frozenset(small | fresh | set(line.withheld)), protects=False)
    kept_back = {name for name, is_shown in zip(names, published, strict=True) if name and not is_shown}
    return Verdict(withheld=frozenset(kept_back), protects=True)


def _mask(names: Sequence[str], wanted: AbstractSet[str]) -> NDArray[np.bool_]:
    return np.array([name in wanted for name in names], dtype=bool)
