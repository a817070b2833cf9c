"""Open311 GeoReport v2: what the interface says, in JSON and in XML.

JSON follows the Spark convention that the specification names: lists without their root element, absent values null.

References
----------
GeoReport v2, https://wiki.open311.org/GeoReport_v2
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from xml.sax.saxutils import escape

from madang.numerics.errors import EngineInputError

XML_TYPE = "text/xml; charset=utf-8"
JSON_TYPE = "application/json; charset=utf-8"


class Format(StrEnum):
    """The two forms of an answer."""

    JSON = "json"
    XML = "xml"


class Status(StrEnum):
    """The two states that GeoReport knows."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry:
    """One kind of request that the jurisdiction accepts."""

    service_code: str
    service_name: str
    description: str
    metadata: bool = False
    type: str = "realtime"
    keywords: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEntry:
    """One request as the public may see it."""

    service_request_id: str
    status: Status
    status_notes: str | None
    service_name: str
    service_code: str
    description: str | None
    agency_responsible: str | None
    service_notice: str | None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMade:
    """The answer to a request that was posted."""

    service_request_id: str
    service_notice: str
    account_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEntry:
    """The request that a token stands for."""

    service_request_id: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEntry:
    """One thing that is wrong."""

    code: int
    description: str


Entry = ServiceEntry | RequestEntry | RequestMade | TokenEntry | ErrorEntry

_NAMES: dict[type[Entry], tuple[str, str]] = {
    ServiceEntry: ("services", "service"),
    RequestEntry: ("service_requests", "request"),
    RequestMade: ("service_requests", "request"),
    TokenEntry: ("service_requests", "request"),
    ErrorEntry: ("errors", "error"),
}


def entries_written(kind: type[Entry], entries: Sequence[Entry], form: Format) -> bytes:
    """Return a list of entries of one kind in the asked form.

    Examples
    --------
    >>> entries_written(ErrorEntry, [ErrorEntry(code=404, description="not found")], Format.JSON)
    b'[{"code": 404, "description": "not found"}]'
    """
    rows = [{item.name: getattr(entry, item.name) for item in fields(entry)} for entry in entries]
    if form is Format.JSON:
        return json.dumps(rows, ensure_ascii=False).encode()
    root, name = _NAMES[kind]
    body = "".join(f"<{name}>{''.join(_element(*pair) for pair in row.items())}</{name}>" for row in rows)
    return _document(f"<{root}>{body}</{root}>")


def definition_written(service_code: str, form: Format) -> bytes:
    """Return the definition of a service that asks for nothing beyond the common fields."""
    if form is Format.JSON:
        return json.dumps({"service_code": service_code, "attributes": []}, ensure_ascii=False).encode()
    return _document(f"<service_definition>{_element('service_code', service_code)}<attributes/></service_definition>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What service discovery says of this server.

    Attributes
    ----------
    changeset : str
        When the discovery document last changed, as W3 date and time.
    contact, key_service : str
        Where a developer finds help and a key.
    url : str
        Root of the interface, without a slash at its end.
    """

    changeset: str
    contact: str
    key_service: str
    url: str


def discovery_written(endpoint: Endpoint, form: Format) -> bytes:
    """Return the service discovery document that GeoReport v2 asks for beside itself."""
    specification = "http://wiki.open311.org/GeoReport_v2"
    media = [XML_TYPE.partition(";")[0], JSON_TYPE.partition(";")[0]]
    head = {"changeset": endpoint.changeset, "contact": endpoint.contact, "key_service": endpoint.key_service}
    entry = {"specification": specification, "url": endpoint.url, "changeset": endpoint.changeset, "type": "production"}
    if form is Format.JSON:
        return json.dumps({**head, "endpoints": [{**entry, "formats": media}]}, ensure_ascii=False).encode()
    formats = "".join(_element("format", name) for name in media)
    one = "".join(_element(*pair) for pair in entry.items())
    top = "".join(_element(*pair) for pair in head.items())
    return _document(
        f"<discovery>{top}<endpoints><endpoint>{one}<formats>{formats}</formats></endpoint></endpoints></discovery>"
    )


def moment_written(moment: datetime) -> str:
    """Return a moment as W3 date and time in UTC.

    Examples
    --------
    >>> moment_written(datetime(2026, 11, 23, 9, 30, tzinfo=UTC))
    '2026-11-23T09:30:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_read(text: str, field: str) -> datetime:
    """Read a W3 date and time, which must say its offset from UTC.

    Raises
    ------
    EngineInputError
        With code `bad_moment` otherwise.
    """
    # A "+" that was not escaped arrives from a query string as a space.
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise EngineInputError(
            "bad_moment",
            f"{field}: {text!r} is not a date and time such as 2026-01-31T00:00:00Z",
            {"field": field, "found": text},
        )
    return moment.astimezone(UTC)


def _document(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'.encode()


def _element(name: str, value: object) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # XML 1.0 has no way to say most control characters, not even as references.
    clean = "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 0x20 and ord(c) not in {0xFFFE, 0xFFFF}))
    return f"<{name}>{escape(clean)}</{name}>"
