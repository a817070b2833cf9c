import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.rooms.conftest import SeoGu

from madang.rooms.autonomy.models import Category, Issue
from madang.rooms.autonomy.services import TakeDraft, agenda_take
from madang.yard.audit.authority import SYSTEM

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/autonomy"


def post(client: Client, seo_gu: SeoGu, key: str | None = None, **changes: object) -> Any:  # Django's test response
    body = {"dong": seo_gu.dong.code, "category": "road", "text": "횡단보도 신호가 짧아요", **changes}
    headers = {} if key is None else {"idempotency-key": key}
    return client.post(f"{ROOT}/issues", json.dumps(body), content_type="application/json", headers=headers)


def test_an_issue_is_posted_once_and_opened_by_its_receipt(client: Client, seo_gu: SeoGu) -> None:
    key = uuid4().hex
    first, again = post(client, seo_gu, key), post(client, seo_gu, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Issue.objects.get().channel == "api"
    found = client.get(f"{ROOT}/issues/{first.json()['receipt']}").json()
    assert (found["text"], found["state"], found["item"]) == ("횡단보도 신호가 짧아요", "received", None)
    assert [step["status"] for step in found["steps"]] == ["now", "ahead"]


@pytest.mark.parametrize(
    ("changes", "key", "status"),
    [
        ({}, None, 422),
        ({}, "short", 422),
        ({"category": "weather"}, "0" * 32, 422),
        ({"dong": ""}, "1" * 32, 422),
        ({"text": ""}, "2" * 32, 422),
        ({"text": "x" * 5000}, "3" * 32, 422),
        ({"lon": 1.0, "lat": 1.0}, "4" * 32, 422),
    ],
)
def test_faults_are_problem_details(
    client: Client, seo_gu: SeoGu, changes: dict[str, object], key: str | None, status: int
) -> None:
    answer = post(client, seo_gu, key, **changes)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert not Issue.objects.exists()


def test_a_key_used_for_another_issue_is_a_conflict(client: Client, seo_gu: SeoGu) -> None:
    key = uuid4().hex
    post(client, seo_gu, key)
    assert post(client, seo_gu, key, text="다른 글").status_code == 409


def test_a_bad_token_is_refused_and_a_cookie_counts_for_nothing(client: Client, seo_gu: SeoGu) -> None:
    body = {"dong": seo_gu.dong.code, "category": "road", "text": "x"}
    headers = {"authorization": "Bearer nonsense", "idempotency-key": uuid4().hex}
    answer = client.post(f"{ROOT}/issues", json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code == 401
    assert not Issue.objects.exists()


def test_the_agenda_and_its_matters(client: Client, seo_gu: SeoGu, reported: Issue) -> None:
    item = agenda_take(SYSTEM, TakeDraft(title="t", room="care", reason="까닭", issues=[reported.pk]))
    found = client.get(f"{ROOT}/agenda?dong={seo_gu.dong.code}&state=on_agenda").json()
    assert (found["count"], found["items"][0]["dong"]) == (1, seo_gu.dong.code)
    assert client.get(f"{ROOT}/agenda?dong={seo_gu.other.code}").json()["count"] == 0
    one = client.get(f"{ROOT}/agenda/{item.pk}").json()
    assert (one["decision"], one["steps"][1]["why"]) == (None, "까닭")
    assert client.get(f"{ROOT}/agenda/{item.pk + 1}").status_code == 404
    assert client.get(f"{ROOT}/issues/000000000012").status_code == 404
    assert [row["code"] for row in client.get(f"{ROOT}/categories").json()] == Category.values
