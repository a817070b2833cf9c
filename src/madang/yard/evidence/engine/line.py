"""The publication guard for one line of counts with its total, in closed form: what a page needs many times over."""

import numpy as np
from numpy.typing import NDArray

from madang.numerics.errors import EngineInfeasible, EngineInputError
from madang.yard.evidence.engine.rules import CellStatus, Counts, Fixed, Guarded, Loss, Mask, Rule

VERSION = "1"


def guard_line(counts: Counts, rule: Rule, *, with_total: bool = True, fixed: Fixed | None = None) -> Guarded:
    """Choose which cells of a line of counts to withhold, at the least loss.

    Parameters
    ----------
    counts : ndarray of int64, shape (n,)
        Counts that add up to the total [persons].
    rule : Rule
        What is small.
    with_total : bool
        Whether the total is known; without it no cell gives another away.
    fixed : Fixed, optional
        Cells decided beforehand; the masks have one more cell, the total, where there is one.

    Returns
    -------
    Guarded
        The same as `guard_table` of the line with its total (without it, of the cells alone), at the same loss.

    Raises
    ------
    EngineInfeasible
        If cells that are public already give a small count away.

    Notes
    -----
    O(n), exact. Of m withheld cells that add up to s, none less than b, each can be as much as s - (m - 1) b; that must
    reach the threshold. If it does not, one more cell that is not small always suffices, and the least one costs least;
    if there is none, the total is withheld.

    Examples
    --------
    >>> guard_line(np.array([2, 3, 9, 40]), Rule(threshold=5)).published.tolist()
    [False, False, False, True, True]
    >>> guard_line(np.array([4, 4, 9, 40]), Rule(threshold=5)).published.tolist()
    [False, False, True, True, True]
    """
    cells = np.append(counts, counts.sum()) if with_total else np.asarray(counts, dtype=np.int64)
    if cells.ndim != 1 or not counts.size or cells.min() < 0:
        raise EngineInputError("line_unfit", "A line needs at least one count, and none below zero.")
    nothing = np.zeros(cells.size, dtype=bool)
    given = fixed or Fixed()
    shown = nothing if given.shown is None else given.shown
    small = rule.small(cells)
    withheld = small if given.withheld is None else small | given.withheld
    if (shown & withheld).any():
        raise EngineInfeasible("small_shown", "A small count, or a cell to withhold, is public already.")
    if with_total and small.any() and not withheld[-1]:
        withheld = _completed(cells, withheld, shown, rule)
    low, high = _exposure(cells, withheld, rule.at_least, with_total=with_total)
    status = np.where(small, CellStatus.PRIMARY, np.where(withheld, CellStatus.SECONDARY, CellStatus.PUBLISHED))
    floors = np.full(cells.size, rule.at_least, dtype=np.int64)
    if with_total and not rule.zeros:
        floors[-1] = np.count_nonzero(cells[:-1])
    loss = int(_weights(cells, rule, with_total=with_total)[withheld].sum())
    return Guarded(
        published=~withheld,
        status=status.astype(np.int8),
        low=low,
        high=high,
        required_low=np.where(small, floors, cells),
        required_high=np.where(small, rule.threshold, cells),
        loss=loss,
        bound=loss,
        optimal=True,
        rounds=0,
        rule=rule,
        version=VERSION,
    )


def _completed(cells: Counts, withheld: Mask, shown: Mask, rule: Rule) -> Mask:
    """Return the withheld cells when the total is not among them and some part is small."""
    number, amount = int(withheld.sum()), int(cells[withheld].sum())
    if number > 1 and amount - (number - 1) * rule.at_least >= rule.threshold:
        return withheld
    parts = cells[:-1]
    candidates = np.flatnonzero((parts >= rule.threshold) & ~withheld[:-1] & ~shown[:-1])
    if not candidates.size and shown[-1]:
        raise EngineInfeasible("guard_infeasible", "Cells that are public already give a small count away.")
    more = withheld.copy()
    more[candidates[np.argmin(parts[candidates])] if candidates.size else -1] = True
    return more


def _exposure(
    cells: Counts, withheld: Mask, at_least: int, *, with_total: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = cells.astype(float), cells.astype(float)
    low[withheld], high[withheld] = at_least, np.inf
    if not with_total:
        return low, high
    parts = withheld[:-1]
    number = int(parts.sum())
    if withheld[-1]:
        low[-1] = cells[:-1][~parts].sum() + number * at_least
        return low, high
    amount = int(cells[:-1][parts].sum())
    high[:-1][parts] = amount - (number - 1) * at_least
    if number == 1:
        low[:-1][parts] = amount
    return low, high


def _weights(cells: Counts, rule: Rule, *, with_total: bool) -> Counts:
    if rule.loss is Loss.VALUES:
        return np.maximum(cells, 1)
    weights = np.ones(cells.size, dtype=np.int64)
    if with_total:
        weights[-1] = cells.size - 1
    return weights
