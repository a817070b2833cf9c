"""The compiled annealing: construct a first plan, try moves at falling temperatures, note the best plan."""

import math

import numpy as np
from numba import njit

from madang.rooms.care.engine.visits.core import (
    CARER,
    CARERS,
    EAT,
    HOLD,
    JOB_FIRST,
    JOBS,
    KEY,
    LEFT_OUT,
    MAX_TARDINESS,
    PART,
    PARTS,
    PATIENT_FIRST,
    PATIENTS,
    QUEUED,
    SIZE,
    VISITS,
    WISH,
    Case,
    Floats,
    Ints,
    State,
    begin,
    keep,
    measure,
    propagate,
    put_in,
    take_out,
    touch,
    undo,
)
from madang.rooms.care.engine.visits.moves import MOVES, Stream, bring_in, draw, propose

# Places in `best_value`: how far rules that must hold are broken, the cost, the steps taken, and how many stood.
BROKEN, COST, STEPS, TAKEN = range(4)


@njit(cache=True, error_model="numpy")
def broken(s: State, must: Floats) -> float:
    """Return how far the rules that must hold are broken."""
    total = 0.0
    for part in range(PARTS):
        total += must[part] * s.floats[part, PART]
    return total


@njit(cache=True, error_model="numpy")
def note_best(c: Case, s: State, weight: Floats, must: Floats, best: Floats, best_value: Floats) -> None:
    """Write the plan down if it is the best so far: first by broken rules, then by cost."""
    far, cost = broken(s, must), 0.0
    for part in range(PARTS):
        cost += weight[part] * s.floats[part, PART]
    if far < best_value[BROKEN] - 1e-9 or (far <= best_value[BROKEN] + 1e-9 and cost < best_value[COST] - 1e-9):
        best_value[BROKEN], best_value[COST] = far, cost
        for j in range(c.ints[JOBS, SIZE]):
            best[0, j], best[1, j] = s.floats[j, KEY], s.floats[j, HOLD]
        for v in range(c.ints[VISITS, SIZE]):
            best[2, v], best[3, v] = s.ints[v, CARER], s.ints[v, EAT]


@njit(cache=True, error_model="numpy")
def renumber(c: Case, s: State) -> None:
    """Spread the keys out again; the order stays."""
    jobs = c.ints[JOBS, SIZE]
    order = np.argsort(s.floats[:jobs, KEY], kind="mergesort")
    for rank in range(jobs):
        s.floats[order[rank], KEY] = float(rank)


@njit(cache=True, error_model="numpy")
def anneal(  # noqa: PLR0913  # compiled: arrays go one by one
    c: Case,
    s: State,
    r: Stream,
    weight: Floats,
    must: Floats,
    shares: Floats,
    plan: Floats,
    best: Floats,
    best_value: Floats,
) -> float:
    """Take steps at temperatures that fall evenly in the logarithm; `plan` = strictness, first and last, steps."""
    full = weight + plan[0] * must
    renumber(c, s)
    begin(s)
    measure(c, s, full)
    energy = propagate(c, s, full)
    keep(s)
    steps = int(plan[3])
    heat, fall = plan[1], (plan[2] / plan[1]) ** (1.0 / steps)
    note_best(c, s, weight, must, best, best_value)
    for _ in range(steps):
        heat *= fall
        chance, kind = draw(r), 0
        while kind < MOVES - 1 and chance >= shares[kind]:
            kind += 1
        begin(s)
        if not propose(c, s, r, kind):
            undo(c, s)
            continue
        limit = energy - heat * math.log(draw(r) + 1e-300)
        if measure(c, s, full) > limit:
            undo(c, s)
            continue
        trial = propagate(c, s, full)
        if trial <= limit:
            keep(s)
            energy = trial
            best_value[TAKEN] += 1
            far = broken(s, must)
            if far <= best_value[BROKEN] + 1e-9 and (
                far < best_value[BROKEN] - 1e-9 or energy - plan[0] * far < best_value[COST] - 1e-9
            ):
                note_best(c, s, weight, must, best, best_value)
        else:
            undo(c, s)
    best_value[STEPS] += steps
    return energy


@njit(cache=True, error_model="numpy")
def construct(c: Case, s: State, r: Stream, weight: Floats, patients: Ints, tries: int) -> bool:
    """Serve patients one after the other, each the cheapest of some random ways; False if one finds no carers."""
    wish, key = np.empty(c.ints[VISITS, SIZE], np.int64), np.empty(c.ints[JOBS, SIZE])
    for patient in patients:
        jobs = range(c.ints[patient, PATIENT_FIRST], c.ints[patient + 1, PATIENT_FIRST])
        first, last = c.ints[jobs.start, JOB_FIRST], c.ints[jobs.stop, JOB_FIRST]
        least, done = np.inf, 0
        for _ in range(100 * tries):
            begin(s)
            for j in jobs:
                take_out(c, s, j)
            if bring_in(c, s, r, jobs.start, jobs.stop):
                measure(c, s, weight)
                energy = propagate(c, s, weight)
                done += 1
                if energy < least:
                    least = energy
                    wish[first:last] = s.ints[first:last, WISH]
                    key[jobs.start : jobs.stop] = s.floats[jobs.start : jobs.stop, KEY]
            undo(c, s)
            if done == tries:
                break
        if done == 0:
            return False
        begin(s)
        for j in jobs:
            take_out(c, s, j)
        s.ints[first:last, WISH] = wish[first:last]
        s.floats[jobs.start : jobs.stop, KEY] = key[jobs.start : jobs.stop]
        for j in jobs:
            put_in(c, s, j)
        s.floats[LEFT_OUT, PART] -= 1.0
        measure(c, s, weight)
        propagate(c, s, weight)
        keep(s)
    return True


@njit(cache=True, error_model="numpy")
def survey(c: Case, s: State, r: Stream, weight: Floats, shares: Floats, draws: int) -> float:
    """Return the mean rise of energy over moves that raise it."""
    begin(s)
    measure(c, s, weight)
    energy = propagate(c, s, weight)
    keep(s)
    rise, count = 0.0, 0
    for _ in range(draws):
        chance, kind = draw(r), 0
        while kind < MOVES - 1 and chance >= shares[kind]:
            kind += 1
        begin(s)
        if propose(c, s, r, kind):
            measure(c, s, weight)
            trial = propagate(c, s, weight)
            if trial > energy:
                rise += trial - energy
                count += 1
        undo(c, s)
    return rise / max(1, count)


@njit(cache=True, error_model="numpy")
def settle_all(c: Case, s: State, weight: Floats) -> None:
    """Settle the day of every carer, so that the parts of the cost are those of the plan as it stands."""
    begin(s)
    for k in range(c.ints[CARERS, SIZE]):
        touch(s, k)
    measure(c, s, weight)
    propagate(c, s, weight)
    keep(s)


@njit(cache=True, error_model="numpy")
def load(c: Case, s: State, genes: Floats, weight: Floats) -> None:
    """Take all jobs out and put them in again by keys, holds, carers and lunches."""
    begin(s)
    jobs = c.ints[JOBS, SIZE]
    for j in range(jobs):
        take_out(c, s, j)
    for j in range(jobs):
        s.ints[j, QUEUED] = 0
    keep(s)
    begin(s)
    for k in range(c.ints[CARERS, SIZE]):
        touch(s, k)
    for j in range(jobs):
        s.floats[j, KEY], s.floats[j, HOLD] = genes[0, j], genes[1, j]
        for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
            s.ints[v, WISH], s.ints[v, EAT] = int(genes[2, v]), int(genes[3, v])
    left_out = 0.0
    for patient in range(c.ints[PATIENTS, SIZE]):
        if genes[2, c.ints[c.ints[patient, PATIENT_FIRST], JOB_FIRST]] < 0:
            left_out += 1.0
            continue
        for j in range(c.ints[patient, PATIENT_FIRST], c.ints[patient + 1, PATIENT_FIRST]):
            put_in(c, s, j)
    s.floats[LEFT_OUT, PART] = left_out
    s.floats[MAX_TARDINESS, PART] = 0.0
    measure(c, s, weight)
    propagate(c, s, weight)
    keep(s)
