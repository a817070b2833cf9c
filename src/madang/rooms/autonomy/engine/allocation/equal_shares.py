"""Method of Equal Shares: voters get equal money and buy together what they gain from, cheapest gain first.

Exact and fast: floats only filter. Whatever they leave undecided (prices closer than a billionth, a purse that a price
all but empties, supporters whose money all but pays the cost) is settled in rationals.

References
----------
Peters, Pierczynski, Skowron (2021), Proportional Participatory Budgeting with Additive Utilities, arXiv:2008.13276.
"""

import heapq
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from madang.rooms.autonomy.engine.allocation.outcome import Outcome, Purchase
from madang.rooms.autonomy.engine.allocation.support import Floats, Support
from madang.rooms.autonomy.engine.election import Election, Indices, Integers

NEAR = 1e-9
_SUM_ERROR = 3e-14
_ERROR_LIMIT = 1e-11
_COMPACT = 0.7
_STEPS = 200

Flags = NDArray[np.bool_]


def _dot(one: Floats, other: Floats) -> float:
    """Return a scalar product without the threads of a linear-algebra library: they cost more than they bring here."""
    return float(np.einsum("i,i->", one, other))


class Offer(NamedTuple):
    """What a project would cost now for each unit of gain, with its error; final where it comes with purses."""

    price: float
    error: float
    purses: tuple[Indices, Floats, Floats] | None = None


class Settled(NamedTuple):
    """The exact price of a project, and which of its supporters it empties."""

    price: Any
    empties: Flags
    left: dict[int, Any]


class Bought(NamedTuple):
    """A purchase as the run remembers it."""

    project: int
    price: float
    rows: Indices
    before: Floats
    after: Floats
    emptied: Indices
    weight: int


class EqualShares:
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
        supported = [p for p, total in enumerate(support.totals) if support.backers[p] and total]
        free = [p for p, cost in enumerate(self.costs) if cost == 0 and support.backers[p]]
        self.free = tuple(sorted(free, key=lambda p: ranks[p]))
        self.sold = tuple(p for p in supported if self.costs[p] > 0)

    def run(self, share: Fraction) -> Outcome:
        """Return what the voters buy when each begins with a share [1/unit of currency]."""
        return Run(self, share).outcome()

    def buys(self, share: Fraction, project: int) -> bool:
        """Return whether a run buys a project; it ends as soon as that is known."""
        return project in self.free or Run(self, share).buys(project)


class Run:
    """One run: the voters' money as floats, the purchases so far, and exact prices where they were asked for.

    Notes
    -----
    The exact money of a voter who has not been emptied is the share less the exact prices of all that the voter
    bought. A purchase therefore needs only counts of voters to be settled exactly, not a rational for each voter.
    """

    def __init__(self, rule: EqualShares, share: Fraction) -> None:
        self.rule = rule
        self.share = mpq(share.numerator, share.denominator)
        classes = rule.support.classes
        self.money: Floats = np.full(classes, float(self.share))
        self.errors: Floats = np.full(classes, float(self.share) * 2**-53)
        self.error = float(self.share) * 2**-53
        self.bought: list[Bought] = []
        self.exact: dict[int, Any] = {}
        self.columns: dict[int, tuple[Indices, Floats, Integers | None]] = {}
        self.last: dict[int, float] = {}

    def outcome(self) -> Outcome:
        """Buy until nothing is affordable."""
        rule, heap = self.rule, self._heap()
        while self.money.any() and (winner := self._next(heap)) is not None:
            self._buy(*winner)
        return Outcome(
            winners=(*rule.free, *(bought.project for bought in self.bought)),
            purchases=tuple(
                Purchase(project=b.project, price=b.price, rows=b.rows, before=b.before, after=b.after)
                for b in self.bought
            ),
            share=Fraction(int(self.share.numerator), int(self.share.denominator)),
        )

    def buys(self, project: int) -> bool:
        """Buy until a project is bought, or its supporters clearly cannot pay for it any more."""
        heap, cost = self._heap(), self.rule.costs[project]
        support, where = self.rule.support, self.rule.support.column(project)
        rows, counts = support.rows[where], support.counts[where].astype(np.float64)
        while self.money.any() and _dot(self.money[rows], counts) >= cost * (1 - NEAR):
            winner = self._next(heap)
            if winner is None or winner[0] == project:
                return winner is not None
            self._buy(*winner)
        return False

    def _heap(self) -> list[tuple[float, int, int]]:
        """Return the projects with what bounds their prices at the beginning."""
        rule, support = self.rule, self.rule.support
        heap = [
            (rule.costs[p] / support.totals[p] / support.factors[p] * (1 - NEAR), rule.ranks[p], p) for p in rule.sold
        ]
        heapq.heapify(heap)
        return heap

    def _next(self, heap: list[tuple[float, int, int]]) -> tuple[int, Offer] | None:
        """Take the project with the lowest price off the heap; prices only rise, so old ones bound new ones."""
        seen: list[tuple[float, float, int, Offer]] = []
        ceiling = float("inf")
        while heap and heap[0][0] <= ceiling:
            _, _, project = heapq.heappop(heap)
            offer = self._offer(project, ceiling)
            if offer is None:
                continue
            factor = self.rule.support.factors[project]
            slack = max(offer.error, NEAR * offer.price)
            low, high = (offer.price - slack) / factor, (offer.price + slack) / factor
            seen.append((low, high, project, offer))
            if offer.purses:
                ceiling = min(ceiling, high)
        close = [(project, offer) for low, _, project, offer in seen if low <= ceiling and offer.purses]
        winner = self._closest(close) if len(close) > 1 else (close[0] if close else None)
        for low, _, project, _ in seen:
            if winner is None or project != winner[0]:
                heapq.heappush(heap, (low, self.rule.ranks[project], project))
        return winner

    def _closest(self, close: list[tuple[int, Offer]]) -> tuple[int, Offer]:
        """Return the project with the lowest exact price; equals in their order."""
        factors = self.rule.support.factors
        exact = []
        for project, offer in close:
            settled = self.settle(project, offer.price)
            if settled is not None:
                exact.append((settled.price / factors[project], self.rule.ranks[project], project, offer))
        _, _, project, offer = min(exact)
        return project, offer

    def _column(self, project: int) -> tuple[Indices, Floats, Integers | None]:
        found = self.columns.get(project)
        if found is None:
            support, where = self.rule.support, self.rule.support.column(project)
            gains = None if support.gains is None else support.gains[where]
            found = self.columns[project] = (support.rows[where], support.weights[where], gains)
        return found

    def _purses(self, project: int) -> tuple[Indices, Floats, Floats]:
        """Return supporters, weights and the money of each for each unit of gain; who is empty may be left out."""
        rows, weights, gains = self._column(project)
        money = self.money[rows]
        if np.count_nonzero(money) < _COMPACT * len(rows):
            kept = money > 0
            rows, weights, money = rows[kept], weights[kept], money[kept]
            gains = None if gains is None else gains[kept]
            self.columns[project] = (rows, weights, gains)
        return rows, weights, money if gains is None else money / gains

    def _offer(self, project: int, ceiling: float) -> Offer | None:
        """Return the price of a project, or None when its supporters cannot pay for it any more.

        The price solves sum(weight * min(purse, price)) = cost. The sum is concave in the price, so that Newton's
        steps from below rise to the solution, and may stop when the ceiling is passed.
        """
        found = self._purses(project)
        _, weights, purses = found
        cost, whole = self.rule.costs[project], float(weights.sum())
        factor = self.rule.support.factors[project]
        if not len(purses):
            return None
        price, error, before = self.last.get(project, cost / whole), cost / whole * _SUM_ERROR, -1
        for _ in range(_STEPS):
            poor = purses < price
            number = int(np.count_nonzero(poor))
            if number == before:
                break
            if number == len(purses):
                return self._scarce(project, found)
            weight = weights * poor
            rich = whole - float(weight.sum())
            price = (cost - _dot(weight, purses)) / rich
            error = ((whole - rich) * self.error + _SUM_ERROR * cost) / rich
            before = number
            self.last[project] = (price - error) * (1 - _SUM_ERROR)
            if (price - max(error, NEAR * price)) / factor > ceiling:
                return Offer(price, error)
        if float(purses.max()) <= price + max(error, NEAR * price):
            return self._scarce(project, found)
        return Offer(price, error, found)

    def _scarce(self, project: int, found: tuple[Indices, Floats, Floats]) -> Offer | None:
        """Decide about a project that would take all that its supporters have."""
        _, weights, purses = found
        cost = self.rule.costs[project]
        missing = cost - _dot(weights, purses)
        if missing > float(weights.sum()) * self.error + _SUM_ERROR * cost + NEAR * cost:
            return None
        settled = self.settle(project, float(purses.max()))
        return None if settled is None else Offer(float(settled.price), float(settled.price) * _SUM_ERROR, found)

    def _buy(self, project: int, offer: Offer) -> None:
        rows, weights, purses = offer.purses or self._purses(project)
        price, error = offer.price, offer.error
        slack = NEAR * max(price, float(self.share)) + error
        empties = purses < price
        limit = _ERROR_LIMIT * float(self.share)
        if error > limit:
            poor = weights * empties
            error = _dot(poor, self.errors[rows]) + _SUM_ERROR * self.rule.costs[project]
            error /= float(weights.sum() - poor.sum())
        if error > limit or np.count_nonzero(purses < price - slack) < np.count_nonzero(purses <= price + slack):
            settled = self.settle(project, price)
            if settled is None:  # pragma: no cover  # an offer is made only where the supporters can pay
                raise AssertionError("an offer could not be settled")
            self.exact[len(self.bought)] = settled.price
            price, empties, left = float(settled.price), settled.empties, settled.left
            error = price * 2**-53
        else:
            left = {}
        weight = int(weights[~empties].sum())
        emptied = rows[empties & (purses > 0)]
        self._pay(Bought(project, price, rows, purses, purses, emptied, weight), empties, left, error)

    def _pay(self, bought: Bought, empties: Flags, left: dict[int, Any], error: float) -> None:
        """Take the money of those who are not emptied, and all of those who are."""
        rows, before, gains = bought.rows, self.money[bought.rows], self._gains(bought.project, bought.rows)
        kept = ~empties
        after = before - bought.price * gains
        after *= kept
        errors = self.errors[rows]
        errors += error * gains + float(self.share) * 2**-52
        errors *= kept
        if left:
            places = np.searchsorted(rows, np.fromiter(left, dtype=np.int32, count=len(left)))
            after[places] = [float(money) for money in left.values()]
            errors[places] = after[places] * 2**-53
        self.money[rows] = after
        self.errors[rows] = errors
        self.error = max(self.error, float(errors.max(initial=0.0)))
        self.bought.append(bought._replace(before=before, after=after))

    def _gains(self, project: int, rows: Indices) -> Any:  # noqa: ANN401  # an array, or one for all
        support = self.rule.support
        if support.gains is None:
            return 1
        where = support.column(project)
        return support.gains[where][np.searchsorted(support.rows[where], rows)]

    # What follows is exact.

    def price_exact(self, number: int) -> Any:  # noqa: ANN401  # mpq
        """Return the exact price for each unit of gain of a purchase."""
        for earlier in range(number + 1):
            if earlier not in self.exact:
                bought = self.bought[earlier]
                poor = self._money_exact(bought.emptied, earlier)
                self.exact[earlier] = (self.rule.costs[bought.project] - poor) / bought.weight
        return self.exact[number]

    def _money_exact(self, rows: Indices, number: int) -> Any:  # noqa: ANN401
        """Return what voters who were never emptied had together before a purchase."""
        ballots, row_gains = self.rule.election.ballots, self.rule.support.row_gains
        begins, counts = ballots.starts[rows], ballots.counts[rows]
        lengths = ballots.starts[rows + 1] - begins
        ends = np.cumsum(lengths)
        places = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(begins - ends + lengths, lengths)
        weights = np.repeat(counts, lengths)
        if row_gains is not None:
            weights = weights * row_gains[places]
        # Whole numbers far below 2^53, so that floats add them up exactly.
        shares = np.bincount(ballots.choices[places], weights=weights, minlength=len(self.rule.costs))
        money = self.share * int(counts.sum())
        for earlier in range(number):
            share = int(shares[self.bought[earlier].project])
            if share:
                money -= self.price_exact(earlier) * share
        return money

    def _purse_exact(self, row: int, number: int) -> Any:  # noqa: ANN401
        """Return what one voter who was never emptied had before a purchase."""
        ballots = self.rule.election.ballots
        chosen = set(ballots.choices[ballots.starts[row] : ballots.starts[row + 1]].tolist())
        money = self.share
        for earlier in range(number):
            project = self.bought[earlier].project
            if project in chosen:
                money -= self.price_exact(earlier) * self._gain_of(project, row)
        return money

    def _gain_of(self, project: int, row: int) -> int:
        support, where = self.rule.support, self.rule.support.column(project)
        if support.gains is None:
            return 1
        place = int(np.searchsorted(support.rows[where], row))
        found = place < where.stop - where.start and int(support.rows[where][place]) == row
        return int(support.gains[where][place]) if found else 0

    def settle(self, project: int, near: float) -> Settled | None:
        """Return the exact price of a project, or None when its supporters cannot pay for it.

        Parameters
        ----------
        project : int
            The project.
        near : float
            Its price as floats have it.
        """
        rows, _, purses = self._purses(project)
        gains = np.broadcast_to(np.asarray(self._gains(project, rows)), rows.shape)
        counts = self.rule.election.ballots.counts[rows]
        slack = NEAR * max(near, float(self.share)) + self.error
        empty = purses == 0
        poor = (purses < near - slack) & ~empty
        close = np.flatnonzero((np.abs(purses - near) <= slack) & ~empty)
        now = len(self.bought)
        owed = self.rule.costs[project] - self._money_exact(rows[poor], now)
        weight = int((counts * gains)[~poor & ~empty].sum())
        purse = {int(place): self._purse_exact(int(rows[place]), now) / int(gains[place]) for place in close}
        emptied = poor | empty
        price = owed / weight if weight else None
        for place in sorted(purse, key=lambda place: purse[place]):
            if price is None or purse[place] >= price:
                break
            owed -= purse[place] * int(counts[place] * gains[place])
            weight -= int(counts[place] * gains[place])
            emptied[place] = True
            price = owed / weight if weight else None
        if price is None:
            return None
        for place, held in purse.items():
            emptied[place] |= held <= price
        left = {int(rows[place]): (held - price) * int(gains[place]) for place, held in purse.items() if held > price}
        return Settled(price, emptied, left)
