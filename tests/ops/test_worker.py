"""A worker that is killed in the middle of a task loses nothing: the next one takes it up and brings it to its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.ops.conftest import run_madang

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
STEPS = 60

START = """
import pathlib, sys
from madang.ops.installation import open_installation
open_installation(pathlib.Path(sys.argv[1]))
from tests.yard.audit.slow_tasks import count_slowly
from madang.yard.audit.authority import SYSTEM
from madang.yard.audit.jobs import JobDraft, job_start
print(job_start(SYSTEM, JobDraft(task=count_slowly, title="count", arguments={"folder": sys.argv[2], "steps": %d})).pk)
"""
# As if the lease had run out, without waiting for it.
EXPIRE = """
import datetime, pathlib, sys
from madang.ops.installation import open_installation
open_installation(pathlib.Path(sys.argv[1]))
from madang.yard.audit.models import Job
from django.utils import timezone
Job.objects.update(heartbeat_at=timezone.now() - datetime.timedelta(minutes=1))
job = Job.objects.get()
print(job.state, job.attempts, job.fraction)
"""


def environment() -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MADANG_", "DJANGO_"))}
    return {**plain, "PYTHONPATH": str(ROOT)}


def program(text: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", text, *arguments], capture_output=True, text=True, check=True, env=environment()
    )
    return done.stdout.strip()


def worker(data: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "madang", "worker", "--data", str(data)], env=environment())


def wait_for(path: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not come"
        time.sleep(0.02)


def test_a_killed_workers_task_is_finished_by_the_next(tmp_path: Path, own_database: str) -> None:
    data, marks = tmp_path / "data", tmp_path / "marks"
    marks.mkdir()
    database = ["--database", own_database] if own_database else []
    made = run_madang("up", "--no-serve", "--no-sample", "--data", data, *database, "--json")
    assert made.code == 0, made.err
    program(START % STEPS, str(data), str(marks))
    first = worker(data)
    wait_for(marks / "step-5")
    first.send_signal(signal.SIGKILL)
    first.wait()
    done_by_the_first = len(list(marks.glob("step-*")))
    assert done_by_the_first < STEPS
    state, attempts, _fraction = program(EXPIRE, str(data)).split()
    assert (state, attempts) == ("running", "1")
    second = worker(data)
    try:
        wait_for(marks / "finished")
    finally:
        second.terminate()
        assert second.wait(timeout=30) == 0
    assert len(list(marks.glob("step-*"))) == STEPS
    assert (marks / "finished").read_text() == "finished\n"
    assert program(EXPIRE, str(data)).split() == ["done", "2", "1.0"]
