"""The door between ledger rows and what is computed from them."""

from collections.abc import Iterable
from datetime import UTC

from madang.numerics.digests import json_digest
from madang.yard.ledger.models import Entry


def entry_body(entry: Entry) -> list[str | int | None]:
    """Return everything that an entry says, in one order."""
    return [
        entry.pk,
        str(entry.journal),
        entry.key,
        entry.kind,
        entry.date.isoformat(),
        entry.amount_won,
        entry.debit_id,
        entry.credit_id,
        entry.memo,
        entry.reverses_id,
        entry.entered_at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.entered_by,
        entry.role,
    ]


def journal_digest(entries: Iterable[Entry]) -> str:
    """Return the digest of a journal's entries that the audit log keeps.

    The log is chained and sealed, so an entry altered behind the guards no longer matches it.
    """
    return json_digest([entry_body(entry) for entry in entries])
