"""The pledges: the board of all, and one with everything that its state rests on."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from madang.plaza.views.words import project_words
from madang.rooms.projects.engine.pledge_state import PledgeParameters
from madang.rooms.projects.models import BoardState
from madang.rooms.projects.selectors import STATE_TONES, IndicatorView, board, pledge_get, pledge_view
from madang.ui.charts import LineChart
from madang.ui.downloads import csv_response
from madang.ui.listing import Column
from madang.ui.pagecache import public_page

PROGRAMME_COLUMNS = (
    Column(label=gettext_lazy("Programme")),
    Column(label=gettext_lazy("Set apart"), numeric=True),
    Column(label=gettext_lazy("Spent"), numeric=True),
)
FILE_HEADER = ("code", "room", "name_ko", "name_en", "state", "progress", "plan", "shortfall", "as_of", "run")


@require_safe
@public_page
def pledges(request: HttpRequest) -> HttpResponse:
    """Show every pledge with its state, and the rule that gives it."""
    return render(request, "plaza/pledges.html", {"board": board(), **_rule()})


@require_safe
def pledges_csv(_request: HttpRequest) -> HttpResponseBase:
    """Return the board as CSV."""
    rows = []
    for row in board():
        pledge, found = row.pledge, row.assessment
        judged = (found.state, found.progress, found.plan, found.shortfall, found.as_of, found.run_id) if found else ()
        rows.append((pledge.code, pledge.room, pledge.name_ko, pledge.name_en, *judged))
    return csv_response("pledges", FILE_HEADER, rows)


@require_safe
@public_page
def pledge(request: HttpRequest, code: str) -> HttpResponse:
    """Show one pledge, whole."""
    found = pledge_get(code)
    shown = pledge_view(found, timezone.localdate())
    context = {
        "pledge": found,
        "view": shown,
        "row": shown.row,
        "indicators": [(it, _drawn(it)) for it in shown.indicators],
        "columns": PROGRAMME_COLUMNS,
        "appropriated_won": sum(money.appropriated_won for money in shown.programmes),
        "spent_won": sum(money.spent_won for money in shown.programmes),
        "projects": [(project, project_words(project)) for project in shown.projects],
        "tones": STATE_TONES,
        "today": timezone.localdate(),
        **_rule(),
    }
    return render(request, "plaza/pledge.html", context)


def _drawn(shown: IndicatorView) -> LineChart:
    """Return an indicator's chart; before the first value its path alone, since an empty line is drawn as a zero."""
    return shown.chart if shown.latest else replace(shown.chart, series=())


def _rule() -> dict[str, object]:
    return {"tolerance": PledgeParameters().tolerance, "states": [(state, STATE_TONES[state]) for state in BoardState]}
