"""Opening funds and programmes, and money that comes in."""

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.ledger.models import Account, AccountKind, Entry, EntryKind, Fund, FundLevel, Programme, RevenueSource
from madang.yard.ledger.services import checks
from madang.yard.ledger.services.drafts import FundDraft, ProgrammeDraft, RevenueDraft
from madang.yard.ledger.services.posting import Asked, Movement, Terms, entered_before, post
from madang.yard.ledger.services.refusals import LedgerCode


def code_taken(code: str) -> Conflict:
    """Return the error for a code that stands for something else already."""
    message = _("The code %(code)s stands for something else already. Choose another.")
    return Conflict(LedgerCode.CODE_TAKEN, message % {"code": code}, {"code": code}, field="code")


@transaction.atomic
def fund_open(actor: Actor, draft: FundDraft) -> Fund:
    """Open a fund of one fiscal year at a place.

    Asked again with the same content it returns the fund that stands.

    Raises
    ------
    DomainError
        If a code, name, place or year is not acceptable.
    Conflict
        If the code stands for another fund.
    """
    require(actor, Action.FUND_OPEN, place=draft.place)
    hold()
    checks.place(draft.place)
    wanted = fund_checked(draft)
    standing = Fund.objects.filter(code=wanted.code).first()
    if standing is not None:
        return same_fund(standing, wanted)
    wanted.save(force_insert=True)
    fund_account(wanted).save(force_insert=True)
    detail = {"code": wanted.code, "level": wanted.level, "place": wanted.place, "year": wanted.fiscal_year}
    record(actor, Action.FUND_OPEN, target=wanted, detail=detail)
    return wanted


@transaction.atomic
def programme_open(actor: Actor, draft: ProgrammeDraft) -> Programme:
    """Open a programme; asked again with the same content it returns the one that stands.

    Raises
    ------
    DomainError
        If a code or name is not acceptable.
    Conflict
        If the code stands for another programme.
    """
    require(actor, Action.PROGRAMME_OPEN)
    hold()
    wanted = programme_checked(draft)
    standing = Programme.objects.filter(code=wanted.code).first()
    if standing is not None:
        return same_programme(standing, wanted)
    wanted.save(force_insert=True)
    detail = {"code": wanted.code, "room": wanted.room, "pledge": wanted.pledge}
    record(actor, Action.PROGRAMME_OPEN, target=wanted, detail=detail)
    return wanted


@transaction.atomic
def revenue_enter(actor: Actor, draft: RevenueDraft) -> Entry:
    """Enter money that came into a fund from outside.

    Raises
    ------
    DomainError
        If amount, memo or date is not acceptable.
    Conflict
        If the request number stands for another entry.
    """
    fund = draft.fund
    require(actor, Action.REVENUE_ENTER, place=fund.place)
    hold()
    memo = checks.text(draft.memo, field="memo")
    amount_won = checks.amount(draft.amount_won)
    source = source_account(fund, RevenueSource(draft.source))
    asked = Asked(kind=EntryKind.REVENUE, amount_won=amount_won, memo=memo, debit=source)
    before = entered_before(checks.key(draft.key), asked)
    if before is not None:
        return before
    movement = Movement(kind=EntryKind.REVENUE, debit=source, credit=pool_of(fund), amount_won=amount_won)
    terms = Terms(
        action=Action.REVENUE_ENTER, date=checks.day(draft.date, {fund.fiscal_year}), memo=memo, key=draft.key
    )
    return post(actor, [movement], terms)[-1]


def pool_of(fund: Fund) -> Account:
    """Return the account of what a fund has not yet allocated."""
    return Account.objects.get(fund=fund, kind=AccountKind.POOL)


def source_account(fund: Fund, source: RevenueSource) -> Account:
    """Return the account of an outside source of a fund, opened when it first gives."""
    account, _made = Account.objects.get_or_create(
        fund=fund,
        source=source,
        kind=AccountKind.SOURCE,
        defaults={"code": f"{fund.code}:{source}", "place": fund.place, "guarded": False},
    )
    return account


def fund_account(fund: Fund) -> Account:
    """Return the unsaved account that a new fund begins with."""
    return Account(code=f"{fund.code}:pool", kind=AccountKind.POOL, place=fund.place, fund=fund)


def fund_checked(draft: FundDraft) -> Fund:
    """Return an unsaved fund whose content is acceptable, for a place that is known.

    Raises
    ------
    DomainError
        If it is not.
    """
    if draft.level == FundLevel.DONG and len(draft.place) <= 5:
        message = _("A fund of a dong needs the code of a dong, not of the district.")
        raise DomainError(LedgerCode.PLACE_UNKNOWN, message, {"place": draft.place}, field="place")
    return Fund(
        code=checks.code(draft.code),
        name_ko=checks.text(draft.name_ko, field="name_ko", most=80, needed=True),
        name_en=checks.text(draft.name_en, field="name_en", most=120),
        level=FundLevel(draft.level),
        place=draft.place,
        fiscal_year=checks.year(draft.fiscal_year),
    )


def programme_checked(draft: ProgrammeDraft) -> Programme:
    """Return an unsaved programme whose content is acceptable.

    Raises
    ------
    DomainError
        If it is not.
    """
    return Programme(
        code=checks.code(draft.code),
        name_ko=checks.text(draft.name_ko, field="name_ko", most=80, needed=True),
        name_en=checks.text(draft.name_en, field="name_en", most=120),
        room=checks.text(draft.room, field="room", most=16),
        pledge=checks.text(draft.pledge, field="pledge", most=40),
    )


def same_fund(standing: Fund, wanted: Fund) -> Fund:
    """Return the fund that stands if it is what is wanted.

    Raises
    ------
    Conflict
        If its code stands for something else.
    """
    if all(
        getattr(standing, name) == getattr(wanted, name)
        for name in ("name_ko", "name_en", "level", "place", "fiscal_year")
    ):
        return standing
    raise code_taken(standing.code)


def same_programme(standing: Programme, wanted: Programme) -> Programme:
    """Return the programme that stands if it is what is wanted.

    Raises
    ------
    Conflict
        If its code stands for something else.
    """
    if all(getattr(standing, name) == getattr(wanted, name) for name in ("name_ko", "name_en", "room", "pledge")):
        return standing
    raise code_taken(standing.code)
