"""A ledger that was altered behind the guards is found out, and what differs is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from madang.yard.audit.authority import SYSTEM
from madang.yard.audit.models import Run
from madang.yard.audit.replay import run_replay
from madang.yard.ledger.models import Account, AccountKind, Entry, EntryKind
from madang.yard.ledger.selectors import guards_missing, ledger_verify, recomputation_last, trial_balance
from madang.yard.ledger.services import ExpenditureDraft, expenditure_enter, ledger_recompute

from .conftest import Purse

pytestmark = pytest.mark.django_db

Raw = Callable[..., None]


@contextmanager
def unguarded(raw: Raw) -> Iterator[None]:
    """Take the triggers away, as one with full rights on the database could, and put them back."""
    if connection.vendor == "postgresql":
        tables = ("ledger_entry", "ledger_account")
        # A table is not altered while foreign keys wait to be checked.
        raw("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            raw(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            raw(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'")
        triggers = cursor.fetchall()
    for name, _sql in triggers:
        raw(f"DROP TRIGGER {name}")
    yield
    for _name, sql in triggers:
        raw(sql)


def test_a_sound_ledger_verifies(purse: Purse) -> None:
    seen: list[float] = []
    verdict = ledger_verify(seen.append)
    assert verdict.sound
    assert (verdict.accounts, verdict.entries) == (Account.objects.count(), Entry.objects.count())
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert trial_balance().sum_won == 0
    assert str(verdict.entries) in verdict.text


def test_an_empty_ledger_verifies(db: None) -> None:
    assert ledger_verify().sound
    assert trial_balance().sum_won == 0


def test_an_altered_balance_names_the_account(raw: Raw, purse: Purse) -> None:
    with unguarded(raw):
        raw("UPDATE ledger_account SET credits_won = credits_won + 5 WHERE code IN ('YANG:pool', 'SEO:pool')")
    verdict = ledger_verify()
    assert (verdict.sound, verdict.fault, verdict.at) == (False, "balance_differs", "SEO:pool")
    assert (verdict.stored_won, verdict.recomputed_won) == (5_000_005, 5_000_000)
    assert "SEO:pool" in str(verdict)


def test_an_entry_altered_together_with_its_balances_is_found_by_the_audit_log(raw: Raw, purse: Purse) -> None:
    entry = Entry.objects.get(kind=EntryKind.TRANSFER)
    with unguarded(raw):
        raw(f"UPDATE ledger_entry SET amount_won = amount_won + 1 WHERE id = {entry.pk}")  # noqa: S608
        raw("UPDATE ledger_account SET debits_won = debits_won + 1 WHERE code = 'SEO:pool'")
        raw("UPDATE ledger_account SET credits_won = credits_won + 1 WHERE code = 'YANG:pool'")
    verdict = ledger_verify()
    assert (verdict.fault, verdict.at) == ("journal_altered", str(entry.journal))


def test_a_changed_memo_is_found_too(raw: Raw, purse: Purse) -> None:
    entry = expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=10, memo="화분"))
    with unguarded(raw):
        raw(f"UPDATE ledger_entry SET memo = '간식' WHERE id = {entry.pk}")  # noqa: S608
    assert ledger_verify().fault == "journal_altered"


def test_a_vanished_journal_is_missed(raw: Raw, purse: Purse) -> None:
    entry = expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=10))
    available, committed, spent = (
        purse.account(purse.dong_line, kind).pk
        for kind in (AccountKind.AVAILABLE, AccountKind.COMMITTED, AccountKind.SPENT)
    )
    with unguarded(raw):
        raw(f"DELETE FROM ledger_entry WHERE id IN ({entry.pk}, {entry.pk - 1})")  # noqa: S608
        raw(f"UPDATE ledger_account SET debits_won = debits_won - 10 WHERE id = {available}")  # noqa: S608
        raw(f"UPDATE ledger_account SET debits_won = 0, credits_won = 0 WHERE id IN ({committed}, {spent})")  # noqa: S608
    verdict = ledger_verify()
    assert (verdict.fault, verdict.at) == ("journal_missing", str(entry.journal))


def test_an_entry_that_nobody_logged_is_found(raw: Raw, purse: Purse) -> None:
    before = Entry.objects.latest("pk")
    raw(
        "INSERT INTO ledger_entry (journal, key, kind, date, amount_won, debit_id, credit_id, memo, reverses_id,"
        " entered_at, entered_by, role) SELECT %s, 'forged', kind, date, 1, debit_id, credit_id, memo, NULL,"
        " entered_at, entered_by, role FROM ledger_entry WHERE id = %s",
        ["0" * 32 if connection.vendor == "sqlite" else "00000000-0000-0000-0000-000000000000", before.pk],
    )
    verdict = ledger_verify()
    assert (verdict.fault, verdict.at) == ("journal_unlogged", "00000000-0000-0000-0000-000000000000")


def test_each_missing_guard_is_named(raw: Raw, purse: Purse) -> None:
    assert guards_missing() == []
    on = {"ledger_entry_post": "ledger_entry", "ledger_account_by_entry": "ledger_account"}
    for name, table in on.items():
        raw(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
    assert guards_missing() == sorted(on)
    assert (ledger_verify().fault, ledger_verify().at) == ("guard_missing", "ledger_account_by_entry")


def test_a_guard_that_is_switched_off_counts_as_missing(raw: Raw, purse: Purse) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no way to switch a trigger off")
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_frozen")
    assert guards_missing() == ["ledger_entry_frozen"]


def test_recomputing_leaves_a_run_that_can_be_computed_again(purse: Purse) -> None:
    run = ledger_recompute(SYSTEM)
    assert recomputation_last() == run
    stored = Run.objects.get(pk=run.pk)
    assert stored.result["sound"]
    assert stored.result["sum_won"] == 0
    assert stored.result["kinds"]["source"] == -10_000_000
    assert run_replay(stored).equal
