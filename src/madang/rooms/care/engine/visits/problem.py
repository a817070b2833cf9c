"""A day of home visits as a care agency has it: visits, patients, carers, the rules between them, and what costs."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from madang.numerics.errors import EngineInfeasible, EngineInputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

INDEPENDENT, SIMULTANEOUS, SEQUENTIAL = range(3)

PART_NAMES = (
    "travel_time",
    "total_tardiness",
    "highest_tardiness",
    "total_waiting_time",
    "total_extra_time",
    "max_idle_time",
    "caregiver_preferences",
    "optional_patients",
    "missed_lunch_break",
    "workload_balance",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one format or agency counts differently from another.

    Attributes
    ----------
    weights : dict of str to float
        Price of one unit of each part of the cost, by the names in `PART_NAMES`; a part not named costs nothing.
    must : frozenset of str
        Parts that have to be 0.
    divisor : float
        The cost is the weighted sum divided by this.
    ticks : float
        All times are given in ticks, so many to the minute: where these are whole, sums of times are exact.
    lunch_start, lunch_end, lunch_min : float
        When a lunch break may lie, and how long it is at least [ticks].
    met_at_end : bool
        A window is met when the visit ends, not only begins, inside it.
    leaves_at_start : bool
        A carer leaves at the start of the shift, so that waiting before the first visit counts; else just in time.
    """

    weights: dict[str, float]
    must: frozenset[str] = frozenset()
    divisor: float = 1.0
    ticks: float = 1.0
    lunch_start: float = 0.0
    lunch_end: float = 0.0
    lunch_min: float = 0.0
    met_at_end: bool = False
    leaves_at_start: bool = False

    def __post_init__(self) -> None:
        unknown = (set(self.weights) | set(self.must)) - set(PART_NAMES)
        if unknown:
            raise EngineInputError("visits_part", f"unknown parts of the cost: {sorted(unknown)}")
        if any(weight < 0 for weight in self.weights.values()) or self.divisor <= 0 or self.ticks <= 0:
            raise EngineInputError("visits_weight", "weights are 0 or more, and the divisor is above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTable:
    """The visits, each given by one carer; those of one patient stand together.

    Attributes
    ----------
    patient : ndarray of int64, shape (n_visits,)
        Position of the patient; does not fall.
    duration : ndarray of float64, shape (n_visits,)
        [ticks]
    allowed : ndarray of bool, shape (n_visits, n_carers)
        The carer has the skill and is not one whom the patient must not have.
    unwanted : ndarray of bool, shape (n_visits, n_carers)
        The patient prefers others (the named carers of continuity).
    service : tuple of str
        What is done, as the agency names it.
    """

    patient: Ints
    duration: Floats
    allowed: Bools
    unwanted: Bools
    service: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTable:
    """The patients: where, when, whether they may be left out, and how their visits depend on one another.

    Attributes
    ----------
    ids : tuple of str
    place : ndarray of int64, shape (n_patients,)
        Row of the travel matrix.
    window_first : ndarray of int64, shape (n_patients + 1,)
        The windows of patient i are those from window_first[i] up to before window_first[i + 1], by start.
    window_start, window_end : ndarray of float64, shape (n_windows,)
        [ticks]
    optional : ndarray of bool, shape (n_patients,)
    kind : ndarray of int64, shape (n_patients,)
        INDEPENDENT, SIMULTANEOUS or SEQUENTIAL.
    gap_low, gap_high : ndarray of float64, shape (n_patients,)
        Of sequential visits: start of the second less start of the first [ticks].
    """

    ids: tuple[str, ...]
    place: Ints
    window_first: Ints
    window_start: Floats
    window_end: Floats
    optional: Bools
    kind: Ints
    gap_low: Floats
    gap_high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerTable:
    """The carers: their shifts, where they set out and end, whether they have a lunch break, how they travel.

    Attributes
    ----------
    ids : tuple of str
    shift_start, shift_end : ndarray of float64, shape (n_carers,)
        [ticks]; an end of infinity is no end.
    departs, arrives : ndarray of int64, shape (n_carers,)
        Rows of the travel matrix.
    lunch : ndarray of bool, shape (n_carers,)
    mode : ndarray of int64, shape (n_carers,)
        Which travel matrix (foot, bicycle, car) is theirs.
    """

    ids: tuple[str, ...]
    shift_start: Floats
    shift_end: Floats
    departs: Ints
    arrives: Ints
    lunch: Bools
    mode: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One day of visits to plan.

    Attributes
    ----------
    name : str
    visits : VisitTable
    patients : PatientTable
    carers : CarerTable
    travel : ndarray of float64, shape (n_modes, n_places, n_places)
        Travel times by mode [ticks].
    rules : Rules

    Raises
    ------
    EngineInputError
        If shapes do not fit together, a time is not finite, or a place does not exist.
    EngineInfeasible
        If nobody may give a visit that must be given, or the visits of a patient have too few carers between them.
    """

    name: str
    visits: VisitTable
    patients: PatientTable
    carers: CarerTable
    travel: Floats
    rules: Rules = field(default_factory=lambda: Rules(weights={"travel_time": 1.0}))

    def __post_init__(self) -> None:
        _check_visits(self)
        _check_patients(self.patients, self.travel.shape[1] if self.travel.ndim == 3 else 0)
        _check_carers(self.carers, self.travel)
        for position in range(len(self.patients.ids)):
            if not self.patients.optional[position] and not self.can_serve(position):
                raise EngineInfeasible(
                    "visits_nobody",
                    f"{self.patients.ids[position]}: no carers may give all the visits of this patient",
                    {"patient": self.patients.ids[position]},
                )

    @property
    def n_visits(self) -> int:
        """How many visits there are."""
        return len(self.visits.patient)

    def visits_of(self, patient: int) -> range:
        """Return the positions of a patient's visits."""
        first = int(np.searchsorted(self.visits.patient, patient, "left"))
        return range(first, int(np.searchsorted(self.visits.patient, patient, "right")))

    def can_serve(self, patient: int) -> bool:
        """Say whether the visits of a patient can go to different carers (a matching exists)."""
        given: dict[int, int] = {}

        def place(visit: int, seen: set[int]) -> bool:
            for carer in np.flatnonzero(self.visits.allowed[visit]).tolist():
                if carer in seen:
                    continue
                seen.add(carer)
                if carer not in given or place(given[carer], seen):
                    given[carer] = visit
                    return True
            return False

        return all(place(visit, set()) for visit in self.visits_of(patient))

    def without(self, absent: set[int]) -> "Problem":
        """Return the same day when some carers are absent.

        Raises
        ------
        EngineInfeasible
            If a visit that must be given can then not be.
        """
        allowed = self.visits.allowed.copy()
        allowed[:, sorted(absent)] = False
        return replace(self, visits=replace(self.visits, allowed=allowed))


def _require(holds: object, text: str) -> None:
    if not holds:
        raise EngineInputError("visits_problem", text)


def _check_visits(problem: Problem) -> None:
    visits, carers = problem.visits, len(problem.carers.ids)
    n = len(visits.patient)
    _require(n > 0 and carers > 0, "a day has at least one visit and one carer")
    _require(visits.duration.shape == (n,) and len(visits.service) == n, "visits: columns are not equally long")
    _require(np.isfinite(visits.duration).all() and (visits.duration >= 0).all(), "a visit lasts 0 minutes or more")
    _require(visits.allowed.shape == (n, carers) == visits.unwanted.shape, "allowed, unwanted: one row a visit")
    _require((np.diff(visits.patient) >= 0).all(), "the visits of a patient stand together")
    counts = np.bincount(visits.patient, minlength=len(problem.patients.ids))
    _require(len(counts) == len(problem.patients.ids) and (counts > 0).all(), "every patient has a visit")
    pairs = problem.patients.kind == SEQUENTIAL
    _require((counts[pairs] == 2).all(), "a sequential patient has two visits")


def _check_patients(patients: PatientTable, places: int) -> None:
    n, first = len(patients.ids), patients.window_first
    columns = (patients.place, patients.optional, patients.kind, patients.gap_low, patients.gap_high)
    _require(all(column.shape == (n,) for column in columns), "patients: columns are not equally long")
    _require(len(set(patients.ids)) == n, "a patient stands twice")
    _require(((patients.place >= 0) & (patients.place < places)).all(), "a patient's place is not in the travel matrix")
    _require(first.shape == (n + 1,) and (np.diff(first) > 0).all(), "every patient has a window")
    _require(
        first[0] == 0 and first[-1] == len(patients.window_start) == len(patients.window_end), "windows do not fit"
    )
    _require(
        np.isfinite(patients.window_start).all() and (patients.window_start >= 0).all(), "a window starts at 0 or later"
    )
    _require((patients.window_end >= patients.window_start).all(), "a window ends before it starts")
    inner = np.ones(len(patients.window_start), bool)
    inner[first[:-1]] = False
    _require((np.diff(patients.window_start, prepend=0.0)[inner] >= 0).all(), "windows stand by their start")
    low, high = patients.gap_low, patients.gap_high
    _require(((low >= 0) & (high >= low) | (patients.kind != SEQUENTIAL)).all(), "a gap is 0 or more, least first")


def _check_carers(carers: CarerTable, travel: Floats) -> None:
    n = len(carers.ids)
    columns = (carers.shift_start, carers.shift_end, carers.departs, carers.arrives, carers.lunch, carers.mode)
    _require(all(column.shape == (n,) for column in columns), "carers: columns are not equally long")
    _require(len(set(carers.ids)) == n, "a carer stands twice")
    _require((carers.shift_start >= 0).all() and (carers.shift_end >= carers.shift_start).all(), "a shift ends early")
    _require(travel.ndim == 3 and travel.shape[1] == travel.shape[2], "a travel matrix is not square")
    _require(np.isfinite(travel).all() and (travel >= 0).all(), "a travel time is not 0 or more")
    for column, limit in (
        (carers.departs, travel.shape[1]),
        (carers.arrives, travel.shape[1]),
        (carers.mode, len(travel)),
    ):
        _require(((column >= 0) & (column < limit)).all(), "a carer's place or way of travel does not exist")
