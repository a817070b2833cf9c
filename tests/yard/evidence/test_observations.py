"""Entering and reading values: revisions, permissions, and the guard at the only door."""

from dataclasses import replace

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.yard.audit.authority import SYSTEM, VISITOR, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.evidence import selectors
from madang.yard.evidence.bridge import Line, line_judged
from madang.yard.evidence.engine.rules import Rule
from madang.yard.evidence.models import Indicator, Observation, Withholding
from madang.yard.evidence.services import (
    EvidenceCode,
    ObservationBatch,
    ObservationDraft,
    indicator_define,
    observation_enter,
    observation_enter_many,
)

from .conftest import DISTRICT, DONGS, PERSONS, PLACES, RATE, line

pytestmark = pytest.mark.django_db


def one(place: str = DONGS[0], period: str = "2026-03", value: float = 40.0) -> ObservationDraft:
    return ObservationDraft(indicator=RATE.code, place=place, period=period, value=value)


def test_a_correction_is_a_further_revision_and_the_old_one_stays(rate: Indicator) -> None:
    assert observation_enter(SYSTEM, one()).new == 1
    assert observation_enter(SYSTEM, one(value=41.0)).revised == 1
    assert list(Observation.objects.values_list("revision", "value")) == [(1, 40.0), (2, 41.0)]
    assert [(value.revision, value.value) for value in selectors.series(rate, DONGS[0])] == [(2, 41.0)]


def test_the_same_value_again_changes_nothing_and_is_not_logged(rate: Indicator) -> None:
    observation_enter(SYSTEM, one())
    before = Record.objects.count()
    assert observation_enter(SYSTEM, one()).same == 1
    assert Observation.objects.count() == 1
    assert Record.objects.count() == before


def test_values_come_back_exactly(rate: Indicator) -> None:
    values = np.array([0.1 + 0.2, 1e-9, 123456789.123456])
    observation_enter_many(
        SYSTEM,
        ObservationBatch(
            indicator=RATE.code, places=[DISTRICT] * 3, periods=["2026-01", "2026-02", "2026-03"], values=values
        ),
    )
    assert [value.value for value in selectors.series(rate, DISTRICT)] == values.tolist()


def test_rows_in_any_order_are_joined_to_their_own_place(rate: Indicator) -> None:
    order = np.random.default_rng(3).permutation(len(PLACES))
    observation_enter_many(
        SYSTEM,
        ObservationBatch(
            indicator=RATE.code,
            places=[PLACES[position] for position in order],
            periods=["2026-01"] * len(PLACES),
            values=order.astype(float),
            numerators=order * 2.0,
            denominators=order + 1.0,
        ),
    )
    for position, place in enumerate(PLACES):
        found = selectors.series(rate, place)[0]
        assert (found.value, found.numerator, found.denominator) == (position, 2 * position, position + 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"places": ["9999900000"]}, EvidenceCode.PLACE_UNKNOWN),
        ({"periods": ["2026-13"]}, EvidenceCode.PERIOD_NOT_VALID),
        ({"periods": ["2026"]}, EvidenceCode.PERIOD_NOT_VALID),
        ({"periods": ["2026-01", "2026-02"]}, EvidenceCode.SHAPE_UNFIT),
        ({"values": np.array([np.nan])}, EvidenceCode.VALUE_NOT_FINITE),
        ({"values": np.array([np.inf])}, EvidenceCode.VALUE_NOT_FINITE),
        ({"denominators": np.array([0.0])}, EvidenceCode.DENOMINATOR_NOT_POSITIVE),
        ({"status": "guessed"}, EvidenceCode.CHOICE_UNKNOWN),
        (
            {"places": [DISTRICT] * 2, "periods": ["2026-01"] * 2, "values": np.array([1.0, 2.0])},
            EvidenceCode.ENTERED_TWICE,
        ),
    ],
)
def test_what_cannot_be_is_refused(rate: Indicator, change: dict[str, object], code: EvidenceCode) -> None:
    good = ObservationBatch(indicator=RATE.code, places=[DISTRICT], periods=["2026-01"], values=np.array([1.0]))
    with pytest.raises(DomainError) as caught:
        observation_enter_many(SYSTEM, replace(good, **change))  # type: ignore[arg-type]  # fields of the batch
    assert caught.value.code == code
    assert not Observation.objects.exists()


def test_an_unknown_indicator_is_refused(district: object) -> None:
    with pytest.raises(NotFound):
        observation_enter(SYSTEM, replace(one(), indicator="nowhere"))


@pytest.mark.parametrize(
    ("role", "place", "allowed"),
    [
        (Role.SYSTEM, "", True),
        (Role.ADMINISTRATOR, DISTRICT, True),
        (Role.DONG_OFFICER, DONGS[0], True),
        (Role.DONG_OFFICER, DONGS[1], False),
        (Role.HEALTH_OFFICER, DISTRICT, True),
        (Role.CARE_WORKER, DISTRICT, False),
        (Role.RESIDENT, DONGS[0], False),
        (Role.COUNCIL_MEMBER, DONGS[0], False),
        (Role.AUDITOR, DISTRICT, False),
        (Role.PUBLIC, "", False),
    ],
)
def test_who_may_enter(rate: Indicator, role: Role, place: str, allowed: bool) -> None:
    actor = Actor(role=role, place=place, user="somebody")
    if allowed:
        assert observation_enter(actor, one()).new == 1
    else:
        with pytest.raises(PermissionDenied):
            observation_enter(actor, one())


def test_a_batch_that_reaches_too_far_is_refused_as_a_whole(rate: Indicator, officer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        observation_enter_many(
            officer,
            ObservationBatch(
                indicator=RATE.code, places=DONGS[:2], periods=["2026-01"] * 2, values=np.array([1.0, 2.0])
            ),
        )
    assert not Observation.objects.exists()


@pytest.mark.parametrize("statement", ["UPDATE evidence_observation SET value = 1", "DELETE FROM evidence_observation"])
def test_the_database_refuses_to_rewrite_what_was_observed(rate: Indicator, statement: str) -> None:
    observation_enter(SYSTEM, one())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_entering_takes_the_same_number_of_queries_for_many_rows(
    persons: Indicator, django_assert_max_num_queries: object
) -> None:
    def batch(periods: int) -> ObservationBatch:
        texts = [f"20{year:02d}-01" for year in range(periods) for _place in PLACES]
        return ObservationBatch(
            indicator=PERSONS.code,
            places=list(PLACES) * periods,
            periods=texts,
            values=np.tile([46.0, 3.0, 8.0, 15.0, 20.0], periods),
        )

    with django_assert_max_num_queries(20) as few:  # type: ignore[operator]  # a fixture of pytest-django
        observation_enter_many(SYSTEM, batch(2))
    # SQLite takes fewer rows in one statement, so a second insert may follow; nothing grows with the rows otherwise.
    with django_assert_max_num_queries(len(few) + 2):  # type: ignore[operator]
        assert observation_enter_many(SYSTEM, batch(40)).new == 38 * len(PLACES)


# The guard.


def test_a_small_count_is_withheld_with_another_that_would_betray_it(persons: Indicator) -> None:
    line(persons, "2026-01", [46, 3, 8, 15, 20])
    panel = selectors.published_counts(persons)
    shown = {place: panel.values[place, "2026-01"].value for place in PLACES}
    assert shown == {DISTRICT: 46.0, DONGS[0]: None, DONGS[1]: None, DONGS[2]: 15.0, DONGS[3]: 20.0}
    assert [panel.values[place, "2026-01"].withheld for place in DONGS] == [True, True, False, False]


def test_a_rate_is_guarded_by_the_count_it_is_made_of(persons: Indicator) -> None:
    observation_enter_many(
        SYSTEM,
        ObservationBatch(
            indicator=PERSONS.code,
            places=list(PLACES),
            periods=["2026-01"] * 5,
            values=np.array([0.46, 0.3, 0.8, 0.5, 0.6]),
            numerators=np.array([46.0, 3.0, 8.0, 15.0, 20.0]),
            denominators=np.full(5, 100.0),
        ),
    )
    hidden = selectors.series(persons, DONGS[0])[0]
    assert (hidden.value, hidden.numerator, hidden.denominator) == (None, None, 100.0)
    assert selectors.series(persons, DONGS[2])[0].value == 0.5


@pytest.mark.parametrize("value", [2.5, -1.0])
def test_a_count_of_persons_must_be_a_whole_number(persons: Indicator, value: float) -> None:
    with pytest.raises(DomainError) as caught:
        observation_enter(
            SYSTEM, ObservationDraft(indicator=PERSONS.code, place=DISTRICT, period="2026-01", value=value)
        )
    assert caught.value.code == EvidenceCode.COUNT_NOT_WHOLE


def test_every_way_of_reading_withholds_alike(persons: Indicator) -> None:
    line(persons, "2026-01", [46, 3, 8, 15, 20])
    line(persons, "2026-02", [80, 20, 20, 20, 20])
    hidden = {(DONGS[0], "2026-01"), (DONGS[1], "2026-01")}
    current = selectors.observations_current()
    ways = [
        list(selectors.published_counts(persons).values.values()),
        [value for place in PLACES for value in selectors.series(persons, place)],
        selectors.published(current.filter(place=DONGS[0])),
        selectors.published(current.filter(period="2026-01", place__in=DONGS[:2])),
        selectors.published(current[:3]),
        list(selectors.published_all()),
        list(selectors.latest_by_place(persons).values()),
    ]
    for values in ways:
        assert values
        for value in values:
            assert value.withheld is ((value.place, value.period) in hidden)
            assert (value.value is None) is value.withheld


def test_what_was_withheld_once_stays_withheld_and_is_not_betrayed_later(persons: Indicator) -> None:
    """Dongs that arrive one by one: showing 8 after 12 arrived would leave 3 alone in the first answer's difference."""
    line(persons, "2026-01", [11, 3, 8], places=(DISTRICT, *DONGS[:2]))
    assert all(selectors.latest_by_place(persons)[place].withheld for place in DONGS[:2])
    line(persons, "2026-01", [18, 7], places=(DISTRICT, DONGS[2]))
    latest = selectors.latest_by_place(persons)
    assert latest[DONGS[0]].withheld
    assert latest[DONGS[1]].withheld
    assert latest[DONGS[2]].value == 7.0


def test_a_correction_to_a_small_count_hides_behind_what_changed_with_it(persons: Indicator) -> None:
    line(persons, "2026-01", [70, 10, 20, 20, 20])
    line(persons, "2026-01", [3, 27], places=(DONGS[0], DONGS[1]))
    latest = selectors.latest_by_place(persons)
    assert [latest[place].withheld for place in PLACES] == [False, True, True, False, False]
    assert latest[DONGS[2]].value == 20.0


def test_a_correction_that_nothing_can_hide_is_withheld_and_said_in_the_log(persons: Indicator) -> None:
    line(persons, "2026-01", [70, 10, 20, 20, 20])
    entered = observation_enter(
        SYSTEM, ObservationDraft(indicator=PERSONS.code, place=DONGS[0], period="2026-01", value=3.0)
    )
    assert entered.unprotected == 1
    assert selectors.latest_by_place(persons)[DONGS[0]].withheld
    assert Record.objects.order_by("-sequence")[0].detail["unprotected"] == 1


def test_the_log_holds_no_digest_that_small_counts_could_be_guessed_from(persons: Indicator, rate: Indicator) -> None:
    """The same values in two installations leave different marks; values that anyone may see leave the same."""
    line(persons, "2026-01", [46, 3, 8, 15, 20])
    first = Record.objects.order_by("-sequence")[0].detail
    assert first["keyed"] is True
    assert not {"values", "value", "counts"} & set(first)
    observation_enter(SYSTEM, one())
    assert Record.objects.order_by("-sequence")[0].detail["keyed"] is False


def test_exact_values_are_for_those_who_enter_them(persons: Indicator, officer: Actor) -> None:
    line(persons, "2026-01", [46, 3, 8, 15, 20])
    assert selectors.exact_values(officer, persons, DONGS[0])[0].value == 3.0
    for actor, place in ((officer, DONGS[1]), (VISITOR, DONGS[0])):
        with pytest.raises(PermissionDenied):
            selectors.exact_values(actor, persons, place)


def test_a_cross_table_of_persons_leaves_through_the_guard() -> None:
    counts = np.array([[3, 8, 30], [20, 25, 31], [40, 9, 12]])
    table = selectors.published_table(counts, Rule(threshold=5))
    assert np.isnan(table.cells[0, 0])
    assert np.isnan(table.cells).sum() == 4
    assert table.cells[-1, -1] == counts.sum()


@pytest.mark.parametrize(
    ("counts", "withheld"),
    [
        ({DISTRICT: 46, DONGS[0]: 3, DONGS[1]: 43}, {DONGS[0], DONGS[1]}),
        # 30 persons of no known dong count as public: the next dong must hide the small one.
        ({DISTRICT: 76, DONGS[0]: 3, DONGS[1]: 43}, {DONGS[0], DONGS[1]}),
        # Two persons of no known dong are small themselves, and hide and need hiding.
        ({DISTRICT: 48, DONGS[0]: 6, DONGS[1]: 40}, {DONGS[0]}),
        # Without the district's own value nothing adds up.
        ({DONGS[0]: 3, DONGS[1]: 43}, {DONGS[0]}),
        ({DISTRICT: 3}, {DISTRICT}),
        # More in the dongs than in the district: someone was counted twice; the sum of what is withheld is still known.
        ({DISTRICT: 40, DONGS[0]: 3, DONGS[1]: 43}, {DONGS[0], DONGS[1]}),
        ({DISTRICT: 0, DONGS[0]: 0, DONGS[1]: 0}, set()),
        ({DISTRICT: 3, DONGS[0]: 3, DONGS[1]: 0}, {DISTRICT, DONGS[0]}),
    ],
)
def test_lines_as_they_come(counts: dict[str, int], withheld: set[str]) -> None:
    verdict = line_judged(Line(counts=counts), Rule())
    assert verdict.protects
    assert verdict.withheld == withheld


def test_an_indicator_that_becomes_sensitive_is_guarded_from_then_on(rate: Indicator) -> None:
    loose = indicator_define(SYSTEM, replace(PERSONS, sensitive=False))
    line(loose, "2026-01", [46, 3, 8, 15, 20])
    assert not any(value.withheld for value in selectors.latest_by_place(loose).values())
    strict = indicator_define(SYSTEM, PERSONS)
    assert [selectors.latest_by_place(strict)[place].withheld for place in PLACES] == [False, True, True, False, False]
    observation_enter(SYSTEM, one(value=40.5))
    with pytest.raises(Conflict) as caught:
        indicator_define(SYSTEM, replace(RATE, sensitive=True))
    assert caught.value.code == EvidenceCode.COUNT_NOT_WHOLE


def test_what_is_withheld_can_be_neither_changed_nor_removed(persons: Indicator) -> None:
    line(persons, "2026-01", [46, 3, 8, 15, 20])
    assert Withholding.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        Withholding.objects.all().delete()


# Query counts of the selectors.


def test_selectors_take_one_query(persons: Indicator, django_assert_num_queries: object) -> None:
    for month in range(1, 13):
        line(persons, f"2026-{month:02d}", [46, 3, 8, 15, 20])
    for read in (
        lambda: selectors.published_counts(persons),
        lambda: selectors.series(persons, DONGS[0]),
        lambda: selectors.latest_by_place(persons),
        lambda: list(selectors.published_all()),
    ):
        with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture of pytest-django
            assert read()


def test_only_the_newest_periods_are_read(persons: Indicator) -> None:
    for month in range(1, 13):
        line(persons, f"2026-{month:02d}", [46, 3, 8, 15, 20])
    assert selectors.published_counts(persons, periods=2).periods == ["2026-11", "2026-12"]
