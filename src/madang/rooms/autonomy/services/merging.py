"""Joining two proposals: offered with a reason, and done by nobody but the author of the one that goes."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.engine.proposals import LIVE_STATES, ProposalState
from madang.rooms.autonomy.models import MergeOffer, OfferState, Proposal
from madang.rooms.autonomy.services.assembly import open_required
from madang.rooms.autonomy.services.moves import public_text
from madang.rooms.autonomy.services.proposals import (
    MAX_REASON,
    ProposalCode,
    authored_required,
    moved_meanwhile,
    proposal_locked,
    proposal_moved,
)
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOfferDraft:
    """The offer to join a proposal with another one of the same assembly, and why that helps both."""

    proposal: int
    into: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAnswerDraft:
    """The author's answer to an offer; a few words are welcome and public."""

    offer: int
    accept: bool
    answer: str = ""


@transaction.atomic
def merge_offer(actor: Actor, draft: MergeOfferDraft) -> MergeOffer:
    """Offer the author of a proposal to join it with another.

    Raises
    ------
    NotFound
        If there is no such proposal.
    Conflict
        If it has moved on, or its author has not answered an offer yet.
    DomainError
        If the other one is not a live proposal of the same assembly, or the reason is not acceptable.
    """
    proposal = proposal_locked(draft.proposal)
    require(actor, Action.PROPOSAL_MERGE, place=proposal.assembly.dong_id)
    open_required(proposal.assembly, Deed.MERGE)
    if proposal.proposal_state not in LIVE_STATES:
        raise moved_meanwhile(proposal)
    others = Proposal.objects.filter(assembly=proposal.assembly_id, state__in=[state.value for state in LIVE_STATES])
    into = others.exclude(pk=proposal.pk).filter(pk=draft.into).first()
    if into is None:
        message = _("Choose another proposal of this assembly that still goes its way.")
        raise DomainError(ProposalCode.MERGE_TARGET, message, field="into")
    if MergeOffer.objects.filter(proposal=proposal, state=OfferState.OPEN.value).exists():
        message = _("Its author has not answered an earlier offer yet.")
        raise Conflict(ProposalCode.OFFER_OPEN, message, field="into")
    missing = _("Write why joining them helps: the author and everybody read it.")
    offer = MergeOffer.objects.create(
        proposal=proposal,
        into=into,
        reason=public_text(draft.reason, field="reason", most=MAX_REASON, missing=missing),
        role=actor.role.value,
    )
    record(actor, Action.PROPOSAL_MERGE, target=offer, detail={"proposal": proposal.pk, "into": into.pk})
    return offer


@transaction.atomic
def merge_answer(actor: Actor, draft: MergeAnswerDraft) -> MergeOffer:
    """Answer an offer for one's own proposal: accepted, the proposal joins the other; refused, it goes its own way.

    Raises
    ------
    NotFound
        If there is no such offer, or the proposal is somebody else's.
    Conflict
        If it has been answered, has lapsed, or the time for it is over.
    """
    hold()
    offer = MergeOffer.objects.select_for_update().filter(pk=draft.offer).first()
    if offer is None:
        raise offer_unknown()
    proposal = proposal_locked(offer.proposal_id)
    authored_required(actor, Action.MERGE_ANSWER, proposal)
    open_required(proposal.assembly, Deed.AGREE_TO_MERGE)
    if offer.state != OfferState.OPEN.value:
        message = _("This offer has been answered, or is no longer needed.")
        raise Conflict(ProposalCode.OFFER_ANSWERED, message, {"state": offer.state})
    answer = draft.answer.strip()
    offer.answer = public_text(answer, field="answer", most=MAX_REASON, missing="") if answer else ""
    offer.state = (OfferState.ACCEPTED if draft.accept else OfferState.REFUSED).value
    offer.answered_at = timezone.now()
    offer.save(update_fields=["state", "answer", "answered_at"])
    if draft.accept:
        into = proposal_locked(offer.into_id)
        proposal_moved(actor, proposal, ProposalState.MERGED, offer.reason, into=into)
    detail = {"proposal": proposal.pk, "into": offer.into_id, "accepted": draft.accept}
    record(actor, Action.MERGE_ANSWER, target=offer, detail=detail)
    return offer


def offer_unknown() -> NotFound:
    """Return the error for an offer that is not there, or not the reader's to answer."""
    return NotFound("offer_unknown", _("There is no such offer, or it is not yours to answer."))
