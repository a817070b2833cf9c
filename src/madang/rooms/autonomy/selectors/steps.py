"""A matter's way as steps: where it was, where it is, and where it may still go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.rooms.autonomy.engine.agenda import Outcome, State, due_on
from madang.rooms.autonomy.models import AgendaMove, AnswerOutcome, MatterState
from madang.ui import formats

TONES = {
    State.RECEIVED: "new",
    State.ON_AGENDA: "going",
    State.DECIDED: "going",
    State.ANSWERED: "done",
    State.DELIVERED: "done",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a matter.

    Attributes
    ----------
    label : str
        State in the reader's language.
    when : date or None
        The day it was reached; None where it lies ahead.
    why : str
        The reason, as it was written.
    status : str
        "reached", "now" or "ahead".
    tone : str
        Colour and shape of the state.
    """

    label: str
    when: date | None
    why: str
    status: str
    tone: str


def state_label(state: str, said: str = "") -> str:
    """Return a state in the reader's language, with what the answer said."""
    label = MatterState(state).label
    return f"{label}: {AnswerOutcome(said).label}" if said and state == State.ANSWERED.value else str(label)


def steps_of(received_on: date, received_why: str, moves: Sequence[AgendaMove]) -> list[Step]:
    """Return the steps of a matter, the one it stands at marked, and the one that is due next."""
    reached = [(State.RECEIVED, received_on, received_why, "")]
    reached += [(State(move.state), move.on, move.reason, move.said) for move in moves]
    steps = [
        Step(
            label=state_label(state.value, said),
            when=day,
            why=why,
            status="now" if place == len(reached) - 1 else "reached",
            tone=TONES[state],
        )
        for place, (state, day, why, said) in enumerate(reached)
    ]
    return steps + list(_ahead(*reached[-1]))


def _ahead(state: State, day: date, _why: str, said: str) -> Iterable[Step]:
    due = due_on(state, day)
    by = _("by %(day)s") % {"day": formats.day(due, get_language() or "ko")} if due else ""
    if state is State.RECEIVED:
        yield _step(_("taken up or answered"), by)
    elif state is State.ON_AGENDA:
        yield _step(_("decided or answered"), by)
    elif state is State.DECIDED or (state is State.ANSWERED and said == Outcome.PROMISED.value):
        yield _step(str(MatterState.DELIVERED.label), by)


def _step(label: str, why: str) -> Step:
    return Step(label=label, when=None, why=why, status="ahead", tone="new")
