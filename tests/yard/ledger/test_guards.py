"""The database itself refuses: every rule tried with raw SQL past the ORM."""

import uuid
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from django.db import DatabaseError, connection, transaction

from madang.yard.audit.authority import SYSTEM
from madang.yard.ledger.models import Account, AccountKind, BudgetLine, Entry, EntryKind, Fund
from madang.yard.ledger.services import (
    CommitmentDraft,
    ExpenditureDraft,
    LineDraft,
    commitment_enter,
    expenditure_enter,
    line_open,
)
from madang.yard.ledger.services.checks import today

from .conftest import DONG, OTHER_DONG, Purse

pytestmark = pytest.mark.django_db

Raw = Callable[..., None]

COLUMNS = "(journal, key, kind, date, amount_won, debit_id, credit_id, memo, reverses_id, entered_at, entered_by, role)"


def insert(
    raw: Raw,
    kind: str,
    debit: Account,
    credit: Account,
    amount_won: object,
    *,
    verb: str = "INSERT",
    reverses: Entry | None = None,
    key: str | None = None,
    date: object = None,
) -> None:
    """Insert an entry by hand."""
    journal = uuid.uuid4()
    values = {
        "journal": journal if connection.vendor == "postgresql" else journal.hex,
        "key": key or journal.hex,
        "kind": kind,
        "date": str(date or today()),
        "amount_won": amount_won,
        "debit": debit.pk,
        "credit": credit.pk,
        "reverses": reverses.pk if reverses else None,
        "at": "2026-01-01 00:00:00+00:00",
    }
    raw(
        f"{verb} INTO ledger_entry {COLUMNS} VALUES (%(journal)s, %(key)s, %(kind)s, %(date)s, %(amount_won)s,"
        " %(debit)s, %(credit)s, '', %(reverses)s, %(at)s, '', 'system')",
        values,
    )


def refused(work: Callable[[], None]) -> None:
    """Expect the database to refuse, and nothing to have changed.

    On SQLite no savepoint stands around the statement: what it leaves behind when it fails would be seen.
    """
    before = state()
    around = nullcontext() if connection.vendor == "sqlite" else transaction.atomic()
    with pytest.raises(DatabaseError), around:
        work()
    assert state() == before


def state() -> tuple[object, ...]:
    """Return every row of the ledger."""
    tables = (Fund, BudgetLine, Account, Entry)
    return tuple(tuple(table.objects.order_by("pk").values_list()) for table in tables)


@pytest.fixture
def accounts(purse: Purse) -> dict[str, Account]:
    """Return every account by a short name, with a commitment of 300,000 of which 100,000 are spent."""
    entry = commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="화분 구매", amount_won=300_000))
    expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, commitment=entry.credit, amount_won=100_000))
    other_line = line_open(
        SYSTEM, LineDraft(fund=purse.dong_fund, place=DONG, programme=purse.programme, title="다른 사업")
    )
    other = commitment_enter(SYSTEM, CommitmentDraft(line=purse.district_line, title="설치 공사", amount_won=500_000))
    return {
        "tax": Account.objects.get(fund=purse.district_fund, source="local_tax"),
        "pool": purse.account(purse.district_fund, AccountKind.POOL),
        "dong_pool": purse.account(purse.dong_fund, AccountKind.POOL),
        "available": purse.account(purse.dong_line, AccountKind.AVAILABLE),
        "committed": entry.credit,
        "spent": purse.account(purse.dong_line, AccountKind.SPENT),
        "other_available": purse.account(other_line, AccountKind.AVAILABLE),
        "other_spent": purse.account(other_line, AccountKind.SPENT),
        "district_available": purse.account(purse.district_line, AccountKind.AVAILABLE),
        "district_committed": other.credit,
        "district_spent": purse.account(purse.district_line, AccountKind.SPENT),
    }


ALLOWED = {
    ("revenue", "tax", "pool"),
    ("appropriation", "pool", "district_available"),
    ("appropriation", "dong_pool", "available"),
    ("appropriation", "dong_pool", "other_available"),
    ("transfer", "pool", "dong_pool"),
    ("transfer", "dong_pool", "pool"),
    ("transfer", "available", "other_available"),
    ("transfer", "available", "district_available"),
    ("transfer", "other_available", "available"),
    ("transfer", "other_available", "district_available"),
    ("transfer", "district_available", "available"),
    ("transfer", "district_available", "other_available"),
    ("transfer", "available", "dong_pool"),
    ("transfer", "other_available", "dong_pool"),
    ("transfer", "district_available", "pool"),
    ("commitment", "available", "committed"),
    ("commitment", "district_available", "district_committed"),
    ("release", "committed", "available"),
    ("release", "district_committed", "district_available"),
    ("expenditure", "committed", "spent"),
    ("expenditure", "district_committed", "district_spent"),
}


@pytest.mark.parametrize("kind", [*EntryKind.values, "gift", ""])
def test_each_kind_goes_between_its_own_accounts_and_no_others(
    raw: Raw, accounts: dict[str, Account], kind: str
) -> None:
    for debit_name, debit in accounts.items():
        for credit_name, credit in accounts.items():
            amount = 1
            if debit.kind != "source" and debit_name.startswith("other_"):
                amount = 0  # it is empty: only the rule about kinds is tried, by an amount that is refused anyway
            if amount and (kind, debit_name, credit_name) in ALLOWED:
                with transaction.atomic():
                    insert(raw, kind, debit, credit, amount)
                    transaction.set_rollback(True)
            else:
                refused(lambda d=debit, c=credit: insert(raw, kind, d, c, 1))


def test_an_entry_moves_exactly_its_amount(raw: Raw, accounts: dict[str, Account]) -> None:
    before = {name: (a.debits_won, a.credits_won) for name, a in current(accounts).items()}
    insert(raw, "expenditure", accounts["committed"], accounts["spent"], 12_345)
    after = {name: (a.debits_won, a.credits_won) for name, a in current(accounts).items()}
    debits, credits_ = before["committed"]
    assert after["committed"] == (debits + 12_345, credits_)
    debits, credits_ = before["spent"]
    assert after["spent"] == (debits, credits_ + 12_345)
    untouched = set(before) - {"committed", "spent"}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}


def current(accounts: dict[str, Account]) -> dict[str, Account]:
    """Return the accounts as they stand now."""
    return {name: Account.objects.get(pk=account.pk) for name, account in accounts.items()}


@pytest.mark.parametrize(
    ("kind", "debit", "credit", "held"),
    [
        ("appropriation", "dong_pool", "available", 2_000_000),
        ("transfer", "dong_pool", "pool", 2_000_000),
        ("transfer", "available", "district_available", 700_000),
        ("commitment", "available", "committed", 700_000),
        ("release", "committed", "available", 200_000),
        ("expenditure", "committed", "spent", 200_000),
    ],
)
@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR IGNORE", "INSERT OR FAIL", "INSERT OR REPLACE"])
def test_no_account_gives_more_than_it_holds(
    raw: Raw, accounts: dict[str, Account], kind: str, debit: str, credit: str, held: int, verb: str
) -> None:
    if verb != "INSERT" and connection.vendor != "sqlite":
        pytest.skip("a conflict clause of SQLite")
    assert Account.objects.get(pk=accounts[debit].pk).balance_won == held
    refused(lambda: insert(raw, kind, accounts[debit], accounts[credit], held + 1, verb=verb))
    insert(raw, kind, accounts[debit], accounts[credit], held, verb=verb)
    assert Account.objects.get(pk=accounts[debit].pk).balance_won == 0


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, 2**62])
def test_an_amount_is_positive_and_plausible(raw: Raw, accounts: dict[str, Account], amount: int) -> None:
    refused(lambda: insert(raw, "revenue", accounts["tax"], accounts["pool"], amount))


@pytest.mark.parametrize("amount", [1.5, "1.5", "many", None, b"\x01", 1e300])
def test_an_amount_is_a_whole_number(raw: Raw, accounts: dict[str, Account], amount: object) -> None:
    if connection.vendor == "postgresql" and isinstance(amount, float) and amount == 1.5:
        pytest.skip("PostgreSQL rounds it to a whole number on the way in")
    refused(lambda: insert(raw, "revenue", accounts["tax"], accounts["pool"], amount))


@pytest.mark.parametrize(
    "change",
    ["amount_won = 1", "memo = 'x'", "debit_id = credit_id", "kind = 'revenue'", "id = id + 1000", "memo = memo"],
)
def test_entries_are_not_changed(raw: Raw, purse: Purse, change: str) -> None:
    refused(lambda: raw(f"UPDATE ledger_entry SET {change}"))  # noqa: S608


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_account", "ledger_budgetline", "ledger_fund"])
def test_nothing_is_deleted(raw: Raw, purse: Purse, table: str) -> None:
    refused(lambda: raw(f"DELETE FROM {table}"))  # noqa: S608


@pytest.mark.parametrize(
    "change",
    [
        "debits_won = debits_won + 1",
        "credits_won = credits_won + 1",
        "credits_won = credits_won + 1, debits_won = debits_won + 1",
        "debits_won = debits_won + 7, credits_won = credits_won + 7, last_entry = last_entry + 1",
        "last_entry = last_entry + 1",
        "last_entry = last_entry - 1",
        "credits_won = credits_won + 2000000, last_entry = last_entry",
        "credits_won = credits_won + (SELECT amount_won FROM ledger_entry ORDER BY id DESC LIMIT 1),"
        " last_entry = (SELECT max(id) FROM ledger_entry)",
    ],
)
def test_sums_change_by_entries_only(raw: Raw, accounts: dict[str, Account], change: str) -> None:
    for account in accounts.values():
        refused(lambda pk=account.pk: raw(f"UPDATE ledger_account SET {change} WHERE id = {pk}"))  # noqa: S608


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("ledger_account", "kind = 'source', guarded = false, source = 'other', line_id = NULL"),
        ("ledger_account", "guarded = NOT guarded"),
        ("ledger_account", "fund_id = fund_id + 1"),
        ("ledger_account", "line_id = NULL WHERE line_id IS NOT NULL"),
        ("ledger_account", "place = '11'"),
        ("ledger_account", "code = code || 'x'"),
        ("ledger_account", "id = id + 1000"),
        ("ledger_budgetline", "place = '2914010200'"),
        ("ledger_budgetline", "fund_id = fund_id + 1"),
        ("ledger_budgetline", "code = code || 'x'"),
        ("ledger_fund", "place = '11'"),
        ("ledger_fund", "fiscal_year = fiscal_year + 1"),
        ("ledger_fund", "level = 'donation'"),
    ],
)
def test_what_a_thing_is_does_not_change(raw: Raw, accounts: dict[str, Account], table: str, change: str) -> None:
    refused(lambda: raw(f"UPDATE {table} SET {change}"))  # noqa: S608


def test_a_name_may_be_corrected(raw: Raw, purse: Purse) -> None:
    raw("UPDATE ledger_fund SET name_ko = '서구 일반회계(본예산)' WHERE code = 'SEO'")
    raw("UPDATE ledger_budgetline SET title = '그늘막', owner = '안전총괄과'")
    assert BudgetLine.objects.filter(title="그늘막").count() == 2


ACCOUNT = (
    "INTO ledger_account (code, kind, place, fund_id, line_id, source, title, guarded, debits_won, credits_won,"
    " last_entry) VALUES (%(code)s, %(kind)s, %(place)s, %(fund)s, %(line)s, %(source)s, '', %(guarded)s, %(debits)s,"
    " %(credits)s, 0)"
)


@pytest.mark.parametrize(
    "change",
    [
        {"credits": 5},
        {"debits": 5, "credits": 5},
        {"guarded": False},
        {"kind": "chest"},
        {"kind": "pool"},
        {"kind": "source"},
        {"kind": "source", "line": None, "source": "other", "guarded": True},
        {"kind": "source", "line": None, "source": "", "guarded": False},
        {"kind": "available"},
        {"kind": "spent"},
        {"kind": "pool", "line": None},
        {"kind": "source", "line": None, "source": "local_tax", "guarded": False, "place": "29140"},
        {"place": OTHER_DONG},
        {"place": "29140"},
        {"line": 10**6},
        {"line": None},
    ],
)
def test_an_account_is_what_its_kind_asks_for(raw: Raw, purse: Purse, change: dict[str, object]) -> None:
    sound = {
        "code": "new",
        "kind": "committed",
        "place": DONG,
        "fund": purse.district_fund.pk,
        "line": purse.district_line.pk,
        "source": "",
        "guarded": True,
        "debits": 0,
        "credits": 0,
    }
    refused(lambda: raw(f"INSERT {ACCOUNT}", {**sound, **change}))
    if connection.vendor == "sqlite":
        refused(lambda: raw(f"INSERT OR REPLACE {ACCOUNT}", {**sound, **change}))
    raw(f"INSERT {ACCOUNT}", sound)


def test_an_account_of_another_funds_line_is_refused(raw: Raw, purse: Purse) -> None:
    wrong = {
        "code": "new", "kind": "committed", "place": DONG, "fund": purse.dong_fund.pk, "line": purse.district_line.pk,
        "source": "", "guarded": True, "debits": 0, "credits": 0,
    }  # fmt: skip
    refused(lambda: raw(f"INSERT {ACCOUNT}", wrong))


@pytest.fixture
def spending(accounts: dict[str, Account]) -> Entry:
    """Return the payment of 100,000."""
    return Entry.objects.get(kind=EntryKind.EXPENDITURE, debit=accounts["committed"])


def undo(raw: Raw, entry: Entry) -> None:
    """Insert the mirror of an entry by hand."""
    insert(raw, "reversal", entry.credit, entry.debit, entry.amount_won, reverses=entry)


def test_a_mirror_is_accepted_once(raw: Raw, accounts: dict[str, Account], spending: Entry) -> None:
    undo(raw, spending)
    assert Account.objects.get(pk=accounts["spent"].pk).balance_won == 0
    refused(lambda: undo(raw, spending))


def test_what_is_no_mirror_is_refused(raw: Raw, accounts: dict[str, Account], spending: Entry) -> None:
    won, debit, credit = spending.amount_won, spending.debit, spending.credit
    refused(lambda: insert(raw, "reversal", credit, debit, won - 1, reverses=spending))
    refused(lambda: insert(raw, "reversal", debit, credit, won, reverses=spending))
    refused(lambda: insert(raw, "reversal", credit, accounts["available"], won, reverses=spending))
    refused(lambda: insert(raw, "reversal", accounts["tax"], debit, won, reverses=spending))
    refused(lambda: insert(raw, "reversal", credit, debit, won))
    refused(lambda: insert(raw, "expenditure", debit, credit, 1, reverses=spending))
    refused(lambda: insert(raw, "reversal", credit, debit, won, reverses=spending, date="2000-01-01"))


def test_a_reversal_is_not_reversed(raw: Raw, spending: Entry) -> None:
    undo(raw, spending)
    refused(lambda: undo(raw, Entry.objects.get(kind=EntryKind.REVERSAL)))


def test_money_that_moved_on_cannot_be_taken_back(raw: Raw, spending: Entry) -> None:
    refused(lambda: undo(raw, Entry.objects.get(kind=EntryKind.COMMITMENT, credit=spending.debit)))


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"])
def test_sqlite_conflict_clauses_open_no_door(raw: Raw, accounts: dict[str, Account], verb: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("conflict clauses of SQLite")
    entry = Entry.objects.get(kind=EntryKind.EXPENDITURE)
    fund = accounts["pool"].fund_id
    refused(lambda: raw(copied(verb, "id", "key || 'x'"), [entry.pk]))
    refused(lambda: raw(copied(verb, "id + 1000", "key"), [entry.pk]))
    refused(
        lambda: raw(
            f"{verb} INTO ledger_account (id, code, kind, place, fund_id, line_id, source, title, guarded, debits_won,"
            " credits_won, last_entry) VALUES (%s, 'forged', 'source', '29140', %s, NULL, 'other', '', 0, 0, 0, 0)",
            [accounts["pool"].pk, fund],
        )
    )
    refused(
        lambda: raw(
            f"{verb} INTO ledger_fund (id, code, name_ko, name_en, level, place, fiscal_year, created_at)"
            " VALUES (%s, 'forged', 'x', '', 'dong', '11', 2020, '2026-01-01')",
            [fund],
        )
    )


def copied(verb: str, identity: str, key: str) -> str:
    """Return a statement that inserts an entry again."""
    names = (
        "id, journal, key, kind, date, amount_won, debit_id, credit_id, memo, reverses_id, entered_at, entered_by, role"
    )
    return (
        f"{verb} INTO ledger_entry ({names}) SELECT {identity}, journal, {key}, kind, date, amount_won, debit_id,"  # noqa: S608
        " credit_id, memo, reverses_id, entered_at, entered_by, role FROM ledger_entry WHERE id = %s"
    )


def test_the_orm_cannot_change_an_entry_either(purse: Purse) -> None:
    entry = Entry.objects.earliest("id")
    entry.amount_won = 1
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.bulk_create([entry], update_conflicts=True, unique_fields=["id"], update_fields=["amount_won"])
