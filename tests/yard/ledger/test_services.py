"""What the services do, refuse and log."""

import datetime as dt
from collections.abc import Callable

import pytest

from madang.numerics.errors import Conflict, DomainError, PermissionDenied
from madang.yard.audit.authority import SYSTEM, VISITOR, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.audit.selectors import audit_verify
from madang.yard.ledger.models import AccountKind, BudgetLine, Entry, EntryKind, Fund, FundLevel, RevenueSource
from madang.yard.ledger.selectors import ledger_verify
from madang.yard.ledger.services import (
    AppropriationDraft,
    CommitmentDraft,
    ExpenditureDraft,
    FundDraft,
    LineDraft,
    ProgrammeDraft,
    ReleaseDraft,
    RevenueDraft,
    ReversalDraft,
    TransferDraft,
    appropriation_enter,
    commitment_enter,
    commitment_release,
    entry_reverse,
    expenditure_enter,
    fund_open,
    line_open,
    programme_open,
    revenue_enter,
    transfer_enter,
)
from madang.yard.ledger.services.checks import today

from .conftest import DISTRICT, DONG, OTHER_DONG, Purse

pytestmark = pytest.mark.django_db


def test_money_goes_from_a_source_to_what_was_bought(purse: Purse, officer: Actor) -> None:
    assert purse.balance(purse.district_fund, AccountKind.POOL) == 5_000_000
    assert purse.balance(purse.dong_fund, AccountKind.POOL) == 2_000_000
    promise = commitment_enter(
        officer, CommitmentDraft(line=purse.dong_line, title="화분 100개", amount_won=400_000, memo="3개사 견적")
    )
    expenditure_enter(
        officer, ExpenditureDraft(line=purse.dong_line, commitment=promise.credit, amount_won=350_000, memo="납품")
    )
    commitment_release(officer, ReleaseDraft(commitment=promise.credit, amount_won=50_000, memo="잔액"))
    assert purse.balance(purse.dong_line, AccountKind.AVAILABLE) == 650_000
    assert purse.balance(purse.dong_line, AccountKind.SPENT) == 350_000
    promise.credit.refresh_from_db()
    assert promise.credit.balance_won == 0
    assert promise.credit.title == "화분 100개"
    assert ledger_verify().sound


def test_a_direct_payment_is_promised_and_paid_in_one_journal(purse: Purse, officer: Actor) -> None:
    paid = expenditure_enter(officer, ExpenditureDraft(line=purse.dong_line, amount_won=12_000, memo="간식"))
    journal = list(Entry.objects.filter(journal=paid.journal).values_list("kind", "amount_won"))
    assert journal == [("commitment", 12_000), ("expenditure", 12_000)]
    assert Record.objects.filter(target=f"ledger.journal:{paid.journal}").count() == 1
    assert purse.balance(purse.dong_line, AccountKind.SPENT) == 12_000


def test_every_write_is_logged_without_the_memo(purse: Purse, officer: Actor) -> None:
    paid = expenditure_enter(officer, ExpenditureDraft(line=purse.dong_line, amount_won=12_000, memo="아주 특별한 말"))
    logged = Record.objects.get(target=f"ledger.journal:{paid.journal}")
    assert (logged.action, logged.user, logged.role, logged.place) == (
        "expenditure.enter", "officer", "dong_officer", DONG,
    )  # fmt: skip
    assert [entry["won"] for entry in logged.detail["entries"]] == [12_000, 12_000]
    assert "특별한" not in str(logged.detail)
    assert audit_verify().sound


@pytest.mark.parametrize(
    ("work", "code", "held"),
    [
        (
            lambda p: commitment_enter(SYSTEM, CommitmentDraft(line=p.dong_line, title="x", amount_won=1_000_001)),
            "line_overspent", 1_000_000,
        ),
        (
            lambda p: expenditure_enter(SYSTEM, ExpenditureDraft(line=p.dong_line, amount_won=1_000_001)),
            "line_overspent", 1_000_000,
        ),
        (
            lambda p: appropriation_enter(SYSTEM, AppropriationDraft(line=p.dong_line, amount_won=2_000_001)),
            "fund_short", 2_000_000,
        ),
        (
            lambda p: transfer_enter(
                SYSTEM, TransferDraft(giver=p.district_fund, taker=p.dong_fund, amount_won=5_000_001)
            ),
            "fund_short", 5_000_000,
        ),
        (
            lambda p: transfer_enter(
                SYSTEM, TransferDraft(giver=p.district_line, taker=p.dong_line, amount_won=2_000_001)
            ),
            "line_overspent", 2_000_000,
        ),
    ],
)  # fmt: skip
def test_who_asks_too_much_is_told_how_much_there_is(
    purse: Purse, work: Callable[[Purse], Entry], code: str, held: int
) -> None:
    entries, records = Entry.objects.count(), Record.objects.count()
    with pytest.raises(DomainError) as refused:
        work(purse)
    assert refused.value.code == code
    assert refused.value.data["available_won"] == held
    assert refused.value.field == "amount_won"
    assert f"{held:,}" in str(refused.value)
    assert (Entry.objects.count(), Record.objects.count()) == (entries, records)
    assert ledger_verify().sound


def test_no_commitment_is_spent_beyond(purse: Purse) -> None:
    first = commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="a", amount_won=100_000))
    commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="b", amount_won=500_000))
    for work in (
        lambda: expenditure_enter(
            SYSTEM, ExpenditureDraft(line=purse.dong_line, commitment=first.credit, amount_won=100_001)
        ),
        lambda: commitment_release(SYSTEM, ReleaseDraft(commitment=first.credit, amount_won=100_001)),
    ):
        with pytest.raises(DomainError) as refused:
            work()
        assert (refused.value.code, refused.value.data["available_won"]) == ("commitment_exceeded", 100_000)


def test_a_commitment_of_another_line_is_not_spent(purse: Purse) -> None:
    other = commitment_enter(SYSTEM, CommitmentDraft(line=purse.district_line, title="a", amount_won=100_000))
    with pytest.raises(DomainError) as refused:
        expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, commitment=other.credit, amount_won=1))
    assert refused.value.code == "commitment_elsewhere"
    pool = purse.account(purse.dong_fund, AccountKind.POOL)
    with pytest.raises(DomainError) as refused:
        commitment_release(SYSTEM, ReleaseDraft(commitment=pool, amount_won=1))
    assert refused.value.code == "commitment_elsewhere"


class TestReversal:
    """An entry is undone by its mirror."""

    def test_it_takes_back_exactly_what_was_entered(self, purse: Purse, officer: Actor) -> None:
        paid = expenditure_enter(officer, ExpenditureDraft(line=purse.dong_line, amount_won=12_000))
        undone = entry_reverse(officer, ReversalDraft(entry=paid, memo="금액을 잘못 적음"))
        assert (undone.kind, undone.amount_won, undone.reverses_id) == ("reversal", 12_000, paid.pk)
        assert (undone.debit_id, undone.credit_id) == (paid.credit_id, paid.debit_id)
        assert purse.balance(purse.dong_line, AccountKind.SPENT) == 0
        assert ledger_verify().sound

    def test_only_once_and_not_of_itself(self, purse: Purse) -> None:
        paid = expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=12_000))
        undone = entry_reverse(SYSTEM, ReversalDraft(entry=paid, memo="a"))
        with pytest.raises(Conflict) as refused:
            entry_reverse(SYSTEM, ReversalDraft(entry=paid, memo="a"))
        assert refused.value.code == "reversed_already"
        with pytest.raises(Conflict) as refused:
            entry_reverse(SYSTEM, ReversalDraft(entry=undone, memo="a"))
        assert refused.value.code == "reversal_of_reversal"

    def test_not_while_the_money_is_elsewhere(self, purse: Purse) -> None:
        promise = commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="a", amount_won=100_000))
        expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, commitment=promise.credit, amount_won=40_000))
        with pytest.raises(DomainError) as refused:
            entry_reverse(SYSTEM, ReversalDraft(entry=promise, memo="a"))
        assert (refused.value.code, refused.value.data["available_won"]) == ("reversal_short", 60_000)

    def test_it_needs_a_reason_and_a_day(self, purse: Purse) -> None:
        paid = expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=12_000))
        for memo, date, code in (
            (" ", None, "reason_missing"),
            ("a", today() - dt.timedelta(days=1), "date_before_entry"),
            ("a", today() + dt.timedelta(days=1), "date_in_future"),
        ):
            with pytest.raises(DomainError) as refused:
                entry_reverse(SYSTEM, ReversalDraft(entry=paid, memo=memo, date=date))
            assert refused.value.code == code

    def test_a_dong_officer_does_not_undo_the_districts_appropriation(self, purse: Purse, officer: Actor) -> None:
        given = Entry.objects.get(kind=EntryKind.APPROPRIATION, credit__line=purse.district_line)
        with pytest.raises(PermissionDenied):
            entry_reverse(officer, ReversalDraft(entry=given, memo="a"))


class TestRetry:
    """What a client sends twice is entered once."""

    def test_the_same_request_is_the_same_entry(self, purse: Purse) -> None:
        line = purse.dong_line
        promise = commitment_enter(SYSTEM, CommitmentDraft(line=line, title="a", amount_won=100_000, key="c1"))
        paid = ExpenditureDraft(line=line, commitment=promise.credit, amount_won=1000, key="e1")
        works: list[Callable[[], Entry]] = [
            lambda: commitment_enter(SYSTEM, CommitmentDraft(line=line, title="a", amount_won=100_000, key="c1")),
            lambda: expenditure_enter(SYSTEM, paid),
            lambda: expenditure_enter(SYSTEM, ExpenditureDraft(line=line, amount_won=1000, memo="m", key="e2")),
            lambda: commitment_release(
                SYSTEM, ReleaseDraft(commitment=promise.credit, amount_won=1000, memo="r", key="r1")
            ),
            lambda: revenue_enter(
                SYSTEM,
                RevenueDraft(fund=purse.dong_fund, source=RevenueSource.DONATION, amount_won=5, memo="d", key="v1"),
            ),
            lambda: appropriation_enter(SYSTEM, AppropriationDraft(line=line, amount_won=5, key="a1")),
            lambda: transfer_enter(
                SYSTEM, TransferDraft(giver=purse.district_fund, taker=purse.dong_fund, amount_won=7, key="t1")
            ),
        ]
        for work in works:
            first = work()
            count, records = Entry.objects.count(), Record.objects.count()
            again = work()
            assert again.pk == first.pk
            assert (Entry.objects.count(), Record.objects.count()) == (count, records)
        undo = ReversalDraft(entry=Entry.objects.get(key="e1"), memo="x", key="u1")
        assert entry_reverse(SYSTEM, undo).pk == entry_reverse(SYSTEM, undo).pk

    def test_another_request_under_the_same_number_is_refused(self, purse: Purse) -> None:
        second = line_open(SYSTEM, LineDraft(fund=purse.dong_fund, place=DONG, programme=purse.programme, title="b"))
        expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1000, key="k"))
        appropriation_enter(SYSTEM, AppropriationDraft(line=purse.dong_line, amount_won=5, key="a"))
        commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="계약", amount_won=7, key="c"))
        one, other = (expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=3)) for _ in range(2))
        entry_reverse(SYSTEM, ReversalDraft(entry=one, memo="u", key="u"))
        for work in (
            lambda: expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1001, key="k")),
            lambda: expenditure_enter(
                SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1000, memo="x", key="k")
            ),
            lambda: commitment_enter(
                SYSTEM, CommitmentDraft(line=purse.dong_line, title="x", amount_won=1000, key="k")
            ),
            lambda: expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.district_line, amount_won=1000, key="k")),
            lambda: appropriation_enter(SYSTEM, AppropriationDraft(line=second, amount_won=5, key="a")),
            lambda: commitment_enter(
                SYSTEM, CommitmentDraft(line=purse.dong_line, title="다른 계약", amount_won=7, key="c")
            ),
            lambda: entry_reverse(SYSTEM, ReversalDraft(entry=other, memo="u", key="u")),
        ):
            with pytest.raises(Conflict) as refused:
                work()
            assert refused.value.code == "key_used"

    def test_a_number_that_a_first_half_took_is_refused_by_the_database(self, purse: Purse) -> None:
        expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1000, key="k"))
        with pytest.raises(Conflict):
            commitment_enter(SYSTEM, CommitmentDraft(line=purse.dong_line, title="x", amount_won=5, key="k#1"))

    def test_what_is_opened_again_alike_is_the_same(self, purse: Purse) -> None:
        year = today().year
        fund = FundDraft(
            code="F", name_ko="기금", level=FundLevel.DONATION, place=DISTRICT, fiscal_year=year
        )  # fmt: skip
        programme = ProgrammeDraft(code="P2", name_ko="사업")
        assert fund_open(SYSTEM, fund).pk == fund_open(SYSTEM, fund).pk
        assert programme_open(SYSTEM, programme).pk == programme_open(SYSTEM, programme).pk
        line = LineDraft(fund=purse.dong_fund, place=DONG, programme=purse.programme, title="a", code="L")
        assert line_open(SYSTEM, line).pk == line_open(SYSTEM, line).pk
        assert BudgetLine.objects.filter(code="L").count() == 1
        for work in (
            lambda: fund_open(
                SYSTEM,
                FundDraft(code="F", name_ko="다른", level=FundLevel.DONATION, place=DISTRICT, fiscal_year=year),
            ),
            lambda: programme_open(SYSTEM, ProgrammeDraft(code="P2", name_ko="다른")),
            lambda: line_open(
                SYSTEM,
                LineDraft(fund=purse.dong_fund, place=DONG, programme=purse.programme, title="b", code="L"),
            ),
        ):
            with pytest.raises(Conflict) as refused:
                work()
            assert refused.value.code == "code_taken"


def test_lines_without_a_code_are_numbered(purse: Purse) -> None:
    draft = LineDraft(fund=purse.dong_fund, place=DONG, programme=purse.programme, title="a")
    taken = LineDraft(fund=purse.dong_fund, place=DONG, programme=purse.programme, title="a", code="YANG-L0003")
    line_open(SYSTEM, taken)
    assert purse.dong_line.code == "YANG-L0001"
    assert [line_open(SYSTEM, draft).code for _ in range(2)] == ["YANG-L0004", "YANG-L0005"]


def test_money_goes_from_a_line_back_to_its_fund_but_not_to_another(purse: Purse) -> None:
    transfer_enter(SYSTEM, TransferDraft(giver=purse.dong_line, taker=purse.dong_fund, amount_won=400_000))
    assert purse.balance(purse.dong_fund, AccountKind.POOL) == 2_400_000
    for giver, taker in (
        (purse.dong_line, purse.district_fund),
        (purse.dong_fund, purse.dong_line),
        (purse.dong_line, purse.dong_line),
        (purse.dong_fund, purse.dong_fund),
    ):
        with pytest.raises(DomainError) as refused:
            transfer_enter(SYSTEM, TransferDraft(giver=giver, taker=taker, amount_won=1))
        assert refused.value.code == "transfer_not_allowed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount_won": 0}, "amount_not_positive"),
        ({"amount_won": -5}, "amount_not_positive"),
        ({"amount_won": 10**15 + 1}, "amount_too_large"),
        ({"memo": "x" * 201}, "text_too_long"),
        ({"memo": "홍길동 010-1234-5678"}, "personal_data"),
        ({"memo": "800101-1234567"}, "personal_data"),
        ({"memo": "a.person@example.com"}, "personal_data"),
        ({"date": dt.date(2001, 1, 1)}, "date_outside_year"),
        ({"date": today() + dt.timedelta(days=1)}, "date_in_future"),
        ({"key": "k" * 101}, "text_too_long"),
        ({"title": "  "}, "name_missing"),
    ],
)
def test_what_is_entered_is_checked(purse: Purse, change: dict[str, object], code: str) -> None:
    sound: dict[str, object] = {"line": purse.dong_line, "title": "a", "amount_won": 1}
    with pytest.raises(DomainError) as refused:
        commitment_enter(SYSTEM, CommitmentDraft(**{**sound, **change}))
    assert refused.value.code == code


@pytest.mark.parametrize("memo", ["2026-11-23 납품", "계약 202601-1234567호", "3,000,000원", "사업자 123-45-67890"])
def test_numbers_that_are_no_persons_may_stand_in_a_memo(purse: Purse, memo: str) -> None:
    entry = expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1, memo=memo))
    assert entry.memo == memo


def test_a_line_break_in_a_memo_becomes_a_space(purse: Purse) -> None:
    entry = expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1, memo=" a\r\nb\x00 "))
    assert entry.memo == "a b"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "가"}, "code_not_valid"),
        ({"code": ""}, "code_not_valid"),
        ({"code": "x" * 41}, "code_not_valid"),
        ({"name_ko": ""}, "name_missing"),
        ({"place": "1111111111"}, "place_unknown"),
        ({"level": FundLevel.DONG}, "place_unknown"),
        ({"fiscal_year": 26}, "year_not_valid"),
    ],
)
def test_a_fund_is_checked(purse: Purse, change: dict[str, object], code: str) -> None:
    sound: dict[str, object] = {
        "code": "F", "name_ko": "기금", "level": FundLevel.DISTRICT, "place": DISTRICT, "fiscal_year": 2026,
    }  # fmt: skip
    with pytest.raises(DomainError) as refused:
        fund_open(SYSTEM, FundDraft(**{**sound, **change}))
    assert refused.value.code == code
    assert not Fund.objects.filter(code="F").exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"place": OTHER_DONG}, "place_outside_fund"),
        ({"place": DISTRICT}, "place_outside_fund"),
        ({"title": ""}, "name_missing"),
        ({"origin_url": "https://elsewhere.example/"}, "origin_not_on_site"),
        ({"origin_url": "//elsewhere.example/"}, "origin_not_on_site"),
        ({"code": "a b"}, "code_not_valid"),
        ({"owner": "담당 010-1234-5678"}, "personal_data"),
    ],
)
def test_a_line_is_checked(purse: Purse, change: dict[str, object], code: str) -> None:
    sound: dict[str, object] = {
        "fund": purse.dong_fund, "place": DONG, "programme": purse.programme, "title": "a", "origin_url": "/agenda/1/",
    }  # fmt: skip
    with pytest.raises(DomainError) as refused:
        line_open(SYSTEM, LineDraft(**{**sound, **change}))
    assert refused.value.code == code


def test_a_line_of_an_unknown_dong_is_refused(purse: Purse) -> None:
    draft = LineDraft(fund=purse.district_fund, place="2914099999", programme=purse.programme, title="a")
    with pytest.raises(DomainError) as refused:
        line_open(SYSTEM, draft)
    assert refused.value.code == "place_unknown"


def services(purse: Purse) -> dict[str, Callable[[Actor], object]]:
    """Return every service as something an actor asks for at the first dong or the district."""
    year = today().year
    line, fund = purse.dong_line, purse.dong_fund
    promise = commitment_enter(SYSTEM, CommitmentDraft(line=line, title="a", amount_won=1000))
    paid = expenditure_enter(SYSTEM, ExpenditureDraft(line=line, amount_won=1000))
    return {
        "fund_open": lambda actor: fund_open(
            actor, FundDraft(code="N", name_ko="새", level=FundLevel.DONG, place=DONG, fiscal_year=year)
        ),
        "programme_open": lambda actor: programme_open(actor, ProgrammeDraft(code="N", name_ko="새")),
        "revenue": lambda actor: revenue_enter(
            actor, RevenueDraft(fund=fund, source=RevenueSource.DONATION, amount_won=1)
        ),
        "line_open": lambda actor: line_open(
            actor, LineDraft(fund=fund, place=DONG, programme=purse.programme, title="a")
        ),
        "appropriation": lambda actor: appropriation_enter(actor, AppropriationDraft(line=line, amount_won=1)),
        "district_appropriation": lambda actor: appropriation_enter(
            actor, AppropriationDraft(line=purse.district_line, amount_won=1)
        ),
        "transfer": lambda actor: transfer_enter(
            actor, TransferDraft(giver=purse.district_fund, taker=fund, amount_won=1)
        ),
        "commitment": lambda actor: commitment_enter(actor, CommitmentDraft(line=line, title="a", amount_won=1)),
        "release": lambda actor: commitment_release(actor, ReleaseDraft(commitment=promise.credit, amount_won=1)),
        "expenditure": lambda actor: expenditure_enter(actor, ExpenditureDraft(line=line, amount_won=1)),
        "reversal": lambda actor: entry_reverse(actor, ReversalDraft(entry=paid, memo="a")),
    }


DONG_WORK = {"line_open", "appropriation", "commitment", "release", "expenditure", "reversal"}
EVERYTHING = DONG_WORK | {"fund_open", "programme_open", "revenue", "district_appropriation", "transfer"}
ALLOWED: list[tuple[Role, str, set[str]]] = [
    (Role.SYSTEM, "", EVERYTHING),
    (Role.ADMINISTRATOR, DISTRICT, EVERYTHING),
    (Role.ADMINISTRATOR, "11440", {"programme_open"}),
    (Role.DONG_OFFICER, DONG, DONG_WORK),
    (Role.DONG_OFFICER, OTHER_DONG, set()),
    *(
        (role, DISTRICT, set())
        for role in Role
        if role not in {Role.SYSTEM, Role.ADMINISTRATOR, Role.DONG_OFFICER, Role.PUBLIC}
    ),
    (Role.PUBLIC, "", set()),
]


@pytest.mark.parametrize(("role", "place", "allowed"), ALLOWED)
def test_who_enters_what_where(purse: Purse, role: Role, place: str, allowed: set[str]) -> None:
    actor = Actor(role=role, place=place, user="someone")
    for name, work in services(purse).items():
        if name in allowed:
            work(actor)
        else:
            count = Entry.objects.count()
            with pytest.raises(PermissionDenied):
                work(actor)
            assert Entry.objects.count() == count, name


def test_a_visitor_changes_nothing(purse: Purse) -> None:
    with pytest.raises(PermissionDenied):
        expenditure_enter(VISITOR, ExpenditureDraft(line=purse.dong_line, amount_won=1))
