"""Why the ledger says no, in words a person can act on."""

from collections.abc import Sequence
from enum import StrEnum

from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError
from madang.yard.ledger.models import Account, AccountKind, Entry, EntryKind


class LedgerCode(StrEnum):
    """What a service of the ledger can refuse for."""

    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    AMOUNT_TOO_LARGE = "amount_too_large"
    CODE_NOT_VALID = "code_not_valid"
    CODE_TAKEN = "code_taken"
    COMMITMENT_ELSEWHERE = "commitment_elsewhere"
    COMMITMENT_EXCEEDED = "commitment_exceeded"
    DATE_BEFORE_ENTRY = "date_before_entry"
    DATE_IN_FUTURE = "date_in_future"
    DATE_OUTSIDE_YEAR = "date_outside_year"
    ENTRY_REFUSED = "entry_refused"
    FUND_SHORT = "fund_short"
    KEY_USED = "key_used"
    LINE_OVERSPENT = "line_overspent"
    NAME_MISSING = "name_missing"
    ORIGIN_NOT_ON_SITE = "origin_not_on_site"
    PERSONAL_DATA = "personal_data"
    PLACE_OUTSIDE_FUND = "place_outside_fund"
    PLACE_UNKNOWN = "place_unknown"
    REASON_MISSING = "reason_missing"
    REVERSAL_OF_REVERSAL = "reversal_of_reversal"
    REVERSAL_SHORT = "reversal_short"
    REVERSED_ALREADY = "reversed_already"
    TEXT_TOO_LONG = "text_too_long"
    TRANSFER_NOT_ALLOWED = "transfer_not_allowed"
    YEAR_NOT_VALID = "year_not_valid"


def shortfall(kind: str, account: Account, held_won: int, asked_won: int) -> DomainError:
    """Return the error that says how much an account holds and how much was asked of it."""
    if kind == EntryKind.REVERSAL:
        code = LedgerCode.REVERSAL_SHORT
        text = _(
            "%(asked)s won came in with this entry, but only %(held)s won of it are still there. "
            "Reverse what came after it first."
        )
    elif account.kind == AccountKind.POOL:
        code = LedgerCode.FUND_SHORT
        text = _("The fund has %(held)s won left to allocate; %(asked)s won were asked for. Enter a smaller amount.")
    elif account.kind == AccountKind.COMMITTED:
        code = LedgerCode.COMMITMENT_EXCEEDED
        text = _("%(held)s won are left of this commitment; %(asked)s won were asked for. Enter a smaller amount.")
    else:
        code = LedgerCode.LINE_OVERSPENT
        text = _("This line has %(held)s won available; %(asked)s won were asked for. Enter a smaller amount.")
    data = {"account": account.code, "available_won": held_won, "asked_won": asked_won}
    return DomainError(code, text % {"held": f"{held_won:,}", "asked": f"{asked_won:,}"}, data, field="amount_won")


def key_used(key: str) -> Conflict:
    """Return the error for a request number that stands for something else already."""
    text = _("This request number was used for another entry. Open the form again and send it anew.")
    return Conflict(LedgerCode.KEY_USED, text, {"key": key}, field="key")


def reversed_already(entry: Entry) -> Conflict:
    """Return the error for an entry that has been reversed before."""
    return Conflict(LedgerCode.REVERSED_ALREADY, _("This entry has been reversed already."), {"entry": entry.pk})


def refusal(entries: Sequence[Entry]) -> DomainError:
    """Return why the database refused some entries, found by looking again at what they need.

    The database is the judge and its message is not read: it differs between databases. What it can refuse for is
    few, and each can be asked for.
    """
    taken = Entry.objects.filter(key__in=[entry.key for entry in entries]).first()
    if taken is not None:
        return key_used(taken.key)
    for entry in entries:
        if entry.reverses is not None and Entry.objects.filter(reverses=entry.reverses).exists():
            return reversed_already(entry.reverses)
    ids = {pk for entry in entries for pk in (entry.debit_id, entry.credit_id)}
    held = dict(Account.objects.filter(pk__in=ids).values_list("pk", "credits_won"))
    for pk, debits in Account.objects.filter(pk__in=ids).values_list("pk", "debits_won"):
        held[pk] -= debits
    for entry in entries:
        if entry.debit.guarded and held[entry.debit_id] < entry.amount_won:
            return shortfall(entry.kind, entry.debit, held[entry.debit_id], entry.amount_won)
        held[entry.debit_id] -= entry.amount_won
        held[entry.credit_id] += entry.amount_won
    text = _("The ledger does not allow this entry between these accounts.")
    return DomainError(LedgerCode.ENTRY_REFUSED, text, {"kinds": [entry.kind for entry in entries]})
