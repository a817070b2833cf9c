"""Raising signals and moving them along."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.yard.audit.authority import SYSTEM, VISITOR, Action, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.evidence import selectors
from madang.yard.evidence.models import Indicator, Observation, Signal, SignalMove, SignalState
from madang.yard.evidence.services import (
    TRANSITIONS,
    EvidenceCode,
    ObservationDraft,
    SignalMoveDraft,
    observation_enter,
    signal_move,
    signal_moves_open,
    signal_raise,
    signal_take,
)

from .conftest import DISTRICT, DONGS, RATE, SIGNAL

pytestmark = pytest.mark.django_db


def test_a_signal_is_raised_once_under_its_key(signal: Signal) -> None:
    before = Record.objects.count()
    assert signal_raise(SYSTEM, replace(SIGNAL, text_en="Said in other words.")) == signal
    assert Signal.objects.count() == 1
    assert SignalMove.objects.count() == 1
    assert Record.objects.count() == before


def test_a_key_of_another_place_is_refused(signal: Signal) -> None:
    with pytest.raises(Conflict) as caught:
        signal_raise(SYSTEM, replace(SIGNAL, place=DONGS[1]))
    assert caught.value.code == EvidenceCode.SIGNAL_KEY_TAKEN


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"room": "kitchen"}, EvidenceCode.CHOICE_UNKNOWN),
        ({"place": "2914099999"}, EvidenceCode.PLACE_UNKNOWN),
        ({"topic": "Heat!"}, EvidenceCode.CODE_NOT_VALID),
        ({"text_ko": ""}, EvidenceCode.TEXT_MISSING),
        ({"text_en": "Call 010-1234-5678"}, EvidenceCode.PERSONAL_DATA),
        ({"key": "k" * 121}, EvidenceCode.TEXT_TOO_LONG),
        ({"evidence": {"rumours": [1]}}, EvidenceCode.CHOICE_UNKNOWN),
        ({"evidence": {"observations": [99]}}, EvidenceCode.EVIDENCE_UNKNOWN),
        ({"evidence": {"runs": ["nonsense"]}}, EvidenceCode.EVIDENCE_UNKNOWN),
        ({"evidence": {"documents": ["x"]}}, EvidenceCode.EVIDENCE_UNKNOWN),
    ],
)
def test_what_cannot_be_is_refused(district: object, change: dict[str, object], code: EvidenceCode) -> None:
    with pytest.raises(DomainError) as caught:
        signal_raise(SYSTEM, replace(SIGNAL, **change))  # type: ignore[arg-type]  # fields of the draft
    assert caught.value.code == code
    assert not Signal.objects.exists()


def test_a_signal_names_what_it_rests_on(rate: Indicator) -> None:
    observation_enter(SYSTEM, ObservationDraft(indicator=RATE.code, place=DISTRICT, period="2026-01", value=1.0))
    key = Observation.objects.get().pk
    signal = signal_raise(SYSTEM, replace(SIGNAL, evidence={"observations": [key]}))
    assert signal.evidence == {"observations": [str(key)]}


MOVES = [(before, after) for before in SignalState for after in SignalState]


@pytest.mark.parametrize(("before", "after"), MOVES)
def test_every_state_goes_where_the_table_says_and_nowhere_else(
    signal: Signal, before: SignalState, after: SignalState
) -> None:
    Signal.objects.filter(pk=signal.pk).update(state=before)
    draft = SignalMoveDraft(signal=signal.pk, to=after.value, reason="Looked into.")
    if after in TRANSITIONS[before]:
        assert signal_move(SYSTEM, draft).state == after
        last = SignalMove.objects.order_by("-pk")[0]
        assert (last.from_state, last.to_state, last.reason) == (before, after, "Looked into.")
        assert Record.objects.order_by("-sequence")[0].detail == {"from": before.value, "to": after.value}
    else:
        with pytest.raises(Conflict) as caught:
            signal_move(SYSTEM, draft)
        assert caught.value.code == EvidenceCode.MOVE_NOT_ALLOWED
        assert SignalMove.objects.count() == 1


def test_every_state_can_be_reached_and_left_but_the_last() -> None:
    reached = {after for moves in TRANSITIONS.values() for after in moves}
    assert set(SignalState) - reached == {SignalState.RAISED}
    assert [state for state, moves in TRANSITIONS.items() if not moves] == [SignalState.CLOSED]


@pytest.mark.parametrize(
    ("role", "place", "may_move", "may_take"),
    [
        (Role.SYSTEM, "", True, True),
        (Role.ADMINISTRATOR, DISTRICT, True, True),
        (Role.DONG_OFFICER, DONGS[0], True, True),
        (Role.DONG_OFFICER, DONGS[1], False, False),
        (Role.HEALTH_OFFICER, DISTRICT, True, False),
        (Role.COUNCIL_MEMBER, DONGS[0], False, True),
        (Role.RESIDENT, DONGS[0], False, False),
        (Role.CARE_WORKER, DISTRICT, False, False),
        (Role.AUDITOR, DISTRICT, False, False),
        (Role.PUBLIC, "", False, False),
    ],
)
def test_who_may_move_and_who_may_take(signal: Signal, role: Role, place: str, may_move: bool, may_take: bool) -> None:
    actor = Actor(role=role, place=place, user="somebody")
    for allowed, to in ((may_move, SignalState.SEEN), (may_take, SignalState.ON_AGENDA)):
        Signal.objects.filter(pk=signal.pk).update(state=SignalState.RAISED)
        draft = SignalMoveDraft(signal=signal.pk, to=to.value, reason="Looked into.")
        if allowed:
            assert signal_move(actor, draft).state == to
        else:
            with pytest.raises(PermissionDenied):
                signal_move(actor, draft)
    Signal.objects.filter(pk=signal.pk).update(state=SignalState.RAISED)
    signal.refresh_from_db()
    assert bool(signal_moves_open(actor, signal)) is may_move
    assert SignalState.ON_AGENDA not in signal_moves_open(actor, signal)


def test_taking_onto_the_agenda_twice_is_refused(signal: Signal) -> None:
    assert signal_take(SYSTEM, signal, reason="For the June meeting.").state == SignalState.ON_AGENDA
    with pytest.raises(Conflict):
        signal_take(SYSTEM, signal, reason="Again.")


@pytest.mark.parametrize("reason", ["", "   ", "r" * 501, "See hong@example.org"])
def test_a_reason_is_needed_and_names_nobody(signal: Signal, reason: str) -> None:
    with pytest.raises(DomainError) as caught:
        signal_move(SYSTEM, SignalMoveDraft(signal=signal.pk, to="seen", reason=reason))
    assert caught.value.field == "reason"
    signal.refresh_from_db()
    assert signal.state == SignalState.RAISED


def test_an_unknown_signal_and_an_unknown_state(signal: Signal) -> None:
    with pytest.raises(NotFound):
        signal_move(SYSTEM, SignalMoveDraft(signal=signal.pk + 1, to="seen", reason="x"))
    with pytest.raises(DomainError):
        signal_move(SYSTEM, SignalMoveDraft(signal=signal.pk, to="gone", reason="x"))


def test_the_database_refuses_to_rewrite_a_life(signal: Signal) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        SignalMove.objects.update(reason="It never happened.")


def test_reading(signal: Signal, django_assert_num_queries: object) -> None:
    other = signal_raise(SYSTEM, replace(SIGNAL, key="other", place=DONGS[1], room="care", topic="unmet-need"))
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture of pytest-django
        assert set(selectors.signals_open()) == {signal, other}
    assert selectors.signals_open(DONGS[0]) == [signal]
    assert set(selectors.signals_open(DISTRICT)) == {signal, other}
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert selectors.signals_open_count() == {DONGS[0]: 1, DONGS[1]: 1}
    signal_take(SYSTEM, signal, reason="Taken up.")
    assert selectors.signals_open() == [other]
    assert selectors.signals_open_count() == {DONGS[1]: 1}
    listed = selectors.signal_list(selectors.SignalFilter(room="climate", state="on_agenda", place=DISTRICT, q="heat"))
    assert list(listed) == [signal]
    with django_assert_num_queries(2):  # type: ignore[operator]
        found, moves = selectors.signal_get(signal.pk)
    assert [step.to_state for step in moves] == ["raised", "on_agenda"]
    assert found == signal
    with pytest.raises(NotFound):
        selectors.signal_get(0)


def test_a_visitor_raises_nothing(district: object) -> None:
    with pytest.raises(PermissionDenied):
        signal_raise(VISITOR, SIGNAL)
    assert Action.SIGNAL_RAISE.value == "signal.raise"
