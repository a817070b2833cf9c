"""Publishing a formula and keeping the register."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from tests.rooms.conftest import SeoGu

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.models import Delegation, DevolutionFormula
from madang.rooms.autonomy.selectors.devolution import (
    delegation_get,
    delegations,
    delegations_overdue,
    dong_finance,
    dong_numbers,
    formula_current,
    formula_years,
)
from madang.rooms.autonomy.services.devolution import (
    DelegationDraft,
    EndDraft,
    FormulaDraft,
    ReviewDraft,
    delegation_end,
    delegation_enter,
    delegation_review,
    devolution_publish,
)
from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.audit.replay import run_replay
from madang.yard.ledger.models import FundLevel, RevenueSource
from madang.yard.ledger.services import (
    AppropriationDraft,
    FundDraft,
    LineDraft,
    ProgrammeDraft,
    RevenueDraft,
    appropriation_enter,
    fund_open,
    line_open,
    programme_open,
    revenue_enter,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def inputs(seo_gu: SeoGu, **changes: Any) -> dict[str, Any]:
    codes = [dong.code for dong in seo_gu.dongs]
    count = len(codes)
    return {
        "dongs": codes,
        "criteria": [
            {"name": "population", "weight": 70, "values": list(range(1, count + 1))},
            {"name": "area", "weight": 30, "values": ["1.5"] * count},
        ],
        "pots": [
            {"name": "budget", "total": 10**10, "unit": 10**6, "floors": [10**8] * count, "caps": [10**9] * count},
            {"name": "posts", "total": 40, "unit": 1, "floors": [1] * count, "caps": [9] * count},
        ],
        "rounding": "sainte-lague",
        **changes,
    }


def formula(seo_gu: SeoGu, **changes: Any) -> FormulaDraft:
    values = {"year": 2027, "title": "동 예산 산식", "reason": "인구와 면적", "inputs": inputs(seo_gu), **changes}
    return FormulaDraft(**values)


def authority(seo_gu: SeoGu, **changes: Any) -> DelegationDraft:
    values = {
        "dong": seo_gu.dong.code,
        "title_ko": "공원 관리",
        "title_en": "Care of parks",
        "legal_basis": "사무위임 조례 제3조",
        "starts_on": TODAY - timedelta(days=100),
        "review_on": TODAY + timedelta(days=10),
        "staff_posts": 2,
        **changes,
    }
    return DelegationDraft(**values)


def test_a_formula_is_published_with_a_run_that_can_be_replayed(seo_gu: SeoGu) -> None:
    first = devolution_publish(seo_gu.administrator, formula(seo_gu))
    assert run_replay(first.run).equal
    second = devolution_publish(seo_gu.administrator, formula(seo_gu, title="고친 산식"))
    view = formula_current(2027)
    assert view is not None
    assert view.formula == second
    assert view.weights == (("population", 0.7), ("area", 0.3))
    assert sum(share.given["budget"] for share in view.shares) == 10**10
    assert sum(share.given["posts"] for share in view.shares) == 40
    assert all(sum(change["budget"] for change in effect.changes.values()) == 0 for effect in view.effects)
    assert view.of(seo_gu.dong.code) is not None
    assert view.of("none") is None
    assert formula_current(1999) is None
    assert formula_years() == [2027]


def test_what_was_published_is_not_changed(seo_gu: SeoGu) -> None:
    made = devolution_publish(seo_gu.administrator, formula(seo_gu))
    with pytest.raises(DatabaseError), transaction.atomic():
        DevolutionFormula.objects.filter(pk=made.pk).update(title="x")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"year": 27}, "year_not_valid"),
        ({"title": ""}, "text_missing"),
        ({"inputs": {"dongs": ["1111010100"]}}, "dong_unknown"),
        ({"inputs": {}}, "formula_not_valid"),
    ],
)
def test_what_cannot_be_published(seo_gu: SeoGu, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        devolution_publish(seo_gu.administrator, formula(seo_gu, **changes))
    assert refused.value.code == code


def test_the_register_is_kept(seo_gu: SeoGu) -> None:
    made = delegation_enter(seo_gu.administrator, authority(seo_gu, review_on=TODAY - timedelta(days=1)))
    delegation_enter(seo_gu.administrator, authority(seo_gu, title_ko="도서관"))
    assert list(delegations_overdue()) == [made]
    assert made.overdue(TODAY)
    draft = ReviewDraft(delegation=made.pk, note="잘 되고 있음", next_on=TODAY + timedelta(days=300))
    assert not delegation_review(seo_gu.administrator, draft).overdue(TODAY)
    assert not delegations_overdue().exists()
    ended = delegation_end(seo_gu.administrator, EndDraft(delegation=made.pk, reason="구로 되돌림"))
    assert not ended.in_force(TODAY)
    assert delegation_get(made.pk).ended_on == TODAY
    with pytest.raises(Conflict):
        delegation_end(seo_gu.administrator, EndDraft(delegation=made.pk, reason="again"))
    with pytest.raises(NotFound):
        delegation_get(0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"review_on": date(2000, 1, 1)}, "review_too_early"),
        ({"staff_posts": -1}, "posts_not_valid"),
        ({"title_ko": ""}, "text_missing"),
        ({"legal_basis": " "}, "text_missing"),
        ({"dong": "9999999999"}, "not_permitted"),
    ],
)
def test_what_cannot_be_entered(seo_gu: SeoGu, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        delegation_enter(seo_gu.administrator, authority(seo_gu, **changes))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.ADMINISTRATOR, True),
        (Role.DONG_OFFICER, False),
        (Role.COUNCIL_MEMBER, False),
        (Role.AUDITOR, False),
        (Role.PUBLIC, False),
    ],
)
def test_who_may(seo_gu: SeoGu, role: Role, allowed: bool) -> None:
    actor = seo_gu.actor(role, seo_gu.district.code)
    made = delegation_enter(SYSTEM, authority(seo_gu))
    for act in (
        lambda: devolution_publish(actor, formula(seo_gu)),
        lambda: delegation_enter(actor, authority(seo_gu)),
        lambda: delegation_review(
            actor, ReviewDraft(delegation=made.pk, note="x y", next_on=TODAY + timedelta(days=9))
        ),
        lambda: delegation_end(actor, EndDraft(delegation=made.pk, reason="x y")),
    ):
        if allowed:
            act()
        else:
            with pytest.raises(PermissionDenied):
                act()
    assert Delegation.objects.filter(ended_on=None).count() == 1


def test_reading_costs_few_queries(seo_gu: SeoGu, django_assert_num_queries: Any) -> None:
    devolution_publish(SYSTEM, formula(seo_gu))
    for dong in seo_gu.dongs[:3]:
        delegation_enter(SYSTEM, authority(seo_gu, dong=dong.code))
    with django_assert_num_queries(3):
        assert formula_current()
    with django_assert_num_queries(1):
        assert [row.dong.name for row in delegations()]
    with django_assert_num_queries(4):
        dong_finance(seo_gu.dong.code, 2027)


def test_numbers_of_the_dongs_come_from_the_installation(seo_gu: SeoGu) -> None:
    numbers = dong_numbers()
    assert numbers[seo_gu.dong.code]["name"] == seo_gu.dong.name_ko
    assert float(numbers[seo_gu.dong.code]["area_km2"]) == pytest.approx(seo_gu.dong.area_m2 / 1e6, abs=1e-4)


def test_a_dongs_own_money_is_told_from_that_of_others(seo_gu: SeoGu) -> None:
    code = seo_gu.dong.code
    programme = programme_open(SYSTEM, ProgrammeDraft(code="p", name_ko="사업"))
    for name, level, place, won in (
        ("own", FundLevel.DONG, code, 600),
        ("gu", FundLevel.DISTRICT, seo_gu.district.code, 300),
    ):
        fund = fund_open(SYSTEM, FundDraft(code=name, name_ko=name, level=level, place=place, fiscal_year=TODAY.year))
        revenue_enter(SYSTEM, RevenueDraft(fund=fund, source=RevenueSource.LOCAL_TAX, amount_won=1000))
        line = line_open(SYSTEM, LineDraft(code=f"l-{name}", fund=fund, programme=programme, place=code, title="줄"))
        appropriation_enter(SYSTEM, AppropriationDraft(line=line, amount_won=won))
    found = dong_finance(code, TODAY.year)
    assert (found.own_won, found.other_won) == (600, 300)
    assert found.money.unallocated_won == 400
    assert [fund.code for fund in found.funds] == ["own"]
    assert [line.code for line in found.lines] == ["l-own", "l-gu"]
