from datetime import timedelta

import pytest
from django.utils import timezone
from tests.rooms.conftest import SeoGu, adopted, draft, reported, seo_gu

from madang.numerics.errors import Conflict, DomainError, PermissionDenied
from madang.plaza.workflows import FundingDraft, ProjectDelivery, decision_fund, project_deliver
from madang.rooms.autonomy.models import AgendaItem
from madang.rooms.autonomy.services import DecisionDraft, TakeDraft, agenda_decide, agenda_take, issue_report
from madang.rooms.projects.models import Milestone, Pledge, PledgeAssessment, Project
from madang.rooms.projects.services import MilestoneDraft, pledges_file_of, pledges_load
from madang.yard.audit.authority import SYSTEM, VISITOR, Role
from madang.yard.audit.models import Record
from madang.yard.evidence.models import Observation
from madang.yard.ledger.models import BudgetLine, Entry, Fund, FundLevel, Programme, RevenueSource
from madang.yard.ledger.selectors import ledger_verify, line_get
from madang.yard.ledger.services import FundDraft, RevenueDraft, fund_open, revenue_enter

__all__ = ["adopted", "reported", "seo_gu"]

pytestmark = pytest.mark.django_db
WON = 5_000_000


@pytest.fixture
def fund(seo_gu: SeoGu) -> Fund:
    pledges_load(SYSTEM, pledges_file_of("29140"))
    found = fund_open(
        SYSTEM,
        FundDraft(
            code="dong-fund", name_ko="동 예산", level=FundLevel.DONG, place=seo_gu.dong.code,
            fiscal_year=timezone.localdate().year,
        ),
    )  # fmt: skip
    revenue_enter(SYSTEM, RevenueDraft(fund=found, source=RevenueSource.OTHER, amount_won=2 * WON))
    return found


@pytest.fixture
def decided(seo_gu: SeoGu) -> AgendaItem:
    issue = issue_report(VISITOR, draft(seo_gu.dong.code))
    item = agenda_take(seo_gu.officer, TakeDraft(title="가로등", room="autonomy", reason="r", issues=[issue.pk]))
    agenda_decide(seo_gu.council, DecisionDraft(item=item.pk, title="가로등 셋", rationale="r", budget_won=WON))
    return item


def funding(item: AgendaItem, fund: Fund, steps: int = 2) -> FundingDraft:
    today = timezone.localdate()
    return FundingDraft(
        item=item.pk,
        fund=fund,
        programme=Programme.objects.get(code="autonomy-budget"),
        owner="행정복지센터",
        milestones=[MilestoneDraft(name_ko=f"단계 {n}", due_on=today + timedelta(days=n)) for n in range(steps)],
    )


def test_a_decision_becomes_a_project_with_money(seo_gu: SeoGu, fund: Fund, decided: AgendaItem) -> None:
    project = decision_fund(seo_gu.officer, funding(decided, fund))
    line = BudgetLine.objects.get()
    assert (project.line, line.origin, line.origin_url) == (line, f"agenda:{decided.pk}", f"/agenda/{decided.pk}/")
    assert line_get(line.pk).appropriated_won == WON  # type: ignore[attr-defined]  # annotated
    assert project.milestones.count() == 2
    again = decision_fund(seo_gu.officer, funding(decided, fund))
    assert again.pk == project.pk
    assert (BudgetLine.objects.count(), Entry.objects.filter(kind="appropriation").count()) == (1, 1)


def test_a_decision_without_money_opens_no_line(seo_gu: SeoGu, fund: Fund, decided: AgendaItem) -> None:
    item = agenda_take(
        seo_gu.officer,
        TakeDraft(title="t", room="care", reason="r", issues=[issue_report(VISITOR, draft(seo_gu.dong.code)).pk]),
    )
    agenda_decide(seo_gu.council, DecisionDraft(item=item.pk, title="t", rationale="r"))
    project = decision_fund(seo_gu.officer, funding(item, fund))
    assert (project.line, BudgetLine.objects.count()) == (None, 0)
    with pytest.raises(DomainError) as refusal:
        project_deliver(seo_gu.officer, ProjectDelivery(project=project.pk, note="x", paid_won=1))
    assert refusal.value.code == "no_line"
    assert not Milestone.objects.filter(reached_on__isnull=False).exists()


def test_a_delivery_pays_measures_delivers_and_judges(seo_gu: SeoGu, fund: Fund, decided: AgendaItem) -> None:
    project = decision_fund(seo_gu.officer, funding(decided, fund))
    first = project_deliver(seo_gu.officer, ProjectDelivery(project=project.pk, note="골랐습니다"))
    assert (first.whole, first.payment) == (False, None)
    decided.refresh_from_db()
    assert decided.state == "decided"
    last = project_deliver(seo_gu.officer, ProjectDelivery(project=project.pk, note="달았습니다", paid_won=WON))
    assert last.whole
    assert last.payment is not None
    assert last.payment.amount_won == WON
    decided.refresh_from_db()
    assert decided.state == "delivered"
    values = dict(Observation.objects.filter(revision=1).values_list("indicator__code", "value"))
    assert values["autonomy.heard-in-time"] == 100.0
    assert values["autonomy.dongs-deciding"] == pytest.approx(100 / 18)
    assert values["projects.milestones-in-time"] == 100.0
    assert {row.pledge.code for row in last.assessments} == {"autonomy", "projects"}
    # The officer did what an officer may; what follows by rule was entered by the system.
    roles = dict(Record.objects.values_list("action", "role"))
    assert (roles["expenditure.enter"], roles["agenda.deliver"]) == ("dong_officer", "dong_officer")
    assert (roles["observation.enter"], roles["pledge.assess"]) == ("system", "system")
    with pytest.raises(Conflict) as refusal:
        project_deliver(seo_gu.officer, ProjectDelivery(project=project.pk, note="또"))
    assert refusal.value.code == "delivered_already"
    assert ledger_verify().sound


def test_a_delivery_that_fails_leaves_nothing_half_done(seo_gu: SeoGu, fund: Fund, decided: AgendaItem) -> None:
    project = decision_fund(seo_gu.officer, funding(decided, fund, steps=1))
    before = Record.objects.count()
    with pytest.raises(DomainError) as refusal:
        project_deliver(seo_gu.officer, ProjectDelivery(project=project.pk, note="x", paid_won=WON + 1))
    assert refusal.value.code == "line_overspent"
    decided.refresh_from_db()
    assert decided.state == "decided"
    assert not Milestone.objects.filter(reached_on__isnull=False).exists()
    assert not PledgeAssessment.objects.exists()
    assert Record.objects.count() == before


def test_more_than_the_fund_holds_is_refused_whole(seo_gu: SeoGu, fund: Fund, decided: AgendaItem) -> None:
    agenda = agenda_take(
        seo_gu.officer,
        TakeDraft(title="t", room="care", reason="r", issues=[issue_report(VISITOR, draft(seo_gu.dong.code)).pk]),
    )
    agenda_decide(seo_gu.council, DecisionDraft(item=agenda.pk, title="t", rationale="r", budget_won=3 * WON))
    with pytest.raises(DomainError) as refusal:
        decision_fund(seo_gu.officer, funding(agenda, fund))
    assert refusal.value.code == "fund_short"
    assert not BudgetLine.objects.exists()
    assert not Project.objects.exists()


def test_only_what_is_decided_becomes_a_project(seo_gu: SeoGu, fund: Fund) -> None:
    issue = issue_report(VISITOR, draft(seo_gu.dong.code))
    item = agenda_take(seo_gu.officer, TakeDraft(title="t", room="care", reason="r", issues=[issue.pk]))
    with pytest.raises(Conflict) as refusal:
        decision_fund(seo_gu.officer, funding(item, fund))
    assert refusal.value.code == "not_decided"


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.SYSTEM, Role.DONG_OFFICER, Role.ADMINISTRATOR}]
)
def test_nobody_else_funds_or_delivers(seo_gu: SeoGu, fund: Fund, decided: AgendaItem, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        decision_fund(seo_gu.actor(role), funding(decided, fund))
    project = decision_fund(SYSTEM, funding(decided, fund, steps=1))
    with pytest.raises(PermissionDenied):
        project_deliver(seo_gu.actor(role), ProjectDelivery(project=project.pk, note="x", paid_won=1))
    assert not PledgeAssessment.objects.exists()
    assert Pledge.objects.count() == 5


def test_an_officer_of_another_dong_neither_funds_nor_delivers(seo_gu: SeoGu, fund: Fund, decided: AgendaItem) -> None:
    stranger = seo_gu.actor(Role.DONG_OFFICER, seo_gu.other.code)
    with pytest.raises(PermissionDenied):
        decision_fund(stranger, funding(decided, fund))
    project = decision_fund(seo_gu.officer, funding(decided, fund))
    with pytest.raises(PermissionDenied):
        project_deliver(stranger, ProjectDelivery(project=project.pk, note="x"))
