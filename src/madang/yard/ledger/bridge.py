"""The door between ledger rows and what is computed from them."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from madang.numerics.digests import json_digest
from madang.yard.ledger.models import Account, Entry

# Everything that an entry says, in one order.
ENTRY_FIELDS = (
    "id", "journal", "key", "kind", "date", "amount_won", "debit_id", "credit_id", "memo", "reverses_id", "entered_at",
    "entered_by", "role",
)  # fmt: skip


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, uuid.UUID | date) else value


def _digest(rows: Iterable[Sequence[object]]) -> str:
    return json_digest([[_plain(value) for value in row] for row in rows])


def journal_digest(entries: Iterable[Entry]) -> str:
    """Return the digest of a journal's entries that the audit log keeps.

    The log is chained and sealed, so an entry altered behind the guards no longer matches it.
    """
    return _digest([getattr(entry, name) for name in ENTRY_FIELDS] for entry in entries)


def journal_digests() -> Iterator[tuple[uuid.UUID, str]]:
    """Yield every journal with the digest of its entries as they stand now."""
    rows = Entry.objects.order_by("journal", "id").values_list(*ENTRY_FIELDS).iterator(chunk_size=5000)
    for journal, members in groupby(rows, key=itemgetter(1)):
        yield journal, _digest(members)


def ledger_inputs() -> dict[str, list[list[Any]]]:
    """Return the whole ledger as `engine.replay.recompute` reads it: accounts by code, entries in their order."""
    accounts = Account.objects.order_by("code").values_list("pk", "code", "kind", "fund__code", "line__code")
    entries: QuerySet[Any, Any] = Entry.objects.order_by("pk").values_list(
        "pk", "kind", "amount_won", "debit_id", "credit_id", "reverses_id"
    )
    account_at: dict[int, int] = {}
    entry_at: dict[int, int] = {}
    account_rows: list[list[Any]] = []
    entry_rows: list[list[Any]] = []
    for pk, *values in accounts.iterator(chunk_size=5000):
        account_at[pk] = len(account_rows)
        account_rows.append(values)
    for pk, kind, won, debit, credit, undone in entries.iterator(chunk_size=5000):
        entry_at[pk] = len(entry_rows)
        row = [pk, kind, won, account_at[debit], account_at[credit], None if undone is None else entry_at[undone]]
        entry_rows.append(row)
    return {"accounts": account_rows, "entries": entry_rows}
