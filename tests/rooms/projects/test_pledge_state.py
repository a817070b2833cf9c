import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.rooms.projects.engine.pledge_state import (
    RANK,
    Ask,
    Funding,
    Indicator,
    Milestone,
    PledgeInputs,
    PledgeParameters,
    PledgeState,
    PledgeVerdict,
    inputs_read,
    planned_value,
    pledge_state,
    pledge_state_json,
)

START = date(2026, 7, 1)
NO_MONEY = Funding()


def days(count: int) -> date:
    return START + timedelta(days=count)


def indicator(**changes: object) -> Indicator:
    base = Indicator(code="solar.mwh", baseline=(START, 100.0), targets=((days(200), 200.0), (days(400), 500.0)))
    return replace(base, **changes)  # type: ignore[arg-type]  # fields by name


def judged(*subjects: Indicator | Milestone, funding: Funding = NO_MONEY, asks: tuple[Ask, ...] = ()) -> PledgeVerdict:
    inputs = PledgeInputs(
        pledge="climate",
        as_of=days(100),
        indicators=tuple(s for s in subjects if isinstance(s, Indicator)),
        milestones=tuple(s for s in subjects if isinstance(s, Milestone)),
        funding=funding,
        asks=asks,
    )
    return pledge_state(inputs)


def test_a_pledge_worked_by_hand() -> None:
    # Day 100 of 200 to the first target: the plan is 150, an eighth of the way from 100 to 500. Measured is 130.
    # Way gone 30/400 = 0.075, planned 50/400 = 0.125, missing 0.05. The milestone of weight 3 was due and is reached.
    # Funding of weight 1: 40 of 100 million, 50 due, missing 0.1. Weights 1, 3, 1 of 5.
    verdict = judged(
        indicator(observed=((days(95), 130.0), (days(30), 900.0))),
        Milestone(code="roof", due_on=days(60), reached_on=days(50), weight=3.0),
        funding=Funding(plan=((days(90), 50_000_000), (days(500), 100_000_000)), appropriated_won=40_000_000),
    )
    assert verdict.progress == pytest.approx((0.075 + 3.0 + 0.4) / 5)
    assert verdict.plan == pytest.approx((0.125 + 3.0 + 0.5) / 5)
    assert verdict.shortfall == pytest.approx((0.05 + 0.1) / 5)
    assert verdict.state is PledgeState.ON_TRACK
    # The largest shortfall comes first.
    assert [reason.code for reason in verdict.reasons] == ["funding_behind", "indicator_behind", "milestone_reached"]


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (None, PledgeState.LATE),
        (90.0, PledgeState.LATE),
        (129.0, PledgeState.LATE),
        (130.0, PledgeState.ON_TRACK),
        (150.0, PledgeState.ON_TRACK),
        (499.0, PledgeState.ON_TRACK),
        (500.0, PledgeState.DONE),
        (900.0, PledgeState.DONE),
    ],
)
def test_one_indicator_from_nothing_to_done(value: float | None, state: PledgeState) -> None:
    observed = () if value is None else ((days(90), value),)
    assert judged(indicator(observed=observed)).state is state


def test_falling_indicators_are_judged_alike() -> None:
    falling = Indicator(
        code="co2", baseline=(START, 500.0), targets=((days(200), 400.0),), observed=((days(9), 455.0),)
    )
    assert judged(falling).state is PledgeState.ON_TRACK
    assert judged(replace(falling, observed=((days(9), 400.0),))).state is PledgeState.DONE
    assert judged(replace(falling, observed=((days(9), 490.0),))).state is PledgeState.LATE


def test_being_ahead_of_one_does_not_hide_another() -> None:
    ahead = indicator(code="a", observed=((days(90), 499.0),))
    behind = indicator(code="b", targets=((days(100), 200.0),), observed=((days(90), 100.0),))
    verdict = judged(ahead, behind)
    assert verdict.progress > verdict.plan - 0.1
    assert verdict.state is PledgeState.LATE
    assert verdict.reasons[0].subject == "b"


def test_what_has_not_begun_and_need_not_is_not_started() -> None:
    later = indicator(baseline=(days(150), 100.0))
    assert judged(later).state is PledgeState.NOT_STARTED
    assert judged(replace(later, observed=((days(99), 101.0),))).state is PledgeState.ON_TRACK
    assert judged(later, funding=Funding(plan=((days(300), 9),), spent_won=1)).state is PledgeState.ON_TRACK


def test_waiting_for_others_excuses_only_while_the_question_is_open() -> None:
    milestone = Milestone(code="move", due_on=days(60), waits_for=("consent",))
    steady = indicator(observed=((days(99), 160.0),))
    asked = Ask(code="consent", asked_on=days(10), due_on=days(80))

    def state(ask: Ask) -> PledgeState:
        return judged(steady, milestone, asks=(ask,)).state

    assert state(asked) is PledgeState.ON_HOLD
    assert state(replace(asked, asked_on=None)) is PledgeState.LATE
    assert state(replace(asked, answered_on=days(99))) is PledgeState.LATE
    assert state(replace(asked, answered_on=days(101))) is PledgeState.ON_HOLD
    late_ourselves = indicator(observed=((days(99), 100.0),))
    assert judged(late_ourselves, milestone, asks=(asked,)).state is PledgeState.LATE
    reasons = judged(steady, milestone, asks=(asked,)).reasons
    assert reasons[0].code == "milestone_waiting"
    assert dict(reasons[-1].values) == {"due_on": days(80).isoformat(), "days_over": 20}


def test_the_future_is_not_looked_at() -> None:
    seen = judged(indicator(observed=((days(101), 500.0),)), Milestone(code="m", due_on=days(99), reached_on=days(101)))
    assert seen.state is PledgeState.LATE
    assert [reason.code for reason in seen.reasons] == ["milestone_behind", "indicator_unmeasured"]


def test_a_milestone_is_due_from_the_day_after_its_day() -> None:
    assert judged(Milestone(code="m", due_on=days(100))).state is PledgeState.NOT_STARTED
    assert judged(Milestone(code="m", due_on=days(99))).state is PledgeState.LATE


def test_an_old_measurement_is_named() -> None:
    path = indicator(baseline=(date(2020, 1, 1), 100.0), observed=((date(2024, 1, 1), 500.0),))
    assert [reason.code for reason in judged(path).reasons] == ["indicator_reached", "indicator_stale"]


VALUES = st.floats(-1000, 1000, allow_nan=False)
OBSERVED = st.lists(st.tuples(st.integers(-50, 150).map(days), VALUES), max_size=4).map(tuple)


@st.composite
def indicators(draw: st.DrawFn, code: str) -> Indicator:
    base = draw(VALUES)
    ends = sorted(draw(st.sets(st.integers(1, 400), min_size=1, max_size=3)))
    targets = tuple((days(end), draw(VALUES)) for end in ends[:-1])
    last = draw(VALUES.filter(lambda value: value != base))
    return Indicator(
        code=code,
        baseline=(START, base),
        targets=(*targets, (days(ends[-1]), last)),
        observed=draw(OBSERVED),
        weight=draw(st.floats(0.1, 5)),
        waits_for=draw(st.sampled_from([(), ("x",)])),
    )


@st.composite
def inputs(draw: st.DrawFn) -> PledgeInputs:
    day = st.integers(-10, 300).map(days)
    plan = draw(st.sampled_from([(), ((days(50), 10),), ((days(50), 10), (days(200), 40))]))
    return PledgeInputs(
        pledge="p",
        as_of=draw(st.integers(0, 300).map(days)),
        indicators=tuple(draw(indicators(f"i{number}")) for number in range(draw(st.integers(1, 3)))),
        milestones=tuple(
            Milestone(code=f"m{number}", due_on=draw(day), reached_on=draw(st.none() | day), waits_for=("x",))
            for number in range(draw(st.integers(0, 2)))
        ),
        funding=Funding(plan=plan, appropriated_won=draw(st.integers(0, 50)), spent_won=draw(st.integers(0, 5))),
        asks=(Ask(code="x", asked_on=draw(st.none() | day), due_on=draw(day), answered_on=draw(st.none() | day)),),
    )


def rank(given_inputs: PledgeInputs) -> int:
    return RANK.index(pledge_state(given_inputs).state)


@given(inputs(), st.floats(0, 500), st.integers(-20, 200))
def test_a_better_measurement_never_gives_a_worse_state(before: PledgeInputs, gain: float, at: int) -> None:
    first = before.indicators[0]
    up = 1.0 if first.targets[-1][1] > first.baseline[1] else -1.0
    known = [observation for observation in first.observed if observation[0] <= before.as_of]
    latest = max(known, key=lambda o: (o[0], o[1]), default=(START, first.baseline[1]))
    better = (*first.observed, (max(latest[0], days(at)), latest[1] + up * gain))
    improved = replace(before, indicators=(replace(first, observed=better), *before.indicators[1:]))
    if up < 0 and any(day == better[-1][0] for day, _value in first.observed):
        return  # two measurements of one day: the larger is read, which for a falling indicator is the worse
    assert rank(improved) >= rank(before)


@given(inputs(), st.integers(0, 300), st.integers(0, 60))
def test_earlier_milestones_and_more_money_never_give_a_worse_state(
    before: PledgeInputs, earlier: int, won: int
) -> None:
    milestones = tuple(
        replace(m, reached_on=min(m.reached_on or days(earlier), days(earlier))) for m in before.milestones
    )
    funding = replace(before.funding, appropriated_won=before.funding.appropriated_won + won)
    assert rank(replace(before, milestones=milestones)) >= rank(before)
    assert rank(replace(before, funding=funding)) >= rank(before)


@given(inputs())
def test_order_of_the_input_does_not_matter(before: PledgeInputs) -> None:
    turned = replace(
        before,
        indicators=tuple(replace(i, observed=tuple(reversed(i.observed))) for i in reversed(before.indicators)),
        milestones=tuple(reversed(before.milestones)),
    )
    one, other = pledge_state(before), pledge_state(turned)
    assert (one.state, one.progress, one.plan) == (other.state, other.progress, other.plan)
    assert [r.subject for r in one.reasons] == [r.subject for r in other.reasons]


@given(inputs())
def test_sums_hold(before: PledgeInputs) -> None:
    verdict = pledge_state(before)
    assert sum(subject.weight for subject in verdict.subjects) == pytest.approx(1)
    assert 0 <= verdict.progress <= 1
    assert 0 <= verdict.shortfall_own <= verdict.shortfall + 1e-6
    assert verdict.plan - verdict.progress <= verdict.shortfall + 1e-5
    assert len(verdict.reasons) >= len(verdict.subjects)


def as_json(given_inputs: PledgeInputs) -> dict[str, Any]:
    def point(pair: tuple[date, float]) -> list[Any]:
        return [pair[0].isoformat(), pair[1]]

    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "pledge": given_inputs.pledge,
        "as_of": given_inputs.as_of.isoformat(),
        "indicators": [
            {
                "code": i.code, "baseline": point(i.baseline), "targets": [point(t) for t in i.targets],
                "observed": [point(o) for o in i.observed], "weight": i.weight, "waits_for": list(i.waits_for),
            }
            for i in given_inputs.indicators
        ],
        "milestones": [
            {
                "code": m.code, "due_on": m.due_on.isoformat(), "reached_on": day(m.reached_on), "weight": m.weight,
                "waits_for": list(m.waits_for),
            }
            for m in given_inputs.milestones
        ],
        "funding": {
            "plan": [[d.isoformat(), won] for d, won in given_inputs.funding.plan],
            "appropriated_won": given_inputs.funding.appropriated_won, "spent_won": given_inputs.funding.spent_won,
        },
        "asks": [
            {"code": a.code, "asked_on": day(a.asked_on), "due_on": day(a.due_on), "answered_on": day(a.answered_on)}
            for a in given_inputs.asks
        ],
    }  # fmt: skip


@given(inputs())
def test_a_run_can_be_computed_again_from_its_json(before: PledgeInputs) -> None:
    text = json.dumps(as_json(before))
    assert inputs_read(json.loads(text)) == before
    once = pledge_state_json(json.loads(text), {"tolerance": 0.05}, None)
    assert once == json.loads(json.dumps(pledge_state_json(json.loads(text), {"tolerance": 0.05}, None)))
    assert once["state"] == pledge_state(before).state.value


HEAD = {"pledge": "p", "as_of": "2026-11-23"}


@pytest.mark.parametrize(
    "broken",
    [
        {}, HEAD, {**HEAD, "as_of": "yesterday"}, [], None,
        {**HEAD, "milestones": [{"code": "m", "due_on": "2026-01-01", "waits_for": ["?"]}]},
        {**HEAD, "milestones": [{"code": "m", "due_on": "2026-01-01", "weight": 0}]},
        {**HEAD, "indicators": [{"code": "i", "baseline": ["2026-01-01", 1], "targets": []}]},
    ],
)  # fmt: skip
def test_inputs_of_another_shape_are_refused(broken: object) -> None:
    with pytest.raises(EngineInputError):
        pledge_state_json(broken, {}, None)


@pytest.mark.parametrize("settings", [{"tolerance": 1.0}, {"stale_days": 0}, {"tolerant": True}])
def test_settings_of_another_shape_are_refused(settings: dict[str, Any]) -> None:
    good = {"pledge": "p", "as_of": "2026-11-23", "milestones": [{"code": "m", "due_on": "2026-01-01"}]}
    with pytest.raises(EngineInputError):
        pledge_state_json(good, settings, None)


def test_the_plan_runs_straight_between_its_points() -> None:
    path = indicator()
    assert [planned_value(path, days(at)) for at in (-5, 0, 100, 200, 300, 400, 900)] == [
        100.0, 100.0, 150.0, 200.0, 350.0, 500.0, 500.0,
    ]  # fmt: skip


def test_the_tolerance_decides() -> None:
    given_inputs = PledgeInputs(pledge="p", as_of=days(100), indicators=(indicator(observed=((days(99), 110.0),)),))
    assert pledge_state(given_inputs, PledgeParameters(tolerance=0.05)).state is PledgeState.LATE
    assert pledge_state(given_inputs, PledgeParameters(tolerance=0.2)).state is PledgeState.ON_TRACK
