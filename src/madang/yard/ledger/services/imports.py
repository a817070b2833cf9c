"""Reading a budget file in: all of it or nothing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.ledger.bridge import journal_digest
from madang.yard.ledger.formats.ledger_csv import budget_read
from madang.yard.ledger.models import Account, AccountKind, BudgetLine, Entry, EntryKind, Fund, Programme, RevenueSource
from madang.yard.ledger.services.drafts import ImportDraft
from madang.yard.ledger.services.funds import fund_account, source_account
from madang.yard.ledger.services.lines import Holder, fund_of, line_accounts
from madang.yard.ledger.services.plans import BudgetPlan
from madang.yard.ledger.services.posting import insert, journal_target

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What a budget file brought, or would bring.

    Attributes
    ----------
    file, digest : str
        Its name and the SHA-256 of its bytes.
    rows : int
        Rows read.
    funds, programmes, lines, entries : int
        How many of each are new.
    revenue_won, appropriated_won, transferred_won : int
        Sums of the new entries [won].
    dry_run : bool
        Nothing was kept.
    repeated : bool
        The same file was read in before, so nothing was entered again.
    """

    file: str
    digest: str
    rows: int
    funds: int = 0
    programmes: int = 0
    lines: int = 0
    entries: int = 0
    revenue_won: int = 0
    appropriated_won: int = 0
    transferred_won: int = 0
    dry_run: bool = False
    repeated: bool = False


@transaction.atomic
def ledger_import(actor: Actor, draft: ImportDraft) -> ImportReport:
    """Read a budget file in: its funds, programmes, revenues, lines with their appropriations, and transfers.

    The same bytes read in twice are entered once. A rehearsal (`dry_run`) does everything and keeps nothing.

    Raises
    ------
    InputError
        With the line and column of the first thing that cannot be accepted; nothing is kept then.
    """
    require(actor, Action.LEDGER_IMPORT)
    budget = budget_read(draft.file, draft.data)
    hold()
    rows = len(budget.rows)
    if Entry.objects.filter(key=_key(budget.digest, 1)).exists():
        return ImportReport(file=budget.file, digest=budget.digest, rows=rows, dry_run=draft.dry_run, repeated=True)
    plan = BudgetPlan(actor, budget)
    funds, programmes, lines = plan.new_funds, plan.new_programmes, plan.new_lines
    with transaction.atomic():
        _open(funds, programmes, lines)
        entries = _entries(actor, plan)
        insert(entries)
        opened = {"funds": len(funds), "programmes": len(programmes), "lines": len(lines)}
        _record(actor, budget.digest, entries, opened)
        transaction.set_rollback(draft.dry_run)
    sums = {kind: sum(e.amount_won for e in entries if e.kind == kind) for kind in EntryKind}
    return ImportReport(
        file=budget.file,
        digest=budget.digest,
        rows=rows,
        funds=len(funds),
        programmes=len(programmes),
        lines=len(lines),
        entries=len(entries),
        revenue_won=sums[EntryKind.REVENUE],
        appropriated_won=sums[EntryKind.APPROPRIATION],
        transferred_won=sums[EntryKind.TRANSFER],
        dry_run=draft.dry_run,
    )


def _key(digest: str, number: int) -> str:
    return f"import:{digest}:{number}"


def _open(funds: Sequence[Fund], programmes: Sequence[Programme], lines: Sequence[BudgetLine]) -> None:
    Fund.objects.bulk_create(funds, batch_size=_BATCH)
    Programme.objects.bulk_create(programmes, batch_size=_BATCH)
    BudgetLine.objects.bulk_create(lines, batch_size=_BATCH)
    accounts = [fund_account(fund) for fund in funds]
    accounts += [account for line in lines for account in line_accounts(line)]
    Account.objects.bulk_create(accounts, batch_size=_BATCH)


def _entries(actor: Actor, plan: BudgetPlan) -> list[Entry]:
    journal, now = uuid.uuid4(), timezone.now()
    money = Account.objects.filter(kind__in=(AccountKind.POOL, AccountKind.AVAILABLE)).select_related("fund")
    holding = {account.code: account for account in money}
    sources: dict[tuple[int, RevenueSource], Account] = {}

    def account(holder: Holder | RevenueSource, fund: Fund) -> Account:
        if isinstance(holder, Fund):
            return holding[f"{holder.code}:{AccountKind.POOL}"]
        if isinstance(holder, BudgetLine):
            return holding[f"{holder.code}:{AccountKind.AVAILABLE}"]
        if (fund.pk, holder) not in sources:
            sources[(fund.pk, holder)] = source_account(fund, holder)
        return sources[(fund.pk, holder)]

    return [
        Entry(
            journal=journal,
            key=_key(plan.budget.digest, number),
            kind=wish.kind,
            date=wish.date,
            amount_won=wish.row.amount_won,
            debit=account(wish.giver, fund_of(wish.taker)),
            credit=account(wish.taker, fund_of(wish.taker)),
            memo=wish.memo,
            entered_at=now,
            entered_by=actor.user or "",
            role=actor.role.value,
        )
        for number, wish in enumerate(plan.wishes, start=1)
    ]


def _record(actor: Actor, digest: str, entries: Sequence[Entry], opened: dict[str, int]) -> None:
    target = journal_target(entries[0].journal) if entries else f"ledger.file:{digest[:32]}"
    detail = {**opened, "file": digest, "count": len(entries), "digest": journal_digest(entries)}
    record(actor, Action.LEDGER_IMPORT, target=target, detail=detail)
