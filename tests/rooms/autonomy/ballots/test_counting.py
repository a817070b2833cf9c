"""Opening from a page: a small box at once, a large one and every explanation by the worker, once each."""

from types import SimpleNamespace
from unittest.mock import patch

import pytest
from tests.rooms.autonomy.ballots.conftest import Vote

from madang.numerics.errors import Conflict, PermissionDenied
from madang.rooms.autonomy import tasks
from madang.rooms.autonomy.models import BallotOpening, PollState
from madang.rooms.autonomy.services.ballots import poll_open_check
from madang.yard.audit.models import Job, Run

pytestmark = pytest.mark.django_db


def worked(code: str) -> None:
    """Do what the worker does with the job."""
    job = Job.objects.get()
    tasks.poll_count.func(SimpleNamespace(task_result=SimpleNamespace(id=job.pk)), code)


def closed(vote: Vote) -> None:
    """Close the vote; the council signs the box and gives its shares."""
    vote.cast(vote.device(), vote.codes[0])
    vote.cast(vote.device(), vote.codes[1])
    vote.close()
    for key in vote.keys:
        vote.sign(key)
        vote.post(key)


def test_a_small_box_is_opened_at_once_and_explained_by_the_worker(vote: Vote) -> None:
    closed(vote)
    poll = tasks.poll_count_start(vote.keys[0].who.actor, vote.poll.code)
    assert poll.state == PollState.OPENED
    assert vote.now.verdict is None
    worked(vote.poll.code)
    verdict = vote.now.verdict
    assert verdict is not None
    assert {said["id"] for said in verdict.result["projects"]} == set(vote.codes)
    runs = Run.objects.count()
    worked(vote.poll.code)
    assert Run.objects.count() == runs


def test_a_large_box_is_opened_by_the_worker(vote: Vote) -> None:
    closed(vote)
    with patch.object(tasks, "OPENED_AT_ONCE", 1):
        poll = tasks.poll_count_start(vote.keys[0].who.actor, vote.poll.code)
    assert poll.state == PollState.CLOSED
    assert not BallotOpening.objects.exists()
    worked(vote.poll.code)
    assert vote.now.state == PollState.OPENED
    assert vote.now.verdict is not None


def test_nothing_starts_before_the_shares_are_there_or_for_others(vote: Vote) -> None:
    vote.cast(vote.device(), vote.codes[0])
    vote.close()
    with pytest.raises(Conflict) as caught:
        tasks.poll_count_start(vote.keys[0].who.actor, vote.poll.code)
    assert caught.value.code == "shares_missing"
    with pytest.raises(PermissionDenied):
        poll_open_check(vote.hall.resident().actor, vote.poll.code)
    assert not Job.objects.exists()
