"""What is handed down to the dongs: the formula, the register, a dong's own finances, and the administrator's desk."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.numerics.errors import InputError
from madang.rooms.autonomy.formats.devolution_toml import formula_toml
from madang.rooms.autonomy.forms.devolution import DelegationForm, EndForm, FormulaForm, ReviewForm
from madang.rooms.autonomy.selectors.assembly import dongs_reached
from madang.rooms.autonomy.selectors.devolution import (
    DongFinance,
    FormulaView,
    delegation_get,
    delegations,
    delegations_overdue,
    dong_finance,
    dong_numbers,
    formula_current,
    formula_years,
)
from madang.rooms.autonomy.services.devolution import (
    DelegationDraft,
    EndDraft,
    FormulaDraft,
    ReviewDraft,
    delegation_end,
    delegation_enter,
    delegation_review,
    devolution_publish,
)
from madang.rooms.autonomy.views.acting import signed_in, tried
from madang.ui.charts import Bar, BarChart, Measure, Series, StackedBarChart
from madang.ui.downloads import csv_response
from madang.ui.listing import Column
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import Action, require
from madang.yard.ledger.selectors import year_shown
from madang.yard.people.selectors import request_actor
from madang.yard.places.selectors import district_current, dong_get

POTS = ("budget", "posts")


def _year(request: HttpRequest) -> int | None:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else None


@require_safe
@public_page
def devolution(request: HttpRequest) -> HttpResponse:
    """Show the formula in force, what each dong receives, what each weight does, and the register."""
    view, today = formula_current(_year(request)), timezone.localdate()
    context = {
        "view": view,
        "years": formula_years(),
        "chart": _share_chart(view) if view else None,
        "columns": _share_columns(view) if view else [],
        "register": [(row, row.in_force(today), row.overdue(today)) for row in delegations()],
        "overdue": len(delegations_overdue(today)),
        "register_columns": _register_columns(),
    }
    return render(request, "autonomy/devolution.html", context)


@require_safe
def devolution_csv(request: HttpRequest) -> HttpResponseBase:
    """Return what each dong receives under the formula in force."""
    view = formula_current(_year(request))
    rows = [
        (share.dong.code, share.dong.name_ko, share.share, *(share.given.get(pot, "") for pot in POTS))
        for share in (view.shares if view else ())
    ]
    return csv_response("devolution", ("code", "dong", "share", *POTS), rows)


@require_safe
def effects_csv(request: HttpRequest) -> HttpResponseBase:
    """Return what each dong gains or loses when a weight moves."""
    view = formula_current(_year(request))
    rows = [
        (effect.criterion, effect.points, code, *(change.get(pot, "") for pot in POTS))
        for effect in (view.effects if view else ())
        for code, change in effect.changes.items()
    ]
    return csv_response("devolution-effects", ("criterion", "points", "code", *POTS), rows)


@require_safe
def delegations_csv(_request: HttpRequest) -> HttpResponseBase:
    """Return the register."""
    names = ("dong_id", "title_ko", "title_en", "legal_basis", "staff_posts", "starts_on", "review_on", "ended_on")
    header = ("dong", *names[1:])
    return csv_response("delegations", header, delegations().values_list(*names).iterator())


@require_safe
@public_page
def finance(request: HttpRequest, code: str) -> HttpResponse:
    """Show a dong's own money, what was delegated to it, and its share under the formula."""
    dong, today = dong_get(code), timezone.localdate()
    year = year_shown(_year(request))
    found, view = dong_finance(dong.code, year), formula_current()
    register = [(row, row.in_force(today), row.overdue(today)) for row in delegations(dong.code)]
    context = {
        "dong": dong,
        "year": year,
        "finance": found,
        "money_chart": _money_chart(found),
        "view": view,
        "share": view.of(dong.code) if view else None,
        "effects": [
            (effect.criterion, effect.points, effect.changes[dong.code])
            for effect in (view.effects if view else ())
            if dong.code in effect.changes
        ],
        "effect_columns": [
            Column(label=_("Criterion")),
            Column(label=_("Weight moves by"), numeric=True),
            *(Column(label=label, numeric=True) for label in _pot_labels(view).values()),
        ],
        "line_columns": [
            Column(label=_("Budget line")),
            Column(label=_("Out of")),
            Column(label=_("Set apart"), numeric=True),
            Column(label=_("Committed"), numeric=True),
            Column(label=_("Spent"), numeric=True),
        ],
        "pots": list(_pot_labels(view)),
        "register": register,
        "posts": sum(row.staff_posts for row, in_force, _late in register if in_force),
        "register_columns": _register_columns(with_dong=False),
    }
    return render(request, "autonomy/finance.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def devolution_desk(request: HttpRequest) -> HttpResponse:
    """Publish a formula, or enter an authority."""
    actor = request_actor(request)
    require(actor, Action.DEVOLUTION_PUBLISH, place=district_current().code)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    formula = FormulaForm(
        request.POST if step == "formula" else None,
        auto_id="formula_%s",
        initial={"year": timezone.localdate().year + 1},
    )
    entry = DelegationForm(
        request.POST if step == "delegation" else None, auto_id="delegation_%s", dongs=dongs_reached(actor)
    )
    if step == "formula" and formula.is_valid():
        draft = _formula_draft(formula)
        if draft is not None and tried(formula, lambda: devolution_publish(actor, draft)) is not None:
            messages.success(request, _("The formula is published."))
            return redirect("devolution")
    if step == "delegation" and entry.is_valid():
        data: dict[str, Any] = entry.cleaned_data
        if tried(entry, lambda: delegation_enter(actor, DelegationDraft(**data))) is not None:
            messages.success(request, _("The delegation stands in the register."))
            return redirect("devolution_desk")
    context = {"formula": formula, "entry": entry, "overdue": delegations_overdue(), "register": delegations()}
    return render(request, "autonomy/devolution_desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delegation_desk(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Review a delegation, or end it."""
    actor, found = request_actor(request), delegation_get(delegation_id)
    require(actor, Action.DELEGATION_ENTER, place=found.dong_id)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    review = ReviewForm(request.POST if step == "review" else None, auto_id="review_%s")
    end = EndForm(request.POST if step == "end" else None, auto_id="end_%s")
    if step == "review" and review.is_valid():
        data: dict[str, Any] = review.cleaned_data
        if tried(review, lambda: delegation_review(actor, ReviewDraft(delegation=found.pk, **data))) is not None:
            messages.success(request, _("The review stands in the register."))
            return redirect("devolution_desk")
    if step == "end" and end.is_valid():
        draft = EndDraft(delegation=found.pk, reason=end.cleaned_data["reason"])
        if tried(end, lambda: delegation_end(actor, draft)) is not None:
            messages.success(request, _("The delegation has ended."))
            return redirect("devolution_desk")
    context = {"delegation": found, "review": review, "end": end}
    return render(request, "autonomy/delegation_desk.html", context)


def _formula_draft(form: FormulaForm) -> FormulaDraft | None:
    data = form.cleaned_data
    try:
        read = formula_toml(_("formula"), data["formula"].encode(), dong_numbers())
    except InputError as error:
        form.add_error("formula", str(error))
        return None
    return FormulaDraft(year=data["year"], title=data["title"], reason=data["reason"], inputs=read.inputs)


def _pot_labels(view: FormulaView | None) -> dict[str, str]:
    labels = {"budget": _("Budget"), "posts": _("Posts")}
    return {pot: labels[pot] for pot in POTS if view is not None and pot in view.totals}


def _share_columns(view: FormulaView) -> list[Column]:
    return [
        Column(label=_("Dong")),
        Column(label=_("Share"), numeric=True),
        *(Column(label=label, numeric=True) for label in _pot_labels(view).values()),
    ]


def _share_chart(view: FormulaView) -> BarChart:
    pot = POTS[0] if POTS[0] in view.totals else POTS[1]
    first = max(view.shares, key=lambda share: share.given[pot])
    return BarChart(
        title=_("%(dong)s receives most under the formula") % {"dong": first.dong.name},
        measure=Measure(money=True) if pot == "budget" else Measure(unit=_("posts")),
        heading=_("Dong"),
        bars=tuple(
            Bar(label=share.dong.name, value=share.given[pot])
            for share in sorted(view.shares, key=lambda share: -share.given[pot])
        ),
    )


def _money_chart(found: DongFinance) -> StackedBarChart | None:
    money = found.money
    if not money.appropriated_won:
        return None
    return StackedBarChart(
        title=_("How far the money of this dong has come"),
        measure=Measure(money=True),
        heading=_("Money"),
        labels=(_("Set apart for this dong"),),
        series=(
            Series(name=_("Spent"), values=(money.spent_won,)),
            Series(name=_("Committed"), values=(money.committed_won,)),
            Series(name=_("Available"), values=(money.available_won,)),
        ),
    )


def _register_columns(*, with_dong: bool = True) -> list[Column]:
    return [
        *([Column(label=_("Dong"))] if with_dong else []),
        Column(label=_("What was delegated")),
        Column(label=_("Legal basis")),
        Column(label=_("Posts"), numeric=True),
        Column(label=_("From which day")),
        Column(label=_("Review by")),
        Column(label=_("State")),
    ]
