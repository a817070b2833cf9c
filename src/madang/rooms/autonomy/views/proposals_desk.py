"""The office's and council's desk for proposals: estimate, answer, offer to join, hide what breaks the rules."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.rooms.autonomy.forms.assembly import EstimateForm, OfferForm, ProposalAnswerForm
from madang.rooms.autonomy.models import Proposal
from madang.rooms.autonomy.selectors.proposals import (
    TONES,
    argument_for_desk,
    arguments_of,
    desk_proposals,
    merge_targets,
    offers_of,
    proposal_for_desk,
    proposal_history,
    proposals_similar,
)
from madang.rooms.autonomy.services import (
    EstimateDraft,
    MergeOfferDraft,
    ProposalAnswerDraft,
    argument_hide,
    merge_offer,
    proposal_answer,
    proposal_estimate,
)
from madang.rooms.autonomy.views.acting import signed_in, tried
from madang.rooms.autonomy.views.hiding import Back, hide_words
from madang.yard.audit.authority import Action, Actor, may
from madang.yard.people.selectors import request_actor


@require_safe
@signed_in
def desk(request: HttpRequest) -> HttpResponse:
    """Show the proposals that wait for this officer or council member, the late ones first."""
    actor = request_actor(request)
    waiting = desk_proposals(actor)
    context = {
        "may_call": may(actor, Action.ASSEMBLY_CALL),
        "waiting": [one for one in waiting if one.needs],
        "ready": [one for one in waiting if not one.needs],
        "late": sum(1 for one in waiting if one.late),
        "tones": TONES,
    }
    return render(request, "autonomy/proposals_desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def desk_proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Open a proposal on the desk."""
    actor = request_actor(request)
    proposal, deeds = proposal_for_desk(actor, proposal_id)
    similar = [one for one in proposals_similar(proposal.assembly, proposal.title, proposal.text, 4)
               if one.pk != proposal.pk][:3]  # fmt: skip
    drawn = {name: _form(request, name, proposal, similar) for name in ("estimate", "answer", "offer") if name in deeds}
    for name, form in drawn.items():
        sent = request.POST.get("deed") == name and form.is_valid()
        if sent and tried(form, _act(actor, name, proposal, form)) is not None:
            messages.success(request, _done(name))
            return redirect("desk_proposal", proposal.pk)
    context = {
        "proposal": proposal,
        "forms": drawn,
        "deeds": _deeds(),
        "similar": similar,
        "offers": offers_of(proposal),
        "history": proposal_history(proposal),
        "arguments": [one for found in arguments_of(proposal).values() for one in found if one.hidden_at is None],
        "may_hide": "hide" in deeds,
        "tones": TONES,
    }
    return render(request, "autonomy/proposal_desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def hide_argument(request: HttpRequest, argument_id: int) -> HttpResponse:
    """Hide an argument that breaks the rules."""
    argument = argument_for_desk(request_actor(request), argument_id)
    proposal = argument.proposal
    back = Back(label=proposal.title, name="proposal", key=proposal.pk, assembly=proposal.assembly)
    return hide_words(request, argument, argument_hide, back)


def _form(request: HttpRequest, name: str, proposal: Proposal, similar: list[Proposal]) -> forms.Form:
    posted = request.POST if request.POST.get("deed") == name else None
    if name == "estimate":
        initial = {"cost_won": proposal.cost_won, "basis": proposal.cost_basis}
        return EstimateForm(posted, auto_id="estimate_%s", initial=initial)
    if name == "answer":
        return ProposalAnswerForm(posted, auto_id="answer_%s")
    initial = {"into": similar[0].pk if similar else None}
    return OfferForm(posted, auto_id="offer_%s", targets=merge_targets(proposal), initial=initial)


def _act(actor: Actor, name: str, proposal: Proposal, form: forms.Form) -> Callable[[], object]:
    data = form.cleaned_data
    if name == "estimate":
        estimate = EstimateDraft(proposal=proposal.pk, cost_won=data["cost_won"], basis=data["basis"])
        return lambda: proposal_estimate(actor, estimate)
    if name == "answer":
        answer = ProposalAnswerDraft(proposal=proposal.pk, admit=data["admit"] == "yes", reason=data["reason"])
        return lambda: proposal_answer(actor, answer)
    offer = MergeOfferDraft(proposal=proposal.pk, into=data["into"], reason=data["reason"])
    return lambda: merge_offer(actor, offer)


def _done(name: str) -> str:
    return {
        "estimate": _("The estimate stands. Everybody sees it with its basis."),
        "answer": _("The answer has been given. Everybody can read it."),
        "offer": _("The author has been asked. Nothing happens without their consent."),
    }[name]


def _deeds() -> list[tuple[str, str, str, str]]:
    """Return of each deed: name, heading, button, and what will happen."""
    return [
        (
            "estimate",
            _("Estimate the cost"),
            _("Publish this estimate"),
            _("Everybody sees it with its basis at once. A later one replaces it; this one stays in the history."),
        ),
        (
            "answer",
            _("Answer it"),
            _("Give this answer"),
            _("The answer is public at once. While the calendar allows, it can be revised with a new reason."),
        ),
        (
            "offer",
            _("Offer to join it with another"),
            _("Ask its author"),
            _("The author of this proposal is asked. If they agree, it joins the other one and stays readable."),
        ),
    ]
