"""Small days of home visits, as documents of the unified format."""

from typing import Any

import pytest

from madang.rooms.care.engine.visits.checker import Verdict, check_plan
from madang.rooms.care.engine.visits.plan import Plan
from madang.rooms.care.engine.visits.problem import Problem
from madang.rooms.care.engine.visits.search import Effort, plan_visits
from madang.rooms.care.formats.entries import Entry
from madang.rooms.care.formats.visit_plan import plan_stops, read_instance

WEIGHTS: dict[str, Any] = {
    "travel_time": 1, "total_tardiness": 5, "highest_tardiness": 3, "total_waiting_time": 2, "total_extra_time": 4,
    "max_idle_time": 1, "caregiver_preferences": 7, "optional_patients": 50, "missed_lunch_break": 30,
}  # fmt: skip


def patient(name: str, place: int, windows: list[tuple[int, int]], services: str = "a", **more: Any) -> dict[str, Any]:
    """Return a patient; services are letters, each of 10 minutes."""
    return {
        "id": name, "distance_matrix_index": place,
        "time_windows": [{"start": start, "end": end} for start, end in windows],
        "required_services": [{"service": letter, "duration": 10} for letter in services], **more,
    }  # fmt: skip


def carer(name: str, skills: str = "ab", shift: tuple[int, int] = (0, 400), **more: Any) -> dict[str, Any]:
    """Return a carer of the only office."""
    return {
        "id": name, "abilities": list(skills), "departing_point": "d", "arrival_point": "d",
        "working_shift": {"start": shift[0], "end": shift[1]}, **more,
    }  # fmt: skip


def day(
    patients: list[dict[str, Any]], carers: list[dict[str, Any]], ways: list[list[int]], **meta: Any
) -> dict[str, Any]:
    """Return an instance of the unified format."""
    return {
        "metadata": {"name": "day", "origin": "own",
            "time_window_met": "at_service_start", "cost_components": WEIGHTS, **meta},
        "distances": ways, "terminal_points": [{"id": "d", "distance_matrix_index": 0}],
        "services": [{"id": letter} for letter in "ab"], "patients": patients, "caregivers": carers,
        "lunch_breaks": {"start": 100, "end": 200, "min_duration": 30},
    }  # fmt: skip


def line(places: int, step: int = 10) -> list[list[int]]:
    """Return ways between places along a street."""
    return [[abs(one - other) * step for other in range(places)] for one in range(places)]


def solved(document: dict[str, Any], steps: int = 4000, seed: int = 1) -> tuple[Problem, Plan, Verdict]:
    """Return problem, plan and what the independent check says of it."""
    form, problem = read_instance(Entry("day.json", "", document))
    plan = plan_visits(problem, Effort(steps=steps, seed=seed))
    return problem, plan, check_plan(form, document, plan_stops(problem, plan))


@pytest.fixture
def street() -> dict[str, Any]:
    """Return four patients along a street, two carers, one double visit, one who may be left out."""
    return day(
        [
            patient("p1", 1, [(0, 60)]),
            patient("p2", 2, [(30, 90)], "ab", synchronization={"type": "simultaneous"}),
            patient("p3", 3, [(60, 160)], "b", preferred_caregivers=["c2"]),
            patient("p4", 4, [(200, 260)], optional=True),
        ],
        [carer("c1"), carer("c2", lunch_break=True), carer("c3", "b")],
        line(5),
    )
