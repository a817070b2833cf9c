"""Proposals: submitted once, withdrawn by their author, estimated and answered by the office with reasons."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, EngineInputError, NotFound
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.engine.proposals import (
    LIVE_STATES,
    ProposalState,
    proposal_code,
    proposal_transition,
)
from madang.rooms.autonomy.models import (
    MAX_TEXT,
    AgendaItem,
    Assembly,
    Category,
    MergeOffer,
    OfferState,
    PollProject,
    PollState,
    Proposal,
    ProposalMove,
)
from madang.rooms.autonomy.services.assembly import assembly_unknown, open_required, speaker_required
from madang.rooms.autonomy.services.issues import MAX_KEY, MIN_KEY
from madang.rooms.autonomy.services.moves import public_text
from madang.yard.audit.authority import Action, Actor, Role, require
from madang.yard.audit.services import hold, record
from madang.yard.people.models import Person
from madang.yard.places.selectors import dong_at

MAX_TITLE, MAX_REASON = 120, 2000
MAX_COST_WON = 10**12
MAX_LIVE_PROPOSALS = 5
"""How many proposals of one assembly a resident may have before the office and the vote at a time."""


class ProposalCode(StrEnum):
    """What a service of the proposals can refuse for."""

    CATEGORY_UNKNOWN = "category_unknown"
    COST_NOT_VALID = "cost_not_valid"
    COST_OVER_BUDGET = "cost_over_budget"
    ESTIMATE_MISSING = "estimate_missing"
    ITEM_ELSEWHERE = "item_elsewhere"
    KEY_LENGTH = "key_length"
    KEY_USED = "key_used"
    MERGE_TARGET = "merge_target"
    MOVED_MEANWHILE = "moved_meanwhile"
    ON_THE_BALLOT = "on_the_ballot"
    OFFER_ANSWERED = "offer_answered"
    OFFER_OPEN = "offer_open"
    OUTSIDE_DONG = "outside_dong"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDraft:
    """A proposal as it comes in.

    Attributes
    ----------
    assembly : int
        Key of the assembly.
    key : str
        The sender's own number of this proposal, 16 to 200 characters: sent twice, it is one proposal.
    title, text : str
        What everybody will read.
    category : str
        A `Category`.
    lon, lat : float or None
        Where it would be, inside the dong [degree].
    item : int or None
        Key of the agenda item that it came from.
    author : UUID or None
        For whom the system speaks; nobody else may say it.
    """

    assembly: int
    key: str
    title: str
    text: str
    category: str
    lon: float | None = None
    lat: float | None = None
    item: int | None = None
    author: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateDraft:
    """What a proposal would cost [won] and how the office knows; the year's running cost belongs into the basis."""

    proposal: int
    cost_won: int
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalAnswerDraft:
    """The office's answer: it goes to the vote or it cannot, and why."""

    proposal: int
    admit: bool
    reason: str


@transaction.atomic
def proposal_submit(actor: Actor, draft: ProposalDraft) -> Proposal:
    """Bring a proposal before an assembly; the same proposal sent again returns the first one.

    Raises
    ------
    NotFound
        If there is no such assembly.
    DomainError
        If a text, the category, the place, the agenda item or the key is not acceptable.
    Conflict
        If the assembly takes no proposals now, the key was used for another one, or the resident has enough of them.
    """
    assembly = Assembly.objects.filter(pk=draft.assembly).first()
    if assembly is None:
        raise assembly_unknown()
    author = speaker_required(actor, Action.PROPOSAL_SUBMIT, assembly, draft.author)
    wanted = _checked(assembly, author, draft)
    hold()
    first = Proposal.objects.filter(idempotency_key=wanted.idempotency_key).first()
    if first is not None:
        return _same(first, wanted)
    open_required(assembly, Deed.PROPOSE)
    live = [state.value for state in LIVE_STATES]
    if Proposal.objects.filter(assembly=assembly, author=author, state__in=live).count() >= MAX_LIVE_PROPOSALS:
        message = _("You have %(count)d proposals before this assembly. Withdraw one to make room for another.")
        raise Conflict(ProposalCode.TOO_MANY, message % {"count": MAX_LIVE_PROPOSALS})
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        first = Proposal.objects.filter(idempotency_key=wanted.idempotency_key).first()
        if first is None:
            raise
        return _same(first, wanted)
    ProposalMove.objects.create(proposal=wanted, source="", state=wanted.state, role=actor.role.value)
    detail = {"assembly": assembly.pk, "category": wanted.category, "item": wanted.item_id}
    record(actor, Action.PROPOSAL_SUBMIT, target=wanted, detail=detail)
    return wanted


@transaction.atomic
def proposal_withdraw(actor: Actor, proposal_id: int, reason: str = "") -> Proposal:
    """Take one's own proposal back; what was said about it stays readable.

    Raises
    ------
    NotFound
        If there is no such proposal, or it is somebody else's.
    Conflict
        If it has moved on, or its time is over.
    """
    proposal = proposal_locked(proposal_id)
    authored_required(actor, Action.PROPOSAL_WITHDRAW, proposal)
    open_required(proposal.assembly, Deed.WITHDRAW)
    why = public_text(reason, field="reason", most=MAX_REASON, missing="") if reason.strip() else ""
    proposal_moved(actor, proposal, ProposalState.WITHDRAWN, why)
    record(actor, Action.PROPOSAL_WITHDRAW, target=proposal, detail={"assembly": proposal.assembly_id})
    return proposal


@transaction.atomic
def proposal_estimate(actor: Actor, draft: EstimateDraft) -> Proposal:
    """Say what a proposal would cost, and how that was found; a later estimate replaces an earlier one.

    Raises
    ------
    NotFound, Conflict, DomainError
        If the proposal is not there, waits for no estimate, or the estimate is not acceptable: one that goes to the
        vote cannot cost more than the assembly has.
    """
    proposal = proposal_locked(draft.proposal)
    require(actor, Action.PROPOSAL_ESTIMATE, place=proposal.assembly.dong_id)
    open_required(proposal.assembly, Deed.ESTIMATE)
    if proposal.proposal_state not in LIVE_STATES:
        raise moved_meanwhile(proposal)
    if not 0 <= draft.cost_won <= MAX_COST_WON:
        message = _("Enter the cost as a whole number of won; 0 if it needs no money.")
        raise DomainError(ProposalCode.COST_NOT_VALID, message, field="cost_won")
    if proposal.state == ProposalState.ADMITTED.value:
        _check_ballot(proposal)
        _check_budget(proposal.assembly, draft.cost_won)
    missing = _("Write how the cost was found: residents read it.")
    basis = public_text(draft.basis, field="basis", most=MAX_REASON, missing=missing)
    before, proposal.cost_won, proposal.cost_basis = proposal.cost_won, draft.cost_won, basis
    proposal.save(update_fields=["cost_won", "cost_basis", "updated_at"])
    ProposalMove.objects.create(
        proposal=proposal, source=proposal.state, state=proposal.state, cost_won=draft.cost_won, reason=basis,
        role=actor.role.value,
    )  # fmt: skip
    record(actor, Action.PROPOSAL_ESTIMATE, target=proposal, detail={"won": draft.cost_won, "before": before})
    return proposal


@transaction.atomic
def proposal_answer(actor: Actor, draft: ProposalAnswerDraft) -> Proposal:
    """Admit a proposal to the vote or say why it cannot go there; an answer may be revised while the calendar allows.

    Raises
    ------
    NotFound, Conflict, DomainError
        If the proposal is not there, has moved on, has no estimate, costs more than the assembly has, or the reason is
        not acceptable.
    """
    proposal = proposal_locked(draft.proposal)
    require(actor, Action.PROPOSAL_ANSWER, place=proposal.assembly.dong_id)
    open_required(proposal.assembly, Deed.ANSWER)
    missing = _("Write the reason: residents read it.")
    reason = public_text(draft.reason, field="reason", most=MAX_REASON, missing=missing)
    target = ProposalState.ADMITTED if draft.admit else ProposalState.DECLINED
    _check_move(proposal, target)
    if draft.admit:
        if proposal.cost_won is None:
            message = _("Estimate the cost first: residents vote on proposals with a price.")
            raise DomainError(ProposalCode.ESTIMATE_MISSING, message, field="cost_won")
        _check_budget(proposal.assembly, proposal.cost_won)
        if not proposal.code:
            coded = Proposal.objects.filter(assembly=proposal.assembly_id).exclude(code="").count()
            proposal.code = proposal_code(coded + 1)
    proposal.reason = reason
    move = proposal_moved(actor, proposal, target, reason)
    detail = {"from": move.source, "to": move.state, "code": proposal.code}
    record(actor, Action.PROPOSAL_ANSWER, target=proposal, detail=detail)
    return proposal


def proposal_unknown() -> NotFound:
    """Return the error for a proposal that is not there, or not the reader's own."""
    return NotFound("proposal_unknown", _("There is no such proposal, or it is not yours."))


def moved_meanwhile(proposal: Proposal) -> Conflict:
    """Return the error for a move that is no longer open."""
    message = _("This proposal has moved on meanwhile. Open it again to see where it stands.")
    return Conflict(ProposalCode.MOVED_MEANWHILE, message, {"state": proposal.state})


def proposal_locked(proposal_id: int) -> Proposal:
    """Return a proposal with its assembly that nobody else changes until the transaction ends."""
    hold()
    proposal = Proposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None:
        raise proposal_unknown()
    return proposal


def authored_required(actor: Actor, action: Action, proposal: Proposal) -> None:
    """Refuse everybody but the author (and the system, which plays the residents of a sample)."""
    require(actor, action, place=proposal.assembly.dong_id)
    if actor.role is Role.SYSTEM:
        return
    if speaker_required(actor, action, proposal.assembly).pk != proposal.author_id:
        raise proposal_unknown()


def proposal_moved(
    actor: Actor, proposal: Proposal, target: ProposalState, reason: str, *, into: Proposal | None = None
) -> ProposalMove:
    """Move a locked proposal, write its history, and let the offers lapse that no longer make sense."""
    permitted = _check_move(proposal, target)
    require(actor, Action(permitted), place=proposal.assembly.dong_id)
    now = timezone.now()
    source, proposal.state, proposal.state_since, proposal.merged_into = proposal.state, target.value, now, into
    proposal.save(update_fields=["code", "state", "state_since", "reason", "merged_into", "updated_at"])
    if target not in LIVE_STATES:
        touching = MergeOffer.objects.filter(state=OfferState.OPEN.value)
        for offers in (touching.filter(proposal=proposal), touching.filter(into=proposal)):
            offers.update(state=OfferState.LAPSED.value, answered_at=now)
    return ProposalMove.objects.create(
        proposal=proposal, source=source, state=target.value, reason=reason, role=actor.role.value, made_at=now
    )


def _check_move(proposal: Proposal, target: ProposalState) -> str:
    try:
        action = proposal_transition(proposal.proposal_state, target).action
    except EngineInputError as error:
        raise moved_meanwhile(proposal) from error
    _check_ballot(proposal)
    return action


def _check_ballot(proposal: Proposal) -> None:
    fixed = PollProject.objects.filter(proposal=proposal).exclude(poll__state=PollState.DRAFT.value)
    if proposal.state == ProposalState.ADMITTED.value and fixed.exists():
        message = _("It stands on the ballot, which has been fixed. It can no longer change.")
        raise Conflict(ProposalCode.ON_THE_BALLOT, message)


def _check_budget(assembly: Assembly, cost_won: int) -> None:
    if cost_won > assembly.budget_won:
        message = _(
            "It would cost more than the whole assembly has. Decline it with this reason, or estimate a smaller one."
        )
        data = {"cost_won": cost_won, "budget_won": assembly.budget_won}
        raise DomainError(ProposalCode.COST_OVER_BUDGET, message, data, field="cost_won")


def key_checked(key: str) -> str:
    """Return a sender's own number.

    Raises
    ------
    DomainError
        If it is too short or too long.
    """
    stripped = key.strip()
    if not MIN_KEY <= len(stripped) <= MAX_KEY:
        message = _("The request number must have 16 to 200 characters. Open the form again, or send another.")
        raise DomainError(ProposalCode.KEY_LENGTH, message, field="key")
    return stripped


def _checked(assembly: Assembly, author: Person, draft: ProposalDraft) -> Proposal:
    if draft.category not in Category.values:
        raise DomainError(ProposalCode.CATEGORY_UNKNOWN, _("Choose what it is about from the list."), field="category")
    lon, lat = (draft.lon, draft.lat) if draft.lon is not None and draft.lat is not None else (None, None)
    if lon is not None and lat is not None:
        inside = -180 <= lon <= 180 and -90 <= lat <= 90
        found = dong_at(lon, lat) if inside else None
        if found is None or found.code != assembly.dong_id:
            message = _("This point lies outside the dong. Press inside it, or leave the place out.")
            raise DomainError(ProposalCode.OUTSIDE_DONG, message, field="place")
    if draft.item is not None and not AgendaItem.objects.filter(pk=draft.item, dong_id=assembly.dong_id).exists():
        message = _("Choose a matter on this dong's agenda, or none.")
        raise DomainError(ProposalCode.ITEM_ELSEWHERE, message, field="item")
    return Proposal(
        assembly=assembly,
        idempotency_key=key_checked(draft.key),
        title=public_text(draft.title, field="title", most=MAX_TITLE, missing=_("Give your proposal a short name.")),
        text=public_text(draft.text, field="text", most=MAX_TEXT, missing=_("Write in a few words what you propose.")),
        category=draft.category,
        author=author,
        lon=lon,
        lat=lat,
        item_id=draft.item,
    )


_COMPARED = ("assembly_id", "author_id", "title", "text", "category", "lon", "lat", "item_id")


def _same(first: Proposal, wanted: Proposal) -> Proposal:
    if all(getattr(first, name) == getattr(wanted, name) for name in _COMPARED):
        return first
    message = _("This request number was used for another proposal. Open the form again and send it anew.")
    raise Conflict(ProposalCode.KEY_USED, message, field="key")
