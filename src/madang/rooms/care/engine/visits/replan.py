"""Plan a day again after it has changed: a carer is absent or a visit is added, and as few others as possible move."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from madang.numerics.errors import EngineInputError
from madang.rooms.care.engine.visits import core
from madang.rooms.care.engine.visits.case import Wishes
from madang.rooms.care.engine.visits.plan import Plan
from madang.rooms.care.engine.visits.problem import Problem
from madang.rooms.care.engine.visits.search import Annealing, Effort, Ruler, open_search, read_plan, strictness

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CHUNK = 4_000
# A start that moves by less is not told [min].
MOVED_MIN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """Who was to give each visit, and when.

    Attributes
    ----------
    carer : ndarray of int64, shape (n_visits,)
        -1 where the visit was not planned.
    start : ndarray of float64, shape (n_visits,)
        [ticks]; not a number where the visit was not planned.
    """

    carer: Ints
    start: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """How dear it is that a visit passes to another carer though its own is there.

    Attributes
    ----------
    minutes : float
        Such a change must save so many minutes of travel [min].
    leeway : float
        By so much a visit may come earlier or later at no price [min]; each minute beyond costs a tenth of a minute of
        travel.
    limit : float
        Share of the other visits that may pass to another carer; beyond it the price rises tenfold.
    """

    minutes: float = 60.0
    leeway: float = 10.0
    limit: float = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One visit that is not as it was, and why.

    Attributes
    ----------
    code : str
        "carer_absent", "added", "makes_room", "saves", "left_out", "taken_in", "time_after_new", "time_after_gone",
        "time_follows".
    data : dict
        The values that the sentence speaks of.
    text : str
        One sentence in English.
    """

    code: str
    data: dict[str, Any]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """The new plan and what it changes.

    Attributes
    ----------
    plan : Plan
    changes : tuple of Change
    others : int
        Visits that were planned with carers who are still there.
    others_moved : int
        How many of these pass to another carer or are left out.
    """

    plan: Plan
    changes: tuple[Change, ...]
    others: int
    others_moved: int


def replan_visits(
    problem: Problem, previous: Previous, absent: frozenset[int], effort: Effort, steadiness: Steadiness | None = None
) -> Replanned:
    """Plan again with some carers absent, or with visits that the previous plan has not.

    Parameters
    ----------
    problem : Problem
        The day as it is now: added visits are in it, absent carers too.
    previous : Previous
    absent : frozenset of int
        Positions of the carers who are absent.
    effort : Effort
    steadiness : Steadiness, optional

    Raises
    ------
    EngineInputError
        If the previous plan is not of this problem.
    EngineInfeasible
        If a visit that must be given cannot be without those who are absent.

    Notes
    -----
    The same search from the previous plan, nearly cold, with a price on each visit that passes to another carer.
    """
    steadiness = steadiness or Steadiness()
    if previous.carer.shape != (problem.n_visits,) or previous.start.shape != (problem.n_visits,):
        raise EngineInputError("visits_previous", "the previous plan has not one entry a visit")
    now = problem.without(set(absent))
    stays = (previous.carer >= 0) & ~np.isin(previous.carer, sorted(absent))
    price = _price(now, steadiness)
    search = open_search(now, effort.seed, _wishes(now, previous, stays, (price, steadiness)))
    _begin(search, previous, stays)
    ruler = Ruler(effort)
    ceiling = int(steadiness.limit * int(stays.sum()))
    rise = price if price > 0 else 1.0
    for part in range(2):
        if part and len(_moved(search, previous, stays)) > ceiling:
            dearer = _wishes(now, previous, stays, (10.0 * price, steadiness))
            search = _again(search, open_search(now, effort.seed + 1, dearer))
        while (share := ruler.share()) < 0.5 + 0.5 * part and not ruler.stopped():
            within = min(1.0, 2.0 * (share - 0.5 * part))
            heat = 0.1 * rise * 0.01**within
            search.step(20.0 * strictness(now), (heat, heat), ruler.chunk(CHUNK))
            ruler.tell(share, search.cost)
    plan = read_plan(search)
    moved = _moved(search, previous, stays)
    return Replanned(
        plan=plan, changes=tuple(_explain(problem, previous, plan, (absent, search))), others=int(stays.sum()),
        others_moved=len(moved),
    )  # fmt: skip


def _price(problem: Problem, steadiness: Steadiness) -> float:
    weights = problem.rules.weights
    minute = weights.get("travel_time", 0.0) or max(weights.values(), default=1.0) or 1.0
    return steadiness.minutes * minute * problem.rules.ticks


def _wishes(
    problem: Problem, previous: Previous, stays: npt.NDArray[np.bool_], prices: tuple[float, Steadiness]
) -> Wishes:
    price, steadiness = prices
    table = np.zeros(problem.visits.allowed.shape)
    table[stays] = price
    table[np.flatnonzero(stays), previous.carer[stays]] = 0.0
    return Wishes(
        price=table, was=np.where(stays, previous.start, -1.0), leeway=steadiness.leeway * problem.rules.ticks,
        moved_price=0.1 * price / (steadiness.minutes * problem.rules.ticks),
    )  # fmt: skip


def _begin(search: Annealing, previous: Previous, stays: npt.NDArray[np.bool_]) -> None:
    """Take over the previous plan as far as it stands, and serve the rest as cheaply as some draws find."""
    genes = _genes(search, previous, stays)
    search.load(genes)
    jobs = int(search.case.ints[core.JOBS, core.SIZE])
    first = search.case.ints[:jobs, core.JOB_FIRST]
    kept = genes[2, first] >= 0
    early = kept & (search.state.floats[first, core.START] < previous.start[first] - 1e-9)
    genes[1, :jobs][early] = previous.start[first][early]
    search.load(genes)
    optional = search.problem.patients.optional
    out = [
        patient
        for patient in range(len(search.problem.patients.ids))
        if genes[2, search.problem.visits_of(patient).start] < 0
        and not (optional[patient] and previous.carer[search.problem.visits_of(patient).start] < 0)
    ]
    search.bring(np.array(out, np.int64), 200, 20.0 * strictness(search.problem))


def _genes(search: Annealing, previous: Previous, stays: npt.NDArray[np.bool_]) -> Floats:
    """Return the code of the previous plan: keys in an order that every carer's route agrees with."""
    problem, ints = search.problem, search.case.ints
    genes = np.zeros((4, len(ints)))
    genes[2] = -1.0
    for patient in range(len(problem.patients.ids)):
        visits = list(problem.visits_of(patient))
        fits = stays[visits] & search.problem.visits.allowed[visits, previous.carer[visits]]
        if fits.all() and len(set(previous.carer[visits].tolist())) == len(visits):
            genes[2, visits] = previous.carer[visits]
    jobs = int(ints[core.JOBS, core.SIZE])
    owner = ints[: problem.n_visits, core.JOB_OF]
    begins = np.full(jobs, np.inf)
    np.fmin.at(begins, owner, previous.start)
    begins[~np.isfinite(begins)] = problem.patients.window_start[problem.patients.window_first[:-1]][
        ints[:jobs, core.JOB_PATIENT][~np.isfinite(begins)]
    ]
    after: dict[int, set[int]] = {j: set() for j in range(jobs)}
    blocks = np.zeros(jobs, np.int64)
    for k in range(len(problem.carers.ids)):
        own = np.flatnonzero(genes[2, : problem.n_visits] == k)
        route = [int(owner[v]) for v in own[np.argsort(previous.start[own], kind="stable")]]
        for one, other in itertools.pairwise(route):
            if other not in after[one]:
                after[one].add(other)
                blocks[other] += 1
    left = set(range(jobs))
    for rank in range(jobs):
        # Where routes contradict one another (a plan of another program may), the earliest goes first.
        free = [j for j in left if blocks[j] <= 0] or list(left)
        j = min(free, key=lambda one: (begins[one], one))
        left.discard(j)
        genes[0, j] = float(rank)
        for other in after[j]:
            blocks[other] -= 1
    return genes


def _again(search: Annealing, dearer: Annealing) -> Annealing:
    """Go on from the best plan with other prices."""
    genes = search.best.copy()
    dearer.load(genes)
    return dearer


def _moved(search: Annealing, previous: Previous, stays: npt.NDArray[np.bool_]) -> list[int]:
    carer = search.best[2, : search.problem.n_visits].astype(np.int64)
    return [int(v) for v in np.flatnonzero(stays & (carer != previous.carer))]


def _explain(problem: Problem, previous: Previous, plan: Plan, more: tuple[frozenset[int], Annealing]) -> list[Change]:
    absent, search = more
    names, found = problem.carers.ids, []
    for v in np.flatnonzero(previous.carer != plan.carer).tolist():
        old, new = int(previous.carer[v]), int(plan.carer[v])
        data = _facts(problem, v, previous, plan)
        what = f"{data['service']} at {data['patient']}"
        if old < 0:
            code = "taken_in" if problem.patients.optional[problem.visits.patient[v]] else "added"
            text = f"{what} is new in the plan: {data['to']} comes at {data['start']}."
        elif new < 0:
            code, text = "left_out", f"{what} is left out, since nobody can give it at less cost than leaving it out."
        elif old in absent:
            code, text = (
                "carer_absent",
                f"{what} passes from {names[old]} to {names[new]}, because {names[old]} is absent.",
            )
        else:
            code, text = _why_moved(problem, v, previous, (plan, search, data))
        found.append(Change(code=code, data=data, text=text))
    return [*found, *_moved_times(problem, previous, plan)]


def _why_moved(
    problem: Problem, v: int, previous: Previous, more: tuple[Plan, Annealing, dict[str, Any]]
) -> tuple[str, str]:
    """Say why a visit passes on though its carer is there: room for one taken over, or else what it saves."""
    plan, search, data = more
    taken = np.flatnonzero((plan.carer == previous.carer[v]) & (previous.carer != previous.carer[v]))
    what = f"{data['service']} at {data['patient']} passes from {data['from']} to {data['to']}"
    if len(taken):
        nearest = int(taken[np.argmin(np.abs(plan.start[taken] - previous.start[v]))])
        data["for"] = problem.patients.ids[problem.visits.patient[nearest]]
        return "makes_room", f"{what}, because {data['from']} now visits {data['for']}."
    data["saves"] = round(_saving(search, v, int(previous.carer[v])), 3)
    return "saves", f"{what}, because leaving it would cost {data['saves']:g} more."


def _saving(search: Annealing, v: int, carer: int) -> float:
    """Return how much dearer the plan is where one visit stays with its carer."""
    genes = search.best.copy()
    full = search.weight + strictness(search.problem) * search.must
    costs = []
    for k in (int(genes[2, v]), carer):
        genes[2, v] = k
        search.load(genes)
        ints, floats = search.state.ints, search.state.floats
        parts = floats[: core.PARTS, core.PART].copy()
        parts[core.MAX_TARDINESS] = floats[: search.problem.n_visits, core.LATE].max(initial=0.0)
        served = np.flatnonzero(ints[: search.problem.n_visits, core.CARER] >= 0)
        unwanted = search.problem.visits.unwanted[served, ints[served, core.CARER]].sum()
        parts[core.ASSIGNMENT] = unwanted * search.problem.rules.weights.get("caregiver_preferences", 0.0)
        parts[core.MOVED] = 0.0
        costs.append(float(full @ parts))
    return (costs[1] - costs[0]) / search.problem.rules.divisor


def _moved_times(problem: Problem, previous: Previous, plan: Plan) -> list[Change]:
    found = []
    same = (previous.carer == plan.carer) & (plan.carer >= 0)
    for v in np.flatnonzero(same).tolist():
        shift = (plan.start[v] - previous.start[v]) / problem.rules.ticks
        if abs(shift) < MOVED_MIN:
            continue
        data, k = _facts(problem, v, previous, plan), plan.carer[v]
        before_now = set(np.flatnonzero((plan.carer == k) & (plan.start < plan.start[v])).tolist())
        before_then = set(np.flatnonzero((previous.carer == k) & (previous.start < previous.start[v])).tolist())
        what = f"{data['patient']} is visited by {data['to']} at {data['start']} instead of {data['was']}"
        code, text = "time_follows", f"{what}, because visits before it, or the other carer, come at other times."
        for code_of, visits, verb in (
            ("time_after_new", before_now - before_then, "now visits"),
            ("time_after_gone", before_then - before_now, "no longer visits"),
        ):
            if visits:
                data["for"] = problem.patients.ids[problem.visits.patient[min(visits)]]
                code, text = code_of, f"{what}, because {data['to']} {verb} {data['for']} before."
                break
        found.append(Change(code=code, data=data, text=text))
    return found


def _facts(problem: Problem, v: int, previous: Previous, plan: Plan) -> dict[str, Any]:
    names, tick = problem.carers.ids, problem.rules.ticks
    old, new = int(previous.carer[v]), int(plan.carer[v])
    return {
        "patient": problem.patients.ids[problem.visits.patient[v]],
        "service": problem.visits.service[v],
        "from": names[old] if old >= 0 else None,
        "to": names[new] if new >= 0 else None,
        "was": clock_time(previous.start[v] / tick) if old >= 0 else None,
        "start": clock_time(plan.start[v] / tick) if new >= 0 else None,
    }


def clock_time(minutes: float) -> str:
    """Return minutes since midnight as hours and minutes.

    Examples
    --------
    >>> clock_time(425.4)
    '07:05'
    """
    whole = round(minutes)
    return f"{whole // 60:02d}:{whole % 60:02d}"
