"""The agenda: taking matters up, deciding, answering and delivering, each with a reason and a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.rooms.autonomy.engine.agenda import Outcome, State
from madang.rooms.autonomy.models import AgendaItem, AgendaMove, Decision, Issue, PollProject, Proposal
from madang.rooms.autonomy.services.moves import AgendaCode, Step, day_checked, public_text, step_taken
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.evidence.models import Room, Signal
from madang.yard.evidence.services import signal_take

MAX_TITLE = 120
MAX_SUMMARY = 2000
MAX_SIGNAL_REASON = 500
MAX_BUDGET_WON = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDraft:
    """A matter to be put on a dong's agenda.

    Attributes
    ----------
    title, summary : str
        What the public reads; no name, phone number or address of anybody.
    room : str
        Whose subject it is.
    reason : str
        Why it is taken up.
    issues : sequence of int
        Keys of the reports it comes from, all of one dong.
    signal : int or None
        Key of the signal it comes from.
    proposal : int or None
        Key of the proposal of an assembly that it comes from.
    shows_point : bool
        Whether the point of the first report that has one becomes public.
    pledge : str
        Code of the pledge that it serves, empty for none.
    on : date or None
        The day; today if None.
    """

    title: str
    room: str
    reason: str
    summary: str = ""
    issues: Sequence[int] = ()
    signal: int | None = None
    proposal: int | None = None
    shows_point: bool = False
    pledge: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDraft:
    """A decision to be recorded.

    Attributes
    ----------
    item : int
        Key of the item.
    title, rationale : str
        What was decided, and why.
    budget_won : int
        Money that goes with it [won]; 0 for none.
    votes_for, votes_against, votes_cast : int or None
        Counts of a vote, all or none of them; abstentions are cast without being for or against.
    voted : PollProject or None
        What a counted poll selected, where this decision follows from one.
    on : date or None
        The day of the decision; today if None.
    """

    item: int
    title: str
    rationale: str
    budget_won: int = 0
    votes_for: int | None = None
    votes_against: int | None = None
    votes_cast: int | None = None
    voted: PollProject | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDraft:
    """An answer to an item: what it says, why, and for a joined one the item it joins."""

    item: int
    outcome: Outcome
    reason: str
    merged_into: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDraft:
    """The word that what was decided or promised has been done."""

    item: int
    reason: str
    on: date | None = None


@transaction.atomic
def agenda_take(actor: Actor, draft: TakeDraft) -> AgendaItem:
    """Put a matter on a dong's agenda, from reports, from a signal or from a proposal.

    Raises
    ------
    NotFound
        If a report or signal is not there, or not in the actor's reach.
    Conflict
        If one of them was taken up or answered meanwhile.
    DomainError
        If there is no source, the sources are of several dongs, or a text or the day is not acceptable.
    """
    hold()
    issues, signal, proposal, dong = _sources(draft)
    require(actor, Action.AGENDA_TAKE, place=dong)
    if issues:
        # Whoever words a report for the public has read it.
        require(actor, Action.ISSUE_READ, place=dong)
    if draft.room not in Room.values:
        raise DomainError(AgendaCode.ROOM_UNKNOWN, _("Choose the room from the list."), field="room")
    since = max((timezone.localdate(issue.reported_at) for issue in issues), default=date.min)
    day = day_checked(draft.on, since)
    # A proposal's point is public from the start; a report's only where the officer says so.
    places = [proposal] if proposal else issues if draft.shows_point else []
    point = next(((place.lon, place.lat) for place in places if place.lon is not None), (None, None))
    item = AgendaItem.objects.create(
        dong_id=dong,
        title=public_text(draft.title, field="title", most=MAX_TITLE, missing=_("Write a title.")),
        summary=_optional(draft.summary, "summary", MAX_SUMMARY),
        room=draft.room,
        state=State.ON_AGENDA.value,
        state_since=day,
        opened_on=day,
        signal=signal,
        pledge=draft.pledge,
        lon=point[0],
        lat=point[1],
    )
    missing = _("Write the reason: residents read it.")
    AgendaMove.objects.create(
        item=item,
        source=State.RECEIVED.value,
        state=State.ON_AGENDA.value,
        reason=public_text(draft.reason, field="reason", most=MAX_SUMMARY, missing=missing),
        on=day,
        role=actor.role.value,
        user=actor.user or "",
    )
    Issue.objects.filter(pk__in=[issue.pk for issue in issues]).update(state=State.ON_AGENDA.value, item=item)
    if signal is not None:
        signal_take(actor, signal, reason=draft.reason.strip()[:MAX_SIGNAL_REASON])
    if proposal is not None:
        Proposal.objects.filter(pk=proposal.pk).update(item=item)
    detail = {
        "dong": dong,
        "issues": [issue.pk for issue in issues],
        "signal": signal.pk if signal else None,
        "proposal": proposal.pk if proposal else None,
    }
    record(actor, Action.AGENDA_TAKE, target=item, detail=detail)
    return item


@transaction.atomic
def agenda_decide(actor: Actor, draft: DecisionDraft) -> Decision:
    """Record what was decided on an item.

    Raises
    ------
    NotFound, Conflict, DomainError
        If the item is not there, has moved on, or something about the decision is not acceptable.
    """
    item = _locked(draft.item)
    require(actor, Action.AGENDA_DECIDE, place=item.dong_id)
    _check_votes(draft)
    if not 0 <= draft.budget_won <= MAX_BUDGET_WON:
        message = _("Enter the budget as a whole number of won, 0 for none.")
        raise DomainError(AgendaCode.BUDGET_NOT_VALID, message, field="budget_won")
    rationale = public_text(
        draft.rationale, field="rationale", most=MAX_SUMMARY, missing=_("Write why it was decided: residents read it.")
    )
    move = _moved(actor, item, Step(target=State.DECIDED, reason=rationale, on=draft.on))
    decision = Decision.objects.create(
        item=item,
        title=public_text(draft.title, field="title", most=MAX_TITLE, missing=_("Write what was decided.")),
        rationale=rationale,
        budget_won=draft.budget_won,
        votes_for=draft.votes_for,
        votes_against=draft.votes_against,
        votes_cast=draft.votes_cast,
        voted=draft.voted,
        decided_on=move.on,
    )
    detail = {"from": move.source, "to": move.state, "won": draft.budget_won, "votes": draft.votes_cast}
    record(actor, Action.AGENDA_DECIDE, target=item, detail=detail)
    return decision


@transaction.atomic
def agenda_answer(actor: Actor, draft: AnswerDraft) -> AgendaItem:
    """Answer an item: it will be done, is explained, is joined with another, or is not taken up.

    Raises
    ------
    NotFound, Conflict, DomainError
        If the item is not there, has moved on, or something about the answer is not acceptable.
    """
    item = _locked(draft.item)
    require(actor, Action.AGENDA_ANSWER, place=item.dong_id)
    merged = _merge_target(item, draft)
    step = Step(target=State.ANSWERED, reason=draft.reason, said=draft.outcome, on=draft.on)
    item.merged_into = merged
    move = _moved(actor, item, step)
    detail = {"from": move.source, "to": move.state, "said": move.said, "merged_into": merged.pk if merged else None}
    record(actor, Action.AGENDA_ANSWER, target=item, detail=detail)
    return item


@transaction.atomic
def agenda_deliver(actor: Actor, draft: DeliveryDraft) -> AgendaItem:
    """Say that what was decided or promised has been done.

    Raises
    ------
    NotFound, Conflict, DomainError
        If the item is not there, was neither decided nor promised, or the reason or day is not acceptable.
    """
    item = _locked(draft.item)
    require(actor, Action.AGENDA_DELIVER, place=item.dong_id)
    move = _moved(actor, item, Step(target=State.DELIVERED, reason=draft.reason, on=draft.on))
    record(actor, Action.AGENDA_DELIVER, target=item, detail={"from": move.source, "to": move.state})
    return item


def item_unknown() -> NotFound:
    """Return the error for an item that is not there."""
    return NotFound("item_unknown", _("There is no such matter on the agenda."))


def _locked(item_id: int) -> AgendaItem:
    hold()
    item = AgendaItem.objects.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise item_unknown()
    return item


def _moved(actor: Actor, item: AgendaItem, step: Step) -> AgendaMove:
    move = step_taken(actor, item, step)
    item.state, item.state_since = move.state, move.on
    item.said = move.said or item.said
    item.save(update_fields=["state", "said", "state_since", "merged_into", "updated_at"])
    return move


def _sources(draft: TakeDraft) -> tuple[list[Issue], Signal | None, Proposal | None, str]:
    issues = list(Issue.objects.select_for_update().filter(pk__in=draft.issues).order_by("reported_at", "pk"))
    if len(issues) != len(set(draft.issues)):
        raise NotFound("issue_unknown", _("There is no such report, or you may not see it."))
    signal = Signal.objects.filter(pk=draft.signal).first() if draft.signal is not None else None
    if draft.signal is not None and signal is None:
        raise NotFound("signal_unknown", _("There is no such signal, or you may not see it."))
    proposals = Proposal.objects.select_for_update(of=("self",)).select_related("assembly")
    proposal = proposals.filter(pk=draft.proposal).first() if draft.proposal is not None else None
    if draft.proposal is not None and proposal is None:
        raise NotFound("proposal_unknown", _("There is no such proposal."))
    dongs = {issue.dong_id for issue in issues}
    dongs |= {signal.place} if signal else set()
    dongs |= {proposal.assembly.dong_id} if proposal else set()
    if not dongs:
        message = _("Choose at least one report or signal that the matter comes from.")
        raise DomainError(AgendaCode.NOTHING_TO_TAKE, message, field="issues")
    if len(dongs) > 1:
        message = _("These reports are of several dongs. Take up those of one dong at a time.")
        raise DomainError(AgendaCode.SOURCES_APART, message, {"dongs": sorted(dongs)}, field="issues")
    moved = [issue.pk for issue in issues if issue.state != State.RECEIVED.value]
    if moved or (signal is not None and AgendaItem.objects.filter(signal=signal).exists()):
        message = _("This has been taken up or answered meanwhile. Open the list again.")
        raise Conflict(AgendaCode.MOVED_MEANWHILE, message, {"issues": moved}, field="issues")
    return issues, signal, proposal, dongs.pop()


def _merge_target(item: AgendaItem, draft: AnswerDraft) -> AgendaItem | None:
    if draft.outcome is not Outcome.MERGED:
        return None
    others = AgendaItem.objects.filter(dong_id=item.dong_id).exclude(pk=item.pk)
    found = others.filter(pk=draft.merged_into).first() if draft.merged_into is not None else None
    if found is None or found.said == Outcome.MERGED.value:
        message = _("Choose another matter on this dong's agenda, one that is not joined with another itself.")
        raise DomainError(AgendaCode.MERGE_TARGET, message, field="merged_into")
    return found


def _check_votes(draft: DecisionDraft) -> None:
    counts = (draft.votes_for, draft.votes_against, draft.votes_cast)
    if all(count is None for count in counts):
        return
    given = [count for count in counts if count is not None]
    if len(given) < 3 or min(given) < 0 or given[0] + given[1] > given[2]:
        message = _("Enter all three counts of the vote; those for and against are no more than those cast.")
        raise DomainError(AgendaCode.VOTES_NOT_VALID, message, field="votes_cast")


def _optional(text: str, field: str, most: int) -> str:
    return public_text(text, field=field, most=most, missing="") if text.strip() else ""
