"""Proposals: made with their likes suggested, read, argued about, joined by consent, withdrawn."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.rooms.autonomy.bridge import point_on_map
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.forms.assembly import ArgueForm, OfferAnswerForm, ProposeForm, WithdrawForm
from madang.rooms.autonomy.models import Assembly, Proposal, Side
from madang.rooms.autonomy.selectors.assembly import assembly_get, calendar_of, poll_id_of, resident_here
from madang.rooms.autonomy.selectors.proposals import (
    TONES,
    arguments_of,
    is_author,
    merged_of,
    offer_for_author,
    offers_of,
    proposal_get,
    proposal_history,
    proposals_own,
    proposals_rows,
    proposals_rules,
    proposals_similar,
)
from madang.rooms.autonomy.services import (
    ArgumentDraft,
    MergeAnswerDraft,
    ProposalDraft,
    argument_make,
    merge_answer,
    proposal_submit,
    proposal_withdraw,
)
from madang.rooms.autonomy.views.acting import signed_in, tried
from madang.rooms.autonomy.views.report import PICKER_WIDTH
from madang.ui.downloads import csv_response
from madang.ui.listing import listing_of
from madang.ui.maps import picked
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import Actor
from madang.yard.people.selectors import request_actor
from madang.yard.places.models import District
from madang.yard.places.selectors import district_current, dong_at

FIELDS = ("title", "text", "category", "key", "lon", "lat", "item")
CSV_HEADER = (
    "id", "code", "title", "category", "state", "cost_won", "cost_basis", "reason", "merged_into", "arguments",
    "submitted_at", "lon", "lat",
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def propose(request: HttpRequest, assembly_id: int) -> HttpResponse:
    """Take a proposal in; what says nearly the same is shown before it is sent."""
    actor, assembly, district = request_actor(request), assembly_get(assembly_id), district_current()
    if request.method != "POST":
        form = ProposeForm(initial={"key": uuid4().hex, "item": request.GET.get("item", "")})
        return _propose_page(request, assembly, form, [])
    if "map.x" in request.POST:
        return _propose_page(request, assembly, _with_place(request, assembly, district), [])
    form = ProposeForm(request.POST)
    similar: list[Proposal] = []
    if form.is_valid():
        data = form.cleaned_data
        # What was sent a moment ago, and is sent again, is not like itself.
        similar = [
            one
            for one in proposals_similar(assembly, data["title"], data["text"])
            if one.idempotency_key != data["key"]
        ]
        unseen = {str(one.pk) for one in similar} - set(request.POST.getlist("seen"))
        if not unseen:
            made = tried(form, lambda: proposal_submit(actor, _draft(assembly, form)))
            if made is not None:
                messages.success(request, _("Thank you. Your proposal is public now; the office looks at it next."))
                return redirect("proposal", made.pk)
    return _propose_page(request, assembly, form, similar)


@require_POST
@signed_in
def alike(request: HttpRequest, assembly_id: int) -> HttpResponse:
    """Return the part of the form that suggests proposals like the one being written."""
    assembly = assembly_get(assembly_id)
    similar = proposals_similar(assembly, request.POST.get("title", "")[:120], request.POST.get("text", "")[:4000])
    return render(request, "autonomy/proposal_alike.html", {"similar": similar, "waiting": False})


@require_safe
@public_page
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Show a proposal: text, estimate, answer, arguments, what was joined with it, and its history."""
    found, actor = proposal_get(proposal_id), request_actor(request)
    calendar = calendar_of(found.assembly)
    own, arguments = is_author(actor, found), arguments_of(found)
    context = {
        "proposal": found,
        "calendar": calendar,
        "poll_id": poll_id_of(found.assembly),
        "tones": TONES,
        "sides": [(side.value, side.label, arguments[side]) for side in Side],
        "may_argue": found.is_live and calendar.opens(Deed.ARGUE),
        "merged": merged_of(found),
        "offers": offers_of(found),
        "history": proposal_history(found),
        "own": own,
        "may_withdraw": own and found.is_live and calendar.opens(Deed.WITHDRAW),
    }
    return render(request, "autonomy/proposal.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def argue(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Take an argument in."""
    actor, found = request_actor(request), proposal_get(proposal_id)
    initial = {"key": uuid4().hex, "side": request.GET.get("side", "")}
    form = ArgueForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        draft = ArgumentDraft(proposal=found.pk, **form.cleaned_data)
        if tried(form, lambda: argument_make(actor, draft)) is not None:
            messages.success(request, _("Your argument stands beside the others now."))
            return redirect("proposal", found.pk)
    speaks = resident_here(actor, found.assembly.dong_id) is not None
    return render(request, "autonomy/proposal_argue.html", {"proposal": found, "form": form, "speaks": speaks})


@require_safe
@signed_in
def own(request: HttpRequest) -> HttpResponse:
    """List the reader's own proposals, those first that wait for their answer."""
    found = sorted(proposals_own(request_actor(request)), key=lambda pair: pair[1] is None)
    return render(request, "autonomy/proposals_own.html", {"found": found, "tones": TONES})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Let the author of a proposal answer the offer to join it with another."""
    actor = request_actor(request)
    found = offer_for_author(actor, offer_id)
    form = OfferAnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        accept = form.cleaned_data["accept"] == "yes"
        draft = MergeAnswerDraft(offer=found.pk, accept=accept, answer=form.cleaned_data["answer"])
        if tried(form, lambda: merge_answer(actor, draft)) is not None:
            said = _("The two proposals are one now.") if accept else _("Your proposal goes its own way.")
            messages.success(request, said)
            return redirect("proposal", found.into_id if accept else found.proposal_id)
    return render(request, "autonomy/proposal_offer.html", {"offer": found, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def withdraw(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Let an author take a proposal back."""
    actor, found = request_actor(request), proposal_get(proposal_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if tried(form, lambda: proposal_withdraw(actor, found.pk, reason)) is not None:
            messages.success(request, _("Your proposal is withdrawn. It stays readable, and goes no further."))
            return redirect("proposal", found.pk)
    return render(request, "autonomy/proposal_withdraw.html", {"proposal": found, "form": form})


@require_safe
def proposals_csv(request: HttpRequest, assembly_id: int) -> HttpResponseBase:
    """Return an assembly's proposals as the URL asks for them, whole, as CSV."""
    assembly = assembly_get(assembly_id)
    rows = proposals_rows(assembly, listing_of(request, proposals_rules()))
    names = tuple({"id": "pk", "arguments": "argued"}.get(name, name) for name in CSV_HEADER)
    return csv_response(f"proposals-{assembly.pk}", CSV_HEADER, rows.values_list(*names).iterator())


def _draft(assembly: Assembly, form: ProposeForm) -> ProposalDraft:
    return ProposalDraft(assembly=assembly.pk, **{name: form.cleaned_data[name] for name in FIELDS})


def _with_place(request: HttpRequest, assembly: Assembly, district: District) -> ProposeForm:
    """Return the form as it was filled in, unjudged, with the place that was pressed if it lies in the dong."""
    filled = {name: request.POST.get(name, "") for name in FIELDS}
    view = (0.0, 0.0, float(district.map_width), float(district.map_height))
    point = picked(request.POST, "map", view, PICKER_WIDTH)
    if point is not None:
        lon, lat = point_on_map(district, *point)
        dong = dong_at(lon, lat)
        inside = dong is not None and dong.code == assembly.dong_id
        filled |= {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}"} if inside else {"lon": "", "lat": ""}
    return ProposeForm(initial=filled)


def _propose_page(request: HttpRequest, assembly: Assembly, form: ProposeForm, similar: list[Proposal]) -> HttpResponse:
    actor: Actor = request_actor(request)
    district = district_current()
    lon, lat = form["lon"].value(), form["lat"].value()
    calendar = calendar_of(assembly)
    context = {
        "assembly": assembly,
        "calendar": calendar,
        "form": form,
        "similar": similar,
        "waiting": bool(similar),
        "has_point": bool(lon and lat),
        "lon": lon or "",
        "lat": lat or "",
        "missed": "map.x" in request.POST and not (lon and lat),
        "picker_width": PICKER_WIDTH,
        "picker_height": round(PICKER_WIDTH * district.map_height / district.map_width),
        "speaks": resident_here(actor, assembly.dong_id) is not None,
        "open": calendar.opens(Deed.PROPOSE),
    }
    return render(request, "autonomy/propose.html", context)
