"""The attacker: what a reader can work out about the cells that a published table withholds.

This module knows nothing of how cells were chosen. It reads a table as the public does, and is the independent audit of
every suppression pattern.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from madang.numerics.errors import EngineError, EngineInputError
from madang.yard.evidence.engine.rules import Mask
from madang.yard.evidence.engine.tables import CountTable, is_network

_TOLERANCE = 1e-6
_OPTIMAL, _INFEASIBLE = 0, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What can be worked out about each cell.

    Attributes
    ----------
    low, high : ndarray of float64, shape (n_cells,)
        Smallest and largest whole number that a cell may have given all that is public [persons]; infinity where there
        is no upper limit. Both equal the count where the cell is published.
    exact : bool
        True if every whole number between the two is possible (networks); False if some may be excluded.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _System:
    """The relations as they look from outside: unknown cells, and what they must add up to."""

    matrix: sparse.csr_array
    constants: NDArray[np.float64]
    cells: NDArray[np.intp]
    whole: bool


def attack(table: CountTable, withheld: Mask, *, at_least: int) -> Exposure:
    """Bound every withheld cell by all that is public.

    Parameters
    ----------
    table : CountTable
        The true table; of its withheld cells only the position is used.
    withheld : ndarray of bool, shape (n_cells,)
        Cells that are not shown.
    at_least : int
        Smallest value that a withheld cell is known to have: 1 where zeros are always published, else 0.

    Notes
    -----
    Two linear programmes a withheld cell, over whole numbers where the sums are no network; each connected part of the
    table is solved by itself. Exact.

    References
    ----------
    Fischetti and Salazar-Gonzalez (2001), Management Science 47, 1008-1026, doi:10.1287/mnsc.47.7.1008.9805: the
    attacker's problem.

    Examples
    --------
    >>> from madang.yard.evidence.engine.tables import margin_table
    >>> found = attack(margin_table([3, 4, 30]), np.array([True, True, False, False]), at_least=1)
    >>> found.low.tolist(), found.high.tolist()
    ([1.0, 1.0, 30.0, 37.0], [6.0, 6.0, 30.0, 37.0])
    """
    _check(table, withheld)
    low, high = table.counts.astype(float), table.counts.astype(float)
    systems = _systems(table, withheld)
    for system in systems:
        for position, cell in enumerate(system.cells):
            low[cell] = np.ceil(_extreme(system, position, at_least, sign=1.0) - _TOLERANCE)
            high[cell] = np.floor(_extreme(system, position, at_least, sign=-1.0) + _TOLERANCE)
    return Exposure(low=low, high=high, exact=all(not system.whole for system in systems))


def possible(table: CountTable, withheld: Mask, *, at_least: int, cell: int, value: int) -> bool:
    """Return whether some table of whole numbers agrees with all that is public and has this value in this cell.

    Notes
    -----
    One integer programme; decides what an interval cannot where the sums are no network.
    """
    _check(table, withheld)
    for system in _systems(table, withheld):
        position = np.flatnonzero(system.cells == cell)
        if position.size:
            low = np.full(system.cells.size, float(at_least))
            high = np.full(system.cells.size, np.inf)
            low[position] = high[position] = value
            return value >= at_least and _solve(system, np.zeros(system.cells.size), Bounds(low, high)) is not None
    return bool(table.counts[cell] == value)


def _check(table: CountTable, withheld: Mask) -> None:
    if withheld.shape != table.counts.shape or withheld.dtype != np.bool_:
        raise EngineInputError("mask_unfit", "The mask needs one truth value a cell.")


def _systems(table: CountTable, withheld: Mask) -> list[_System]:
    matrix = table.matrix()
    cells = np.flatnonzero(withheld)
    if not cells.size:
        return []
    inner = sparse.csr_array(matrix[:, cells])
    shown = np.where(withheld, 0, table.counts).astype(float)
    constants = -(matrix @ shown)
    n_rows = inner.shape[0]
    pairs = sparse.coo_array(inner)
    nodes = n_rows + cells.size
    links = sparse.csr_array((np.ones(pairs.nnz), (pairs.row, n_rows + pairs.col)), (nodes, nodes))
    _count, label = connected_components(links, directed=False)
    row_label, cell_label = label[:n_rows], label[n_rows:]
    found = []
    for part in np.unique(cell_label):
        mine = np.flatnonzero(cell_label == part)
        block = sparse.csr_array(inner[row_label == part][:, mine])
        found.append(
            _System(
                matrix=block, constants=constants[row_label == part], cells=cells[mine], whole=not is_network(block)
            )
        )
    return found


def _extreme(system: _System, position: int, at_least: int, *, sign: float) -> float:
    """Return the least (sign 1) or greatest (sign -1) value of one unknown."""
    objective = np.zeros(system.cells.size)
    objective[position] = sign
    bounds = Bounds(np.full(system.cells.size, float(at_least)), np.inf)
    value = _solve(system, objective, bounds)
    return np.inf if value is None else sign * value


def _solve(system: _System, objective: NDArray[np.float64], bounds: Bounds) -> float | None:
    """Return the least objective; None where it has no limit, or no table agrees."""
    if not system.matrix.shape[0]:
        steep = objective < 0
        return None if steep.any() else float(objective @ np.where(np.isfinite(bounds.lb), bounds.lb, 0.0))
    constraint = LinearConstraint(system.matrix, system.constants, system.constants)
    # The limit of the relaxation decides whether there is one at all; only then are whole numbers asked for.
    kinds = (0, 1) if system.whole else (0,)
    value: float | None = None
    for kind in kinds:
        answer = milp(objective, integrality=np.full(objective.size, kind), bounds=bounds, constraints=constraint)
        if answer.status != _OPTIMAL:
            if answer.status in {_INFEASIBLE, 3, 4}:
                return None
            raise EngineError("attack_unsolved", f"The attacker's problem was not solved: {answer.message}")
        value = float(answer.fun or 0.0)
    return value
