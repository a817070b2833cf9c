"""Whether the ledger is what its entries and the audit log say."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from madang.yard.audit.models import Record, Run
from madang.yard.ledger.bridge import journal_digests
from madang.yard.ledger.models import Account, Entry
from madang.yard.ledger.selectors.balances import total, trial_balance

RECOMPUTE = "madang.yard.ledger.engine.replay:recompute"

_BOTH = {
    "ledger_account_begins", "ledger_account_by_entry", "ledger_account_frozen", "ledger_account_no_delete",
    "ledger_budgetline_frozen", "ledger_budgetline_no_delete", "ledger_entry_frozen", "ledger_entry_no_delete",
    "ledger_entry_post", "ledger_fund_frozen", "ledger_fund_no_delete",
}  # fmt: skip
_SQLITE_ONLY = {
    "ledger_account_no_replace", "ledger_budgetline_no_replace", "ledger_entry_rules", "ledger_fund_no_replace",
}  # fmt: skip
_CHECKS = {"ledger_account_not_overdrawn", "ledger_account_only_sources_unguarded", "ledger_entry_amount_positive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerVerdict:
    """Whether the ledger holds.

    Attributes
    ----------
    sound : bool
        The guards stand, every balance follows from the entries, none is below zero, all add up to zero, and every
        journal is as the audit log has it.
    accounts, entries : int
        How many were looked at.
    fault : str
        "guard_missing", "balance_differs", "overdrawn", "not_balanced", "journal_altered", "journal_unlogged",
        "journal_missing" or "".
    at : str
        What is at fault: a guard's name, the code of the first account, or a journal.
    stored_won, recomputed_won : int or None
        The balance that is stored and the one that the entries give, where they differ.
    """

    sound: bool
    accounts: int
    entries: int
    fault: str = ""
    at: str = ""
    stored_won: int | None = None
    recomputed_won: int | None = None

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """Say it in one sentence."""
        texts = {
            "": _("The ledger holds: %(entries)s entries, %(accounts)s accounts, every balance recomputed."),
            "guard_missing": _("The database no longer has the guard %(at)s. Restore it from a backup."),
            "balance_differs": _(
                "Account %(at)s holds %(stored_won)s won, but its entries give %(recomputed_won)s won."
            ),
            "overdrawn": _("Account %(at)s is below zero."),
            "not_balanced": _("The balances of all accounts do not add up to zero."),
            "journal_altered": _("The entries of journal %(at)s are not as the audit log has them."),
            "journal_unlogged": _("The audit log knows nothing of journal %(at)s."),
            "journal_missing": _("Journal %(at)s stands in the audit log, but its entries are gone."),
        }
        return texts[self.fault] % asdict(self)


def ledger_verify(progress: Callable[[float], None] = lambda _fraction: None) -> LedgerVerdict:
    """Recompute everything from the entries and name the first thing that differs.

    Notes
    -----
    Linear in entries; two sums in the database, and one walk over entries and audit records. Meant for a ledger at
    rest: an entry that is being written meanwhile may be named.
    """
    accounts, entries = Account.objects.count(), Entry.objects.count()
    for fraction, check in ((0.05, _guards), (0.1, _balances), (0.3, _whole), (0.4, _journals)):
        progress(fraction)
        fault = check()
        if fault is not None:
            return LedgerVerdict(sound=False, accounts=accounts, entries=entries, **fault)
    progress(1.0)
    return LedgerVerdict(sound=True, accounts=accounts, entries=entries)


def guards_missing() -> list[str]:
    """Return the names of triggers and checks that should stand in this database and do not."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
            standing = {name for (name,) in cursor.fetchall()}
            cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'c'")
            checks = {name for (name,) in cursor.fetchall()}
            wanted = _BOTH
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            standing = {name for (name,) in cursor.fetchall()}
            cursor.execute("SELECT group_concat(sql) FROM sqlite_master WHERE tbl_name LIKE 'ledger_%'")
            text = cursor.fetchone()[0]
            checks = {name for name in _CHECKS if f'CONSTRAINT "{name}"' in text}
            wanted = _BOTH | _SQLITE_ONLY
    return sorted((wanted - standing) | (_CHECKS - checks))


def _guards() -> dict[str, Any] | None:
    missing = guards_missing()
    return {"fault": "guard_missing", "at": missing[0]} if missing else None


def _balances() -> dict[str, Any] | None:
    sums = [
        dict(Entry.objects.order_by().values_list(side).annotate(won=total("amount_won")))
        for side in ("debit", "credit")
    ]
    rows = Account.objects.order_by("code").values_list("pk", "code", "guarded", "debits_won", "credits_won")
    for pk, code, guarded, debits, credits_ in rows.iterator(chunk_size=5000):
        gave, took = (side.get(pk, 0) for side in sums)
        if (debits, credits_) != (gave, took):
            return {
                "fault": "balance_differs", "at": code, "stored_won": credits_ - debits, "recomputed_won": took - gave,
            }  # fmt: skip
        if guarded and credits_ < debits:
            return {"fault": "overdrawn", "at": code}
    return None


def _whole() -> dict[str, Any] | None:
    return {"fault": "not_balanced"} if trial_balance().sum_won else None


def _journals() -> dict[str, Any] | None:
    """Compare every journal with what the audit log says of it."""
    logged = Record.objects.filter(Q(target__startswith="ledger.journal:")).values_list("target", "detail")
    digests = {target.partition(":")[2]: detail.get("digest") for target, detail in logged.iterator(chunk_size=5000)}
    for journal, digest in journal_digests():
        stated = digests.pop(str(journal), None)
        if stated is None:
            return {"fault": "journal_unlogged", "at": str(journal)}
        if stated != digest:
            return {"fault": "journal_altered", "at": str(journal)}
    return {"fault": "journal_missing", "at": min(digests)} if digests else None


def recomputation_last() -> Run | None:
    """Return the run that last computed every balance from the entries."""
    return Run.objects.filter(engine=RECOMPUTE).defer("inputs").order_by("-started_at").first()
