"""Preparing a vote on its page: a rule from a few choices, refused where it cannot be, and only for the office."""

import pytest
from django.test import Client
from tests.rooms.autonomy.conftest import Hall
from tests.yard.people.conftest import second_factor

from madang.rooms.autonomy.engine.manifest import Manifest
from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.forms.rule import COMPLETIONS, RuleForm
from madang.rooms.autonomy.models import Poll
from madang.yard.audit.authority import Role

pytestmark = pytest.mark.django_db
FILLED = {
    "rule": "equal-shares", "type": "approval", "max_length": "2", "max_sum_points": "", "step": "1000",
    "min_age": "14", "threshold": "2", "batch": "5",
}  # fmt: skip


def officer_client(hall: Hall) -> Client:
    who = hall.resident(role=Role.DONG_OFFICER)
    second_factor(who.user)
    return who.client


@pytest.mark.parametrize("kind", ["approval", "cumulative", "ordinal"])
@pytest.mark.parametrize("rule", list(COMPLETIONS))
def test_every_choice_gives_a_rule_that_can_be_counted(rule: str, kind: str) -> None:
    form = RuleForm({**FILLED, "rule": str(rule), "type": kind, "max_sum_points": "10"})
    if kind != "approval" and rule == "exact-equal-shares":
        assert list(form.errors) == ["rule"]
        return
    assert form.is_valid(), form.errors
    manifest = Manifest.from_json(form.manifest("29140104"))
    assert manifest.rule == rule
    assert manifest.ballot.type == kind


def test_points_are_asked_for_where_they_are_shared() -> None:
    assert RuleForm(FILLED).is_valid()
    assert "max_sum_points" in RuleForm({**FILLED, "type": "cumulative"}).errors


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_office_prepares_a_vote(hall: Hall, language: str) -> None:
    hall.admitted()
    client = officer_client(hall)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    path = f"/desk/assemblies/{hall.assembly.pk}/poll/"
    assert path not in client.get(f"/assemblies/{hall.assembly.pk}/").content.decode()
    assert client.get(path).status_code == 200
    hall.turn_to(Phase.DISCUSS)
    assert path in client.get(f"/assemblies/{hall.assembly.pk}/").content.decode()
    answer = client.post(path, {**FILLED, "max_length": "0"})
    assert (answer.status_code, b'id="id_max_length_error"' in answer.content) == (200, True)
    answer = client.post(path, {**FILLED, "max_length": "1"})
    poll = Poll.objects.get()
    assert answer.headers["Location"] == f"/polls/{poll.pk}/trustee/"
    assert (poll.threshold, poll.batch, poll.manifest["ballot"]["max_length"]) == (2, 5, 1)
    # Until it is fixed, it may be prepared anew.
    client.post(path, {**FILLED, "rule": "greedy", "max_length": "1"})
    assert Poll.objects.get().manifest["rule"] == "greedy"


def test_nobody_else_prepares_one(hall: Hall) -> None:
    path = f"/desk/assemblies/{hall.assembly.pk}/poll/"
    assert Client().get(path).status_code == 302
    for role in (Role.RESIDENT, Role.COUNCIL_MEMBER):
        assert hall.resident(role=role).client.get(path).status_code in {403, 404}
