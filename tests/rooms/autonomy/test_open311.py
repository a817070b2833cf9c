"""Open311 GeoReport v2, by the examples of its specification."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.conftest import SeoGu, draft

from madang.rooms.autonomy.engine.agenda import Outcome
from madang.rooms.autonomy.models import Category, Issue
from madang.rooms.autonomy.services import IssueAnswerDraft, TakeDraft, agenda_take, issue_answer, issue_report
from madang.yard.audit.authority import SYSTEM, VISITOR

pytestmark = pytest.mark.django_db
ROOT = "/open311/v2"


def posted(**changes: object) -> dict[str, object]:
    return {"service_code": "road", "description": "A large sinkhole is destroying the street", **changes}


def rows(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"{ROOT}/requests.json{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = json.loads(answer.content)
    return found


def parsed(text: bytes) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # our own output


@pytest.mark.parametrize("language", ["ko", "en"])
def test_services_in_both_forms(client: Client, seo_gu: SeoGu, language: str) -> None:
    headers = {"accept-language": language}
    answer = client.get(f"{ROOT}/services.json?jurisdiction_id=29140", headers=headers)
    services = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert [service["service_code"] for service in services] == Category.values
    assert all(service["type"] == "realtime" and service["metadata"] is False for service in services)
    xml = client.get(f"{ROOT}/services.xml", headers=headers)
    assert xml.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert [node.findtext("service_code") for node in parsed(xml.content)] == Category.values


def test_a_definition_and_an_unknown_service(client: Client, seo_gu: SeoGu) -> None:
    assert json.loads(client.get(f"{ROOT}/services/road.json").content) == {"service_code": "road", "attributes": []}
    for form in ("json", "xml"):
        missing = client.get(f"{ROOT}/services/033.{form}")
        assert missing.status_code == 404
        assert b"033" in missing.content


def test_a_request_is_posted_read_and_tracked(client: Client, seo_gu: SeoGu) -> None:
    answer = client.post(
        f"{ROOT}/requests.json",
        posted(lat=seo_gu.dong.lat, long=seo_gu.dong.lon, first_name="John", phone="111111111", email="a@b.example"),
    )
    assert answer.status_code == 201
    (made,) = json.loads(answer.content)
    issue = Issue.objects.get()
    assert made["service_request_id"] == str(issue.pk)
    assert issue.receipt_groups in made["service_notice"]
    assert (issue.channel, issue.dong_id) == ("open311", seo_gu.dong.code)
    (token,) = json.loads(client.get(f"{ROOT}/tokens/{issue.receipt}.json").content)
    assert token == {"service_request_id": str(issue.pk), "token": issue.receipt}
    (row,) = json.loads(client.get(f"{ROOT}/requests/{issue.pk}.json").content)
    assert (row["status"], row["service_code"], row["address_id"]) == ("open", "road", seo_gu.dong.code)
    # Nothing of what was written, and no point, before the dong office made something public.
    assert (row["description"], row["lat"], row["long"]) == (None, None, None)
    assert "sinkhole" not in json.dumps(rows(client))
    assert (issue.receipt or "?") not in json.dumps(rows(client))
    assert row["expected_datetime"] > row["requested_datetime"]


def test_what_an_officer_made_public_is_listed(client: Client, seo_gu: SeoGu) -> None:
    issue = issue_report(VISITOR, draft(seo_gu.dong.code, lon=seo_gu.dong.lon, lat=seo_gu.dong.lat))
    take = TakeDraft(title="가로등", summary="꺼짐", room="autonomy", reason="r", issues=[issue.pk], shows_point=True)
    agenda_take(SYSTEM, take)
    (row,) = rows(client)
    assert row["description"] == "가로등\n꺼짐"
    assert (row["lat"], row["long"]) == (seo_gu.dong.lat, seo_gu.dong.lon)
    node = parsed(client.get(f"{ROOT}/requests.xml").content)[0]
    assert node.findtext("description") == "가로등\n꺼짐"
    assert node.findtext("status") == "open"


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"service_code": ""}, 400),
        ({"service_code": "033"}, 404),
        ({"description": ""}, 400),
        ({"lat": "", "address_string": "nowhere"}, 400),
        ({"lat": "x", "long": "y"}, 400),
        ({"lat": "0", "long": "0"}, 400),
        ({"api_key": "xyz"}, 403),
        ({"jurisdiction_id": "city.gov"}, 404),
    ],
)
def test_errors_have_the_specifications_form(
    client: Client, seo_gu: SeoGu, form: str, changes: dict[str, object], status: int
) -> None:
    data = posted(**{"address_id": seo_gu.dong.code, **changes})
    if "address_string" in changes:
        del data["address_id"]
    answer = client.post(f"{ROOT}/requests.{form}", data)
    assert answer.status_code == status
    if form == "json":
        (error,) = json.loads(answer.content)
    else:
        root = parsed(answer.content)
        assert (root.tag, root[0].tag) == ("errors", "error")
        error = {"code": int(root[0].findtext("code") or 0), "description": root[0].findtext("description")}
    assert error["code"] == status
    assert error["description"]
    assert not Issue.objects.exists()


def test_an_address_that_names_a_dong_is_enough(client: Client, seo_gu: SeoGu) -> None:
    client.post(f"{ROOT}/requests.json", posted(address_string=f"{seo_gu.other.name_ko} 12-3, 서구"))
    client.post(f"{ROOT}/requests.json", posted(address_string=f"3, {seo_gu.dong.name_en}"))
    assert list(Issue.objects.order_by("pk").values_list("dong", flat=True)) == [seo_gu.other.code, seo_gu.dong.code]


def test_the_same_key_is_the_same_request(client: Client, seo_gu: SeoGu) -> None:
    key = uuid4().hex
    answers = [
        client.post(f"{ROOT}/requests.json", posted(address_id=seo_gu.dong.code), headers={"idempotency-key": key})
        for _time in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert Issue.objects.count() == 1


def test_lists_are_narrowed(client: Client, seo_gu: SeoGu) -> None:
    old = timezone.now() - timedelta(days=100)
    first = issue_report(SYSTEM, draft(seo_gu.dong.code, reported_at=old))
    second = issue_report(VISITOR, draft(seo_gu.dong.code, category="road"))
    issue_answer(SYSTEM, IssueAnswerDraft(issue=second.pk, outcome=Outcome.EXPLAINED, reason="r"))
    third = issue_report(VISITOR, draft(seo_gu.dong.code))

    def ids(query: str) -> list[str]:
        return [row["service_request_id"] for row in rows(client, query)]

    assert ids("") == [str(third.pk), str(second.pk)]
    assert ids("?status=closed") == [str(second.pk)]
    assert ids("?status=open") == [str(third.pk)]
    assert ids("?status=open,closed") == [str(third.pk), str(second.pk)]
    assert ids("?service_code=road,waste") == [str(second.pk)]
    assert ids(f"?service_request_id={first.pk},x,99999&status=closed") == [str(first.pk)]
    start = (old - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ids(f"?start_date={start}") == [str(first.pk)]
    assert ids(f"?end_date={(old + timedelta(days=1)).strftime('%Y-%m-%dT%H:%M:%SZ')}") == [str(first.pk)]
    (closed,) = rows(client, "?status=closed")
    assert closed["updated_datetime"] >= closed["requested_datetime"]


@pytest.mark.parametrize(
    "query",
    [
        "?status=pending", "?start_date=yesterday", "?start_date=2026-01-01",
        "?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z",
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_a_400(client: Client, seo_gu: SeoGu, query: str) -> None:
    assert client.get(f"{ROOT}/requests.json{query}").status_code == 400


@pytest.mark.parametrize("path", ["requests/99999.json", "requests/x.json", "tokens/000000000012.json", "tokens/1.xml"])
def test_what_is_not_there_is_a_404(client: Client, seo_gu: SeoGu, path: str) -> None:
    answer = client.get(f"{ROOT}/{path}")
    assert answer.status_code == 404
    assert b"<html" not in answer.content


def test_another_form_and_discovery(client: Client, seo_gu: SeoGu) -> None:
    assert client.get(f"{ROOT}/services.yaml").status_code == 404
    found = json.loads(client.get("/open311/discovery.json").content)
    assert found["endpoints"][0]["url"] == "http://testserver/open311/v2"
    assert parsed(client.get("/open311/discovery.xml").content).tag == "discovery"
