"""What the selectors return, and what it costs."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from madang.yard.audit.authority import SYSTEM
from madang.yard.ledger.models import Entry, EntryKind, FundLevel
from madang.yard.ledger.selectors import (
    EntryFilter,
    LineFilter,
    PlaceMoney,
    audit_numbers,
    balance_rows,
    commitments_of,
    commitments_open,
    district_money,
    dong_money,
    entries_list,
    entry_rows,
    fiscal_years,
    funds_list,
    line_balances,
    line_rows,
    places_money,
    trial_balance,
    year_shown,
)
from madang.yard.ledger.services import (
    CommitmentDraft,
    ExpenditureDraft,
    FundDraft,
    LineDraft,
    ReversalDraft,
    TransferDraft,
    commitment_enter,
    entry_reverse,
    expenditure_enter,
    fund_open,
    line_open,
    transfer_enter,
)
from madang.yard.ledger.services.checks import today

from .conftest import DISTRICT, DONG, OTHER_DONG, Purse

pytestmark = pytest.mark.django_db

YEAR = today().year


def steps(flow: object) -> dict[tuple[str, str], int]:
    """Return a flow's steps by the codes of their ends."""
    return {(step.giver.code, step.taker.code): step.won for step in flow.flow.steps}  # type: ignore[attr-defined]


def test_a_dongs_flow_follows_every_won(purse: Purse) -> None:
    promise = commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="a", amount_won=400_000))
    expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, commitment=promise.credit, amount_won=150_000))
    found = dong_money(DONG, YEAR)
    assert steps(found) == {
        ("SEO", "YANG"): 3_000_000,
        ("SEO", "SEO-L0001"): 2_000_000,
        ("YANG", "YANG-L0001"): 1_000_000,
        ("SEO-L0001", "available"): 2_000_000,
        ("YANG-L0001", "available"): 600_000,
        ("YANG-L0001", "committed"): 250_000,
        ("YANG-L0001", "spent"): 150_000,
        ("YANG", "unallocated"): 2_000_000,
    }
    assert found.flow.came_in_won == 5_000_000
    assert [stop.name for stop in found.flow.came_in] == ["서구 일반회계"]
    assert found.money == PlaceMoney(
        place=DONG, unallocated_won=2_000_000, appropriated_won=3_000_000, available_won=2_600_000,
        committed_won=250_000, spent_won=150_000, lines=2,
    )  # fmt: skip


def test_the_district_itself_shows_where_its_own_funds_went(purse: Purse) -> None:
    found = dong_money(DISTRICT, YEAR)
    assert steps(found) == {
        ("local_tax", "SEO"): 7_000_000,
        ("national_subsidy", "SEO"): 3_000_000,
        ("SEO", "YANG"): 3_000_000,
        ("SEO", f"place:SEO:{DONG}"): 2_000_000,
        (f"place:SEO:{DONG}", "available"): 2_000_000,
        ("SEO", "unallocated"): 5_000_000,
    }
    names = {stop.code: stop.name for stop in found.flow.stops}
    assert names[f"place:SEO:{DONG}"] == "양동"
    assert names["local_tax"] == "지방세"


def test_the_whole_district_is_seen_by_levels(purse: Purse) -> None:
    found = district_money(YEAR)
    assert steps(found) == {
        ("local_tax", "district"): 7_000_000,
        ("national_subsidy", "district"): 3_000_000,
        ("district", "dong"): 3_000_000,
        ("district", "available"): 2_000_000,
        ("dong", "available"): 1_000_000,
        ("district", "unallocated"): 5_000_000,
        ("dong", "unallocated"): 2_000_000,
    }
    assert found.money.appropriated_won == 3_000_000


def test_a_reversed_transfer_leaves_no_step(purse: Purse) -> None:
    transfer = transfer_enter(
        SYSTEM, TransferDraft(giver=purse.district_line, taker=purse.dong_line, amount_won=100_000)
    )
    assert steps(dong_money(DONG, YEAR))[("SEO-L0001", "YANG-L0001")] == 100_000
    entry_reverse(SYSTEM, ReversalDraft(entry=transfer, memo="a"))
    assert ("SEO-L0001", "YANG-L0001") not in steps(dong_money(DONG, YEAR))


def test_small_lines_stand_together(purse: Purse) -> None:
    for number in range(10):
        line_open(
            SYSTEM, LineDraft(fund=purse.dong_fund, place=DONG, programme=purse.programme, title=f"항목 {number}")
        )
        transfer_enter(
            SYSTEM,
            TransferDraft(
                giver=purse.dong_line,
                taker=line_balances(LineFilter(fund="YANG")).order_by("-pk")[0],
                amount_won=1_000 + number,
            ),
        )
    lines = [stop for stop in dong_money(DONG, YEAR).flow.stops if stop.kind == "line"]
    assert len(lines) == 8
    rest = next(stop for stop in lines if stop.code == "rest:YANG")
    assert rest.name == "그 밖의 예산 항목"
    assert rest.won == sum(1_000 + number for number in range(5))


def test_money_from_another_year_is_shown_as_given_by_that_fund(purse: Purse) -> None:
    next_year = fund_open(
        SYSTEM,
        FundDraft(code="NEXT", name_ko="내년 회계", level=FundLevel.DONG, place=DONG, fiscal_year=YEAR + 1),
    )
    transfer_enter(SYSTEM, TransferDraft(giver=purse.dong_fund, taker=next_year, amount_won=500_000))
    assert steps(dong_money(DONG, YEAR + 1)) == {("YANG", "NEXT"): 500_000, ("NEXT", "unallocated"): 500_000}
    assert steps(dong_money(DONG, YEAR))[("YANG", "NEXT")] == 500_000
    assert trial_balance(YEAR + 1).sum_won == 500_000
    assert trial_balance(YEAR).sum_won == -500_000
    assert trial_balance().sum_won == 0
    assert fiscal_years() == [YEAR + 1, YEAR]
    assert (year_shown(), year_shown(1999)) == (YEAR, 1999)


def test_an_empty_place_has_an_empty_flow(purse: Purse) -> None:
    found = dong_money(OTHER_DONG, YEAR)
    assert found.flow.stops == ()
    assert found.money == PlaceMoney(place=OTHER_DONG)


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (LineFilter(), ["SEO-L0001", "YANG-L0001"]),
        (LineFilter(place=DISTRICT), ["SEO-L0001", "YANG-L0001"]),
        (LineFilter(place=DISTRICT, exact=True), []),
        (LineFilter(place=OTHER_DONG), []),
        (LineFilter(fund="SEO"), ["SEO-L0001"]),
        (LineFilter(programme="P2"), []),
        (LineFilter(room="autonomy"), ["SEO-L0001", "YANG-L0001"]),
        (LineFilter(room="care"), []),
        (LineFilter(year=1999), []),
        (LineFilter(q="골목 화단"), ["YANG-L0001"]),
        (LineFilter(q="교통"), ["SEO-L0001"]),
        (LineFilter(q="100%"), []),
    ],
)
def test_lines_are_found(purse: Purse, wanted: LineFilter, codes: list[str]) -> None:
    assert [line.code for line in line_balances(wanted)] == codes


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (EntryFilter(), 5),
        (EntryFilter(kind=EntryKind.REVENUE), 2),
        (EntryFilter(place=DONG), 3),
        (EntryFilter(place=OTHER_DONG), 0),
        (EntryFilter(place=DISTRICT), 5),
        (EntryFilter(fund="YANG"), 2),
        (EntryFilter(line="SEO-L0001"), 1),
        (EntryFilter(year=YEAR), 5),
        (EntryFilter(year=1999), 0),
        (EntryFilter(since=today()), 5),
        (EntryFilter(until=today().replace(year=1999)), 0),
        (EntryFilter(q="YANG:pool"), 2),
        (EntryFilter(q="없는 말"), 0),
    ],
)
def test_entries_are_found(purse: Purse, wanted: EntryFilter, count: int) -> None:
    assert entries_list(wanted).count() == count
    assert len(list(entry_rows(wanted))) == count


def test_commitments_tell_what_they_still_hold(purse: Purse) -> None:
    first = commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="a", amount_won=100))
    commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="b", amount_won=200))
    expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, commitment=first.credit, amount_won=100))
    assert [(one.held_won, one.paid_won) for one in commitments_of(purse.dong_line)] == [(0, 100), (200, 0)]
    assert [account.title for account in commitments_open(purse.dong_line)] == ["b"]
    entry_reverse(SYSTEM, ReversalDraft(entry=Entry.objects.get(kind=EntryKind.EXPENDITURE), memo="a"))
    assert [(one.held_won, one.paid_won) for one in commitments_of(purse.dong_line)] == [(100, 0), (200, 0)]


READS: dict[str, tuple[Callable[[], object], int]] = {
    "line_balances": (lambda: [line.fund.name for line in line_balances(LineFilter())], 1),
    "entries_list": (lambda: [entry.debit.fund.name for entry in entries_list(EntryFilter(place=DONG))], 1),
    "entry_rows": (lambda: list(entry_rows(EntryFilter())), 1),
    "line_rows": (lambda: list(line_rows(LineFilter())), 1),
    "balance_rows": (lambda: list(balance_rows()), 1),
    "funds_list": (lambda: list(funds_list()), 1),
    "places_money": (lambda: places_money(YEAR), 2),
    "trial_balance": (trial_balance, 1),
    "dong_money": (lambda: dong_money(DONG, YEAR), 6),
    "district_dong_money": (lambda: dong_money(DISTRICT, YEAR), 8),
    "district_money": (lambda: district_money(YEAR), 4),
    "audit_numbers": (lambda: audit_numbers(Entry.objects.all()), 2),
}


@pytest.mark.parametrize("name", READS)
def test_a_read_costs_the_same_however_much_there_is(
    purse: Purse, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    read, queries = READS[name]
    for _ in range(2):
        with django_assert_num_queries(queries):
            read()
        for number in range(5):
            expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1 + number))
            line_open(
                SYSTEM, LineDraft(fund=purse.dong_fund, place=DONG, programme=purse.programme, title=f"항목 {number}")
            )
