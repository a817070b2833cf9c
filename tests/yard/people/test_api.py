"""The API: tokens with scopes; persons only with a purpose, each time in the log."""

import json
import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from madang.yard.audit.authority import Action, Role
from madang.yard.audit.models import Record
from madang.yard.people.models import ApiToken, Person
from madang.yard.people.services import Scope, TokenDraft, token_issue, token_revoke

pytestmark = pytest.mark.django_db

API = "/api/v1/people"
WHY = "care: application of 3 March"


@pytest.fixture
def token(town: SimpleNamespace) -> str:
    user = town.account(Role.DONG_OFFICER, town.dong)
    me = town.actor(Role.DONG_OFFICER, town.dong, user)
    return token_issue(me, TokenDraft(name="x", scopes=(Scope.READ_PEOPLE,)))[1]


def ask(address: str, token: str = "", **headers: str) -> Any:  # a test response
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(headers={"accept-language": "en", **bearer, **headers}).get(API + address)


def test_who_a_token_is(town: SimpleNamespace, token: str) -> None:
    answer = ask("/me", token)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["role"], body["place"], body["scopes"]) == ("dong_officer", town.dong, ["read:people"])
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("shown", ["", "madang_nonsense", "x" * 200])
def test_no_token_no_answer(town: SimpleNamespace, shown: str) -> None:
    answer = ask("/me", shown)
    assert answer.status_code == 401
    assert answer["content-type"] == "application/problem+json"


def test_a_session_is_not_a_token(town: SimpleNamespace, person: Person) -> None:
    client = town.enter(Role.DONG_OFFICER, town.dong)
    assert client.get(f"{API}/me").status_code == 401
    assert client.get(f"{API}/persons/{person.pk}", headers={"X-Purpose": WHY}).status_code == 401


def test_a_token_that_has_ended(town: SimpleNamespace, token: str) -> None:
    past = timezone.now() - timedelta(days=3)
    ApiToken.objects.update(created_at=past, expires_at=past + timedelta(days=1))
    assert ask("/me", token).status_code == 401


def test_a_token_without_the_scope(town: SimpleNamespace, person: Person) -> None:
    user = town.account(Role.DONG_OFFICER, town.dong)
    me = town.actor(Role.DONG_OFFICER, town.dong, user)
    issued, secret = token_issue(me, TokenDraft(name="x", scopes=(Scope.WRITE_ISSUES,)))
    answer = ask(f"/persons/{person.pk}", secret, **{"X-Purpose": WHY})
    assert answer.status_code == 403
    assert "read:people" in answer.json()["detail"]
    assert "홍길동" not in answer.content.decode()
    token_revoke(me, issued.pk)
    assert ask("/me", secret).status_code == 401


def test_a_person_for_a_purpose(town: SimpleNamespace, person: Person, token: str) -> None:
    answer = ask(f"/persons/{person.pk}", token, **{"X-Purpose": WHY})
    assert answer.status_code == 200
    assert answer.json()["name"] == "홍길동"
    assert answer.json()["birth_date"] == "1944-03-01"
    assert answer["Cache-Control"] == "no-store"
    assert Record.objects.get(action=Action.PERSON_READ.value).purpose == WHY


@pytest.mark.parametrize(
    "purpose", ["", "care", "care:", "curiosity: just looking around", "care: 062-555-0142 called", ": nothing said"]
)
def test_no_purpose_no_person(town: SimpleNamespace, person: Person, token: str, purpose: str) -> None:
    answer = ask(f"/persons/{person.pk}", token, **({"X-Purpose": purpose} if purpose else {}))
    assert answer.status_code == 422
    assert answer.json()["type"].startswith("urn:madang:problem:purpose_")
    assert "홍길동" not in answer.content.decode()
    assert not Record.objects.filter(action=Action.PERSON_READ.value).exists()


def test_another_dongs_person_is_not_there(
    town: SimpleNamespace, neighbour: Person, foreigner: Person, token: str
) -> None:
    answers = [
        ask(f"/persons/{key}", token, **{"X-Purpose": WHY}) for key in (neighbour.pk, foreigner.pk, uuid.uuid4())
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({json.dumps({**answer.json(), "instance": ""}) for answer in answers}) == 1


def test_searching_by_body_only(town: SimpleNamespace, person: Person, neighbour: Person, token: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def search(body: dict[str, str]) -> Any:  # a test response
        return client.post(f"{API}/persons/search", json.dumps(body), content_type="application/json")

    found = search({"name": "홍길동"})
    assert found.status_code == 200
    assert found.json() == [{"id": str(person.pk), "masked_name": "홍○○", "dong": person.dong.name, "is_sample": True}]
    assert search({"name": "성춘향"}).json() == []
    assert search({}).status_code == 422
    assert client.get(f"{API}/persons/search?name=x").status_code in {404, 405, 422}


def test_an_endpoint_asks_little_of_the_database(
    town: SimpleNamespace, token: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ask("/me", token)
    with django_assert_max_num_queries(2):
        ask("/me", token)
