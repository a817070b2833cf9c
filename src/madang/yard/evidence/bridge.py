"""The door between observations and the publication guard: rows to lines of counts with their ids, and back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from madang.yard.evidence.engine.line import guard_line
from madang.yard.evidence.engine.suppression import Rule
from madang.yard.evidence.models import Indicator, Observation

# A district's code has five digits and begins the codes of its dongs.
DISTRICT_DIGITS = 5

COLUMNS = (
    "pk", "indicator_id", "place", "period", "revision", "value", "numerator", "denominator", "status", "run_id",
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
    withheld: bool = False


def values_of(rows: Iterable[Sequence[object]]) -> list[Value]:
    """Return rows of `COLUMNS` as exact values; the guard has not seen them."""
    return [Value(**dict(zip(Value.__slots__, (*row, False), strict=True))) for row in rows]  # type: ignore[arg-type]  # rows of COLUMNS


def rule_of(indicator: Indicator) -> Rule:
    """Return the guard's rule of an indicator."""
    return Rule(threshold=indicator.threshold, zeros=indicator.zeros_sensitive)


def guarded(values: Sequence[Value], rules: dict[int, Rule]) -> list[Value]:
    """Return values as they may leave: those of sensitive indicators with every cell withheld that the guard withholds.

    Parameters
    ----------
    values : sequence of Value
        For each sensitive indicator and period among them, the values of all places; a line with places missing would be
        guarded differently from time to time, and two different answers betray what each hides.
    rules : dict of int to Rule
        By key, the rules of the sensitive indicators among them.

    Notes
    -----
    The line of an indicator and period is its dongs with the district as their total. What the district has beyond its
    dongs (persons of no known dong) is one more cell of the line. A place that is no dong of the district stands alone.
    """
    lines: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for position, value in enumerate(values):
        if value.indicator in rules:
            lines[value.indicator, value.period].append(position)
    withheld: set[int] = set()
    for (indicator, _period), positions in lines.items():
        # The guard breaks ties by order, so the order must not be the rows' own.
        ordered = sorted(positions, key=lambda position: values[position].place)
        withheld.update(_withheld([(position, values[position]) for position in ordered], rules[indicator]))
    return [_hidden(value) if position in withheld else value for position, value in enumerate(values)]


def _hidden(value: Value) -> Value:
    return replace(value, value=None, numerator=None, withheld=True)


def _withheld(line: list[tuple[int, Value]], rule: Rule) -> set[int]:
    """Return the positions to withhold of one indicator and period."""
    totals = [(position, value) for position, value in line if len(value.place) == DISTRICT_DIGITS]
    parts = [(position, value) for position, value in line if len(value.place) > DISTRICT_DIGITS]
    if len(totals) != 1 or not parts:
        mask = guard_line(_counts([value for _position, value in line]), rule, with_total=False).published
        return {position for (position, _value), shown in zip(line, mask, strict=True) if not shown}
    counts = _counts([value for _position, value in parts])
    rest = _counts([totals[0][1]]) - counts.sum()
    # Where the dongs add up to more than the district (someone counted twice), nothing is left over.
    cells = np.concatenate([counts, rest]) if rest[0] > 0 else counts
    mask = guard_line(cells, rule).published
    found = {position for (position, _value), shown in zip(parts, mask, strict=False) if not shown}
    return found if mask[-1] else found | {totals[0][0]}


def _counts(values: Sequence[Value]) -> NDArray[np.int64]:
    return np.array(
        [value.value if value.numerator is None else value.numerator for value in values], dtype=float
    ).astype(np.int64)


def observation_columns(observations: Iterable[Observation]) -> list[Value]:
    """Return observation instances as exact values."""
    return values_of([[getattr(row, name) for name in COLUMNS] for row in observations])
