"""The table of a proposal's states."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.phases import OPENS, Deed
from madang.rooms.autonomy.engine.proposals import (
    LIVE_STATES,
    PROPOSAL_TRANSITIONS,
    ProposalState,
    answer_due_on,
    proposal_code,
    proposal_moves_from,
    proposal_transition,
    state_after,
)

EXPECTED = {
    ("submitted", "admitted"): "proposal.answer",
    ("submitted", "declined"): "proposal.answer",
    ("admitted", "declined"): "proposal.answer",
    ("declined", "admitted"): "proposal.answer",
    ("submitted", "merged"): "merge.answer",
    ("admitted", "merged"): "merge.answer",
    ("submitted", "withdrawn"): "proposal.withdraw",
    ("admitted", "withdrawn"): "proposal.withdraw",
}


@pytest.mark.parametrize("target", ProposalState)
@pytest.mark.parametrize("source", ProposalState)
def test_the_table_holds_these_moves_and_no_other(source: ProposalState, target: ProposalState) -> None:
    action = EXPECTED.get((source.value, target.value))
    if action is None:
        with pytest.raises(EngineInputError) as refusal:
            proposal_transition(source, target)
        assert refusal.value.code == "no_such_move"
    else:
        assert proposal_transition(source, target).action == action


def test_only_the_author_ends_a_proposal_without_the_office() -> None:
    for move in PROPOSAL_TRANSITIONS:
        assert move.by_author == (move.action in {"merge.answer", "proposal.withdraw"})


def test_what_ended_leads_nowhere() -> None:
    assert {state for state in ProposalState if not proposal_moves_from(state)} == {
        ProposalState.MERGED,
        ProposalState.WITHDRAWN,
    }


def test_every_move_is_opened_by_some_phase() -> None:
    opened = {deed.value for deeds in OPENS.values() for deed in deeds}
    assert {move.action for move in PROPOSAL_TRANSITIONS} <= opened
    assert {Deed(move.action) for move in PROPOSAL_TRANSITIONS}


@given(st.lists(st.tuples(st.sampled_from(["", *ProposalState]), st.sampled_from(list(ProposalState))), max_size=6))
def test_a_history_is_a_walk_through_the_table_or_is_refused(moves: list[tuple[str, ProposalState]]) -> None:
    walk = bool(moves) and moves[0] == ("", ProposalState.SUBMITTED)
    for (_source, before), (source, target) in pairwise(moves):
        walk = walk and source == before and (source == target or (source, target.value) in EXPECTED)
    if walk:
        assert state_after([(str(s), str(t)) for s, t in moves]) is moves[-1][1]
    else:
        with pytest.raises(EngineInputError):
            state_after([(str(s), str(t)) for s, t in moves])


def test_only_what_waits_has_a_last_day() -> None:
    assert {state: answer_due_on(state, date(2026, 11, 2)) for state in ProposalState} == {
        state: date(2026, 11, 16) if state is ProposalState.SUBMITTED else None for state in ProposalState
    }
    assert ProposalState.SUBMITTED in LIVE_STATES


def test_codes_sort_as_they_count_below_a_hundred() -> None:
    codes = [proposal_code(number) for number in range(1, 100)]
    assert codes == sorted(codes)
    assert proposal_code(100) == "P100"
