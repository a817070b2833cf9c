"""Assemblies: the calendar of all dongs, the page of one, calling one and changing its calendar."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.rooms.autonomy.engine.phases import Deed, Phase, Span
from madang.rooms.autonomy.forms.assembly import CalendarForm, CallForm
from madang.rooms.autonomy.models import Assembly, Category, ProposalStateName
from madang.rooms.autonomy.selectors.assembly import (
    Calendar,
    assemblies_list,
    assembly_get,
    calendar_of,
    dongs_reached,
    funds_reached,
    poll_id_of,
)
from madang.rooms.autonomy.selectors.proposals import TONES, proposal_counts, proposals_page, proposals_rules
from madang.rooms.autonomy.services import AssemblyDraft, CalendarDraft, assembly_call, assembly_reschedule
from madang.rooms.autonomy.views.acting import signed_in, tried
from madang.ui.listing import Column, listing_of
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import Action, may, require
from madang.yard.people.selectors import request_actor
from madang.yard.places.selectors import district_current, dongs_of


@require_safe
@public_page
def assemblies(request: HttpRequest) -> HttpResponse:
    """List the assemblies of all dongs, or of one: what is open, until when, and what comes next."""
    dongs = dongs_of(district_current())
    asked = request.GET.get("dong", "")
    dong = next((one for one in dongs if one.code == asked), None)
    found = assemblies_list(dong.code if dong else "")
    context = {
        "dongs": dongs,
        "dong": dong,
        "found": found,
        "counts": proposal_counts([one.pk for one, _calendar in found]),
    }
    return render(request, "autonomy/assemblies.html", context)


@require_safe
@public_page
def assembly(request: HttpRequest, assembly_id: int) -> HttpResponse:
    """Show an assembly: its one main action now, its calendar, and its proposals."""
    found = assembly_get(assembly_id)
    calendar, poll_id = calendar_of(found), poll_id_of(found)
    listing = listing_of(request, proposals_rules())
    context = {
        "assembly": found,
        "calendar": calendar,
        "poll_id": poll_id,
        "action": _main_action(calendar, poll_id),
        "may_call": may(request_actor(request), Action.ASSEMBLY_CALL, place=found.dong_id),
        "may_prepare": may(request_actor(request), Action.POLL_PREPARE, place=found.dong_id)
        and calendar.opens(Deed.PREPARE_POLL),
        "listing": listing,
        "page": proposals_page(found, listing),
        "tones": TONES,
        "columns": [
            Column(label=_("Proposal"), key="title"),
            Column(label=_("Code"), key="code"),
            Column(label=_("State")),
            Column(label=_("Cost"), key="cost", numeric=True),
            Column(label=_("Arguments"), key="arguments", numeric=True),
        ],
        "selects": [
            {"name": "state", "label": _("State"), "value": listing.chosen["state"],
             "choices": ProposalStateName.choices},
            {"name": "category", "label": _("Subject"), "value": listing.chosen["category"],
             "choices": Category.choices},
        ],
    }  # fmt: skip
    return render(request, "autonomy/assembly.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def call(request: HttpRequest) -> HttpResponse:
    """Call an assembly."""
    actor = request_actor(request)
    require(actor, Action.ASSEMBLY_CALL)
    form = CallForm(
        request.POST if request.method == "POST" else None,
        dongs=dongs_reached(actor),
        funds=funds_reached(actor),
        initial={"year": timezone.localdate().year + 1},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        names = ("title", "about", "dong", "year", "budget_won", "fund")
        made = tried(
            form,
            lambda: assembly_call(actor, AssemblyDraft(spans=form.spans, **{name: data[name] for name in names})),
        )
        if made is not None:
            messages.success(request, _("The assembly is called. Everybody sees its calendar."))
            return redirect("assembly", made.pk)
    return render(request, "autonomy/assembly_call.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def reschedule(request: HttpRequest, assembly_id: int) -> HttpResponse:
    """Change what is still to come of an assembly's calendar."""
    actor, found = request_actor(request), assembly_get(assembly_id)
    require(actor, Action.ASSEMBLY_CALL, place=found.dong_id)
    now = timezone.now()
    form = CalendarForm(
        request.POST if request.method == "POST" else None,
        spans=found.spans,
        begun=[span.phase for span in found.spans if span.begins_at <= now],
    )
    if request.method == "POST" and form.is_valid():
        draft = CalendarDraft(assembly=found.pk, spans=_with_begun(found, form))
        if tried(form, lambda: assembly_reschedule(actor, draft)) is not None:
            messages.success(request, _("The calendar has been changed. Everybody sees it."))
            return redirect("assembly", found.pk)
    return render(request, "autonomy/assembly_calendar.html", {"assembly": found, "form": form})


def _with_begun(found: Assembly, form: CalendarForm) -> tuple[Span, ...]:
    """Return what was entered, with the phases that have begun to the second as they stand."""
    now = timezone.now()
    begun = tuple(span for span in found.spans if span.begins_at <= now)
    return begun + tuple(span for span in form.spans if span.phase not in {one.phase for one in begun})


def _main_action(calendar: Calendar, poll_id: int | None) -> str:
    """Return which one thing there is to do now: "propose", "discuss", "vote", "result" or nothing."""
    if calendar.opens(Deed.PROPOSE):
        return "propose"
    if calendar.opens(Deed.CAST) and poll_id is not None:
        return "vote"
    if calendar.opens(Deed.OPINE):
        return "discuss"
    over = bool(calendar.steps) and calendar.following is None
    counted = over or (calendar.now is not None and calendar.now.phase in {Phase.COUNT, Phase.RESULT})
    return "result" if counted and poll_id is not None else ""
