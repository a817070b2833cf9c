"""The evidence for programs: the same values as on the pages, the same withheld."""

from typing import Any

import pytest
from django.test import Client

from madang.yard.audit.authority import SYSTEM
from madang.yard.evidence.models import Indicator, Signal
from madang.yard.evidence.services import (
    DocumentDraft,
    ObservationDraft,
    SignalMoveDraft,
    document_file,
    observation_enter,
    signal_move,
)

from .conftest import DISTRICT, DONGS, PERSONS, RATE, SIGNAL, line

pytestmark = pytest.mark.django_db

API = "/api/v1/evidence"


def ask(address: str, **query: object) -> Any:  # a JSON answer
    answer = Client(headers={"accept-language": "en"}).get(API + address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_indicators(rate: Indicator, persons: Indicator) -> None:
    body = ask("/indicators")
    assert body["count"] == 2
    assert [item["code"] for item in body["items"]] == [RATE.code, PERSONS.code]
    assert body["items"][0]["target_path"] == [["2026-01", 0.0], ["2026-12", 80.0]]
    assert ask("/indicators", room="health")["items"][0]["code"] == PERSONS.code
    assert ask("/indicators", q="seven")["count"] == 1
    assert ask(f"/indicators/{RATE.code}")["unit"] == "percent"


def test_observations_are_guarded_whatever_is_asked_for(rate: Indicator, persons: Indicator) -> None:
    for month in (1, 2, 3):
        line(persons, f"2026-{month:02d}", [46, 3, 8, 15, 20])
    observation_enter(SYSTEM, ObservationDraft(indicator=RATE.code, place=DISTRICT, period="2026-02", value=12.5))
    everything = ask("/observations", limit=100)
    assert everything["count"] == 16
    questions: list[dict[str, object]] = [
        {"indicator": PERSONS.code},
        {"place": DONGS[0]},
        {"place": DISTRICT, "dongs": True},
        {"since": "2026-02", "until": "2026-02"},
        {"indicator": PERSONS.code, "place": DONGS[1], "since": "2026-03"},
        *({"limit": 1, "offset": offset} for offset in range(16)),
    ]
    whole = {(item["indicator"], item["place"], item["period"]): item for item in everything["items"]}
    for question in questions:
        for item in ask("/observations", **question)["items"]:
            assert item == whole[item["indicator"], item["place"], item["period"]]
    for (indicator, place, _period), item in whole.items():
        hidden = indicator == PERSONS.code and place in DONGS[:2]
        assert item["withheld"] is hidden
        assert (item["value"] is None) is hidden
    assert ask("/observations", place=DISTRICT)["count"] == 4
    assert ask("/observations", place=DISTRICT, dongs=True)["count"] == 16


def test_pages_of_observations_take_few_queries(persons: Indicator, django_assert_max_num_queries: Any) -> None:
    for month in range(1, 13):
        line(persons, f"2026-{month:02d}", [46, 3, 8, 15, 20])
    with django_assert_max_num_queries(5):
        assert len(ask("/observations", limit=60, offset=0)["items"]) == 60


def test_signals(signal: Signal) -> None:
    signal_move(SYSTEM, SignalMoveDraft(signal=signal.pk, to="seen", reason="Looked into."))
    assert ask("/signals", place=DISTRICT, state="seen", room="climate", q="heat")["count"] == 1
    assert ask("/signals", state="closed")["count"] == 0
    body = ask(f"/signals/{signal.pk}")
    assert (body["text_en"], body["severity"]) == (SIGNAL.text_en, 2)
    assert [step["to_state"] for step in body["steps"]] == ["raised", "seen"]
    assert "user" not in str(body)
    assert "raised_by" not in body


def test_documents(district: object) -> None:
    document = document_file(SYSTEM, DocumentDraft(title="Minutes", content=b"%PDF-1", place=DISTRICT))
    item = ask("/documents", q="minutes")["items"][0]
    assert (item["sha256"], item["size_bytes"]) == (document.sha256, 6)
    assert "filed_by" not in item


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/indicators/nowhere", 404),
        ("/signals/99", 404),
        ("/observations?indicator=nowhere", 404),
        ("/observations?limit=0", 422),
        ("/signals?state=gone", 422),
        ("/indicators?room=kitchen", 422),
    ],
)
def test_refusals_are_problems(district: object, client: Client, address: str, status: int) -> None:
    answer = client.get(API + address)
    assert answer.status_code == status
    assert answer["content-type"] == "application/problem+json"
