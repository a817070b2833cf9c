"""The pages of the log, the runs and the jobs answer in both languages, and show only what the reader may see."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from madang.yard.audit.authority import VISITOR, Action, Actor, Role
from madang.yard.audit.jobs import JobDraft, job_start
from madang.yard.audit.models import Job, Run
from madang.yard.audit.selectors import record_list
from madang.yard.audit.services import Computation, record, run_perform
from madang.yard.audit.tasks import audit_verify_whole
from madang.yard.audit.worker import Worker

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")


@pytest.fixture
def run(administrator: Actor) -> Run:
    computation = Computation(
        engine="madang.rooms.projects.engine.example:total", version="1", inputs=[1], parameters={"x": "<b>"}
    )
    return run_perform(administrator, computation, lambda inputs, _parameters, _seed: {"total": sum(inputs)})[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["audit", "runs", "audit_head"])
def test_public_pages_answer(client: Client, run: Run, name: str, language: str) -> None:
    answer = client.get(reverse(name), headers={"accept-language": language})
    assert answer.status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_says_how_to_compute_it_again(client: Client, run: Run, language: str) -> None:
    answer = client.get(reverse("run", args=[run.pk]), headers={"accept-language": language})
    text = answer.content.decode()
    assert f"madang audit rerun {run.short}" in text
    assert "<b>" not in text.split("<pre tabindex", 1)[1].split("</pre>")[0]
    assert client.get(reverse("run", args=["ffffffff"])).status_code == 404


def test_the_log_is_for_those_who_may_read_it(client: Client, run: Run) -> None:
    assert client.get(reverse("audit_records")).status_code == 404
    assert client.post(reverse("audit_verify")).status_code == 404
    assert client.get(reverse("audit_verify")).status_code == 405


def test_an_auditor_reads_their_own_place_and_the_systems_records() -> None:
    for place in ("29140", "11440", ""):
        record(Actor(role=Role.ADMINISTRATOR, place=place, user="x"), Action.USER_ADD, target=f"people.user:{place}")
    auditor = Actor(role=Role.AUDITOR, place="29140", user="a")
    chosen = {"role": "", "action": ""}
    assert [entry.place for entry in record_list(auditor, "", chosen, ("sequence",))] == ["29140", ""]
    assert [entry.sequence for entry in record_list(auditor, "1", chosen, ("sequence",))] == [1]
    assert not record_list(auditor, "", {"role": "auditor", "action": ""}, ("sequence",)).exists()


def test_a_job_is_shown_to_who_started_it_and_to_nobody_else(client: Client, administrator: Actor) -> None:
    job = job_start(administrator, JobDraft(task=audit_verify_whole, title="check", place="29140"))
    assert client.get(reverse("job", args=[job.pk])).status_code == 404
    assert client.get(reverse("job", args=["not-a-number"])).status_code == 404
    assert client.post(reverse("job_cancel", args=[job.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_log_checks_itself_as_a_long_task(administrator: Actor) -> None:
    record(administrator, Action.USER_ADD, target="people.user:1")
    job = job_start(administrator, JobDraft(task=audit_verify_whole, title="check"))
    assert Worker().step()
    assert Job.objects.get(pk=job.pk).state == "done"
    last = Run.objects.get(engine="madang.yard.audit.selectors:audit_verify")
    assert last.result == {"sound": True, "broken_at": None, "fault": ""}


def test_lists_do_not_ask_the_database_once_a_row(
    client: Client, administrator: Actor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        run_perform(
            administrator,
            Computation(engine="madang.x.engine.y:z", version=str(number), inputs=number),
            lambda inputs, _parameters, _seed: inputs,
        )
    with django_assert_max_num_queries(6):
        assert client.get(reverse("runs") + "?page=2").status_code == 200


def test_the_sealed_head_is_public() -> None:
    record(VISITOR, Action.ISSUE_REPORT, target="x:1")
    body = Client().get(reverse("audit_head")).json()
    assert (body["count"], len(body["head"]), len(body["public_key"])) == (1, 64, 64)
