"""A lottery step by step: who may, what is published, and that the draw can be repeated from it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from tests.rooms.conftest import SeoGu

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.engine.sortition.chance import commitment_of
from madang.rooms.autonomy.engine.sortition.lottery import draw_json
from madang.rooms.autonomy.models import CouncilLottery, LotteryApplicant
from madang.rooms.autonomy.selectors.lottery import (
    lotteries_due,
    lotteries_list,
    lottery_get,
    lottery_levels,
    lottery_pool_count,
    lottery_steps,
)
from madang.rooms.autonomy.services.lottery import (
    ApplicantDraft,
    LotteryDraft,
    QuotaDraft,
    lottery_announce,
    lottery_commit,
    lottery_draw,
    lottery_of_files,
    lottery_prepare,
)
from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.audit.replay import run_replay
from madang.yard.people.models import Person
from madang.yard.people.services import PersonDraft, person_add

pytestmark = pytest.mark.django_db
QUOTAS = (("sex", "f", 1, 2), ("sex", "m", 1, 2), ("age", "old", 1, 2), ("age", "young", 1, 2))
KINDS = [("f", "old"), ("f", "young"), ("m", "old"), ("m", "young")]


@pytest.fixture
def people(seo_gu: SeoGu) -> list[Person]:
    return [person_add(SYSTEM, PersonDraft(dong=seo_gu.dong.code, name=f"주민{n}")) for n in range(24)]


def draft(seo_gu: SeoGu, people: list[Person], *, crowded: bool = False, **changes: Any) -> LotteryDraft:
    """Return a lottery of all; crowded, no combination of values fits fewer than five."""
    kinds = KINDS if crowded else [*KINDS, ("f", "old"), ("f", "old")]
    values = {
        "dong": seo_gu.dong.code,
        "title": "주민자치회 위원 추첨",
        "size": 3,
        "quotas": tuple(QuotaDraft(category=c, value=v, least=low, most=high) for c, v, low, high in QUOTAS),
        "applicants": tuple(
            ApplicantDraft(person=one.pk, values=dict(zip(("sex", "age"), kinds[n % len(kinds)], strict=True)))
            for n, one in enumerate(people)
        ),
        "public_source": "KOSPI closing value of that day",
        "value_on": timezone.localdate() + timedelta(days=1),
        **changes,
    }
    return LotteryDraft(**values)


def committed(seo_gu: SeoGu, people: list[Person], **changes: Any) -> CouncilLottery:
    """Return a lottery whose public value is known since today."""
    today = timezone.localdate()
    lottery = lottery_prepare(seo_gu.officer, draft(seo_gu, people, value_on=today, **changes))
    seo_gu.district.is_sample = True
    seo_gu.district.save()
    return lottery_commit(seo_gu.officer, lottery.pk, on=today - timedelta(days=3))


def test_a_council_is_drawn_and_anybody_can_draw_it_again(seo_gu: SeoGu, people: list[Person]) -> None:
    lottery = committed(seo_gu, people)
    assert lottery.commitment
    assert lottery.seed == ""
    lottery_announce(seo_gu.officer, lottery.pk, "2,712.14")
    drawn = lottery_draw(seo_gu.officer, lottery.pk)
    assert commitment_of(drawn.seed) == lottery.commitment
    result = drawn.result or {}
    assert len(result["drawn"]) == 3
    again = draw_json(
        {
            "problem": drawn.published["problem"],
            "lottery": drawn.published["lottery"],
            "commitment": drawn.commitment,
            "seed": drawn.seed,
            "public_value": drawn.public_value,
        },
        {"method": "leximin"},
        None,
    )
    assert again == result
    assert drawn.draw_run is not None
    assert run_replay(drawn.draw_run).equal
    marked = LotteryApplicant.objects.filter(lottery=drawn, is_drawn=True)
    assert sorted(marked.values_list("lot", flat=True)) == result["drawn"]
    for row in drawn.groups:
        assert row["min"] <= row["drawn"] <= row["max"]
    assert lottery_pool_count(drawn) == 24
    assert sum(level.persons for level in lottery_levels(drawn)) == 24
    assert [step.status for step in lottery_steps(drawn)] == ["reached", "reached", "reached", "now"]


def test_where_values_would_tell_who_applied_they_are_not_published(seo_gu: SeoGu, people: list[Person]) -> None:
    rare = draft(seo_gu, people[:13])
    lottery = lottery_prepare(seo_gu.officer, rare)
    assert not lottery.is_open
    text = json.dumps(lottery.published)
    assert "old" not in text
    assert '"f"' not in text
    assert [row["pool"] for row in lottery.groups if row["category"] == "sex"] == [None, None] or all(
        row["pool"] is None or row["pool"] >= 5 for row in lottery.groups
    )
    opened = lottery_prepare(seo_gu.officer, draft(seo_gu, people, crowded=True, title="다른 추첨"))
    assert opened.is_open
    assert "old" in json.dumps(opened.published)


def test_no_name_and_no_record_number_is_public_or_in_the_log(seo_gu: SeoGu, people: list[Person]) -> None:
    lottery = committed(seo_gu, people)
    lottery_announce(seo_gu.officer, lottery.pk, "1")
    drawn = lottery_draw(seo_gu.officer, lottery.pk)
    shown = json.dumps([drawn.published, drawn.result, drawn.groups, drawn.levels], ensure_ascii=False)
    logged = json.dumps(list(Record.objects.filter(action__startswith="lottery").values_list("detail", flat=True)))
    run = json.dumps([drawn.draw_run.inputs, drawn.fair_run.inputs], ensure_ascii=False)  # type: ignore[union-attr]
    for person in people:
        for text in (shown, logged, run):
            assert str(person.pk) not in text
            assert str(person.name) not in text
    assert drawn.fair_run is not None
    assert drawn.fair_run.inputs is None


def test_the_secret_and_the_values_are_sealed_in_the_database(seo_gu: SeoGu, people: list[Person]) -> None:
    lottery = committed(seo_gu, people)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM autonomy_councillottery WHERE id = %s", [lottery.pk])
        (stored,) = cursor.fetchone()
        cursor.execute('SELECT "values" FROM autonomy_lotteryapplicant')
        values = json.dumps(cursor.fetchall())
    assert (lottery.secret or "x") not in stored
    assert "old" not in values


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": 0}, "pool_not_valid"),
        ({"method": "dice"}, "method_unknown"),
        ({"quotas": (QuotaDraft(category="sex", value="f", least=0, most=3),)}, "pool_not_valid"),
        (
            {"quotas": tuple(QuotaDraft(category=c, value=v, least=2, most=2) for c, v, _low, _high in QUOTAS)},
            "quotas_conflict",
        ),
        ({"method": "uniform"}, "uniform_needs_open_pool"),
        ({"title": " "}, "text_missing"),
        ({"public_source": ""}, "text_missing"),
    ],
)
def test_what_cannot_be_prepared(seo_gu: SeoGu, people: list[Person], changes: dict[str, Any], code: str) -> None:
    few = people[:13]
    with pytest.raises(DomainError) as refused:
        lottery_prepare(seo_gu.officer, draft(seo_gu, few, **changes))
    assert refused.value.code == code
    assert not CouncilLottery.objects.exists()


def test_somebody_of_another_dong_or_twice_in_the_pool_is_refused(seo_gu: SeoGu, people: list[Person]) -> None:
    stranger = person_add(SYSTEM, PersonDraft(dong=seo_gu.other.code, name="이웃"))
    with pytest.raises(DomainError) as refused:
        lottery_prepare(seo_gu.officer, draft(seo_gu, [*people, stranger]))
    assert refused.value.code == "applicant_unknown"
    with pytest.raises(DomainError) as refused:
        lottery_prepare(seo_gu.officer, draft(seo_gu, [*people, people[0]]))
    assert refused.value.code == "applicant_twice"


def test_equal_chances_for_every_council_where_the_pool_is_open(seo_gu: SeoGu, people: list[Person]) -> None:
    lottery = committed(seo_gu, people, crowded=True, method="uniform")
    lottery_announce(seo_gu.officer, lottery.pk, "1")
    assert len((lottery_draw(seo_gu.officer, lottery.pk).result or {})["drawn"]) == 3


def test_steps_are_taken_in_order_and_in_time(seo_gu: SeoGu, people: list[Person]) -> None:
    lottery = lottery_prepare(seo_gu.officer, draft(seo_gu, people))
    with pytest.raises(Conflict):
        lottery_announce(seo_gu.officer, lottery.pk, "1")
    with pytest.raises(Conflict):
        lottery_draw(seo_gu.officer, lottery.pk)
    lottery_commit(seo_gu.officer, lottery.pk)
    with pytest.raises(DomainError) as refused:
        lottery_announce(seo_gu.officer, lottery.pk, "1")
    assert refused.value.code == "value_too_early"
    with pytest.raises(NotFound):
        lottery_draw(seo_gu.officer, 999)


def test_a_seed_is_not_fixed_when_the_value_may_be_known(seo_gu: SeoGu, people: list[Person]) -> None:
    today = timezone.localdate()
    lottery = lottery_prepare(seo_gu.officer, draft(seo_gu, people, value_on=today))
    # Only a sample may say that it was done on an earlier day.
    with pytest.raises(DomainError) as refused:
        lottery_commit(seo_gu.officer, lottery.pk, on=today - timedelta(days=3))
    assert refused.value.code == "value_day_past"


def test_seeds_that_wait_to_be_used_are_counted(seo_gu: SeoGu, people: list[Person]) -> None:
    lottery = committed(seo_gu, people)
    assert lotteries_due() == 0
    assert lotteries_due(timezone.localdate() + timedelta(days=1)) == 1
    lottery_announce(seo_gu.officer, lottery.pk, "1")
    assert lotteries_due() == 1


@pytest.mark.parametrize(
    ("role", "here", "allowed"),
    [
        (Role.DONG_OFFICER, True, True),
        (Role.ADMINISTRATOR, True, True),
        (Role.DONG_OFFICER, False, False),
        (Role.COUNCIL_MEMBER, True, False),
        (Role.RESIDENT, True, False),
        (Role.AUDITOR, True, False),
        (Role.PUBLIC, True, False),
    ],
)
def test_who_may(seo_gu: SeoGu, people: list[Person], role: Role, here: bool, allowed: bool) -> None:
    actor: Actor = seo_gu.actor(role, seo_gu.dong.code if here else seo_gu.other.code)
    lottery = committed(seo_gu, people)
    for step in (
        lambda: lottery_prepare(actor, draft(seo_gu, people, title="또 하나")),
        lambda: lottery_announce(actor, lottery.pk, "1"),
        lambda: lottery_draw(actor, lottery.pk),
    ):
        if allowed:
            step()
        else:
            with pytest.raises((PermissionDenied, Conflict)):
                step()
    assert CouncilLottery.objects.filter(state="drawn").exists() is allowed


def test_the_database_keeps_a_result_with_its_seed(seo_gu: SeoGu, people: list[Person]) -> None:
    lottery = committed(seo_gu, people)
    for changes in ({"seed": "ab"}, {"commitment": ""}, {"public_value": "9"}, {"state": "drawn"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CouncilLottery.objects.filter(pk=lottery.pk).update(**changes)


def test_reading_takes_one_query(seo_gu: SeoGu, people: list[Person], django_assert_num_queries: Any) -> None:
    lottery = lottery_prepare(seo_gu.officer, draft(seo_gu, people))
    lottery_prepare(seo_gu.officer, draft(seo_gu, people, title="둘"))
    with django_assert_num_queries(1):
        assert [row.dong.name for row in lotteries_list(seo_gu.dong.code)]
    with django_assert_num_queries(1):
        found = lottery_get(lottery.pk)
        assert found.fair_run
        assert found.dong.name


def test_files_of_an_officer_are_read() -> None:
    people, quotas = lottery_of_files("age,person\nold,a\nyoung,b\n", "category,value,min,max\nage,old,0,1\n")
    assert [(one.person, dict(one.values)) for one in people] == [("a", {"age": "old"}), ("b", {"age": "young"})]
    assert quotas == (QuotaDraft(category="age", value="old", least=0, most=1),)
