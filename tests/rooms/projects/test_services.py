from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone, translation
from tests.rooms.conftest import SeoGu

from madang.numerics.errors import Conflict, DomainError, InputError, NotFound, PermissionDenied
from madang.rooms.projects.models import Ask, Milestone, Pledge, PledgeAssessment, Project
from madang.rooms.projects.selectors import (
    board,
    pledge_get,
    pledge_of_room,
    pledge_view,
    project_get,
    project_of_origin,
    projects_of_dong,
    projects_of_pledge,
)
from madang.rooms.projects.services import (
    MilestoneDraft,
    PledgesFile,
    ProjectDraft,
    ReachDraft,
    milestone_reach,
    pledge_assess,
    pledges_assess,
    pledges_file_of,
    pledges_load,
    project_open,
    projects_measure,
)
from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.audit.models import Record, Run
from madang.yard.audit.replay import run_replay
from madang.yard.evidence.models import Indicator, Observation
from madang.yard.evidence.services import ObservationDraft, observation_enter
from madang.yard.ledger.models import Programme

pytestmark = pytest.mark.django_db


def started(months_ago: int = 4) -> date:
    today = timezone.localdate().replace(day=1)
    month = today.year * 12 + today.month - 1 - months_ago
    return date(month // 12, month % 12 + 1, 1)


@pytest.fixture
def tree(seo_gu: SeoGu) -> list[Pledge]:
    return pledges_load(SYSTEM, pledges_file_of("29140", started()))


def project_draft(**changes: Any) -> ProjectDraft:
    today = timezone.localdate()
    values = {
        "programme": Programme.objects.get(code="autonomy-budget"), "title": "그늘막", "owner": "양동 행정복지센터",
        "origin": "agenda:7", "milestones": [MilestoneDraft(name_ko="업체 선정", due_on=today),
        MilestoneDraft(name_ko="설치", name_en="Installed", due_on=today + timedelta(days=30))], **changes,
    }  # fmt: skip
    return ProjectDraft(**values)


def test_the_tree_is_loaded_with_everything_it_names(tree: list[Pledge]) -> None:
    assert [pledge.code for pledge in tree] == ["autonomy", "care", "health", "climate", "projects"]
    assert Programme.objects.filter(pledge="autonomy").count() == 2
    indicator = Indicator.objects.get(code="climate.household-electricity")
    assert (indicator.frequency, indicator.decimals, indicator.target_path[0][1]) == ("year", 0, 1300.0)
    assert Ask.objects.get().pledge.code == "projects"
    (entry,) = Record.objects.filter(action="pledges.load")
    assert entry.detail["pledges"] == [pledge.code for pledge in tree]


def test_loading_the_same_file_again_changes_nothing(tree: list[Pledge]) -> None:
    before = Record.objects.count()
    assert pledges_load(SYSTEM, pledges_file_of("29140", started())) == tree
    assert Record.objects.count() == before


def test_a_changed_file_updates_keeps_and_retires(tree: list[Pledge]) -> None:
    pledges_assess(SYSTEM, "before")
    Milestone.objects.filter(code="depot-design").update(reached_on=timezone.localdate(), note="x")
    file = pledges_file_of("29140", started())
    care = file.data.index(b'[[pledge]]\ncode = "care"')
    health = file.data.index(b'[[pledge]]\ncode = "health"')
    changed = (file.data[:care] + file.data[health:]).replace("정상".encode(), b"").replace(
        "완전한 주민자치".encode(), "온전한 주민자치".encode()
    )  # fmt: skip
    kept = pledges_load(SYSTEM, PledgesFile(name="new.toml", data=changed, starts_on=started()))
    assert [pledge.code for pledge in kept] == ["autonomy", "health", "climate", "projects"]
    assert Pledge.objects.get(code="autonomy").name_ko == "온전한 주민자치"
    retired = Pledge.objects.get(code="care")
    assert (retired.is_current, retired.assessments.count()) == (False, 1)
    assert Milestone.objects.get(code="depot-design").reached_on == timezone.localdate()
    assert "care" not in [row.pledge.code for row in board()]
    assert pledge_of_room("care") is None


def test_a_file_of_another_district_or_with_a_fault_changes_nothing(seo_gu: SeoGu) -> None:
    file = pledges_file_of("29140")
    with pytest.raises(Conflict) as other:
        pledges_load(SYSTEM, PledgesFile(name="x", data=file.data.replace(b'"29140"', b'"11440"', 1)))
    assert other.value.code == "other_district"
    with pytest.raises(InputError):
        pledges_load(SYSTEM, PledgesFile(name="x", data=file.data + b"\n[[pledge]]\n"))
    assert not Pledge.objects.exists()
    assert not Indicator.objects.exists()


def test_a_district_without_a_file_of_its_own_has_the_default() -> None:
    assert pledges_file_of("11440").name == "default.toml"
    assert pledges_file_of("29140").name == "29140.toml"


def test_a_state_is_computed_stored_and_can_be_computed_again(tree: list[Pledge]) -> None:
    pledge = pledge_get("autonomy")
    first = pledge_assess(SYSTEM, pledge, "monthly")
    assert first.state == "late"
    assert first.reasons[0]["code"] == "indicator_unmeasured"
    period = f"{timezone.localdate():%Y-%m}"
    for code, value in (("autonomy.heard-in-time", 90.0), ("autonomy.dongs-deciding", 20.0)):
        observation_enter(SYSTEM, ObservationDraft(indicator=code, place="29140", period=period, value=value))
    second = pledge_assess(SYSTEM, pledge, "monthly")
    assert second.state == "on_track"
    assert [row.pk for row in pledge.assessments.all()] == [second.pk, first.pk]
    assert run_replay(second.run).equal
    assert second.run.engine.endswith("pledge_state_json")


def test_values_of_single_dongs_and_older_revisions_do_not_count(tree: list[Pledge], seo_gu: SeoGu) -> None:
    period = f"{timezone.localdate():%Y-%m}"
    for place, value in ((seo_gu.dong.code, 99.0), ("29140", 90.0), ("29140", 12.0)):
        draft = ObservationDraft(indicator="autonomy.dongs-deciding", place=place, period=period, value=value)
        observation_enter(SYSTEM, draft)
    verdict = pledge_assess(SYSTEM, pledge_get("autonomy"), "x")
    values = {reason["subject"]: reason["values"]["value"] for reason in verdict.reasons}
    assert values["autonomy.dongs-deciding"] == 12.0


def test_what_has_not_changed_is_not_judged_again(tree: list[Pledge]) -> None:
    pledge = pledge_get("care")
    assert pledge_assess(SYSTEM, pledge, "x").pk == pledge_assess(SYSTEM, pledge, "y").pk
    assert Run.objects.filter(engine__contains="pledge_state").count() == 1


def test_a_pledge_that_waits_for_others_is_on_hold(tree: list[Pledge]) -> None:
    observation_enter(
        SYSTEM,
        ObservationDraft(
            indicator="projects.milestones-in-time", place="29140", period=f"{timezone.localdate():%Y-%m}", value=80.0
        ),
    )
    Milestone.objects.filter(code="depot-plan-agreed").update(due_on=timezone.localdate() - timedelta(days=1))
    assert pledge_assess(SYSTEM, pledge_get("projects"), "x").state == "on_hold"
    Ask.objects.update(answered_on=timezone.localdate())
    assert pledge_assess(SYSTEM, pledge_get("projects"), "y").state == "late"


@pytest.mark.parametrize(
    "verb", ["UPDATE projects_pledgeassessment SET state = 'done'", "DELETE FROM projects_pledgeassessment"]
)
def test_nobody_types_a_state_in(tree: list[Pledge], verb: str) -> None:
    pledges_assess(SYSTEM, "x")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb)


ACTS: dict[str, tuple[Callable[[Any], object], set[Role]]] = {
    "load": (lambda actor: pledges_load(actor, pledges_file_of("29140")), {Role.ADMINISTRATOR}),
    "assess": (
        lambda actor: pledge_assess(actor, pledge_get("care"), "x"),
        {Role.ADMINISTRATOR, Role.PROJECT_OFFICER},
    ),
    "open": (
        lambda actor: project_open(actor, project_draft()),
        {Role.ADMINISTRATOR, Role.PROJECT_OFFICER, Role.DONG_OFFICER},
    ),
    "reach": (
        lambda actor: milestone_reach(actor, ReachDraft(milestone=Milestone.objects.earliest("pk").pk, note="x")),
        {Role.ADMINISTRATOR, Role.PROJECT_OFFICER, Role.DONG_OFFICER},
    ),
}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
@pytest.mark.parametrize("act", ACTS)
def test_who_may(seo_gu: SeoGu, tree: list[Pledge], act: str, role: Role) -> None:
    do, allowed = ACTS[act]
    actor = seo_gu.actor(role, seo_gu.district.code)
    if role in allowed:
        assert do(actor)
    else:
        with pytest.raises(PermissionDenied):
            do(actor)


def test_a_dong_officer_delivers_at_their_dong_only(seo_gu: SeoGu, tree: list[Pledge]) -> None:
    project = project_open(seo_gu.officer, project_draft(dong=seo_gu.dong.code))
    with pytest.raises(PermissionDenied):
        project_open(seo_gu.officer, project_draft(dong=seo_gu.other.code, origin="agenda:8"))
    first = project.milestones.earliest("position")
    with pytest.raises(PermissionDenied):
        milestone_reach(seo_gu.actor(Role.DONG_OFFICER, seo_gu.other.code), ReachDraft(milestone=first.pk, note="x"))
    assert milestone_reach(seo_gu.officer, ReachDraft(milestone=first.pk, note="골랐습니다")).reached_on
    with pytest.raises(Conflict):
        milestone_reach(seo_gu.officer, ReachDraft(milestone=first.pk, note="다시"))
    assert project_open(seo_gu.officer, project_draft(dong=seo_gu.dong.code, title="다른 이름")).pk == project.pk
    assert Project.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"milestones": []}, "milestones_missing"),
        ({"title": " "}, "text_missing"),
        ({"owner": "x" * 81}, "text_missing"),
        ({"on": timezone.localdate() + timedelta(days=1)}, "day_not_valid"),
    ],
)
def test_a_project_that_cannot_stand(tree: list[Pledge], changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        project_open(SYSTEM, project_draft(**changes))
    assert refusal.value.code == code
    assert not Project.objects.exists()


def test_milestones_are_measured(seo_gu: SeoGu, tree: list[Pledge]) -> None:
    run = projects_measure(SYSTEM)
    assert run is not None
    assert not Observation.objects.exists()
    project = project_open(SYSTEM, project_draft())
    milestone_reach(SYSTEM, ReachDraft(milestone=project.milestones.earliest("position").pk, note="x"))
    projects_measure(SYSTEM)
    found = Observation.objects.get()
    assert (found.value, found.numerator, found.denominator, found.status) == (100.0, 1.0, 1.0, "measured")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_reason_is_a_sentence(tree: list[Pledge], language: str) -> None:
    pledges_assess(SYSTEM, "x")
    with translation.override(language):
        rows = board()
    assert len(rows) == 5
    for row in rows:
        for sentence in row.sentences:
            hangul = any("가" <= letter <= "힣" for letter in sentence.text)
            assert hangul == (language == "ko"), sentence.text
            assert "%(" not in sentence.text


def test_reads_take_few_queries(
    seo_gu: SeoGu, tree: list[Pledge], django_assert_num_queries: Callable[[int], Any]
) -> None:
    pledges_assess(SYSTEM, "x")
    project_open(SYSTEM, project_draft(dong=seo_gu.dong.code))
    with django_assert_num_queries(5):
        assert [row.pledge.code for row in board()] == ["autonomy", "care", "health", "climate", "projects"]
    with django_assert_num_queries(2):
        assert len(projects_of_dong(seo_gu.dong.code)[0].milestones.all()) == 2
    with django_assert_num_queries(2):
        assert projects_of_pledge("autonomy")[0].programme.pledge == "autonomy"
    pledge = pledge_get("autonomy")
    with django_assert_num_queries(17):
        view = pledge_view(pledge, timezone.localdate())
    assert [row.link.programme.code for row in view.programmes] == ["autonomy-agenda", "autonomy-budget"]
    assert len(view.indicators[0].chart.labels) == 49


def test_what_is_not_there(tree: list[Pledge]) -> None:
    for read in (
        lambda: pledge_get("x"),
        lambda: project_get(99),
        lambda: milestone_reach(SYSTEM, ReachDraft(milestone=99999, note="x")),
    ):
        with pytest.raises(NotFound):
            read()
    assert project_of_origin("agenda:99") is None


def test_the_api_says_the_same_as_the_board(client: Client, seo_gu: SeoGu, tree: list[Pledge]) -> None:
    pledges_assess(SYSTEM, "x")
    project_open(SYSTEM, project_draft(dong=seo_gu.dong.code))
    rows = client.get("/api/v1/projects/pledges", headers={"accept-language": "en"}).json()
    assert [row["code"] for row in rows] == [pledge.code for pledge in tree]
    one = client.get("/api/v1/projects/pledges/autonomy").json()
    assert one["state"] == PledgeAssessment.objects.get(pledge__code="autonomy").state
    history = client.get("/api/v1/projects/pledges/autonomy/assessments").json()
    assert (history["count"], history["items"][0]["run_id"]) == (1, one["run"])
    (project,) = client.get("/api/v1/projects/pledges/autonomy/projects").json()
    assert (project["dong"], len(project["milestones"])) == (seo_gu.dong.code, 2)
    assert client.get("/api/v1/projects/pledges/none").status_code == 404
