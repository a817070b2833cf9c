"""The publication guard: which cells of a table of counts are withheld, so that no small count can be worked out.

A count from 1 to `threshold - 1` is *primary*: it is not shown. Sums would give it away, so further cells, *secondary*
ones, are withheld with it. All withheld cells carry the same mark: a reader is not told which are which.

The reader is assumed to know every sum, every published cell, the threshold, the rule, and that zeros are always shown
(or, where zeros count as small, that they never are). A primary cell is protected if, for all that reader can work out,
it may have every value from its floor up to the threshold itself: neither its value nor even that it is small is given
away. The floor is 1, or for a total the number of its cells that are not zero, since zeros are public; it is 0 where
zeros are withheld. Two withheld cells of a line that add up to a known small sum cannot pass this test.
"""

from collections.abc import Callable

import numpy as np

from madang.numerics.errors import EngineError, EngineInfeasible, EngineInputError
from madang.yard.evidence.engine.disclosure import Exposure, attack, possible
from madang.yard.evidence.engine.optimum import Search, optimum
from madang.yard.evidence.engine.protection import Demand, Problem, cover
from madang.yard.evidence.engine.rules import CellStatus, Counts, Fixed, Guarded, Loss, Mask, Rule
from madang.yard.evidence.engine.tables import CountTable, is_network

VERSION = "1"

Progress = Callable[[float, str], None]


def guard_table(
    table: CountTable,
    rule: Rule,
    *,
    search: Search | None = None,
    fixed: Fixed | None = None,
    progress: Progress | None = None,
) -> Guarded:
    """Choose which cells of a table to withhold, at the least loss, and audit the choice.

    Parameters
    ----------
    table : CountTable
        True counts and their sums.
    rule : Rule
        What is small.
    search : Search, optional
        How long to look for the best choice; without it, long enough for a district's tables.
    fixed : Fixed, optional
        Cells decided beforehand.
    progress : callable, optional
        Called with a fraction and what is being done.

    Returns
    -------
    Guarded
        A choice that passed the audit; a table that fails it is never returned.

    Raises
    ------
    EngineInfeasible
        If cells that are public already give a small count away.
    EngineError
        If the audit finds that a chosen pattern does not protect (a fault of this method; nothing is published).

    Notes
    -----
    1. A first choice: for each primary cell and each end of its range the cheapest change of withheld cells that keeps
       all sums, by linear programming; cells that no change needs are shown again.
    2. The best choice, by rounds of a 0-1 programme and cuts from the attacker's problem (Fischetti and Salazar 2001),
       until none is violated or the search ends; then the gap is stated.
    3. The audit of :mod:`disclosure`, which shares no code with the choice.

    Deterministic: the same table gives the same choice, so publishing twice reveals nothing. The order of cells breaks
    ties; keep it. Linked tables (the same persons in another table, or in the next month's) are not looked at.

    References
    ----------
    Fischetti and Salazar-Gonzalez (2001), doi:10.1287/mnsc.47.7.1008.9805. Hundepool et al. (2012), Statistical
    Disclosure Control, Wiley, chapter 4. Langsrud (2024), doi:10.1007/978-3-031-69651-0_6 (ones and zeros).

    Examples
    --------
    >>> from madang.yard.evidence.engine.tables import margin_table
    >>> guard_table(margin_table([3, 8, 40, 60]), Rule(threshold=5)).published.tolist()
    [False, False, True, True, True]
    """
    problem = _problem(table, rule, fixed or Fixed())
    tell = progress or _silent
    tell(0.0, "first choice")
    first = cover(problem)
    tell(0.3, "best choice")
    found = optimum(problem, first, search or Search())
    tell(0.8, "audit")
    guarded = _audited(table, problem, found.withheld, rule)
    loss = int(problem.weights[~guarded.published].sum())
    tell(1.0, "done")
    return Guarded(
        published=guarded.published,
        status=guarded.status,
        low=guarded.low,
        high=guarded.high,
        required_low=guarded.required_low,
        required_high=guarded.required_high,
        loss=loss,
        bound=min(found.bound, loss),
        optimal=found.bound >= loss,
        rounds=found.rounds,
        rule=rule,
        version=VERSION,
    )


def _silent(_fraction: float, _step: str) -> None:
    return None


def _problem(table: CountTable, rule: Rule, fixed: Fixed) -> Problem:
    shown = np.zeros(table.size, dtype=bool) if fixed.shown is None else fixed.shown
    withheld = np.zeros(table.size, dtype=bool) if fixed.withheld is None else fixed.withheld
    small = rule.small(table.counts)
    if (shown & (small | withheld)).any():
        raise EngineInfeasible("small_shown", "A small count, or a cell to withhold, is public already.")
    if (withheld & (table.counts < rule.at_least)).any():
        raise EngineInputError("zero_withheld", "Zeros are public under this rule; one cannot be withheld.")
    floors = _floors(table, rule)
    return Problem(
        table=table,
        matrix=table.matrix(),
        network=is_network(table.matrix()),
        weights=_weights(table, rule),
        small=small,
        may=~shown & (table.counts >= rule.at_least),
        must=small | withheld,
        at_least=rule.at_least,
        demands=tuple(
            Demand(cell=int(cell), low=int(floors[cell]), high=rule.threshold) for cell in np.flatnonzero(small)
        ),
    )


def _floors(table: CountTable, rule: Rule) -> Counts:
    """Return the least value each cell can have, given only which cells are zero."""
    if rule.zeros:
        return np.zeros(table.size, dtype=np.int64)
    ones = (table.counts > 0).astype(np.int64)
    least = table.summed(ones)
    if least is not None:
        return least
    return attack(table, table.counts > 0, at_least=1).low.astype(np.int64)


def _weights(table: CountTable, rule: Rule) -> Counts:
    if rule.loss is Loss.VALUES:
        return np.maximum(table.counts, 1)
    spans = table.summed(np.ones(table.size, dtype=np.int64))
    return np.ones(table.size, dtype=np.int64) if spans is None else spans


def _audited(table: CountTable, problem: Problem, withheld: Mask, rule: Rule) -> Guarded:
    """Run the independent audit; show again what a reader can work out anyway."""
    exposure = attack(table, withheld, at_least=rule.at_least)
    plain = withheld & ~problem.must & (exposure.low == exposure.high)
    if plain.any():
        withheld = withheld & ~plain
        exposure = attack(table, withheld, at_least=rule.at_least)
    required_low, required_high = table.counts.copy(), table.counts.copy()
    for demand in problem.demands:
        required_low[demand.cell], required_high[demand.cell] = demand.low, demand.high
        if not _holds(table, withheld, exposure, demand, rule.at_least):
            raise EngineError("audit_failed", "The audit refused the table: a small count could be worked out.")
    status = np.where(problem.small, CellStatus.PRIMARY, np.where(withheld, CellStatus.SECONDARY, CellStatus.PUBLISHED))
    loss = int(problem.weights[withheld].sum())
    return Guarded(
        published=~withheld,
        status=status.astype(np.int8),
        low=exposure.low,
        high=exposure.high,
        required_low=required_low,
        required_high=required_high,
        loss=loss,
        bound=loss,
        optimal=False,
        rounds=0,
        rule=rule,
    )


def _holds(table: CountTable, withheld: Mask, exposure: Exposure, demand: Demand, at_least: int) -> bool:
    if exposure.low[demand.cell] > demand.low or exposure.high[demand.cell] < demand.high:
        return False
    if exposure.exact:
        return True
    return all(
        possible(table, withheld, at_least=at_least, cell=demand.cell, value=value)
        for value in range(demand.low + 1, demand.high)
    )
