from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from tests.rooms.conftest import SeoGu, draft

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.engine.agenda import CLOCK_DAYS, Outcome, State
from madang.rooms.autonomy.models import AgendaItem, AgendaMove, Decision, Issue
from madang.rooms.autonomy.selectors import (
    agenda_recent,
    desk_of,
    item_for_desk,
    item_get,
    item_timeline,
    items_of_dong,
    open_counts,
    waiting_counts,
)
from madang.rooms.autonomy.services import (
    AnswerDraft,
    DecisionDraft,
    DeliveryDraft,
    TakeDraft,
    agenda_answer,
    agenda_decide,
    agenda_deliver,
    agenda_take,
    issue_report,
)
from madang.yard.audit.authority import SYSTEM, VISITOR, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.evidence.models import Signal
from madang.yard.evidence.services import SignalDraft, signal_raise

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(seo_gu: SeoGu, reported: Issue) -> AgendaItem:
    return agenda_take(
        seo_gu.officer, TakeDraft(title="가로등", room="autonomy", reason="여럿이 알림", issues=[reported.pk])
    )


def signal_of(place: str) -> Signal:
    found = SignalDraft(
        key=f"care:alone:{place}", room="care", place=place, topic="elders-alone",
        text_ko="홀로 사는 어르신이 많습니다.", text_en="Many older residents live alone.",
    )  # fmt: skip
    return signal_raise(SYSTEM, found)


def test_a_matter_from_report_to_delivery(seo_gu: SeoGu, reported: Issue, item: AgendaItem) -> None:
    reported.refresh_from_db()
    assert (reported.state, reported.item_id) == ("on_agenda", item.pk)
    decided = DecisionDraft(
        item=item.pk, title="가로등 세 개 교체", rationale="밤길이 어둡습니다.", budget_won=3_000_000, votes_for=41,
        votes_against=3, votes_cast=45,
    )  # fmt: skip
    decision = agenda_decide(seo_gu.council, decided)
    assert decision.decided_on == timezone.localdate()
    agenda_deliver(seo_gu.officer, DeliveryDraft(item=item.pk, reason="세 개를 바꿨습니다."))
    found = item_get(item.pk)
    assert (found.state, found.decision.budget_won) == ("delivered", 3_000_000)
    assert [(step.label, step.status) for step in item_timeline(found)] == [
        ("받음", "reached"), ("의제로 올림", "reached"), ("결정함", "reached"), ("이행함", "now"),
    ]  # fmt: skip
    assert list(Record.objects.exclude(action__startswith="district").values_list("action", flat=True)) == [
        "issue.report", "agenda.take", "agenda.decide", "agenda.deliver",
    ]  # fmt: skip


MOVES: dict[State, Callable[[Actor, int], object]] = {
    State.DECIDED: lambda actor, item: agenda_decide(actor, DecisionDraft(item=item, title="t", rationale="r")),
    State.ANSWERED: lambda actor, item: agenda_answer(
        actor, AnswerDraft(item=item, outcome=Outcome.PROMISED, reason="r")
    ),
    State.DELIVERED: lambda actor, item: agenda_deliver(actor, DeliveryDraft(item=item, reason="r")),
}
ALLOWED = {
    State.DECIDED: {Role.COUNCIL_MEMBER, Role.ADMINISTRATOR, Role.SYSTEM},
    State.ANSWERED: {Role.DONG_OFFICER, Role.ADMINISTRATOR, Role.SYSTEM},
    State.DELIVERED: {Role.DONG_OFFICER, Role.ADMINISTRATOR, Role.SYSTEM},
}
OPEN = {
    State.ON_AGENDA: {State.DECIDED, State.ANSWERED},
    State.DECIDED: {State.DELIVERED},
    State.ANSWERED: {State.DELIVERED},
    State.DELIVERED: set[State](),
}


def brought_to(item: AgendaItem, state: State) -> None:
    if state in {State.DECIDED, State.DELIVERED}:
        MOVES[State.DECIDED](SYSTEM, item.pk)
    if state is State.ANSWERED:
        MOVES[State.ANSWERED](SYSTEM, item.pk)
    if state is State.DELIVERED:
        MOVES[State.DELIVERED](SYSTEM, item.pk)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("target", MOVES)
@pytest.mark.parametrize("source", OPEN)
def test_who_may_move_what(seo_gu: SeoGu, item: AgendaItem, source: State, target: State, role: Role) -> None:
    brought_to(item, source)
    before = AgendaMove.objects.count()
    actor = SYSTEM if role is Role.SYSTEM else seo_gu.actor(role, seo_gu.dong.code)
    if role not in ALLOWED[target]:
        with pytest.raises(PermissionDenied):
            MOVES[target](actor, item.pk)
    elif target not in OPEN[source]:
        with pytest.raises(Conflict) as refusal:
            MOVES[target](actor, item.pk)
        assert refusal.value.code == "moved_meanwhile"
    else:
        MOVES[target](actor, item.pk)
        assert AgendaItem.objects.get(pk=item.pk).state == target.value
        before += 1
    assert AgendaMove.objects.count() == before


@pytest.mark.parametrize("target", MOVES)
def test_nobody_moves_what_lies_in_another_dong(seo_gu: SeoGu, item: AgendaItem, target: State) -> None:
    brought_to(item, State.DECIDED if target is State.DELIVERED else State.ON_AGENDA)
    for role in ALLOWED[target] - {Role.SYSTEM}:
        with pytest.raises(PermissionDenied):
            MOVES[target](seo_gu.actor(role, seo_gu.other.code), item.pk)
        with pytest.raises(NotFound):
            MOVES[target](seo_gu.actor(role), item.pk + 99)


@pytest.mark.parametrize("role", Role)
def test_who_takes_up_a_report_and_who_a_signal(seo_gu: SeoGu, reported: Issue, role: Role) -> None:
    actor = SYSTEM if role is Role.SYSTEM else seo_gu.actor(role)
    signal = signal_of(seo_gu.dong.code)
    from_report = TakeDraft(title="t", room="care", reason="r", issues=[reported.pk])
    from_signal = TakeDraft(title="t", room="care", reason="r", signal=signal.pk)
    officers = {Role.DONG_OFFICER, Role.ADMINISTRATOR, Role.SYSTEM}
    for taken, allowed in ((from_report, officers), (from_signal, officers | {Role.COUNCIL_MEMBER})):
        # An administrator's place here is a dong: reach decides, not rank.
        if role in allowed:
            assert agenda_take(actor, taken).pk
        else:
            with pytest.raises(PermissionDenied):
                agenda_take(actor, taken)


def test_a_signal_and_reports_of_one_dong_become_one_matter(seo_gu: SeoGu, reported: Issue) -> None:
    signal = signal_of(seo_gu.dong.code)
    second = issue_report(VISITOR, draft(seo_gu.dong.code, lon=seo_gu.dong.lon, lat=seo_gu.dong.lat))
    taken = TakeDraft(
        title="t", room="care", reason="r", issues=[reported.pk, second.pk], signal=signal.pk, shows_point=True
    )
    item = agenda_take(seo_gu.officer, taken)
    signal.refresh_from_db()
    assert signal.state == "on_agenda"
    assert (item.lon, item.lat) == (seo_gu.dong.lon, seo_gu.dong.lat)
    assert item_timeline(item)[0].why == "주민 의견 2건, 방의 신호"
    with pytest.raises(Conflict):
        agenda_take(seo_gu.officer, TakeDraft(title="t", room="care", reason="r", signal=signal.pk))
    with pytest.raises(Conflict):
        agenda_take(seo_gu.officer, taken)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"issues": []}, "nothing_to_take"),
        ({"issues": [0]}, "issue_unknown"),
        ({"issues": [], "signal": 0}, "signal_unknown"),
        ({"title": " "}, "text_missing"),
        ({"title": "가" * 121}, "text_too_long"),
        ({"title": "김씨 010-1234-5678"}, "personal_data"),
        ({"summary": "900101-1234567"}, "personal_data"),
        ({"reason": ""}, "text_missing"),
        ({"room": "kitchen"}, "room_unknown"),
        ({"on": timezone.localdate() - timedelta(days=2)}, "day_not_valid"),
    ],
)
def test_what_cannot_be_taken_up(seo_gu: SeoGu, reported: Issue, changes: dict[str, Any], code: str) -> None:
    values = {"title": "t", "room": "care", "reason": "r", "issues": [reported.pk], **changes}
    with pytest.raises(DomainError) as refusal:
        agenda_take(seo_gu.officer, TakeDraft(**values))
    assert refusal.value.code == code
    assert not AgendaItem.objects.exists()
    reported.refresh_from_db()
    assert reported.state == "received"


def test_reports_of_two_dongs_are_two_matters(seo_gu: SeoGu, reported: Issue) -> None:
    other = issue_report(VISITOR, draft(seo_gu.other.code))
    with pytest.raises(DomainError) as refusal:
        agenda_take(seo_gu.administrator, TakeDraft(title="t", room="care", reason="r", issues=[reported.pk, other.pk]))
    assert refusal.value.code == "sources_apart"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": ""}, "text_missing"),
        ({"rationale": ""}, "text_missing"),
        ({"budget_won": -1}, "budget_not_valid"),
        ({"votes_for": 3}, "votes_not_valid"),
        ({"votes_for": 3, "votes_against": 2, "votes_cast": 4}, "votes_not_valid"),
        ({"votes_for": 3, "votes_against": -2, "votes_cast": 4}, "votes_not_valid"),
        ({"on": timezone.localdate() + timedelta(days=1)}, "day_not_valid"),
    ],
)
def test_a_decision_that_cannot_stand(seo_gu: SeoGu, item: AgendaItem, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        agenda_decide(seo_gu.council, DecisionDraft(**{"item": item.pk, "title": "t", "rationale": "r", **changes}))
    assert refusal.value.code == code
    assert not Decision.objects.exists()
    assert AgendaItem.objects.get().state == "on_agenda"


def test_items_are_joined_and_never_in_a_circle(seo_gu: SeoGu, item: AgendaItem) -> None:
    other = agenda_take(
        seo_gu.officer, TakeDraft(title="b", room="care", reason="r", signal=signal_of(item.dong_id).pk)
    )
    join = AnswerDraft(item=item.pk, outcome=Outcome.MERGED, reason="같은 일", merged_into=other.pk)
    assert agenda_answer(seo_gu.officer, join).merged_into_id == other.pk
    with pytest.raises(DomainError) as refusal:
        agenda_answer(
            seo_gu.officer, AnswerDraft(item=other.pk, outcome=Outcome.MERGED, reason="x", merged_into=item.pk)
        )
    assert refusal.value.code == "merge_target"
    for target in (None, other.pk):
        with pytest.raises(DomainError):
            agenda_answer(
                seo_gu.officer, AnswerDraft(item=other.pk, outcome=Outcome.MERGED, reason="x", merged_into=target)
            )


@pytest.mark.parametrize("outcome", [Outcome.EXPLAINED, Outcome.DECLINED])
def test_only_a_promise_is_delivered(seo_gu: SeoGu, item: AgendaItem, outcome: Outcome) -> None:
    agenda_answer(seo_gu.officer, AnswerDraft(item=item.pk, outcome=outcome, reason="r"))
    with pytest.raises(Conflict):
        agenda_deliver(seo_gu.officer, DeliveryDraft(item=item.pk, reason="r"))


@pytest.mark.parametrize("table", ["autonomy_agendamove", "autonomy_decision"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_was_decided_stays(seo_gu: SeoGu, item: AgendaItem, table: str, verb: str) -> None:
    MOVES[State.DECIDED](seo_gu.council, item.pk)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(table))


def test_the_desk_shows_what_waits_and_what_is_late_first(seo_gu: SeoGu, reported: Issue, item: AgendaItem) -> None:
    long_ago = timezone.now() - timedelta(days=CLOCK_DAYS[State.RECEIVED] + 4)
    issue_report(SYSTEM, draft(seo_gu.dong.code, reported_at=long_ago))
    issue_report(VISITOR, draft(seo_gu.dong.code))
    issue_report(VISITOR, draft(seo_gu.other.code))
    signal_of(seo_gu.dong.code)
    signal_of(seo_gu.other.code)
    signal_of(seo_gu.district.code)
    desk = desk_of(seo_gu.officer)
    assert [waiting.late for waiting in desk.reports] == [4, 0]
    assert [waiting.matter.pk for waiting in desk.items] == [item.pk]
    assert [signal.place for signal in desk.signals] == [seo_gu.dong.code]
    assert desk.late_count == 1
    assert len(desk_of(seo_gu.administrator).reports) == 3
    assert len(desk_of(seo_gu.administrator).signals) == 2
    council = desk_of(seo_gu.council)
    assert (council.reports, len(council.items)) == ([], 1)
    for role in (Role.RESIDENT, Role.AUDITOR, Role.CARE_WORKER):
        with pytest.raises(PermissionDenied):
            desk_of(seo_gu.actor(role))


def test_the_desk_offers_what_the_role_may_do(seo_gu: SeoGu, item: AgendaItem) -> None:
    def offered(actor: Actor) -> set[State]:
        return {move.target for move in item_for_desk(actor, item.pk)[1]}

    assert offered(seo_gu.officer) == {State.ANSWERED}
    assert offered(seo_gu.council) == {State.DECIDED}
    assert offered(seo_gu.administrator) == {State.DECIDED, State.ANSWERED}
    with pytest.raises(PermissionDenied):
        item_for_desk(seo_gu.actor(Role.DONG_OFFICER, seo_gu.other.code), item.pk)


def test_reads_take_few_queries(
    seo_gu: SeoGu, item: AgendaItem, django_assert_num_queries: Callable[[int], Any]
) -> None:
    agenda_take(seo_gu.officer, TakeDraft(title="b", room="care", reason="r", signal=signal_of(item.dong_id).pk))
    issue_report(VISITOR, draft(seo_gu.dong.code))
    with django_assert_num_queries(1):
        assert [found.dong.name for found in agenda_recent(5)] == [seo_gu.dong.name] * 2
    with django_assert_num_queries(1):
        assert len(items_of_dong(seo_gu.dong.code, 5)) == 2
    with django_assert_num_queries(2):
        assert (open_counts(), waiting_counts()) == ({seo_gu.dong.code: 2}, {seo_gu.dong.code: 1})
    with django_assert_num_queries(3):
        assert [waiting.matter.dong.name for waiting in desk_of(seo_gu.officer).items] == [seo_gu.dong.name] * 2
    with django_assert_num_queries(1):
        assert item_get(item.pk).dong.name == seo_gu.dong.name
    with django_assert_num_queries(3):
        item_timeline(item)
