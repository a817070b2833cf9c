"""The dongs of the district: all of them, and one."""

from collections.abc import Sequence
from operator import attrgetter

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from madang.plaza.selectors import DongRow, agenda_map, dong_rows, dong_view, dongs_filed
from madang.plaza.views.words import due_words, project_words
from madang.ui.downloads import csv_response
from madang.ui.listing import Column, Listing, ListingRules, listing_of, page_of
from madang.ui.pagecache import public_page
from madang.yard.ledger.selectors import year_shown
from madang.yard.places.models import District

COLUMNS = (
    Column(label=gettext_lazy("Dong"), key="name"),
    Column(label=gettext_lazy("Open on the agenda"), key="open", numeric=True),
    Column(label=gettext_lazy("Reports not taken up yet"), key="waiting", numeric=True),
    Column(label=gettext_lazy("Open signals"), key="signals", numeric=True),
    Column(label=gettext_lazy("Money set apart"), key="money", numeric=True),
    Column(label=gettext_lazy("Residents"), key="residents", numeric=True),
)
RULES = ListingRules(
    sortable={
        "name": "dong.name",
        "open": "open",
        "waiting": "waiting",
        "signals": "signals",
        "money": "money.appropriated_won",
        "residents": "population",
    },
    default="name",
)
FILE_HEADER = (
    "code", "name_ko", "name_en", "kind", "residents", "area_m2", "open_agenda_items", "reports_waiting",
    "open_signals", "appropriated_won", "spent_won",
)  # fmt: skip


@require_safe
@public_page
def dongs(request: HttpRequest) -> HttpResponse:
    """Show every dong, on the map and in a list."""
    district = District.objects.first()
    if district is None:
        return render(request, "plaza/dongs.html", {"rows": [], "listing": listing_of(request, RULES)})
    year = year_shown()
    rows = dong_rows(district, year)
    listing = listing_of(request, RULES)
    counts = {row.dong.code: row.open for row in rows}
    context = {
        "rows": rows,
        "map": agenda_map(district, [row.dong for row in rows], counts),
        "listing": listing,
        "page": page_of(_asked(rows, listing), listing.page),
        "columns": COLUMNS,
        "year": year,
    }
    return render(request, "plaza/dongs.html", context)


@require_safe
def dongs_csv(request: HttpRequest) -> HttpResponseBase:
    """Return the list as the URL asks for it, whole, as CSV."""
    district = District.objects.first()
    rows = dong_rows(district, year_shown()) if district is not None else []
    return csv_response("dongs", FILE_HEADER, dongs_filed(_asked(rows, listing_of(request, RULES))))


@require_safe
@public_page
def dong(request: HttpRequest, code: str) -> HttpResponse:
    """Show one dong: its agenda, signals, money, projects and numbers."""
    shown = dong_view(code)
    context = {
        "view": shown,
        "dong": shown.dong,
        "dues": {item.pk: due_words(item) for item in shown.items},
        "columns": (
            Column(label=_("Indicator")),
            Column(label=shown.dong.name, numeric=True),
            Column(label=_("Whole district"), numeric=True),
            Column(label=_("Period")),
            Column(label=_("Where from")),
        ),
        "projects": [(project, project_words(project)) for project in shown.projects],
    }
    return render(request, "plaza/dong.html", context)


def _asked(rows: Sequence[DongRow], listing: Listing) -> list[DongRow]:
    wanted = listing.q.lower()
    found = [row for row in rows if wanted in row.dong.name_ko.lower() or wanted in row.dong.name_en.lower()]
    return sorted(found, key=attrgetter(listing.sortable[listing.sort]), reverse=listing.descending)
