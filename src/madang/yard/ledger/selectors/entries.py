"""Entries one by one, and the rows of the published files."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.yard.audit.models import Record
from madang.yard.ledger.models import Account, Entry
from madang.yard.ledger.selectors.balances import LineFilter, line_balances


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries; an empty value asks for nothing.

    Attributes
    ----------
    place : str
        Code of a place: entries that touch an account of it or of a place below it.
    year : int or None
        Fiscal year of a fund that the entry touches.
    fund, line : str
        Code of a fund or of a budget line that the entry touches.
    kind : str
        Kind of entry.
    since, until : date or None
        First and last day.
    q : str
        Words of the memo, or an account's code.
    """

    place: str = ""
    year: int | None = None
    fund: str = ""
    line: str = ""
    kind: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    q: str = ""


def entries_list(wanted: EntryFilter) -> QuerySet[Entry]:
    """Return entries with their accounts, lines and funds, newest first."""
    entries = Entry.objects.select_related(
        "debit__fund", "debit__line", "credit__fund", "credit__line", "reverses", "reversed_by"
    )
    touched: dict[str, object] = {}
    if wanted.place:
        touched["place__startswith"] = wanted.place
    if wanted.year is not None:
        touched["fund__fiscal_year"] = wanted.year
    if wanted.fund:
        touched["fund__code"] = wanted.fund
    if wanted.line:
        touched["line__code"] = wanted.line
    if touched:
        accounts = Account.objects.filter(**touched).values("pk")
        entries = entries.filter(Q(debit__in=accounts) | Q(credit__in=accounts))
    plain = {"kind": wanted.kind, "date__gte": wanted.since, "date__lte": wanted.until}
    entries = entries.filter(**{name: value for name, value in plain.items() if value})
    for word in wanted.q.split():
        accounts = Account.objects.filter(code__icontains=word).values("pk")
        entries = entries.filter(Q(memo__icontains=word) | Q(debit__in=accounts) | Q(credit__in=accounts))
    return entries.order_by("-pk")


def entries_page(entries: QuerySet[Entry], page: int, per_page: int = 25) -> Page[Entry]:
    """Return one page of entries; a page beyond the last is the last.

    The database sorts and counts keys alone; the wide rows are read for the entries of the page.
    """
    found: Page[Any] = Paginator(entries.select_related(None).values_list("pk", flat=True), per_page).get_page(page)
    keys = list(found.object_list)
    rows = {entry.pk: entry for entry in entries.order_by().filter(pk__in=keys)}
    found.object_list = [rows[key] for key in keys]
    return found


def entry_get(entry_id: int) -> Entry:
    """Return one entry with its accounts.

    Raises
    ------
    NotFound
        If there is none with this number.
    """
    entry = entries_list(EntryFilter()).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound("entry_unknown", _("There is no entry with this number."), {"entry": entry_id})
    return entry


def audit_numbers(entries: Iterable[Entry]) -> dict[uuid.UUID, int]:
    """Return for the journal of each entry the number of the audit record that it was logged under."""
    targets = {f"ledger.journal:{entry.journal}": entry.journal for entry in entries}
    found = Record.objects.filter(target__in=targets).values_list("target", "sequence")
    return {targets[target]: sequence for target, sequence in found}


def entry_rows(wanted: EntryFilter) -> Iterator[tuple[object, ...]]:
    """Yield entries as rows of `formats.ledger_csv.ENTRY_COLUMNS`, oldest first."""
    rows = entries_list(wanted).select_related(None).order_by("pk")
    return rows.values_list(
        "pk", "journal", "date", "kind", "amount_won",
        "debit__code", "debit__kind", "debit__fund__code", "debit__line__code",
        "credit__code", "credit__kind", "credit__fund__code", "credit__line__code",
        "credit__place", "memo", "reverses_id", "entered_at", "role",
    ).iterator(chunk_size=2000)  # fmt: skip


def line_rows(wanted: LineFilter) -> Iterator[tuple[object, ...]]:
    """Yield lines as rows of `formats.ledger_csv.LINE_COLUMNS`, by code."""
    rows: QuerySet[Any] = line_balances(wanted)
    return rows.values_list(
        "code", "fund__fiscal_year", "place", "fund__code", "programme__code", "title", "owner", "origin",
        "appropriated_won", "available_won", "committed_won", "spent_won",
    ).iterator(chunk_size=2000)  # fmt: skip


def balance_rows(year: int | None = None) -> Iterator[tuple[object, ...]]:
    """Yield accounts as rows of `formats.ledger_csv.BALANCE_COLUMNS`, by code."""
    accounts = Account.objects.all() if year is None else Account.objects.filter(fund__fiscal_year=year)
    return (
        accounts.order_by("code")
        .annotate(held_won=F("credits_won") - F("debits_won"))
        .values_list(
            "code", "kind", "fund__code", "line__code", "place", "title", "debits_won", "credits_won", "held_won"
        )
        .iterator(chunk_size=2000)
    )
