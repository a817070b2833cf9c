"""Promising money, paying it out, and undoing an entry by its mirror."""

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold
from madang.yard.ledger.models import Account, AccountKind, BudgetLine, Entry, EntryKind
from madang.yard.ledger.services import checks
from madang.yard.ledger.services.drafts import CommitmentDraft, ExpenditureDraft, ReleaseDraft, ReversalDraft
from madang.yard.ledger.services.lines import available_of
from madang.yard.ledger.services.posting import Asked, Movement, Terms, entered_before, post
from madang.yard.ledger.services.refusals import LedgerCode, reversed_already


@transaction.atomic
def commitment_enter(actor: Actor, draft: CommitmentDraft) -> Entry:
    """Promise money of a line, by contract or decision; the entry's credit account is the commitment.

    Raises
    ------
    DomainError
        If the line has not that much available, or title, amount, memo or date is not acceptable.
    Conflict
        If the request number stands for another entry.
    """
    line = draft.line
    require(actor, Action.COMMITMENT_ENTER, place=line.place)
    hold()
    memo = checks.text(draft.memo, field="memo")
    title = checks.text(draft.title, field="title", most=120, needed=True)
    amount_won = checks.amount(draft.amount_won)
    available = available_of(line)
    asked = Asked(kind=EntryKind.COMMITMENT, amount_won=amount_won, memo=memo, debit=available, title=title)
    before = entered_before(checks.key(draft.key), asked)
    if before is not None:
        return before
    date = checks.day(draft.date, {line.fund.fiscal_year})
    commitment = _commitment_open(line, title)
    movement = Movement(kind=EntryKind.COMMITMENT, debit=available, credit=commitment, amount_won=amount_won)
    terms = Terms(
        action=Action.COMMITMENT_ENTER, date=date, memo=memo, key=draft.key, detail={"line": line.code, "title": title}
    )
    return post(actor, [movement], terms)[-1]


@transaction.atomic
def commitment_release(actor: Actor, draft: ReleaseDraft) -> Entry:
    """Make available again what a commitment no longer needs.

    Raises
    ------
    DomainError
        If the commitment has not that much left, or amount, memo or date is not acceptable.
    Conflict
        If the request number stands for another entry.
    """
    line = _line_of(draft.commitment)
    require(actor, Action.COMMITMENT_RELEASE, place=line.place)
    hold()
    memo = checks.text(draft.memo, field="memo")
    amount_won = checks.amount(draft.amount_won)
    asked = Asked(kind=EntryKind.RELEASE, amount_won=amount_won, memo=memo, debit=draft.commitment)
    before = entered_before(checks.key(draft.key), asked)
    if before is not None:
        return before
    movement = Movement(
        kind=EntryKind.RELEASE, debit=draft.commitment, credit=available_of(line), amount_won=amount_won
    )
    date = checks.day(draft.date, {line.fund.fiscal_year})
    terms = Terms(action=Action.COMMITMENT_RELEASE, date=date, memo=memo, key=draft.key, detail={"line": line.code})
    return post(actor, [movement], terms)[-1]


@transaction.atomic
def expenditure_enter(actor: Actor, draft: ExpenditureDraft) -> Entry:
    """Pay money out, from a commitment or straight from what the line has available.

    A payment without a commitment is promised and paid in one journal, so that every won spent was promised first.

    Raises
    ------
    DomainError
        If the commitment or the line has not that much, the commitment is another line's, or amount, memo or date is
        not acceptable.
    Conflict
        If the request number stands for another entry.
    """
    line = draft.line
    require(actor, Action.EXPENDITURE_ENTER, place=line.place)
    hold()
    memo = checks.text(draft.memo, field="memo")
    amount_won = checks.amount(draft.amount_won)
    commitment = draft.commitment
    if commitment is not None and _line_of(commitment) != line:
        message = _("This commitment belongs to another line. Choose one of this line.")
        raise DomainError(LedgerCode.COMMITMENT_ELSEWHERE, message, {"line": line.code}, field="commitment")
    spent = Account.objects.get(line=line, kind=AccountKind.SPENT)
    asked = Asked(kind=EntryKind.EXPENDITURE, amount_won=amount_won, memo=memo, debit=commitment, credit=spent)
    before = entered_before(checks.key(draft.key), asked)
    if before is not None:
        return before
    date = checks.day(draft.date, {line.fund.fiscal_year})
    movements = []
    if commitment is None:
        commitment = _commitment_open(line, memo[:120])
        promise = Movement(
            kind=EntryKind.COMMITMENT, debit=available_of(line), credit=commitment, amount_won=amount_won
        )
        movements.append(promise)
    movements.append(Movement(kind=EntryKind.EXPENDITURE, debit=commitment, credit=spent, amount_won=amount_won))
    terms = Terms(action=Action.EXPENDITURE_ENTER, date=date, memo=memo, key=draft.key, detail={"line": line.code})
    return post(actor, movements, terms)[-1]


@transaction.atomic
def entry_reverse(actor: Actor, draft: ReversalDraft) -> Entry:
    """Undo one entry by its exact mirror; both stay in the ledger for ever.

    Raises
    ------
    DomainError
        If no reason is given, the entry is itself a reversal, or the money it brought has moved on.
    Conflict
        If the entry has been reversed before.
    """
    entry = draft.entry
    require(actor, Action.ENTRY_REVERSE, place=entry.debit.place)
    require(actor, Action.ENTRY_REVERSE, place=entry.credit.place)
    hold()
    memo = checks.text(draft.memo, field="memo")
    if not memo:
        message = _("Write why the entry is undone: residents read it.")
        raise DomainError(LedgerCode.REASON_MISSING, message, field="memo")
    asked = Asked(kind=EntryKind.REVERSAL, amount_won=entry.amount_won, memo=memo, reverses=entry)
    before = entered_before(checks.key(draft.key), asked)
    if before is not None:
        return before
    _check_reversible(entry)
    date = checks.not_future(draft.date)
    if date < entry.date:
        message = _("The entry is of %(date)s and cannot be undone before that day.")
        day = entry.date.isoformat()
        raise DomainError(LedgerCode.DATE_BEFORE_ENTRY, message % {"date": day}, {"date": day}, field="date")
    movement = Movement(
        kind=EntryKind.REVERSAL,
        debit=entry.credit,
        credit=entry.debit,
        amount_won=entry.amount_won,
        reverses=entry,
    )
    terms = Terms(action=Action.ENTRY_REVERSE, date=date, memo=memo, key=draft.key, detail={"reverses": entry.pk})
    return post(actor, [movement], terms)[-1]


def _check_reversible(entry: Entry) -> None:
    if entry.kind == EntryKind.REVERSAL:
        message = _("This entry undoes another one. Enter the right one anew instead of undoing it again.")
        raise Conflict(LedgerCode.REVERSAL_OF_REVERSAL, message, {"entry": entry.pk})
    if Entry.objects.filter(reverses=entry).exists():
        raise reversed_already(entry)


def _commitment_open(line: BudgetLine, title: str) -> Account:
    number = Account.objects.filter(line=line, kind=AccountKind.COMMITTED).count() + 1
    return Account.objects.create(
        code=f"{line.code}:committed:{number}",
        kind=AccountKind.COMMITTED,
        place=line.place,
        fund_id=line.fund_id,
        line=line,
        title=title,
    )


def _line_of(commitment: Account) -> BudgetLine:
    line = commitment.line
    if line is None or commitment.kind != AccountKind.COMMITTED:
        message = _("This is not a commitment of a budget line.")
        raise DomainError(LedgerCode.COMMITMENT_ELSEWHERE, message, {"account": commitment.code}, field="commitment")
    return line
