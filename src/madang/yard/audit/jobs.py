"""Long tasks: starting, showing, stopping and carrying them out so that none is lost.

The queue is Django's task interface over database rows. Beside each row stands a `Job`, which people see. A worker that
holds a job renews its heartbeat; a job whose heartbeat has stopped is taken up again by the next worker, so a task must
be written to be run twice: it looks at what is already done, or does all of its writing in one transaction.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.models import DBTaskResult

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.models import Job, JobState
from madang.yard.audit.services import record

HEARTBEAT_S = 5.0
LEASE_S = 30.0
_REPORT_INTERVAL_S = 0.25


class JobCancelled(DomainError):  # noqa: N818  # an outcome, not a fault
    """Raised inside a task when someone asked for it to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDraft:
    """What is to be done.

    Attributes
    ----------
    task : Task
        A function decorated with `django_tasks.task(takes_context=True)`.
    title : str
        What people see, in the language of whoever starts it.
    arguments : mapping
        JSON values passed by name.
    place : str
        Code of the place it concerns.
    max_attempts : int
        How often it may be begun before it counts as failed.
    """

    task: Task[..., Any]
    title: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    max_attempts: int = 3


@transaction.atomic
def job_start(actor: Actor, draft: JobDraft) -> Job:
    """Put a task into the queue and return the job by which it can be followed."""
    require(actor, Action.JOB_START, draft.place or None)
    result = draft.task.enqueue(**draft.arguments)
    job = Job.objects.create(
        id=UUID(str(result.id)),
        title=draft.title,
        max_attempts=draft.max_attempts,
        user=actor.user or "",
        role=actor.role.value,
        place=draft.place,
    )
    record(actor, Action.JOB_START, target=job, detail={"task": draft.task.module_path})
    return job


@transaction.atomic
def job_cancel(actor: Actor, job_id: str) -> Job:
    """Ask a job to stop: at once if no worker holds it, else at its next step.

    Raises
    ------
    NotFound
        If there is no such job.
    Conflict
        If it has already ended.
    """
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound("job_unknown", _("There is no such task."), {"job": job_id})
    require(actor, Action.JOB_CANCEL, job.place or None)
    if job.finished_at is not None:
        raise Conflict("job_ended", _("This task has already ended."), {"job": job_id, "state": job.state})
    job.cancel_requested = True
    waiting = DBTaskResult.objects.filter(pk=job.pk, status=TaskResultStatus.READY).delete()[0]
    if waiting:
        job.state, job.finished_at = JobState.CANCELLED, timezone.now()
    job.save(update_fields=["cancel_requested", "state", "finished_at"])
    record(actor, Action.JOB_CANCEL, target=job)
    return job


class JobProgress:
    """Reports how far a job is, and raises :class:`JobCancelled` when it was asked to stop.

    Engines take it as their `progress` callable. It writes at most four times a second.
    """

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._reported_at = 0.0

    def __call__(self, fraction: float, step: str) -> None:
        """Report a fraction between 0 and 1 and what is being done."""
        now = time.monotonic()
        if now - self._reported_at < _REPORT_INTERVAL_S and fraction < 1.0:
            return
        self._reported_at = now
        mine = Job.objects.filter(pk=self._job_id)
        mine.update(fraction=min(max(fraction, 0.0), 1.0), step=step[:200], heartbeat_at=timezone.now())
        if mine.filter(cancel_requested=True).exists():
            raise JobCancelled("job_cancelled", _("The task was stopped."), {"job": self._job_id})


def jobs_recover() -> int:
    """Put back jobs whose worker has vanished; return how many.

    A job that has been begun as often as it may is marked failed instead.
    """
    limit = timezone.now() - timedelta(seconds=LEASE_S)
    count = 0
    for job in Job.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=limit):
        # The attempt's number is the token: a second worker that recovers the same job finds nothing to change.
        held = Attempt(job_id=job.pk, number=job.attempts)
        count += held.give_back(str(_("The worker stopped in the middle.")), delay=timedelta(0))
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One worker's hold on a job.

    Whatever it changes it changes only while the hold is its own: a worker that was thought dead and comes back cannot
    overwrite what its successor did.
    """

    job_id: UUID
    number: int

    def _mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job_id, state=JobState.RUNNING, attempts=self.number)

    @classmethod
    def begin(cls, job_id: UUID) -> "Attempt":
        """Take a job up; call it in the transaction that claims the queue's row."""
        Job.objects.filter(pk=job_id).update(
            state=JobState.RUNNING, attempts=F("attempts") + 1, heartbeat_at=timezone.now(), step="", fraction=0.0
        )
        number = Job.objects.filter(pk=job_id).values_list("attempts", flat=True).first()
        return cls(job_id=job_id, number=number or 1)

    def keep(self, stop: threading.Event) -> None:
        """Renew the heartbeat until told to stop; runs in a thread of its own."""
        while not stop.wait(HEARTBEAT_S):
            self._mine().update(heartbeat_at=timezone.now())
        connections.close_all()

    @transaction.atomic
    def end(self, state: JobState, problem: str = "") -> None:
        """Note how the job ended, on the job and on the queue's row together."""
        changes: dict[str, Any] = {"state": state, "problem": problem[:4000], "finished_at": timezone.now()}
        if state is JobState.DONE:
            changes["fraction"] = 1.0
        held = self._mine().update(**changes)
        if held or not Job.objects.filter(pk=self.job_id).exists():
            done = TaskResultStatus.SUCCESSFUL if state is JobState.DONE else TaskResultStatus.FAILED
            DBTaskResult.objects.filter(pk=self.job_id).update(status=done, finished_at=timezone.now())

    @transaction.atomic
    def give_back(self, problem: str, delay: timedelta | None = None) -> bool:
        """Put the job back for another attempt, or mark it failed when its attempts are used up.

        Parameters
        ----------
        problem : str
            What went wrong.
        delay : timedelta, optional
            How long it rests first; by default 2, 4, 8 ... seconds.

        Returns
        -------
        bool
            Whether the hold was still this attempt's to give back.
        """
        job = self._mine().select_for_update().first()
        if job is None:
            return False
        if job.attempts >= job.max_attempts:
            self.end(JobState.FAILED, problem)
            return True
        rest = timedelta(seconds=2.0**job.attempts) if delay is None else delay
        Job.objects.filter(pk=job.pk).update(state=JobState.WAITING, problem=problem[:4000])
        DBTaskResult.objects.filter(pk=job.pk).update(status=TaskResultStatus.READY, run_after=timezone.now() + rest)
        return True
