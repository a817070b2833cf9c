"""From what both formats of instances have in common to a problem: visits, windows, skills, double visits."""

import math
from dataclasses import dataclass, field

import numpy as np

from madang.numerics.errors import EngineError, InputError, Place
from madang.rooms.care.engine.visits.problem import (
    INDEPENDENT,
    SEQUENTIAL,
    SIMULTANEOUS,
    CarerTable,
    PatientTable,
    Problem,
    Rules,
    VisitTable,
)
from madang.rooms.care.formats.entries import CODE, Entry, known

KINDS = {"simultaneous": SIMULTANEOUS, "sequential": SEQUENTIAL, "independent": INDEPENDENT}


@dataclass(slots=True, kw_only=True)
class Sick:
    """One patient as a file tells."""

    name: str
    place: int
    windows: list[tuple[float, float]]
    visits: list[tuple[str, float]]
    kind: int = INDEPENDENT
    gap: tuple[float, float] = (0.0, 0.0)
    optional: bool = False
    preferred: set[int] = field(default_factory=set)
    barred: set[int] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Staff:
    """One carer as a file tells."""

    name: str
    skills: set[str]
    departs: int = 0
    arrives: int = 0
    shift: tuple[float, float] = (0.0, math.inf)
    lunch: bool = False


def read_together(entry: Entry, visits: int) -> tuple[int, tuple[float, float]]:
    """Return how the visits of a patient depend on one another, and the gap between sequential ones."""
    if not entry.has("synchronization"):
        return INDEPENDENT, (0.0, 0.0)
    together = entry.at("synchronization")
    kind = KINDS[together.at("type").one_of(tuple(KINDS))]
    if kind == SEQUENTIAL and visits != 2:
        raise entry.fail("two visits where they are sequential", found=f"{visits} visits")
    if kind != SEQUENTIAL:
        return kind, (0.0, 0.0)
    distance = together.at("distance")
    if isinstance(distance.value, dict):
        low, high = distance.at("min"), distance.at("max")
    else:
        ends = list(distance.each(least=2))
        if len(ends) != 2:
            raise distance.fail("two numbers, the least and the greatest")
        low, high = ends
    return kind, (low.number(), high.number(low.number()))


def read_window(entry: Entry, start: Entry, end: Entry) -> tuple[float, float]:
    """Return a window that does not end before it starts."""
    first, last = start.number(), end.number()
    if last < first:
        raise entry.fail("a window whose end is not before its start")
    return first, last


def read_travel(entry: Entry, size: int | None) -> list[list[float]]:
    """Return a square table of travel times."""
    rows = list(entry.each(least=1))
    size = size if size is not None else len(rows)
    if len(rows) != size:
        raise entry.fail(f"{size} rows", found=f"{len(rows)} rows")
    table = []
    for row in rows:
        values = [value.number() for value in row.each()]
        if len(values) != size:
            raise row.fail(f"{size} numbers, one a place", found=f"{len(values)} numbers")
        table.append(values)
    return table


def known_carers(entry: Entry, carers: dict[str, int]) -> set[int]:
    """Return the positions of the carers that a list names."""
    return {known(name, carers, "a carer") for name in entry.each()}


def build_problem(
    file: str, day: tuple[str, list[Sick], list[Staff]], travel: list[list[float]], rules: Rules
) -> Problem:
    """Return the problem; times are given in minutes and become ticks.

    Raises
    ------
    InputError
        If nobody may give a visit that has to be given.
    """
    name, sick, staff = day
    tick = rules.ticks
    visits = [(position, service, long) for position, one in enumerate(sick) for service, long in one.visits]
    allowed = [
        [service in carer.skills and k not in sick[p].barred for k, carer in enumerate(staff)]
        for p, service, _ in visits
    ]
    unwanted = [
        [bool(sick[p].preferred) and k not in sick[p].preferred for k in range(len(staff))] for p, _, _ in visits
    ]
    windows = [sorted(one.windows) for one in sick]
    try:
        return Problem(
            name=name,
            visits=VisitTable(
                patient=np.array([p for p, _, _ in visits], np.int64),
                duration=_ticks([long for _, _, long in visits], tick),
                allowed=np.array(allowed, bool),
                unwanted=np.array(unwanted, bool),
                service=tuple(service for _, service, _ in visits),
            ),
            patients=PatientTable(
                ids=tuple(one.name for one in sick),
                place=np.array([one.place for one in sick], np.int64),
                window_first=np.cumsum([0, *(len(some) for some in windows)]).astype(np.int64),
                window_start=_ticks([start for some in windows for start, _ in some], tick),
                window_end=_ticks([end for some in windows for _, end in some], tick),
                optional=np.array([one.optional for one in sick], bool),
                kind=np.array([one.kind for one in sick], np.int64),
                gap_low=_ticks([one.gap[0] for one in sick], tick),
                gap_high=_ticks([one.gap[1] for one in sick], tick),
            ),
            carers=CarerTable(
                ids=tuple(one.name for one in staff),
                shift_start=_ticks([one.shift[0] for one in staff], tick),
                shift_end=_ticks([one.shift[1] for one in staff], tick),
                departs=np.array([one.departs for one in staff], np.int64),
                arrives=np.array([one.arrives for one in staff], np.int64),
                lunch=np.array([one.lunch for one in staff], bool),
                mode=np.zeros(len(staff), np.int64),
            ),
            travel=_ticks(travel, tick)[None],
            rules=rules,
        )
    except EngineError as error:
        raise InputError(
            CODE,
            Place(file=file),
            found=str(error),
            expected="a day that can be planned",
            mend="See the skills of the carers and whom the patient must not have.",
        ) from error


def _ticks(values: list[float] | list[list[float]], tick: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    times = np.array(values, np.float64) * tick
    return times if tick == 1.0 else np.round(times)
