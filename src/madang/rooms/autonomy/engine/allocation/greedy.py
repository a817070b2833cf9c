"""Greedy: the projects with the most gain for each unit of cost, as long as they fit.

References
----------
Talmon, Faliszewski (2019), A Framework for Approval-Based Budgeting Methods, AAAI 33.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

from madang.rooms.autonomy.engine.allocation.outcome import Outcome
from madang.rooms.autonomy.engine.allocation.support import Support
from madang.rooms.autonomy.engine.election import Election


class Misfit(StrEnum):
    """What happens at the first project that no longer fits: it is skipped, or the rule ends."""

    SKIP = "skip"
    STOP = "stop"


def greedy(
    election: Election,
    support: Support,
    ranks: Sequence[int],
    *,
    first: Sequence[int] = (),
    misfit: Misfit = Misfit.SKIP,
    least: int = 0,
) -> Outcome:
    """Return what greedy selects.

    Parameters
    ----------
    election : Election
        Projects, costs and ballots.
    support : Support
        Who gains what.
    ranks : sequence of int
        The order of equals.
    first : sequence of int
        Projects that are selected already.
    misfit : Misfit
        What happens at a project that does not fit.
    least : int
        Fewest supporters that a project must have.

    Notes
    -----
    Projects without supporters come last and are selected where they fit, as in pabutools. Exact.
    """
    costs, left = election.costs_units, election.budget_units - sum(election.costs_units[p] for p in first)
    winners = list(first)
    taken = set(first)
    allowed = [p for p in range(len(costs)) if p not in taken and support.backers[p] >= least]
    for project in sorted(allowed, key=lambda p: (_order(election, support, p), ranks[p])):
        if costs[project] <= left:
            winners.append(project)
            left -= costs[project]
        elif misfit is Misfit.STOP:
            break
    return Outcome(winners=tuple(winners), completed=len(winners) - len(first) if first else 0)


def _order(election: Election, support: Support, project: int) -> tuple[int, Fraction]:
    """Return a key that sorts the most gain for each unit of cost first; what is free and supported before all."""
    if not support.backers[project]:
        return 1, Fraction(0)
    cost, factor = election.costs_units[project], support.factors[project]
    if cost == 0:
        return -1, Fraction(0)
    return 0, -Fraction(support.totals[project] * factor, cost)
