"""The door between log rows and the chain."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from madang.yard.audit.engine.chain import Link
from madang.yard.audit.models import Record

_COLUMNS = (
    "sequence", "at", "user", "role", "place", "action", "target", "purpose", "detail", "previous", "hash",
)  # fmt: skip


def _body(values: dict[str, Any]) -> dict[str, Any]:
    at: datetime = values["at"]
    return {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "user": values["user"],
        "role": values["role"],
        "place": values["place"],
        "action": values["action"],
        "target": values["target"],
        "purpose": values["purpose"],
        "detail": values["detail"],
    }


def record_body(record: Record) -> dict[str, Any]:
    """Return what of a record is hashed: everything but its place in the chain."""
    return _body({name: getattr(record, name) for name in _COLUMNS})


def links(until: int | None = None) -> Iterator[Link]:
    """Read the log in order, up to a sequence number, without building instances."""
    rows = Record.objects.order_by("sequence").values(*_COLUMNS)
    if until is not None:
        rows = rows.filter(sequence__lte=until)
    for row in rows.iterator(chunk_size=5000):
        yield Link(sequence=row["sequence"], previous=row["previous"], body=_body(row), hash=row["hash"])
