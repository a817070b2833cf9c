"""Reader of the unified home health care format (UHHC): shifts, lunch, windows, preferences, double visits.

References
----------
S. Ceschia and others, unified home healthcare routing and scheduling, International Transactions in Operational
Research, 2025, doi:10.1111/itor.70140.
"""

import math

from madang.rooms.care.engine.visits.problem import PART_NAMES, Problem, Rules
from madang.rooms.care.formats.day import (
    Sick,
    Staff,
    build_problem,
    known_carers,
    read_together,
    read_travel,
    read_window,
)
from madang.rooms.care.formats.entries import Entry, known, positions

# Sets of instances in which a carer leaves at the start of the shift, so that waiting before the first visit counts.
LEAVE_AT_START = ("bazirha", "bazirha-caie")


def read_uhhc(root: Entry) -> Problem:
    """Return the problem of an instance.

    Raises
    ------
    InputError
        Where a member is missing or not what it should be.
    """
    meta = root.at("metadata")
    travel = read_travel(root.at("distances"), None)
    stations = list(root.at("terminal_points").each(least=1))
    places = [station.at("distance_matrix_index").whole(len(travel)) for station in stations]
    ends = positions(stations)
    services = set(positions(list(root.at("services").each(least=1))))
    carers = list(root.at("caregivers").each(least=1))
    names = positions(carers)
    staff = [_carer(carer, ends, places) for carer in carers]
    patients = list(root.at("patients").each(least=1))
    positions(patients)
    sick = [_patient(patient, services, names, len(travel)) for patient in patients]
    rules = _rules(root, meta)
    if any(one.lunch for one in staff) and not root.has("lunch_breaks"):
        raise root.at("lunch_breaks").fail("when lunch breaks lie, since carers have them")
    name = meta.at("name").text() if meta.has("name") else root.file.removesuffix(".json")
    return build_problem(root.file, (name, sick, staff), travel, rules)


def _carer(entry: Entry, ends: dict[str, int], places: list[int]) -> Staff:
    shift = (0.0, math.inf)
    if entry.has("working_shift"):
        span = entry.at("working_shift")
        shift = read_window(span, span.at("start"), span.at("end"))
    return Staff(
        name=entry.at("id").text(), skills={skill.text() for skill in entry.at("abilities").each()},
        departs=places[known(entry.at("departing_point"), ends, "a terminal point")],
        arrives=places[known(entry.at("arrival_point"), ends, "a terminal point")],
        shift=shift, lunch=entry.at("lunch_break").flag() if entry.has("lunch_break") else False,
    )  # fmt: skip


def _patient(entry: Entry, services: set[str], carers: dict[str, int], places: int) -> Sick:
    visits = []
    for visit in entry.at("required_services").each(least=1):
        service = visit.at("service")
        if service.text() not in services:
            raise service.fail("the id of a service of this file")
        visits.append((service.text(), visit.at("duration").number()))
    kind, gap = read_together(entry, len(visits))
    return Sick(
        name=entry.at("id").text(), place=entry.at("distance_matrix_index").whole(places), visits=visits, kind=kind,
        gap=gap,
        windows=[
            read_window(window, window.at("start"), window.at("end"))
            for window in entry.at("time_windows").each(least=1)
        ],
        optional=entry.at("optional").flag() if entry.has("optional") else False,
        preferred=_named(entry, "preferred_caregivers", carers),
        barred=_named(entry, "incompatible_caregivers", carers),
    )  # fmt: skip


def _named(entry: Entry, key: str, carers: dict[str, int]) -> set[int]:
    return known_carers(entry.at(key), carers) if entry.has(key) else set()


def _rules(root: Entry, meta: Entry) -> Rules:
    weights, must = {}, set()
    for name, weight in meta.at("cost_components").members():
        if weight.value is None:
            continue
        if name not in PART_NAMES:
            raise weight.fail("a part of the cost that this engine knows: " + ", ".join(PART_NAMES), found=name)
        if weight.value == "HARD":
            must.add(name)
        else:
            weights[name] = weight.number()
    start, end, least = 0.0, 0.0, 0.0
    if root.has("lunch_breaks"):
        lunch = root.at("lunch_breaks")
        start, end = read_window(lunch, lunch.at("start"), lunch.at("end"))
        least = lunch.at("min_duration").number()
    origin = meta.at("origin").text() if meta.has("origin") else ""
    met = meta.at("time_window_met").one_of(("at_service_start", "at_service_end"))
    return Rules(
        weights=weights, must=frozenset(must), lunch_start=start, lunch_end=end, lunch_min=least,
        met_at_end=met == "at_service_end", leaves_at_start=origin in LEAVE_AT_START,
    )  # fmt: skip
