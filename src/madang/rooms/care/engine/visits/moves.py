"""The compiled moves: what one step of the annealing may change in a plan."""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from madang.rooms.care.engine.visits.core import (
    ABLE_FIRST,
    AFTER,
    BEFORE,
    CARER,
    CHANGE,
    CHANGED,
    COUNT,
    EAT,
    EATS,
    GAP_LOW,
    HEAD,
    HOLD,
    JOB_FIRST,
    JOB_KIND,
    JOB_OF,
    JOB_PATIENT,
    JOBS,
    KEY,
    LEFT_OUT,
    OPTIONAL,
    PART,
    PATIENT_FIRST,
    PATIENTS,
    REACH,
    RULE,
    SEQUENTIAL,
    SIZE,
    START,
    VISITS,
    WAIT,
    WINDOW_END,
    WINDOW_FIRST,
    WINDOW_START,
    WISH,
    Case,
    State,
    put_in,
    take_out,
)

Stream = npt.NDArray[np.uint64]

# Places in the table of shares of moves.
RELOCATE, SWAP, TAILS, TURN, SEGMENT, WAIT_UNTIL, LUNCH, SERVE = range(8)
MOVES = 8
SPAN = 12


@njit(cache=True, error_model="numpy")
def draw(r: Stream) -> float:
    """Return the next number in [0, 1) of the stream (xorshift64)."""
    x = r[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    r[0] = x
    return float(x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, error_model="numpy")
def below(r: Stream, n: int) -> int:
    """Return a whole number in 0..n-1."""
    return min(int(draw(r) * n), n - 1)


@njit(cache=True, error_model="numpy")
def free_for(c: Case, s: State, v: int, k: int) -> bool:
    """Say whether no other visit at the same patient has this carer, by the wishes of jobs that are out."""
    patient = c.ints[c.ints[v, JOB_OF], JOB_PATIENT]
    first, last = (
        c.ints[c.ints[patient, PATIENT_FIRST], JOB_FIRST],
        c.ints[c.ints[patient + 1, PATIENT_FIRST], JOB_FIRST],
    )
    for w in range(first, last):
        if w != v and (s.ints[w, CARER] == k or (s.ints[w, CARER] < 0 and s.ints[w, WISH] == k)):
            return False
    return True


@njit(cache=True, error_model="numpy")
def gap_at(c: Case, s: State, k: int, time: float) -> tuple[float, float]:
    """Return the keys between which a visit at about this time falls in a carer's route."""
    before, after = -1, s.ints[k, HEAD]
    while after >= 0 and s.floats[after, START] <= time:
        before, after = after, s.ints[after, AFTER]
    low = s.floats[c.ints[before, JOB_OF], KEY] if before >= 0 else -1e300
    high = s.floats[c.ints[after, JOB_OF], KEY] if after >= 0 else 1e300
    return low, high


@njit(cache=True, error_model="numpy")
def set_key(s: State, r: Stream, j: int, low: float, high: float) -> None:
    """Put a job's key between two others; where it is there already, leave it."""
    if low < s.floats[j, KEY] < high:
        return
    if low < -1e299:
        low = high - 1.0
    elif high > 1e299:
        high = low + 1.0
    s.floats[j, KEY] = low + (high - low) * (0.02 + 0.96 * draw(r))


@njit(cache=True, error_model="numpy")
def aim(c: Case, s: State, r: Stream, j: int) -> float:
    """Return a time at which a job might begin: near where it is, or anywhere in one of its windows."""
    if draw(r) < 0.5:
        v = c.ints[j, JOB_FIRST]
        return float(s.floats[v, START] + (draw(r) + draw(r) - 1.0) * c.floats[REACH, RULE])
    windows = c.ints[j + 1, WINDOW_FIRST] - c.ints[j, WINDOW_FIRST]
    window = c.ints[j, WINDOW_FIRST] + below(r, windows)
    start, end = c.floats[window, WINDOW_START], c.floats[window, WINDOW_END]
    return float(start + draw(r) * (end - start))


@njit(cache=True, error_model="numpy")
def place_job(c: Case, s: State, r: Stream, j: int, time: float) -> None:
    """Give a job that is out a key so that its visits fall at about this time in the routes wished for."""
    low, high = -1e300, 1e300
    for v in range(c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]):
        at = time
        if c.ints[j, JOB_KIND] == SEQUENTIAL and v > c.ints[j, JOB_FIRST]:
            at += c.floats[j, GAP_LOW]
        if s.ints[v, WISH] < 0:
            continue
        before, after = gap_at(c, s, s.ints[v, WISH], at)
        if max(low, before) < min(high, after):
            low, high = max(low, before), min(high, after)
    if low > -1e299 or high < 1e299:
        set_key(s, r, j, low, high)


@njit(cache=True, error_model="numpy")
def another_carer(c: Case, s: State, r: Stream, v: int) -> int:
    """Return a carer who may give a visit, drawn from all of them; -1 where the draw does not fit."""
    first, last = c.ints[v, ABLE_FIRST], c.ints[v + 1, ABLE_FIRST]
    k = c.able[first + below(r, last - first)]
    return k if free_for(c, s, v, k) else -1


@njit(cache=True, error_model="numpy")
def close_visit(c: Case, s: State, r: Stream, j: int) -> int:
    """Return a visit that lies near a job in place and time; -1 where the draw is of one left out."""
    other = c.near[j, below(r, c.near.shape[1])]
    if other == j:
        return -1
    w = c.ints[other, JOB_FIRST] + below(r, c.ints[other + 1, JOB_FIRST] - c.ints[other, JOB_FIRST])
    return w if s.ints[w, CARER] >= 0 else -1


@njit(cache=True, error_model="numpy")
def relocate(c: Case, s: State, r: Stream) -> bool:
    """Give a job another time in the routes, mostly with another carer: beside a visit close by, or anywhere."""
    j = below(r, c.ints[JOBS, SIZE])
    first, last = c.ints[j, JOB_FIRST], c.ints[j + 1, JOB_FIRST]
    if s.ints[first, CARER] < 0:
        return False
    time, near, v = aim(c, s, r, j), -1, first + below(r, last - first)
    if draw(r) < 0.7:
        near = close_visit(c, s, r, j)
        if near < 0 or c.price[v, s.ints[near, CARER]] > 1e17:
            return False
        time = s.floats[near, START] - (1e-6 if draw(r) < 0.5 else 0.0)
    take_out(c, s, j)
    if near >= 0:
        k = s.ints[near, CARER]
        if not free_for(c, s, v, k):
            return False
        s.ints[v, WISH] = k
    elif draw(r) < 0.8:
        k = another_carer(c, s, r, v)
        if k < 0:
            return False
        s.ints[v, WISH] = k
    if last - first > 1 and draw(r) < 0.2:
        w = first + below(r, last - first)
        k = another_carer(c, s, r, w)
        if k < 0:
            return False
        s.ints[w, WISH] = k
    place_job(c, s, r, j, time)
    put_in(c, s, j)
    return True


@njit(cache=True, error_model="numpy")
def swap(c: Case, s: State, r: Stream) -> bool:
    """Let two visits exchange carers, and mostly their places in the routes: the first comes beside one close by."""
    v = below(r, c.ints[VISITS, SIZE])
    own, i = s.ints[v, CARER], c.ints[v, JOB_OF]
    if own < 0:
        return False
    w = close_visit(c, s, r, i)
    if w >= 0 and draw(r) < 0.8:
        w = s.ints[w, AFTER] if draw(r) < 0.5 else s.ints[w, BEFORE]
    if w < 0:
        return False
    k, j = s.ints[w, CARER], c.ints[w, JOB_OF]
    if k == own or i == j or c.price[w, own] > 1e17 or c.price[v, k] > 1e17:
        return False
    time_i, time_j = s.floats[c.ints[i, JOB_FIRST], START], s.floats[c.ints[j, JOB_FIRST], START]
    take_out(c, s, i)
    take_out(c, s, j)
    s.ints[v, WISH], s.ints[w, WISH] = -1, -1
    if not (free_for(c, s, v, k) and free_for(c, s, w, own)):
        return False
    s.ints[v, WISH], s.ints[w, WISH] = k, own
    if draw(r) < 0.7:
        if c.ints[i + 1, JOB_FIRST] - c.ints[i, JOB_FIRST] + c.ints[j + 1, JOB_FIRST] - c.ints[j, JOB_FIRST] == 2:
            s.floats[i, KEY], s.floats[j, KEY] = s.floats[j, KEY], s.floats[i, KEY]
        else:
            place_job(c, s, r, i, time_j if draw(r) < 0.5 else time_i)
            place_job(c, s, r, j, time_i if draw(r) < 0.5 else time_j)
    put_in(c, s, i)
    put_in(c, s, j)
    return True


@njit(cache=True, error_model="numpy")
def _fits(c: Case, s: State, v: int, k: int) -> bool:
    """Say whether a visit may pass to a carer, other visits at its patient staying where they are."""
    if c.price[v, k] > 1e17:
        return False
    patient = c.ints[c.ints[v, JOB_OF], JOB_PATIENT]
    for w in range(
        c.ints[c.ints[patient, PATIENT_FIRST], JOB_FIRST], c.ints[c.ints[patient + 1, PATIENT_FIRST], JOB_FIRST]
    ):
        if w != v and s.ints[w, CARER] == k:
            return False
    return True


@njit(cache=True, error_model="numpy")
def _pass_on(c: Case, s: State, v: int, k: int) -> None:
    """Take the job of a visit out, if it is not out yet, and wish another carer for this visit."""
    j = c.ints[v, JOB_OF]
    if s.ints[v, CARER] >= 0:
        take_out(c, s, j)
    s.ints[v, WISH] = k


@njit(cache=True, error_model="numpy")
def tails(c: Case, s: State, r: Stream) -> bool:
    """Let two carers exchange all their visits from about a time on."""
    v = below(r, c.ints[VISITS, SIZE])
    one = s.ints[v, CARER]
    if one < 0:
        return False
    w = close_visit(c, s, r, c.ints[v, JOB_OF])
    if w < 0 or s.ints[w, CARER] == one:
        return False
    other = s.ints[w, CARER]
    if draw(r) < 0.7:
        w = s.ints[w, AFTER]
    chosen = np.empty(2 * SPAN, np.int64)
    count = 0
    for start, target in ((v, other), (w, one)):
        at = start
        while at >= 0:
            if count == 2 * SPAN or not _fits(c, s, at, target):
                return False
            chosen[count] = at
            count += 1
            at = s.ints[at, AFTER]
    owners = np.empty(2 * SPAN, np.int64)
    for at in range(count):
        owners[at] = s.ints[chosen[at], CARER]
    for at in range(count):
        _pass_on(c, s, chosen[at], other if owners[at] == one else one)
    for at in range(s.ints[CHANGED, COUNT]):
        put_in(c, s, s.ints[at, CHANGE])
    return True


@njit(cache=True, error_model="numpy")
def turn(c: Case, s: State, r: Stream) -> bool:
    """Let a job change places with one that follows it soon in a route."""
    v = below(r, c.ints[VISITS, SIZE])
    if s.ints[v, CARER] < 0:
        return False
    w = s.ints[v, AFTER]
    if w >= 0 and s.ints[w, AFTER] >= 0 and draw(r) < 0.4:
        w = s.ints[w, AFTER]
    if w < 0:
        return False
    j, low = c.ints[v, JOB_OF], s.floats[c.ints[w, JOB_OF], KEY]
    high = s.floats[c.ints[s.ints[w, AFTER], JOB_OF], KEY] if s.ints[w, AFTER] >= 0 else 1e300
    if draw(r) < 0.5:
        j, high = c.ints[w, JOB_OF], s.floats[c.ints[v, JOB_OF], KEY]
        low = s.floats[c.ints[s.ints[v, BEFORE], JOB_OF], KEY] if s.ints[v, BEFORE] >= 0 else -1e300
    take_out(c, s, j)
    set_key(s, r, j, low, high)
    put_in(c, s, j)
    return True


@njit(cache=True, error_model="numpy")
def segment(c: Case, s: State, r: Stream) -> bool:
    """Pass two or three visits that follow one another to another carer, at about the same time."""
    v = below(r, c.ints[VISITS, SIZE])
    own = s.ints[v, CARER]
    if own < 0:
        return False
    near = close_visit(c, s, r, c.ints[v, JOB_OF])
    if near < 0 or s.ints[near, CARER] == own:
        return False
    k = s.ints[near, CARER]
    length = 2 + below(r, 2)
    chosen = np.empty(3, np.int64)
    count, at = 0, v
    while at >= 0 and count < length:
        if not _fits(c, s, at, k):
            return False
        chosen[count] = at
        count += 1
        at = s.ints[at, AFTER]
    if count < 2:
        return False
    for at in range(count):
        _pass_on(c, s, chosen[at], k)
    for at in range(s.ints[CHANGED, COUNT]):
        put_in(c, s, s.ints[at, CHANGE])
    return True


@njit(cache=True, error_model="numpy")
def hold(c: Case, s: State, r: Stream) -> bool:
    """Change the time before which a job must not begin: none, a window's start, or so that a wait after it is gone."""
    j = below(r, c.ints[JOBS, SIZE])
    v = c.ints[j, JOB_FIRST] + below(r, c.ints[j + 1, JOB_FIRST] - c.ints[j, JOB_FIRST])
    if s.ints[v, CARER] < 0:
        return False
    chance, until = draw(r), 0.0
    if chance < 0.25:
        windows = c.ints[j + 1, WINDOW_FIRST] - c.ints[j, WINDOW_FIRST]
        until = c.floats[c.ints[j, WINDOW_FIRST] + below(r, windows), WINDOW_START]
    elif chance < 0.7:
        after = s.ints[v, AFTER]
        if after < 0 or s.floats[after, WAIT] <= 0.0:
            return False
        until = s.floats[c.ints[j, JOB_FIRST], START] + s.floats[after, WAIT] * (1.0 if draw(r) < 0.6 else draw(r))
        until = math.floor(until)
    elif s.floats[j, HOLD] == 0.0:
        return False
    take_out(c, s, j)
    s.floats[j, HOLD] = until
    put_in(c, s, j)
    return True


@njit(cache=True, error_model="numpy")
def lunch(c: Case, s: State, r: Stream) -> bool:
    """Ask, or no longer ask, that a carer eats right before a visit."""
    v = below(r, c.ints[VISITS, SIZE])
    k = s.ints[v, CARER]
    if k < 0 or c.ints[k, EATS] == 0:
        return False
    take_out(c, s, c.ints[v, JOB_OF])
    s.ints[v, EAT] = 1 - s.ints[v, EAT]
    put_in(c, s, c.ints[v, JOB_OF])
    return True


@njit(cache=True, error_model="numpy")
def serve(c: Case, s: State, r: Stream) -> bool:
    """Leave out a patient who may be left out, or take one in who is."""
    patient = below(r, c.ints[PATIENTS, SIZE])
    if c.ints[patient, OPTIONAL] == 0:
        return False
    jobs = range(c.ints[patient, PATIENT_FIRST], c.ints[patient + 1, PATIENT_FIRST])
    leave = s.ints[c.ints[jobs.start, JOB_FIRST], CARER] >= 0
    for j in jobs:
        take_out(c, s, j)
    if leave:
        s.floats[LEFT_OUT, PART] += 1.0
        return True
    s.floats[LEFT_OUT, PART] -= 1.0
    return bring_in(c, s, r, jobs.start, jobs.stop)


@njit(cache=True, error_model="numpy")
def bring_in(c: Case, s: State, r: Stream, first: int, last: int) -> bool:
    """Give jobs that are out carers by chance, and times in their windows."""
    for v in range(c.ints[first, JOB_FIRST], c.ints[last, JOB_FIRST]):
        s.ints[v, WISH] = -1
    for v in range(c.ints[first, JOB_FIRST], c.ints[last, JOB_FIRST]):
        k = -1
        for _ in range(8):
            k = another_carer(c, s, r, v)
            if k >= 0:
                break
        if k < 0:
            return False
        s.ints[v, WISH] = k
    for j in range(first, last):
        windows = c.ints[j + 1, WINDOW_FIRST] - c.ints[j, WINDOW_FIRST]
        window = c.ints[j, WINDOW_FIRST] + below(r, windows)
        time = c.floats[window, WINDOW_START] + draw(r) * (
            c.floats[window, WINDOW_END] - c.floats[window, WINDOW_START]
        )
        place_job(c, s, r, j, time)
        put_in(c, s, j)
    return True


@njit(cache=True, error_model="numpy")
def propose(c: Case, s: State, r: Stream, kind: int) -> bool:  # noqa: PLR0911  # a table of functions would not be compiled
    """Carry out one move of a kind; False if the draw does not fit (what was taken out is for `undo`)."""
    if kind == RELOCATE:
        return relocate(c, s, r)
    if kind == SWAP:
        return swap(c, s, r)
    if kind == TAILS:
        return tails(c, s, r)
    if kind == TURN:
        return turn(c, s, r)
    if kind == SEGMENT:
        return segment(c, s, r)
    if kind == WAIT_UNTIL:
        return hold(c, s, r)
    if kind == LUNCH:
        return lunch(c, s, r)
    return serve(c, s, r)
