"""Why each project won or lost: who paid, what was missing, and what would have changed it, each answer tried out.

Sentences are data (a code and its values); pages and the command line say them in Korean and English.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np

from madang.rooms.autonomy.engine.allocation.completion import Shared, equal_share
from madang.rooms.autonomy.engine.allocation.equal_shares import EqualShares
from madang.rooms.autonomy.engine.allocation.exact_equal_shares import ExactEqualShares
from madang.rooms.autonomy.engine.allocation.outcome import Outcome, Progress, Purchase
from madang.rooms.autonomy.engine.allocation.rule import Counter
from madang.rooms.autonomy.engine.allocation.support import Floats, Satisfaction, Support
from madang.rooms.autonomy.engine.allocation.ties import tie_ranks
from madang.rooms.autonomy.engine.election import Ballots, Election
from madang.rooms.autonomy.engine.manifest import Completion, Manifest, Rule

_THOROUGH = 1_000_000_000
_BINS = 10


class Reason(StrEnum):
    """Why a project won or lost.

    WON_FREE: it costs nothing and has supporters. WON_BOUGHT: its supporters paid for it. WON_RANKED: it came early
    enough in the order of greedy, or of the levels of Phragmen. WON_COMPLETED: the completion spent the rest on it.
    LOST_ALONE: nobody named it. LOST_DEAR: it costs more than the whole budget. LOST_POOR: its supporters had not
    enough money left. LOST_RANKED: others came before it, and then it no longer fitted. LOST_FEW: it had fewer
    supporters than the rule asks for.
    """

    WON_FREE = "won_free"
    WON_BOUGHT = "won_bought"
    WON_RANKED = "won_ranked"
    WON_COMPLETED = "won_completed"
    LOST_ALONE = "lost_alone"
    LOST_DEAR = "lost_dear"
    LOST_POOR = "lost_poor"
    LOST_RANKED = "lost_ranked"
    LOST_FEW = "lost_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that would have made a project win, tried out.

    Attributes
    ----------
    amount : int
        How many more supporters; or the highest cost at which it wins [1/unit of currency].
    displaced, joined : tuple of int
        Winners that would have lost, and other losers that would have won.
    by_rule : bool
        Whether the whole rule was run again for it, or only the run that decided, whose share is then held fixed.
    """

    amount: int
    displaced: tuple[int, ...]
    joined: tuple[int, ...]
    by_rule: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payers:
    """Who paid for a winner.

    Attributes
    ----------
    full : int
        Voters who paid the full price.
    full_units : float
        What each of them paid; where gains differ, the most that one paid [1/unit of currency].
    rest : int
        Voters who gave all they had left, and less than the full price.
    rest_units : float
        What these paid together [1/unit of currency].
    groups : tuple of (int, float)
        Voters of each merged ballot class that paid, and what each of them paid [1/unit of currency].
    """

    full: int
    full_units: float
    rest: int
    rest_units: float
    groups: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One project explained.

    Attributes
    ----------
    project : int
        Its index.
    won : bool
        Whether it won.
    reason : Reason
        Why.
    place : int or None
        Place in the order of selection, from 1.
    supporters : int
        Voters who gain from it.
    effective : float or None
        Effective support [1]: the largest part of the cost that its supporters would have paid at the price of what was
        bought instead; 1 or more for winners. None for rules without payments.
    payers : Payers or None
        Who paid for it.
    more_supporters : Change or None
        For a loser: how many more voters, who name nothing else, would make it win.
    lower_cost : Change or None
        For a loser: how cheap it would have to be.
    """

    project: int
    won: bool
    reason: Reason
    place: int | None
    supporters: int
    effective: float | None
    payers: Payers | None = None
    more_supporters: Change | None = None
    lower_cost: Change | None = None


class Explainer:
    """An outcome to be explained.

    Parameters
    ----------
    election : Election
        What was counted.
    manifest : Manifest
        The rule.
    outcome : Outcome
        What it decided.

    Notes
    -----
    What would make a loser win is found by bisection, as if more support and a lower cost never hurt. Tried out are the
    answer, which wins, and the next smaller change, which does not; in rare elections a still smaller change would win.
    A completed rule is run again as a whole where that is affordable; else the run that decided, with its share.
    """

    def __init__(self, election: Election, manifest: Manifest, outcome: Outcome) -> None:
        if manifest.budget is not None:
            election = replace(election, budget=manifest.budget)
        self.election = election
        self.manifest = manifest
        self.outcome = outcome
        self.support = Counter(election, manifest).support
        losers = len(election.projects) - len(outcome.winners)
        work = outcome.runs * len(self.support.rows) * losers * 2
        self._by_rule = manifest.completion in (Completion.NONE, Completion.GREEDY) or work <= _THOROUGH
        self._purchases = {purchase.project: purchase for purchase in outcome.purchases}
        self._effective = self._effective_support()

    def all(self, progress: Progress | None = None) -> Iterator[Explanation]:
        """Explain every project, winners first in their order, then the others as listed."""
        taken = set(self.outcome.winners)
        order = [*self.outcome.winners, *(p for p in range(len(self.election.projects)) if p not in taken)]
        for number, project in enumerate(order):
            if progress is not None:
                progress(number / len(order), self.election.projects[project].id)
            yield self.one(project)

    def one(self, project: int) -> Explanation:
        """Explain one project."""
        won = project in self.outcome.winners
        purchase = self._purchases.get(project)
        dear = self.election.costs_units[project] > self.election.budget_units
        return Explanation(
            project=project,
            won=won,
            reason=self._reason(project, won=won),
            place=self.outcome.winners.index(project) + 1 if won else None,
            supporters=self.support.backers[project],
            effective=self._effective.get(project),
            payers=None if purchase is None else self._payers(purchase),
            more_supporters=None if won or dear else self._more_supporters(project),
            lower_cost=None if won or not self.support.backers[project] else self._lower_cost(project),
        )

    def _reason(self, project: int, *, won: bool) -> Reason:
        return self._won(project) if won else self._lost(project)

    def _won(self, project: int) -> Reason:
        outcome = self.outcome
        if project in outcome.winners[len(outcome.winners) - outcome.completed :]:
            return Reason.WON_COMPLETED
        if project in self._purchases:
            return Reason.WON_BOUGHT
        free = self.election.costs_units[project] == 0 and self.support.backers[project]
        return Reason.WON_FREE if free else Reason.WON_RANKED

    def _lost(self, project: int) -> Reason:
        if not self.support.backers[project]:
            return Reason.LOST_ALONE
        if self.election.costs_units[project] > self.election.budget_units:
            return Reason.LOST_DEAR
        if self.manifest.rule is Rule.GREEDY and self.support.backers[project] < self.manifest.min_votes:
            return Reason.LOST_FEW
        return Reason.LOST_RANKED if self.manifest.rule in (Rule.GREEDY, Rule.PHRAGMEN) else Reason.LOST_POOR

    def _payers(self, purchase: Purchase) -> Payers:
        counts, paid = self.election.ballots.counts[purchase.rows], purchase.paid
        pays = paid > 0
        counts, paid, after = counts[pays], paid[pays], purchase.after[pays]
        top = float(paid.max(initial=0.0))
        gains = self._gains(purchase)[pays]
        full = (after > 0) | (paid >= purchase.price * gains * (1 - 1e-9))
        return Payers(
            full=int(counts[full].sum()),
            full_units=top,
            rest=int(counts[~full].sum()),
            rest_units=float(counts[~full] @ paid[~full]),
            groups=tuple(zip(counts.tolist(), paid.tolist(), strict=True)),
        )

    def _gains(self, purchase: Purchase) -> Floats:
        support, where = self.support, self.support.column(purchase.project)
        if support.gains is None:
            return np.ones(len(purchase.rows))
        return support.gains[where][np.searchsorted(support.rows[where], purchase.rows)].astype(np.float64)

    def _effective_support(self) -> dict[int, float]:
        """Return, of each project, the largest part of its cost that was offered for it in any round."""
        if not self.manifest.rule.shared:
            return {}
        support, costs = self.support, self.election.costs_units
        money = np.full(support.classes, float(self.outcome.share))
        best = {p: 0.0 for p in range(len(costs)) if costs[p] > 0}
        for purchase in (*self.outcome.purchases, None):
            for project in best:
                where = support.column(project)
                offered = money[support.rows[where]]
                if purchase is not None:
                    # The price of the round for a unit of gain, in the gains of this project.
                    price = purchase.price * support.factors[project] / support.factors[purchase.project]
                    limit = price if support.gains is None else price * support.gains[where]
                    offered = np.minimum(offered, limit)
                part = float(np.einsum("i,i->", offered, support.counts[where].astype(np.float64))) / costs[project]
                best[project] = max(best[project], part)
            if purchase is not None:
                money[purchase.rows] = purchase.after
        return best

    # What would have changed it.

    def _decided(self, election: Election, support: Support) -> tuple[int, ...]:
        """Return the winners of a changed election."""
        if self._by_rule:
            return Counter(election, self.manifest, support).outcome().winners
        ranks = tie_ranks(election, self.manifest.ties)
        exact = self.manifest.rule is Rule.EXACT_EQUAL_SHARES
        rule: Shared = (ExactEqualShares if exact else EqualShares)(election, support, ranks)
        return rule.run(self.outcome.share / self.election.unit * election.unit).winners

    def _change(self, amount: int, winners: tuple[int, ...], project: int) -> Change:
        before, after = set(self.outcome.winners), set(winners)
        return Change(
            amount=amount,
            displaced=tuple(p for p in self.outcome.winners if p not in after),
            joined=tuple(p for p in winners if p not in before and p != project),
            by_rule=self._by_rule,
        )

    def _wins(self, election: Election, support: Support, project: int) -> bool:
        """Return whether a project wins a changed election."""
        plain = self.manifest.completion is Completion.NONE or not self._by_rule
        if self.manifest.rule is not Rule.EQUAL_SHARES or not plain:
            return project in self._decided(election, support)
        share = equal_share(election) if self._by_rule else self.outcome.share / self.election.unit * election.unit
        return EqualShares(election, support, tie_ranks(election, self.manifest.ties)).buys(share, project)

    def _more_supporters(self, project: int) -> Change | None:
        """Return how many more voters for a project alone would make it win; None if not even twice the voters."""
        most = self.election.voters
        low, high = 0, 1
        while not self._wins(*self._with_voters(project, high), project):
            if high == most:
                return None
            low, high = high, min(high * 4, most)
        while high - low > 1:
            middle = (low + high) // 2
            if self._wins(*self._with_voters(project, middle), project):
                high = middle
            else:
                low = middle
        return self._change(high, self._decided(*self._with_voters(project, high)), project)

    def _with_voters(self, project: int, number: int) -> tuple[Election, Support]:
        """Return the election with more voters who gain from one project alone, as much as anyone gains from one."""
        ballots, support = self.election.ballots, self.support
        gain = 1 if support.gains is None else int(support.gains.max(initial=1))
        points = ballots.points
        more = Ballots(
            type=ballots.type,
            counts=np.append(ballots.counts, number),
            starts=np.append(ballots.starts, ballots.starts[-1] + 1),
            choices=np.append(ballots.choices, np.int32(project)),
            points=None if points is None else np.append(points, int(points.max(initial=1))),
            point_unit=ballots.point_unit,
        )
        end = int(support.starts[project + 1])
        starts = support.starts.copy()
        starts[project + 1 :] += 1
        changed = replace(
            support,
            starts=starts,
            rows=np.insert(support.rows, end, support.classes),
            counts=np.insert(support.counts, end, number),
            gains=None if support.gains is None else np.insert(support.gains, end, gain),
            weights=np.insert(support.weights, end, float(number * gain)),
            row_gains=None if support.row_gains is None else np.append(support.row_gains, gain),
            totals=_added(support.totals, project, number * gain),
            backers=_added(support.backers, project, number),
            classes=support.classes + 1,
        )
        return replace(self.election, ballots=more), changed

    def _lower_cost(self, project: int) -> Change | None:
        """Return the highest cost at which a project would win, in whole currency units where all costs are whole."""
        low, high = -1, self.election.costs_units[project]
        while high - low > 1:
            middle = (low + high) // 2
            if self._wins(*self._with_cost(project, middle), project):
                low = middle
            else:
                high = middle
        return None if low < 0 else self._change(low, self._decided(*self._with_cost(project, low)), project)

    def _with_cost(self, project: int, cost: int) -> tuple[Election, Support]:
        election = self.election
        projects = tuple(
            replace(one, cost=Fraction(cost, election.unit)) if number == project else one
            for number, one in enumerate(election.projects)
        )
        changed = replace(election, projects=projects)
        by_cost = self.manifest.satisfaction in (Satisfaction.COST, Satisfaction.SCORE)
        if not by_cost or self.manifest.rule is Rule.PHRAGMEN:
            return changed, self.support
        return changed, replace(self.support, factors=changed.costs_units)


def _added(values: tuple[int, ...], place: int, more: int) -> tuple[int, ...]:
    return tuple(value + more if number == place else value for number, value in enumerate(values))


def money_histogram(election: Election, outcome: Outcome) -> dict[str, Any]:
    """Return how much was paid by how many voters, for a chart.

    Returns
    -------
    dict
        `edges` of the bins [currency unit], `voters` in each, `nothing`: voters who paid nothing (not in the bins), and
        the `share` that each voter had [currency unit].
    """
    paid = np.zeros(len(election.ballots.counts))
    for purchase in outcome.purchases:
        paid[purchase.rows] += purchase.paid
    share = float(outcome.share)
    paying = paid > share * 1e-12
    top = max(share, float(paid.max(initial=0.0))) or 1.0
    voters, edges = np.histogram(
        np.minimum(paid[paying], top), bins=_BINS, range=(0.0, top), weights=election.ballots.counts[paying]
    )
    return {
        "edges": (edges / election.unit).tolist(),
        "voters": [round(number) for number in voters.tolist()],
        "nothing": int(election.ballots.counts[~paying].sum()),
        "share": share / election.unit,
    }


def explanation_json(election: Election, explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON: money in currency units, projects by identifier."""
    ids, unit = election.ids, election.unit

    def change(found: Change | None, *, money: bool) -> dict[str, Any] | None:
        if found is None:
            return None
        amount = Fraction(found.amount, unit) if money else Fraction(found.amount)
        return {
            "amount": int(amount) if amount.denominator == 1 else float(amount),
            "displaced": [ids[p] for p in found.displaced],
            "joined": [ids[p] for p in found.joined],
            "checked": "rule" if found.by_rule else "deciding_run",
        }

    payers = explanation.payers
    cost = Fraction(election.costs_units[explanation.project], unit)
    return {
        "id": ids[explanation.project],
        "won": explanation.won,
        "code": str(explanation.reason),
        "place": explanation.place,
        "cost": int(cost) if cost.denominator == 1 else float(cost),
        "supporters": explanation.supporters,
        "effective_support": None if explanation.effective is None else round(explanation.effective, 6),
        "payers": None
        if payers is None
        else {
            "full": payers.full,
            "full_paid": payers.full_units / unit,
            "rest": payers.rest,
            "rest_paid": payers.rest_units / unit,
        },
        "more_supporters": change(explanation.more_supporters, money=False),
        "lower_cost": change(explanation.lower_cost, money=True),
    }
