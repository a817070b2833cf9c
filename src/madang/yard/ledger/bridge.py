"""The door between ledger rows and what is computed from them."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from madang.numerics.digests import json_digest
from madang.yard.ledger.engine.replay import ACCOUNT_KINDS, ENTRY_KINDS, Book
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRows:
    """The ledger as arrays, and whose rows they are.

    Attributes
    ----------
    book : Book
        Accounts and entries.
    account_ids, entry_ids : list of int
        Keys of the rows, in the order of the arrays.
    """

    book: Book
    account_ids: list[int]
    entry_ids: list[int]


def book_of(accounts: Iterable[tuple[Any, ...]], entries: Iterable[tuple[Any, ...]]) -> BookRows:
    """Return rows as arrays.

    Parameters
    ----------
    accounts : iterable of (id, kind, fund id, line id or None)
        In any order.
    entries : iterable of (id, kind, amount, debit id, credit id, reversed id or None)
        In any order; the arrays are in the order of their ids.
    """
    account_rows, entry_rows = list(accounts), sorted(entries, key=itemgetter(0))
    account_at = {row[0]: index for index, row in enumerate(account_rows)}
    entry_at = {row[0]: index for index, row in enumerate(entry_rows)}

    def array(values: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.fromiter(values, dtype=np.int64)

    book = Book(
        account_kind=array(ACCOUNT_KINDS.index(row[1]) for row in account_rows),
        account_fund=array(row[2] for row in account_rows),
        account_line=array(-1 if row[3] is None else row[3] for row in account_rows),
        kind=array(ENTRY_KINDS.index(row[1]) for row in entry_rows),
        amount_won=array(row[2] for row in entry_rows),
        debit=array(account_at[row[3]] for row in entry_rows),
        credit=array(account_at[row[4]] for row in entry_rows),
        reverses=array(-1 if row[5] is None else entry_at[row[5]] for row in entry_rows),
    )
    return BookRows(book=book, account_ids=list(account_at), entry_ids=list(entry_at))


def book_read() -> BookRows:
    """Read the whole ledger as arrays."""
    return book_of(
        Account.objects.order_by("pk").values_list("pk", "kind", "fund_id", "line_id"),
        Entry.objects.order_by("pk")
        .values_list("pk", "kind", "amount_won", "debit_id", "credit_id", "reverses_id")
        .iterator(chunk_size=5000),
    )
