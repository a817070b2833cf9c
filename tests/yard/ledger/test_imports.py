"""A budget file is entered as a whole, once, or not at all."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from madang.numerics.errors import InputError, PermissionDenied
from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.ledger.models import Account, AccountKind, BudgetLine, Entry, EntryKind, Fund, Programme
from madang.yard.ledger.selectors import ledger_verify
from madang.yard.ledger.services import ImportDraft, ledger_import
from madang.yard.ledger.services.checks import today

from .conftest import DISTRICT, DONG, OTHER_DONG, Purse

pytestmark = pytest.mark.django_db

YEAR = today().year
HEADER = "row,code,fund,place,year,level,programme,name,owner,source,from,to,amount_won,date,memo\n"
BUDGET = (
    HEADER
    + f"""\
fund,GEN,,{DISTRICT},{YEAR},district,,일반회계,,,,,,,
fund,NONG,,{OTHER_DONG},{YEAR},dong,,농성동 자치회계,,,,,,,
programme,PB,,,,,,주민참여예산,,,,,,,
revenue,,GEN,,,,,,,local_tax,,,"9,000,000",,본예산
revenue,,GEN,,,,,,,national_subsidy,,,1000000,,
transfer,,,,,,,,,,GEN,NONG,4000000,,동 이전
line,GEN-1,GEN,{DONG},,,PB,어린이 통학로 그늘막,교통과,,,,2000000,,
line,NONG-1,NONG,{OTHER_DONG},,,PB,골목 화단,농성동,,,,1500000,,
line,NONG-2,NONG,{OTHER_DONG},,,PB,빈 항목,농성동,,,,,,
transfer,,,,,,,,,,NONG-1,NONG-2,500000,,
"""
)


def draft(text: str, *, dry_run: bool = False) -> ImportDraft:
    """Return a text as a file to read in."""
    return ImportDraft(file="budget.csv", data=text.encode(), dry_run=dry_run)


def counts() -> tuple[int, ...]:
    """Return how many rows every table has."""
    return tuple(table.objects.count() for table in (Fund, Programme, BudgetLine, Account, Entry, Record))


def test_everything_in_the_file_is_entered(places: object) -> None:
    report = ledger_import(SYSTEM, draft(BUDGET))
    assert (report.rows, report.funds, report.programmes, report.lines, report.entries) == (10, 2, 1, 3, 6)
    assert (report.revenue_won, report.appropriated_won, report.transferred_won) == (10_000_000, 3_500_000, 4_500_000)
    assert not report.dry_run
    balances = {account.code: account.balance_won for account in Account.objects.exclude(kind=AccountKind.SOURCE)}
    assert balances == {
        "GEN:pool": 4_000_000,
        "NONG:pool": 2_500_000,
        "GEN-1:available": 2_000_000,
        "GEN-1:spent": 0,
        "NONG-1:available": 1_000_000,
        "NONG-1:spent": 0,
        "NONG-2:available": 500_000,
        "NONG-2:spent": 0,
    }
    assert ledger_verify().sound
    logged = Record.objects.get(action="ledger.import")
    assert (logged.detail["file"], logged.detail["count"]) == (report.digest, 6)


def test_a_rehearsal_reports_the_same_and_keeps_nothing(places: object) -> None:
    before = counts()
    rehearsed = ledger_import(SYSTEM, draft(BUDGET, dry_run=True))
    assert counts() == before
    real = ledger_import(SYSTEM, draft(BUDGET))
    assert rehearsed.entries == real.entries
    assert rehearsed.appropriated_won == real.appropriated_won
    assert rehearsed.dry_run


def test_the_same_file_is_entered_once(places: object) -> None:
    ledger_import(SYSTEM, draft(BUDGET))
    before = counts()
    again = ledger_import(SYSTEM, draft(BUDGET))
    assert again.repeated
    assert again.entries == 0
    assert counts() == before


def test_a_supplement_builds_on_what_stands(places: object) -> None:
    ledger_import(SYSTEM, draft(BUDGET))
    more = HEADER + f"line,GEN-1,GEN,{DONG},,,PB,어린이 통학로 그늘막,교통과,,,,100000,,추경\n"
    report = ledger_import(SYSTEM, draft(more))
    assert (report.lines, report.entries, report.appropriated_won) == (0, 1, 100_000)
    assert Account.objects.get(code="GEN-1:available").balance_won == 2_100_000


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "code"),
    [
        (f"NONG,,{OTHER_DONG}", "NONG,,2914099999", 3, "place", "place_unknown"),
        (f"NONG,,{OTHER_DONG}", f"NONG,,{DISTRICT}", 3, "place", "place_unknown"),
        ("revenue,,GEN", "revenue,,GONE", 5, "fund", "code_unknown"),
        ("GEN,NONG,4000000", "GEN,NOWHERE,4000000", 7, "to", "code_unknown"),
        ("GEN,NONG,4000000", "GEN,GEN,4000000", 7, "to", "transfer_not_allowed"),
        ("GEN,NONG,4000000", "GEN,NONG,10000001", 7, "amount_won", "fund_short"),
        (",,,2000000,,", ",,,6000001,,", 8, "amount_won", "fund_short"),
        ("NONG-1,NONG-2,500000", "NONG-1,NONG-2,1500001", 11, "amount_won", "line_overspent"),
        (f"line,GEN-1,GEN,{DONG}", f"line,GEN-1,NONG,{DONG}", 8, "place", "place_outside_fund"),
        ("PB,어린이", "PX,어린이", 8, "programme", "code_unknown"),
        ("line,NONG-2", "line,NONG-1", 10, "code", "code_taken"),
        ("본예산", "010-1234-5678", 5, "memo", "personal_data"),
        ('"9,000,000",,본예산', '"9,000,000",2001-01-01,본예산', 5, "date", "date_outside_year"),
        ('"9,000,000",,본예산', '"9,000,000",2199-01-01,본예산', 5, "date", "date_in_future"),
        ("programme,PB,,,,,,주민참여예산", "programme,PB,,,,,," + "가" * 81, 4, "name", "text_too_long"),
    ],
)
def test_one_bad_row_and_nothing_is_kept(places: object, old: str, new: str, line: int, field: str, code: str) -> None:
    before = counts()
    text = BUDGET.replace(old, new, 1)
    assert text != BUDGET
    with pytest.raises(InputError) as refused:
        ledger_import(SYSTEM, draft(text))
    assert (refused.value.at.line, refused.value.at.field, refused.value.code) == (line, field, code)
    assert str(line) in str(refused.value)
    assert counts() == before


def test_who_may_not_enter_there_enters_nothing(places: object, officer: Actor) -> None:
    before = counts()
    with pytest.raises(PermissionDenied):
        ledger_import(officer, draft(BUDGET))
    elsewhere = Actor(role=Role.ADMINISTRATOR, place="11440", user="a")
    with pytest.raises(PermissionDenied):
        ledger_import(elsewhere, draft(BUDGET))
    assert counts() == before


def test_an_import_beside_what_stands_takes_from_the_same_fund(purse: Purse) -> None:
    row = "line,NEW,SEO,{place},,,P1,새 항목,,,,,{won},,\n"
    with pytest.raises(InputError) as refused:
        ledger_import(SYSTEM, draft(HEADER + row.format(place=DONG, won=5_000_001)))
    assert "5,000,000" in str(refused.value)
    ledger_import(SYSTEM, draft(HEADER + row.format(place=DONG, won=5_000_000)))
    assert purse.balance(purse.district_fund, AccountKind.POOL) == 0


def test_a_large_budget_costs_few_queries(
    places: object, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = "".join(f"line,GEN-X{number},GEN,{DONG},,,PB,항목 {number},,,,,10,,\n" for number in range(400))
    with django_assert_max_num_queries(60):
        report = ledger_import(SYSTEM, draft(BUDGET + rows))
    assert report.lines == 403
    assert Entry.objects.filter(kind=EntryKind.APPROPRIATION).count() == 402
    assert ledger_verify().sound


def test_the_guides_example_can_be_read_in(places: object) -> None:
    folder = next(parent for parent in Path(__file__).parents if (parent / "docs").is_dir())
    text = (folder / "docs/how-to/import-a-budget.md").read_text(encoding="utf-8")
    example = textwrap.dedent(text.split("```csv\n")[1].split("```")[0]).replace("2026", str(YEAR))
    report = ledger_import(SYSTEM, draft(example))
    assert (report.funds, report.lines, report.revenue_won) == (2, 2, 10_000_000_000)
    with pytest.raises(InputError) as refused:
        ledger_import(SYSTEM, draft(example.replace("20,000,000", "20,000,000,000")))
    assert (refused.value.at.line, refused.value.at.field) == (8, "amount_won")


def test_the_work_of_the_importer_is_visible_in_each_entry(places: object) -> None:
    actor = Actor(role=Role.ADMINISTRATOR, place=DISTRICT, user="admin")
    ledger_import(actor, draft(BUDGET))
    rows: Callable[[str], set[object]] = lambda name: set(Entry.objects.values_list(name, flat=True))  # noqa: E731
    assert rows("entered_by") == {"admin"}
    assert rows("role") == {"administrator"}
    assert len(rows("journal")) == 1
