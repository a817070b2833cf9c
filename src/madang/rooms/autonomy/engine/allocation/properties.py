"""What can be said of an outcome, whoever computed it: is the money used, is it fair to groups, who got nothing.

Each property is reported with its status and the way it was found, since some cannot be decided in reasonable time.

References
----------
Peters, Pierczynski, Skowron (2021), Proportional Participatory Budgeting with Additive Utilities, arXiv:2008.13276:
equal shares satisfies EJR up to one project, also with a larger budget than is given away.
Brill, Peters (2023), Robust and Verifiable Proportionality Axioms, arXiv:2302.01989: EJR+, checked in polynomial time.
Peters, Skowron (2020), Proportionality and the Limits of Welfarism, arXiv:1911.11747: priceability.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np

from madang.rooms.autonomy.engine.allocation.completion import equal_share
from madang.rooms.autonomy.engine.allocation.outcome import Outcome
from madang.rooms.autonomy.engine.allocation.price_system import price_system
from madang.rooms.autonomy.engine.allocation.support import Floats, Satisfaction, Support, support_of
from madang.rooms.autonomy.engine.election import Election
from madang.rooms.autonomy.engine.manifest import Manifest, Rule

_FLOAT = 1e-7


class Status(StrEnum):
    """What is known: it holds, it fails, or the check neither proved nor refuted it."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_REFUTED = "not_refuted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of an outcome.

    Attributes
    ----------
    status : Status
        What is known.
    method : str
        How it is known: a code of `docs/reference/voting-rules.md`.
    witness : Mapping
        What refutes it, or the numbers behind it.
    """

    status: Status
    method: str
    witness: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"status": str(self.status), "method": self.method, "witness": dict(self.witness)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Money of one place or category.

    Attributes
    ----------
    key : str
        The place or category.
    projects, winners : int
        Projects, and how many of them won; a project of two categories counts in both.
    won_units : Fraction
        Money won [1/unit of currency]; of a project of two categories, half in each.
    votes : Fraction
        Choices that named its projects, shared alike.
    """

    key: str
    projects: int
    winners: int
    won_units: Fraction
    votes: Fraction


def exhaustive(election: Election, outcome: Outcome) -> Property:
    """Return whether no project with a supporter could still be paid. Exact."""
    costs, taken = election.costs_units, set(outcome.winners)
    left = election.budget_units - sum(costs[p] for p in taken)
    backers = support_of(election, Satisfaction.CARDINALITY).backers
    fitting = [p for p in range(len(costs)) if p not in taken and backers[p] and costs[p] <= left]
    witness = {"fitting": [election.projects[p].id for p in fitting], "left_units": left}
    return Property(status=Status.FAILS if fitting else Status.HOLDS, method="exact", witness=witness)


def gains_of(support: Support, winners: Sequence[int]) -> Floats:
    """Return what each voter gains from the winners, without the factor of costless gains: whole numbers in floats."""
    gained = np.zeros(support.classes)
    for project in winners:
        where = support.column(project)
        gains = 1 if support.gains is None else support.gains[where]
        gained[support.rows[where]] += support.factors[project] * gains
    return gained


def proportional(election: Election, manifest: Manifest, outcome: Outcome) -> Property:
    """Return whether the outcome satisfies extended justified representation up to one project (EJR-1).

    Notes
    -----
    EJR-1: no group of voters who all gain from each project of a set T, and whose share of the budget pays for T, is
    left with members each of whom would, with any one more project of T, still gain no more than T gives. An outcome
    that contains a run of equal shares with at least the equal share satisfies it by theorem. Otherwise EJR+ is
    checked, which is stronger and decided exactly for approval ballots: where it holds, so does EJR-1. Where it does
    not, groups around a single project refute EJR-1 exactly, and no other refutation is sought: deciding it is
    coNP-hard.
    """
    if manifest.rule is Rule.EQUAL_SHARES and outcome.share >= equal_share(election):
        return Property(status=Status.HOLDS, method="theorem_equal_shares", witness={})
    gained = Satisfaction.CARDINALITY if manifest.rule is Rule.PHRAGMEN else manifest.satisfaction
    if gained is Satisfaction.SCORE:
        gained = Satisfaction.usual(election.ballots.type)
    support = support_of(election, gained)
    held = gains_of(support, outcome.winners)
    lost = [p for p in range(len(election.projects)) if p not in set(outcome.winners) and support.backers[p]]
    for project in lost:
        group = _without(support, project, held)
        if group * election.budget_units >= election.costs_units[project] * election.voters:
            witness = {"project": election.projects[project].id, "voters": group}
            return Property(status=Status.FAILS, method="single_project", witness=witness)
    if support.gains is None and all(_plus(election, support, project, held) for project in lost):
        return Property(status=Status.HOLDS, method="ejr_plus", witness={})
    return Property(status=Status.NOT_REFUTED, method="single_project", witness={})


def _without(support: Support, project: int, held: Floats) -> int:
    """Return how many supporters of a project, alike in what they gain from it, gain nothing at all."""
    where = support.column(project)
    bare = held[support.rows[where]] == 0
    counts = support.counts[where][bare]
    if support.gains is None:
        return int(counts.sum())
    gains = support.gains[where][bare]
    return max((int(counts[gains == gain].sum()) for gain in np.unique(gains)), default=0)


def _plus(election: Election, support: Support, project: int, held: Floats) -> bool:
    """Return whether no group of supporters of a lost project is owed it under EJR+ up to any project.

    The group with the least gains of its size is the hardest to satisfy, so that prefixes of the sorted supporters
    are enough.
    """
    where = support.column(project)
    rows = support.rows[where]
    order = np.argsort(held[rows], kind="stable")
    size, gained = np.cumsum(support.counts[where][order]), held[rows][order]
    owed = size * (election.budget_units / election.voters)
    costs = np.array(election.costs_units, dtype=np.float64)
    if support.factors[project] == election.costs_units[project]:
        needed = gained + costs[project]
    else:
        others = np.sort(np.delete(costs, project))
        cheapest = np.concatenate(([0.0], np.cumsum(others)))
        needed = costs[project] + cheapest[np.minimum(gained, len(others)).astype(np.int64)]
    return bool((needed > owed * (1 + 1e-12)).all())


def priceable(election: Election, manifest: Manifest, outcome: Outcome) -> Property:
    """Return whether equal purses explain the outcome.

    Notes
    -----
    Voters with equal purses, at least the budget divided by their number, pay only for winners on their ballots, each
    winner is paid in full, and the supporters of no lost project have its cost left. Equal shares pays like that while
    it runs: its own payments are checked. Elsewhere a linear programme looks for payments; floats, to 1e-7.
    """
    if manifest.rule is Rule.EQUAL_SHARES and not outcome.completed and _paid_for(election, manifest, outcome):
        return Property(status=Status.HOLDS, method="payments", witness={"share_units": str(outcome.share)})
    found = price_system(election, outcome.winners)
    if found is None:
        return Property(status=Status.NOT_REFUTED, method="too_large", witness={})
    return Property(status=Status.HOLDS if found else Status.FAILS, method="linear_programme", witness={})


def _paid_for(election: Election, manifest: Manifest, outcome: Outcome) -> bool:
    """Return whether the payments of the rule are a price system."""
    counts, costs = election.ballots.counts, election.costs_units
    left = np.full(len(counts), float(outcome.share))
    for purchase in outcome.purchases:
        left[purchase.rows] -= purchase.paid
        cost = costs[purchase.project]
        if abs(float(purchase.paid @ counts[purchase.rows]) - cost) > _FLOAT * cost:
            return False
    support = support_of(election, manifest.satisfaction)
    for project in set(range(len(costs))) - set(outcome.winners):
        where = support.column(project)
        if float(left[support.rows[where]] @ support.counts[where]) > costs[project] * (1 + _FLOAT):
            return False
    return float(left.min(initial=0.0)) >= -_FLOAT * float(outcome.share)


def left_out(election: Election, outcome: Outcome) -> dict[str, int]:
    """Return how many voters named no winner, and how many of these named nothing. Exact."""
    ballots = election.ballots
    won = np.zeros(len(election.projects), dtype=bool)
    won[list(outcome.winners)] = True
    rows = np.repeat(np.arange(len(ballots.counts)), np.diff(ballots.starts))
    named = np.bincount(rows, weights=won[ballots.choices], minlength=len(ballots.counts)) > 0
    empty = np.diff(ballots.starts) == 0
    return {
        "voters": election.voters,
        "nothing": int(ballots.counts[~named].sum()),
        "empty": int(ballots.counts[empty].sum()),
    }


def spread(election: Election, outcome: Outcome, *, by: str) -> tuple[Spread, ...]:
    """Return money and votes by `place`, `category` or `target`, in string order."""
    taken = set(outcome.winners)
    votes = support_of(election, Satisfaction.CARDINALITY).backers
    table: dict[str, list[Any]] = {}
    for number, project in enumerate(election.projects):
        keys = {"place": (project.place,), "category": project.categories, "target": project.targets}[by] or ("",)
        for key in keys:
            row = table.setdefault(key, [0, 0, Fraction(0), Fraction(0)])
            row[0] += 1
            row[1] += number in taken
            row[2] += Fraction(election.costs_units[number], len(keys)) if number in taken else 0
            row[3] += Fraction(votes[number], len(keys))
    return tuple(
        Spread(key=key, projects=row[0], winners=row[1], won_units=row[2], votes=row[3])
        for key, row in sorted(table.items())
    )


def properties_json(election: Election, manifest: Manifest, outcome: Outcome) -> dict[str, Any]:
    """Return all properties as JSON."""
    return {
        "exhaustive": exhaustive(election, outcome).to_json(),
        "ejr1": proportional(election, manifest, outcome).to_json(),
        "priceable": priceable(election, manifest, outcome).to_json(),
        "left_out": left_out(election, outcome),
        "spread": {
            by: [
                {
                    "key": row.key,
                    "projects": row.projects,
                    "winners": row.winners,
                    "won": float(row.won_units / election.unit),
                    "votes": float(row.votes),
                }
                for row in spread(election, outcome, by=by)
            ]
            for by in ("place", "category", "target")
        },
    }
