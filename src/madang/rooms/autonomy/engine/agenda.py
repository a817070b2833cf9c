"""The states of a matter on a dong's agenda, the moves between them, and the days each may take: one table each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from madang.numerics.errors import EngineInputError


class State(StrEnum):
    """How far a matter is, in the order in which it goes forward."""

    RECEIVED = "received"
    ON_AGENDA = "on_agenda"
    DECIDED = "decided"
    ANSWERED = "answered"
    DELIVERED = "delivered"


class Outcome(StrEnum):
    """What an answer says."""

    PROMISED = "promised"
    EXPLAINED = "explained"
    MERGED = "merged"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One permitted move.

    Attributes
    ----------
    source, target : State
        From where to where.
    action : str
        What a person must be allowed to do to make it; a row of the authority table.
    outcomes : tuple of Outcome
        What the move may say, where it must say something; empty where it says nothing.
    after : tuple of Outcome
        What the answer before must have said for the move to be open; empty where that does not matter.
    """

    source: State
    target: State
    action: str
    outcomes: tuple[Outcome, ...] = ()
    after: tuple[Outcome, ...] = ()


# Every move that exists. Each carries a reason and a date; whoever may take the action may make the move.
TRANSITIONS: tuple[Transition, ...] = (
    Transition(source=State.RECEIVED, target=State.ON_AGENDA, action="agenda.take"),
    Transition(
        source=State.RECEIVED,
        target=State.ANSWERED,
        action="agenda.answer",
        outcomes=(Outcome.EXPLAINED, Outcome.MERGED, Outcome.DECLINED),
    ),
    Transition(source=State.ON_AGENDA, target=State.DECIDED, action="agenda.decide"),
    Transition(
        source=State.ON_AGENDA,
        target=State.ANSWERED,
        action="agenda.answer",
        outcomes=(Outcome.PROMISED, Outcome.EXPLAINED, Outcome.MERGED, Outcome.DECLINED),
    ),
    Transition(source=State.DECIDED, target=State.DELIVERED, action="agenda.deliver"),
    Transition(source=State.ANSWERED, target=State.DELIVERED, action="agenda.deliver", after=(Outcome.PROMISED,)),
)

OPEN_STATES = frozenset({State.RECEIVED, State.ON_AGENDA, State.DECIDED})

# Days that a state may last before the matter counts as late; states that are not named wait for nobody.
CLOCK_DAYS: Mapping[State, int] = MappingProxyType({State.RECEIVED: 7, State.ON_AGENDA: 30, State.DECIDED: 180})


def transition(source: State, target: State, said: Outcome | None = None) -> Transition:
    """Return the move from one state to another.

    Parameters
    ----------
    source, target : State
        From where to where.
    said : Outcome, optional
        What the answer said that brought the matter to `source`.

    Raises
    ------
    EngineInputError
        With code `no_such_move` if the table has none, or the answer before rules it out.

    Examples
    --------
    >>> transition(State.ON_AGENDA, State.DECIDED).action
    'agenda.decide'
    """
    for move in TRANSITIONS:
        if (move.source, move.target) == (source, target) and (not move.after or said in move.after):
            return move
    raise EngineInputError(
        "no_such_move", f"nothing leads from {source} to {target}", {"from": source.value, "to": target.value}
    )


def moves_from(source: State, said: Outcome | None = None) -> tuple[Transition, ...]:
    """Return every move that is open from a state."""
    return tuple(move for move in TRANSITIONS if move.source == source and (not move.after or said in move.after))


def due_on(state: State, since: date) -> date | None:
    """Return the last day on which a matter that entered a state is still in time; None if it waits for nobody.

    Examples
    --------
    >>> due_on(State.RECEIVED, date(2026, 11, 2))
    datetime.date(2026, 11, 9)
    """
    days = CLOCK_DAYS.get(state)
    return None if days is None else since + timedelta(days=days)


def days_late(state: State, since: date, today: date) -> int:
    """Return by how many days a matter is past its time; 0 if it is not."""
    due = due_on(state, since)
    return 0 if due is None else max(0, (today - due).days)
