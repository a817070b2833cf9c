"""The phases of a dong's assembly and what each opens to whom: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from madang.numerics.errors import EngineInputError


class Phase(StrEnum):
    """What an assembly is doing, in the order in which it does it."""

    PROPOSE = "propose"
    REVIEW = "review"
    DISCUSS = "discuss"
    VOTE = "vote"
    COUNT = "count"
    RESULT = "result"


class Deed(StrEnum):
    """What may be done in a phase; the value is the row of the authority table that says by whom."""

    PROPOSE = "proposal.submit"
    WITHDRAW = "proposal.withdraw"
    MERGE = "proposal.merge"
    AGREE_TO_MERGE = "merge.answer"
    ESTIMATE = "proposal.estimate"
    ANSWER = "proposal.answer"
    ARGUE = "argument.make"
    STATE = "statement.make"
    OPINE = "opinion.give"
    PREPARE_POLL = "poll.prepare"
    TAKE_TOKEN = "ballot.token"  # noqa: S105  # the name of an action
    CAST = "ballot.cast"
    KEY_PAPER = "paper.key"
    CLOSE_POLL = "poll.close"
    OPEN_BALLOTS = "poll.open"
    FUND = "poll.fund"


# One row a phase: the deeds that it opens. Whoever may take the action at the place may do the deed while it lasts.
OPENS: Mapping[Phase, frozenset[Deed]] = MappingProxyType(
    {
        Phase.PROPOSE: frozenset(
            {Deed.PROPOSE, Deed.WITHDRAW, Deed.MERGE, Deed.AGREE_TO_MERGE, Deed.ESTIMATE, Deed.ANSWER, Deed.ARGUE}
        ),
        Phase.REVIEW: frozenset(
            {Deed.WITHDRAW, Deed.MERGE, Deed.AGREE_TO_MERGE, Deed.ESTIMATE, Deed.ANSWER, Deed.ARGUE}
        ),
        Phase.DISCUSS: frozenset(
            {Deed.WITHDRAW, Deed.AGREE_TO_MERGE, Deed.ESTIMATE, Deed.ANSWER, Deed.ARGUE, Deed.STATE, Deed.OPINE}
            | {Deed.PREPARE_POLL}
        ),
        Phase.VOTE: frozenset({Deed.TAKE_TOKEN, Deed.CAST, Deed.KEY_PAPER, Deed.ARGUE}),
        Phase.COUNT: frozenset({Deed.KEY_PAPER, Deed.CLOSE_POLL, Deed.OPEN_BALLOTS}),
        Phase.RESULT: frozenset({Deed.FUND}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One phase of a calendar.

    Attributes
    ----------
    phase : Phase
        What is open.
    begins_at, ends_at : datetime
        From when, inclusive, until when, exclusive; both aware of their zone.
    """

    phase: Phase
    begins_at: datetime
    ends_at: datetime


def calendar_checked(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the spans in order of time.

    Parameters
    ----------
    spans : tuple of Span
        One a phase; a phase may be left out, and there may be days between two of them.

    Raises
    ------
    EngineInputError
        With code `phase_twice`, `phase_empty` (it ends before it begins), `phases_out_of_order` or `phases_overlap`.
    """
    names = [span.phase for span in spans]
    if len(set(names)) != len(names):
        raise EngineInputError("phase_twice", "a phase stands in the calendar twice", {"phases": [*names]})
    for span in spans:
        if span.begins_at >= span.ends_at:
            raise EngineInputError("phase_empty", f"{span.phase} ends before it begins", {"phase": span.phase.value})
    ordered = tuple(sorted(spans, key=lambda span: list(Phase).index(span.phase)))
    for before, after in pairwise(ordered):
        if after.begins_at < before.begins_at:
            raise EngineInputError(
                "phases_out_of_order",
                f"{after.phase} begins before {before.phase}",
                {"before": before.phase.value, "after": after.phase.value},
            )
        if after.begins_at < before.ends_at:
            raise EngineInputError(
                "phases_overlap",
                f"{after.phase} begins while {before.phase} lasts",
                {"before": before.phase.value, "after": after.phase.value},
            )
    return ordered


def phase_at(spans: tuple[Span, ...], moment: datetime) -> Phase | None:
    """Return the phase that is open at a moment; None before the first, after the last and between two."""
    for span in spans:
        if span.begins_at <= moment < span.ends_at:
            return span.phase
    return None


def is_open(spans: tuple[Span, ...], deed: Deed, moment: datetime) -> bool:
    """Return whether the calendar allows a deed at a moment.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> week = (datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 8, tzinfo=UTC))
    >>> spans = (Span(phase=Phase.VOTE, begins_at=week[0], ends_at=week[1]),)
    >>> is_open(spans, Deed.CAST, week[0])
    True
    """
    phase = phase_at(spans, moment)
    return phase is not None and deed in OPENS[phase]
