"""What three rooms compute: worked by hand, and properties that hold whatever the numbers."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.measures import (
    dongs_deciding,
    dongs_deciding_json,
    heard_in_time,
    heard_in_time_json,
)
from madang.rooms.care.engine.elders import elders_alone, elders_alone_json
from madang.rooms.climate.engine.homes import is_uncooled, most_exposed, uncooled_homes_json, use_json
from madang.rooms.health.engine.profile import (
    published_share_json,
    several_conditions,
    several_conditions_json,
)
from madang.rooms.projects.engine.punctuality import in_time, in_time_json

DAY = date(2026, 11, 23)
COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=20)


def days(count: int) -> date:
    return DAY - timedelta(days=count)


def test_elders_alone_by_hand() -> None:
    found = elders_alone(np.array([100, 40, 70]), np.array([20, 4, 25]), found=2)
    assert found.most.tolist() == [2, 0]
    assert found.total_percent == pytest.approx(100 * 49 / 210)


@given(COUNTS, st.integers(1, 4), st.integers(2, 30))
def test_only_what_may_be_named_is_named(counts: list[tuple[int, int]], found: int, threshold: int) -> None:
    elders = np.array([max(pair) for pair in counts])
    alone = np.array([min(pair) for pair in counts])
    most = elders_alone(elders, alone, found=found, threshold=threshold).most
    assert len(most) == min(found, int((alone >= threshold).sum()))
    assert all(alone[at] >= threshold for at in most)
    assert sorted(alone[most].tolist(), reverse=True) == alone[most].tolist()
    assert len(most) == 0 or alone[most[0]] == alone.max()


def test_uncooled_homes_by_hand() -> None:
    spring, summer = np.full((4, 12), 100.0), np.array([124.0, 125.0, 99.0, 300.0])
    spring[:, 6:8] = summer[:, None]
    assert is_uncooled(spring).tolist() == [True, False, True, False]
    assert most_exposed(np.array([9, 9]), np.array([4, 6])).most.tolist() == [1]
    with pytest.raises(EngineInputError):
        is_uncooled(np.zeros((3, 11)))


def test_several_conditions_by_hand() -> None:
    # Two groups with district rates 0.1 and 0.5; the first dong is old, which explains what it has.
    persons = np.array([[100, 300], [300, 100]])
    cases = np.array([[10, 150], [30, 50]])
    found = several_conditions(persons, cases)
    assert found.expected.tolist() == [160.0, 80.0]
    assert found.ratio.tolist() == [1.0, 1.0]
    assert found.above.tolist() == []


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 400)), min_size=2, max_size=12))
def test_expected_cases_add_up_to_those_observed(pairs: list[tuple[int, int]]) -> None:
    persons = np.array([[person, person + 7] for person, _case in pairs])
    cases = np.array([[min(case, person), min(case // 2, person)] for person, case in pairs])
    found = several_conditions(persons, cases)
    assert found.expected.sum() == pytest.approx(found.observed.sum())
    known = found.expected > 0
    assert (found.low[known] <= found.ratio[known]).all()
    assert (found.ratio[known] <= found.high[known]).all()
    order = np.arange(len(pairs))[::-1]
    turned = several_conditions(persons[order], cases[order])
    assert turned.ratio[known[order]].tolist() == pytest.approx(found.ratio[order][known[order]].tolist())


def test_limits_are_near_the_exact_ones() -> None:
    counts = np.array([5, 20, 100, 1000])
    persons = np.column_stack((np.full(4, 10_000),))
    found = several_conditions(persons, counts[:, None])
    alpha = 2 * stats.norm.sf(2.576)
    exact_low = stats.chi2.ppf(alpha / 2, 2 * counts) / 2
    exact_high = stats.chi2.ppf(1 - alpha / 2, 2 * counts + 2) / 2
    assert found.low * found.expected == pytest.approx(exact_low, rel=0.05)
    assert found.high * found.expected == pytest.approx(exact_high, rel=0.02)


def test_reports_heard_in_time_by_hand() -> None:
    reports = [
        (days(20), days(14)),  # six days: in time
        (days(20), days(12)),  # eight days: late
        (days(8), None),  # its days are over
        (days(7), None),  # its last day
        (days(0), days(0)),
        (DAY + timedelta(days=1), None),  # not known yet
        (days(20), DAY + timedelta(days=1)),  # nothing known yet, and its days are over
    ]
    share = heard_in_time(reports, DAY)
    assert (share.part, share.whole) == (2, 5)
    assert heard_in_time([], DAY).percent is None


def test_dongs_and_milestones_by_hand() -> None:
    assert dongs_deciding(["a", "b", "c", "d"], ["b", "b", "x"]).percent == 25.0
    assert in_time([(days(3), days(3)), (days(3), days(2)), (days(0), None), (days(1), None)], DAY) == (1, 3)


@pytest.mark.parametrize(
    ("function", "good", "field"),
    [
        (elders_alone_json, {"dongs": [["a", 10, 6], ["b", 9, 2]]}, "percent"),
        (uncooled_homes_json, {"dongs": [["a", 10, 6], ["b", 9, 2]]}, "uncooled"),
        (use_json, {"persons": 4, "electricity_kwh": 4800.0}, "kwh_a_resident"),
        (several_conditions_json, {"dongs": [["a", [10, 10], [1, 2]], ["b", [9, 9], [3, 3]]]}, "above"),
        (published_share_json, {"dongs": ["a", "b"], "published": ["b"]}, "percent"),
        (heard_in_time_json, {"as_of": "2026-11-23", "reports": [["2026-11-01", None]]}, "percent"),
        (dongs_deciding_json, {"dongs": ["a"], "deciding": []}, "percent"),
        (in_time_json, {"as_of": "2026-11-23", "milestones": [["2026-11-01", "2026-11-01"]]}, "percent"),
    ],
)
def test_json_forms_answer_and_refuse(function: object, good: dict[str, object], field: str) -> None:
    assert callable(function)
    answer = function(good, {}, None)
    assert field in answer
    assert json.loads(json.dumps(answer)) == answer
    for broken in ({}, {**good, next(iter(good)): None}, None, []):
        with pytest.raises(EngineInputError):
            function(broken, {}, None)


@pytest.mark.parametrize("elders", [[1, 2, 3], [1]])
def test_counts_that_do_not_fit_are_refused(elders: list[int]) -> None:
    with pytest.raises(EngineInputError):
        elders_alone(np.array(elders), np.array([5, 5]))
    with pytest.raises(EngineInputError):
        most_exposed(np.array([1, 1]), np.array([2, 0]))
    with pytest.raises(EngineInputError):
        several_conditions(np.array([[1]]), np.array([[2]]))
