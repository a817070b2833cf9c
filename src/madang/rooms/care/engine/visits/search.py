"""Search for a plan of visits: simulated annealing over keys and carers, anytime and the same for the same seed."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from madang.numerics.errors import EngineInputError, EngineNotConverged
from madang.rooms.care.engine.visits import anneal, core, moves
from madang.rooms.care.engine.visits.case import Wishes, build_case, weights_of
from madang.rooms.care.engine.visits.plan import Plan
from madang.rooms.care.engine.visits.problem import PART_NAMES, CarerTable, PatientTable, Problem, VisitTable

VERSION = "1"

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Progress = Callable[[float, float], None]
Cancelled = Callable[[], bool]

# Parts that are times, so that they are told in minutes.
_TIMES = frozenset(PART_NAMES[:6]) | {"workload_balance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to search.

    Attributes
    ----------
    steps : int, optional
        Plans to try; the same problem, seed and steps give the same plan.
    seconds : float, optional
        Time to use, by `clock` [s]. One of the two is given.
    clock : callable, optional
        Returns the time [s]; processor time makes the effort the same on a busy machine.
    seed : int
    progress : callable, optional
        Called with the share of the effort that is used (0 to 1) and the cost of the best plan so far.
    cancelled : callable, optional
        Asked a few times a second; where it says yes, the best plan so far is returned.
    """

    steps: int | None = None
    seconds: float | None = None
    clock: Callable[[], float] | None = None
    seed: int = 1
    progress: Progress | None = None
    cancelled: Cancelled | None = None

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.seconds is None):
            raise EngineInputError("visits_effort", "give either steps or seconds")
        if self.seconds is not None and (self.clock is None or not self.seconds > 0):
            raise EngineInputError("visits_effort", "seconds above 0 need a clock", field="seconds")
        if self.steps is not None and self.steps < 1:
            raise EngineInputError("visits_effort", "at least one step", field="steps")
        if self.seed < 0:
            raise EngineInputError("visits_effort", "a seed is 0 or more", field="seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooling:
    """How hot the annealing begins and ends, and how often.

    Attributes
    ----------
    first, last : float
        Shares of the mean rise of a random move.
    first_minutes, last_minutes : float
        At most so many minutes at the middle price of a minute, and at the price of travel [min]: where single moves
        may cost very much, their mean says little of what a good plan has to decide.
    rounds : int
        Annealings one after the other from the best plan, two less hot after each hot one. With 0 there are as
        many as the effort allows at `ROUND_STEPS` a visit.
    strict : tuple of float
        The price of a minute of a broken rule rises by the second over the first within each annealing; it begins at a
        hundredth of the mean rise, or a few typical weights if that is more.
    """

    first: float = 0.1
    last: float = 0.002
    first_minutes: float = 120.0
    last_minutes: float = 0.3
    rounds: int = 0
    strict: tuple[float, float] = (5.0, 100.0)


@dataclass(slots=True, kw_only=True)
class Annealing:
    """One search under way: the compiled state, the stream of random numbers, the best plan so far."""

    problem: Problem
    seed: int
    case: core.Case
    weight: Floats
    must: Floats
    shares: Floats
    state: core.State = field(init=False)
    stream: npt.NDArray[np.uint64] = field(init=False)
    best: Floats = field(init=False)
    score: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.state = core.empty_state(self.case)
        self.stream = np.random.SeedSequence(self.seed).generate_state(1, np.uint64) | np.uint64(1)
        self.best = np.zeros((4, len(self.case.ints)))
        self.score = np.array([np.inf, np.inf, 0.0, 0.0])

    def start(self, strict: float) -> None:
        """Construct a first plan, window by window."""
        patients = self.problem.patients
        order = np.argsort(patients.window_start[patients.window_first[:-1]], kind="stable").astype(np.int64)
        able = max(np.diff(self.case.ints[: self.problem.n_visits + 1, core.ABLE_FIRST]))
        self.bring(order, int(min(200, max(30, 3 * able))), strict)

    def bring(self, patients: Ints, tries: int, strict: float) -> None:
        """Serve patients who are not served yet, each the cheapest of some random ways."""
        anneal.settle_all(self.case, self.state, self.weight + strict * self.must)
        servable = [p for p in patients.tolist() if self.problem.can_serve(p)]
        full = self.weight + strict * self.must
        if not anneal.construct(self.case, self.state, self.stream, full, np.array(servable, np.int64), tries):
            raise EngineNotConverged("visits_start", "no first plan was found in which every patient has carers")

    def rise(self, strict: float) -> float:
        """Return the mean rise of the energy over random moves that raise it."""
        full = self.weight + strict * self.must
        return float(anneal.survey(self.case, self.state, self.stream, full, self.shares, 2000)) or 1.0

    def step(self, strict: float, heat: tuple[float, float], steps: int) -> None:
        """Anneal for some steps."""
        plan = np.array([strict, *heat, float(steps)])
        anneal.anneal(
            self.case, self.state, self.stream, self.weight, self.must, self.shares, plan, self.best, self.score
        )

    def return_to_best(self) -> None:
        """Go back to the best plan so far."""
        self.load(self.best)

    def load(self, genes: Floats) -> None:
        """Take a plan by its keys, holds, carers and lunches."""
        anneal.load(self.case, self.state, genes, self.weight + self.must)

    @property
    def cost(self) -> float:
        """Cost of the best plan so far."""
        return float(self.score[anneal.COST]) / self.problem.rules.divisor


def shares_of(problem: Problem) -> Floats:
    """Return the running shares of the kinds of moves: only those that can matter for this problem."""
    rules, patients = problem.rules, problem.patients
    parts = np.array([0.45, 0.22, 0.08, 0.10, 0.05, 0.0, 0.0, 0.0])
    waits = rules.weights.get("total_waiting_time", 0.0) > 0 and not rules.leaves_at_start
    if waits or len(patients.window_start) > len(patients.ids):
        parts[moves.WAIT_UNTIL] = 0.06
    if problem.carers.lunch.any():
        parts[moves.LUNCH] = 0.02
    if patients.optional.any():
        parts[moves.SERVE] = 0.03
    running: Floats = np.cumsum(parts / parts.sum())
    return running


def open_search(problem: Problem, seed: int, wishes: Wishes | None = None) -> Annealing:
    """Return a search that has no plan yet."""
    weight, must = weights_of(problem, wishes)
    return Annealing(
        problem=problem, seed=seed, case=build_case(problem, wishes), weight=weight, must=must,
        shares=shares_of(problem),
    )  # fmt: skip


def plan_visits(problem: Problem, effort: Effort, cooling: Cooling | None = None) -> Plan:
    """Plan a day of visits.

    Parameters
    ----------
    problem : Problem
    effort : Effort
    cooling : Cooling, optional

    Returns
    -------
    Plan
        The best plan found: first by how far the rules hold, then by cost.

    Notes
    -----
    Simulated annealing; heuristic, without a bound. A code is a real key for each job and a carer for each visit; the
    decode is feasible in time by construction. A move is first measured (ways,
    fair load, least idle time), and timed only if its bound stands the draw.

    References
    ----------
    D. S. Mankowska, F. Meisel, C. Bierwirth, The home health care routing and scheduling problem with interdependent
    services, Health Care Management Science 17, 2014, doi:10.1007/s10729-013-9243-1.
    """
    cooling = cooling or Cooling()
    search = open_search(problem, effort.seed)
    ruler = Ruler(effort)
    strict = strictness(problem)
    search.start(strict)
    rise = search.rise(strict)
    search.step(strict, (rise * 1e-3, rise * 1e-4), 2000 + 40 * problem.n_visits)
    rise = search.rise(strict)
    strict = max(strict, rise / 100.0 / problem.rules.ticks)
    run(search, ruler, cooling, (*heats(problem, cooling, rise), strict))
    return read_plan(search)


def heats(problem: Problem, cooling: Cooling, rise: float) -> tuple[float, float]:
    """Return the first and the last temperature."""
    weights, tick = problem.rules.weights, problem.rules.ticks
    prices = [weight for name, weight in weights.items() if weight > 0 and name in _TIMES]
    if not prices:
        return rise * cooling.first, rise * cooling.last
    minute = weights.get("travel_time", 0.0) or min(prices)
    hot = min(rise * cooling.first, cooling.first_minutes * float(np.median(prices)) * tick)
    return hot, min(hot, rise * cooling.last, cooling.last_minutes * minute * tick)


def strictness(problem: Problem) -> float:
    """Return a first price of a broken minute: a few typical ways between patients."""
    prices = [weight for weight in problem.rules.weights.values() if weight > 0]
    return 5.0 * float(np.median(prices)) if prices else 1.0


class Ruler:
    """Measures how much of the effort is used."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self._began = effort.clock() if effort.clock else 0.0
        self._steps = 0

    def share(self) -> float:
        """Return the share that is used, 1 or more at the end."""
        if self.effort.steps is not None:
            return self._steps / self.effort.steps
        if self.effort.clock is None or self.effort.seconds is None:
            return 1.0
        return (self.effort.clock() - self._began) / self.effort.seconds

    def chunk(self, size: int) -> int:
        """Return how many steps to take next, and count them."""
        if self.effort.steps is not None:
            size = min(size, 1 + self.effort.steps // 100, self.effort.steps - self._steps)
        self._steps += size
        return size

    def stopped(self) -> bool:
        """Say whether somebody has cancelled."""
        return self.effort.cancelled is not None and self.effort.cancelled()

    def tell(self, share: float, cost: float) -> None:
        """Tell how far the search is."""
        if self.effort.progress is not None:
            self.effort.progress(min(1.0, share), cost)


CHUNK = 10_000
ROUND_STEPS = 120_000
MAX_ROUNDS = 12
# How many steps a second of processor time is worth when rounds are planned; only that.
STEPS_A_SECOND = 600_000


def run(search: Annealing, ruler: Ruler, cooling: Cooling, scale: tuple[float, float, float]) -> None:
    """Anneal until the effort is used; `scale` is the first and last temperature, and the price of a broken minute."""
    hot, cold, strict = scale
    fresh, rounds = 0, cooling.rounds or _rounds(search.problem.n_visits, ruler.effort)
    low, high = cooling.strict
    while (share := ruler.share()) < 1.0 and not ruler.stopped():
        at, within = divmod(share * rounds, 1.0)
        if at > fresh:
            fresh = int(at)
            search.return_to_best()
        first = hot * (1.0 if at % 3 == 0 else 0.4)
        heat = first * (cold / first) ** within
        firm = strict * (low * (high / low) ** within) / low
        search.step(firm, (heat, heat), ruler.chunk(CHUNK))
        ruler.tell(share, search.cost)


def _rounds(visits: int, effort: Effort) -> int:
    steps = effort.steps if effort.steps is not None else (effort.seconds or 0.0) * STEPS_A_SECOND
    return int(min(MAX_ROUNDS, max(1, steps // (ROUND_STEPS * visits))))


def read_plan(search: Annealing) -> Plan:
    """Return the best plan so far as people read it."""
    problem, case, state = search.problem, search.case, search.state
    search.return_to_best()
    n, carers = problem.n_visits, len(problem.carers.ids)
    carer = state.ints[:n, core.CARER].copy()
    start = np.where(carer >= 0, state.floats[:n, core.START], np.nan)
    parts = dict(zip(PART_NAMES, state.floats[: len(PART_NAMES), core.PART].tolist(), strict=True))
    served = np.flatnonzero(carer >= 0)
    parts["highest_tardiness"] = float(state.floats[:n, core.LATE].max(initial=0.0))
    parts["max_idle_time"] = float(state.floats[:carers, core.IDLE].max(initial=0.0))
    loads = state.floats[:carers, [core.TRIPS, core.BACK, core.SERVICE]].sum(axis=1)
    parts["workload_balance"] = float(np.ceil(np.abs(loads - loads.mean()) - 1e-9).sum())
    parts["caregiver_preferences"] = float(problem.visits.unwanted[served, carer[served]].sum())
    rules, named = problem.rules, [*problem.rules.weights, *sorted(problem.rules.must - set(problem.rules.weights))]
    cost = sum(weight * parts[name] for name, weight in rules.weights.items()) / rules.divisor
    broken = sum(parts[name] for name in rules.must)
    if not np.isfinite(search.score[anneal.COST]):
        raise EngineNotConverged("visits_none", "the effort ended before a first plan")
    return Plan(
        carer=carer, start=start, lunch=_lunches(search), cost=cost, broken=float(broken) / rules.ticks,
        parts={name: parts[name] / (rules.ticks if name in _TIMES else 1.0) for name in named},
        steps=int(search.score[anneal.STEPS]), seed=search.seed,
        order=state.floats[case.ints[:n, core.JOB_OF], core.KEY].copy(),
    )  # fmt: skip


def _lunches(search: Annealing) -> Floats:
    """Return when each carer eats, by the state of the search."""
    ints, floats, rules = search.state.ints, search.state.floats, search.problem.rules
    lunch = np.full(len(search.problem.carers.ids), np.nan)
    for k in np.flatnonzero(search.problem.carers.lunch).tolist():
        first, v, fed = int(ints[k, core.HEAD]), int(ints[k, core.HEAD]), 0
        while v >= 0 and not fed:
            fed = int(ints[v, core.FED])
            if fed:
                lunch[k] = max(floats[v, core.ARRIVAL], rules.lunch_start)
            v = int(ints[v, core.AFTER])
        if fed or first < 0 or floats[k, core.MISSED] > 0:
            continue
        if floats[k, core.FED_LATE] > 0:
            last = int(ints[k, core.TAIL])
            lunch[k] = floats[last, core.START] + search.case.floats[last, core.DURATION]
        else:
            lunch[k] = min(floats[first, core.START], rules.lunch_end) - rules.lunch_min
    return lunch


def warm_up() -> None:
    """Compile the core, or load what was compiled before, by a search of a few steps."""
    one = np.zeros(1, np.int64)
    problem = Problem(
        name="",
        visits=VisitTable(
            patient=one, duration=np.ones(1), allowed=np.ones((1, 1), bool), unwanted=np.zeros((1, 1), bool),
            service=("",),
        ),
        patients=PatientTable(
            ids=("",), place=one, window_first=np.array([0, 1]), window_start=np.zeros(1), window_end=np.ones(1),
            optional=np.zeros(1, bool), kind=one, gap_low=np.zeros(1), gap_high=np.zeros(1),
        ),
        carers=CarerTable(
            ids=("",), shift_start=np.zeros(1), shift_end=np.ones(1), departs=one, arrives=one, lunch=np.zeros(1, bool),
            mode=one,
        ),
        travel=np.zeros((1, 1, 1)),
    )  # fmt: skip
    plan_visits(problem, Effort(steps=1))
