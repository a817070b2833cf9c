"""What the services are asked to write: one frozen dataclass a use case."""

import datetime as dt
from dataclasses import dataclass

from madang.yard.ledger.models import Account, BudgetLine, Entry, Fund, FundLevel, Programme, RevenueSource


@dataclass(frozen=True, slots=True, kw_only=True)
class FundDraft:
    """A fund to open.

    Attributes
    ----------
    code : str
        Its code, the same for ever.
    name_ko, name_en : str
        Its names.
    level : FundLevel
        Whose money it holds.
    place : str
        Code of the district or dong that keeps it.
    fiscal_year : int
        The year it belongs to.
    """

    code: str
    name_ko: str
    name_en: str = ""
    level: FundLevel
    place: str
    fiscal_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeDraft:
    """A programme to open; `room` and `pledge` are empty for ordinary administration."""

    code: str
    name_ko: str
    name_en: str = ""
    room: str = ""
    pledge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """A budget line to open.

    Attributes
    ----------
    fund : Fund
        Where its money comes from.
    place : str
        Code of the dong or district it is spent for.
    programme : Programme
        What it is spent on.
    title : str
        What a resident calls it.
    owner : str
        The office or team that answers for it; never a person's name.
    origin : str
        What decided it, such as an agenda item's reference.
    origin_url : str
        Address of that on this site, beginning with "/".
    code : str
        Its code; made from the fund's if empty.
    """

    fund: Fund
    place: str
    programme: Programme
    title: str
    owner: str = ""
    origin: str = ""
    origin_url: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDraft:
    """What every movement of money has.

    Attributes
    ----------
    amount_won : int
        How much [won].
    memo : str
        What for; never personal data.
    date : date or None
        The day it happened; today in Seoul if None.
    key : str
        The client's own number of the request: sent twice, it is entered once.
    """

    amount_won: int
    memo: str = ""
    date: dt.date | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueDraft(MoneyDraft):
    """Money that comes into a fund from outside the ledger."""

    fund: Fund
    source: RevenueSource


@dataclass(frozen=True, slots=True, kw_only=True)
class AppropriationDraft(MoneyDraft):
    """Money of a line's fund that is set apart for the line."""

    line: BudgetLine


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDraft(MoneyDraft):
    """Money that goes from fund to fund, from line to line, or from a line back to its fund."""

    giver: Fund | BudgetLine
    taker: Fund | BudgetLine


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentDraft(MoneyDraft):
    """Money of a line that is promised by contract or decision; `title` says to what."""

    line: BudgetLine
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDraft(MoneyDraft):
    """What of a commitment is no longer needed."""

    commitment: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenditureDraft(MoneyDraft):
    """Money paid out, from a commitment or, where `commitment` is None, from what the line has available."""

    line: BudgetLine
    commitment: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalDraft:
    """An entry to be undone by its mirror; `memo` says why."""

    entry: Entry
    memo: str
    date: dt.date | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDraft:
    """A budget file to read in: its name, its bytes, and whether this is only a rehearsal."""

    file: str
    data: bytes
    dry_run: bool = False
