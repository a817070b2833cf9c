"""The state of a pledge, by rule: from what was measured, reached, funded and asked, against what was planned.

Nobody types a state in. The rule is short enough to check by hand; ``docs/explanation/the-cycle.md`` explains it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from madang.numerics.errors import EngineInputError

ENGINE = "madang.rooms.projects.engine.pledge_state:pledge_state_json"
VERSION = "1"
_DIGITS = 6


class PledgeState(StrEnum):
    """The five states, from worst to best."""

    LATE = "late"
    ON_HOLD = "on_hold"
    NOT_STARTED = "not_started"
    ON_TRACK = "on_track"
    DONE = "done"


RANK: tuple[PledgeState, ...] = tuple(PledgeState)


def _check_weight(code: str, weight: float) -> None:
    if not weight > 0.0:
        raise EngineInputError("weight", f"{code}: weight {weight} is not positive", {"code": code})


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One measured quantity with its path to a target.

    Attributes
    ----------
    code : str
        Code in the yard's evidence.
    baseline : (date, float)
        When and from what value the path begins.
    targets : tuple of (date, float)
        Where the value should be and when, in order of time; the last is the pledge's promise.
    observed : tuple of (date, float)
        What was measured: the last day of the period and the value. Unordered.
    weight : float
        Share of this subject among all of the pledge.
    waits_for : tuple of str
        Codes of asks without which it cannot move.
    """

    code: str
    baseline: tuple[date, float]
    targets: tuple[tuple[date, float], ...]
    observed: tuple[tuple[date, float], ...] = ()
    weight: float = 1.0
    waits_for: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.targets:
            raise EngineInputError("no_target", f"indicator {self.code} has no target", {"code": self.code})
        days = [self.baseline[0], *(day for day, _value in self.targets)]
        if days != sorted(set(days)):
            raise EngineInputError("target_order", f"indicator {self.code}: targets are not in order of time")
        if self.targets[-1][1] == self.baseline[1]:
            raise EngineInputError("target_is_baseline", f"indicator {self.code}: the last target is the baseline")
        _check_weight(self.code, self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One event that is due by a day."""

    code: str
    due_on: date
    reached_on: date | None = None
    weight: float = 1.0
    waits_for: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_weight(self.code, self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """Money that the pledge needs, and what of it has been appropriated.

    Attributes
    ----------
    plan : tuple of (date, int)
        Total that should be appropriated by each day [won], in order of time; empty where no money is planned.
    appropriated_won, spent_won : int
        What the ledger holds as of the day [won].
    """

    plan: tuple[tuple[date, int], ...] = ()
    appropriated_won: int = 0
    spent_won: int = 0
    weight: float = 1.0

    def __post_init__(self) -> None:
        days = [day for day, _won in self.plan]
        if days != sorted(set(days)) or any(won <= 0 for _day, won in self.plan):
            raise EngineInputError("funding_plan", "the funding plan is not positive and in order of time")
        _check_weight("funding", self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A decision that an outside body must take."""

    code: str
    asked_on: date | None = None
    due_on: date | None = None
    answered_on: date | None = None

    def is_open(self, day: date) -> bool:
        """Return whether the question has been put and is not answered: only then does it excuse."""
        asked = self.asked_on is not None and self.asked_on <= day
        return asked and (self.answered_on is None or self.answered_on > day)


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeInputs:
    """Everything that a pledge's state depends on."""

    pledge: str
    as_of: date
    indicators: tuple[Indicator, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    funding: Funding = Funding()
    asks: tuple[Ask, ...] = ()

    def __post_init__(self) -> None:
        if not self.indicators and not self.milestones:
            raise EngineInputError("nothing_to_judge", f"pledge {self.pledge} has neither indicator nor milestone")
        known = {ask.code for ask in self.asks}
        subjects: tuple[Indicator | Milestone, ...] = (*self.indicators, *self.milestones)
        for subject in subjects:
            if unknown := set(subject.waits_for) - known:
                raise EngineInputError("ask_unknown", f"{subject.code} waits for unknown asks {sorted(unknown)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeParameters:
    """Settings of the rule.

    Attributes
    ----------
    tolerance : float
        Weighted shortfall that still counts as on track, as a share of the whole pledge.
    stale_days : int
        Age from which the last measurement is named as old in the reasons [days].
    """

    tolerance: float = 0.05
    stale_days: int = 400

    def __post_init__(self) -> None:
        if not 0.0 <= self.tolerance < 1.0:
            raise EngineInputError("tolerance", f"tolerance {self.tolerance} is not in [0, 1)")
        if self.stale_days < 1:
            raise EngineInputError("stale_days", f"stale_days {self.stale_days} is not positive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """How one part of the pledge stands.

    Attributes
    ----------
    kind, code : str
        "indicator", "milestone" or "funding", and which.
    weight : float
        Share among all subjects, summing to 1.
    progress, plan : float
        How much of the way has been gone, and should have been, from 0 to 1.
    held : bool
        Whether it waits for an ask that is open.
    value, planned : float or None
        The measured and the planned value on the day; None where there is none.
    observed_on : date or None
        Day of the measurement or event.
    """

    kind: str
    code: str
    weight: float
    progress: float
    plan: float
    held: bool = False
    value: float | None = None
    planned: float | None = None
    observed_on: date | None = None

    @property
    def shortfall(self) -> float:
        """How much of the way is missing; being ahead elsewhere does not count against it."""
        return self.weight * max(0.0, self.plan - self.progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence of the explanation, as a code with its values."""

    code: str
    subject: str
    values: Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeVerdict:
    """A pledge's state and why.

    Attributes
    ----------
    state : PledgeState
        The state.
    progress, plan : float
        Weighted share of the way gone and planned (the bar and its mark).
    shortfall, shortfall_own : float
        Weighted missing share in all, and without what waits for others.
    subjects : tuple of Subject
        Every part, in the order of the input.
    reasons : tuple of Reason
        What decided, the most important first.
    """

    state: PledgeState
    progress: float
    plan: float
    shortfall: float
    shortfall_own: float
    subjects: tuple[Subject, ...]
    reasons: tuple[Reason, ...]


def pledge_state(inputs: PledgeInputs, parameters: PledgeParameters = PledgeParameters()) -> PledgeVerdict:
    """Judge a pledge.

    Parameters
    ----------
    inputs : PledgeInputs
        What was planned and what is known on the day.
    parameters : PledgeParameters
        Settings of the rule.

    Notes
    -----
    For an indicator with baseline ``b``, last target ``t``, last measurement ``v`` and interpolated plan ``w``, the way
    gone is ``p = clip((v - b) / (t - b))`` and the way planned ``q = clip((w - b) / (t - b))``; what is not measured
    counts as ``p = 0``. A milestone has ``p`` in {0, 1} and ``q = 1`` after its day. Funding has ``p`` and ``q`` of
    the appropriated and the planned total. With weights that sum to 1, shortfall ``S = sum w max(0, q - p)``, and
    ``S'`` leaves out the subjects that wait for an open ask. In this order:

    1. done: every indicator and milestone has ``p = 1``;
    2. not started: ``p = 0`` everywhere, no money appropriated or spent, and ``S <= tolerance``;
    3. on track: ``S <= tolerance``;
    4. on hold: ``S' <= tolerance``;
    5. late.

    A better measurement, an earlier milestone or more money never gives a worse state in the order of `RANK`.
    O(n log n) in the number of subjects and measurements.

    Examples
    --------
    >>> start, end = date(2026, 1, 1), date(2027, 1, 1)
    >>> half = Indicator(code="x", baseline=(start, 0.0), targets=((end, 10.0),), observed=((date(2026, 7, 1), 5.0),))
    >>> pledge_state(PledgeInputs(pledge="p", as_of=date(2026, 7, 2), indicators=(half,))).state.value
    'on_track'
    """
    subjects = _weighed(_subjects(inputs))
    progress = sum(subject.weight * subject.progress for subject in subjects)
    plan = sum(subject.weight * subject.plan for subject in subjects)
    # Rounded, so that the last bit of a float never decides.
    shortfall = round(sum(subject.shortfall for subject in subjects), _DIGITS)
    own = round(sum(subject.shortfall for subject in subjects if not subject.held), _DIGITS)
    judged = [subject for subject in subjects if subject.kind != "funding"]
    begun = any(s.progress > 0 for s in subjects) or inputs.funding.appropriated_won > 0 or inputs.funding.spent_won > 0
    if all(subject.progress >= 1.0 for subject in judged):
        state = PledgeState.DONE
    elif shortfall <= parameters.tolerance:
        state = PledgeState.ON_TRACK if begun else PledgeState.NOT_STARTED
    else:
        state = PledgeState.ON_HOLD if own <= parameters.tolerance else PledgeState.LATE
    return PledgeVerdict(
        state=state,
        progress=round(progress, _DIGITS),
        plan=round(plan, _DIGITS),
        shortfall=shortfall,
        shortfall_own=own,
        subjects=subjects,
        reasons=_reasons(inputs, subjects, parameters),
    )


def planned_value(indicator: Indicator, day: date) -> float:
    """Return where an indicator should be on a day: straight lines from the baseline through its targets.

    Examples
    --------
    >>> path = Indicator(code="x", baseline=(date(2026, 1, 1), 0.0), targets=((date(2026, 1, 11), 10.0),))
    >>> planned_value(path, date(2026, 1, 4))
    3.0
    """
    before_on, before = indicator.baseline
    if day <= before_on:
        return before
    for after_on, after in indicator.targets:
        if day <= after_on:
            return before + (after - before) * (day - before_on).days / (after_on - before_on).days
        before_on, before = after_on, after
    return before


def _subjects(inputs: PledgeInputs) -> list[Subject]:
    day = inputs.as_of
    waiting = {ask.code for ask in inputs.asks if ask.is_open(day)}
    subjects = [_of_indicator(indicator, day, waiting) for indicator in inputs.indicators]
    subjects += [_of_milestone(milestone, day, waiting) for milestone in inputs.milestones]
    if inputs.funding.plan:
        subjects.append(_of_funding(inputs.funding, day))
    return subjects


def _of_indicator(indicator: Indicator, day: date, waiting: set[str]) -> Subject:
    base, goal = indicator.baseline[1], indicator.targets[-1][1]
    known = [observation for observation in indicator.observed if observation[0] <= day]
    observed_on, value = max(known) if known else (None, None)
    planned = planned_value(indicator, day)
    return Subject(
        kind="indicator",
        code=indicator.code,
        weight=indicator.weight,
        progress=0.0 if value is None else _clip((value - base) / (goal - base)),
        plan=_clip((planned - base) / (goal - base)),
        held=not waiting.isdisjoint(indicator.waits_for),
        value=value,
        planned=planned,
        observed_on=observed_on,
    )


def _of_milestone(milestone: Milestone, day: date, waiting: set[str]) -> Subject:
    reached = milestone.reached_on is not None and milestone.reached_on <= day
    return Subject(
        kind="milestone",
        code=milestone.code,
        weight=milestone.weight,
        progress=float(reached),
        plan=float(milestone.due_on < day),
        held=not waiting.isdisjoint(milestone.waits_for),
        observed_on=milestone.reached_on if reached else None,
    )


def _of_funding(funding: Funding, day: date) -> Subject:
    total = funding.plan[-1][1]
    due = max((won for due_on, won in funding.plan if due_on <= day), default=0)
    return Subject(
        kind="funding",
        code="funding",
        weight=funding.weight,
        progress=_clip(funding.appropriated_won / total),
        plan=_clip(due / total),
        value=float(funding.appropriated_won),
        planned=float(due),
    )


def _weighed(subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    total = sum(subject.weight for subject in subjects)
    return tuple(
        Subject(
            kind=s.kind, code=s.code, weight=s.weight / total, progress=s.progress, plan=s.plan, held=s.held,
            value=s.value, planned=s.planned, observed_on=s.observed_on,
        )
        for s in subjects
    )  # fmt: skip


def _reasons(inputs: PledgeInputs, subjects: Sequence[Subject], parameters: PledgeParameters) -> tuple[Reason, ...]:
    ordered = sorted(subjects, key=lambda subject: (-subject.shortfall, -subject.weight, subject.code))
    reasons = [_reason(subject) for subject in ordered]
    for subject in ordered:
        age = (inputs.as_of - subject.observed_on).days if subject.observed_on else 0
        if subject.kind == "indicator" and age > parameters.stale_days:
            reasons.append(Reason(code="indicator_stale", subject=subject.code, values={"age_days": age}))
    for ask in inputs.asks:
        if ask.is_open(inputs.as_of):
            over = max(0, (inputs.as_of - ask.due_on).days) if ask.due_on else 0
            due = ask.due_on.isoformat() if ask.due_on else None
            reasons.append(Reason(code="ask_open", subject=ask.code, values={"due_on": due, "days_over": over}))
    return tuple(reasons)


def _reason(subject: Subject) -> Reason:
    if subject.kind == "indicator" and subject.value is None:
        standing = "unmeasured"
    elif subject.progress >= 1.0:
        standing = "reached"
    elif subject.progress < subject.plan:
        standing = "waiting" if subject.held else "behind"
    else:
        standing = "on_path"
    return Reason(
        code=f"{subject.kind}_{standing}",
        subject=subject.code,
        values={
            "value": subject.value,
            "planned": None if subject.planned is None else round(subject.planned, _DIGITS),
            "progress": round(subject.progress, _DIGITS),
            "plan": round(subject.plan, _DIGITS),
            "on": subject.observed_on.isoformat() if subject.observed_on else None,
        },
    )


def _clip(share: float) -> float:
    return min(1.0, max(0.0, share))


# The same in JSON, for a stored run that anyone can compute again.


def pledge_state_json(inputs: Any, parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Judge a pledge that is given as a JSON value; see :func:`pledge_state`.

    Raises
    ------
    EngineInputError
        With code `pledge_inputs` if the value has another shape.
    """
    try:
        read = inputs_read(inputs)
        settings = PledgeParameters(**parameters)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EngineInputError("pledge_inputs", f"not the inputs of a pledge's state: {error!r}") from error
    return verdict_written(read, pledge_state(read, settings))


def inputs_read(value: Mapping[str, Any]) -> PledgeInputs:
    """Read the inputs of a pledge's state from a JSON value."""
    funding = value.get("funding") or {}
    return PledgeInputs(
        pledge=value["pledge"],
        as_of=date.fromisoformat(value["as_of"]),
        indicators=tuple(
            Indicator(
                code=row["code"],
                baseline=_point(row["baseline"]),
                targets=tuple(_point(point) for point in row["targets"]),
                observed=tuple(_point(point) for point in row.get("observed", ())),
                weight=float(row.get("weight", 1.0)),
                waits_for=tuple(row.get("waits_for", ())),
            )
            for row in value.get("indicators", ())
        ),
        milestones=tuple(
            Milestone(
                code=row["code"],
                due_on=date.fromisoformat(row["due_on"]),
                reached_on=_day(row.get("reached_on")),
                weight=float(row.get("weight", 1.0)),
                waits_for=tuple(row.get("waits_for", ())),
            )
            for row in value.get("milestones", ())
        ),
        funding=Funding(
            plan=tuple((date.fromisoformat(day), int(won)) for day, won in funding.get("plan", ())),
            appropriated_won=int(funding.get("appropriated_won", 0)),
            spent_won=int(funding.get("spent_won", 0)),
            weight=float(funding.get("weight", 1.0)),
        ),
        asks=tuple(
            Ask(
                code=row["code"],
                asked_on=_day(row.get("asked_on")),
                due_on=_day(row.get("due_on")),
                answered_on=_day(row.get("answered_on")),
            )
            for row in value.get("asks", ())
        ),
    )


def verdict_written(inputs: PledgeInputs, verdict: PledgeVerdict) -> dict[str, Any]:
    """Return a verdict as a JSON value."""
    return {
        "pledge": inputs.pledge,
        "as_of": inputs.as_of.isoformat(),
        "state": verdict.state.value,
        "progress": verdict.progress,
        "plan": verdict.plan,
        "shortfall": verdict.shortfall,
        "shortfall_own": verdict.shortfall_own,
        "reasons": [{"code": r.code, "subject": r.subject, "values": dict(r.values)} for r in verdict.reasons],
    }


def _point(pair: Sequence[Any]) -> tuple[date, float]:
    day, value = pair
    return date.fromisoformat(day), float(value)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
