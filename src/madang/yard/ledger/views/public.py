"""What everyone reads about money."""

from operator import attrgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from madang.numerics.errors import NotFound
from madang.ui.listing import Column, Listing, ListingRules, listing_of, page_of
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import Action, Actor, actor_in, may
from madang.yard.ledger.models import EntryKind
from madang.yard.ledger.selectors import (
    EntryFilter,
    LineFilter,
    PlaceMoney,
    audit_numbers,
    commitments_of,
    district_money,
    dong_money,
    entries_list,
    entries_page,
    fiscal_years,
    funds_of,
    line_balances,
    line_get,
    places_money,
    programmes_of,
    recomputation_last,
    trial_balance,
    year_shown,
)
from madang.yard.ledger.views.figures import flow_chart, flow_title, line_said, share
from madang.yard.ledger.views.files import entry_filter, year_asked
from madang.yard.places.models import District, Dong

PLACE_COLUMNS = (
    Column(label=gettext_lazy("Dong"), key="name"),
    Column(label=gettext_lazy("Lines"), key="lines", numeric=True),
    Column(label=gettext_lazy("Not yet allocated"), key="unallocated", numeric=True),
    Column(label=gettext_lazy("Appropriated"), key="appropriated", numeric=True),
    Column(label=gettext_lazy("Committed"), key="committed", numeric=True),
    Column(label=gettext_lazy("Spent"), key="spent", numeric=True),
    Column(label=gettext_lazy("Available"), key="available", numeric=True),
)
PLACE_RULES = ListingRules(
    sortable={
        "name": "place",
        "lines": "lines",
        "unallocated": "unallocated_won",
        "appropriated": "appropriated_won",
        "committed": "committed_won",
        "spent": "spent_won",
        "available": "available_won",
    },
    default="name",
)
LINE_COLUMNS = (
    Column(label=gettext_lazy("Line"), key="title"),
    Column(label=gettext_lazy("Programme"), key="programme"),
    Column(label=gettext_lazy("Fund"), key="fund"),
    Column(label=gettext_lazy("Appropriated"), key="appropriated", numeric=True),
    Column(label=gettext_lazy("Committed"), key="committed", numeric=True),
    Column(label=gettext_lazy("Spent"), key="spent", numeric=True),
    Column(label=gettext_lazy("Available"), key="available", numeric=True),
)
_LINE_SORTS = {
    "title": "title",
    "programme": "programme__code",
    "fund": "fund__code",
    "appropriated": "appropriated_won",
    "committed": "committed_won",
    "spent": "spent_won",
    "available": "available_won",
}
TRIAL_COLUMNS = (
    Column(label=gettext_lazy("Kind of account")),
    Column(label=gettext_lazy("Accounts"), numeric=True),
    Column(label=gettext_lazy("Went out"), numeric=True),
    Column(label=gettext_lazy("Came in"), numeric=True),
    Column(label=gettext_lazy("Holds"), numeric=True),
)
ENTRY_COLUMNS = (
    Column(label=gettext_lazy("Entry number"), key="number", numeric=True),
    Column(label=gettext_lazy("Day"), key="date"),
    Column(label=gettext_lazy("Kind")),
    Column(label=gettext_lazy("From")),
    Column(label=gettext_lazy("To")),
    Column(label=gettext_lazy("What the money is for")),
    Column(label=gettext_lazy("Amount"), key="amount", numeric=True),
    Column(label=gettext_lazy("Audit record"), numeric=True),
)
ENTRY_RULES = ListingRules(
    sortable={"number": "pk", "date": "date", "amount": "amount_won"},
    default="-number",
    filters={"kind": tuple(EntryKind.values)},
)


def _choices(values: list[int]) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in values]


def _years(request: HttpRequest) -> dict[str, Any]:
    """Return the year a page shows and the years it could show."""
    year = year_shown(year_asked(request))
    choices = _choices(fiscal_years())
    select = {"name": "year", "label": _("Fiscal year"), "value": year, "choices": choices}
    return {"year": year, "year_choices": choices, "year_selects": [select] if len(choices) > 1 else []}


@require_safe
@public_page
def overview(request: HttpRequest) -> HttpResponse:
    """Show where the district's money came from, which dongs it went to, and that the books add up."""
    years = _years(request)
    listing = listing_of(request, PLACE_RULES)
    shown = district_money(years["year"])
    name = _district_name()
    rows = _places(places_money(years["year"]), listing)
    context = {
        **years,
        "listing": listing,
        "page": page_of(rows, listing.page),
        "columns": PLACE_COLUMNS,
        "money": shown.money,
        "chart": flow_chart(shown.flow, flow_title(name, shown.flow, shown.money)),
        "came_in_won": shown.flow.came_in_won,
        "trial": trial_balance(),
        "trial_columns": TRIAL_COLUMNS,
        "run": recomputation_last(),
        "may_recompute": may(actor_in(request), Action.JOB_START),
    }
    return render(request, "ledger/overview.html", context)


def _district_name() -> str:
    district = District.objects.first()
    return district.name if district else _("the district")


def _named_places() -> list[tuple[str, str]]:
    """Return code and name of the district and its dongs."""
    named = [(one.code, one.name) for one in District.objects.only("code", "name_ko", "name_en")]
    return named + [(one.code, one.name) for one in Dong.objects.only("code", "name_ko", "name_en")]


def _places(money: dict[str, PlaceMoney], listing: Listing) -> list[dict[str, Any]]:
    """Return the district and its dongs with their money, as the address asks for them."""
    rows = [
        {"name": name, "money": money.get(code, PlaceMoney(place=code))}
        for code, name in _named_places()
        if listing.q.lower() in name.lower()
    ]
    key = attrgetter(listing.sortable[listing.sort])
    return sorted(rows, key=lambda row: key(row["money"]), reverse=listing.descending)


@require_safe
@public_page
def place(request: HttpRequest, place: str) -> HttpResponse:
    """Show where every won of a dong came from and where it went."""
    name = _place_name(place)
    years = _years(request)
    funds, programmes = funds_of(place, years["year"]), programmes_of(place, years["year"])
    rules = ListingRules(
        sortable=_LINE_SORTS,
        default="-appropriated",
        filters={
            "fund": tuple(code for code, _name in funds),
            "programme": tuple(code for code, _name in programmes),
        },
    )
    listing = listing_of(request, rules)
    wanted = LineFilter(place=place, exact=True, year=years["year"], q=listing.q, **listing.chosen)
    shown = dong_money(place, years["year"])
    context = {
        **years,
        "place": place,
        "name": name,
        "listing": listing,
        "page": page_of(line_balances(wanted).order_by(*listing.ordering), listing.page),
        "columns": LINE_COLUMNS,
        "funds": funds,
        "programmes": programmes,
        "money": shown.money,
        "flow": shown.flow,
        "chart": flow_chart(shown.flow, flow_title(name, shown.flow, shown.money)),
        "spent_share": share(shown.money.spent_won, shown.flow.came_in_won),
        "run": recomputation_last(),
    }
    return render(request, "ledger/place.html", context)


def _place_name(code: str) -> str:
    found = (
        Dong.objects.filter(code=code).only("name_ko", "name_en").first() or District.objects.filter(code=code).first()
    )
    if found is None:
        raise NotFound("place_unknown", _("There is no district or dong with this code here."), {"place": code})
    return found.name


@require_safe
@public_page
def line(request: HttpRequest, line_id: int) -> HttpResponse:
    """Show a budget line: where its money is, what it is promised to, and every entry."""
    found = line_get(line_id)
    page = entries_page(entries_list(EntryFilter(line=found.code)), _page_asked(request))
    actor = actor_in(request)
    context = {
        "line": found,
        "said": line_said(found),
        "place_name": _place_name(found.place),
        "commitments": list(commitments_of(found)),
        "page": page,
        "audit": audit_numbers(page.object_list),
        "undoable": _undoable(page.object_list, actor),
        "may_enter": may(actor, Action.COMMITMENT_ENTER, found.place),
        "may_read_log": may(actor, Action.AUDIT_READ),
        "run": recomputation_last(),
        "entries_csv": f"{reverse('ledger_entries_csv')}?line={found.code}",
    }
    return render(request, "ledger/line.html", context)


def _page_asked(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _undoable(entries: Any, actor: Actor) -> set[int]:  # noqa: ANN401  # a page's list of entries
    return {
        entry.pk
        for entry in entries
        if entry.kind != EntryKind.REVERSAL
        and not hasattr(entry, "reversed_by")
        and all(may(actor, Action.ENTRY_REVERSE, side.place) for side in (entry.debit, entry.credit))
    }


@require_safe
@public_page
def entries(request: HttpRequest) -> HttpResponse:
    """List every entry of the ledger."""
    listing = listing_of(request, ENTRY_RULES)
    rows = entries_list(entry_filter(request)).order_by(*listing.ordering)
    page = entries_page(rows, listing.page)
    context = {
        "listing": listing,
        "page": page,
        "columns": ENTRY_COLUMNS,
        "audit": audit_numbers(page.object_list),
        "kinds": EntryKind.choices,
        "place": request.GET.get("place", ""),
        "place_choices": _named_places(),
        "year_choices": _choices(fiscal_years()),
        "year": year_asked(request) or "",
        "query": request.META.get("QUERY_STRING", ""),
    }
    return render(request, "ledger/entries.html", context)
