"""Equal Shares with Bounded Overspending: a project may be bought by who can pay for part of it, at a worse price.

Voters begin with equal money. For a project and a price p for each unit of gain, the supporters raise the fraction
a(p) = min(1, sum(min(purse, p * gain)) / cost) of its cost. The project and price with the least p / a(p)^2 are chosen
among those whose cost still fits the budget; each supporter then pays p / a(p) for each unit of gain, or all there is
left. The rule ends when nothing fits or nobody has money.

References
----------
Papasotiropoulos, Pishbin, Skibski, Skowron, Was (2024), Method of Equal Shares with Bounded Overspending,
arXiv:2409.15005.
"""

import heapq
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from gmpy2 import mpq

from madang.rooms.autonomy.engine.allocation.completion import equal_share
from madang.rooms.autonomy.engine.allocation.equal_shares import NEAR, Bought, EqualShares, Run
from madang.rooms.autonomy.engine.allocation.outcome import Outcome, Purchase
from madang.rooms.autonomy.engine.allocation.support import Floats, Support
from madang.rooms.autonomy.engine.election import Election


class Part(NamedTuple):
    """A way to buy a project: the value that is made least, the price, and the fraction of the cost raised."""

    value: Any
    price: Any
    fraction: Any


class Bos:
    """The rule on one election.

    Parameters
    ----------
    election : Election
        Projects, costs and ballots.
    support : Support
        Who gains what.
    ranks : sequence of int
        The order of equals; of one project, the way that raises more comes first.
    """

    def __init__(self, election: Election, support: Support, ranks: Sequence[int]) -> None:
        self._shares = EqualShares(election, support, ranks)

    def outcome(self) -> Outcome:
        """Return what is bought, in order."""
        return _BosRun(self._shares, equal_share(self._shares.election)).outcome()


class _BosRun(Run):
    """One run. Money is as in equal shares: the share less exact prices, until a voter is emptied."""

    def outcome(self) -> Outcome:
        """Buy until nothing fits or nobody has money."""
        rule = self.rule
        self.left = rule.election.budget_units
        heap = [(0.0, rule.ranks[p], p) for p in rule.sold]
        heapq.heapify(heap)
        while self.money.any() and (winner := self._least(heap)) is not None:
            self._take(*winner)
        return Outcome(
            winners=(*rule.free, *(bought.project for bought in self.bought)),
            purchases=tuple(
                Purchase(project=b.project, price=b.price, rows=b.rows, before=b.before, after=b.after)
                for b in self.bought
            ),
            share=Fraction(int(self.share.numerator), int(self.share.denominator)),
        )

    def _least(self, heap: list[tuple[float, int, int]]) -> tuple[int, Part] | None:
        """Take the project with the least value off the heap; values only rise, so old ones bound new ones."""
        seen: list[tuple[float, int, list[float]]] = []
        ceiling = float("inf")
        while heap and heap[0][0] <= ceiling:
            _, _, project = heapq.heappop(heap)
            if self.rule.costs[project] > self.left:
                continue
            prices, values = self._ways(project)
            if len(values):
                least = float(values.min())
                seen.append((least * (1 - NEAR), project, prices[values <= least * (1 + NEAR)].tolist()))
                ceiling = min(ceiling, least * (1 + NEAR))
        close = [
            (part.value, -part.fraction, self.rule.ranks[project], project, part)
            for low, project, prices in seen
            if low <= ceiling
            for part in (self._exactly(project, price) for price in prices)
        ]
        winner = min(close, key=lambda one: one[:3]) if close else None
        for low, project, _ in seen:
            if winner is None or project != winner[3]:
                heapq.heappush(heap, (low, self.rule.ranks[project], project))
        return None if winner is None else (winner[3], winner[4])

    def _ways(self, project: int) -> tuple[Floats, Floats]:
        """Return the prices at which the value may be least, and the values: where a purse runs empty, or all is paid.

        Between two such prices the value first rises and then falls, so that no price between them is better.
        """
        _, weights, purses = self._purses(project)
        full = purses > 0
        prices, places = np.unique(purses[full], return_inverse=True)
        if not len(prices):
            return prices, prices
        weight = np.bincount(places, weights=weights[full], minlength=len(prices))
        paid = np.concatenate(([0.0], np.cumsum(weight * prices)))
        richer = np.concatenate((np.cumsum(weight[::-1])[::-1], [0.0]))
        cost, factor = float(self.rule.costs[project]), self.rule.support.factors[project]
        raised = paid[1:] + prices * richer[1:]
        enough = raised >= cost * (1 - NEAR)
        if enough.any():
            last = int(np.argmax(enough))
            prices = np.append(prices[:last], min((cost - paid[last]) / richer[last], prices[last]))
            raised = np.append(raised[:last], cost)
        fraction = raised / cost
        return prices, prices / (fraction * fraction) / factor

    def _exactly(self, project: int, near: float) -> Part:
        """Return the exact way to buy a project whose price floats have found."""
        rows, _, purses = self._purses(project)
        gains = np.broadcast_to(np.asarray(self._gains(project, rows)), rows.shape)
        weights = self.rule.election.ballots.counts[rows] * gains
        slack, now = NEAR * max(near, float(self.share)) + self.error, len(self.bought)
        close = np.flatnonzero((np.abs(purses - near) <= slack) & (purses > 0))
        poor = (purses < near - slack) & (purses > 0)
        base = self._money_exact(rows[poor], now)
        rich = int(weights[purses > near + slack].sum())
        held = sorted((self._purse_exact(int(rows[k]), now) / int(gains[k]), int(weights[k])) for k in close)
        cost, factor = self.rule.costs[project], self.rule.support.factors[project]
        rest, best = rich + sum(weight for _, weight in held), None
        for purse, weight in [*held, (None, 0)]:
            price = (cost - base) / rest if rest else None
            if price is not None and price <= (near + slack if purse is None else purse):
                whole = Part(price / factor, price, mpq(1))
                best = whole if best is None or whole.value <= best.value else best
                break
            if purse is None:
                break
            fraction = (base + purse * rest) / cost
            part = Part(purse / (fraction * fraction) / factor, purse, fraction)
            best = part if best is None or part.value <= best.value else best
            base, rest = base + purse * weight, rest - weight
        if best is None:  # pragma: no cover  # floats found a price, so that a purse or the whole cost is near
            raise AssertionError("no way to buy was found near a price")
        return best

    def _take(self, project: int, part: Part) -> None:
        rows, _, purses = self._purses(project)
        exact = part.price / part.fraction
        price, now = float(exact), len(self.bought)
        gains = np.broadcast_to(np.asarray(self._gains(project, rows)), rows.shape)
        slack = NEAR * max(price, float(self.share)) + self.error
        empties, left = purses < price, {}
        for place in np.flatnonzero((np.abs(purses - price) <= slack) & (purses > 0)):
            row, gain = int(rows[place]), int(gains[place])
            money = self._purse_exact(row, now) - exact * gain
            empties[place] = money <= 0
            if money > 0:
                left[row] = money
        self.exact[now] = exact
        self.left -= self.rule.costs[project]
        emptied = rows[empties & (purses > 0)]
        self._pay(Bought(project, price, rows, purses, purses, emptied, 0), empties, left, price * 2**-53)
