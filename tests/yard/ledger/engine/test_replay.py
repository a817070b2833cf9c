"""Replaying a ledger on arrays: worked by hand, invariants, and a slow second telling as oracle."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.yard.ledger.engine.replay import (
    ACCOUNT_KINDS,
    APPROPRIATION,
    AVAILABLE,
    COMMITMENT,
    COMMITTED,
    ENTRY_KINDS,
    EXPENDITURE,
    POOL,
    RELEASE,
    REVENUE,
    REVERSAL,
    SOURCE,
    SPENT,
    TRANSFER,
    Book,
    recompute,
    replay,
)

# Two funds; a line of each. 0 source, 1 pool, 2 available, 3 committed, 4 spent; 5 source, 6 pool, 7 available of the
# second fund.
KIND = [SOURCE, POOL, AVAILABLE, COMMITTED, SPENT, SOURCE, POOL, AVAILABLE]
FUND = [0, 0, 0, 0, 0, 1, 1, 1]
LINE = [-1, -1, 0, 0, 0, -1, -1, 1]


def book(*entries: tuple[int, int, int, int, int]) -> Book:
    """Return a book of (kind, amount, debit, credit, reverses)."""
    columns = np.array(entries, dtype=np.int64).reshape(-1, 5).T
    return Book(
        account_kind=np.array(KIND),
        account_fund=np.array(FUND),
        account_line=np.array(LINE),
        kind=columns[0],
        amount_won=columns[1],
        debit=columns[2],
        credit=columns[3],
        reverses=columns[4],
    )


GOOD = (
    (REVENUE, 100, 0, 1, -1),
    (APPROPRIATION, 60, 1, 2, -1),
    (COMMITMENT, 50, 2, 3, -1),
    (EXPENDITURE, 30, 3, 4, -1),
    (RELEASE, 5, 3, 2, -1),
    (TRANSFER, 10, 1, 6, -1),
    (TRANSFER, 3, 2, 7, -1),
    (REVERSAL, 30, 4, 3, 3),
)


def test_a_ledger_worked_by_hand() -> None:
    done = replay(book(*GOOD))
    assert (done.fault, done.fault_at) == ("", -1)
    assert (done.credits_won - done.debits_won).tolist() == [-100, 30, 12, 45, 0, 0, 10, 3]
    assert done.debits_won.tolist() == [100, 70, 53, 35, 30, 0, 0, 0]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ((REVENUE, 0, 0, 1, -1), "amount_not_positive"),
        ((REVENUE, -5, 0, 1, -1), "amount_not_positive"),
        ((REVENUE, 1, 0, 6, -1), "wrong_accounts"),
        ((APPROPRIATION, 1, 1, 7, -1), "wrong_accounts"),
        ((EXPENDITURE, 1, 2, 4, -1), "wrong_accounts"),
        ((TRANSFER, 1, 2, 6, -1), "wrong_accounts"),
        ((TRANSFER, 1, 1, 1, -1), "wrong_accounts"),
        ((REVERSAL, 99, 1, 0, 0), "not_a_mirror"),
        ((REVERSAL, 1, 0, 1, -1), "not_a_mirror"),
        ((REVERSAL, 30, 3, 4, 7), "not_a_mirror"),
        ((COMMITMENT, 1, 2, 3, 2), "not_a_mirror"),
        ((REVERSAL, 30, 4, 3, 3), "reversed_twice"),
        ((COMMITMENT, 13, 2, 3, -1), "overdrawn"),
        ((EXPENDITURE, 46, 3, 4, -1), "overdrawn"),
        ((APPROPRIATION, 31, 1, 2, -1), "overdrawn"),
    ],
)
def test_the_entry_that_breaks_a_rule_is_named(entry: tuple[int, int, int, int, int], fault: str) -> None:
    done = replay(book(*GOOD, entry, (REVENUE, -1, 0, 1, -1)))
    assert (done.fault, done.fault_at) == (fault, len(GOOD))


def test_what_is_no_book_is_refused() -> None:
    sound = book(*GOOD)
    for change in (
        {"debit": sound.debit + 8},
        {"credit": sound.credit - 8},
        {"reverses": np.full(8, 7)},
        {"reverses": np.full(8, -2)},
        {"amount_won": sound.amount_won[:-1]},
        {"account_fund": sound.account_fund[:-1]},
    ):
        with pytest.raises(EngineInputError):
            replace(sound, **change)


def test_an_empty_ledger_holds() -> None:
    done = replay(book())
    assert (done.fault, done.debits_won.sum()) == ("", 0)


entries = st.lists(
    st.tuples(st.integers(0, 6), st.integers(-1, 9), st.integers(0, 7), st.integers(0, 7), st.integers(-1, 5)),
    max_size=12,
)


@given(entries)
def test_balances_add_up_to_zero_and_agree_with_a_slow_telling(rows: list[tuple[int, int, int, int, int]]) -> None:
    sound = [
        (kind, won, debit, credit, undone if undone < at else -1)
        for at, (kind, won, debit, credit, undone) in enumerate(rows)
    ]
    done = replay(book(*sound))
    assert (done.credits_won - done.debits_won).sum() == 0
    assert (done.fault, done.fault_at) == slow(sound)


def slow(rows: list[tuple[int, int, int, int, int]]) -> tuple[str, int]:
    """Tell the rules once more, entry by entry."""
    held = [0] * 8
    undone_before: set[int] = set()
    names = {
        (REVENUE, SOURCE, POOL): "fund",
        (APPROPRIATION, POOL, AVAILABLE): "fund",
        (COMMITMENT, AVAILABLE, COMMITTED): "line",
        (RELEASE, COMMITTED, AVAILABLE): "line",
        (EXPENDITURE, COMMITTED, SPENT): "line",
        (TRANSFER, POOL, POOL): "any",
        (TRANSFER, AVAILABLE, AVAILABLE): "any",
        (TRANSFER, AVAILABLE, POOL): "fund",
    }
    for at, (kind, won, debit, credit, undone) in enumerate(rows):
        held[debit] -= won
        held[credit] += won
        if won <= 0:
            return "amount_not_positive", at
        if kind != REVERSAL:
            within = names.get((kind, KIND[debit], KIND[credit]))
            same = {"fund": FUND[debit] == FUND[credit], "line": LINE[debit] == LINE[credit], "any": True}
            if within is None or not same[within] or debit == credit:
                return "wrong_accounts", at
        mirrors = undone >= 0 and rows[undone][0] != REVERSAL and rows[undone][1:4] == (won, credit, debit)
        if (kind == REVERSAL) != (undone >= 0) or (kind == REVERSAL and not mirrors):
            return "not_a_mirror", at
        if undone >= 0 and undone in undone_before:
            return "reversed_twice", at
        undone_before.add(undone)
        if KIND[debit] != SOURCE and held[debit] < 0:
            return "overdrawn", at
    return "", -1


@given(st.permutations(range(8)))
def test_the_order_of_accounts_does_not_matter(order: list[int]) -> None:
    sound = book(*GOOD)
    place = np.argsort(order)
    shuffled = Book(
        account_kind=sound.account_kind[order],
        account_fund=sound.account_fund[order],
        account_line=sound.account_line[order],
        kind=sound.kind,
        amount_won=sound.amount_won,
        debit=place[sound.debit],
        credit=place[sound.credit],
        reverses=sound.reverses,
    )
    assert replay(shuffled).credits_won.tolist() == replay(sound).credits_won[order].tolist()
    assert replay(shuffled).fault == ""


def test_a_run_can_be_computed_again_from_json() -> None:
    accounts = [
        [f"a{at}", ACCOUNT_KINDS[kind], f"f{fund}", None if line < 0 else f"l{line}"]
        for at, (kind, fund, line) in enumerate(zip(KIND, FUND, LINE, strict=True))
    ]
    rows = [
        [100 + at, ENTRY_KINDS[kind], won, debit, credit, None if undone < 0 else undone]
        for at, (kind, won, debit, credit, undone) in enumerate(GOOD)
    ]
    result = recompute({"accounts": accounts, "entries": rows}, {}, None)
    assert (result["sound"], result["sum_won"]) == (True, 0)
    assert result["kinds"] == {"source": -100, "pool": 40, "available": 15, "committed": 45, "spent": 0}
    broken = recompute({"accounts": accounts, "entries": [*rows, [999, "expenditure", 46, 3, 4, None]]}, {}, None)
    assert (broken["sound"], broken["fault"], broken["fault_at"]) == (False, "overdrawn", 999)
    assert broken["balances_sha256"] != result["balances_sha256"]
