"""The states of a proposal, the moves between them, and the days that its answer may take: one table each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from madang.numerics.errors import EngineInputError


class ProposalState(StrEnum):
    """How far a proposal is."""

    SUBMITTED = "submitted"
    ADMITTED = "admitted"
    DECLINED = "declined"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalTransition:
    """One permitted move.

    Attributes
    ----------
    source, target : ProposalState
        From where to where.
    action : str
        What a person must be allowed to do to make it; a row of the authority table and of the table of phases.
    by_author : bool
        Whether the author alone may make it, whatever the role.
    """

    source: ProposalState
    target: ProposalState
    action: str
    by_author: bool = False


# Every move that exists. An answer may be revised for as long as the calendar lets the office answer; what was merged
# or withdrawn stays so. A proposal is merged by its own author's consent and by nothing else.
PROPOSAL_TRANSITIONS: tuple[ProposalTransition, ...] = (
    ProposalTransition(source=ProposalState.SUBMITTED, target=ProposalState.ADMITTED, action="proposal.answer"),
    ProposalTransition(source=ProposalState.SUBMITTED, target=ProposalState.DECLINED, action="proposal.answer"),
    ProposalTransition(source=ProposalState.ADMITTED, target=ProposalState.DECLINED, action="proposal.answer"),
    ProposalTransition(source=ProposalState.DECLINED, target=ProposalState.ADMITTED, action="proposal.answer"),
    ProposalTransition(
        source=ProposalState.SUBMITTED, target=ProposalState.MERGED, action="merge.answer", by_author=True
    ),
    ProposalTransition(
        source=ProposalState.ADMITTED, target=ProposalState.MERGED, action="merge.answer", by_author=True
    ),
    ProposalTransition(
        source=ProposalState.SUBMITTED, target=ProposalState.WITHDRAWN, action="proposal.withdraw", by_author=True
    ),
    ProposalTransition(
        source=ProposalState.ADMITTED, target=ProposalState.WITHDRAWN, action="proposal.withdraw", by_author=True
    ),
)

LIVE_STATES = frozenset({ProposalState.SUBMITTED, ProposalState.ADMITTED})
"""States in which a proposal can still be estimated, joined with another, argued about or withdrawn."""

ANSWER_DAYS = 14
"""Days within which the office admits or declines what was submitted [day]."""


def proposal_transition(source: ProposalState, target: ProposalState) -> ProposalTransition:
    """Return the move from one state to another.

    Raises
    ------
    EngineInputError
        With code `no_such_move` if the table has none.

    Examples
    --------
    >>> proposal_transition(ProposalState.SUBMITTED, ProposalState.ADMITTED).action
    'proposal.answer'
    """
    for move in PROPOSAL_TRANSITIONS:
        if (move.source, move.target) == (source, target):
            return move
    raise EngineInputError(
        "no_such_move", f"nothing leads from {source} to {target}", {"from": source.value, "to": target.value}
    )


def proposal_moves_from(source: ProposalState) -> tuple[ProposalTransition, ...]:
    """Return every move that is open from a state."""
    return tuple(move for move in PROPOSAL_TRANSITIONS if move.source == source)


def state_after(moves: Iterable[tuple[str, str]]) -> ProposalState:
    """Return the state in which a history leaves a proposal.

    Parameters
    ----------
    moves : iterable of (str, str)
        From and to, oldest first; the first begins at "" and an estimate leads from a state to itself.

    Raises
    ------
    EngineInputError
        With code `history_broken` if a move does not begin where the one before it ended, or the table does not have
        it.

    Examples
    --------
    >>> state_after([("", "submitted"), ("submitted", "submitted"), ("submitted", "admitted")])
    <ProposalState.ADMITTED: 'admitted'>
    """
    state = ""
    for number, (source, target) in enumerate(moves):
        known = (
            target == ProposalState.SUBMITTED
            if source == ""
            else source == target
            or any((move.source, move.target) == (source, target) for move in PROPOSAL_TRANSITIONS)
        )
        if source != state or not known:
            raise EngineInputError(
                "history_broken", f"move {number} leads from {source!r} to {target!r}", {"move": number}
            )
        state = target
    if not state:
        raise EngineInputError("history_broken", "a history begins with the proposal itself", {"move": 0})
    return ProposalState(state)


def answer_due_on(state: ProposalState, since: date) -> date | None:
    """Return the last day on which a proposal's answer is in time; None if it waits for none.

    Examples
    --------
    >>> answer_due_on(ProposalState.SUBMITTED, date(2026, 11, 2))
    datetime.date(2026, 11, 16)
    """
    return since + timedelta(days=ANSWER_DAYS) if state is ProposalState.SUBMITTED else None


def proposal_code(number: int) -> str:
    """Return the public code of the n-th proposal that an assembly admitted; it names the proposal on the ballot.

    Examples
    --------
    >>> proposal_code(7), proposal_code(112)
    ('P07', 'P112')
    """
    return f"P{number:02d}"
