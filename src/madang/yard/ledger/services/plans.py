"""Understanding a budget file against what stands in the ledger, row by row, before anything is written."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.models import F, Sum

from madang.numerics.errors import DomainError, InputError, PermissionDenied, Place
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.ledger.formats.ledger_csv import BudgetFile, BudgetRow
from madang.yard.ledger.models import (
    Account,
    AccountKind,
    BudgetLine,
    EntryKind,
    Fund,
    FundLevel,
    Programme,
    RevenueSource,
)
from madang.yard.ledger.services import checks
from madang.yard.ledger.services.drafts import FundDraft, LineDraft, ProgrammeDraft
from madang.yard.ledger.services.funds import fund_checked, programme_checked, same_fund, same_programme
from madang.yard.ledger.services.lines import Holder, fund_of, line_checked, same_line, transfer_allowed
from madang.yard.ledger.services.refusals import shortfall

# What a draft calls a field and what the file calls the column.
_COLUMNS = {"name_ko": "name", "title": "name", "fiscal_year": "year", "taker": "to"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An entry to be made between two holders, or from a source to a fund."""

    row: BudgetRow
    kind: EntryKind
    giver: Holder | RevenueSource
    taker: Holder
    date: dt.date
    memo: str


class BudgetPlan:
    """What a budget file asks for: new funds, programmes and lines (unsaved), and entries in order."""

    def __init__(self, actor: Actor, budget: BudgetFile) -> None:
        self.budget = budget
        self.new_funds: list[Fund] = []
        self.new_programmes: list[Programme] = []
        self.new_lines: list[BudgetLine] = []
        self.wishes: list[Wish] = []
        self._actor = actor
        self._funds: dict[str, Fund] = {fund.code: fund for fund in Fund.objects.all()}
        self._programmes: dict[str, Programme] = {one.code: one for one in Programme.objects.all()}
        self._lines: dict[str, BudgetLine] = {line.code: line for line in BudgetLine.objects.select_related("fund")}
        self._held_won = _held_won()
        self._places: set[str] = set()
        read = {
            "fund": self._fund,
            "programme": self._programme,
            "revenue": self._revenue,
            "line": self._line,
            "transfer": self._transfer,
        }
        for row in budget.rows:
            with self._beside(row):
                read[row.row](row)

    def _fund(self, row: BudgetRow) -> None:
        values = row.values
        require(self._actor, Action.LEDGER_IMPORT, place=values["place"])
        self._check_place(values["place"])
        draft = FundDraft(
            code=values["code"],
            name_ko=values["name"],
            name_en=values["name_en"],
            level=FundLevel(values["level"]),
            place=values["place"],
            fiscal_year=row.year,
        )
        wanted = fund_checked(draft)
        standing = self._funds.get(wanted.code)
        if standing is not None:
            same_fund(standing, wanted)
            return
        self._funds[wanted.code] = wanted
        self.new_funds.append(wanted)

    def _programme(self, row: BudgetRow) -> None:
        values = row.values
        draft = ProgrammeDraft(
            code=values["code"],
            name_ko=values["name"],
            name_en=values["name_en"],
            room=values["room"],
            pledge=values["pledge"],
        )
        wanted = programme_checked(draft)
        standing = self._programmes.get(wanted.code)
        if standing is not None:
            same_programme(standing, wanted)
            return
        self._programmes[wanted.code] = wanted
        self.new_programmes.append(wanted)

    def _revenue(self, row: BudgetRow) -> None:
        fund = self._known_fund(row, "fund")
        require(self._actor, Action.LEDGER_IMPORT, place=fund.place)
        self._wish(row, EntryKind.REVENUE, RevenueSource(row.values["source"]), fund)

    def _line(self, row: BudgetRow) -> None:
        values = row.values
        fund = self._known_fund(row, "fund")
        require(self._actor, Action.LEDGER_IMPORT, place=fund.place)
        self._check_place(values["place"])
        programme = self._programmes.get(values["programme"])
        if programme is None:
            raise self._unknown(row, "programme", "programme")
        draft = LineDraft(
            fund=fund,
            place=values["place"],
            programme=programme,
            title=values["name"],
            owner=values["owner"],
            origin=values["origin"],
            code=values["code"],
        )
        wanted = line_checked(draft)
        line = self._lines.get(wanted.code)
        if line is not None:
            same_line(line, wanted)
        else:
            line = self._lines[wanted.code] = wanted
            self.new_lines.append(line)
        if row.amount_won:
            self._wish(row, EntryKind.APPROPRIATION, fund, line)

    def _transfer(self, row: BudgetRow) -> None:
        giver, taker = self._known_holder(row, "from"), self._known_holder(row, "to")
        require(self._actor, Action.LEDGER_IMPORT, place=giver.place)
        require(self._actor, Action.LEDGER_IMPORT, place=taker.place)
        transfer_allowed(giver, taker)
        self._wish(row, EntryKind.TRANSFER, giver, taker)

    def _wish(self, row: BudgetRow, kind: EntryKind, giver: Holder | RevenueSource, taker: Holder) -> None:
        years = {fund_of(taker).fiscal_year}
        if not isinstance(giver, RevenueSource):
            years.add(fund_of(giver).fiscal_year)
            held = self._held_won.get(_held_key(giver), 0)
            if held < row.amount_won:
                of = AccountKind.POOL if isinstance(giver, Fund) else AccountKind.AVAILABLE
                raise shortfall(kind, Account(code=giver.code, kind=of), held, row.amount_won)
            self._held_won[_held_key(giver)] = held - row.amount_won
        self._held_won[_held_key(taker)] = self._held_won.get(_held_key(taker), 0) + row.amount_won
        memo = checks.text(row.values["memo"], field="memo")
        date = checks.day(row.date, years)
        self.wishes.append(Wish(row=row, kind=kind, giver=giver, taker=taker, date=date, memo=memo))

    def _known_fund(self, row: BudgetRow, column: str) -> Fund:
        fund = self._funds.get(row.values[column])
        if fund is None:
            raise self._unknown(row, column, "fund")
        return fund

    def _known_holder(self, row: BudgetRow, column: str) -> Holder:
        code = row.values[column]
        holder = self._funds.get(code) or self._lines.get(code)
        if holder is None:
            raise self._unknown(row, column, "fund or line")
        return holder

    def _check_place(self, code: str) -> None:
        if code not in self._places:
            self._places.add(checks.place(code))

    def _unknown(self, row: BudgetRow, column: str, what: str) -> InputError:
        return InputError(
            "code_unknown",
            Place(file=self.budget.file, line=row.line, field=column),
            found=repr(row.values[column]),
            expected=f"the code of a {what} that stands in the ledger or in a row above",
            mend=f"Correct the code, or put the row that opens this {what} above this one.",
        )

    @contextmanager
    def _beside(self, row: BudgetRow) -> Iterator[None]:
        """Turn what a rule of the ledger says into a fault of this row."""
        try:
            yield
        except PermissionDenied:
            raise
        except DomainError as error:
            column = _COLUMNS.get(error.field or "", error.field)
            found = repr(row.values.get(column or "", "")) if column else "this row"
            at = Place(file=self.budget.file, line=row.line, field=column)
            raise InputError(error.code, at, found=found, expected="what the ledger allows", mend=str(error)) from error


def _held_key(holder: Holder) -> tuple[bool, str]:
    return isinstance(holder, Fund), holder.code


def _held_won() -> dict[tuple[bool, str], int]:
    """Return what every fund and line could give now [won]."""
    rows = (
        Account.objects.filter(kind__in=(AccountKind.POOL, AccountKind.AVAILABLE))
        .values_list("kind", "fund__code", "line__code")
        .annotate(held=Sum(F("credits_won") - F("debits_won")))
        .order_by()
    )
    return {(kind == AccountKind.POOL, fund if line is None else line): int(held) for kind, fund, line, held in rows}
