"""Properties of outcomes: by hand, and against their definitions on drawn elections."""

from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.autonomy.allocation.drawn import Drawn, elections

from madang.rooms.autonomy.engine.allocation.outcome import Outcome
from madang.rooms.autonomy.engine.allocation.price_system import price_system
from madang.rooms.autonomy.engine.allocation.properties import (
    Status,
    exhaustive,
    left_out,
    priceable,
    properties_json,
    proportional,
    spread,
)
from madang.rooms.autonomy.engine.allocation.rule import allocate
from madang.rooms.autonomy.engine.allocation.support import Satisfaction
from madang.rooms.autonomy.engine.election import Ballots, BallotType, Election, Project, ballots_merged
from madang.rooms.autonomy.engine.manifest import Manifest, Rule

TWO = Drawn(
    {"a": Fraction(6), "b": Fraction(6), "c": Fraction(6)},
    [{"a": 1, "b": 1}, {"a": 1, "b": 1}, {"c": 1}, {"c": 1}],
    Fraction(12),
    BallotType.APPROVAL,
)
BY_COST = Manifest(rule=Rule.GREEDY, satisfaction=Satisfaction.COST)


def picked(drawn: Drawn, *ids: str) -> tuple[Election, Outcome]:
    election = drawn.election()
    return election, Outcome(winners=tuple(election.ids.index(id_) for id_ in ids))


def test_a_group_that_is_passed_over_is_found() -> None:
    election, outcome = picked(TWO, "a", "b")
    found = proportional(election, BY_COST, outcome)
    # Half of the voters own 6 of the 12, enough for c, and have nothing.
    assert (found.status, found.method) == (Status.FAILS, "single_project")
    assert found.witness == {"project": "c", "voters": 2}
    assert priceable(election, BY_COST, outcome).status is Status.FAILS
    fair = proportional(*_swap(picked(TWO, "a", "c")))
    assert (fair.status, fair.method) == (Status.HOLDS, "ejr_plus")
    election, outcome = picked(TWO, "a", "c")
    assert priceable(election, BY_COST, outcome).to_json() == {
        "status": "holds",
        "method": "linear_programme",
        "witness": {},
    }


def _swap(pair: tuple[Election, Outcome]) -> tuple[Election, Manifest, Outcome]:
    return pair[0], BY_COST, pair[1]


def test_money_left_and_voters_left_out() -> None:
    election, outcome = picked(TWO, "a")
    assert exhaustive(election, outcome).to_json() == {
        "status": "fails",
        "method": "exact",
        "witness": {"fitting": ["b", "c"], "left_units": 6},
    }
    assert exhaustive(*picked(TWO, "a", "c")).status is Status.HOLDS
    assert left_out(election, outcome) == {"voters": 4, "nothing": 2, "empty": 0}


def test_the_spread_over_dongs_and_categories() -> None:
    projects = (
        Project(id="1", cost=Fraction(10), place="산수동", categories=("green", "safe")),
        Project(id="2", cost=Fraction(5, 2), place="산수동"),
        Project(id="3", cost=Fraction(4), place="지산동", categories=("green",)),
    )
    ballots: Ballots = ballots_merged(BallotType.APPROVAL, [(["1", "3"], 3), (["2"], 1)], {"1": 0, "2": 1, "3": 2})
    election = Election(projects=projects, ballots=ballots, budget=Fraction(20))
    outcome = Outcome(winners=(0, 1))
    by_place = {
        row.key: (row.projects, row.winners, row.won_units, row.votes) for row in spread(election, outcome, by="place")
    }
    assert by_place == {"산수동": (2, 2, 25, 4), "지산동": (1, 0, 0, 3)}
    by_kind = {row.key: (row.projects, row.winners, row.won_units) for row in spread(election, outcome, by="category")}
    assert by_kind == {"": (1, 1, 5), "green": (2, 1, 10), "safe": (1, 1, 10)}
    shown = properties_json(election, BY_COST, outcome)
    assert shown["spread"]["place"][0] == {"key": "산수동", "projects": 2, "winners": 2, "won": 12.5, "votes": 4.0}


def subsets(items: Any) -> Any:
    items = list(items)
    return chain.from_iterable(combinations(items, size) for size in range(1, len(items) + 1))


def satisfies_ejr1(drawn: Drawn, satisfaction: Satisfaction, winners: set[str]) -> bool:
    """EJR up to one project by its definition: every group, every set."""
    gains, voters = drawn.gains(satisfaction), len(drawn.ballots)
    for projects in subsets(drawn.costs):
        cost = sum((drawn.costs[p] for p in projects), Fraction(0))
        for group in subsets(range(voters)):
            if (
                not all(gains[i].get(p, 0) > 0 for i in group for p in projects)
                or cost * voters > len(group) * drawn.budget
            ):
                continue
            owed = sum((min(gains[i][p] for i in group) for p in projects), Fraction(0))
            if not any(
                sum((gains[i].get(p, Fraction(0)) for p in winners), Fraction(0)) >= owed
                or any(sum((gains[i].get(p, Fraction(0)) for p in winners | {q}), Fraction(0)) > owed for q in projects)
                for i in group
            ):
                return False
    return True


@given(
    st.sampled_from(
        (
            (BallotType.APPROVAL, Satisfaction.COST),
            (BallotType.APPROVAL, Satisfaction.CARDINALITY),
            (BallotType.CUMULATIVE, Satisfaction.ADDITIVE),
        )
    ).flatmap(lambda pair: st.tuples(elections(pair[0]), st.just(pair[1]))),
    st.sampled_from(list(Rule)),
)
@settings(max_examples=150)
def test_what_is_said_of_groups_is_true(pair: tuple[Drawn, Satisfaction], rule: Rule) -> None:
    drawn, satisfaction = pair
    drawn = Drawn({p: c or Fraction(1) for p, c in drawn.costs.items()}, drawn.ballots[:5], drawn.budget, drawn.type)
    if rule is Rule.PHRAGMEN:
        satisfaction = Satisfaction.CARDINALITY
    election = drawn.election()
    manifest = Manifest.from_json({"rule": rule, "satisfaction": satisfaction, "ballot": {"type": str(drawn.type)}})
    outcome = allocate(election, manifest)
    said = proportional(election, manifest, outcome)
    truth = satisfies_ejr1(drawn, satisfaction, {election.ids[p] for p in outcome.winners})
    if said.status is not Status.NOT_REFUTED:
        assert truth == (said.status is Status.HOLDS), said
    if rule is Rule.EQUAL_SHARES:
        assert said.status is Status.HOLDS
        assert priceable(election, manifest, outcome).method == "payments" or not drawn.budget


@given(elections(BallotType.APPROVAL))
@settings(max_examples=60)
def test_the_payments_of_equal_shares_are_a_price_system_for_the_linear_programme(drawn: Drawn) -> None:
    drawn = Drawn({p: c or Fraction(1) for p, c in drawn.costs.items()}, drawn.ballots, drawn.budget + 1, drawn.type)
    election = drawn.election()
    outcome = allocate(election, Manifest(rule=Rule.EQUAL_SHARES, satisfaction=Satisfaction.COST))
    assert price_system(election, outcome.winners) is True


def test_a_programme_that_is_too_large_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madang.rooms.autonomy.engine.allocation.price_system.LARGEST", 1)
    election, outcome = picked(TWO, "a", "c")
    assert priceable(election, BY_COST, outcome).method == "too_large"
