"""A process that spends with many threads at once on a database of its own; run by test_concurrency.

Usage: python spenders.py SCENARIO. Prints one JSON object, or for `endless` one line a committed entry until killed.
"""

# ruff: noqa: E402  # Django is set up before what stands on it is imported

import json
import os
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from madang.numerics.errors import DomainError
from madang.yard.audit.authority import SYSTEM
from madang.yard.audit.selectors import audit_verify
from madang.yard.ledger.models import Account, AccountKind, Entry, EntryKind
from madang.yard.ledger.selectors import ledger_verify
from madang.yard.ledger.services import (
    CommitmentDraft,
    ExpenditureDraft,
    TransferDraft,
    commitment_enter,
    expenditure_enter,
    transfer_enter,
)
from madang.yard.ledger.services.checks import today

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from tests.yard.ledger.conftest import Purse, make_places, make_purse, standing_purse

THREADS = 8


def together(work: Callable[[int], str], times: int) -> dict[str, int]:
    """Do something many times in every thread, all beginning at once; return how often each outcome came."""
    outcomes: dict[str, int] = {}
    lock, start = threading.Lock(), threading.Barrier(THREADS)

    def run(number: int) -> None:
        start.wait()
        for _ in range(times):
            outcome = work(number)
            with lock:
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
        connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def insert(kind: str, debit: int, credit: int, won: int) -> str:
    """Insert an entry past the ORM and the services."""
    journal = uuid.uuid4()
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_entry (journal, key, kind, date, amount_won, debit_id, credit_id, memo,"
                " reverses_id, entered_at, entered_by, role)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, '', NULL, %s, '', 'system')",
                [
                    journal.hex if connection.vendor == "sqlite" else journal,
                    journal.hex, kind, str(today()), won, debit, credit, "2026-01-01 00:00:00+00:00",
                ],
            )  # fmt: skip
    except DatabaseError as error:
        return type(error).__name__
    return "done"


def raw_spending(purse: Purse) -> dict[str, Any]:
    """Spend one line from all threads, 30,000 won at a time, by SQL."""
    first = commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="a", amount_won=1))
    available = purse.account(purse.dong_line, AccountKind.AVAILABLE)
    outcomes = together(lambda _n: insert(EntryKind.COMMITMENT, available.pk, first.credit_id, 30_000), 20)
    return {"outcomes": outcomes, "left": purse.balance(purse.dong_line, AccountKind.AVAILABLE)}


def raw_crossing(purse: Purse) -> dict[str, Any]:
    """Move money between two lines in both directions at once, by SQL."""
    one = purse.account(purse.dong_line, AccountKind.AVAILABLE)
    other = purse.account(purse.district_line, AccountKind.AVAILABLE)

    def work(number: int) -> str:
        pair = (one.pk, other.pk) if number % 2 else (other.pk, one.pk)
        return insert(EntryKind.TRANSFER, *pair, 10)

    before = [purse.balance(line, AccountKind.AVAILABLE) for line in (purse.dong_line, purse.district_line)]
    outcomes = together(work, 25)
    after = [purse.balance(line, AccountKind.AVAILABLE) for line in (purse.dong_line, purse.district_line)]
    return {"outcomes": outcomes, "kept": sum(before) == sum(after)}


def service_spending(purse: Purse) -> dict[str, Any]:
    """Spend one line from all threads through the services."""

    def work(_number: int) -> str:
        try:
            expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=30_000))
        except DomainError as error:
            return str(error.code)
        return "done"

    outcomes = together(work, 8)
    return {"outcomes": outcomes, "left": purse.balance(purse.dong_line, AccountKind.AVAILABLE)}


def service_crossing(purse: Purse) -> dict[str, Any]:
    """Carry out workflows of several services that touch the same lines in opposite order."""
    lines = [purse.dong_line, purse.district_line]

    def work(number: int) -> str:
        giver, taker = lines if number % 2 else lines[::-1]
        try:
            with transaction.atomic():
                transfer_enter(SYSTEM, TransferDraft(giver=giver, taker=taker, amount_won=10))
                expenditure_enter(SYSTEM, ExpenditureDraft(line=taker, amount_won=5))
                expenditure_enter(SYSTEM, ExpenditureDraft(line=giver, amount_won=5))
        except DatabaseError as error:
            return type(error).__name__
        return "done"

    return {"outcomes": together(work, 4)}


def same_request(purse: Purse) -> dict[str, Any]:
    """Send the same requests from all threads."""
    keys = [f"request-{number}" for number in range(5)]

    def work(_number: int) -> str:
        for key in keys:
            expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1_000, key=key))
        return "done"

    outcomes = together(work, 2)
    return {"outcomes": outcomes, "entered": Entry.objects.filter(key__in=keys).count()}


def endless(purse: Purse) -> None:
    """Spend one won at a time from four threads and tell each acknowledged key, until killed."""
    lock = threading.Lock()

    def run() -> None:
        while True:
            key = uuid.uuid4().hex
            expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1, key=key))
            with lock:
                sys.stdout.write(key + "\n")
                sys.stdout.flush()

    for _ in range(4):
        threading.Thread(target=run).start()


def look(_purse: Purse) -> dict[str, Any]:
    """Tell the keys that stand and whether everything holds."""
    keys = list(Entry.objects.filter(kind=EntryKind.EXPENDITURE).values_list("key", flat=True))
    return {"keys": keys, "entries": Entry.objects.count()}


SCENARIOS: dict[str, Callable[[Purse], dict[str, Any] | None]] = {
    "raw_spending": raw_spending,
    "raw_crossing": raw_crossing,
    "service_spending": service_spending,
    "service_crossing": service_crossing,
    "same_request": same_request,
    "endless": endless,
    "look": look,
}


def main() -> None:
    """Prepare the database once, carry out a scenario and tell what came of it."""
    call_command("migrate", verbosity=0, interactive=False)
    if not Account.objects.exists():
        make_places()
        make_purse()
    result = SCENARIOS[sys.argv[1]](standing_purse())
    if result is not None:
        verdict = ledger_verify()
        # What raw SQL enters is not in the audit log, and is found for it.
        result["verdict"] = verdict.fault
        result["audit"] = audit_verify().sound
        sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
