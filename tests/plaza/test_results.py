"""From a counted vote to its page and its projects: what the box says, nobody decides again."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from tests.plaza.conftest import CODE, adopt
from tests.yard.people.conftest import enter
from typer.testing import CliRunner

from madang.cli import app
from madang.numerics.errors import Conflict, PermissionDenied
from madang.plaza.selectors.results import result_view
from madang.plaza.workflows.assembly import PollFundingDraft, poll_fund
from madang.plaza.workflows.sample_assembly import (
    LEAST_ELECTORATE,
    SampleAssembly,
    assembly_decided,
    assembly_proposing,
    assembly_voting,
)
from madang.plaza.workflows.sample_proposals import PROPOSALS
from madang.rooms.autonomy.engine.phases import Phase, Span
from madang.rooms.autonomy.models import Assembly, Decision, OpinionView, Poll, Proposal, TokenIssued
from madang.rooms.autonomy.selectors.ballots import box_file_lines, winners_of
from madang.rooms.autonomy.services import TakeDraft, agenda_take
from madang.rooms.autonomy.services.ballots import poll_explain
from madang.rooms.autonomy.services.sample import sample_calendar_set
from madang.rooms.projects.models import Project
from madang.rooms.projects.services import MilestoneDraft, pledges_file_of, pledges_load
from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.audit.models import Run
from madang.yard.audit.replay import run_replay
from madang.yard.audit.selectors import audit_verify
from madang.yard.ledger.models import BudgetLine, FundLevel, Programme, RevenueSource
from madang.yard.ledger.selectors import ledger_verify
from madang.yard.ledger.services import FundDraft, RevenueDraft, fund_open, revenue_enter
from madang.yard.people.services import persons_load
from madang.yard.people.services.persons import PersonDraft
from madang.yard.places.models import District

pytestmark = pytest.mark.django_db
PURSE_WON = 50_000_000


@pytest.fixture
def stage(db: None) -> SampleAssembly:
    """Return a dong with a purse and a few residents."""
    dong = adopt().dongs.order_by("code")[0]
    pledges_load(SYSTEM, pledges_file_of(CODE, starts_on=timezone.localdate().replace(day=1) - timedelta(days=120)))
    fund = fund_open(
        SYSTEM,
        FundDraft(
            code=f"{dong.code}-fund", name_ko="주민참여예산", level=FundLevel.DONG, place=dong.code,
            fiscal_year=timezone.localdate().year,
        ),
    )  # fmt: skip
    revenue_enter(SYSTEM, RevenueDraft(fund=fund, source=RevenueSource.OTHER, amount_won=PURSE_WON))
    born = date(1950, 5, 5)
    drafts = [PersonDraft(dong=dong.code, name=f"주민 {number}", birth_date=born) for number in range(20)]
    persons_load(SYSTEM, drafts)
    assert len(drafts) >= LEAST_ELECTORATE
    return SampleAssembly(dong=dong, fund=fund, purse_won=PURSE_WON, day=70)


def funding(code: str) -> PollFundingDraft:
    return PollFundingDraft(
        poll=code,
        programme=Programme.objects.get(code="autonomy-budget"),
        owner="행정복지센터",
        milestones=(MilestoneDraft(name_ko="완료", name_en="Done", due_on=timezone.localdate()),),
    )


def unfunded(stage: SampleAssembly, monkeypatch: pytest.MonkeyPatch) -> Poll:
    """Return a counted poll whose winners nobody has made projects of."""
    with monkeypatch.context() as patch:
        patch.setattr("madang.plaza.workflows.sample_assembly.poll_fund", lambda *_given: [])
        assembly_decided(stage)
    return Poll.objects.get()


def test_every_winner_becomes_a_decision_a_line_and_a_project(stage: SampleAssembly) -> None:
    assembly_decided(stage)
    poll = Poll.objects.get()
    winners = winners_of(poll)
    assert winners
    view = result_view(poll.code)
    assert view.is_funded
    assert [row.project.code for row in view.won] == [winner.project.code for winner in winners]
    for row in view.won:
        assert row.delivery is not None
        line = BudgetLine.objects.get(pk=row.delivery.line_id)
        assert row.delivery.budget_won == row.project.cost_won
        assert line.fund_id == stage.fund.pk
        decision = Decision.objects.get(voted=row.project)
        assert decision.item.moves.last().role == Role.SYSTEM.value
        assert f"/polls/{poll.code}/result/" in decision.rationale
    assert Project.objects.count() == len(winners)
    spent = sum(row.project.cost_won for row in view.won)
    assert spent == view.result["total_cost"] <= stage.budget_won
    assert audit_verify().sound
    assert ledger_verify().sound


def test_the_count_and_its_explanation_can_be_computed_again(stage: SampleAssembly, tmp_path: Path) -> None:
    assembly_decided(stage)
    poll = Poll.objects.get()
    assert poll.run is not None
    assert poll.verdict is not None
    assert run_replay(poll.run).equal
    assert run_replay(poll.verdict).equal
    assert poll_explain(SYSTEM, poll.code) == poll.verdict
    assert Run.objects.filter(engine=poll.verdict.engine).count() == 1
    told = {said["id"]: said for said in poll.verdict.result["projects"]}
    assert {code for code, said in told.items() if said["won"]} == {row.project.code for row in winners_of(poll)}
    box = tmp_path / f"{poll.code}.box.jsonl"
    box.write_bytes(b"".join(box_file_lines(poll)))
    again = CliRunner().invoke(app, ["autonomy", "recount", str(box), "--json"])
    assert again.exit_code == 0, again.output
    assert '"sound": true' in again.output or '"sound":true' in again.output


def test_what_was_proposed_declined_and_said_is_there(stage: SampleAssembly) -> None:
    assembly_decided(stage)
    states = list(Proposal.objects.values_list("state", flat=True))
    assert len(states) == len(PROPOSALS)
    assert states.count("declined") == sum(bool(proposal.declined) for proposal in PROPOSALS)
    assert OpinionView.objects.filter(result__participants=20).exists()
    assert Assembly.objects.get().phase() is Phase.RESULT


def test_an_open_vote_shows_no_result(stage: SampleAssembly, client: Client) -> None:
    assembly_voting(SampleAssembly(dong=stage.dong, fund=stage.fund, purse_won=PURSE_WON, day=52))
    poll = Poll.objects.get()
    assert Assembly.objects.get().phase() is Phase.VOTE
    assert TokenIssued.objects.filter(poll=poll).exists()
    assert result_view(poll.code).won == []
    for language in ("ko", "en"):
        answer = client.get(f"/polls/{poll.code}/result/", headers={"accept-language": language})
        assert answer.status_code == 200
        assert b'class="results"' not in answer.content
    with pytest.raises(Conflict) as caught:
        poll_fund(SYSTEM, funding(poll.code))
    assert caught.value.code == "poll_not_counted"


def test_an_assembly_takes_proposals(stage: SampleAssembly) -> None:
    assembly_proposing(SampleAssembly(dong=stage.dong, fund=stage.fund, purse_won=PURSE_WON, day=7))
    assert Assembly.objects.get().phase() is Phase.PROPOSE
    assert set(Proposal.objects.values_list("state", flat=True)) == {"submitted"}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_result_page_says_why(stage: SampleAssembly, client: Client, language: str) -> None:
    assembly_decided(stage)
    view = result_view(Poll.objects.get().code)
    answer = client.get(f"/polls/{view.poll.code}/result/", headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in page
    for row in (*view.won, *view.lost):
        assert row.project.name in page
    for said in view.verdict["projects"]:
        paid = said["won"] and said["payers"]
        if paid:
            assert f"{said['payers']['full']}명이" in page or f"{said['payers']['full']} voter" in page
    assert page.count("/runs/") >= 2


def test_the_officer_makes_projects_of_what_won(stage: SampleAssembly, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = unfunded(stage, monkeypatch)
    path = f"/polls/{poll.code}/fund/"
    client = enter(Role.DONG_OFFICER, stage.dong.code)
    assert path in client.get(f"/polls/{poll.code}/result/").content.decode()
    form = {
        "programme": Programme.objects.get(code="autonomy-budget").pk, "owner": "행정복지센터", "name_1": "완료",
        "due_1": timezone.localdate().isoformat(), "name_2": "", "due_2": "", "name_3": "", "due_3": "",
    }  # fmt: skip
    assert client.get(path).status_code == 200
    half = client.post(path, {**form, "due_1": ""})
    assert (half.status_code, b'id="id_due_1_error"' in half.content) == (200, True)
    answer = client.post(path, form)
    assert answer.headers["Location"] == f"/polls/{poll.code}/result/"
    assert result_view(poll.code).is_funded
    before = Project.objects.count()
    assert client.post(path, form).headers["Location"] == f"/polls/{poll.code}/result/"
    assert poll_fund(SYSTEM, funding(poll.code))[0].budget_won == winners_of(poll)[0].project.cost_won
    assert Project.objects.count() == before


def test_nobody_else_makes_projects(stage: SampleAssembly, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = unfunded(stage, monkeypatch)
    for role in (Role.RESIDENT, Role.COUNCIL_MEMBER, Role.CARE_MANAGER):
        with pytest.raises(PermissionDenied):
            poll_fund(Actor(role=role, place=stage.dong.code, user="x"), funding(poll.code))
    elsewhere = District.objects.get().dongs.order_by("code")[1].code
    with pytest.raises(PermissionDenied):
        poll_fund(Actor(role=Role.DONG_OFFICER, place=elsewhere, user="x"), funding(poll.code))
    assert Project.objects.count() == 0


def test_a_matter_that_went_its_own_way_is_not_touched(stage: SampleAssembly, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = unfunded(stage, monkeypatch)
    first = winners_of(poll)[0].project.proposal
    assert first is not None
    item = agenda_take(SYSTEM, TakeDraft(title="따로", room="autonomy", reason="이유", proposal=first.pk))
    first.refresh_from_db()
    assert first.item == item
    poll_fund(SYSTEM, funding(poll.code))
    assert Decision.objects.get(voted__proposal=first).item == item


def test_only_a_sample_turns_time(stage: SampleAssembly) -> None:
    assembly_proposing(stage)
    assembly = Assembly.objects.get()
    now = timezone.now()
    spans = (Span(phase=Phase.VOTE, begins_at=now, ends_at=now + timedelta(days=1)),)
    with pytest.raises(PermissionDenied):
        sample_calendar_set(Actor(role=Role.ADMINISTRATOR, place=CODE, user="x"), assembly.pk, spans)
    District.objects.update(is_sample=False)
    with pytest.raises(Conflict) as caught:
        sample_calendar_set(SYSTEM, assembly.pk, spans)
    assert caught.value.code == "district_real"


def test_reading_a_result_takes_as_many_queries_however_many_projects(
    stage: SampleAssembly, client: Client, django_assert_max_num_queries: object
) -> None:
    assembly_decided(stage)
    code = Poll.objects.get().code
    result_view(code)
    with django_assert_max_num_queries(12):  # type: ignore[operator]  # a fixture without a type
        result_view(code)
