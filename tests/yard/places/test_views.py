"""Boundaries are open data."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from madang.yard.audit.authority import SYSTEM
from madang.yard.places.services import district_adopt

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["ko", "en"])
def test_boundaries_can_be_downloaded_and_are_cached_by_their_digest(client: Client, language: str) -> None:
    district = district_adopt(SYSTEM, "29140")
    address = reverse("boundaries")
    assert address == "/open/boundaries.geojson"
    headers = {"accept-language": language}
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/geo+json"
    document = json.loads(answer.content)
    assert len(document["features"]) == 18
    assert document["attribution"] == district.source
    again = client.get(address, headers={**headers, "if-none-match": answer["ETag"]})
    assert again.status_code == 304
    simple = client.get(address, {"detail": "simplified"}, headers=headers)
    assert len(simple.content) < len(answer.content)
    assert simple["ETag"] != answer["ETag"]
    assert client.post(address).status_code in {403, 405}


def test_before_a_district_is_adopted_there_is_nothing(client: Client) -> None:
    assert client.get("/open/boundaries.geojson").status_code == 404
