"""Replaying a ledger: the balances that follow from its entries, and the first entry that breaks a rule.

The same rules stand as triggers in the database. This is a second telling of them, on arrays and without a database, so
that anyone can check the published entries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.numerics.digests import json_digest
from madang.numerics.errors import EngineInputError

VERSION = "1"

SOURCE, POOL, AVAILABLE, COMMITTED, SPENT = range(5)
ACCOUNT_KINDS = ("source", "pool", "available", "committed", "spent")
REVENUE, APPROPRIATION, TRANSFER, COMMITMENT, RELEASE, EXPENDITURE, REVERSAL = range(7)
ENTRY_KINDS = ("revenue", "appropriation", "transfer", "commitment", "release", "expenditure", "reversal")

# Rule by rule, in the order in which a fault is named where one entry breaks several.
FAULTS = ("amount_not_positive", "wrong_accounts", "not_a_mirror", "reversed_twice", "overdrawn")

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Accounts, and entries in the order they were made.

    Attributes
    ----------
    account_kind : ndarray of int64, shape (n_accounts,)
        Index into `ACCOUNT_KINDS`.
    account_fund : ndarray of int64, shape (n_accounts,)
        Any number that two accounts share if and only if they are of one fund.
    account_line : ndarray of int64, shape (n_accounts,)
        Likewise for budget lines; -1 where the account has none.
    kind : ndarray of int64, shape (n_entries,)
        Index into `ENTRY_KINDS`.
    amount_won : ndarray of int64, shape (n_entries,)
        Amount [won].
    debit, credit : ndarray of int64, shape (n_entries,)
        Index of the account that gives and of the one that takes.
    reverses : ndarray of int64, shape (n_entries,)
        Index of the entry that this one undoes; -1 where it undoes none.
    """

    account_kind: IntArray
    account_fund: IntArray
    account_line: IntArray
    kind: IntArray
    amount_won: IntArray
    debit: IntArray
    credit: IntArray
    reverses: IntArray

    def __post_init__(self) -> None:
        accounts, entries = len(self.account_kind), len(self.kind)
        for name in ("account_fund", "account_line"):
            _check(len(getattr(self, name)) == accounts, f"{name} has not one value an account")
        for name in ("amount_won", "debit", "credit", "reverses"):
            _check(len(getattr(self, name)) == entries, f"{name} has not one value an entry")
        for name in ("debit", "credit"):
            values = getattr(self, name)
            _check(not entries or (values.min() >= 0 and values.max() < accounts), f"{name} names no account")
        order = np.arange(entries)
        _check(bool(np.all(self.reverses < order)), "an entry undoes one that comes after it")
        _check(bool(np.all(self.reverses >= -1)), "reverses names no entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What follows from the entries.

    Attributes
    ----------
    debits_won, credits_won : ndarray of int64, shape (n_accounts,)
        What went out of each account and what came in [won].
    fault : str
        The rule of `FAULTS` that is broken first; empty if none is.
    fault_at : int
        Index of the entry that breaks it; -1 if none does.
    """

    debits_won: IntArray
    credits_won: IntArray
    fault: str
    fault_at: int


def replay(book: Book) -> Replay:
    """Return the balances of a book and the first entry that breaks a rule.

    Notes
    -----
    Exact in integers. O((n + m) log n) in n entries and m accounts: running balances come from one stable sort by
    account and a cumulative sum.
    """
    accounts = len(book.account_kind)
    debits = np.zeros(accounts, dtype=np.int64)
    credits_ = np.zeros(accounts, dtype=np.int64)
    np.add.at(debits, book.debit, book.amount_won)
    np.add.at(credits_, book.credit, book.amount_won)
    broken = (
        book.amount_won <= 0,
        (book.kind != REVERSAL) & ~_accounts_allowed(book),
        _not_a_mirror(book),
        _reversed_before(book),
        _overdraws(book),
    )
    first = [(int(np.argmax(mask)), rule) for rule, mask in enumerate(broken) if mask.any()]
    at, rule = min(first, default=(-1, -1))
    return Replay(debits_won=debits, credits_won=credits_, fault=FAULTS[rule] if at >= 0 else "", fault_at=at)


def _accounts_allowed(book: Book) -> NDArray[np.bool_]:
    """Return for each entry whether its kind may go between its accounts."""
    gives, takes = book.account_kind[book.debit], book.account_kind[book.credit]
    fund = book.account_fund[book.debit] == book.account_fund[book.credit]
    line = book.account_line[book.debit] == book.account_line[book.credit]
    kind = book.kind
    within: list[NDArray[np.bool_]] = [
        (kind == REVENUE) & (gives == SOURCE) & (takes == POOL) & fund,
        (kind == APPROPRIATION) & (gives == POOL) & (takes == AVAILABLE) & fund,
        (kind == COMMITMENT) & (gives == AVAILABLE) & (takes == COMMITTED) & line,
        (kind == RELEASE) & (gives == COMMITTED) & (takes == AVAILABLE) & line,
        (kind == EXPENDITURE) & (gives == COMMITTED) & (takes == SPENT) & line,
        (kind == TRANSFER) & (gives == POOL) & (takes == POOL),
        (kind == TRANSFER) & (gives == AVAILABLE) & (takes == AVAILABLE),
        (kind == TRANSFER) & (gives == AVAILABLE) & (takes == POOL) & fund,
    ]
    allowed: NDArray[np.bool_] = np.logical_or.reduce(within) & (book.debit != book.credit)
    return allowed


def _not_a_mirror(book: Book) -> NDArray[np.bool_]:
    undone = book.reverses
    is_reversal = book.kind == REVERSAL
    mirror = (
        (undone >= 0)
        & (book.kind[undone] != REVERSAL)
        & (book.debit[undone] == book.credit)
        & (book.credit[undone] == book.debit)
        & (book.amount_won[undone] == book.amount_won)
    )
    wrong: NDArray[np.bool_] = (is_reversal & ~mirror) | (~is_reversal & (undone >= 0))
    return wrong


def _reversed_before(book: Book) -> NDArray[np.bool_]:
    again = np.zeros(len(book.kind), dtype=np.bool_)
    at = np.flatnonzero(book.reverses >= 0)
    _values, first = np.unique(book.reverses[at], return_index=True)
    again[at] = True
    again[at[first]] = False
    return again


def _overdraws(book: Book) -> NDArray[np.bool_]:
    """Return for each entry whether it takes an account (other than a source) below zero."""
    entries = len(book.kind)
    account = np.concatenate([book.debit, book.credit])
    change = np.concatenate([-book.amount_won, book.amount_won])
    entry = np.concatenate([np.arange(entries), np.arange(entries)])
    order = np.lexsort((entry, account))
    account, change, entry = account[order], change[order], entry[order]
    running = np.cumsum(change)
    starts = np.flatnonzero(np.r_[True, account[1:] != account[:-1]]) if entries else np.zeros(0, dtype=np.int64)
    before = np.where(starts > 0, running[starts - 1], 0)
    running -= np.repeat(before, np.diff(np.r_[starts, len(account)]))
    below = (running < 0) & (change < 0) & (book.account_kind[account] != SOURCE)
    found = np.zeros(entries, dtype=np.bool_)
    found[entry[below]] = True
    return found


def _check(holds: bool, fault: str) -> None:  # a condition
    if not holds:
        raise EngineInputError("book_not_valid", fault)


def recompute(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None) -> dict[str, Any]:  # noqa: ARG001  # the signature of a run
    """Return the balances of a ledger and the first fault, as JSON.

    Parameters
    ----------
    inputs : mapping
        "accounts": list of [code, kind, fund code, line code or null]; "entries": list of [id, kind, amount in won,
        index of the giving account, index of the taking account, index of the entry undone or null], in order.
    parameters : mapping
        None are used.
    seed : int or None
        Nothing is drawn.

    Returns
    -------
    dict
        "sound", "fault", "fault_at" (id of the entry), "sum_won" (of all balances), "kinds" (sum of the balances of
        each kind of account) and "balances_sha256" (of all balances in the order of their codes).
    """
    accounts, entries = inputs["accounts"], inputs["entries"]
    book = Book(
        account_kind=_array(ACCOUNT_KINDS.index(kind) for _code, kind, _fund, _line in accounts),
        account_fund=_numbered(fund for _code, _kind, fund, _line in accounts),
        account_line=_numbered(line for _code, _kind, _fund, line in accounts),
        kind=_array(ENTRY_KINDS.index(row[1]) for row in entries),
        amount_won=_array(row[2] for row in entries),
        debit=_array(row[3] for row in entries),
        credit=_array(row[4] for row in entries),
        reverses=_array(-1 if row[5] is None else row[5] for row in entries),
    )
    done = replay(book)
    balances = done.credits_won - done.debits_won
    by_code = sorted((code, int(won)) for (code, *_rest), won in zip(accounts, balances, strict=True))
    return {
        "sound": not done.fault,
        "fault": done.fault,
        "fault_at": entries[done.fault_at][0] if done.fault else None,
        "sum_won": int(balances.sum()),
        "kinds": {name: int(balances[book.account_kind == kind].sum()) for kind, name in enumerate(ACCOUNT_KINDS)},
        "balances_sha256": json_digest(by_code),
    }


def _array(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int64)


def _numbered(names: Iterable[str | None]) -> IntArray:
    """Return numbers that are equal where names are equal; -1 where there is no name."""
    numbers: dict[str, int] = {}
    return _array(-1 if name is None else numbers.setdefault(name, len(numbers)) for name in names)
