"""The ledger, for programs: everyone reads; a token with the scope `write:ledger` enters."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.pagination import LimitOffsetPagination, paginate

from madang.yard.ledger.models import Account, BudgetLine, Entry, EntryKind, Fund
from madang.yard.ledger.selectors import (
    EntryFilter,
    LineFilter,
    account_get,
    accounts_list,
    audit_numbers,
    dong_money,
    entries_list,
    entry_get,
    funds_list,
    line_balances,
    line_of_code,
    trial_balance,
    year_shown,
)
from madang.yard.ledger.services import (
    CommitmentDraft,
    ExpenditureDraft,
    ReleaseDraft,
    ReversalDraft,
    commitment_enter,
    commitment_release,
    entry_reverse,
    expenditure_enter,
)
from madang.yard.people.api import TokenAuth
from madang.yard.people.selectors import request_actor
from madang.yard.people.services import Scope

router = Router()
_WRITER = TokenAuth(Scope.WRITE_LEDGER)


class FundOut(Schema):
    """A fund and what of it is not yet allocated."""

    code: str
    name_ko: str
    name_en: str
    level: str
    place: str
    fiscal_year: int
    unallocated_won: int


class LineOut(Schema):
    """A budget line and where its money is."""

    id: int
    code: str
    title: str
    place: str
    fund: str = Field(alias="fund.code")
    fiscal_year: int = Field(alias="fund.fiscal_year")
    programme: str = Field(alias="programme.code")
    owner: str
    origin: str
    origin_url: str
    appropriated_won: int
    available_won: int
    committed_won: int
    spent_won: int


class EntryOut(Schema):
    """A movement of won from the debit account to the credit account."""

    id: int
    journal: UUID
    kind: EntryKind
    date: dt.date
    amount_won: int
    debit: str = Field(alias="debit.code")
    credit: str = Field(alias="credit.code")
    memo: str
    reverses: int | None = Field(None, alias="reverses_id")
    entered_at: dt.datetime
    role: str


class EntryWhole(EntryOut):
    """An entry with the number of the audit record it was logged under."""

    audit_record: int | None


class BalanceOut(Schema):
    """An account and what it holds."""

    code: str
    kind: str
    fund: str = Field(alias="fund.code")
    line: str | None = Field(None, alias="line.code")
    place: str
    title: str
    debits_won: int
    credits_won: int
    balance_won: int


class KindOut(Schema):
    """The accounts of one kind together."""

    kind: str
    accounts: int
    debits_won: int
    credits_won: int
    balance_won: int


class TrialOut(Schema):
    """The trial balance; `sum_won` is zero in a sound ledger."""

    sum_won: int
    kinds: list[KindOut]


class StepOut(Schema):
    """So much went from one stop to another."""

    giver_kind: str
    giver: str
    taker_kind: str
    taker: str
    won: int


class FlowOut(Schema):
    """Where every won of a place came from and where it went."""

    place: str
    year: int
    came_in_won: int
    steps: list[StepOut]


@router.get("/funds", response=list[FundOut], summary="Funds, newest year first")
@paginate(LimitOffsetPagination)
def funds(request: HttpRequest, year: int | None = None) -> QuerySet[Fund]:  # noqa: ARG001  # ninja's signature
    """List funds with what they have not yet allocated."""
    return funds_list(year)


@router.get("/lines", response=list[LineOut], summary="Budget lines with their balances")
@paginate(LimitOffsetPagination)
def lines(  # one argument a filter of the address
    request: HttpRequest,  # noqa: ARG001
    place: str = "",
    year: int | None = None,
    fund: str = "",
    programme: str = "",
    q: str = "",
) -> QuerySet[BudgetLine]:
    """List budget lines by code; `place` takes in every place below it."""
    return line_balances(LineFilter(place=place, year=year, fund=fund, programme=programme, q=q))


@router.get("/lines/{code}", response=LineOut, summary="One budget line")
def line(request: HttpRequest, code: str) -> BudgetLine:  # noqa: ARG001
    """Return one budget line with its balances."""
    return line_of_code(code)


@router.get("/entries", response=list[EntryOut], summary="Entries, newest first")
@paginate(LimitOffsetPagination)
def entries(  # noqa: PLR0913  # one argument a filter of the address
    request: HttpRequest,  # noqa: ARG001
    place: str = "",
    year: int | None = None,
    line: str = "",
    kind: EntryKind | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> QuerySet[Entry]:
    """List entries that touch a place (or one below it), a year's funds or a line."""
    wanted = EntryFilter(place=place, year=year, line=line, kind=kind.value if kind else "", since=since, until=until)
    return entries_list(wanted)


@router.get("/entries/{int:entry_id}", response=EntryWhole, summary="One entry")
def entry(request: HttpRequest, entry_id: int) -> Entry:  # noqa: ARG001
    """Return one entry with its audit record."""
    return _whole(entry_get(entry_id))


@router.get("/balances", response=list[BalanceOut], summary="Accounts with their balances")
@paginate(LimitOffsetPagination)
def balances(request: HttpRequest, year: int | None = None) -> QuerySet[Account]:  # noqa: ARG001
    """List accounts by code; the balances of all add up to zero."""
    return accounts_list(year)


@router.get("/trial-balance", response=TrialOut, summary="Do the books add up?")
def trial(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """Return the totals of every kind of account."""
    found = trial_balance()
    return {"sum_won": found.sum_won, "kinds": list(found.kinds)}


@router.get("/flows/{place}", response=FlowOut, summary="Where every won of a place came from and went")
def flow(request: HttpRequest, place: str, year: int | None = None) -> dict[str, Any]:  # noqa: ARG001
    """Return the flow of a dong, or of the district itself, in a year."""
    found = dong_money(place, year_shown(year))
    steps = [
        {
            "giver_kind": step.giver.kind,
            "giver": step.giver.code,
            "taker_kind": step.taker.kind,
            "taker": step.taker.code,
            "won": step.won,
        }
        for step in found.flow.steps
    ]
    return {"place": place, "year": found.year, "came_in_won": found.flow.came_in_won, "steps": steps}


class CommitmentIn(Schema):
    """Money to be promised; the same `key` sent twice is entered once."""

    line: str
    title: str
    amount_won: int
    memo: str = ""
    date: dt.date | None = None
    key: str


class ReleaseIn(Schema):
    """What of a commitment is no longer needed; `commitment` is the code of its account."""

    commitment: str
    amount_won: int
    memo: str = ""
    date: dt.date | None = None
    key: str


class ExpenditureIn(Schema):
    """Money that was paid, from a commitment or straight from the line."""

    line: str
    commitment: str = ""
    amount_won: int
    memo: str = ""
    date: dt.date | None = None
    key: str


class ReversalIn(Schema):
    """Why an entry is undone."""

    memo: str
    key: str


@router.post("/commitments", response=EntryWhole, auth=_WRITER, summary="Promise money of a line")
def commit(request: HttpRequest, body: CommitmentIn) -> Entry:
    """Promise money; the entry's credit account is the commitment."""
    values = body.dict()
    draft = CommitmentDraft(line=line_of_code(values.pop("line")), **values)
    return _whole(commitment_enter(request_actor(request), draft))


@router.post("/releases", response=EntryWhole, auth=_WRITER, summary="Release money of a commitment")
def release(request: HttpRequest, body: ReleaseIn) -> Entry:
    """Make available again what a commitment no longer needs."""
    values = body.dict()
    draft = ReleaseDraft(commitment=account_get(values.pop("commitment")), **values)
    return _whole(commitment_release(request_actor(request), draft))


@router.post("/expenditures", response=EntryWhole, auth=_WRITER, summary="Enter a payment")
def spend(request: HttpRequest, body: ExpenditureIn) -> Entry:
    """Enter money that was paid."""
    values = body.dict()
    chosen = values.pop("commitment")
    commitment = account_get(chosen) if chosen else None
    draft = ExpenditureDraft(line=line_of_code(values.pop("line")), commitment=commitment, **values)
    return _whole(expenditure_enter(request_actor(request), draft))


@router.post("/entries/{int:entry_id}/reverse", response=EntryWhole, auth=_WRITER, summary="Undo an entry")
def reverse(request: HttpRequest, entry_id: int, body: ReversalIn) -> Entry:
    """Undo an entry by its exact mirror; both stay."""
    draft = ReversalDraft(entry=entry_get(entry_id), **body.dict())
    return _whole(entry_reverse(request_actor(request), draft))


def _whole(found: Entry) -> Entry:
    found.audit_record = audit_numbers([found]).get(found.journal)  # type: ignore[attr-defined]  # what the schema reads
    return found
