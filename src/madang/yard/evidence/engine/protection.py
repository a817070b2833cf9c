"""Protecting small cells one by one: the cheapest changes that keep every sum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from madang.numerics.errors import EngineInfeasible
from madang.yard.evidence.engine.rules import Counts, Mask
from madang.yard.evidence.engine.tables import CountTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The values that must stay possible for a small cell: every one from `low` to `high`."""

    cell: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A table to protect.

    Attributes
    ----------
    table : CountTable
        True counts.
    matrix : sparse array, shape (n_relations, n_cells)
        Its sums.
    network : bool
        Whether linear programming is exact in whole numbers.
    weights : ndarray of int64, shape (n_cells,)
        Cost of withholding each cell.
    small, may, must : ndarray of bool, shape (n_cells,)
        Primary cells; cells that may be withheld; cells that are withheld in any case.
    at_least : int
        Smallest value of a withheld cell.
    demands : tuple of Demand
        What must stay possible.
    """

    table: CountTable
    matrix: sparse.csr_array
    network: bool
    weights: Counts
    small: Mask
    may: Mask
    must: Mask
    at_least: int
    demands: tuple[Demand, ...]

    def room(self, most: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how far each cell can go down and up when no more than `most` persons move.

        In a network a change that moves one cell by d needs no other cell to move by more; elsewhere it may.
        """
        down = np.where(self.may, self.table.counts - self.at_least, 0).astype(float)
        up = np.where(self.may, float(most), 0.0)
        if self.network:
            return np.minimum(down, most), up
        return down, np.where(self.may, float(self.table.counts.sum() + most), 0.0)

    def steps(self, demand: Demand) -> tuple[int, ...]:
        """Return the changes of the demanded cell that must each be possible; the two ends suffice in a network."""
        count = int(self.table.counts[demand.cell])
        values = (demand.low, demand.high) if self.network else range(demand.low, demand.high + 1)
        return tuple(value - count for value in values if value != count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Cells withheld, and for each demanded change (cell, step) the cells that it moves."""

    withheld: Mask
    moves: dict[tuple[int, int], Mask]


def change(problem: Problem, cell: int, step: int, costs: NDArray[np.float64]) -> Mask | None:
    """Return the cells moved by the cheapest change that moves one cell by `step` and keeps all sums.

    Parameters
    ----------
    problem : Problem
        The table.
    cell, step : int
        What must move, and by how much (not zero).
    costs : ndarray of float64, shape (n_cells,)
        Cost of moving each cell by one; infinity where it may not move.
    """
    down, up = problem.room(abs(step))
    free = np.isfinite(costs)
    free[cell] = True
    down, up = np.where(free, down, 0.0), np.where(free, up, 0.0)
    # Both directions at once would cancel out and cost twice, so the cheapest change never uses them.
    low, high = np.zeros(2 * costs.size), np.concatenate([up, down])
    rising, other = (0, costs.size) if step > 0 else (costs.size, 0)
    low[cell + rising] = high[cell + rising] = abs(step)
    high[cell + other] = 0.0
    price = np.where(free, costs, 0.0)
    price[cell] = 0.0
    columns = np.flatnonzero(high)
    both = sparse.hstack([problem.matrix, -problem.matrix], format="csr")
    zero = np.zeros(problem.matrix.shape[0])
    answer = milp(
        np.concatenate([price, price])[columns],
        integrality=np.full(columns.size, 0 if problem.network else 1),
        bounds=Bounds(low[columns], high[columns]),
        constraints=LinearConstraint(sparse.csr_array(both[:, columns]), zero, zero) if zero.size else (),
    )
    if answer.status != 0:
        return None
    moved = np.zeros(2 * costs.size)
    moved[columns] = answer.x
    net = moved[: costs.size] - moved[costs.size :]
    return np.abs(net) > 0.5 / 1000


def cover(problem: Problem, start: Mask | None = None) -> Cover:
    """Return a choice that meets every demand, found greedily, without cells that it does not need.

    Parameters
    ----------
    problem : Problem
        The table.
    start : ndarray of bool, shape (n_cells,), optional
        Cells to withhold to begin with; by default those that must be.

    Raises
    ------
    EngineInfeasible
        If a demand cannot be met whatever is withheld.

    Notes
    -----
    One linear programme a demand and end, in order of the change they need, greatest first (Kelly, Golden and Assad
    1992, Networks 22, 397-417, for the idea of protecting one cell after another).
    """
    withheld = problem.must.copy() if start is None else (start | problem.must)
    jobs = [(abs(step), demand.cell, step) for demand in problem.demands for step in problem.steps(demand)]
    moves: dict[tuple[int, int], Mask] = {}
    for _size, cell, step in sorted(jobs, key=lambda job: (-job[0], job[1], job[2])):
        costs = np.where(problem.may, problem.weights.astype(float), np.inf)
        costs[withheld] = 1e-6 * costs[withheld]
        moved = change(problem, cell, step, costs)
        if moved is None:
            raise EngineInfeasible("guard_infeasible", "Cells that are public already give a small count away.")
        moves[cell, step] = moved
        withheld |= moved
    return _pruned(problem, Cover(withheld=withheld, moves=moves))


def _pruned(problem: Problem, found: Cover) -> Cover:
    """Show again, dearest first, each cell without which every demand can still be met."""
    withheld, moves = found.withheld.copy(), dict(found.moves)
    extra = np.flatnonzero(withheld & ~problem.must)
    for cell in extra[np.argsort(-problem.weights[extra], kind="stable")].tolist():
        trial = withheld.copy()
        trial[cell] = False
        costs = np.where(trial, 1.0, np.inf)
        replaced: dict[tuple[int, int], Mask] = {}
        for key, moved in moves.items():
            if moved[cell]:
                other = change(problem, key[0], key[1], costs)
                if other is None:
                    break
                replaced[key] = other
        else:
            withheld = trial
            moves.update(replaced)
    return Cover(withheld=withheld, moves=moves)
