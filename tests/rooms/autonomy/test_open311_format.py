import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.formats.open311 import (
    Endpoint,
    ErrorEntry,
    Format,
    RequestEntry,
    RequestMade,
    ServiceEntry,
    Status,
    TokenEntry,
    definition_written,
    discovery_written,
    entries_written,
    moment_read,
    moment_written,
)

# The second request of the specification's example of GET requests.
EXAMPLE = RequestEntry(
    service_request_id="638349", status=Status.OPEN, status_notes=None, service_name="Sidewalk and Curb Issues",
    service_code="006", description=None, agency_responsible=None, service_notice=None,
    requested_datetime="2010-04-19T06:37:38-08:00", updated_datetime="2010-04-19T06:37:38-08:00",
    expected_datetime="2010-04-19T06:37:38-08:00", address="8TH AVE and JUDAH ST", address_id="545483",
    zipcode="94122", lat=37.762221815, long=-122.4651145,
    media_url="http://city.gov.s3.amazonaws.com/requests/media/638349.jpg",
)  # fmt: skip


def parsed(text: bytes) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # our own output


def test_a_request_has_the_specifications_json() -> None:
    (row,) = json.loads(entries_written(RequestEntry, [EXAMPLE], Format.JSON))
    assert list(row) == [
        "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
        "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
        "address", "address_id", "zipcode", "lat", "long", "media_url",
    ]  # fmt: skip
    assert row["description"] is None
    assert (row["lat"], row["long"]) == (37.762221815, -122.4651145)


def test_a_request_has_the_specifications_xml() -> None:
    text = entries_written(RequestEntry, [EXAMPLE], Format.XML)
    assert text.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    root = parsed(text)
    assert (root.tag, [child.tag for child in root]) == ("service_requests", ["request"])
    request = root[0]
    assert request.findtext("service_request_id") == "638349"
    assert request.findtext("status") == "open"
    assert request.findtext("description") == ""
    assert request.findtext("long") == "-122.4651145"


def test_a_service_list_has_the_specifications_forms() -> None:
    entry = ServiceEntry(
        service_code="001", service_name="Cans left out 24x7", description="Garbage cans", keywords="lorem, ipsum",
        group="sanitation",
    )  # fmt: skip
    assert json.loads(entries_written(ServiceEntry, [entry], Format.JSON)) == [
        {
            "service_code": "001", "service_name": "Cans left out 24x7", "description": "Garbage cans",
            "metadata": False, "type": "realtime", "keywords": "lorem, ipsum", "group": "sanitation",
        }
    ]  # fmt: skip
    service = parsed(entries_written(ServiceEntry, [entry], Format.XML)).find("service")
    assert service is not None
    assert (service.findtext("metadata"), service.findtext("type")) == ("false", "realtime")


def test_posted_token_and_error_forms() -> None:
    made = RequestMade(service_request_id="293944", service_notice="The City will inspect")
    assert json.loads(entries_written(RequestMade, [made], Format.JSON)) == [
        {"service_request_id": "293944", "service_notice": "The City will inspect", "account_id": None}
    ]
    assert b"<account_id/>" in entries_written(RequestMade, [made], Format.XML)
    token = TokenEntry(service_request_id="638344", token="12345")
    assert json.loads(entries_written(TokenEntry, [token], Format.JSON)) == [
        {"service_request_id": "638344", "token": "12345"}
    ]
    error = ErrorEntry(code=403, description="Invalid api_key received -- can't proceed with create_request.")
    root = parsed(entries_written(ErrorEntry, [error], Format.XML))
    assert (root.tag, root[0].tag, root[0].findtext("code")) == ("errors", "error", "403")


def test_a_definition_without_attributes() -> None:
    assert json.loads(definition_written("street", Format.JSON)) == {"service_code": "street", "attributes": []}
    root = parsed(definition_written("street", Format.XML))
    assert [child.tag for child in root] == ["service_code", "attributes"]


def test_discovery_names_both_formats() -> None:
    endpoint = Endpoint(changeset="2026-11-23T00:00:00Z", contact="c", key_service="k", url="https://x.example/v2")
    found = json.loads(discovery_written(endpoint, Format.JSON))["endpoints"][0]
    assert (found["url"], found["formats"]) == ("https://x.example/v2", ["text/xml", "application/json"])
    root = parsed(discovery_written(endpoint, Format.XML))
    assert [node.text for node in root.iter("format")] == ["text/xml", "application/json"]


@given(st.text())
def test_any_text_is_well_formed_in_both(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    made = RequestMade(service_request_id="1", service_notice=text)
    assert json.loads(entries_written(RequestMade, [made], Format.JSON))[0]["service_notice"] == text
    parsed(entries_written(RequestMade, [made], Format.XML))


def test_moments_go_there_and_back() -> None:
    moment = datetime(2010, 4, 19, 14, 37, 38, tzinfo=UTC)
    assert moment_read("2010-04-19T06:37:38-08:00", "start_date") == moment
    assert moment_read("2010-04-19T23:37:38 09:00", "start_date") == moment
    assert moment_read(moment_written(moment), "start_date") == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2010-04-19", "2010-04-19T06:37:38", "2010-13-01T00:00:00Z"])
def test_a_moment_without_an_offset_is_refused(text: str) -> None:
    with pytest.raises(EngineInputError) as refusal:
        moment_read(text, "start_date")
    assert refusal.value.code == "bad_moment"
