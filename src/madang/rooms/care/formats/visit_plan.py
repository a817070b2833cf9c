"""Plans of visits in JSON, in the form in which solutions of both sets of instances are published.

A route names its carer and lists locations: a visit with `arrival_time` (its start) and `departure_time` (its end), or
a lunch break with `start_time` and `end_time` at the patient before whose visit it is taken.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from madang.rooms.care.engine.visits.plan import Plan
from madang.rooms.care.engine.visits.problem import Problem
from madang.rooms.care.engine.visits.replan import Previous
from madang.rooms.care.formats.entries import Entry
from madang.rooms.care.formats.mankowska import read_mankowska
from madang.rooms.care.formats.uhhc import read_uhhc

LUNCH = "lunch_break"
READERS = {"mankowska": read_mankowska, "uhhc": read_uhhc}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One visit or lunch break of a carer.

    Attributes
    ----------
    carer, patient, service : str
        As the instance names them; the service of a break is "lunch_break".
    start, end : float
        [min]
    """

    carer: str
    patient: str
    service: str
    start: float
    end: float


def read_instance(root: Entry, form: str | None = None) -> tuple[str, Problem]:
    """Return the form of an instance, told or seen by its members, and the problem."""
    if form is None:
        found = [name for name, key in (("mankowska", "central_offices"), ("uhhc", "terminal_points")) if root.has(key)]
        if not found:
            raise root.fail(
                "an instance of Mankowska (central_offices) or UHHC (terminal_points)",
                mend="Give an instance, or say its form with --format.",
            )
        form = found[0]
    return form, READERS[form](root)


def read_stops(root: Entry) -> list[Stop]:
    """Return the stops of a plan, carer by carer, by start.

    Raises
    ------
    InputError
        Where a member is missing or not what it should be.
    """
    stops = []
    for route in root.at("routes").each():
        carer = route.at("caregiver_id").text()
        if not route.has("locations"):
            continue
        own = [_stop(carer, location) for location in route.at("locations").each()]
        stops += sorted(own, key=lambda stop: (stop.start, stop.end))
    return stops


def _stop(carer: str, entry: Entry) -> Stop:
    start = entry.at("start_time") if entry.has("start_time") else entry.at("arrival_time")
    end = entry.at("end_time") if entry.has("end_time") else entry.at("departure_time")
    service = entry.at("service").text()
    lunch = service == LUNCH and not entry.has("patient")
    return Stop(
        carer=carer, patient="" if lunch else entry.at("patient").text(), service=service, start=start.number(),
        end=end.number(start.number()),
    )  # fmt: skip


def plan_stops(problem: Problem, plan: Plan) -> list[Stop]:
    """Return the stops of a plan that the engine made."""
    tick, stops = problem.rules.ticks, []
    patients, visits = problem.patients, problem.visits
    for k, carer in enumerate(problem.carers.ids):
        own = [
            Stop(
                carer=carer, patient=patients.ids[visits.patient[v]], service=visits.service[v],
                start=plan.start[v] / tick, end=(plan.start[v] + visits.duration[v]) / tick,
            )
            for v in np.flatnonzero(plan.carer == k)[np.argsort(plan.start[plan.carer == k], kind="stable")].tolist()
        ]  # fmt: skip
        if own and not np.isnan(plan.lunch[k]):
            begins, ends = plan.lunch[k] / tick, (plan.lunch[k] + problem.rules.lunch_min) / tick
            place = next((at for at, stop in enumerate(own) if stop.start >= ends), len(own))
            patient = own[min(place, len(own) - 1)].patient
            own.insert(place, Stop(carer=carer, patient=patient, service=LUNCH, start=begins, end=ends))
        stops += own
    return stops


def plan_json(problem: Problem, plan: Plan) -> dict[str, Any]:
    """Return a plan as a JSON document."""
    routes: dict[str, list[dict[str, Any]]] = {carer: [] for carer in problem.carers.ids}
    for stop in plan_stops(problem, plan):
        times = ("start_time", "end_time") if stop.service == LUNCH else ("arrival_time", "departure_time")
        routes[stop.carer].append(
            {"patient": stop.patient, "service": stop.service, times[0]: _plain(stop.start), times[1]: _plain(stop.end)}
        )
    return {
        "instance": problem.name,
        "cost": {"objective": _plain(plan.cost), "violations": 0 if plan.feasible else 1},
        "cost_parts": {name: _plain(value) for name, value in plan.parts.items()},
        "seed": plan.seed,
        "steps": plan.steps,
        "routes": [{"caregiver_id": carer, "locations": stops} for carer, stops in routes.items()],
    }


def _plain(value: float) -> float | int:
    value = round(float(value), 6)
    return int(value) if value.is_integer() else value


def previous_plan(root: Entry, problem: Problem) -> Previous:
    """Return who gives each visit of a problem, and when, by the plan of a file.

    Raises
    ------
    InputError
        If the plan has a carer, or a visit, that the instance has not.
    """
    carers = {name: position for position, name in enumerate(problem.carers.ids)}
    patients = {name: position for position, name in enumerate(problem.patients.ids)}
    carer = np.full(problem.n_visits, -1, np.int64)
    start = np.full(problem.n_visits, np.nan)
    for stop in read_stops(root):
        if stop.service == LUNCH:
            continue
        if stop.carer not in carers:
            raise Entry(root.file, "routes", stop.carer).fail("a carer of the instance")
        visits = problem.visits_of(patients[stop.patient]) if stop.patient in patients else range(0)
        open_visits = [v for v in visits if problem.visits.service[v] == stop.service and carer[v] < 0]
        if not open_visits:
            raise Entry(root.file, "routes", f"{stop.service} at {stop.patient}").fail(
                "visits of the instance, each once"
            )
        carer[open_visits[0]] = carers[stop.carer]
        start[open_visits[0]] = round(stop.start * problem.rules.ticks, 6)
    return Previous(carer=carer, start=start)
