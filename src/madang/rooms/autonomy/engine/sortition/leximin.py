"""The fairest lottery: the smallest probability as large as it can be, then the next smallest, and so on."""

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from highspy._core import _Highs
from numpy.typing import NDArray

from madang.numerics.errors import EngineNotConverged
from madang.rooms.autonomy.engine.sortition.feasibility import council_model, require_feasible, solver
from madang.rooms.autonomy.engine.sortition.pool import Problem
from madang.rooms.autonomy.engine.sortition.relaxed import decomposed, relaxed_levels

VERSION = "1"
GAP = 1e-8
_MAX_COLUMNS = 20_000
_START_ROUNDS = 60

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lottery:
    """A distribution over councils, counted by type.

    Attributes
    ----------
    councils : ndarray of int64, shape (n_councils, n_types)
        Members of each type.
    weights : ndarray of float64, shape (n_councils,)
        Probability of each council; sums to one.
    levels : ndarray of float64, shape (n_types,)
        The leximin probability of a person of each type.
    gap : float
        Largest proven distance of a level from its optimum, relative to the mean probability.
    stages, columns : int
        Levels that were fixed one after the other, and councils that were found on the way.
    """

    councils: NDArray[np.int64]
    weights: NDArray[np.float64]
    levels: NDArray[np.float64]
    gap: float
    stages: int
    columns: int


class Pricing:
    """Finds the council of greatest worth, kept warm: first as a linear programme, then in whole numbers.

    Notes
    -----
    The linear programme is an upper bound; where its vertex is whole it is the answer, and where it promises no gain
    nothing else need be asked. Both occur often, since quotas on one category at a time cut few fractional corners.
    """

    def __init__(self, problem: Problem) -> None:
        self._relaxed = council_model(problem, whole=False)
        self._whole = council_model(problem, whole=True)
        self._places = np.arange(len(problem.types), dtype=np.int32)

    def best(self, worth: NDArray[np.float64], enough: float = -np.inf) -> tuple[NDArray[np.int64] | None, float]:
        """Return a council of greatest worth and a bound that no council exceeds; None if none exceeds `enough`.

        Parameters
        ----------
        worth : ndarray of float64, shape (n_types,)
            Worth of one member of each type.
        enough : float
            What a council must be worth to be of interest.
        """
        found, bound = self._solve(self._relaxed, worth)
        if bound <= enough:
            return None, bound
        council = np.rint(found)
        if np.abs(found - council).max() > 1e-7:
            found, _value = self._solve(self._whole, worth)
            council = np.rint(found)
            bound = float(worth @ council)
        members = council.astype(np.int64)
        return (members if bound > enough else None), bound

    def _solve(self, highs: _Highs, worth: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        highs.changeColsCost(self._places.size, self._places, worth)
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise EngineNotConverged("pricing_failed", "the solver found no best council")
        return np.array(highs.getSolution().col_value), float(highs.getInfo().objective_function_value)


class Master:
    """The linear programme over the councils found so far.

    Notes
    -----
    Variables: the level `z` (in units of the mean probability, size / persons) and the probability of each council.
    Rows: the probabilities sum to one; of each type, expected members - persons x mean x z >= 0 while its level is
    open, and >= persons x mean x level once it is fixed. With levels given, `z` is instead the largest shortfall from
    them, as a negative number.
    """

    def __init__(self, problem: Problem, levels: NDArray[np.float64] | None = None) -> None:
        self._unit = problem.counts * (problem.size / problem.counts.sum())
        types = self._unit.size
        self.highs = solver(whole=False)
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.highs.addVar(0.0 if levels is None else -highspy.kHighsInf, highspy.kHighsInf if levels is None else 0.0)
        self.highs.changeColCost(0, 1.0)
        self.highs.addRow(1.0, 1.0, 0, np.array([], dtype=np.int32), np.array([]))
        floor = np.zeros(types) if levels is None else self._unit * levels
        for place in range(types):
            self.highs.addRow(
                floor[place], highspy.kHighsInf, 1, np.array([0], dtype=np.int32), np.array([-self._unit[place]])
            )

    def add(self, council: NDArray[np.int64]) -> None:
        """Add a council."""
        rows = np.concatenate(([0], 1 + np.flatnonzero(council))).astype(np.int32)
        values = np.concatenate(([1.0], council[council > 0].astype(np.float64)))
        self.highs.addCol(0.0, 0.0, highspy.kHighsInf, rows.size, rows, values)

    def fix(self, kind: int, level: float) -> None:
        """Hold a type's level, in units of the mean, from now on."""
        self.highs.changeCoeff(1 + kind, 0, 0.0)
        # A hair below, so that what rounding left of the last stage does not shut the next one out.
        self.highs.changeRowBounds(1 + kind, self._unit[kind] * level * (1.0 - 1e-10), highspy.kHighsInf)

    def solve(self) -> tuple[float, float, NDArray[np.float64]]:
        """Return the level, the price of a council, and the worth of a member of each type."""
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise EngineNotConverged("master_failed", "the solver could not weigh the councils")
        solution = self.highs.getSolution()
        dual = np.array(solution.row_dual)
        return float(solution.col_value[0]), float(dual[0]), np.maximum(-dual[1:], 0.0)

    def weights(self) -> NDArray[np.float64]:
        """Return the probability of each council."""
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # Every level is fixed, so nothing holds the open one: it has no part any more.
            self.highs.changeColBounds(0, 0.0, 0.0)
            self.solve()
        weights: NDArray[np.float64] = np.maximum(np.array(self.highs.getSolution().col_value)[1:], 0.0)
        return weights


def leximin(problem: Problem, progress: Progress | None = None) -> Lottery:
    """Return a leximin-fair lottery over the councils that meet the quotas.

    Parameters
    ----------
    problem : Problem
        Pool, quotas and size.
    progress : callable, optional
        Told the fraction done and the step.

    Raises
    ------
    EngineInfeasible
        With code `quotas_conflict`, as :func:`require_feasible`.
    EngineNotConverged
        If the solver fails or more than 20,000 councils were needed.

    Notes
    -----
    First the leximin levels over fractional councils, then whole councils that have them on average: where there are
    such, nothing fairer exists, and that is the rule in large pools. Else by column generation: the dual prices of the
    master problem are the worth of a member, and the council of greatest worth, found in whole numbers, either improves
    the lottery or proves that the level is within `GAP` of its optimum (relative to the mean probability). Types with a
    positive price are at their level in every optimal lottery and stay there. Floating point; the gap is in the result.

    References
    ----------
    Flanigan, B., Gölz, P., Gupta, A., Hennig, B. & Procaccia, A. D. (2021), "Fair algorithms for selecting citizens'
    assemblies", Nature 596, 548-552, doi:10.1038/s41586-021-03788-6.
    """
    tell = progress or (lambda _fraction, _step: None)
    tell(0.0, "feasible")
    require_feasible(problem)
    tell(0.05, "fractions")
    levels = relaxed_levels(problem)
    tell(0.1, "councils")
    unit = problem.counts * (problem.size / problem.counts.sum())
    found = decomposed(problem, levels * unit)
    tell(0.8, "weights")
    found, weights, gap = _weighed(problem, found, levels)
    if weights is not None:
        return _lottery(problem, found, weights, _Course(levels=levels, gap=gap, stages=0))
    return _by_columns(problem, found, tell)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    levels: NDArray[np.float64]
    gap: float
    stages: int


def _lottery(
    problem: Problem, councils: list[NDArray[np.int64]], weights: NDArray[np.float64], course: _Course
) -> Lottery:
    used = weights > 1e-12
    return Lottery(
        councils=np.array(councils)[used],
        weights=weights[used] / weights[used].sum(),
        levels=course.levels * (problem.size / problem.counts.sum()),
        gap=course.gap,
        stages=course.stages,
        columns=len(councils),
    )


def _weighed(
    problem: Problem, councils: list[NDArray[np.int64]], levels: NDArray[np.float64]
) -> tuple[list[NDArray[np.int64]], NDArray[np.float64] | None, float]:
    """Weigh councils so that nobody falls short of a level; add what is missing; no weights if no lottery can."""
    pricing, master = Pricing(problem), Master(problem, levels)
    # Where the smallest face holds no whole council, any council is a beginning.
    first, _bound = pricing.best(np.ones(len(problem.types)))
    councils = [*councils] or ([first] if first is not None else [])
    for council in councils:
        master.add(council)
    for _round in range(_MAX_COLUMNS):
        short, price, worth = master.solve()
        if short >= -GAP:
            return councils, master.weights(), abs(min(short, 0.0))
        better, _bound = pricing.best(worth, price + GAP)
        if better is None:
            break
        councils.append(better)
        master.add(better)
    return councils, None, 0.0


def _by_columns(problem: Problem, found: list[NDArray[np.int64]], tell: Progress) -> Lottery:
    """Return the lottery where fractional councils promise more than whole ones hold: level after level."""
    types = len(problem.types)
    pricing, master = Pricing(problem), Master(problem)
    councils: list[NDArray[np.int64]] = []
    known: set[bytes] = set()

    def take(council: NDArray[np.int64]) -> bool:
        if council.tobytes() in known:
            return False
        known.add(council.tobytes())
        councils.append(council)
        master.add(council)
        return True

    for council in found:
        take(council)
    _start(problem, pricing, take)
    levels = np.full(types, np.nan)
    gap, stages = 0.0, 0
    while np.isnan(levels).any():
        tell(float((~np.isnan(levels)).mean()), "levels")
        level, worth, stage_gap = _stage(pricing, master, take)
        gap, stages = max(gap, stage_gap), stages + 1
        open_types = np.flatnonzero(np.isnan(levels))
        share = (worth * problem.counts * (problem.size / problem.counts.sum()))[open_types]
        tight = open_types[share >= min(1e-3, 0.5 / open_types.size)]
        levels[tight] = level
        for kind in tight:
            master.fix(int(kind), level)
    tell(1.0, "levels")
    return _lottery(problem, councils, master.weights(), _Course(levels=levels, gap=gap, stages=stages))


def _start(problem: Problem, pricing: Pricing, take: Callable[[NDArray[np.int64]], bool]) -> None:
    """Find councils to begin with: whoever was chosen often so far is worth less in the next."""
    chosen = np.zeros(len(problem.types))
    worth = np.ones(len(problem.types))
    for _round in range(_START_ROUNDS):
        council, _bound = pricing.best(worth)
        if council is None:
            return
        take(council)
        chosen += council / problem.counts
        worth = np.exp(-(chosen - chosen.min()))


def _stage(
    pricing: Pricing, master: Master, take: Callable[[NDArray[np.int64]], bool]
) -> tuple[float, NDArray[np.float64], float]:
    """Add councils until none improves the level; return it, the prices, and the proven gap."""
    for _round in range(_MAX_COLUMNS):
        level, price, worth = master.solve()
        council, bound = pricing.best(worth, price + GAP)
        if council is None or not take(council):
            return level, worth, max(bound - price, 0.0)
    raise EngineNotConverged("too_many_councils", f"more than {_MAX_COLUMNS} councils were needed")
