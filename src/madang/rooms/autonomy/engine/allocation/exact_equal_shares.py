"""Exact Equal Shares: as equal shares, but all who pay for a project pay exactly the same for each unit of gain.

A voter who cannot pay the price pays nothing. Prices are therefore a cost divided by a number of voters, and the next
share that changes the outcome can be computed outright.

References
----------
Kraiczy, Robinson, Elkind (2025), Streamlining Equal Shares, arXiv:2502.11797.
"""

import heapq
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.allocation.outcome import Outcome, Purchase
from madang.rooms.autonomy.engine.allocation.support import Floats, Support
from madang.rooms.autonomy.engine.election import Election, Integers

NEAR = 1e-9

Flags = NDArray[np.bool_]


class Sale(NamedTuple):
    """A project at a price: what it is compared by, who pays, and their weight."""

    key: tuple[Any, int]
    project: int
    weight: int
    payers: Flags


class ExactEqualShares:
    """The rule on one election; :meth:`run` may be called with any share.

    Parameters
    ----------
    election : Election
        Projects, costs and ballots.
    support : Support
        Who gains what.
    ranks : sequence of int
        The order of equals.
    """

    def __init__(self, election: Election, support: Support, ranks: Sequence[int]) -> None:
        self.election = election
        self.support = support
        self.ranks = ranks
        self.costs = election.costs_units
        free = [p for p, cost in enumerate(self.costs) if cost == 0 and support.backers[p]]
        self.free = tuple(sorted(free, key=lambda p: ranks[p]))
        self.sold = tuple(p for p, cost in enumerate(self.costs) if cost > 0 and support.backers[p])

    def run(self, share: Fraction) -> Outcome:
        """Return what the voters buy when each begins with a share [1/unit of currency]."""
        return _Run(self, share).outcome()

    def next_share(self, outcome: Outcome) -> Fraction | None:
        """Return the least greater share at which winners, their order or who pays for them differ; None if none does.

        Parameters
        ----------
        outcome : Outcome
            What :meth:`run` returned.

        Raises
        ------
        EngineInputError
            If gains differ within a project: points and ranks.

        Notes
        -----
        With d more money each, a project with price p can be bought by its n supporters with the fullest purses when
        the emptiest of these, m, is at least p - d. The outcome changes at the least d = p - m of all projects, steps
        and n with a price that beats what is bought at that step. Feasible sets grow with d, so that a project which
        does not beat the step with the least d found so far need not be looked at closer.
        """
        if self.support.gains is not None:
            raise EngineInputError("add_opt_gains", "add-opt needs ballots whose projects count alike: approval")
        return _Search(self, outcome).share()


class _Run:
    """One run: the voters' money as floats, and the exact prices paid."""

    def __init__(self, rule: ExactEqualShares, share: Fraction) -> None:
        self.rule = rule
        self.share = mpq(share.numerator, share.denominator)
        self.money: Floats = np.full(rule.support.classes, float(self.share))
        self.paid: list[list[int]] = []
        self.prices: list[Any] = []
        self.projects: list[int] = []
        self.payers: list[Flags] = []

    def outcome(self) -> Outcome:
        """Buy until nothing is affordable."""
        rule = self.rule
        heap = [(self._bound(p), rule.ranks[p], p) for p in rule.sold]
        heapq.heapify(heap)
        while heap and (sale := self._next(heap)) is not None:
            self.buy(sale.project, sale.payers, mpq(rule.costs[sale.project], sale.weight))
        share = Fraction(int(self.share.numerator), int(self.share.denominator))
        return Outcome(winners=(*rule.free, *self.projects), purchases=tuple(self._purchases()), share=share)

    def _purchases(self) -> Iterator[Purchase]:
        support = self.rule.support
        money = np.full(support.classes, float(self.share))
        for project, payers, price in zip(self.projects, self.payers, self.prices, strict=True):
            where = support.column(project)
            rows = support.rows[where][payers]
            before = money[rows]
            money[rows] -= float(price) * (1 if support.gains is None else support.gains[where][payers])
            yield Purchase(project=project, price=float(price), rows=rows, before=before, after=money[rows])

    def _bound(self, project: int) -> float:
        support = self.rule.support
        return self.rule.costs[project] / support.totals[project] / support.factors[project] * (1 - NEAR)

    def buy(self, project: int, payers: Flags, price: Any) -> None:  # noqa: ANN401  # mpq
        """Take a price for each unit of gain from those who pay."""
        support, where = self.rule.support, self.rule.support.column(project)
        gains = 1 if support.gains is None else support.gains[where][payers]
        self.money[support.rows[where][payers]] -= float(price) * gains
        self.projects.append(project)
        self.payers.append(payers)
        self.prices.append(price)

    def _next(self, heap: list[tuple[float, int, int]]) -> Sale | None:
        seen: list[Sale] = []
        best: Sale | None = None
        while heap and (best is None or heap[0][0] <= float(best.key[0]) * (1 + NEAR)):
            sale = self.offer(heapq.heappop(heap)[2])
            if sale is None:
                continue
            seen.append(sale)
            if best is None or sale.key < best.key:
                best = sale
        for sale in seen:
            if best is None or sale.project != best.project:
                heapq.heappush(heap, (float(sale.key[0]) * (1 - NEAR), self.rule.ranks[sale.project], sale.project))
        return best

    def offer(self, project: int, more: float = 0.0, *, settle: bool = True) -> Sale | None:
        """Return at which price a project can be bought, or None.

        Parameters
        ----------
        project : int
            The project.
        more : float
            Money that each voter is given on top.
        settle : bool
            Whether purses next to the price are settled exactly; else such a purse counts as full.

        Notes
        -----
        All supporters begin as payers; who cannot pay is dropped, which raises the price, until all can.
        """
        support, where = self.rule.support, self.rule.support.column(project)
        rows, cost = support.rows[where], self.rule.costs[project]
        whole = support.counts[where] if support.gains is None else support.counts[where] * support.gains[where]
        purses = self.money[rows] + more
        if support.gains is not None:
            purses = purses / support.gains[where]
        slack = NEAR * float(self.share)
        weight = support.totals[project]
        while True:
            price = mpq(cost, weight)
            payers = purses >= float(price) - slack
            if settle:
                self._settle(project, payers, purses, price)
            remaining = int(whole[payers].sum())
            if remaining == weight:
                key = (price / support.factors[project], self.rule.ranks[project])
                return Sale(key, project, weight, payers)
            if not remaining:
                return None
            weight = remaining

    def _settle(self, project: int, payers: Flags, purses: Floats, price: Any) -> None:  # noqa: ANN401  # mpq
        support, where = self.rule.support, self.rule.support.column(project)
        for place in np.flatnonzero(payers & (purses <= float(price) + NEAR * float(self.share))):
            gain = 1 if support.gains is None else int(support.gains[where][place])
            payers[place] = self.purse(int(support.rows[where][place])) >= price * gain

    def purse(self, row: int) -> Any:  # noqa: ANN401  # mpq
        """Return the exact money of a voter."""
        support, ballots = self.rule.support, self.rule.election.ballots
        chosen = set(ballots.choices[ballots.starts[row] : ballots.starts[row + 1]].tolist())
        money = self.share
        for project, payers, price in zip(self.projects, self.payers, self.prices, strict=True):
            if project not in chosen:
                continue
            where = support.column(project)
            place = int(np.searchsorted(support.rows[where], row))
            if place < len(payers) and int(support.rows[where][place]) == row and payers[place]:
                money -= price * (1 if support.gains is None else int(support.gains[where][place]))
        return money


class _Search:
    """The least share above a run's at which something changes."""

    def __init__(self, rule: ExactEqualShares, outcome: Outcome) -> None:
        self._rule = rule
        self._outcome = outcome
        self._run = _Run(rule, outcome.share)
        self._best: Any = None

    def share(self) -> Fraction | None:
        """Replay the run; at each step look for what would beat it with a little more money."""
        rule, support = self._rule, self._rule.support
        bought = {purchase.project for purchase in self._outcome.purchases}
        self._end(bought)
        heap = [(rule.costs[p] / support.totals[p] / support.factors[p] * (1 - NEAR), p) for p in rule.sold]
        heapq.heapify(heap)
        for purchase in self._outcome.purchases:
            where = support.column(purchase.project)
            payers = np.zeros(where.stop - where.start, dtype=bool)
            payers[np.searchsorted(support.rows[where], purchase.rows)] = True
            weight = int(support.counts[where][payers].sum())
            price = mpq(rule.costs[purchase.project], weight)
            key = (price / support.factors[purchase.project], rule.ranks[purchase.project])
            self._step(heap, Sale(key, purchase.project, weight, payers))
            self._run.buy(purchase.project, payers, price)
        if self._best is None:
            return None
        share = self._run.share + self._best
        return Fraction(int(share.numerator), int(share.denominator))

    def _end(self, bought: set[int]) -> None:
        """Look at the end of the run, where any price of an unsold project will do."""
        end = _Run(self._rule, self._outcome.share)
        for purchase in self._outcome.purchases:
            where = self._rule.support.column(purchase.project)
            payers = np.zeros(where.stop - where.start, dtype=bool)
            payers[np.searchsorted(self._rule.support.rows[where], purchase.rows)] = True
            weight = int(self._rule.support.counts[where][payers].sum())
            end.buy(purchase.project, payers, mpq(self._rule.costs[purchase.project], weight))
        for project in self._rule.sold:
            if project not in bought:
                self._lack(end, project, 0)

    def _step(self, heap: list[tuple[float, int]], sale: Sale) -> None:
        run = self._run
        more = float("inf") if self._best is None else float(self._best)
        seen = []
        while heap and heap[0][0] <= float(sale.key[0]) * (1 + NEAR):
            _, project = heapq.heappop(heap)
            if project in run.projects:
                continue
            offer = run.offer(project, min(more, 2.0**900) * (1 + NEAR), settle=False)
            if offer is None:
                continue
            seen.append((float(offer.key[0]) * (1 - NEAR), project))
            if project == sale.project:
                if offer.weight > sale.weight:
                    self._lack(run, project, sale.weight + 1)
            elif offer.key < sale.key:
                self._lack(run, project, self._least_weight(project, sale))
        for entry in seen:
            heapq.heappush(heap, entry)

    def _least_weight(self, project: int, sale: Sale) -> int:
        """Return the least weight of payers with which a project beats a sale."""
        exact = self._rule.costs[project] / sale.key[0] / self._rule.support.factors[project]
        whole = int(exact.numerator // exact.denominator)
        equal = exact.denominator == 1 and self._rule.ranks[project] < sale.key[1]
        return whole if equal else whole + 1

    def _lack(self, run: _Run, project: int, least: int) -> None:
        """Note the least money with which at least so much weight of supporters can buy a project."""
        support, where = self._rule.support, self._rule.support.column(project)
        rows: Any = support.rows[where]
        purses = run.money[rows]
        order = np.argsort(-purses, kind="stable")
        weights: Integers = np.cumsum(support.counts[where][order])
        lacks = self._rule.costs[project] / weights - purses[order]
        lacks[weights < least] = np.inf
        lowest = float(lacks.min(initial=np.inf))
        limit = lowest + 4 * NEAR * float(run.share)
        if self._best is not None and lowest > float(self._best) + 4 * NEAR * float(run.share):
            return
        for place in np.flatnonzero(lacks <= limit):
            price = mpq(self._rule.costs[project], int(weights[place]))
            lack = price - run.purse(int(rows[order[place]]))
            if lack <= 0:
                # Purses that floats cannot tell apart: the emptiest of them decides.
                alike = order[: place + 1][purses[order[: place + 1]] <= purses[order[place]] + NEAR * float(run.share)]
                lack = price - min(run.purse(int(rows[other])) for other in alike)
            if lack > 0 and (self._best is None or lack < self._best):
                self._best = lack
