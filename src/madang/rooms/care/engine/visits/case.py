"""From a problem to the arrays that the compiled core walks."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from madang.rooms.care.engine.visits import core
from madang.rooms.care.engine.visits.problem import INDEPENDENT, PART_NAMES, Problem

IMPOSSIBLE = 1e18
NEAREST = 24

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a plan should keep of an earlier one.

    Attributes
    ----------
    price : ndarray of float64, shape (n_visits, n_carers)
        Added to the cost where a carer gives a visit.
    was : ndarray of float64, shape (n_visits,)
        When a visit was to begin [ticks]; below 0 where that does not matter.
    leeway, moved_price : float
        A start that moves by more than the leeway [ticks] costs the price for each tick beyond.
    """

    price: Floats
    was: Floats
    leeway: float
    moved_price: float


def build_case(problem: Problem, wishes: Wishes | None = None) -> core.Case:
    """Return the arrays that the compiled core walks."""
    patients, visits, carers, rules = problem.patients, problem.visits, problem.carers, problem.rules
    job_patient, first, kind, patient_first = [], [0], [], [0]
    for patient in range(len(patients.ids)):
        group = problem.visits_of(patient)
        split = patients.kind[patient] == INDEPENDENT or len(group) == 1
        for size in [1] * len(group) if split else [len(group)]:
            job_patient.append(patient)
            first.append(first[-1] + size)
            kind.append(core.SINGLE if split else int(patients.kind[patient]))
        patient_first.append(len(job_patient))
    owner = np.array(job_patient, np.int64)
    windows = [range(patients.window_first[p], patients.window_first[p + 1]) for p in job_patient]
    spread = np.array([window for span in windows for window in span], np.int64)
    price = np.where(visits.unwanted, rules.weights.get("caregiver_preferences", 0.0), 0.0)
    if wishes is not None:
        price = price + wishes.price
    allowed = visits.allowed
    if "caregiver_preferences" in rules.must:
        allowed = allowed & ~visits.unwanted
    price = np.where(allowed, price, IMPOSSIBLE)
    able = [np.flatnonzero(row) for row in allowed]
    late = 1e6 if "total_tardiness" in rules.must else rules.weights.get("total_tardiness", 0.0)
    wait = rules.weights.get("total_waiting_time", 0.0)
    widths = patients.window_end - patients.window_start
    width = max(len(spread), problem.n_visits, len(carers.ids), len(owner), len(patients.ids)) + 16
    ints, floats = np.zeros((width, core.SIZE + 1), np.int64), np.zeros((width, core.RULE + 1))
    tables: tuple[tuple[npt.NDArray[Any], dict[int, Any]], ...] = (
        (ints, {
            core.JOB_FIRST: first, core.JOB_KIND: kind, core.JOB_PATIENT: owner, core.JOB_PLACE: patients.place[owner],
            core.PATIENT_FIRST: patient_first, core.OPTIONAL: patients.optional,
            core.WINDOW_FIRST: np.cumsum([0, *(len(span) for span in windows)]),
            core.JOB_OF: np.repeat(np.arange(len(owner)), np.diff(first)),
            core.ABLE_FIRST: np.cumsum([0, *(len(row) for row in able)]), core.DEPARTS: carers.departs,
            core.ARRIVES: carers.arrives, core.EATS: carers.lunch, core.MODE: carers.mode,
            core.SIZE: [len(owner), problem.n_visits, len(patients.ids), len(carers.ids)],
        }),
        (floats, {
            core.GAP_LOW: patients.gap_low[owner], core.GAP_HIGH: patients.gap_high[owner],
            core.WINDOW_START: patients.window_start[spread], core.WINDOW_END: patients.window_end[spread],
            core.DURATION: visits.duration, core.SHIFT_START: carers.shift_start,
            core.SHIFT_END: np.minimum(carers.shift_end, core.NEVER),
            core.WAS: np.full(problem.n_visits, -1.0) if wishes is None else wishes.was,
            core.RULE: [
                rules.lunch_start, rules.lunch_end, rules.lunch_min, rules.met_at_end, rules.leaves_at_start,
                late, wait + 0.02 * late + 1e-6, 1.0 + float(np.median(widths)) / 2,
                0.0 if wishes is None else wishes.leeway,
            ],
        }),
    )  # fmt: skip
    for table, rows in tables:
        for row, values in rows.items():
            table[: len(values), row] = values
    return core.Case(
        ints=ints, floats=floats, able=np.concatenate(able).astype(np.int64), near=_near_jobs(problem, owner),
        price=np.ascontiguousarray(price, np.float64), travel=np.ascontiguousarray(problem.travel, np.float64),
    )  # fmt: skip


def _near_jobs(problem: Problem, owner: Ints) -> Ints:
    """Return for each job those nearest to it in travel and time, the nearest first."""
    patients = problem.patients
    first = patients.window_first[:-1]
    opens, closes = patients.window_start[first][owner], patients.window_end[patients.window_first[1:] - 1][owner]
    duration = np.array([problem.visits.duration[problem.visits_of(p).start] for p in range(len(first))])[owner]
    travel = problem.travel[0][np.ix_(patients.place[owner], patients.place[owner])]
    ready = opens[:, None] + duration[:, None] + travel
    after = travel + np.maximum(0.0, opens[None, :] - closes[:, None] - duration[:, None] - travel)
    after += np.maximum(0.0, ready - closes[None, :])
    distance = np.minimum(after, after.T)
    np.fill_diagonal(distance, np.inf)
    count = max(1, min(NEAREST, len(owner) - 1))
    return np.ascontiguousarray(np.argsort(distance, axis=1, kind="stable")[:, :count].astype(np.int64))


def weights_of(problem: Problem, wishes: Wishes | None = None) -> tuple[Floats, Floats]:
    """Return the price of each part of the cost, and which parts have to be 0."""
    rules = problem.rules
    weight = np.array([*(rules.weights.get(name, 0.0) for name in PART_NAMES), wishes.moved_price if wishes else 0.0])
    # Visits by carers who are not preferred have their price in the table of (visit, carer) or are ruled out there.
    weight[core.ASSIGNMENT] = 1.0
    must = np.array([*(float(name in rules.must) for name in PART_NAMES), 0.0])
    must[core.ASSIGNMENT] = 0.0
    return weight, must
