"""The compiled core: a plan as keys and carers, decoded by propagation along the routes.

A *job* is what starts together or in a fixed relation: one visit, a simultaneous group, or a sequential pair. A plan is
encoded as a real key for each job and a carer for each of its visits. A carer's route is its visits by increasing key,
so the jobs in order of key can be timed one after the other: every code decodes to a plan that is feasible in time.
After a change only the jobs that it reaches are timed again, taken from a small queue by key; what they held before is
remembered, so that a change can be taken back.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.int8]

PARTS = 11
TRAVEL, TARDINESS, MAX_TARDINESS, WAITING, EXTRA, MAX_IDLE, ASSIGNMENT, LEFT_OUT, MISSED_LUNCH, BALANCE, MOVED = range(
    PARTS
)

SINGLE, SIMULTANEOUS, SEQUENTIAL = range(3)

# Columns of `Case.ints`, one row a job, visit, patient, carer or window; of `Case.floats`; places in the column RULE.
JOB_FIRST, JOB_KIND, JOB_PATIENT, JOB_PLACE, PATIENT_FIRST, OPTIONAL, WINDOW_FIRST, JOB_OF = range(8)
ABLE_FIRST, DEPARTS, ARRIVES, EATS, MODE, SIZE = range(8, 14)
GAP_LOW, GAP_HIGH, WINDOW_START, WINDOW_END, DURATION, SHIFT_START, SHIFT_END, WAS, RULE = range(9)
LUNCH_FROM, LUNCH_TO, LUNCH_LONG, MET_AT_END, LEAVES_AT_START, LATE_PRICE, WAIT_PRICE, REACH, LEEWAY = range(9)
JOBS, VISITS, PATIENTS, CARERS = range(4)

# Columns of `State.ints`: of a visit, what was there before, of a carer, of the change; places in the column COUNT.
CARER, BEFORE, AFTER, FED, EAT, WISH, OLD_CARER, OLD_FED, OLD_EAT, HEAD, TAIL = range(11)
QUEUE, QUEUED, LOG, IS_LOGGED, TOUCH, IS_TOUCHED, CHANGE, COUNT = range(11, 19)
PENDING, LOGGED, TOUCHED, CHANGED, SCAN = range(5)

# Columns of `State.floats`: of a visit, of a carer, of a job, of the plan; and what was there before the change.
START, TRIP, WAIT, LATE, ARRIVAL, SHIFTED = range(6)
TRIPS, SERVICE, BACK, OVER, IDLE, MISSED, FED_LATE = range(6, 13)
KEY, HOLD, PART = range(13, 16)
OLD_NODE, OLD_TRIPS, OLD_KEY, OLD_HOLD, OLD_PART = 16, 22, 29, 30, 31

NEVER = 1e15


class Case(NamedTuple):
    """What does not change during a search: few arrays, since each is counted at every compiled call."""

    ints: Ints
    floats: Floats
    able: Ints
    near: Ints
    price: Floats
    travel: Floats


class State(NamedTuple):
    """A plan as it stands, its costs, and what the change under trial has overwritten."""

    ints: Ints
    floats: Floats


def empty_state(case: Case) -> State:
    """Return the state in which nobody visits anybody."""
    rows = case.ints.shape[0]
    state = State(ints=np.full((rows, COUNT + 1), -1, np.int64), floats=np.zeros((rows, OLD_PART + 3)))
    for column in (FED, EAT, QUEUED, IS_LOGGED, IS_TOUCHED, COUNT):
        state.ints[:, column] = 0
    state.floats[:, KEY] = np.arange(rows)
    state.floats[LEFT_OUT, PART] = case.ints[PATIENTS, SIZE]
    return state


@njit(cache=True, error_model="numpy")
def begin(s: State) -> None:
    """Start a change: nothing is remembered yet."""
    for place in range(5):
        s.ints[place, COUNT] = 0
    for part in range(PARTS):
        s.floats[part, OLD_PART] = s.floats[part, PART]


@njit(cache=True, error_model="numpy")
def touch(s: State, k: int) -> None:
    """Remember a carer's day before it changes."""
    if s.ints[k, IS_TOUCHED] == 0:
        s.ints[k, IS_TOUCHED] = 1
        s.ints[s.ints[TOUCHED, COUNT], TOUCH] = k
        s.ints[TOUCHED, COUNT] += 1
        for column in range(7):
            s.floats[k, OLD_TRIPS + column] = s.floats[k, TRIPS + column]


@njit(cache=True, error_model="numpy")
def _remember(c: Case, s: State, j: int) -> None:
    if s.ints[j, IS_LOGGED] == 0:
        s.ints[j, IS_LOGGED] = 1
        s.ints[s.ints[LOGGED, COUNT], LOG] = j
        s.ints[LOGGED, COUNT] += 1
        for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
            s.floats[v, OLD_NODE] = s.floats[v, START]
            s.floats[v, OLD_NODE + 1] = s.floats[v, TRIP]
            s.floats[v, OLD_NODE + 2] = s.floats[v, WAIT]
            s.floats[v, OLD_NODE + 3] = s.floats[v, LATE]
            s.floats[v, OLD_NODE + 4] = s.floats[v, ARRIVAL]
            s.floats[v, OLD_NODE + 5] = s.floats[v, SHIFTED]
            s.ints[v, OLD_FED] = s.ints[v, FED]


@njit(cache=True, error_model="numpy")
def _enqueue(s: State, j: int) -> None:
    if s.ints[j, QUEUED] == 0:
        s.ints[j, QUEUED] = 1
        s.ints[s.ints[PENDING, COUNT], QUEUE] = j
        s.ints[PENDING, COUNT] += 1


@njit(cache=True, error_model="numpy")
def _unlink(s: State, v: int) -> None:
    k, before, after = s.ints[v, CARER], s.ints[v, BEFORE], s.ints[v, AFTER]
    if before >= 0:
        s.ints[before, AFTER] = after
    else:
        s.ints[k, HEAD] = after
    if after >= 0:
        s.ints[after, BEFORE] = before
    else:
        s.ints[k, TAIL] = before


@njit(cache=True, error_model="numpy")
def _link(c: Case, s: State, v: int) -> None:
    k, key = s.ints[v, CARER], s.floats[c.ints[v, JOB_OF], KEY]
    before, after = -1, s.ints[k, HEAD]
    while after >= 0 and s.floats[c.ints[after, JOB_OF], KEY] < key:
        before, after = after, s.ints[after, AFTER]
    s.ints[v, BEFORE], s.ints[v, AFTER] = before, after
    if before >= 0:
        s.ints[before, AFTER] = v
    else:
        s.ints[k, HEAD] = v
    if after >= 0:
        s.ints[after, BEFORE] = v
    else:
        s.ints[k, TAIL] = v


@njit(cache=True, error_model="numpy")
def take_out(c: Case, s: State, j: int) -> None:
    """Take a job out of its routes; its visits keep their present carers as a wish."""
    _remember(c, s, j)
    s.ints[s.ints[CHANGED, COUNT], CHANGE] = j
    s.ints[CHANGED, COUNT] += 1
    s.floats[j, OLD_KEY], s.floats[j, OLD_HOLD] = s.floats[j, KEY], s.floats[j, HOLD]
    for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
        k = s.ints[v, CARER]
        s.ints[v, OLD_CARER], s.ints[v, OLD_EAT] = k, s.ints[v, EAT]
        s.ints[v, WISH] = k
        if k < 0:
            continue
        touch(s, k)
        after = s.ints[v, AFTER]
        _unlink(s, v)
        if after >= 0:
            _enqueue(s, c.ints[after, JOB_OF])
        s.floats[k, TRIPS] -= s.floats[v, TRIP]
        s.floats[k, SERVICE] -= c.floats[v, DURATION]
        s.floats[TRAVEL, PART] -= s.floats[v, TRIP]
        s.floats[WAITING, PART] -= s.floats[v, WAIT]
        s.floats[TARDINESS, PART] -= s.floats[v, LATE]
        s.floats[ASSIGNMENT, PART] -= c.price[v, k]
        if s.floats[v, LATE] > 0.0 and s.floats[v, LATE] >= s.floats[MAX_TARDINESS, PART]:
            s.ints[SCAN, COUNT] = 1
        s.floats[MOVED, PART] -= s.floats[v, SHIFTED]
        s.floats[v, TRIP], s.floats[v, WAIT], s.floats[v, LATE], s.floats[v, SHIFTED] = 0.0, 0.0, 0.0, 0.0
        s.ints[v, CARER] = -1


@njit(cache=True, error_model="numpy")
def put_in(c: Case, s: State, j: int) -> None:
    """Put a job into the routes of the carers wished for, where its key says."""
    for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
        k = s.ints[v, WISH]
        s.ints[v, CARER] = k
        touch(s, k)
        _link(c, s, v)
        s.floats[k, SERVICE] += c.floats[v, DURATION]
        s.floats[ASSIGNMENT, PART] += c.price[v, k]
        after = s.ints[v, AFTER]
        if after >= 0:
            _enqueue(s, c.ints[after, JOB_OF])
    _enqueue(s, j)


@njit(cache=True, error_model="numpy")
def measure(c: Case, s: State, weight: Floats) -> float:  # noqa: C901  # compiled: a call would cost more than it tells
    """Measure the new ways of a change, and return an energy that the plan cannot fall below whatever its times are."""
    for at in range(s.ints[PENDING, COUNT]):
        j = s.ints[at, QUEUE]
        _remember(c, s, j)
        place = c.ints[j, JOB_PLACE]
        for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
            k, before = s.ints[v, CARER], s.ints[v, BEFORE]
            if k < 0:
                continue
            start = c.ints[c.ints[before, JOB_OF], JOB_PLACE] if before >= 0 else c.ints[k, DEPARTS]
            more = c.travel[c.ints[k, MODE], start, place] - s.floats[v, TRIP]
            if more != 0.0:
                touch(s, k)
                s.floats[v, TRIP] += more
                s.floats[k, TRIPS] += more
                s.floats[TRAVEL, PART] += more
    for at in range(s.ints[TOUCHED, COUNT]):
        k = s.ints[at, TOUCH]
        v, back = s.ints[k, TAIL], 0.0
        if v >= 0:
            back = c.travel[c.ints[k, MODE], c.ints[c.ints[v, JOB_OF], JOB_PLACE], c.ints[k, ARRIVES]]
        s.floats[TRAVEL, PART] += back - s.floats[k, BACK]
        s.floats[k, BACK] = back
    bound = weight[TRAVEL] * s.floats[TRAVEL, PART] + weight[ASSIGNMENT] * s.floats[ASSIGNMENT, PART]
    bound += weight[LEFT_OUT] * s.floats[LEFT_OUT, PART]
    if weight[BALANCE] > 0.0:
        s.floats[BALANCE, PART] = _imbalance(s, c.ints[CARERS, SIZE])
        bound += weight[BALANCE] * s.floats[BALANCE, PART]
    if weight[MAX_IDLE] > 0.0:
        most = 0.0
        for k in range(c.ints[CARERS, SIZE]):
            busy = s.floats[k, TRIPS] + s.floats[k, BACK] + s.floats[k, SERVICE]
            if c.ints[k, EATS] == 1 and s.ints[k, TAIL] >= 0:
                busy += c.floats[LUNCH_LONG, RULE]
            if c.floats[k, SHIFT_END] < NEVER:
                most = max(most, c.floats[k, SHIFT_END] - c.floats[k, SHIFT_START] - busy)
        bound += weight[MAX_IDLE] * most
    return float(bound)


@njit(cache=True, error_model="numpy")
def _arrive(c: Case, s: State, v: int) -> float:
    k, before = s.ints[v, CARER], s.ints[v, BEFORE]
    if before < 0:
        arrival, fed = c.floats[k, SHIFT_START] + s.floats[v, TRIP], 1 - c.ints[k, EATS]
    else:
        arrival = s.floats[before, START] + c.floats[before, DURATION] + s.floats[v, TRIP]
        fed = s.ints[before, FED]
    s.floats[v, ARRIVAL] = arrival
    if s.ints[v, EAT] == 1 and fed == 0:
        ready = max(arrival, c.floats[LUNCH_FROM, RULE]) + c.floats[LUNCH_LONG, RULE]
        if ready <= c.floats[LUNCH_TO, RULE]:
            return float(ready)
    return float(arrival)


@njit(cache=True, error_model="numpy")
def _lateness(c: Case, window: int, start: float, v: int) -> float:
    return float(max(0.0, start + c.floats[MET_AT_END, RULE] * c.floats[v, DURATION] - c.floats[window, WINDOW_END]))


@njit(cache=True, error_model="numpy")
def _settle(c: Case, j: int, start: float, first: int, last: int) -> float:
    """Return when the visits first..last-1 of a job begin, and in which window, if they may from `start`."""
    window, windows_end = c.ints[j, WINDOW_FIRST], c.ints[j + 1, WINDOW_FIRST]
    start = max(start, c.floats[window, WINDOW_START])
    while window + 1 < windows_end and c.floats[window + 1, WINDOW_START] <= start:
        window += 1
    while window + 1 < windows_end:
        late, later = 0.0, 0.0
        following = c.floats[window + 1, WINDOW_START]
        for v in range(first, last):
            late += _lateness(c, window, start, v)
            later += _lateness(c, window + 1, following, v)
        wait = (following - start) * (last - first)
        if late <= 0.0 or c.floats[LATE_PRICE, RULE] * (late - later) <= c.floats[WAIT_PRICE, RULE] * wait:
            break
        start, window = following, window + 1
    return start


@njit(cache=True, error_model="numpy")
def _record(c: Case, s: State, v: int, start: float) -> None:  # noqa: C901  # compiled: a call would cost more than it tells
    """Write down one visit's time and what follows from it; queue the next visit of the carer where that changed."""
    k, before, arrival = s.ints[v, CARER], s.ints[v, BEFORE], s.floats[v, ARRIVAL]
    j = c.ints[v, JOB_OF]
    window = c.ints[j, WINDOW_FIRST]
    while window + 1 < c.ints[j + 1, WINDOW_FIRST] and c.floats[window + 1, WINDOW_START] <= start:
        window += 1
    late = _lateness(c, window, start, v)
    wait, fed = start - arrival, 1 - c.ints[k, EATS]
    if before >= 0:
        fed = s.ints[before, FED]
    if before < 0 and c.floats[LEAVES_AT_START, RULE] == 0.0:
        wait = 0.0
    elif fed == 0:
        room = min(start, c.floats[LUNCH_TO, RULE]) - max(arrival, c.floats[LUNCH_FROM, RULE])
        if room >= c.floats[LUNCH_LONG, RULE]:
            fed = 1
            wait -= c.floats[LUNCH_LONG, RULE]
    old = s.floats[v, LATE]
    if late != old:
        if old >= s.floats[MAX_TARDINESS, PART]:
            s.ints[SCAN, COUNT] = 1
        s.floats[TARDINESS, PART] += late - old
        s.floats[MAX_TARDINESS, PART] = max(s.floats[MAX_TARDINESS, PART], late)
        s.floats[v, LATE] = late
    if c.floats[v, WAS] >= 0.0:
        shifted = max(0.0, abs(start - c.floats[v, WAS]) - c.floats[LEEWAY, RULE])
        s.floats[MOVED, PART] += shifted - s.floats[v, SHIFTED]
        s.floats[v, SHIFTED] = shifted
    s.floats[WAITING, PART] += wait - s.floats[v, WAIT]
    s.floats[v, WAIT] = wait
    if start != s.floats[v, START] or fed != s.ints[v, FED]:
        s.floats[v, START] = start
        s.ints[v, FED] = fed
        touch(s, k)
        after = s.ints[v, AFTER]
        if after >= 0:
            _enqueue(s, c.ints[after, JOB_OF])


@njit(cache=True, error_model="numpy")
def _time(c: Case, s: State, j: int) -> None:
    first, last = c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]
    if s.ints[first, CARER] < 0:
        return
    _remember(c, s, j)
    if c.ints[j, JOB_KIND] == SEQUENTIAL:
        start = _settle(c, j, max(_arrive(c, s, first), s.floats[j, HOLD]), first, first + 1)
        second = max(_arrive(c, s, first + 1), start + c.floats[j, GAP_LOW])
        second = _settle(c, j, second, first + 1, last)
        _record(c, s, first, max(start, second - c.floats[j, GAP_HIGH]))
        _record(c, s, first + 1, second)
    else:
        start = s.floats[j, HOLD]
        for v in range(first, last):
            start = max(start, _arrive(c, s, v))
        start = _settle(c, j, start, first, last)
        for v in range(first, last):
            _record(c, s, v, start)


@njit(cache=True, error_model="numpy")
def _close(c: Case, s: State, k: int) -> None:
    """Settle the end of a carer's day: the way back, overtime, idle time, lunch."""
    first, v = s.ints[k, HEAD], s.ints[k, TAIL]
    over, idle, missed, fed_late, back = 0.0, 0.0, float(c.ints[k, EATS]), 0.0, s.floats[k, BACK]
    ends = c.floats[k, SHIFT_END]
    if v < 0:
        if ends < NEVER:
            idle = ends - c.floats[k, SHIFT_START]
    else:
        done = s.floats[v, START] + c.floats[v, DURATION]
        lunch = c.floats[LUNCH_LONG, RULE]
        if missed > 0.0:
            room = min(s.floats[first, START], c.floats[LUNCH_TO, RULE]) - max(
                s.floats[first, ARRIVAL], c.floats[LUNCH_FROM, RULE]
            )
            begins = max(done, c.floats[LUNCH_FROM, RULE])
            if s.ints[v, FED] == 1 or room >= lunch:
                missed = 0.0
            elif begins == done and begins + lunch <= min(c.floats[LUNCH_TO, RULE], ends - back):
                missed, fed_late, done = 0.0, 1.0, begins + lunch
        if ends < NEVER:
            over = max(0.0, done + back - ends)
            idle = max(ends, done + back) - c.floats[k, SHIFT_START] - s.floats[k, TRIPS] - back - s.floats[k, SERVICE]
            if c.ints[k, EATS] == 1 and missed == 0.0:
                idle -= lunch
    s.floats[EXTRA, PART] += over - s.floats[k, OVER]
    s.floats[MISSED_LUNCH, PART] += missed - s.floats[k, MISSED]
    s.floats[k, OVER], s.floats[k, IDLE], s.floats[k, MISSED] = over, idle, missed
    s.floats[k, FED_LATE] = fed_late


@njit(cache=True, error_model="numpy")
def propagate(c: Case, s: State, weight: Floats) -> float:
    """Time again whatever the change, once measured, reaches; return the energy of the plan."""
    while s.ints[PENDING, COUNT] > 0:
        last = s.ints[PENDING, COUNT] - 1
        least = 0
        for at in range(1, last + 1):
            if s.floats[s.ints[at, QUEUE], KEY] < s.floats[s.ints[least, QUEUE], KEY]:
                least = at
        j = s.ints[least, QUEUE]
        s.ints[least, QUEUE] = s.ints[last, QUEUE]
        s.ints[PENDING, COUNT] = last
        s.ints[j, QUEUED] = 0
        _time(c, s, j)
    for at in range(s.ints[TOUCHED, COUNT]):
        _close(c, s, s.ints[at, TOUCH])
    if s.ints[SCAN, COUNT] == 1 and weight[MAX_TARDINESS] > 0.0:
        most = 0.0
        for v in range(c.ints[VISITS, SIZE]):
            most = max(most, s.floats[v, LATE])
        s.floats[MAX_TARDINESS, PART] = most
    if weight[MAX_IDLE] > 0.0:
        most = 0.0
        for k in range(c.ints[CARERS, SIZE]):
            most = max(most, s.floats[k, IDLE])
        s.floats[MAX_IDLE, PART] = most
    energy = 0.0
    for part in range(PARTS):
        energy += weight[part] * s.floats[part, PART]
    return energy


@njit(cache=True, error_model="numpy")
def _imbalance(s: State, carers: int) -> float:
    total = 0.0
    for k in range(carers):
        total += s.floats[k, TRIPS] + s.floats[k, BACK] + s.floats[k, SERVICE]
    mean, unfair = total / carers, 0.0
    for k in range(carers):
        off = abs(s.floats[k, TRIPS] + s.floats[k, BACK] + s.floats[k, SERVICE] - mean)
        unfair += np.ceil(off - 1e-9)
    return unfair


@njit(cache=True, error_model="numpy")
def keep(s: State) -> None:
    """Let the change stand."""
    for at in range(s.ints[LOGGED, COUNT]):
        s.ints[s.ints[at, LOG], IS_LOGGED] = 0
    for at in range(s.ints[TOUCHED, COUNT]):
        s.ints[s.ints[at, TOUCH], IS_TOUCHED] = 0


@njit(cache=True, error_model="numpy")
def undo(c: Case, s: State) -> None:  # noqa: C901, PLR0912  # compiled: a call would cost more than it tells
    """Take the change back, timed or not."""
    for at in range(s.ints[PENDING, COUNT]):
        s.ints[s.ints[at, QUEUE], QUEUED] = 0
    for at in range(s.ints[CHANGED, COUNT]):
        j = s.ints[at, CHANGE]
        for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
            if s.ints[v, CARER] >= 0:
                _unlink(s, v)
    for at in range(s.ints[CHANGED, COUNT]):
        j = s.ints[at, CHANGE]
        s.floats[j, KEY], s.floats[j, HOLD] = s.floats[j, OLD_KEY], s.floats[j, OLD_HOLD]
        for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
            s.ints[v, CARER], s.ints[v, EAT] = s.ints[v, OLD_CARER], s.ints[v, OLD_EAT]
    for at in range(s.ints[CHANGED, COUNT]):
        j = s.ints[at, CHANGE]
        for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
            if s.ints[v, CARER] >= 0:
                _link(c, s, v)
    for at in range(s.ints[LOGGED, COUNT]):
        j = s.ints[at, LOG]
        for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
            s.floats[v, START] = s.floats[v, OLD_NODE]
            s.floats[v, TRIP] = s.floats[v, OLD_NODE + 1]
            s.floats[v, WAIT] = s.floats[v, OLD_NODE + 2]
            s.floats[v, LATE] = s.floats[v, OLD_NODE + 3]
            s.floats[v, ARRIVAL] = s.floats[v, OLD_NODE + 4]
            s.floats[v, SHIFTED] = s.floats[v, OLD_NODE + 5]
            s.ints[v, FED] = s.ints[v, OLD_FED]
    for at in range(s.ints[TOUCHED, COUNT]):
        k = s.ints[at, TOUCH]
        for column in range(7):
            s.floats[k, TRIPS + column] = s.floats[k, OLD_TRIPS + column]
    for part in range(PARTS):
        s.floats[part, PART] = s.floats[part, OLD_PART]
    keep(s)
