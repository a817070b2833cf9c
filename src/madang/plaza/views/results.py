"""The result of a dong's vote: what won and why, what came of it, and how anybody counts again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.numerics.errors import PermissionDenied
from madang.plaza.forms import PollFundForm
from madang.plaza.selectors.results import ResultView, Standing, result_view
from madang.plaza.views.verdicts import fairness_words, verdict_words
from madang.plaza.views.words import project_words
from madang.plaza.workflows.assembly import PollFundingDraft, poll_fund
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.views.acting import tried
from madang.rooms.autonomy.views.desk import for_staff
from madang.ui import formats
from madang.ui.charts import Bar, BarChart, Measure
from madang.ui.listing import Column
from madang.yard.audit.authority import Action, require
from madang.yard.people.selectors import request_actor


@require_safe
def result(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a vote decided, project by project, and where to check it."""
    view = result_view(code)
    context = {
        "view": view,
        "poll": view.poll,
        "assembly": view.poll.assembly,
        "works": {row.project.code: project_words(row.delivery) for row in view.won if row.delivery is not None},
        "columns": (
            Column(label=pgettext("result", "No.")),
            Column(label=_("Project")),
            Column(label=_("Ballots that name it"), numeric=True),
            Column(label=_("Cost"), numeric=True),
        ),
        "chart": _chart(view) if view.is_counted else None,
        "whys": _whys(view),
        "fairness": fairness_words(view.verdict["properties"]) if view.verdict else (),
        "money": _money(view) if view.verdict else None,
        "may_fund": _may_fund(request, view),
    }
    return render(request, "plaza/result.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def fund(request: HttpRequest, code: str) -> HttpResponse:
    """Make projects with money of everything that a vote selected."""
    actor = request_actor(request)
    view = result_view(code)
    require(actor, Action.POLL_FUND, place=view.poll.assembly.dong_id)
    if view.is_funded:
        return redirect("poll_result", code)
    office = _("%(dong)s office") % {"dong": view.poll.assembly.dong.name}
    form = PollFundForm(request.POST or None, initial={"owner": office})
    if request.method == "POST" and form.is_valid():
        draft = PollFundingDraft(
            poll=code,
            programme=form.cleaned_data["programme"],
            owner=form.cleaned_data["owner"],
            milestones=form.milestones(),
        )
        if tried(form, lambda: poll_fund(actor, draft)) is not None:
            messages.success(request, _("Every project that won is open, and its money is set apart."))
            return redirect("poll_result", code)
    return render(request, "plaza/poll_fund.html", {"view": view, "assembly": view.poll.assembly, "form": form})


def _may_fund(request: HttpRequest, view: ResultView) -> bool:
    """Return whether whoever looks is the one who makes projects of the winners, and it is time."""
    try:
        require(request_actor(request), Action.POLL_FUND, place=view.poll.assembly.dong_id)
    except PermissionDenied:
        return False
    return view.is_counted and not view.is_funded and view.poll.assembly.opens(Deed.FUND)


def _chart(view: ResultView) -> BarChart:
    """Draw how many ballots name each project; what won is dark."""
    bars = [Bar(label=row.project.name, value=row.votes, strong=row.rank is not None) for row in _by_votes(view)]
    share = view.result["total_cost"] / view.result["budget"]
    data = {"won": len(view.won), "all": len(bars), "share": round(100 * share)}
    return BarChart(
        title=_("%(won)d of %(all)d projects won, and %(share)d%% of the budget is given away") % data,
        measure=Measure(unit=_("ballots")),
        heading=_("Project"),
        bars=tuple(bars),
    )


def _whys(view: ResultView) -> dict[str, str]:
    names = {row.project.code: row.project.name for row in (*view.won, *view.lost)}
    return {said["id"]: verdict_words(said, names) for said in view.verdict.get("projects", ())}


def _money(view: ResultView) -> BarChart:
    """Draw how many voters paid how much for what won."""
    language = get_language() or "ko"
    money = view.verdict["money"]
    edges = [formats.won_compact(round(edge), language) for edge in money["edges"]]
    bars = [Bar(label=_("nothing"), value=money["nothing"])]
    bars += [
        Bar(label=f"{low} - {high}", value=voters)
        for low, high, voters in zip(edges, edges[1:], money["voters"], strict=False)
    ]
    share = formats.won_short(round(money["share"]), language)
    return BarChart(
        title=_("Each voter had an equal share of %(share)s; so much of it was spent on what they named")
        % {"share": share},
        measure=Measure(unit=_("voters")),
        heading=_("Paid"),
        bars=tuple(bars),
        vertical=True,
    )


def _by_votes(view: ResultView) -> list[Standing]:
    return sorted((*view.won, *view.lost), key=lambda row: (-row.votes, row.project.code))
