"""The database itself keeps a vote: whoever writes, by whatever statement."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests.rooms.autonomy.ballots.conftest import Vote, open_vote

from madang.rooms.autonomy.models import (
    BallotOpening,
    BoxEntry,
    HeadSignature,
    Poll,
    PollProject,
    PostedShare,
    TokenIssued,
    Trustee,
)

pytestmark = pytest.mark.django_db


def refused(call: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            call()
    except IntegrityError:
        return True
    return False


FROZEN: dict[str, Any] = {
    "code": "another-code",
    "manifest": {"rule": "loudest"},
    "manifest_hash": "0" * 64,
    "threshold": 1,
    "batch": 1,
    "header": "{}",
    "frozen_at": None,
}


@pytest.mark.parametrize("name", list(FROZEN))
def test_nothing_of_a_frozen_vote_changes(vote: Vote, name: str) -> None:
    assert refused(lambda: Poll.objects.filter(pk=vote.poll.pk).update(**{name: FROZEN[name]}))


def test_projects_and_trustees_of_a_frozen_vote_stay(vote: Vote) -> None:
    poll = vote.now
    project = PollProject.objects.filter(poll=poll)
    assert refused(lambda: project.update(cost_won=1))
    assert refused(lambda: project.delete())
    assert refused(lambda: PollProject.objects.create(poll=poll, code="P9", name="late", cost_won=1))
    trustee = Trustee.objects.filter(poll=poll)
    assert refused(lambda: trustee.update(sealed_share="x"))
    assert refused(lambda: trustee.filter(number=1).delete())
    assert refused(lambda: Trustee.objects.create(poll=poll, number=9, sign_public="a", box_public="b"))


@pytest.mark.parametrize(
    ("stage", "target"),
    [
        ("frozen", "draft"),
        ("frozen", "opened"),
        ("closed", "frozen"),
        ("closed", "draft"),
        ("opened", "closed"),
        ("opened", "frozen"),
    ],
)
def test_states_go_one_way(vote: Vote, stage: str, target: str) -> None:
    vote.cast(vote.device(), vote.codes[0])
    if stage != "frozen":
        vote.close()
    if stage == "opened":
        vote.open()
    assert refused(lambda: Poll.objects.filter(pk=vote.poll.pk).update(state=target))


def test_a_result_stays(vote: Vote) -> None:
    vote.cast(vote.device(), vote.codes[0])
    vote.close()
    vote.open()
    poll = Poll.objects.filter(pk=vote.poll.pk)
    assert refused(lambda: poll.update(closing="{}"))
    assert refused(lambda: poll.update(run=None))
    assert refused(lambda: poll.delete())


def test_what_is_in_the_box_stays(vote: Vote) -> None:
    vote.cast(vote.device(), vote.codes[0])
    vote.close()
    vote.open()
    for model in (BoxEntry, BallotOpening, HeadSignature, PostedShare, TokenIssued):
        rows = model._default_manager.all()  # type: ignore[attr-defined]  # every model has one
        name = model._meta.concrete_fields[-1].attname
        value = rows.values_list(name, flat=True)[0]
        assert refused(lambda rows=rows, name=name, value=value: rows.update(**{name: value})), model
        assert refused(lambda rows=rows: rows._raw_delete(rows.db)), model


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite replaces rows")
@pytest.mark.parametrize("key", [("poll_id", "seq"), ("poll_id", "receipt"), ("poll_id", "voter", "turn"), ("id",)])
def test_no_entry_is_replaced(vote: Vote, key: tuple[str, ...]) -> None:
    vote.close()
    columns = [field.column for field in BoxEntry._meta.concrete_fields]
    changed = {"id": "id + 1", "seq": "seq + 1", "receipt": "'x'", "voter": "'x'"}
    picked = ", ".join(changed.get(name, name) if name not in key else name for name in columns)
    statement = (
        f"INSERT OR REPLACE INTO autonomy_boxentry ({', '.join(columns)}) SELECT {picked} FROM autonomy_boxentry"  # noqa: S608
    )

    def replace() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    assert refused(replace)


def test_the_tables_of_voters_and_of_waiting_ballots_tell_no_order() -> None:
    """A row number, or a time, or a running key would tell in which order they came."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for table in ("autonomy_tokenissued", "autonomy_waitingballot"):
                cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [table])
                assert cursor.fetchone()[0].endswith("WITHOUT ROWID")
    for model in (TokenIssued, BoxEntry):
        kinds = {field.get_internal_type() for field in model._meta.concrete_fields}
        assert not kinds & {"DateTimeField", "DateField", "TimeField"}, model


def test_a_poll_that_is_a_draft_can_still_be_given_up(draft_vote: Vote) -> None:
    assert not refused(lambda: draft_vote.poll.delete())


def test_two_votes_of_one_assembly_do_not_stand_together(vote: Vote) -> None:
    assert refused(lambda: Poll.objects.create(assembly=vote.hall.assembly, code="second", manifest_hash="x"))


@pytest.mark.parametrize("batch", [1, 3])
def test_a_batch_has_the_size_that_was_frozen(hall: Any, batch: int) -> None:
    vote = open_vote(hall, batch=batch)
    for _voter in range(3):
        vote.cast(vote.device(), vote.codes[0])
    assert BoxEntry.objects.count() == 3
