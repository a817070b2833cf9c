"""Long tasks are shown, stopped, tried again and never lost."""

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from madang.numerics.errors import Conflict, NotFound, PermissionDenied
from madang.yard.audit.authority import VISITOR, Actor
from madang.yard.audit.jobs import LEASE_S, Attempt, JobDraft, job_cancel, job_start, jobs_recover
from madang.yard.audit.models import Job, JobState
from madang.yard.audit.worker import Worker

# Writes must be committed: the heartbeat is another connection.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def tasks() -> ModuleType:
    """Return the test tasks as a module that the queue can find by name."""
    name = "slow_tasks"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("slow_tasks.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def start(actor: Actor, task: Any, **arguments: Any) -> Job:
    return job_start(actor, JobDraft(task=task, title="count", arguments=arguments, place="29140"))


def test_a_job_runs_and_says_so(administrator: Actor, tasks: ModuleType, tmp_path: Path) -> None:
    job = start(administrator, tasks.count_slowly, folder=str(tmp_path), steps=3)
    assert Worker().step()
    job.refresh_from_db()
    assert (job.state, job.fraction, job.attempts) == (JobState.DONE, 1.0, 1)
    assert (tmp_path / "finished").read_text() == "finished\n"
    assert not Worker().step()


def test_a_waiting_job_is_cancelled_at_once(administrator: Actor, tasks: ModuleType, tmp_path: Path) -> None:
    job = start(administrator, tasks.count_slowly, folder=str(tmp_path), steps=3)
    assert job_cancel(administrator, str(job.pk)).state == JobState.CANCELLED
    assert not Worker().step()
    with pytest.raises(Conflict):
        job_cancel(administrator, str(job.pk))


def test_a_running_job_stops_at_its_next_step(administrator: Actor, tasks: ModuleType, tmp_path: Path) -> None:
    job = start(administrator, tasks.count_slowly, folder=str(tmp_path), steps=200)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    Worker().step()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert not (tmp_path / "finished").exists()


def test_a_refusal_is_not_tried_again(administrator: Actor, tasks: ModuleType) -> None:
    job = start(administrator, tasks.refuse)
    Worker().step()
    job.refresh_from_db()
    assert (job.state, job.problem, job.attempts) == (JobState.FAILED, "not so", 1)


@pytest.mark.parametrize(("stumbles", "ends"), [(2, JobState.DONE), (3, JobState.FAILED)])
def test_a_fault_is_tried_again_up_to_its_limit(
    administrator: Actor, tasks: ModuleType, tmp_path: Path, stumbles: int, ends: JobState
) -> None:
    job = start(administrator, tasks.stumble, folder=str(tmp_path), times=stumbles)
    for _attempt in range(4):
        DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
        Worker().step()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (ends, 3)


def test_a_vanished_workers_job_is_taken_up_again(administrator: Actor, tasks: ModuleType, tmp_path: Path) -> None:
    job = start(administrator, tasks.count_slowly, folder=str(tmp_path), steps=2)
    assert Worker()._claim() is not None  # a worker takes it and is never heard of again
    assert jobs_recover() == 0
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=LEASE_S + 1))
    assert jobs_recover() == 1
    assert jobs_recover() == 0
    assert Worker().step()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 2)


def test_a_worker_thought_dead_cannot_overwrite_its_successor(administrator: Actor, tasks: ModuleType) -> None:
    job = start(administrator, tasks.refuse)
    claimed = Worker()._claim()
    assert claimed is not None
    _row, old = claimed
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=LEASE_S + 1))
    jobs_recover()
    new = Attempt.begin(job.pk)
    old.end(JobState.FAILED, "too late")
    assert not old.give_back("too late")
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    new.end(JobState.DONE)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_only_who_may_starts_and_stops(administrator: Actor, tasks: ModuleType) -> None:
    with pytest.raises(PermissionDenied):
        start(VISITOR, tasks.refuse)
    with pytest.raises(NotFound):
        job_cancel(administrator, "00000000-0000-0000-0000-000000000000")
