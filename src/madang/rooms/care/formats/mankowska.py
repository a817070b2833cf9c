"""Reader of one-day instances of Mankowska, Meisel and Bierwirth in JSON.

Ways are straight lines rounded to a thousandth of a minute, so times are read in thousandths and sums are exact. The
cost is a third of travel, tardiness and the largest tardiness together.

References
----------
D. S. Mankowska, F. Meisel, C. Bierwirth, Health Care Management Science 17, 2014, doi:10.1007/s10729-013-9243-1.
"""

import math

from madang.rooms.care.engine.visits.problem import Problem, Rules
from madang.rooms.care.formats.day import (
    Sick,
    Staff,
    build_problem,
    read_together,
    read_travel,
    read_window,
)
from madang.rooms.care.formats.entries import Entry, positions

RULES = Rules(
    weights={"travel_time": 1.0, "total_tardiness": 1.0, "highest_tardiness": 1.0}, divisor=3000.0, ticks=1000.0
)


def read_mankowska(root: Entry) -> Problem:
    """Return the problem of an instance.

    Raises
    ------
    InputError
        Where a member is missing or not what it should be.
    """
    services = set(positions(list(root.at("services").each(least=1))))
    offices = list(root.at("central_offices").each(least=1))
    patients = list(root.at("patients").each(least=1))
    positions(patients)
    staff = []
    carers = list(root.at("caregivers").each(least=1))
    positions(carers)
    for carer in carers:
        skills = {_service(skill, services) for skill in carer.at("abilities").each()}
        staff.append(Staff(name=carer.at("id").text(), skills=skills))
    sick = [_patient(patient, position + 1, services) for position, patient in enumerate(patients)]
    if root.has("distances"):
        travel = read_travel(root.at("distances"), len(patients) + 1)
    else:
        travel = _straight([_location(offices[0]), *(_location(patient) for patient in patients)])
    name = root.at("name").text() if root.has("name") else root.file.removesuffix(".json")
    return build_problem(root.file, (name, sick, staff), travel, RULES)


def _service(entry: Entry, services: set[str]) -> str:
    name = entry.text()
    if name not in services:
        raise entry.fail("the id of a service of this file")
    return name


def _patient(entry: Entry, place: int, services: set[str]) -> Sick:
    window = entry.at("time_window")
    ends = list(window.each(least=2))
    visits = [
        (_service(visit.at("service"), services), visit.at("duration").number())
        for visit in entry.at("required_caregivers").each(least=1)
    ]
    kind, gap = read_together(entry, len(visits))
    return Sick(
        name=entry.at("id").text(), place=place,
        windows=[read_window(window, ends[0], ends[1])], visits=visits, kind=kind,
        gap=gap,
    )  # fmt: skip


def _location(entry: Entry) -> tuple[float, float]:
    at = list(entry.at("location").each(least=2))
    return at[0].number(-math.inf), at[1].number(-math.inf)


def _straight(places: list[tuple[float, float]]) -> list[list[float]]:
    return [[round(math.dist(one, other), 3) for other in places] for one in places]
