"""Proposals as everybody sees them, as their author sees them, and as they lie on the desk."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.autonomy.bridge import proposals_alike
from madang.rooms.autonomy.engine.proposals import (
    LIVE_STATES,
    ProposalState,
    answer_due_on,
    proposal_moves_from,
)
from madang.rooms.autonomy.models import (
    Argument,
    Assembly,
    Category,
    MergeOffer,
    OfferState,
    Proposal,
    ProposalMove,
    ProposalStateName,
    Side,
)
from madang.rooms.autonomy.selectors.assembly import resident_here
from madang.ui import formats
from madang.ui.listing import Listing, ListingRules, page_of
from madang.yard.audit.authority import ROLE_NAMES, Action, Actor, Role, may, require

TONES = {
    ProposalState.SUBMITTED.value: "new",
    ProposalState.ADMITTED.value: "going",
    ProposalState.DECLINED.value: "late",
    ProposalState.MERGED.value: "done",
    ProposalState.WITHDRAWN.value: "held",
}
DESK_LIMIT = 200
LEAST_TEXT = 4
"""Characters from which on it makes sense to look for the like."""
_LIVE = tuple(state.value for state in LIVE_STATES)
_HIDDEN_FROM_LISTS = ("author",)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStep:
    """One line of a proposal's history, in the reader's language."""

    label: str
    when: date
    who: str
    why: str
    tone: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskProposal:
    """A proposal that waits on the desk.

    Attributes
    ----------
    proposal : Proposal
        Which.
    due : date or None
        The last day on which its answer is in time.
    late : int
        Days past that.
    needs : str
        What it waits for: "estimate", "answer", "author" or nothing.
    """

    proposal: Proposal
    due: date | None
    late: int
    needs: str


def proposals_rules() -> ListingRules:
    """Return what the list of an assembly's proposals may be asked for."""
    return ListingRules(
        sortable={"code": "code", "when": "submitted_at", "title": "title", "cost": "cost_won", "arguments": "argued"},
        default="when",
        filters={"state": ProposalStateName.values, "category": Category.values},
    )


def proposals_rows(assembly: Assembly, listing: Listing) -> QuerySet[Proposal]:
    """Return every proposal of an assembly that the URL asks for, with its number of arguments as `argued`."""
    rows = _public(Proposal.objects.filter(assembly=assembly))
    if listing.q:
        rows = rows.filter(Q(title__icontains=listing.q) | Q(text__icontains=listing.q) | Q(code__iexact=listing.q))
    chosen = {name: value for name, value in listing.chosen.items() if value}
    return rows.filter(**chosen).order_by(*listing.ordering)


def proposals_page(assembly: Assembly, listing: Listing) -> Page[Proposal]:
    """Return one page of an assembly's proposals as the URL asks for it."""
    return page_of(proposals_rows(assembly, listing), listing.page)


def proposals_admitted(assembly: Assembly) -> list[Proposal]:
    """Return the proposals that go to the vote, by code: what a ballot of the assembly holds."""
    return list(Proposal.objects.filter(assembly=assembly, state=ProposalState.ADMITTED.value).order_by("code"))


def proposal_counts(assemblies: list[int]) -> dict[int, int]:
    """Return of each assembly how many proposals it has that were neither withdrawn nor merged."""
    gone = (ProposalState.WITHDRAWN.value, ProposalState.MERGED.value)
    rows = Proposal.objects.filter(assembly__in=assemblies).exclude(state__in=gone)
    return dict(rows.order_by().values_list("assembly").annotate(Count("pk")))


def proposal_get(proposal_id: int) -> Proposal:
    """Return one proposal with its assembly, as everybody may see it.

    Raises
    ------
    NotFound
        If there is none.
    """
    rows = _public(Proposal.objects.all()).select_related("merged_into", "item")
    proposal = rows.prefetch_related("assembly__phases").filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound("proposal_unknown", _("There is no such proposal."))
    return proposal


def proposal_history(proposal: Proposal) -> list[HistoryStep]:
    """Return the history of a proposal, oldest first: what happened, by which role, and why."""
    moves = list(ProposalMove.objects.filter(proposal=proposal))
    return [
        HistoryStep(
            label=_move_label(move),
            when=timezone.localdate(move.made_at),
            who=str(ROLE_NAMES[Role(move.role)]),
            why=move.reason,
            tone=TONES[move.state],
            status="now" if place == len(moves) - 1 else "reached",
        )
        for place, move in enumerate(moves)
    ]


def arguments_of(proposal: Proposal) -> dict[str, list[Argument]]:
    """Return the arguments for and against a proposal and those that were merged into it, by side; hidden ones too."""
    merged = Proposal.objects.filter(merged_into=proposal).values("pk")
    rows = Argument.objects.filter(Q(proposal=proposal) | Q(proposal__in=merged)).defer("author", "idempotency_key")
    found: dict[str, list[Argument]] = {side: [] for side in Side.values}
    for argument in rows.select_related("proposal").order_by("made_at", "pk"):
        found[argument.side].append(argument)
    return found


def merged_of(proposal: Proposal) -> list[Proposal]:
    """Return the proposals that were joined into one."""
    return list(_public(Proposal.objects.filter(merged_into=proposal)).order_by("state_since", "pk"))


def offers_of(proposal: Proposal) -> list[MergeOffer]:
    """Return every offer to join a proposal with another, newest first."""
    return list(MergeOffer.objects.filter(proposal=proposal).select_related("into"))


def argument_for_desk(actor: Actor, argument_id: int) -> Argument:
    """Return an argument that the actor may hide.

    Raises
    ------
    NotFound, PermissionDenied
        If there is none, or it is not in the actor's reach.
    """
    argument = Argument.objects.select_related("proposal__assembly").defer("author").filter(pk=argument_id).first()
    if argument is None:
        raise NotFound("argument_unknown", _("There is no such argument."))
    require(actor, Action.WORDS_HIDE, place=argument.proposal.assembly.dong_id)
    return argument


def proposals_similar(assembly: Assembly, title: str, text: str, count: int = 3) -> list[Proposal]:
    """Return the proposals of an assembly that say nearly what somebody is writing, the most alike first."""
    if len(title.strip()) + len(text.strip()) < LEAST_TEXT:
        return []
    ids = proposals_alike(assembly.pk, title, text, count)
    found = {one.pk: one for one in _public(Proposal.objects.filter(pk__in=ids))} if ids else {}
    return [found[pk] for pk in ids if pk in found]


def is_author(actor: Actor, proposal: Proposal) -> bool:
    """Return whether a proposal is the reader's own."""
    person = resident_here(actor, proposal.assembly.dong_id)
    return person is not None and person.pk == Proposal.objects.values_list("author", flat=True).get(pk=proposal.pk)


def proposals_own(actor: Actor) -> list[tuple[Proposal, int | None]]:
    """Return the reader's own proposals, newest first, each with the key of an offer that waits for their answer."""
    person = resident_here(actor, actor.place)
    if person is None:
        return []
    found = list(_public(Proposal.objects.filter(author=person)).order_by("-submitted_at", "-pk"))
    open_offers = dict(
        MergeOffer.objects.filter(proposal__in=found, state=OfferState.OPEN.value).values_list("proposal", "pk")
    )
    return [(proposal, open_offers.get(proposal.pk)) for proposal in found]


def offer_for_author(actor: Actor, offer_id: int) -> MergeOffer:
    """Return an offer that the reader may answer.

    Raises
    ------
    NotFound
        If there is none, or the proposal is somebody else's.
    """
    offer = (
        MergeOffer.objects.select_related("proposal__assembly__dong", "into")
        .defer("proposal__assembly__dong__boundary", "proposal__assembly__dong__outline")
        .filter(pk=offer_id)
        .first()
    )
    if offer is not None:
        require(actor, Action.MERGE_ANSWER, place=offer.proposal.assembly.dong_id)
    if offer is None or not is_author(actor, offer.proposal):
        raise NotFound("offer_unknown", _("There is no such offer, or it is not yours to answer."))
    return offer


def desk_proposals(actor: Actor) -> list[DeskProposal]:
    """Return the proposals that wait within the actor's reach, the latest first.

    Raises
    ------
    PermissionDenied
        If the actor handles no proposals anywhere.
    """
    require(actor, Action.PROPOSAL_MERGE)
    rows = _public(Proposal.objects.filter(state__in=_LIVE))
    if actor.role is not Role.SYSTEM:
        rows = rows.filter(assembly__dong__code__startswith=actor.place)
    # What is admitted waits for nobody, but may still be joined with another or estimated anew.
    offered = set(MergeOffer.objects.filter(state=OfferState.OPEN.value).values_list("proposal", flat=True))
    today = timezone.localdate()
    found = [_waiting(proposal, offered, today) for proposal in rows.order_by("state_since", "pk")[:DESK_LIMIT]]
    return sorted(found, key=lambda waiting: (-waiting.late, waiting.due or date.max))


def proposal_for_desk(actor: Actor, proposal_id: int) -> tuple[Proposal, frozenset[str]]:
    """Return a proposal with what the actor may do with it: "estimate", "answer", "offer", "hide".

    Raises
    ------
    NotFound, PermissionDenied
        If there is none, or it is not in the actor's reach.
    """
    proposal = proposal_get(proposal_id)
    place = proposal.assembly.dong_id
    require(actor, Action.PROPOSAL_MERGE, place=place)
    live = proposal.state in _LIVE
    answers = {move.target for move in proposal_moves_from(proposal.proposal_state) if move.action == "proposal.answer"}
    deeds = {
        "estimate": live and may(actor, Action.PROPOSAL_ESTIMATE, place),
        "answer": bool(answers) and may(actor, Action.PROPOSAL_ANSWER, place),
        "offer": live,
        "hide": may(actor, Action.WORDS_HIDE, place),
    }
    return proposal, frozenset(name for name, open_now in deeds.items() if open_now)


def merge_targets(proposal: Proposal) -> list[tuple[int, str]]:
    """Return key and title of the proposals that one can be joined with."""
    rows = Proposal.objects.filter(assembly=proposal.assembly_id, state__in=_LIVE).exclude(pk=proposal.pk)
    return [(pk, f"{code} {title}".strip()) for pk, code, title in rows.values_list("pk", "code", "title")[:DESK_LIMIT]]


def _waiting(proposal: Proposal, offered: set[int], today: date) -> DeskProposal:
    due = answer_due_on(proposal.proposal_state, timezone.localdate(proposal.state_since))
    waits = proposal.state == ProposalState.SUBMITTED.value
    needs = ("estimate" if proposal.cost_won is None else "answer") if waits else ""
    late = max(0, (today - due).days) if due else 0
    return DeskProposal(proposal=proposal, due=due, late=late, needs="author" if proposal.pk in offered else needs)


def _move_label(move: ProposalMove) -> str:
    if move.source == move.state:
        return _("estimated at %(won)s") % {"won": formats.won(move.cost_won or 0, get_language() or "ko")}
    return _("proposed") if move.source == "" else str(ProposalStateName(move.state).label)


def _public(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Leave out whose they are."""
    return (
        rows.select_related("assembly__dong")
        .defer(*_HIDDEN_FROM_LISTS, "assembly__dong__boundary", "assembly__dong__outline")
        .annotate(argued=Count("arguments", distinct=True))
    )
