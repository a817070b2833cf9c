"""The short way to the fairest lottery: fair fractions first, then councils that have them on average."""

import highspy
import numpy as np
from highspy._core import _Highs
from numpy.typing import NDArray

from madang.numerics.errors import EngineNotConverged
from madang.rooms.autonomy.engine.sortition.feasibility import council_model
from madang.rooms.autonomy.engine.sortition.pool import Problem

_NEAR = 1e-9
_LEFT = 1e-13
_MAX_STEPS = 5_000
_EVEN = 1e-7
_NEIGHBOURS = 60


def relaxed_levels(problem: Problem) -> NDArray[np.float64]:
    """Return the leximin levels over fractional councils, in units of the mean probability; shape (n_types,).

    Notes
    -----
    Fractional councils contain every average of whole ones, so no lottery does better in the leximin order. If some
    lottery over whole councils has these levels, it is the fairest there is.
    """
    types = len(problem.types)
    unit = problem.counts * (problem.size / problem.counts.sum())
    highs = council_model(problem, whole=False)
    first_row = highs.getNumRow()
    highs.addVar(0.0, highspy.kHighsInf)
    highs.changeColCost(types, 1.0)
    for kind in range(types):
        columns = np.array([kind, types], dtype=np.int32)
        highs.addRow(0.0, highspy.kHighsInf, 2, columns, np.array([1.0, -unit[kind]]))
    levels = np.full(types, np.nan)
    while np.isnan(levels).any():
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise EngineNotConverged("relaxed_failed", "the solver found no fractional council")
        solution = highs.getSolution()
        level = float(solution.col_value[types])
        worth = np.maximum(-np.array(solution.row_dual)[first_row:], 0.0)
        open_types = np.flatnonzero(np.isnan(levels))
        share = (worth * unit)[open_types]
        tight = open_types[share >= min(1e-3, 0.5 / open_types.size)]
        levels[tight] = level
        for kind in tight.tolist():
            highs.changeCoeff(first_row + kind, types, 0.0)
            highs.changeRowBounds(first_row + kind, unit[kind] * level * (1.0 - 1e-11), highspy.kHighsInf)
    return levels


class Face:
    """Councils that agree with a fractional one wherever that one has no choice."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._models = (council_model(problem, whole=False), council_model(problem, whole=True))
        # Any whole council will do here; a good one makes for fewer of them.
        self._models[1].setOptionValue("mip_rel_gap", 0.05)
        self._places = np.arange(len(problem.types), dtype=np.int32)
        self._least = np.array([quota.least for quota in problem.quotas], dtype=np.float64)
        self._most = np.array([quota.most for quota in problem.quotas], dtype=np.float64)

    def council(self, mean: NDArray[np.float64], near: float) -> NDArray[np.int64] | None:
        """Return a whole council in the smallest face that holds `mean`, each type rounded down or up; None if none.

        Parameters
        ----------
        mean : ndarray of float64, shape (n_types,)
            Members of each type.
        near : float
            How close to whole counts as whole.
        """
        low, high = np.floor(mean + near), np.ceil(mean - near)
        sums = self._problem.incidence @ mean
        least = np.where(sums >= self._most - near, self._most, self._least)
        most = np.where(sums <= self._least + near, self._least, self._most)
        highs, whole = self._models
        for model in self._models:
            for row in range(sums.size):
                model.changeRowBounds(row, least[row], most[row])
            model.changeColsCost(self._places.size, self._places, mean - low - 0.5)
        solved = self._solved(highs, low, np.maximum(high, low))
        if solved is None:
            return None
        found = np.array(solved.col_value)
        council = np.rint(found)
        uneven = np.abs(found - council) >= _EVEN
        if uneven.any():
            # Most of the fractional answer is whole already: only the rest and what costs least to change is searched.
            price = np.where(uneven, -1.0, np.abs(np.array(solved.col_dual)))
            free = np.argsort(price, kind="stable")[: int(uneven.sum()) + _NEIGHBOURS]
            narrow = council.copy()
            narrow[free] = low[free]
            wide = council.copy()
            wide[free] = np.maximum(high, low)[free]
            solved = self._solved(whole, narrow, wide) or self._solved(whole, low, np.maximum(high, low))
            if solved is None:
                return None
            council = np.rint(np.array(solved.col_value))
        members: NDArray[np.int64] = council.astype(np.int64)
        return members

    def _solved(
        self, highs: _Highs, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> highspy.HighsSolution | None:
        highs.changeColsBounds(self._places.size, self._places, low, high)
        highs.run()
        return highs.getSolution() if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal else None

    def step(self, mean: NDArray[np.float64], council: NDArray[np.int64]) -> float:
        """Return the greatest part of `mean` that can be this council, the rest staying within the quotas."""
        low = np.floor(mean + _NEAR)
        part = mean - low
        with np.errstate(divide="ignore", invalid="ignore"):
            free = part > _NEAR
            limits = [np.where(council > low, part, 1.0 - part)[free]]
            sums, council_sums = self._problem.incidence @ mean, self._problem.incidence @ council
            for bound, sign in ((self._least, 1.0), (self._most, -1.0)):
                reach, room = sign * (council_sums - bound), sign * (sums - bound)
                # Only a row on which the council lies further from the bound than the mean runs into it.
                nearer = reach > np.maximum(room, 0.0) + _NEAR
                limits.append((np.maximum(room, 0.0) / reach)[nearer & (room > _NEAR)])
        values = np.concatenate(limits)
        return float(min(values.min(initial=1.0), 1.0))


def decomposed(problem: Problem, mean: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Return whole councils whose average, with the right weights, is `mean` as far as they were found.

    Notes
    -----
    Carathéodory's way: a council in the smallest face that holds the mean is taken as often as the quotas let the rest
    be a mean of councils; the rest has one more whole count or one more quota at its bound. It ends early where a face
    holds no whole council; the caller weighs what was found and sees what is missing.
    """
    face = Face(problem)
    councils: list[NDArray[np.int64]] = []
    left, rest = 1.0, mean.copy()
    for _step in range(_MAX_STEPS):
        council = face.council(rest, _NEAR)
        if council is None:
            break
        councils.append(council)
        part = face.step(rest, council)
        left *= 1.0 - part
        if left < _LEFT or part >= 1.0 - _NEAR:
            break
        rest = (rest - part * council) / (1.0 - part)
        whole = np.rint(rest)
        rest = np.where(np.abs(rest - whole) < _NEAR / max(left, 1e-3), whole, rest)
    return councils
