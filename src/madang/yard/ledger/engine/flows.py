"""Where every won came from and where it went: totals between sources, funds, lines and uses.

Everything is exact and whole: what arrives at a stop is what leaves it. Movements both ways between the same two
are set off against each other, so each pair has one step, in the direction of what remains.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from madang.numerics.errors import EngineInputError

SPENT, COMMITTED, AVAILABLE, UNALLOCATED = "spent", "committed", "available", "unallocated"

# Its kind and its code.
Stop = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTotals:
    """A budget line, or several together [won].

    Attributes
    ----------
    fund : str
        Fund it belongs to.
    available_won, committed_won, spent_won : int
        Where its money is now.
    """

    fund: str
    available_won: int = 0
    committed_won: int = 0
    spent_won: int = 0

    @property
    def total_won(self) -> int:
        """What it was given."""
        return self.available_won + self.committed_won + self.spent_won


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTotals:
    """What is known of the money that a flow shows [won].

    Attributes
    ----------
    pools : mapping of str to int
        Unallocated money of every fund whose whole flow is shown.
    sources : mapping of (str, str) to int
        What each outside source gave to each of those funds.
    transfers : mapping of (str, str) to int
        What went from one holder (fund or line) to another, where they are of different funds.
    lines : mapping of str to LineTotals
        The lines that are shown. A line of a fund that is not in `pools` shows that fund as where its money came from.
    """

    pools: Mapping[str, int]
    sources: Mapping[tuple[str, str], int]
    transfers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    lines: Mapping[str, LineTotals]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """So much goes from one stop to another; a stop is a pair of its kind and its code."""

    giver: Stop
    taker: Stop
    won: int


def flow(totals: MoneyTotals) -> tuple[Step, ...]:
    """Return the steps from sources through funds and lines to where the money is now.

    Stops are ("source", code), ("giver", fund), ("fund", fund), ("line", line), ("taker", fund) and ("use", name). A
    giver is a fund of which only what it gave is shown; a taker one of which only what it took is.

    Raises
    ------
    EngineInputError
        If a fund's money does not add up: it gave more than came in, or holds other than what remains.

    Notes
    -----
    For each fund shown: sources + transfers in = lines + transfers out + unallocated.
    """
    drawn = _Drawing(totals)
    drawn.sources()
    drawn.transfers()
    drawn.lines()
    drawn.rest()
    return tuple(Step(giver=giver, taker=taker, won=won) for (giver, taker), won in drawn.steps.items() if won)


class _Drawing:
    """The steps drawn so far, what came to each fund and is not yet drawn as gone, and what its fund gave each line."""

    def __init__(self, totals: MoneyTotals) -> None:
        self.totals = totals
        self.steps: defaultdict[tuple[Stop, Stop], int] = defaultdict(int)
        self.left: defaultdict[str, int] = defaultdict(int)
        self.given = {name: line.total_won for name, line in totals.lines.items()}

    def sources(self) -> None:
        for (fund, source), won in self.totals.sources.items():
            self._add(("source", source), ("fund", fund), won)
            self.left[fund] += won

    def transfers(self) -> None:
        for (giver, taker), won in _net(self.totals.transfers).items():
            if not {giver, taker} & (self.totals.pools.keys() | self.totals.lines.keys()):
                continue
            self._add(self._stop(giver, "giver"), self._stop(taker, "taker"), won)
            for holder, change in ((giver, -won), (taker, won)):
                if holder in self.totals.pools:
                    self.left[holder] += change
                elif holder in self.given:
                    self.given[holder] -= change

    def lines(self) -> None:
        for name, line in self.totals.lines.items():
            fund = ("fund" if line.fund in self.totals.pools else "giver", line.fund)
            self._add(fund, ("line", name), self.given[name])
            self.left[line.fund] -= self.given[name]
            for use, won in ((SPENT, line.spent_won), (COMMITTED, line.committed_won), (AVAILABLE, line.available_won)):
                self._add(("line", name), ("use", use), won)

    def rest(self) -> None:
        for fund, held in self.totals.pools.items():
            if self.left[fund] != held:
                fault = f"fund {fund} holds {held} won where {self.left[fund]} remain"
                raise EngineInputError("flow_not_balanced", fault, {"fund": fund})
            self._add(("fund", fund), ("use", UNALLOCATED), held)

    def _stop(self, holder: str, otherwise: str) -> Stop:
        if holder in self.totals.pools:
            return ("fund", holder)
        return ("line" if holder in self.totals.lines else otherwise, holder)

    def _add(self, giver: Stop, taker: Stop, won: int) -> None:
        if won < 0:
            giver, taker, won = taker, giver, -won
        self.steps[(giver, taker)] += won


def _net(transfers: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    net: dict[tuple[str, str], int] = {}
    for (giver, taker), won in transfers.items():
        back = transfers.get((taker, giver), 0)
        if won > back:
            net[(giver, taker)] = won - back
    return net


def without_lines(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return a flow whose lines are seen as part of the fund of the same name, for an overview."""

    def seen(stop: Stop) -> Stop:
        return ("fund", stop[1]) if stop[0] == "line" else stop

    return _merged(steps, seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """A flow whose steps all go forward; `column` counts from 0."""

    steps: tuple[Step, ...]
    column: Mapping[Stop, int]


def arranged(steps: tuple[Step, ...]) -> Arranged:
    """Return every stop's column: as far right as the longest way to it, and what is at the end in the last one.

    Money that goes in a circle among three or more holders cannot be drawn forward; these are then seen as one: a
    giver, if one of which only the giving is shown is among them, else a fund.
    """
    column = _columns(steps)
    while column is None:
        circle = _circle(steps)
        name = "+".join(sorted(code for _kind, code in circle))
        # With a giver among them more leaves than is seen to come in: together they are one giver.
        kind = "giver" if any(stop[0] == "giver" for stop in circle) else "fund"

        def seen(stop: Stop, circle: frozenset[Stop] = circle, one: Stop = (kind, name)) -> Stop:
            return one if stop in circle else stop

        steps = _merged(steps, seen)
        column = _columns(steps)
    last = max(column.values(), default=0)
    ends = {stop: last for stop in column if stop[0] in {"use", "taker"}}
    return Arranged(steps=steps, column={**column, **ends})


def _merged(steps: tuple[Step, ...], seen: Callable[[Stop], Stop]) -> tuple[Step, ...]:
    sums: defaultdict[tuple[Stop, Stop], int] = defaultdict(int)
    for step in steps:
        giver, taker = seen(step.giver), seen(step.taker)
        if giver != taker:
            sums[(giver, taker)] += step.won
    net: list[Step] = []
    for (giver, taker), won in sums.items():
        left = won - sums.get((taker, giver), 0)
        if left > 0:
            net.append(Step(giver=giver, taker=taker, won=left))
    return tuple(net)


def _columns(steps: tuple[Step, ...]) -> dict[Stop, int] | None:
    stops = {stop: 0 for step in steps for stop in (step.giver, step.taker)}
    for _round in range(len(stops) + 1):
        moved = False
        for step in steps:
            if stops[step.taker] <= stops[step.giver]:
                stops[step.taker] = stops[step.giver] + 1
                moved = True
        if not moved:
            return stops
    return None


def _circle(steps: tuple[Step, ...]) -> frozenset[Stop]:
    """Return the stops of which each can be reached from itself and from the others."""
    after: dict[Stop, set[Stop]] = {}
    for step in steps:
        after.setdefault(step.giver, set()).add(step.taker)

    def reached(start: Stop) -> set[Stop]:
        found: set[Stop] = set()
        waiting = [start]
        while waiting:
            for stop in after.get(waiting.pop(), set()) - found:
                found.add(stop)
                waiting.append(stop)
        return found

    for stop in sorted(after):
        ways = reached(stop)
        if stop in ways:
            return frozenset(other for other in ways if stop in reached(other))
    return frozenset()
