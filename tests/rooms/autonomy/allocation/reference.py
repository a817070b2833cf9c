"""The rules once more, slow and obviously right: every voter alone, every number a fraction, no short cut."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

Gains = list[dict[str, Fraction]]


class Reference:
    """An election of single voters: costs by project, and what each voter gains from each."""

    def __init__(self, costs: Mapping[str, Fraction], gains: Gains, budget: Fraction, order: Sequence[str]) -> None:
        self.costs = dict(costs)
        self.gains = gains
        self.budget = budget
        self.order = {id_: rank for rank, id_ in enumerate(order)}
        self.backed = [p for p in sorted(costs, key=self.order.__getitem__) if any(g.get(p, 0) > 0 for g in gains)]
        self.free = [p for p in self.backed if costs[p] == 0]
        self.sold = [p for p in self.backed if costs[p] > 0]

    @property
    def share(self) -> Fraction:
        return self.budget / len(self.gains) if self.gains else Fraction(0)

    def total(self, projects: Sequence[str]) -> Fraction:
        return sum((self.costs[p] for p in projects), Fraction(0))

    def greedy(self, first: Sequence[str] = ()) -> list[str]:
        def key(p: str) -> tuple[int, Fraction, int]:
            gain = sum((g.get(p, Fraction(0)) for g in self.gains), Fraction(0))
            if p not in self.backed:
                return 1, Fraction(0), self.order[p]
            if self.costs[p] == 0:
                return -1, Fraction(0), self.order[p]
            return 0, -gain / self.costs[p], self.order[p]

        winners = list(first)
        for p in sorted((p for p in self.costs if p not in first), key=key):
            if self.total(winners) + self.costs[p] <= self.budget:
                winners.append(p)
        return winners

    def price(self, p: str, money: Sequence[Fraction]) -> Fraction | None:
        """The price with sum(min(money, price * gain)) = cost: try each purse as the last that is emptied."""
        purses = [(money[i] / g[p], i) for i, g in enumerate(self.gains) if g.get(p, 0) > 0]
        if sum((money[i] for _, i in purses), Fraction(0)) < self.costs[p]:
            return None
        for limit in sorted({purse for purse, _ in purses}):
            if sum((min(money[i], limit * self.gains[i][p]) for _, i in purses), Fraction(0)) >= self.costs[p]:
                poor = sum((money[i] for purse, i in purses if purse < limit), Fraction(0))
                rich = sum((self.gains[i][p] for purse, i in purses if purse >= limit), Fraction(0))
                return (self.costs[p] - poor) / rich
        return None

    def equal_shares(self, share: Fraction | None = None) -> list[str]:
        money = [self.share if share is None else share] * len(self.gains)
        winners = list(self.free)
        rest = list(self.sold)
        while True:
            offers = [(price, self.order[p], p) for p in rest if (price := self.price(p, money)) is not None]
            if not offers:
                return winners
            price, _, p = min(offers)
            money = [m - min(m, price * g.get(p, Fraction(0))) for m, g in zip(money, self.gains, strict=True)]
            rest.remove(p)
            winners.append(p)

    def exact_equal_shares(self, share: Fraction | None = None) -> tuple[list[str], list[tuple[int, ...]]]:
        money = [self.share if share is None else share] * len(self.gains)
        winners, payers_of = list(self.free), []
        rest = list(self.sold)
        while True:
            offers = []
            for p in rest:
                for limit in {money[i] / g[p] for i, g in enumerate(self.gains) if g.get(p, 0) > 0}:
                    payers = tuple(i for i, g in enumerate(self.gains) if g.get(p, 0) > 0 and money[i] / g[p] >= limit)
                    price = self.costs[p] / sum((self.gains[i][p] for i in payers), Fraction(0))
                    if price <= limit:
                        offers.append((price, self.order[p], p, payers))
            if not offers:
                return winners, payers_of
            price, _, p, payers = min(offers)
            for i in payers:
                money[i] -= price * self.gains[i][p]
            rest.remove(p)
            winners.append(p)
            payers_of.append(payers)

    def add_steps(self, run: str, step: Fraction, *, run_on: bool, limit: int = 2000) -> list[str] | None:
        share, kept = self.share, list(self.free)
        for _ in range(limit):
            found = getattr(self, run)(share)
            winners = found if isinstance(found, list) else found[0]
            if self.total(winners) > self.budget:
                return kept
            kept = winners
            rest = [p for p in self.sold if p not in winners]
            if not rest or (not run_on and all(self.total([*winners, p]) > self.budget for p in rest)):
                return kept
            share += step
        return None

    def bos(self) -> list[str]:
        money = [self.share] * len(self.gains)
        winners = list(self.free)
        rest = list(self.sold)
        while True:
            ways = []
            for p in rest:
                if self.total([*winners, p]) > self.budget:
                    continue
                backers = [i for i, g in enumerate(self.gains) if g.get(p, 0) > 0 and money[i] > 0]
                whole = self.price(p, money)
                prices = {money[i] / self.gains[i][p] for i in backers} | ({whole} if whole is not None else set())
                for price in prices:
                    paid = sum((min(money[i], price * self.gains[i][p]) for i in backers), Fraction(0))
                    part = min(Fraction(1), paid / self.costs[p])
                    if part > 0:
                        ways.append((price / part**2, -part, self.order[p], p, price))
            if not ways:
                return winners
            _, part, _, p, price = min(ways)
            money = [max(Fraction(0), m - price / -part * g.get(p, 0)) for m, g in zip(money, self.gains, strict=True)]
            rest.remove(p)
            winners.append(p)

    def phragmen(self) -> list[str]:
        loads = [Fraction(0)] * len(self.gains)
        winners: list[str] = []
        rest = [p for p in sorted(self.costs, key=self.order.__getitem__) if self.costs[p] <= self.budget]
        while rest:
            level = {}
            for p in rest:
                backers = [i for i, g in enumerate(self.gains) if g.get(p, 0) > 0]
                total = sum((loads[i] for i in backers), self.costs[p])
                level[p] = (0, total / len(backers)) if backers else (1, Fraction(0))
            due = [p for p in rest if level[p] == min(level.values())]
            if any(self.total([*winners, p]) > self.budget for p in due):
                break
            for i, g in enumerate(self.gains):
                if g.get(due[0], 0) > 0:
                    loads[i] = level[due[0]][1]
            winners.append(due[0])
            rest.remove(due[0])
        return winners
