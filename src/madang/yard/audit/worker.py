"""The worker: takes waiting tasks from the queue one at a time and carries them out.

Several may run at once, in one process or many, on one machine or many; a row lock (PostgreSQL) or the write lock
(SQLite) lets each task be taken by one of them.
"""

import logging
import threading
import traceback
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import OperationalError, close_old_connections, connections, transaction
from django_tasks.base import TaskContext
from django_tasks_db.models import DBTaskResult

from madang.numerics.errors import MadangError
from madang.yard.audit.jobs import HEARTBEAT_S, Attempt, JobCancelled, jobs_recover
from madang.yard.audit.models import JobState

if TYPE_CHECKING:
    Row = DBTaskResult[Any, Any]

log = logging.getLogger("madang.worker")

IDLE_S = 0.5


class Worker:
    """Carries out tasks until told to stop.

    Parameters
    ----------
    stop : threading.Event
        Set it and the worker ends after the task in hand.
    """

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.stop = stop or threading.Event()
        self.id = uuid4().hex

    def run(self) -> None:
        """Work until told to stop."""
        idle_for = HEARTBEAT_S
        while not self.stop.is_set():
            try:
                if idle_for >= HEARTBEAT_S:
                    jobs_recover()
                    idle_for = 0.0
                busy = self.step()
            except OperationalError:
                # The database is away or busy for longer than its timeout; it may come back.
                log.warning("the database did not answer; trying again", exc_info=True)
                close_old_connections()
                busy = False
            if not busy:
                idle_for += IDLE_S
                self.stop.wait(IDLE_S)
        connections.close_all()

    def step(self) -> bool:
        """Carry out one waiting task; return False if none waits."""
        claimed = self._claim()
        if claimed is None:
            return False
        row, attempt = claimed
        stop = threading.Event()
        heart = threading.Thread(target=attempt.keep, args=(stop,), daemon=True)
        heart.start()
        try:
            self._perform(row, attempt)
        finally:
            stop.set()
            heart.join()
        return True

    def _claim(self) -> tuple["Row", Attempt] | None:
        # Looking first keeps an idle worker from taking SQLite's write lock twice a second.
        if not DBTaskResult.objects.ready().exists():
            return None
        with transaction.atomic():
            row: Row | None = DBTaskResult.objects.ready().get_locked()
            if row is None:
                return None
            row.claim(self.id)
            return row, Attempt.begin(row.pk)

    def _perform(self, row: "Row", attempt: Attempt) -> None:
        try:
            result = row.task_result
            context = TaskContext(task_result=result)  # type: ignore[arg-type]  # two generic bases of one class
            result.task.call(context, *result.args, **result.kwargs)
        except JobCancelled as stopped:
            attempt.end(JobState.CANCELLED, str(stopped))
        except MadangError as refused:
            # The same input would be refused again: a retry cannot help.
            attempt.end(JobState.FAILED, str(refused))
        except OperationalError:
            attempt.give_back("the database did not answer")
            raise
        except Exception as fault:  # whatever a task raises, the worker lives on and notes it
            log.exception("task %s failed", row.pk)
            attempt.give_back("".join(traceback.format_exception_only(fault)).strip())
        else:
            attempt.end(JobState.DONE)
