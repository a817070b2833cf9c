"""Opening budget lines, giving them money, and moving it between levels."""

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import DomainError
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.ledger.models import Account, AccountKind, BudgetLine, Entry, EntryKind, Fund
from madang.yard.ledger.services import checks
from madang.yard.ledger.services.drafts import AppropriationDraft, LineDraft, TransferDraft
from madang.yard.ledger.services.funds import code_taken, pool_of
from madang.yard.ledger.services.posting import Asked, Movement, Terms, entered_before, post
from madang.yard.ledger.services.refusals import LedgerCode

Holder = Fund | BudgetLine


@transaction.atomic
def line_open(actor: Actor, draft: LineDraft) -> BudgetLine:
    """Open a budget line of a fund for a place; it has no money until some is appropriated.

    Asked again with the same code and content it returns the line that stands.

    Raises
    ------
    DomainError
        If a code, text or place is not acceptable, or the place lies outside the fund's.
    Conflict
        If the code stands for another line.
    """
    require(actor, Action.LINE_OPEN, place=draft.place)
    hold()
    checks.place(draft.place)
    line = line_checked(draft)
    if draft.code:
        standing = BudgetLine.objects.filter(code=line.code).first()
        if standing is not None:
            return same_line(standing, line)
    else:
        line.code = _next_code(draft.fund)
    line.save(force_insert=True)
    Account.objects.bulk_create(line_accounts(line))
    detail = {"code": line.code, "fund": line.fund.code, "place": line.place, "programme": line.programme.code}
    record(actor, Action.LINE_OPEN, target=line, detail=detail)
    return line


def line_checked(draft: LineDraft) -> BudgetLine:
    """Return an unsaved line whose content is acceptable, for a place that is known.

    Raises
    ------
    DomainError
        If it is not.
    """
    if not draft.place.startswith(draft.fund.place):
        message = _("The fund %(fund)s belongs to %(home)s and cannot pay for %(place)s.")
        data = {"fund": draft.fund.code, "home": draft.fund.place, "place": draft.place}
        raise DomainError(LedgerCode.PLACE_OUTSIDE_FUND, message % data, data, field="place")
    url = draft.origin_url.strip()
    if url and (not url.startswith("/") or url.startswith("//")):
        message = _("The address of what decided this begins with a single slash: it lies on this site.")
        raise DomainError(LedgerCode.ORIGIN_NOT_ON_SITE, message, {"origin_url": url}, field="origin_url")
    return BudgetLine(
        code=checks.code(draft.code) if draft.code else "",
        fund=draft.fund,
        place=draft.place,
        programme=draft.programme,
        title=checks.text(draft.title, field="title", most=120, needed=True),
        owner=checks.text(draft.owner, field="owner", most=80),
        origin=checks.text(draft.origin, field="origin", most=120),
        origin_url=checks.text(url, field="origin_url"),
    )


def line_accounts(line: BudgetLine) -> list[Account]:
    """Return the unsaved accounts that a new line begins with."""
    return [
        Account(code=f"{line.code}:{kind}", kind=kind, place=line.place, fund=line.fund, line=line)
        for kind in (AccountKind.AVAILABLE, AccountKind.SPENT)
    ]


@transaction.atomic
def appropriation_enter(actor: Actor, draft: AppropriationDraft) -> Entry:
    """Set money of a fund apart for one of its lines; whoever does so must reach the fund, not just the line.

    Raises
    ------
    DomainError
        If the fund has not that much left, or amount, memo or date is not acceptable.
    Conflict
        If the request number stands for another entry.
    """
    line = draft.line
    require(actor, Action.APPROPRIATION_ENTER, place=line.fund.place)
    hold()
    memo = checks.text(draft.memo, field="memo")
    amount_won = checks.amount(draft.amount_won)
    pool, available = pool_of(line.fund), available_of(line)
    asked = Asked(kind=EntryKind.APPROPRIATION, amount_won=amount_won, memo=memo, debit=pool, credit=available)
    before = entered_before(checks.key(draft.key), asked)
    if before is not None:
        return before
    movement = Movement(kind=EntryKind.APPROPRIATION, debit=pool, credit=available, amount_won=amount_won)
    terms = Terms(
        action=Action.APPROPRIATION_ENTER,
        date=checks.day(draft.date, {line.fund.fiscal_year}),
        memo=memo,
        key=draft.key,
        detail={"line": line.code},
    )
    return post(actor, [movement], terms)[-1]


@transaction.atomic
def transfer_enter(actor: Actor, draft: TransferDraft) -> Entry:
    """Move money between levels (fund to fund), between lines, or from a line back to its fund.

    Raises
    ------
    DomainError
        If the giver has not that much, the two cannot give to each other, or amount, memo or date is not acceptable.
    Conflict
        If the request number stands for another entry.
    """
    require(actor, Action.TRANSFER_ENTER, place=draft.giver.place)
    require(actor, Action.TRANSFER_ENTER, place=draft.taker.place)
    hold()
    memo = checks.text(draft.memo, field="memo")
    amount_won = checks.amount(draft.amount_won)
    transfer_allowed(draft.giver, draft.taker)
    debit, credit = _money_account(draft.giver), _money_account(draft.taker)
    asked = Asked(kind=EntryKind.TRANSFER, amount_won=amount_won, memo=memo, debit=debit, credit=credit)
    before = entered_before(checks.key(draft.key), asked)
    if before is not None:
        return before
    movement = Movement(kind=EntryKind.TRANSFER, debit=debit, credit=credit, amount_won=amount_won)
    years = {fund_of(draft.giver).fiscal_year, fund_of(draft.taker).fiscal_year}
    terms = Terms(
        action=Action.TRANSFER_ENTER,
        date=checks.day(draft.date, years),
        memo=memo,
        key=draft.key,
        detail={"from": draft.giver.code, "to": draft.taker.code},
    )
    return post(actor, [movement], terms)[-1]


def transfer_allowed(giver: Holder, taker: Holder) -> None:
    """Refuse a transfer between two that cannot give to each other.

    Raises
    ------
    DomainError
        If giver and taker are the same, or a fund would give to a line (an appropriation), or a line to another fund.
    """
    line_to_own_fund = isinstance(giver, BudgetLine) and isinstance(taker, Fund) and giver.fund.code == taker.code
    same_kind = isinstance(giver, Fund) == isinstance(taker, Fund) and giver.code != taker.code
    if not (same_kind or line_to_own_fund):
        message = _("Money goes from fund to fund, from line to line, or from a line back to its own fund.")
        raise DomainError(
            LedgerCode.TRANSFER_NOT_ALLOWED, message, {"from": giver.code, "to": taker.code}, field="taker"
        )


def available_of(line: BudgetLine) -> Account:
    """Return the account of what a line has available."""
    return Account.objects.get(line=line, kind=AccountKind.AVAILABLE)


def fund_of(holder: Holder) -> Fund:
    """Return a fund itself, or the fund of a line."""
    return holder if isinstance(holder, Fund) else holder.fund


def same_line(standing: BudgetLine, wanted: BudgetLine) -> BudgetLine:
    """Return the line that stands if it is what is wanted.

    Raises
    ------
    Conflict
        If its code stands for something else.
    """
    names = ("place", "title", "owner", "origin", "origin_url")
    alike = all(getattr(standing, name) == getattr(wanted, name) for name in names)
    if alike and standing.fund == wanted.fund and standing.programme == wanted.programme:
        return standing
    raise code_taken(standing.code)


def _money_account(holder: Holder) -> Account:
    return pool_of(holder) if isinstance(holder, Fund) else available_of(holder)


def _next_code(fund: Fund) -> str:
    stem = fund.code[:34]
    number = BudgetLine.objects.filter(fund=fund).count() + 1
    while BudgetLine.objects.filter(code=f"{stem}-L{number:04d}").exists():
        number += 1
    return f"{stem}-L{number:04d}"
