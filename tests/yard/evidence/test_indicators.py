"""Defining indicators."""

from dataclasses import replace

import pytest

from madang.numerics.errors import Conflict, DomainError, PermissionDenied
from madang.yard.audit.authority import SYSTEM, VISITOR, Action, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.evidence import selectors
from madang.yard.evidence.models import Indicator
from madang.yard.evidence.services import EvidenceCode, ObservationDraft, indicator_define, observation_enter

from .conftest import DISTRICT, DONGS, PERSONS, RATE, line

pytestmark = pytest.mark.django_db


def test_a_definition_is_kept_whole_and_logged(district: object) -> None:
    made = indicator_define(SYSTEM, RATE)
    assert (made.code, made.unit, made.targets.points) == (RATE.code, "percent", RATE.targets)
    entry = Record.objects.order_by("-sequence")[0]
    assert (entry.action, entry.detail["code"]) == (Action.INDICATOR_DEFINE, RATE.code)


def test_the_same_definition_again_changes_nothing(rate: Indicator) -> None:
    before = Record.objects.count()
    assert indicator_define(SYSTEM, RATE).pk == rate.pk
    assert Record.objects.count() == before


def test_a_definition_is_brought_up_to_date(rate: Indicator) -> None:
    changed = indicator_define(SYSTEM, replace(RATE, name_en="Answered in time", targets=()))
    assert (changed.pk, changed.name_en, changed.targets.points) == (rate.pk, "Answered in time", ())
    assert Record.objects.order_by("-sequence")[0].detail["changed"] == ["name_en", "target_path"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "Care First"}, EvidenceCode.CODE_NOT_VALID),
        ({"room": "kitchen"}, EvidenceCode.CHOICE_UNKNOWN),
        ({"unit": "ells"}, EvidenceCode.CHOICE_UNKNOWN),
        ({"direction": "sideways"}, EvidenceCode.CHOICE_UNKNOWN),
        ({"threshold": 1}, EvidenceCode.CHOICE_UNKNOWN),
        ({"decimals": 9}, EvidenceCode.CHOICE_UNKNOWN),
        ({"name_ko": "  "}, EvidenceCode.TEXT_MISSING),
        ({"definition_en": "x" * 2001}, EvidenceCode.TEXT_TOO_LONG),
        ({"source_ko": "문의 062-123-4567"}, EvidenceCode.PERSONAL_DATA),
        ({"targets": (("2027", 1.0), ("2026", 2.0))}, EvidenceCode.TARGETS_NOT_VALID),
        ({"targets": (("soon", 1.0),)}, EvidenceCode.TARGETS_NOT_VALID),
    ],
)
def test_what_cannot_be_is_refused(district: object, change: dict[str, object], code: EvidenceCode) -> None:
    with pytest.raises(DomainError) as caught:
        indicator_define(SYSTEM, replace(RATE, **change))  # type: ignore[arg-type]  # fields of the draft
    assert caught.value.code == code
    assert caught.value.field in change
    assert not Indicator.objects.exists()


@pytest.mark.parametrize("change", [{"sensitive": False}, {"threshold": 3}, {"zeros_sensitive": False}])
def test_a_guard_is_not_loosened_once_values_exist(district: object, change: dict[str, object]) -> None:
    strict = replace(PERSONS, zeros_sensitive=True)
    indicator = indicator_define(SYSTEM, strict)
    line(indicator, "2026-01", [46, 3, 8, 15, 20])
    with pytest.raises(Conflict) as caught:
        indicator_define(SYSTEM, replace(strict, **change))  # type: ignore[arg-type]
    assert caught.value.code == EvidenceCode.GUARD_LOOSENED


def test_a_guard_may_be_tightened_and_then_withholds_more(persons: Indicator) -> None:
    line(persons, "2026-01", [46, 6, 8, 12, 20])
    assert not any(value.withheld for value in selectors.latest_by_place(persons).values())
    tight = indicator_define(SYSTEM, replace(PERSONS, threshold=10))
    withheld = {place for place, value in selectors.latest_by_place(tight).items() if value.withheld}
    assert withheld == {DONGS[0], DONGS[1]}


def test_periods_keep_their_meaning_once_values_exist(rate: Indicator) -> None:
    observation_enter(SYSTEM, ObservationDraft(indicator=RATE.code, place=DISTRICT, period="2026-01", value=1.0))
    with pytest.raises(Conflict) as caught:
        indicator_define(SYSTEM, replace(RATE, frequency="year"))
    assert caught.value.code == EvidenceCode.FREQUENCY_FIXED


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.SYSTEM}])
def test_only_the_administration_defines(district: object, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        indicator_define(Actor(role=role, place=DISTRICT, user="somebody"), RATE)


def test_indicators_are_found_by_their_words_and_their_room(rate: Indicator, persons: Indicator) -> None:
    assert list(selectors.indicator_list("seven")) == [rate]
    assert list(selectors.indicator_list("환자")) == [persons]
    assert list(selectors.indicator_list("", "autonomy")) == [rate]
    assert not selectors.indicator_list("seven", "health").exists()


def test_the_list_takes_one_query_and_the_newest_values_another(
    rate: Indicator, persons: Indicator, django_assert_num_queries: object
) -> None:
    line(persons, "2026-01", [46, 3, 8, 15, 20])
    line(persons, "2026-02", [47, 3, 8, 16, 20])
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture of pytest-django
        found = list(selectors.indicator_list())
    assert [indicator.last_period for indicator in found] == [None, "2026-02"]  # type: ignore[attr-defined]  # annotated
    with django_assert_num_queries(1):  # type: ignore[operator]
        latest = selectors.latest_at([rate.pk, persons.pk], DISTRICT)
    assert (latest[persons.pk].value, latest[persons.pk].period) == (47.0, "2026-02")
    assert list(selectors.has_values(selectors.indicator_list())) == [persons]


def test_a_visitor_may_read_but_not_define(rate: Indicator) -> None:
    assert selectors.indicator_get(RATE.code) == rate
    with pytest.raises(PermissionDenied):
        indicator_define(VISITOR, RATE)
