"""What holds whatever the day: check and core agree, the same seed gives the same plan, small optima are found."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.care.visits.conftest import WEIGHTS, carer, day, patient, solved

from madang.numerics.errors import EngineError, InputError
from madang.rooms.care.engine.visits.checker import check_plan
from madang.rooms.care.engine.visits.search import Effort, plan_visits
from madang.rooms.care.formats.entries import Entry, load_json
from madang.rooms.care.formats.visit_plan import Stop, plan_json, plan_stops, previous_plan, read_instance, read_stops


@st.composite
def days(draw: st.DrawFn) -> dict[str, Any]:
    """Return a small day with every rule of the format in it now and then."""
    n, carers = draw(st.integers(1, 6)), draw(st.integers(2, 4))
    names = [f"c{k}" for k in range(carers)]
    spots = draw(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=n + 1, max_size=n + 1))
    ways = [[round(((a - x) ** 2 + (b - y) ** 2) ** 0.5) for x, y in spots] for a, b in spots]
    patients = []
    for position in range(n):
        starts = draw(st.lists(st.integers(0, 250), min_size=1, max_size=2, unique=True))
        more: dict[str, Any] = {"optional": draw(st.booleans())}
        services = draw(st.sampled_from(["a", "b", "ab"]))
        if services == "ab":
            gap = draw(st.integers(0, 40))
            more["synchronization"] = draw(st.sampled_from([
                {"type": "simultaneous"}, {"type": "independent"}, {"type": "sequential", "distance": [gap, gap + 15]},
            ]))  # fmt: skip
        if draw(st.booleans()):
            more["preferred_caregivers"] = [draw(st.sampled_from(names))]
        patients.append(
            patient(f"p{position}", position + 1, [(start, start + 40) for start in starts], services, **more)
        )
    people = [
        carer(name, "ab", (draw(st.integers(0, 60)), draw(st.integers(150, 400))), lunch_break=draw(st.booleans()))
        for name in names
    ]
    costs = {**WEIGHTS, "workload_balance": draw(st.integers(0, 3))}
    for part in draw(st.sets(st.sampled_from(["total_tardiness", "total_extra_time"]))):
        costs[part] = "HARD"
    met = draw(st.sampled_from(["at_service_start", "at_service_end"]))
    origin = draw(st.sampled_from(["own", "bazirha"]))
    return day(patients, people, ways, cost_components=costs, time_window_met=met, origin=origin)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(days(), st.integers(0, 5))
def test_the_check_finds_no_fault_and_the_same_cost(document: dict[str, Any], seed: int) -> None:
    problem, plan, verdict = solved(document, steps=3000, seed=seed)
    assert {one.code for one in verdict.violations} <= {"must_be_zero"}
    assert verdict.feasible == plan.feasible
    assert verdict.cost == pytest.approx(plan.cost)
    assert verdict.parts == pytest.approx(plan.parts)
    # A plan is the same after it was written and read.
    written = Entry("plan.json", "", plan_json(problem, plan))
    assert check_plan("uhhc", document, read_stops(written)).cost == pytest.approx(plan.cost)
    assert previous_plan(written, problem).carer.tolist() == plan.carer.tolist()


@settings(max_examples=15)
@given(days())
def test_the_same_seed_and_steps_give_the_same_plan(document: dict[str, Any]) -> None:
    _problem, one, _ = solved(document, steps=2500, seed=7)
    _problem, other, _ = solved(document, steps=2500, seed=7)
    assert one.cost == other.cost
    assert one.carer.tolist() == other.carer.tolist()
    assert np.array_equal(one.start, other.start, equal_nan=True)
    assert one.steps == other.steps


def least_by_trying(document: dict[str, Any]) -> float:
    """Return the least cost over all assignments and orders, each visit as early as its carer can."""
    names = [one["id"] for one in document["caregivers"]]
    patients, ways = document["patients"], document["distances"]
    least = float("inf")
    for assignment in itertools.product(names, repeat=len(patients)):
        for order in itertools.permutations(range(len(patients))):
            at: dict[str, tuple[int, float]] = dict.fromkeys(names, (0, 0.0))
            stops = []
            for position in order:
                one, name = patients[position], assignment[position]
                place, free = at[name]
                start = max(free + ways[place][position + 1], one["time_windows"][0]["start"])
                stops.append(Stop(carer=name, patient=one["id"], service="a", start=start, end=start + 10))
                at[name] = (position + 1, start + 10)
            verdict = check_plan("uhhc", document, stops)
            if verdict.feasible:
                least = min(least, verdict.cost)
    return least


@pytest.mark.parametrize("seed", range(4))
def test_the_best_of_all_plans_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 60, (5, 2))
    ways = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1)).round().astype(int).tolist()
    starts = rng.integers(0, 80, 4).tolist()
    document = day(
        [patient(f"p{one}", one + 1, [(start, start + 15)]) for one, start in enumerate(starts)],
        [carer("c1"), carer("c2")],
        ways,
        cost_components={"travel_time": 1, "total_tardiness": 2, "highest_tardiness": 1, "workload_balance": 1},
    )
    _problem, plan, verdict = solved(document, steps=20_000)
    assert plan.cost == verdict.cost == least_by_trying(document)


def test_a_search_that_is_cancelled_gives_the_plan_so_far(street: dict[str, Any]) -> None:
    _form, problem = read_instance(Entry("day.json", "", street))
    told: list[float] = []
    effort = Effort(
        steps=10_000_000, progress=lambda share, _cost: told.append(share), cancelled=lambda: len(told) >= 3
    )
    plan = plan_visits(problem, effort)
    assert plan.steps < 1_000_000
    assert told == sorted(told)
    assert check_plan("uhhc", street, plan_stops(problem, plan)).feasible


@pytest.mark.parametrize(
    "effort",
    [
        {},
        {"steps": 0},
        {"steps": 5, "seconds": 1.0},
        {"seconds": 1.0},
        {"seconds": 0.0, "clock": lambda: 0.0},
        {"steps": 1, "seed": -1},
    ],
)
def test_an_effort_that_makes_no_sense_is_refused(effort: dict[str, Any]) -> None:
    with pytest.raises(EngineError):
        Effort(**effort)


FIRST, TOGETHER = "patients[0].required_services[0].", "patients[1].synchronization."

BROKEN = [
    (lambda d: d.pop("patients"), "patients"),
    (lambda d: d["patients"][0].pop("time_windows"), "patients[0].time_windows"),
    (lambda d: d["patients"][0]["time_windows"][0].update(end=-5), "patients[0].time_windows[0].end"),
    (lambda d: d["patients"][0]["time_windows"][0].update(start=99), "patients[0].time_windows[0]"),
    (lambda d: d["patients"][1].update(id="p1"), "patients[1].id"),
    (lambda d: d["patients"][0].update(distance_matrix_index=77), "patients[0].distance_matrix_index"),
    (lambda d: d["patients"][0]["required_services"][0].update(service="z"), FIRST + "service"),
    (lambda d: d["patients"][0]["required_services"][0].update(duration="ten"), FIRST + "duration"),
    (lambda d: d["patients"][0].update(preferred_caregivers=["c9"]), "patients[0].preferred_caregivers[0]"),
    (lambda d: d["patients"][1]["synchronization"].update(type="never"), TOGETHER + "type"),
    (lambda d: d["patients"][1].update(synchronization={"type": "sequential", "distance": [5]}), TOGETHER + "distance"),
    (lambda d: d["caregivers"][0].update(departing_point="q"), "caregivers[0].departing_point"),
    (lambda d: d["caregivers"][0]["working_shift"].update(end=-1), "caregivers[0].working_shift.end"),
    (lambda d: d["distances"][1].pop(), "distances[1]"),
    (lambda d: d["distances"][1].__setitem__(0, -1), "distances[1][0]"),
    (lambda d: d["metadata"]["cost_components"].update(luck=1), "metadata.cost_components.luck"),
    (lambda d: d.pop("lunch_breaks"), "lunch_breaks"),
    (lambda d: d["patients"][0]["required_services"].append({"service": "b", "duration": 1}), None),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "field"), BROKEN)
def test_a_file_that_is_not_right_is_refused_where_it_is_wrong(
    spoil: Any, field: str | None, street: dict[str, Any]
) -> None:
    import copy

    document = copy.deepcopy(street)
    if field is None:
        document["patients"] = document["patients"][:1]
        document["caregivers"] = document["caregivers"][:1]
    spoil(document)
    with pytest.raises(InputError) as refused:
        read_instance(Entry("day.json", "", document))
    assert refused.value.data["field"] == field
    assert refused.value.data["file"] == "day.json"
    assert refused.value.found
    assert refused.value.mend


@pytest.mark.parametrize(("data", "line"), [(b"{\n,", 2), (b"\xff", None), (b'{"a": NaN}', None), (b"[1, 2", 1)])
def test_what_is_no_json_is_refused(data: bytes, line: int | None) -> None:
    with pytest.raises(InputError) as refused:
        load_json(data, "day.json")
    assert refused.value.data["line"] == line
    with pytest.raises(InputError):
        read_instance(Entry("day.json", "", {"what": 1}))


@pytest.mark.peer
def test_small_published_days_are_solved_to_the_best_known(reference_data: Path) -> None:
    for name, cost in (("mankowska/InstanzCPLEX_HCSRP_10_1", 218.199), ("uhhc/bazirha/D1", 769.0)):
        root = load_json((reference_data / "hhcrsp" / f"{name}.json").read_bytes(), name)
        form, problem = read_instance(root)
        plan = plan_visits(problem, Effort(steps=400_000, seed=3))
        verdict = check_plan(form, root.value, plan_stops(problem, plan))
        assert verdict.feasible
        assert verdict.cost == pytest.approx(plan.cost, abs=1e-6)
        assert plan.cost <= cost + 0.01
