"""Making a move: one way for every matter, from the engine's one table."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, EngineInputError
from madang.rooms.autonomy.engine.agenda import Outcome, State, transition
from madang.rooms.autonomy.models import AgendaItem, AgendaMove, Issue
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.evidence.services import checks

MAX_REASON = 2000


class AgendaCode(StrEnum):
    """What a service of the agenda can refuse for."""

    BUDGET_NOT_VALID = "budget_not_valid"
    CATEGORY_UNKNOWN = "category_unknown"
    DAY_NOT_VALID = "day_not_valid"
    DONG_MISSING = "dong_missing"
    KEY_LENGTH = "key_length"
    KEY_USED = "key_used"
    MERGE_TARGET = "merge_target"
    MOVED_MEANWHILE = "moved_meanwhile"
    NOTHING_TO_TAKE = "nothing_to_take"
    OUTCOME_NOT_VALID = "outcome_not_valid"
    OUTSIDE_DISTRICT = "outside_district"
    ROOM_UNKNOWN = "room_unknown"
    SOURCES_APART = "sources_apart"
    TEXT_MISSING = "text_missing"
    TEXT_TOO_LONG = "text_too_long"
    VOTES_NOT_VALID = "votes_not_valid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A move that somebody wants to make.

    Attributes
    ----------
    target : State
        Where to.
    reason : str
        Why; everybody reads it.
    said : Outcome or None
        What an answer says.
    on : date or None
        The day it happened; today in Seoul if None.
    """

    target: State
    reason: str
    said: Outcome | None = None
    on: date | None = None


def step_taken(actor: Actor, matter: AgendaItem | Issue, step: Step) -> AgendaMove:
    """Write a move of a matter that the caller has locked; the caller moves the matter itself.

    Raises
    ------
    Conflict
        If nothing leads there from where the matter is now.
    DomainError
        If the reason is missing, the answer says what it cannot say here, or the day is not acceptable.
    """
    source = State(matter.state)
    before = Outcome(matter.said) if matter.said else None
    try:
        permitted = transition(source, step.target, before)
    except EngineInputError as error:
        message = _("This matter has moved on meanwhile. Open it again to see where it stands.")
        raise Conflict(AgendaCode.MOVED_MEANWHILE, message, error.data) from error
    require(actor, Action(permitted.action), place=matter.dong_id)
    if (step.said is None) != (not permitted.outcomes) or (step.said and step.said not in permitted.outcomes):
        message = _("Choose what the answer says from the list.")
        raise DomainError(AgendaCode.OUTCOME_NOT_VALID, message, field="outcome")
    missing = _("Write the reason: residents read it.")
    return AgendaMove.objects.create(
        item=matter if isinstance(matter, AgendaItem) else None,
        issue=matter if isinstance(matter, Issue) else None,
        source=source.value,
        state=step.target.value,
        said=step.said.value if step.said else "",
        reason=public_text(step.reason, field="reason", most=MAX_REASON, missing=missing),
        on=day_checked(step.on, _since(matter)),
        role=actor.role.value,
        user=actor.user or "",
    )


def text_checked(text: str, *, field: str, most: int, missing: str) -> str:
    """Return a text without the spaces around it.

    Raises
    ------
    DomainError
        If it is empty or too long.
    """
    stripped = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not stripped:
        raise DomainError(AgendaCode.TEXT_MISSING, missing, field=field)
    if len(stripped) > most:
        message = _("This is %(over)d characters too long. At most %(most)d are possible.")
        data = {"over": len(stripped) - most, "most": most}
        raise DomainError(AgendaCode.TEXT_TOO_LONG, message % data, data, field=field)
    return stripped


def public_text(text: str, *, field: str, most: int, missing: str) -> str:
    """Return a text that everybody will read.

    Raises
    ------
    DomainError
        If it is empty, too long, or holds what looks like a person's number or address.
    """
    stripped = text_checked(text, field=field, most=most, missing=missing)
    checks.text(stripped, field=field, most=most)
    return stripped


def day_checked(day: date | None, since: date) -> date:
    """Return the day of a move: today by default, never before the last one, never to come.

    Raises
    ------
    DomainError
        Otherwise.
    """
    today = timezone.localdate()
    chosen = day or today
    if not since <= chosen <= today:
        message = _("The day must lie between %(since)s and today.") % {"since": since.isoformat()}
        raise DomainError(AgendaCode.DAY_NOT_VALID, message, {"since": since.isoformat()}, field="on")
    return chosen


def _since(matter: AgendaItem | Issue) -> date:
    return matter.state_since if isinstance(matter, AgendaItem) else timezone.localdate(matter.reported_at)
