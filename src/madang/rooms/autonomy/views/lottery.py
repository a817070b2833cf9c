"""Lotteries: what everybody sees of a draw, the files to repeat it, and an officer's four steps."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.numerics.errors import InputError
from madang.rooms.autonomy.forms.lottery import LotteryForm, PublicValueForm
from madang.rooms.autonomy.models import CouncilLottery, LotteryMethod, LotteryState
from madang.rooms.autonomy.selectors.assembly import dongs_reached
from madang.rooms.autonomy.selectors.lottery import (
    Level,
    lotteries_list,
    lottery_get,
    lottery_levels,
    lottery_pool_count,
    lottery_pool_rows,
    lottery_quota_rows,
    lottery_steps,
)
from madang.rooms.autonomy.services.lottery import (
    LotteryDraft,
    lottery_announce,
    lottery_commit,
    lottery_draw,
    lottery_of_files,
    lottery_prepare,
)
from madang.rooms.autonomy.views.acting import signed_in, tried
from madang.ui import formats
from madang.ui.charts import Bar, BarChart, Interval, IntervalChart, Measure, Series, StackedBarChart
from madang.ui.downloads import csv_response
from madang.ui.listing import Column
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import Action, require
from madang.yard.people.selectors import request_actor

TONES = {
    LotteryState.PREPARED: "new",
    LotteryState.COMMITTED: "going",
    LotteryState.ANNOUNCED: "going",
    LotteryState.DRAWN: "done",
}
MAX_BARS = 12


@require_safe
@public_page
def lotteries(request: HttpRequest) -> HttpResponse:
    """List every lottery, newest first."""
    rows = [(row, TONES[LotteryState(row.state)]) for row in lotteries_list(request.GET.get("dong", ""))]
    return render(request, "autonomy/lotteries.html", {"lotteries": rows})


@require_safe
@public_page
def lottery(request: HttpRequest, lottery_id: int) -> HttpResponse:
    """Show a lottery: its steps, its quotas and who applied in numbers, the result, and how to draw it again."""
    found = lottery_get(lottery_id)
    levels = lottery_levels(found)
    context = {
        "lottery": found,
        "tone": TONES[LotteryState(found.state)],
        "steps": lottery_steps(found),
        "applicants": lottery_pool_count(found),
        "levels": levels,
        "drawn": (found.result or {}).get("drawn", []),
        "parts": _parts_charts(found),
        "council": _council_chart(found),
        "chances": _chances_chart(levels),
        "command": _command(found),
        "columns": [
            Column(label=_("Group")),
            Column(label=_("At least"), numeric=True),
            Column(label=_("At most"), numeric=True),
            Column(label=_("Applicants"), numeric=True),
            Column(label=_("Council"), numeric=True),
        ],
    }
    return render(request, "autonomy/lottery.html", context)


@require_safe
def lottery_pool_csv(_request: HttpRequest, lottery_id: int) -> HttpResponseBase:
    """Return the published pool: lots with their values, or with numbers of types."""
    header, rows = lottery_pool_rows(lottery_get(lottery_id))
    return csv_response(f"pool-{lottery_id}", header, rows)


@require_safe
def lottery_quotas_csv(_request: HttpRequest, lottery_id: int) -> HttpResponseBase:
    """Return the quotas that go with the published pool."""
    rows = lottery_quota_rows(lottery_get(lottery_id))
    return csv_response(f"quotas-{lottery_id}", ("category", "value", "min", "max"), rows)


@require_safe
def lottery_groups_csv(_request: HttpRequest, lottery_id: int) -> HttpResponseBase:
    """Return quotas, applicants and council by group."""
    names = ("category", "value", "min", "max", "pool", "drawn")
    rows = [[row.get(name, "") for name in names] for row in lottery_get(lottery_id).groups]
    return csv_response(f"groups-{lottery_id}", names, rows)


@require_safe
def lottery_levels_csv(_request: HttpRequest, lottery_id: int) -> HttpResponseBase:
    """Return how many applicants have which probability."""
    rows = [(level.probability, level.persons) for level in lottery_levels(lottery_get(lottery_id))]
    return csv_response(f"chances-{lottery_id}", ("probability", "persons"), rows)


@require_safe
def lottery_json(_request: HttpRequest, lottery_id: int) -> HttpResponse:
    """Return the lottery in whole tickets, as the command reads it."""
    body = json.dumps(lottery_get(lottery_id).published["lottery"], separators=(",", ":"))
    headers = {"Content-Disposition": f'attachment; filename="lottery-{lottery_id}.json"'}
    return HttpResponse(body, content_type="application/json", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def prepare(request: HttpRequest) -> HttpResponse:
    """Prepare a lottery."""
    actor = request_actor(request)
    require(actor, Action.LOTTERY_PREPARE)
    form = LotteryForm(
        request.POST if request.method == "POST" else None,
        dongs=dongs_reached(actor),
        initial={"method": LotteryMethod.LEXIMIN.value},
    )
    if request.method == "POST" and form.is_valid():
        draft = _draft(form)
        made = tried(form, lambda: lottery_prepare(actor, draft)) if draft is not None else None
        if made is not None:
            messages.success(request, _("The pool is closed. Next, fix the seed."))
            return redirect("lottery_desk", made.pk)
    return render(request, "autonomy/lottery_prepare.html", {"form": form})


def _draft(form: LotteryForm) -> LotteryDraft | None:
    """Return what was entered; None with the fault written at its field where a table cannot be read."""
    data = form.cleaned_data
    try:
        applicants, quotas = lottery_of_files(data["applicants"], data["quotas"])
    except InputError as error:
        form.add_error("quotas" if error.at.file == _("quotas") else "applicants", str(error))
        return None
    names = ("dong", "title", "about", "size", "method", "public_source", "value_on")
    return LotteryDraft(applicants=applicants, quotas=quotas, **{name: data[name] for name in names})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def lottery_desk(request: HttpRequest, lottery_id: int) -> HttpResponse:
    """Take the next step of a lottery."""
    actor, found = request_actor(request), lottery_get(lottery_id)
    require(actor, Action.LOTTERY_PREPARE, place=found.dong_id)
    form = PublicValueForm(
        request.POST if request.method == "POST" and request.POST.get("step") == "announce" else None
    )
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step == "commit":
        lottery_commit(actor, found.pk)
        messages.success(request, _("The seed is fixed, and its commitment is public."))
        return redirect("lottery_desk", found.pk)
    if step == "announce" and form.is_valid() and _announced(request, form, found):
        return redirect("lottery_desk", found.pk)
    if step == "draw":
        lottery_draw(actor, found.pk)
        messages.success(request, _("The council is drawn. Everybody can check it."))
        return redirect("lottery", found.pk)
    context = {"lottery": found, "steps": lottery_steps(found), "form": form}
    return render(request, "autonomy/lottery_desk.html", context)


def _announced(request: HttpRequest, form: PublicValueForm, found: CouncilLottery) -> bool:
    actor = request_actor(request)
    if tried(form, lambda: lottery_announce(actor, found.pk, form.cleaned_data["value"])) is None:
        return False
    messages.success(request, _("The public value is entered. Now draw."))
    return True


def _group_name(row: dict[str, object]) -> str:
    return f"{row['category']}: {row['value']}"


def _council_chart(found: CouncilLottery) -> IntervalChart | None:
    if found.result is None:
        return None
    rows = tuple(
        Interval(label=_group_name(row), value=row["drawn"], low=row["min"], high=row["max"]) for row in found.groups
    )
    return IntervalChart(
        title=_("Every group of the council lies within its quota"),
        measure=Measure(unit=_("persons")),
        heading=_("Group"),
        rows=rows,
    )


def _parts_charts(found: CouncilLottery) -> list[StackedBarChart]:
    """Return, for each category whose counts are all public, how applicants and council are made up."""
    if found.result is None:
        return []
    charts = []
    for category in dict.fromkeys(row["category"] for row in found.groups):
        rows = [row for row in found.groups if row["category"] == category]
        pool = sum(row["pool"] or 0 for row in rows)
        if not pool or any(row["pool"] is None for row in rows):
            continue
        charts.append(
            StackedBarChart(
                title=_("Applicants and council by %(category)s") % {"category": category},
                measure=Measure(ratio=True),
                heading=_("Who"),
                labels=(_("Applicants"), _("Council")),
                series=tuple(
                    Series(name=row["value"], values=(row["pool"] / pool, row["drawn"] / found.size)) for row in rows
                ),
            )
        )
    return charts


def _chances_chart(levels: list[Level]) -> BarChart:
    language = get_language() or "ko"
    if len(levels) <= MAX_BARS:
        bars = [(formats.percent(level.probability, language), level.persons) for level in levels]
    else:
        steps: dict[int, int] = {}
        for level in levels:
            steps[int(level.probability * 10)] = steps.get(int(level.probability * 10), 0) + level.persons
        bars = [(f"{10 * step}–{10 * step + 10} %", persons) for step, persons in sorted(steps.items())]
    return BarChart(
        title=_("Nobody who applied has a smaller chance than %(least)s")
        % {"least": formats.percent(levels[0].probability, language)},
        measure=Measure(unit=_("persons")),
        heading=_("Chance of being drawn"),
        bars=tuple(Bar(label=label, value=persons) for label, persons in bars),
    )


def _command(found: CouncilLottery) -> str:
    """Return the command that repeats the draw with the files of this page."""
    parts = [
        f"madang autonomy draw pool-{found.pk}.csv quotas-{found.pk}.csv --size {found.size} --method {found.method}",
        f"--lottery lottery-{found.pk}.json" if found.method == LotteryMethod.LEXIMIN else "",
        f"--seed-commitment {found.commitment}" if found.commitment else "",
        f"--seed {found.seed}" if found.seed else "",
        f"--public-value {json.dumps(found.public_value, ensure_ascii=False)}" if found.public_value else "",
    ]
    return " \\\n  ".join(part for part in parts if part)
