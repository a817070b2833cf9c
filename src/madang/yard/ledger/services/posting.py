"""Writing entries: one journal at a time, kept apart from what else is being written, refused by the database alone."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import record
from madang.yard.ledger.bridge import journal_digest
from madang.yard.ledger.models import Account, Entry, EntryKind
from madang.yard.ledger.services.refusals import key_used, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Won that go from one account to another."""

    kind: EntryKind
    debit: Account
    credit: Account
    amount_won: int
    reverses: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the entries of one journal share; `detail` goes into the audit log beside them."""

    action: Action
    date: dt.date
    memo: str = ""
    key: str = ""
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request asks for, as far as it is known before anything is written."""

    kind: EntryKind
    amount_won: int
    memo: str
    debit: Account | None = None
    credit: Account | None = None
    title: str = ""
    reverses: Entry | None = None


def entered_before(key: str, asked: Asked) -> Entry | None:
    """Return the entry that a request number stands for, if the same thing was asked under it before.

    Raises
    ------
    Conflict
        If the number stands for something else.
    """
    if not key:
        return None
    entry = Entry.objects.select_related("debit", "credit").filter(key=key).first()
    if entry is None:
        return None
    same = (
        (entry.kind, entry.amount_won, entry.memo) == (asked.kind, asked.amount_won, asked.memo)
        and asked.debit in {None, entry.debit}
        and asked.credit in {None, entry.credit}
        and asked.title in {"", entry.credit.title}
        and (asked.reverses.pk if asked.reverses else None) == entry.reverses_id
    )
    if not same:
        raise key_used(key)
    return entry


def post(actor: Actor, movements: Sequence[Movement], terms: Terms) -> list[Entry]:
    """Insert a journal of entries and log it; the last movement carries the request number.

    Raises
    ------
    PermissionDenied
        If the actor does not reach the place of every account that is touched.
    DomainError
        If the database refuses one of the entries: nothing is written then.
    """
    for place in {account.place for movement in movements for account in (movement.debit, movement.credit)}:
        require(actor, terms.action, place=place)
    journal = uuid.uuid4()
    key = terms.key or str(journal)
    now = timezone.now()
    last = len(movements) - 1
    entries = [
        Entry(
            journal=journal,
            key=key if number == last else f"{key}#{number + 1}",
            kind=movement.kind,
            date=terms.date,
            amount_won=movement.amount_won,
            debit=movement.debit,
            credit=movement.credit,
            memo=terms.memo,
            reverses=movement.reverses,
            entered_at=now,
            entered_by=actor.user or "",
            role=actor.role.value,
        )
        for number, movement in enumerate(movements)
    ]
    insert(entries)
    detail = {
        **(terms.detail or {}),
        "entries": [
            {"id": e.pk, "kind": e.kind, "won": e.amount_won, "debit": e.debit.code, "credit": e.credit.code}
            for e in entries
        ],
        "digest": journal_digest(entries),
    }
    record(actor, terms.action, target=journal_target(journal), detail=detail)
    return entries


def insert(entries: Sequence[Entry]) -> None:
    """Insert entries in their order, all or none.

    Raises
    ------
    DomainError
        If the database refuses one of them.
    """
    try:
        with transaction.atomic():
            Entry.objects.bulk_create(entries, batch_size=500)
    except IntegrityError as error:
        raise refusal(entries) from error


def journal_target(journal: uuid.UUID) -> str:
    """Return how the audit log names a journal."""
    return f"ledger.journal:{journal}"
