from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.agenda import (
    CLOCK_DAYS,
    TRANSITIONS,
    Outcome,
    State,
    days_late,
    due_on,
    moves_from,
    transition,
)
from madang.yard.audit.authority import Action

OPEN = {
    (State.RECEIVED, State.ON_AGENDA): "agenda.take",
    (State.RECEIVED, State.ANSWERED): "agenda.answer",
    (State.ON_AGENDA, State.DECIDED): "agenda.decide",
    (State.ON_AGENDA, State.ANSWERED): "agenda.answer",
    (State.DECIDED, State.DELIVERED): "agenda.deliver",
}


@pytest.mark.parametrize("source", State)
@pytest.mark.parametrize("target", State)
def test_every_cell_of_the_table(source: State, target: State) -> None:
    for said in (None, *Outcome):
        promised = (source, target) == (State.ANSWERED, State.DELIVERED) and said is Outcome.PROMISED
        expected = "agenda.deliver" if promised else OPEN.get((source, target))
        if expected is None:
            with pytest.raises(EngineInputError, match="nothing leads"):
                transition(source, target, said)
        else:
            assert transition(source, target, said).action == expected


def test_a_matter_only_goes_forward() -> None:
    order = list(State)
    assert all(order.index(move.source) < order.index(move.target) for move in TRANSITIONS)


def test_every_action_of_the_table_is_one_of_the_authority() -> None:
    assert {Action(move.action) for move in TRANSITIONS} == {
        Action.AGENDA_TAKE, Action.AGENDA_DECIDE, Action.AGENDA_ANSWER, Action.AGENDA_DELIVER,
    }  # fmt: skip


@given(st.lists(st.integers(0, 5), max_size=8))
def test_whatever_is_chosen_a_matter_ends_or_waits_for_somebody(choices: list[int]) -> None:
    state, said = State.RECEIVED, None
    for choice in choices:
        moves = moves_from(state, said)
        if not moves:
            break
        move = moves[choice % len(moves)]
        said = move.outcomes[choice % len(move.outcomes)] if move.outcomes else said
        state = move.target
    finished = state is State.DELIVERED or (state is State.ANSWERED and said is not Outcome.PROMISED)
    assert finished == (not moves_from(state, said))
    assert (due_on(state, date(2026, 1, 1)) is None) == (state in {State.ANSWERED, State.DELIVERED})


def test_a_matter_is_late_from_the_day_after_its_last() -> None:
    since = date(2026, 11, 2)
    for state, days in CLOCK_DAYS.items():
        last = since + timedelta(days=days)
        assert (days_late(state, since, last), days_late(state, since, last + timedelta(days=3))) == (0, 3)
    assert days_late(State.DELIVERED, since, date(2036, 1, 1)) == 0
