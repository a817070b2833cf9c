"""Target paths: what an indicator should have reached by the end of a period."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from madang.numerics.errors import EngineInputError
from madang.yard.evidence.engine.periods import period


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPath:
    """Points that an indicator is meant to pass.

    Attributes
    ----------
    points : tuple of (str, float)
        Period and the value to have by its last day, in order of time [the indicator's unit].

    Raises
    ------
    EngineInputError
        If a period cannot be read, or the points are not in order of time.
    """

    points: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        ends = [period(text).last for text, _value in self.points]
        if any(later <= earlier for earlier, later in itertools.pairwise(ends)):
            raise EngineInputError(
                "targets_unordered", "Targets must be in order of time, one a period.", field="target_path"
            )

    @classmethod
    def of(cls, rows: Sequence[Sequence[object]]) -> "TargetPath":
        """Return the path of rows `[period, value]`, as JSON carries them."""
        return cls(points=tuple((str(row[0]), float(str(row[1]))) for row in rows))


def target_at(path: TargetPath, text: str) -> float | None:
    """Return what the path asks for by the end of a period.

    Parameters
    ----------
    path : TargetPath
        The points.
    text : str
        The period.

    Returns
    -------
    float or None
        On the straight line, day by day, between the points around it; the last target afterwards; None before the
        first point, since nothing was promised then.

    Examples
    --------
    >>> path = TargetPath(points=(("2025", 100.0), ("2026", 60.0)))
    >>> target_at(path, "2025-06") is None, target_at(path, "2026"), target_at(path, "2030")
    (True, 60.0, 60.0)
    >>> round(target_at(path, "2026-06"), 2)
    80.16
    """
    day = period(text).last
    before: tuple[int, float] | None = None
    for at, value in path.points:
        end = period(at).last
        if end == day:
            return value
        if end > day:
            if before is None:
                return None
            share = (day.toordinal() - before[0]) / (end.toordinal() - before[0])
            return before[1] + share * (value - before[1])
        before = (end.toordinal(), value)
    return None if before is None else before[1]


def on_course(value: float, target: float | None, *, higher_is_better: bool) -> bool | None:
    """Return whether a value meets its target; None where nothing was promised."""
    if target is None:
        return None
    return value >= target if higher_is_better else value <= target
