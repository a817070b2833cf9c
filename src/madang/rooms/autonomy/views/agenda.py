"""The agenda of every dong, as everybody sees it."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.rooms.autonomy.models import MatterState
from madang.rooms.autonomy.selectors import agenda_page, agenda_rows, agenda_rules
from madang.rooms.autonomy.selectors.steps import TONES
from madang.ui.downloads import csv_response
from madang.ui.listing import Column, listing_of
from madang.ui.pagecache import public_page
from madang.yard.evidence.models import Room
from madang.yard.places.selectors import district_current, dongs_of


@require_safe
@public_page
def agenda(request: HttpRequest) -> HttpResponse:
    """List the matters on the agenda of all dongs."""
    dongs = dongs_of(district_current())
    listing = listing_of(request, agenda_rules(dongs))
    context = {
        "listing": listing,
        "page": agenda_page(listing),
        "columns": [
            Column(label=_("Matter"), key="title"),
            Column(label=_("Dong"), key="dong"),
            Column(label=_("Subject")),
            Column(label=_("State")),
            Column(label=_("Since"), key="when"),
        ],
        "tones": {state.value: tone for state, tone in TONES.items()},
        "selects": [
            {"name": "dong", "label": _("Dong"), "value": listing.chosen["dong"],
             "choices": [(dong.code, dong.name) for dong in dongs]},
            {"name": "state", "label": _("State"), "value": listing.chosen["state"],
             "choices": [choice for choice in MatterState.choices if choice[0] != MatterState.RECEIVED.value]},
            {"name": "room", "label": _("Subject"), "value": listing.chosen["room"], "choices": Room.choices},
        ],
    }  # fmt: skip
    return render(request, "autonomy/agenda.html", context)


@require_safe
def agenda_csv(request: HttpRequest) -> HttpResponseBase:
    """Return the list as the URL asks for it, whole, as CSV."""
    listing = listing_of(request, agenda_rules(dongs_of(district_current())))
    header = ("id", "dong", "title", "room", "state", "said", "opened_on", "state_since")
    return csv_response("agenda", header, agenda_rows(listing).values_list("pk", *header[1:]).iterator())
