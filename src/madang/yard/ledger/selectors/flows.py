"""Where every won of a place came from and where it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils.translation import gettext as _

from madang.yard.ledger.engine.flows import LineTotals, MoneyTotals, Step, Stop, arranged, flow, without_lines
from madang.yard.ledger.models import Account, AccountKind, Entry, EntryKind, Fund, FundLevel, RevenueSource
from madang.yard.ledger.selectors.balances import PlaceMoney, places_money, total
from madang.yard.people.selectors import place_names

_MOST_LINES = 7
_LINE_KINDS = {
    AccountKind.AVAILABLE: "available_won",
    AccountKind.COMMITTED: "committed_won",
    AccountKind.SPENT: "spent_won",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyStop:
    """A stop of the flow: `kind` is source, giver, fund, line, taker or use; `column` counts from 0."""

    kind: str
    code: str
    name: str
    column: int
    won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyStep:
    """So much goes from one stop to another [won]."""

    giver: MoneyStop
    taker: MoneyStop
    won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFlow:
    """The stops in order of their columns, and the steps between them."""

    stops: tuple[MoneyStop, ...]
    steps: tuple[MoneyStep, ...]

    @property
    def came_in(self) -> tuple[MoneyStop, ...]:
        """Where the money came from: outside sources, and funds of which only what they gave is shown."""
        return tuple(stop for stop in self.stops if stop.kind in {"source", "giver"})

    @property
    def came_in_won(self) -> int:
        """All that came in."""
        return sum(stop.won for stop in self.came_in)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFlow:
    """A place's money in one year: its flow and its totals.

    Attributes
    ----------
    place : str
        Its code; empty for the whole district.
    year : int
        Fiscal year.
    flow : MoneyFlow
        From sources to uses; what comes in is what goes out.
    money : PlaceMoney
        Totals.
    """

    place: str
    year: int
    flow: MoneyFlow
    money: PlaceMoney


@dataclass(frozen=True, slots=True, kw_only=True)
class _LineSum:
    code: str
    title: str
    fund: str
    place: str
    won: Mapping[str, int]

    @property
    def total_won(self) -> int:
        return sum(self.won.values())


def dong_money(place: str, year: int) -> PlaceFlow:
    """Return where every won of a dong (or of the district itself) came from and where it went in a year.

    Its own funds are shown whole; of other funds only what they gave to lines for this place. The largest lines stand
    by themselves, the others together.
    """
    funds = {fund.code: fund for fund in Fund.objects.all()}
    own = [code for code, fund in funds.items() if fund.place == place and fund.fiscal_year == year]
    lines = _lines_of(place, year, own)
    named = sorted((line for line in lines if line.place == place), key=lambda line: (-line.total_won, line.code))
    alone = {line.code for line in named[: _MOST_LINES if len(named) > _MOST_LINES + 1 else len(named)]}
    key = {line.code: _line_key(line, place, alone) for line in lines}
    pools, sources = _own_funds(own)
    totals = MoneyTotals(
        pools=pools,
        sources=sources,
        transfers=_transfers(year, {code: code for code in funds}, key),
        lines=_together(lines, key),
    )
    names = {("fund", code): fund.name for code, fund in funds.items()}
    names.update({("line", key[line.code]): line.title for line in lines if line.code in alone})
    money = places_money(year).get(place, PlaceMoney(place=place))
    return PlaceFlow(place=place, year=year, flow=_named(flow(totals), names), money=money)


def district_money(year: int) -> PlaceFlow:
    """Return the flow of the whole district in a year: outside sources, funds by level, and where the money is now."""
    funds = {fund.code: fund for fund in Fund.objects.all()}
    own = [code for code, fund in funds.items() if fund.fiscal_year == year]
    level = {code: fund.level if code in own else code for code, fund in funds.items()}
    lines = _lines_of("", year, own)
    pools: dict[str, int] = {}
    sources: dict[tuple[str, str], int] = {}
    single_pools, single_sources = _own_funds(own)
    for code, won in single_pools.items():
        pools[level[code]] = pools.get(level[code], 0) + won
    for (code, source), won in single_sources.items():
        sources[(level[code], source)] = sources.get((level[code], source), 0) + won
    sums: dict[str, dict[str, int]] = {}
    for line in lines:
        into = sums.setdefault(level[line.fund], {})
        for name, won in line.won.items():
            into[name] = into.get(name, 0) + won
    # What went between lines of two levels is seen as gone between the levels.
    totals = MoneyTotals(
        pools=pools,
        sources=sources,
        transfers=_transfers(year, level, {}),
        lines={name: LineTotals(fund=name, **won) for name, won in sums.items()},
    )
    steps = without_lines(flow(totals))
    names = {("fund", code): fund.name for code, fund in funds.items()}
    names.update({("fund", one.value): _level_name(one) for one in FundLevel})
    money = PlaceMoney(
        place="",
        unallocated_won=sum(pools.values()),
        appropriated_won=sum(line.total_won for line in lines),
        available_won=sum(line.won.get("available_won", 0) for line in lines),
        committed_won=sum(line.won.get("committed_won", 0) for line in lines),
        spent_won=sum(line.won.get("spent_won", 0) for line in lines),
        lines=len(lines),
    )
    return PlaceFlow(place="", year=year, flow=_named(steps, names), money=money)


def _level_name(level: FundLevel) -> str:
    names = {
        FundLevel.NATIONAL: _("National funds"),
        FundLevel.METROPOLITAN: _("Metropolitan funds"),
        FundLevel.DISTRICT: _("District funds"),
        FundLevel.DONG: _("Dong funds"),
        FundLevel.DONATION: _("Donation funds"),
    }
    return names[level]


def _own_funds(own: Sequence[str]) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Return unallocated money of funds, and what each source gave to each."""
    rows = Account.objects.filter(fund__code__in=own, line=None).values_list(
        "fund__code", "kind", "source", F("credits_won") - F("debits_won")
    )
    pools: dict[str, int] = {}
    sources: dict[tuple[str, str], int] = {}
    for fund, kind, source, won in rows:
        if kind == AccountKind.POOL:
            pools[fund] = won
        else:
            sources[(fund, source)] = -won
    return pools, sources


def _lines_of(place: str, year: int, own: Sequence[str]) -> list[_LineSum]:
    """Return the sums of the lines for a place, and of the lines of its own funds wherever they are for."""
    accounts = Account.objects.filter(fund__fiscal_year=year, line__isnull=False)
    if place:
        accounts = accounts.filter(Q(place=place) | Q(fund__code__in=own))
    rows = (
        accounts.order_by()
        .values_list("line__code", "line__title", "fund__code", "place", "kind")
        .annotate(held=total(F("credits_won") - F("debits_won")))
    )
    found: dict[str, tuple[str, str, str, dict[str, int]]] = {}
    for code, title, fund, where, kind, won in rows:
        found.setdefault(code, (title, fund, where, {}))[3][_LINE_KINDS[AccountKind(kind)]] = won
    return [
        _LineSum(code=code, title=title, fund=fund, place=where, won=won)
        for code, (title, fund, where, won) in sorted(found.items())
    ]


def _line_key(line: _LineSum, place: str, alone: set[str]) -> str:
    if line.place != place:
        return f"place:{line.fund}:{line.place}"
    return line.code if line.code in alone else f"rest:{line.fund}"


def _together(lines: Sequence[_LineSum], key: Mapping[str, str]) -> dict[str, LineTotals]:
    sums: dict[str, tuple[str, dict[str, int]]] = {}
    for line in lines:
        _fund, into = sums.setdefault(key[line.code], (line.fund, {}))
        for name, won in line.won.items():
            into[name] = into.get(name, 0) + won
    return {name: LineTotals(fund=fund, **won) for name, (fund, won) in sums.items()}


def _transfers(year: int, fund_key: Mapping[str, str], line_key: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """Return what went between holders of different funds; a line that is not shown counts as its fund."""
    entries = Entry.objects.filter(
        Q(kind=EntryKind.TRANSFER) | Q(kind=EntryKind.REVERSAL, reverses__kind=EntryKind.TRANSFER)
    ).filter(Q(debit__fund__fiscal_year=year) | Q(credit__fund__fiscal_year=year))
    rows = (
        entries.exclude(debit__fund=F("credit__fund"))
        .order_by()
        .values_list("debit__fund__code", "debit__line__code", "credit__fund__code", "credit__line__code")
        .annotate(won=total("amount_won"))
    )
    found: dict[tuple[str, str], int] = {}
    for debit_fund, debit_line, credit_fund, credit_line, won in rows:
        giver = line_key.get(debit_line) or fund_key[debit_fund]
        taker = line_key.get(credit_line) or fund_key[credit_fund]
        if giver != taker:
            found[(giver, taker)] = found.get((giver, taker), 0) + won
    return found


def _named(steps: tuple[Step, ...], names: Mapping[Stop, str]) -> MoneyFlow:
    """Return a flow with the names of its stops, in order of column and size."""
    drawn = arranged(steps)
    came: dict[Stop, int] = {}
    went: dict[Stop, int] = {}
    for step in drawn.steps:
        went[step.giver] = went.get(step.giver, 0) + step.won
        came[step.taker] = came.get(step.taker, 0) + step.won
    elsewhere = {code.rpartition(":")[2] for _kind, code in drawn.column if code.startswith("place:")}
    places = place_names(elsewhere) if elsewhere else {}
    stops = {
        stop: MoneyStop(
            kind=stop[0],
            code=stop[1],
            name=_stop_name(stop, names, places),
            column=column,
            won=max(came.get(stop, 0), went.get(stop, 0)),
        )
        for stop, column in drawn.column.items()
    }
    order = {use: place for place, use in enumerate(("spent", "committed", "available", "unallocated"))}
    in_order = sorted(stops.values(), key=lambda one: (one.column, order.get(one.code, 0), -one.won, one.code))
    return MoneyFlow(
        stops=tuple(in_order),
        steps=tuple(MoneyStep(giver=stops[one.giver], taker=stops[one.taker], won=one.won) for one in drawn.steps),
    )


def _stop_name(stop: Stop, names: Mapping[Stop, str], places: Mapping[str, str]) -> str:
    kind, code = stop
    if kind == "source":
        return str(RevenueSource(code).label)
    if kind == "use":
        uses = {"spent": _("Spent"), "committed": _("Committed"), "available": _("Available")}
        return uses.get(code) or _("Not yet allocated")
    if kind == "line":
        if code.startswith("place:"):
            place = code.rpartition(":")[2]
            return places.get(place, place)
        return names.get(stop) or _("Other lines")
    return " · ".join(names.get(("fund", part), part) for part in code.split("+"))
