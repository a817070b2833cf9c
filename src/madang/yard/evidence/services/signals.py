"""Raising signals and moving them along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.yard.audit.authority import Action, Actor, may, require
from madang.yard.audit.models import Run
from madang.yard.audit.services import hold, record
from madang.yard.evidence.models import Document, Observation, Room, Severity, Signal, SignalMove, SignalState
from madang.yard.evidence.selectors.refusals import EvidenceCode
from madang.yard.evidence.services import checks

# From each state, where a signal may go and which action that takes. A council member may take one onto the agenda.
TRANSITIONS: Mapping[SignalState, Mapping[SignalState, Action]] = MappingProxyType(
    {
        SignalState.RAISED: {
            SignalState.SEEN: Action.SIGNAL_MOVE,
            SignalState.ON_AGENDA: Action.AGENDA_TAKE,
            SignalState.ANSWERED: Action.SIGNAL_MOVE,
            SignalState.CLOSED: Action.SIGNAL_MOVE,
        },
        SignalState.SEEN: {
            SignalState.ON_AGENDA: Action.AGENDA_TAKE,
            SignalState.ANSWERED: Action.SIGNAL_MOVE,
            SignalState.CLOSED: Action.SIGNAL_MOVE,
        },
        SignalState.ON_AGENDA: {SignalState.ANSWERED: Action.SIGNAL_MOVE},
        SignalState.ANSWERED: {SignalState.CLOSED: Action.SIGNAL_MOVE, SignalState.SEEN: Action.SIGNAL_MOVE},
        SignalState.CLOSED: {},
    }
)
_EVIDENCE: Mapping[str, Callable[[], models.QuerySet[Any]]] = MappingProxyType(
    {"observations": Observation.objects.all, "runs": Run.objects.all, "documents": Document.objects.all}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalDraft:
    """Something found that a dong should know.

    Attributes
    ----------
    key : str
        Names the finding: raising it again under the same key raises nothing new.
    room, place, topic : str
        Whose finding, about where, about what (a code).
    text_ko, text_en : str
        One sentence for everyone to read; names nobody.
    severity : Severity
        How urgent.
    evidence : mapping
        Ids of what it rests on, under `observations`, `runs` and `documents`.
    """

    key: str
    room: str
    place: str
    topic: str
    text_ko: str
    text_en: str
    severity: Severity = Severity.NOTICE
    evidence: Mapping[str, Sequence[int | str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalMoveDraft:
    """A step of a signal: where it goes, and why."""

    signal: int
    to: str
    reason: str


@transaction.atomic
def signal_raise(actor: Actor, draft: SignalDraft) -> Signal:
    """Raise a signal, or return the one that was raised under this key.

    Raises
    ------
    DomainError
        If something about it is not acceptable.
    Conflict
        If the key names a finding about another room or place.
    """
    require(actor, Action.SIGNAL_RAISE, place=draft.place)
    values = {
        "room": checks.choice(draft.room, Room.values, field="room"),
        "place": draft.place,
        "topic": checks.code(draft.topic, field="topic"),
        "text_ko": checks.text(draft.text_ko, field="text_ko", most=300),
        "text_en": checks.text(draft.text_en, field="text_en", most=300),
        "severity": Severity(draft.severity).value,
        "evidence": _evidence(draft.evidence),
        "raised_by": actor.user or "",
        "raised_role": actor.role.value,
    }
    checks.places_known([draft.place])
    key = checks.text(draft.key, field="key", most=120)
    hold()
    signal, made = Signal.objects.get_or_create(key=key, defaults=values)
    if made:
        # What was found is itself the reason of the first step.
        SignalMove.objects.create(
            signal=signal,
            to_state=SignalState.RAISED,
            reason=signal.text_ko,
            role=actor.role.value,
            user=actor.user or "",
        )
        record(
            actor,
            Action.SIGNAL_RAISE,
            target=signal,
            detail={"room": signal.room, "place": signal.place, "topic": signal.topic, "severity": signal.severity},
        )
    elif (signal.room, signal.place) != (draft.room, draft.place):
        message = _("This key belongs to a signal about another place.")
        raise Conflict(EvidenceCode.SIGNAL_KEY_TAKEN, message, {"signal": signal.pk}, field="key")
    return signal


def _evidence(wanted: Mapping[str, Sequence[int | str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, ids in wanted.items():
        checks.choice(kind, _EVIDENCE, field="evidence")
        keys = [str(key) for key in ids]
        try:
            known = {str(key) for key in _EVIDENCE[kind]().filter(pk__in=keys).values_list("pk", flat=True)}
        except (ValueError, ValidationError):
            known = set()
        missing = [key for key in keys if key not in known]
        if missing:
            message = _("The evidence names something that is not there: %(kind)s %(key)s.")
            raise DomainError(
                EvidenceCode.EVIDENCE_UNKNOWN,
                message % {"kind": kind, "key": missing[0]},
                {"kind": kind, "key": missing[0]},
                field="evidence",
            )
        found[kind] = keys
    return found


def signal_moves_open(actor: Actor, signal: Signal) -> list[SignalState]:
    """Return where an actor may move a signal to by hand; the way onto the agenda leads over the dong's desk."""
    return [
        state
        for state, action in TRANSITIONS[SignalState(signal.state)].items()
        if action is Action.SIGNAL_MOVE and may(actor, action, signal.place)
    ]


@transaction.atomic
def signal_move(actor: Actor, draft: SignalMoveDraft) -> Signal:
    """Move a signal to its next state, with a reason.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If its state does not allow that, for instance because someone else moved it meanwhile.
    DomainError
        If the state is not known or the reason is missing.
    """
    hold()
    signal = Signal.objects.select_for_update().filter(pk=draft.signal).first()
    if signal is None:
        raise NotFound(EvidenceCode.SIGNAL_UNKNOWN, _("There is no such signal."), {"signal": draft.signal})
    target = SignalState(checks.choice(draft.to, SignalState.values, field="to"))
    now = SignalState(signal.state)
    action = TRANSITIONS[now].get(target)
    require(actor, action or Action.SIGNAL_MOVE, place=signal.place)
    if action is None:
        message = _("A signal that is “%(now)s” cannot become “%(to)s”. Reload the page to see where it stands.") % {
            "now": now.label,
            "to": target.label,
        }
        raise Conflict(EvidenceCode.MOVE_NOT_ALLOWED, message, {"from": now.value, "to": target.value}, field="to")
    reason = checks.text(draft.reason, field="reason", most=500)
    signal.state = target.value
    signal.save(update_fields=["state"])
    SignalMove.objects.create(
        signal=signal, from_state=now, to_state=target, reason=reason, role=actor.role.value, user=actor.user or ""
    )
    record(actor, Action.SIGNAL_MOVE, target=signal, detail={"from": now.value, "to": target.value})
    return signal


def signal_take(actor: Actor, signal: Signal, *, reason: str) -> Signal:
    """Mark a signal as taken onto a dong's agenda; whoever makes the agenda item calls this with it."""
    return signal_move(actor, SignalMoveDraft(signal=signal.pk, to=SignalState.ON_AGENDA.value, reason=reason))
