"""Tasks that the queue's tests put into it."""

import time
from pathlib import Path

from django_tasks import task
from django_tasks.base import TaskContext

from madang.numerics.errors import DomainError
from madang.yard.audit.jobs import JobProgress


@task(takes_context=True)
def count_slowly(context: TaskContext, folder: str, steps: int) -> None:
    """Leave one file a step, and `finished` at the end; a file that is there is not made again."""
    report = JobProgress(str(context.task_result.id))
    for step in range(steps):
        mark = Path(folder, f"step-{step}")
        if not mark.exists():
            time.sleep(0.05)
            mark.write_text("done")
        report((step + 1) / steps, f"step {step + 1}")
    with Path(folder, "finished").open("a") as file:
        file.write("finished\n")


@task(takes_context=True)
def refuse(context: TaskContext) -> None:
    """Refuse, as a service refuses a wrong wish."""
    raise DomainError("not_so", "not so")


@task(takes_context=True)
def stumble(context: TaskContext, folder: str, times: int) -> None:
    """Fail unforeseen the first times, then succeed."""
    mark = Path(folder, "tries")
    tries = int(mark.read_text()) if mark.exists() else 0
    mark.write_text(str(tries + 1))
    if tries < times:
        raise RuntimeError("stumbled")
