"""Whether the quotas can be met at all; if not, which of them conflict and what the least change is."""

from dataclasses import dataclass

import highspy
import numpy as np
from highspy._core import _Highs
from numpy.typing import NDArray

from madang.numerics.errors import EngineInfeasible
from madang.rooms.autonomy.engine.sortition.pool import Problem

_INFINITY = highspy.kHighsInf


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One side of a quota: at least, or at most, so many of a group."""

    quota: int
    is_least: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A bound that would have to give way, and how far.

    Attributes
    ----------
    category, value, side : str
        Which bound: of which group, `least` or `most`.
    now, then : int
        What it is, and what it would be [persons].
    """

    category: str
    value: str
    side: str
    now: int
    then: int


def solver(*, whole: bool, objective_scale: float = 1.0) -> _Highs:
    """Return a silent HiGHS with one thread, a fixed seed and the tightest tolerances, for linear or whole numbers."""
    # The public class greets on standard output when it is made, where a program reads the answer; its base does not.
    highs = _Highs()
    options: dict[str, bool | int | float | str] = {
        "output_flag": False, "threads": 1, "random_seed": 0, "parallel": "off",
        "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9,
    }  # fmt: skip
    if whole:
        options |= {"mip_rel_gap": 0.0, "mip_abs_gap": 1e-9 * objective_scale, "mip_feasibility_tolerance": 1e-7}
    for name, value in options.items():
        highs.setOptionValue(name, value)
    return highs


def council_model(problem: Problem, *, whole: bool) -> _Highs:
    """Return a model whose variables count the members of each type, with the quotas and the size as rows."""
    highs = solver(whole=whole)
    rows, types = problem.incidence.shape
    for count in problem.counts:
        highs.addVar(0.0, float(count))
    if whole:
        highs.changeColsIntegrality(
            types, np.arange(types, dtype=np.int32), np.full(types, highspy.HighsVarType.kInteger)
        )
    for row in range(rows):
        quota = problem.quotas[row]
        columns = np.flatnonzero(problem.incidence[row]).astype(np.int32)
        highs.addRow(float(quota.least), float(quota.most), columns.size, columns, np.ones(columns.size))
    everyone = np.arange(types, dtype=np.int32)
    highs.addRow(float(problem.size), float(problem.size), types, everyone, np.ones(types))
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    return highs


def require_feasible(problem: Problem) -> None:
    """Refuse quotas that no council can meet.

    Raises
    ------
    EngineInfeasible
        With code `quotas_conflict`; `data` holds `conflict` (a smallest set of bounds that cannot be met together: drop
        any one and the others can) and `relaxation` (the changes that move the bounds by the fewest persons in all).
    """
    if _feasible(problem, _all_bounds(problem)):
        return
    conflict = _conflict(problem)
    changes = relaxation(problem)
    names = ", ".join(_words(problem, bound) for bound in conflict)
    if changes is None:
        mend = "No change of the quotas mends it."
    else:
        mend = "The smallest change: " + ", ".join(
            f"{change.category}: {change.value} at {change.side} {change.then} instead of {change.now}"
            for change in changes
        )
    raise EngineInfeasible(
        "quotas_conflict",
        f"no council of {problem.size} meets these together: {names}. {mend}.".replace("..", "."),
        {
            "conflict": [_bound_json(problem, bound) for bound in conflict],
            "relaxation": [
                {"category": c.category, "value": c.value, "side": c.side, "now": c.now, "then": c.then}
                for c in changes or ()
            ],
        },
        field="quotas",
    )


def relaxation(problem: Problem) -> tuple[Change, ...] | None:
    """Return the changes of bounds that make the quotas feasible and move the fewest persons in all.

    Notes
    -----
    A mixed-integer programme with one slack a bound; ties are left to the solver. None cannot occur while the pool has
    as many persons as the council.
    """
    highs = council_model(problem, whole=True)
    highs.changeObjectiveSense(highspy.ObjSense.kMinimize)
    rows, types = problem.incidence.shape
    for row, quota in enumerate(problem.quotas):
        for sign, most in ((1.0, float(quota.least)), (-1.0, float(problem.size))):
            highs.addVar(0.0, most)
            column = highs.getNumCol() - 1
            highs.changeColCost(column, 1.0)
            highs.changeColIntegrality(column, highspy.HighsVarType.kInteger)
            highs.changeCoeff(row, column, sign)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    slack = np.rint(np.array(highs.getSolution().col_value)[types:]).astype(int).reshape(rows, 2)
    changes = []
    for quota, (down, up) in zip(problem.quotas, slack.tolist(), strict=True):
        if down:
            changes.append(_change(quota.category, quota.value, "least", (quota.least, quota.least - down)))
        if up:
            changes.append(_change(quota.category, quota.value, "most", (quota.most, quota.most + up)))
    return tuple(changes)


def _change(category: str, value: str, side: str, counts: tuple[int, int]) -> Change:
    return Change(category=category, value=value, side=side, now=counts[0], then=counts[1])


def _all_bounds(problem: Problem) -> list[Bound]:
    return [
        Bound(quota=row, is_least=is_least)
        for row, quota in enumerate(problem.quotas)
        for is_least in (True, False)
        if (quota.least > 0 if is_least else quota.most < problem.size)
    ]


def _feasible(problem: Problem, bounds: list[Bound]) -> bool:
    highs = council_model(problem, whole=True)
    low: NDArray[np.float64] = np.full(len(problem.quotas), -_INFINITY)
    high: NDArray[np.float64] = np.full(len(problem.quotas), _INFINITY)
    for bound in bounds:
        quota = problem.quotas[bound.quota]
        if bound.is_least:
            low[bound.quota] = quota.least
        else:
            high[bound.quota] = quota.most
    for row in range(len(problem.quotas)):
        highs.changeRowBounds(row, low[row], high[row])
    highs.run()
    return bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def _conflict(problem: Problem) -> list[Bound]:
    """Return bounds that cannot be met together though any one fewer can (a deletion filter)."""
    kept = _all_bounds(problem)
    for bound in list(kept):
        without = [other for other in kept if other != bound]
        if not _feasible(problem, without):
            kept = without
    return kept


def _words(problem: Problem, bound: Bound) -> str:
    quota = problem.quotas[bound.quota]
    side, count = ("least", quota.least) if bound.is_least else ("most", quota.most)
    return f"{quota.category}: {quota.value} at {side} {count}"


def _bound_json(problem: Problem, bound: Bound) -> dict[str, object]:
    quota = problem.quotas[bound.quota]
    side, count = ("least", quota.least) if bound.is_least else ("most", quota.most)
    in_pool = int(problem.counts @ problem.incidence[bound.quota])
    return {"category": quota.category, "value": quota.value, "side": side, "count": count, "in_pool": in_pool}
