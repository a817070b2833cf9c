"""The ledger as files."""

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from madang.ui.downloads import csv_response
from madang.yard.ledger.formats.ledger_csv import BALANCE_COLUMNS, ENTRY_COLUMNS, LINE_COLUMNS
from madang.yard.ledger.models import EntryKind
from madang.yard.ledger.selectors import EntryFilter, LineFilter, balance_rows, entry_rows, line_rows


def year_asked(request: HttpRequest) -> int | None:
    """Return the fiscal year that an address asks for; None where it asks for none."""
    text = request.GET.get("year", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


def entry_filter(request: HttpRequest) -> EntryFilter:
    """Return the entries that an address asks for."""
    kind = request.GET.get("kind", "")
    return EntryFilter(
        place=request.GET.get("place", "")[:16],
        year=year_asked(request),
        fund=request.GET.get("fund", "")[:40],
        line=request.GET.get("line", "")[:40],
        kind=kind if kind in EntryKind.values else "",
        q=request.GET.get("q", "").strip()[:100],
    )


@require_safe
def entries(request: HttpRequest) -> StreamingHttpResponse:
    """Hand out entries, oldest first."""
    return csv_response("entries", ENTRY_COLUMNS, entry_rows(entry_filter(request)))


@require_safe
def lines(request: HttpRequest) -> StreamingHttpResponse:
    """Hand out budget lines with their balances."""
    wanted = LineFilter(
        place=request.GET.get("place", "")[:16],
        exact=request.GET.get("exact") == "1",
        year=year_asked(request),
        fund=request.GET.get("fund", "")[:40],
        programme=request.GET.get("programme", "")[:40],
        q=request.GET.get("q", "").strip()[:100],
    )
    return csv_response("lines", LINE_COLUMNS, line_rows(wanted))


@require_safe
def balances(request: HttpRequest) -> StreamingHttpResponse:
    """Hand out every account with its balance."""
    return csv_response("balances", BALANCE_COLUMNS, balance_rows(year_asked(request)))
