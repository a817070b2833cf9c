"""What stands where: lines, places and the whole."""

from dataclasses import dataclass

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.yard.ledger.models import Account, AccountKind, BudgetLine, Entry, EntryKind, Fund, Programme


def total(amount: Combinable | str, condition: Q | None = None) -> Coalesce:
    """Return a sum of won as a whole number, 0 where there is nothing (PostgreSQL sums to a decimal)."""
    return Coalesce(Cast(Sum(amount, filter=condition), BigIntegerField()), 0)


def _held(kind: AccountKind | None) -> Coalesce:
    condition = None if kind is None else Q(accounts__kind=kind)
    return total(F("accounts__credits_won") - F("accounts__debits_won"), condition)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFilter:
    """Which lines; an empty value asks for nothing.

    Attributes
    ----------
    place : str
        Code of a place; its own lines and those of every place below it.
    exact : bool
        Only the place's own lines.
    year : int or None
        Fiscal year.
    fund, programme, room : str
        Codes.
    q : str
        Words of title, owner or code.
    """

    place: str = ""
    exact: bool = False
    year: int | None = None
    fund: str = ""
    programme: str = ""
    room: str = ""
    q: str = ""


def line_balances(wanted: LineFilter) -> QuerySet[BudgetLine]:
    """Return lines with `appropriated_won`, `available_won`, `committed_won` and `spent_won`, by code.

    What was appropriated is the sum of the other three: a line's money is always in one of them.
    """
    lines = BudgetLine.objects.select_related("fund", "programme")
    if wanted.place:
        lines = lines.filter(place=wanted.place) if wanted.exact else lines.filter(place__startswith=wanted.place)
    if wanted.year is not None:
        lines = lines.filter(fund__fiscal_year=wanted.year)
    exact = {"fund__code": wanted.fund, "programme__code": wanted.programme, "programme__room": wanted.room}
    lines = lines.filter(**{name: value for name, value in exact.items() if value})
    for word in wanted.q.split():
        lines = lines.filter(Q(title__icontains=word) | Q(owner__icontains=word) | Q(code__icontains=word))
    return lines.annotate(
        appropriated_won=_held(None),
        available_won=_held(AccountKind.AVAILABLE),
        committed_won=_held(AccountKind.COMMITTED),
        spent_won=_held(AccountKind.SPENT),
    ).order_by("code")


def line_get(line_id: int) -> BudgetLine:
    """Return one line with its balances.

    Raises
    ------
    NotFound
        If there is none with this number.
    """
    line = line_balances(LineFilter()).filter(pk=line_id).first()
    if line is None:
        raise NotFound("line_unknown", _("There is no budget line with this number."), {"line": line_id})
    return line


def line_of_code(code: str) -> BudgetLine:
    """Return one line with its balances.

    Raises
    ------
    NotFound
        If there is none with this code.
    """
    line = line_balances(LineFilter()).filter(code=code).first()
    if line is None:
        raise NotFound("line_unknown", _("There is no budget line with this code."), {"line": code}, field="line")
    return line


def account_get(code: str) -> Account:
    """Return one account with its line and fund.

    Raises
    ------
    NotFound
        If there is none with this code.
    """
    account = Account.objects.select_related("fund", "line__fund").filter(code=code).first()
    if account is None:
        raise NotFound("account_unknown", _("There is no account with this code."), {"account": code})
    return account


def accounts_list(year: int | None = None) -> QuerySet[Account]:
    """Return accounts with their funds and lines, by code, of one year's funds or of all."""
    accounts = Account.objects.select_related("fund", "line").order_by("code")
    return accounts if year is None else accounts.filter(fund__fiscal_year=year)


def funds_list(year: int | None = None) -> QuerySet[Fund]:
    """Return funds with `unallocated_won`, newest year first."""
    funds = Fund.objects.annotate(
        unallocated_won=total(F("accounts__credits_won") - F("accounts__debits_won"), Q(accounts__kind="pool"))
    )
    return funds if year is None else funds.filter(fiscal_year=year)


def commitments_of(line: BudgetLine) -> QuerySet[Account]:
    """Return a line's commitments, oldest first, each with `held_won` (neither paid nor released) and `paid_won`."""
    accounts = Account.objects.filter(line=line, kind=AccountKind.COMMITTED)
    paid = Entry.objects.filter(debit=OuterRef("pk"), kind=EntryKind.EXPENDITURE, reversed_by=None)
    sums = paid.order_by().values("debit").annotate(won=total("amount_won")).values("won")
    return accounts.annotate(
        held_won=F("credits_won") - F("debits_won"), paid_won=Coalesce(Subquery(sums), 0)
    ).order_by("pk")


def commitments_open(line: BudgetLine) -> QuerySet[Account]:
    """Return those of a line's commitments that still hold money, oldest first."""
    return commitments_of(line).filter(credits_won__gt=F("debits_won"))


def funds_of(place: str, year: int) -> list[tuple[str, str]]:
    """Return code and name of the funds that pay for a place's lines in a year."""
    funds = Fund.objects.filter(lines__place=place, fiscal_year=year).distinct().order_by("code")
    return [(fund.code, fund.name) for fund in funds]


def programmes_of(place: str, year: int) -> list[tuple[str, str]]:
    """Return code and name of the programmes that a place's lines of a year belong to."""
    lines = {"lines__place": place, "lines__fund__fiscal_year": year}
    return [(one.code, one.name) for one in Programme.objects.filter(**lines).distinct().order_by("code")]


def fiscal_years() -> list[int]:
    """Return the years that have funds, newest first."""
    return list(Fund.objects.order_by("-fiscal_year").values_list("fiscal_year", flat=True).distinct())


def year_shown(asked: int | None = None) -> int:
    """Return the year that a page shows: the one asked for, else this year's or the newest that has a fund."""
    if asked is not None:
        return asked
    now, years = timezone.localdate().year, fiscal_years()
    return now if now in years or not years else years[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMoney:
    """The money of one place in one year [won].

    Attributes
    ----------
    place : str
        Its code.
    unallocated_won : int
        What its own funds have not yet appropriated.
    appropriated_won, available_won, committed_won, spent_won : int
        What the lines for this place were given, and where it is.
    lines : int
        How many lines there are.
    """

    place: str
    unallocated_won: int = 0
    appropriated_won: int = 0
    available_won: int = 0
    committed_won: int = 0
    spent_won: int = 0
    lines: int = 0


def places_money(year: int) -> dict[str, PlaceMoney]:
    """Return the money of every place that has any in a year, by code."""
    rows = (
        Account.objects.filter(fund__fiscal_year=year)
        .exclude(kind=AccountKind.SOURCE)
        .order_by()
        .values_list("place", "kind")
        .annotate(held=total(F("credits_won") - F("debits_won")))
    )
    held: dict[str, dict[str, int]] = {}
    for place, kind, won in rows:
        held.setdefault(place, {})[kind] = won
    lines = BudgetLine.objects.filter(fund__fiscal_year=year)
    count = dict(lines.order_by().values_list("place").annotate(count=Count("pk")))
    return {place: _place_money(place, kinds, count.get(place, 0)) for place, kinds in sorted(held.items())}


def _place_money(place: str, kinds: dict[str, int], lines: int) -> PlaceMoney:
    available, committed, spent = (
        kinds.get(kind, 0) for kind in (AccountKind.AVAILABLE, AccountKind.COMMITTED, AccountKind.SPENT)
    )
    return PlaceMoney(
        place=place,
        unallocated_won=kinds.get(AccountKind.POOL, 0),
        appropriated_won=available + committed + spent,
        available_won=available,
        committed_won=committed,
        spent_won=spent,
        lines=lines,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTotal:
    """The accounts of one kind together [won]."""

    kind: AccountKind
    accounts: int
    debits_won: int
    credits_won: int

    @property
    def balance_won(self) -> int:
        """What they hold."""
        return self.credits_won - self.debits_won


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """Every kind of account; the balances of all add up to zero, since every won came from a source."""

    year: int | None
    kinds: tuple[KindTotal, ...]

    @property
    def sum_won(self) -> int:
        """The sum of all balances: zero in a sound ledger that is looked at as a whole."""
        return sum(total.balance_won for total in self.kinds)


def trial_balance(year: int | None = None) -> TrialBalance:
    """Return the totals of every kind of account, of one year's funds or of all.

    A single year adds up to what was carried into it or out of it by transfers between years.
    """
    accounts = Account.objects.all() if year is None else Account.objects.filter(fund__fiscal_year=year)
    sums = (
        accounts.order_by()
        .values_list("kind")
        .annotate(accounts=Count("pk"), debits=total("debits_won"), credits=total("credits_won"))
    )
    found = {kind: (count, debits, credits_) for kind, count, debits, credits_ in sums}
    kinds = []
    for kind in AccountKind:
        count, debits, credits_ = found.get(kind, (0, 0, 0))
        kinds.append(KindTotal(kind=kind, accounts=count, debits_won=debits, credits_won=credits_))
    return TrialBalance(year=year, kinds=tuple(kinds))
