"""Days small enough to be worked by hand."""

from typing import Any

import numpy as np
import pytest
from tests.rooms.care.visits.conftest import carer, day, line, patient, solved

from madang.rooms.care.engine.visits.checker import check_plan
from madang.rooms.care.formats.visit_plan import Stop, plan_stops


def only(**weights: Any) -> dict[str, Any]:
    return weights


def test_one_carer_walks_the_street_once() -> None:
    problem, plan, verdict = solved(
        day(
            [patient("p1", 1, [(0, 300)]), patient("p2", 2, [(0, 300)])],
            [carer("c1")],
            line(3),
            cost_components=only(travel_time=2),
        )
    )
    # Out 10 + 10, back 20: forty minutes at two each.
    assert plan.cost == verdict.cost == 80
    assert plan.parts == verdict.parts == {"travel_time": 40}
    assert plan.feasible
    assert verdict.feasible
    assert problem.patients.ids == ("p1", "p2")


def test_simultaneous_visits_begin_together_when_the_later_carer_is_there() -> None:
    double = patient("p1", 2, [(0, 300)], "ab", synchronization={"type": "simultaneous"})
    problem, plan, verdict = solved(
        day([double], [carer("c1", "a"), carer("c2", "b", (50, 400))], line(3), cost_components=only(travel_time=1))
    )
    # The second carer starts at 50 and walks 20.
    assert plan.start.tolist() == [70, 70]
    assert sorted(plan.carer.tolist()) == [0, 1]
    assert (plan.cost, verdict.violations) == (80, ())
    assert plan.cost == verdict.cost
    assert [stop.service for stop in plan_stops(problem, plan)] == ["a", "b"]


def test_sequential_visits_keep_their_gap_though_the_second_carer_is_late() -> None:
    double = patient(
        "p1", 1, [(0, 300)], "ab", synchronization={"type": "sequential", "distance": {"min": 15, "max": 20}}
    )
    _problem, plan, verdict = solved(
        day([double], [carer("c1", "a"), carer("c2", "b", (90, 400))], line(2), cost_components=only(travel_time=1))
    )
    # The second cannot be there before 100, so the first may not begin before 80.
    assert plan.start.tolist() == [80, 100]
    assert verdict.feasible


def test_a_missed_window_is_late_by_its_end_and_a_second_window_is_used() -> None:
    two = patient("p1", 1, [(0, 5), (40, 50)])
    late = patient("p1", 1, [(0, 5)])
    costs = only(travel_time=1, total_tardiness=5, highest_tardiness=3)
    _problem, plan, verdict = solved(day([two], [carer("c1")], line(2), cost_components=costs))
    assert (plan.start.tolist(), plan.cost, verdict.cost) == ([40], 20, 20)
    _problem, plan, verdict = solved(day([late], [carer("c1")], line(2), cost_components=costs))
    # There at 10, five minutes late: 20 + 5 x 5 + 3 x 5.
    assert (plan.start.tolist(), plan.cost, verdict.cost) == ([10], 60, 60)
    ends = day([late], [carer("c1")], line(2), cost_components=costs, time_window_met="at_service_end")
    assert solved(ends)[1].parts["total_tardiness"] == 15


def test_a_carer_leaves_late_rather_than_wait() -> None:
    visits = [patient("p1", 1, [(0, 300)]), patient("p2", 2, [(150, 300)])]
    costs = only(travel_time=1, total_waiting_time=2)
    _problem, plan, verdict = solved(day(visits, [carer("c1")], line(3), cost_components=costs))
    # Held back at the first, the carer comes to the second when it opens: no waiting at all.
    assert (plan.cost, verdict.cost, plan.parts["total_waiting_time"]) == (40, 40, 0)


def test_lunch_lies_in_a_gap_and_is_not_waiting() -> None:
    visits = [patient("p1", 1, [(90, 90)]), patient("p2", 2, [(150, 150)])]
    costs = only(travel_time=1, total_waiting_time=2, total_tardiness=50, missed_lunch_break=30, max_idle_time=1)
    problem, plan, verdict = solved(day(visits, [carer("c1", lunch_break=True)], line(3), cost_components=costs))
    # From 100 at the first to 110 at the second; lunch 110-140, then ten minutes of waiting.
    assert plan.lunch.tolist() == [110]
    assert plan.parts["total_waiting_time"] == verdict.parts["total_waiting_time"] == 10
    assert verdict.parts["missed_lunch_break"] == 0
    # 400 - travel 40 - visits 20 - lunch 30
    assert plan.parts["max_idle_time"] == verdict.parts["max_idle_time"] == 310
    assert [stop.service for stop in plan_stops(problem, plan)] == ["a", "lunch_break", "a"]


def test_lunch_before_the_first_visit_and_after_the_last() -> None:
    costs = only(travel_time=1, missed_lunch_break=30)
    for window, begins in (((160, 170), 130), ((95, 110), 105)):
        _problem, plan, verdict = solved(
            day(
                [patient("p1", 1, [window])],
                [carer("c1", lunch_break=True)],
                line(2),
                cost_components={**costs, "total_tardiness": 9},
            )
        )
        assert verdict.feasible
        assert verdict.parts["missed_lunch_break"] == 0
        assert plan.lunch[0] >= begins
        assert plan.lunch[0] + 30 <= plan.start[0] or plan.lunch[0] >= plan.start[0] + 10


def test_a_dear_patient_is_left_out_and_a_preferred_carer_is_worth_a_way() -> None:
    far = patient("p2", 4, [(0, 300)], optional=True)
    near = patient("p1", 1, [(0, 300)], preferred_caregivers=["c2"])
    costs = only(travel_time=1, caregiver_preferences=7, optional_patients=50)
    _problem, plan, verdict = solved(day([near, far], [carer("c1"), carer("c2")], line(5), cost_components=costs))
    # Going on from the first to the fourth place costs 60 more than leaving out, which costs 50.
    assert plan.carer.tolist() == [1, -1]
    assert np.isnan(plan.start[1])
    assert (plan.cost, verdict.cost) == (70, 70)


def test_parts_that_must_be_zero_come_before_the_cost() -> None:
    visits = [patient("p1", 3, [(0, 30)]), patient("p2", 3, [(0, 30)])]
    must = {"travel_time": 1, "total_tardiness": "HARD", "total_extra_time": "HARD"}
    _problem, plan, verdict = solved(day(visits, [carer("c1"), carer("c2")], line(4), cost_components=must))
    # One carer would walk 60 and be late; two walk 120 and are not.
    assert (plan.cost, plan.broken, verdict.cost, verdict.feasible) == (120, 0, 120, True)
    _problem, plan, verdict = solved(day(visits, [carer("c1")], line(4), cost_components=must))
    assert (plan.broken, plan.feasible, verdict.feasible) == (10, False, False)
    assert [one.code for one in verdict.violations] == ["must_be_zero"]


@pytest.mark.parametrize(
    ("stops", "code"),
    [
        ([("c1", "p1", "a", 10, 20)], "not_served"),
        ([("c1", "p1", "a", 5, 15), ("c2", "p2", "b", 40, 50)], "too_far"),
        ([("c1", "p1", "a", 10, 20), ("c1", "p2", "b", 40, 50)], "skill"),
        ([("c1", "p1", "a", 10, 20), ("c3", "p2", "b", 40, 50)], "incompatible"),
        ([("c1", "p1", "a", 10, 15), ("c2", "p2", "b", 40, 50)], "too_short"),
        ([("c1", "p1", "a", 10, 20), ("c2", "p2", "b", 29, 39)], "too_early"),
        ([("c1", "p1", "a", 10, 20), ("c2", "p2", "b", 40, 50), ("c9", "p2", "b", 40, 50)], "unknown_carer"),
        ([("c1", "p1", "a", 10, 20), ("c2", "p2", "b", 40, 50), ("c1", "p9", "a", 40, 50)], "unknown_patient"),
        ([("c1", "p1", "a", 10, 20), ("c2", "p2", "b", 40, 50), ("c1", "p1", "a", 40, 50)], "wrong_services"),
        ([("c1", "p1", "a", 10, 20), ("c2", "p2", "b", 40, 50), ("c1", "p1", "lunch_break", 120, 150)], "no_break_due"),
        ([("c1", "p1", "a", 10, 20), ("c2", "p2", "b", 40, 50), ("c2", "p2", "lunch_break", 60, 90)], "break_times"),
    ],
)
def test_the_check_finds_each_broken_rule(stops: list[tuple[str, str, str, int, int]], code: str) -> None:
    document = day(
        [patient("p1", 1, [(0, 90)]), patient("p2", 2, [(30, 90)], "b", incompatible_caregivers=["c3"])],
        [carer("c1", "a"), carer("c2", lunch_break=True), carer("c3")],
        line(3),
    )
    plan = [
        Stop(carer=who, patient=where, service=what, start=start, end=end) for who, where, what, start, end in stops
    ]
    assert code in [one.code for one in check_plan("uhhc", document, plan).violations]


@pytest.mark.parametrize(
    ("kind", "second", "code"),
    [
        ({"type": "simultaneous"}, 45, "not_together"),
        ({"type": "sequential", "distance": [10, 20]}, 45, "gap"),
        ({"type": "sequential", "distance": [10, 20]}, 61, "gap"),
        ({"type": "sequential", "distance": [10, 20]}, 60, None),
        ({"type": "independent"}, 45, None),
    ],
)
def test_the_check_knows_double_visits(kind: dict[str, Any], second: int, code: str | None) -> None:
    document = day([patient("p1", 1, [(0, 90)], "ab", synchronization=kind)], [carer("c1"), carer("c2")], line(2))
    stops = [
        Stop(carer="c1", patient="p1", service="a", start=40, end=50),
        Stop(carer="c2", patient="p1", service="b", start=second, end=second + 10),
    ]
    assert [one.code for one in check_plan("uhhc", document, stops).violations] == ([code] if code else [])
    alone = [Stop(carer="c1", patient="p1", service=one.service, start=one.start, end=one.end) for one in stops]
    assert "same_carer" in [one.code for one in check_plan("uhhc", document, alone).violations]
