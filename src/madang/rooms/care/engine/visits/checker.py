"""Check a plan of visits against the instance as it stands in the file: every rule, and every part of the cost anew.

Nothing here is shared with the search or the readers: the instance is the parsed JSON document, the plan is a list of
stops, and all is plain arithmetic, so that a fault of the one does not hide in the other.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

LUNCH = "lunch_break"
# Published ways are known to a thousandth of a minute.
SLACK = 1.5e-3


class StopLike(Protocol):
    """A visit or a lunch break: who, at whose home, what, and from when to when [min]."""

    @property
    def carer(self) -> str: ...  # noqa: D102
    @property
    def patient(self) -> str: ...  # noqa: D102
    @property
    def service(self) -> str: ...  # noqa: D102
    @property
    def start(self) -> float: ...  # noqa: D102
    @property
    def end(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule that a plan breaks.

    Attributes
    ----------
    code : str
        Which rule.
    text : str
        What is wrong, in one sentence.
    data : dict
        The values that the sentence speaks of.
    """

    code: str
    text: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a plan costs and which rules it breaks.

    Attributes
    ----------
    cost : float
        By the rules of the instance.
    parts : dict of str to float
        Unweighted [min, or a count].
    weights : dict of str to float or "HARD"
    violations : tuple of Violation
    """

    cost: float
    parts: dict[str, float]
    weights: dict[str, Any]
    violations: tuple[Violation, ...]

    @property
    def feasible(self) -> bool:
        """Say whether no rule is broken."""
        return not self.violations


@dataclass(slots=True)
class _Day:
    """An instance in the words of this check."""

    patients: dict[str, Mapping[str, Any]]
    carers: dict[str, Mapping[str, Any]]
    needs: dict[str, list[tuple[str, float]]]
    windows: dict[str, list[tuple[float, float]]]
    shift: dict[str, tuple[float, float]]
    way: Callable[[str, str], float]
    weights: dict[str, Any]
    divisor: float = 1.0
    met_at_end: bool = False
    from_start: bool = False
    lunch: tuple[float, float, float] | None = None
    found: list[Violation] = field(default_factory=list)

    def blame(self, code: str, text: str, **data: Any) -> None:  # noqa: ANN401  # values of any kind
        """Write down a broken rule."""
        self.found.append(Violation(code=code, text=text, data=data))


def check_plan(form: str, instance: Mapping[str, Any], stops: Sequence[StopLike]) -> Verdict:
    """Check a plan.

    Parameters
    ----------
    form : str
        "mankowska" or "uhhc".
    instance : Mapping
        The document as read from the file; a reader has accepted it.
    stops : sequence of StopLike
    """
    day = _mankowska(instance) if form == "mankowska" else _uhhc(instance)
    routes: dict[str, list[StopLike]] = {carer: [] for carer in day.carers}
    for stop in sorted(stops, key=lambda one: (one.start, one.end)):
        if stop.carer not in routes:
            day.blame("unknown_carer", f"There is no carer {stop.carer}.", carer=stop.carer)
        elif stop.service != LUNCH and stop.patient not in day.patients:
            day.blame("unknown_patient", f"There is no patient {stop.patient}.", patient=stop.patient)
        else:
            routes[stop.carer].append(stop)
    left_out = _check_services(day, routes)
    for carer, route in routes.items():
        _check_route(day, carer, route)
    _check_together(day, routes)
    parts = {**_patient_parts(day, routes), **_carer_parts(day, routes), "optional_patients": float(left_out)}
    parts = {name: parts[name] for name in day.weights}
    cost = 0.0
    for name, weight in day.weights.items():
        if weight != "HARD":
            cost += weight * parts[name]
        elif parts[name] > SLACK:
            day.blame("must_be_zero", f"{name} has to be 0 and is {parts[name]:g}.", part=name, value=parts[name])
    return Verdict(cost=cost / day.divisor, parts=parts, weights=day.weights, violations=tuple(day.found))


def _mankowska(instance: Mapping[str, Any]) -> _Day:
    home = "\0office"
    patients = {patient["id"]: patient for patient in instance["patients"]}
    spots = {home: instance["central_offices"][0]["location"]}
    spots.update((name, patient["location"]) for name, patient in patients.items())
    row = {name: position for position, name in enumerate(spots)}
    table = instance.get("distances")

    def way(one: str, other: str) -> float:
        if table is not None:
            return float(table[row[one]][row[other]])
        return round(math.hypot(spots[one][0] - spots[other][0], spots[one][1] - spots[other][1]), 3)

    return _Day(
        patients=patients,
        carers={carer["id"]: {**carer, "out": home, "in": home} for carer in instance["caregivers"]},
        needs={
            name: [(one["service"], one["duration"]) for one in patient["required_caregivers"]]
            for name, patient in patients.items()
        },
        windows={name: [tuple(patient["time_window"])] for name, patient in patients.items()},
        shift={carer["id"]: (0.0, math.inf) for carer in instance["caregivers"]},
        way=way,
        weights={"travel_time": 1.0, "total_tardiness": 1.0, "highest_tardiness": 1.0},
        divisor=3.0,
    )


def _uhhc(instance: Mapping[str, Any]) -> _Day:
    patients = {patient["id"]: patient for patient in instance["patients"]}
    station = {"\0" + point["id"]: point["distance_matrix_index"] for point in instance["terminal_points"]}
    row = {**station, **{name: patient["distance_matrix_index"] for name, patient in patients.items()}}
    meta, breaks = instance["metadata"], instance.get("lunch_breaks")
    shifts = {}
    for carer in instance["caregivers"]:
        shift = carer.get("working_shift")
        shifts[carer["id"]] = (shift["start"], shift["end"]) if shift else (0.0, math.inf)
    return _Day(
        patients=patients,
        carers={
            carer["id"]: {**carer, "out": "\0" + carer["departing_point"], "in": "\0" + carer["arrival_point"]}
            for carer in instance["caregivers"]
        },
        needs={
            name: [(one["service"], one["duration"]) for one in patient["required_services"]]
            for name, patient in patients.items()
        },
        windows={
            name: sorted((window["start"], window["end"]) for window in patient["time_windows"])
            for name, patient in patients.items()
        },
        shift=shifts,
        way=lambda one, other: float(instance["distances"][row[one]][row[other]]),
        weights={name: weight for name, weight in meta["cost_components"].items() if weight is not None},
        met_at_end=meta["time_window_met"] == "at_service_end",
        from_start=meta.get("origin") in ("bazirha", "bazirha-caie"),
        lunch=(breaks["start"], breaks["end"], breaks["min_duration"]) if breaks else None,
    )


def _check_services(day: _Day, routes: Mapping[str, list[StopLike]]) -> int:
    """See that every patient gets what is needed, by carers who may; return how many are left out."""
    given: dict[str, list[StopLike]] = {name: [] for name in day.patients}
    for route in routes.values():
        for stop in route:
            if stop.service != LUNCH:
                given[stop.patient].append(stop)
    left_out = 0
    for name, stops in given.items():
        patient = day.patients[name]
        if not stops:
            left_out += 1
            if not patient.get("optional"):
                day.blame("not_served", f"{name} is not visited.", patient=name)
            continue
        _check_given(day, name, stops)
    return left_out


def _check_given(day: _Day, name: str, stops: Sequence[StopLike]) -> None:
    """See that one patient gets each service once, by carers who may, long enough and not too early."""
    patient = day.patients[name]
    if sorted(stop.service for stop in stops) != sorted(service for service, _ in day.needs[name]):
        got = [stop.service for stop in stops]
        day.blame("wrong_services", f"{name} gets {got} and needs {day.needs[name]}.", patient=name, services=got)
    if len({stop.carer for stop in stops}) < len(stops):
        day.blame("same_carer", f"Two services of {name} are given by one carer.", patient=name)
    for stop in stops:
        if stop.service not in day.carers[stop.carer]["abilities"]:
            day.blame("skill", f"{stop.carer} may not give {stop.service} to {name}.", patient=name, carer=stop.carer)
        if stop.carer in (patient.get("incompatible_caregivers") or ()):
            day.blame("incompatible", f"{name} must not have {stop.carer}.", patient=name, carer=stop.carer)
        long = max((long for service, long in day.needs[name] if service == stop.service), default=0.0)
        if stop.end - stop.start < long - SLACK:
            day.blame("too_short", f"{stop.service} at {name} lasts less than {long:g}.", patient=name)
        if stop.start < day.windows[name][0][0] - SLACK:
            day.blame("too_early", f"{stop.service} at {name} begins before {day.windows[name][0][0]:g}.", patient=name)


def _place(stops: Sequence[StopLike], at: int, day: _Day) -> str:
    """Return where a stop is: a break is where it says, or where the next visit is, or the last."""
    stop = stops[at]
    if stop.patient in day.patients:
        return stop.patient
    around = [*stops[at + 1 :], *reversed(stops[:at])]
    return next((one.patient for one in around if one.patient in day.patients), str(day.carers[stop.carer]["out"]))


def _arrivals(day: _Day, carer: str, route: Sequence[StopLike]) -> list[float]:
    """Return when a carer is at each stop, having left the one before at its end and the start just in time."""
    found = []
    for at, stop in enumerate(route):
        if at:
            found.append(route[at - 1].end + day.way(_place(route, at - 1, day), _place(route, at, day)))
        else:
            way = day.way(day.carers[carer]["out"], _place(route, 0, day))
            found.append(day.shift[carer][0] + way if day.from_start else max(day.shift[carer][0] + way, stop.start))
    return found


def _check_route(day: _Day, carer: str, route: Sequence[StopLike]) -> None:
    """See that a carer can be where and when the plan says, and eats when and if allowed."""
    for stop, arrival in zip(route, _arrivals(day, carer, route), strict=True):
        if stop.start < arrival - SLACK:
            text = f"{carer} can be at {stop.patient} at {arrival:g}, after {stop.start:g}."
            day.blame("too_far", text, carer=carer, patient=stop.patient, arrival=arrival)
        if stop.service != LUNCH:
            continue
        if day.lunch is None or not day.carers[carer].get("lunch_break"):
            day.blame("no_break_due", f"{carer} has no lunch break.", carer=carer)
        elif (
            stop.start < day.lunch[0] - SLACK
            or stop.end > day.lunch[1] + SLACK
            or stop.end - stop.start < day.lunch[2] - SLACK
        ):
            day.blame("break_times", f"The lunch of {carer} is too short or not in its time.", carer=carer)
    if sum(stop.service == LUNCH for stop in route) > 1:
        day.blame("two_breaks", f"{carer} eats twice.", carer=carer)


def _check_together(day: _Day, routes: Mapping[str, list[StopLike]]) -> None:
    """See that double visits begin as they have to."""
    begun: dict[str, dict[str, list[float]]] = {}
    for route in routes.values():
        for stop in route:
            begun.setdefault(stop.patient, {}).setdefault(stop.service, []).append(stop.start)
    for name, patient in day.patients.items():
        together, starts = patient.get("synchronization"), begun.get(name)
        if not together or not starts or together["type"] == "independent" or len(day.needs[name]) < 2:
            continue
        times = [sorted(starts.get(service, [math.nan])).pop(0) for service, _ in day.needs[name]]
        if day.needs[name][0][0] == day.needs[name][1][0]:
            times = sorted(starts.get(day.needs[name][0][0], [math.nan]))
        if together["type"] == "simultaneous":
            if not max(times) - min(times) <= SLACK:
                day.blame("not_together", f"The services of {name} begin at {times}.", patient=name, starts=times)
            continue
        distance = together["distance"]
        low, high = (distance["min"], distance["max"]) if isinstance(distance, Mapping) else distance
        gap = times[1] - times[0] if len(times) > 1 else math.nan
        if not low - SLACK <= gap <= high + SLACK:
            day.blame("gap", f"The second service of {name} begins {gap:g} after the first.", patient=name, gap=gap)


def _patient_parts(day: _Day, routes: Mapping[str, list[StopLike]]) -> dict[str, float]:
    """Return the parts of the cost that patients feel."""
    late, unwanted = [0.0], 0
    for route in routes.values():
        for stop in route:
            if stop.service == LUNCH:
                continue
            reached = [end for start, end in day.windows[stop.patient] if start <= stop.start + SLACK / 3]
            due = reached[-1] if reached else day.windows[stop.patient][0][1]
            over = (stop.end if day.met_at_end else stop.start) - due
            late.append(over if over > 1e-9 else 0.0)
            preferred = day.patients[stop.patient].get("preferred_caregivers")
            unwanted += bool(preferred) and stop.carer not in (preferred or ())
    return {"total_tardiness": sum(late), "highest_tardiness": max(late), "caregiver_preferences": float(unwanted)}


def _carer_parts(day: _Day, routes: Mapping[str, list[StopLike]]) -> dict[str, float]:
    """Return the parts of the cost that carers feel, and what they travel."""
    travel, waits, over, missed, idle, loads = 0.0, 0.0, 0.0, 0, [0.0], []
    for carer, route in routes.items():
        begins, ends = day.shift[carer]
        eaten = [stop for stop in route if stop.service == LUNCH]
        missed += bool(day.carers[carer].get("lunch_break")) and not eaten
        if not any(stop.service != LUNCH for stop in route):
            loads.append(0.0)
            idle.append(ends - begins if math.isfinite(ends) else 0.0)
            continue
        spots = [
            day.carers[carer]["out"],
            *(_place(route, at, day) for at in range(len(route))),
            day.carers[carer]["in"],
        ]
        ways = sum(day.way(one, other) for one, other in itertools.pairwise(spots))
        travel += ways
        arrivals = _arrivals(day, carer, route)
        own = 0.0
        for at, stop in enumerate(route):
            # Before the first visit nothing is counted as waiting, lunch in between or not.
            if day.from_start or any(one.service != LUNCH for one in route[:at]):
                own += max(0.0, stop.start - arrivals[at])
                if stop.service == LUNCH and day.lunch is not None:
                    own += max(0.0, stop.end - stop.start - day.lunch[2])
        waits += own
        loads.append(ways + sum(stop.end - stop.start for stop in route if stop.service != LUNCH))
        back = route[-1].end + day.way(spots[-2], spots[-1])
        over += max(0.0, back - ends) if math.isfinite(ends) else 0.0
        rest = min(stop.end - stop.start for stop in eaten) if eaten else 0.0
        if math.isfinite(ends):
            idle.append(max(ends, back) - begins - loads[-1] - (min(rest, day.lunch[2]) if day.lunch else 0.0))
    mean = math.fsum(loads) / len(loads)
    unfair = sum(math.ceil(abs(load - mean) - 1e-9) for load in loads)
    return {
        "travel_time": travel, "total_waiting_time": waits, "total_extra_time": over,
        "missed_lunch_break": float(missed),
        "max_idle_time": max(idle), "workload_balance": float(unfair),
    }  # fmt: skip
