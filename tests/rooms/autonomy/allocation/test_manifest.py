"""The manifest of a vote: strict to read, one form to write, one hash."""

from fractions import Fraction
from typing import Any

import pytest

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.allocation.completion import Stop
from madang.rooms.autonomy.engine.allocation.rule import count_json
from madang.rooms.autonomy.engine.allocation.support import Satisfaction
from madang.rooms.autonomy.engine.allocation.ties import Tie
from madang.rooms.autonomy.engine.manifest import Manifest, Rule

FULL: dict[str, Any] = {
    "rule": "equal-shares",
    "satisfaction": "cost",
    "completion": "add1-greedy",
    "step": "1/2",
    "stop": "run-on",
    "ties": ["votes", "cost"],
    "misfit": "skip",
    "min_votes": 0,
    "ballot": {"type": "approval", "min_length": 1, "max_length": 5, "max_points": None, "max_sum_points": None},
    "eligibility": {"age_from": 14, "who": ["주민", "통근"]},
    "budget": 100_000_000,
}


def test_it_comes_back_as_it_was_written() -> None:
    manifest = Manifest.from_json(FULL)
    assert manifest.to_json() == FULL
    assert manifest.step == Fraction(1, 2)
    assert manifest.stop is Stop.RUN_ON
    assert manifest.ties == (Tie.VOTES, Tie.COST)
    assert Manifest.from_json(manifest.to_json()).hash == manifest.hash


def test_the_hash_is_that_of_all_keys_in_order() -> None:
    manifest = Manifest.from_json({"rule": "greedy"})
    # printf of the canonical form | sha256sum
    assert manifest.hash == "abe6671a34549dd1118dfee350ed865111acf565df0b4c6428924b408d76cea3"
    spelled = Manifest.from_json({"satisfaction": "score", "ties": ["id"], "rule": "greedy", "step": "1.0"})
    assert spelled.hash == manifest.hash


@pytest.mark.parametrize(("key", "value"), [*FULL.items()])
def test_every_choice_changes_the_hash(key: str, value: Any) -> None:
    other = {
        "rule": "exact-equal-shares",
        "satisfaction": "cardinality",
        "completion": "add1",
        "step": 1,
        "stop": "first-exhaustive",
        "ties": ["id"],
        "misfit": "stop",
        "min_votes": 5,
        "ballot": {"type": "approval"},
        "eligibility": {},
        "budget": None,
    }
    assert Manifest.from_json({**FULL, key: other[key]}).hash != Manifest.from_json(FULL).hash
    assert value != other[key]


def test_what_fits_the_ballots_is_taken_where_nothing_is_said() -> None:
    kinds = {
        "approval": "cost",
        "choose-1": "cost",
        "cumulative": "additive",
        "scoring": "additive",
        "ordinal": "borda",
    }
    for kind, satisfaction in kinds.items():
        read = Manifest.from_json({"rule": "equal-shares", "ballot": {"type": kind}})
        assert read.satisfaction == satisfaction
        assert Manifest.from_json({"rule": "greedy", "ballot": {"type": kind}}).satisfaction is Satisfaction.SCORE


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rules": "greedy"}, "manifest"),
        ({"rule": "random"}, "rule"),
        ({"rule": None}, "rule"),
        ({"satisfaction": "joy"}, "satisfaction"),
        ({"satisfaction": "borda"}, "satisfaction"),
        ({"satisfaction": "additive"}, "satisfaction"),
        ({"satisfaction": "score"}, "satisfaction"),
        ({"completion": "add-opt"}, "completion"),
        ({"rule": "phragmen"}, "completion"),
        ({"rule": "greedy", "completion": "greedy"}, "completion"),
        ({"step": 0}, "step"),
        ({"step": "1/0"}, "step"),
        ({"step": 0.5}, "step"),
        ({"step": True}, "step"),
        ({"stop": "never"}, "stop"),
        ({"ties": "id"}, "ties"),
        ({"ties": ["luck"]}, "ties"),
        ({"min_votes": -1}, "min_votes"),
        ({"min_votes": "5"}, "min_votes"),
        ({"ballot": {"type": "approval", "length": 5}}, "ballot"),
        ({"ballot": {"type": "approval", "max_length": -1}}, "ballot.max_length"),
        ({"ballot": {"type": "approval", "min_length": 6, "max_length": 5}}, "ballot.min_length"),
        ({"ballot": {"type": "approval", "max_points": 5}}, "ballot.max_points"),
        ({"ballot": []}, "ballot"),
        ({"eligibility": {"age": 14.5}}, "eligibility.age"),
        ({"eligibility": {"나이": 14}}, "eligibility"),
        ({"budget": "-1"}, "budget"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], field: str) -> None:
    with pytest.raises(EngineInputError) as caught:
        Manifest.from_json({**FULL, **change})
    assert caught.value.field == field
    assert str(caught.value)


def test_something_else_is_refused() -> None:
    for value in (None, [], "greedy", 1):
        with pytest.raises(EngineInputError):
            Manifest.from_json(value)
    with pytest.raises(EngineInputError, match="rule"):
        Manifest.from_json({})


INPUTS = {
    "projects": [
        {"id": "a", "cost": 60, "name": "벤치", "dong": "2917051000", "category": "공원"},
        {"id": "b", "cost": "40"},
        {"id": "c", "cost": 30},
    ],
    "ballots": [["a", "b"], {"approve": ["a"]}, {"approve": ["b", "a"], "count": 2}, {"approve": []}, ["c"]],
}


def test_a_count_of_json_says_all_that_a_page_needs() -> None:
    # Six ballots share 120: 20 each. a: 4 supporters, 15 each; b: 3 of them have 5 each left: too little. c: 1 has 20.
    result = count_json(INPUTS, {"rule": "equal-shares", "budget": 120}, None)
    assert result["winners"] == ["a"]
    assert result["total_cost"] == 60
    assert result["budget"] == 120
    assert result["voters"] == 6
    assert result["share"] == 20
    assert result["payments"] == [{"id": "a", "payers": 4, "most": 15.0}]
    assert result["manifest_hash"] == Manifest.from_json({"rule": "equal-shares", "budget": 120}).hash
    assert result["properties"]["exhaustive"]["status"] == "fails"
    assert result["properties"]["left_out"] == {"voters": 6, "nothing": 2, "empty": 1}
    # b needs 40 / 3 from each of three who have paid 15: at a share of 29 they can, and then nothing more fits.
    more = count_json(INPUTS, {"rule": "equal-shares", "completion": "add1", "budget": 120}, None)
    assert more["winners"] == ["a", "b"]
    assert (more["share"], more["runs"], more["stopped"]) == (29, 10, "exhaustive")


@pytest.mark.parametrize(
    "inputs",
    [
        None,
        {},
        {"projects": [], "ballots": 5},
        {**INPUTS, "ballots": [["x"]]},
        {**INPUTS, "ballots": [["a", "a"]]},
        {**INPUTS, "ballots": [{"vote": ["a"]}]},
        {**INPUTS, "ballots": [{"points": {"a": 1}}]},
        {**INPUTS, "ballots": [{"approve": ["a"], "count": 0}]},
        {**INPUTS, "projects": [{"id": "a", "cost": -1}]},
        {**INPUTS, "projects": [{"id": "a", "cost": 1}, {"id": "a", "cost": 1}]},
        {**INPUTS, "projects": [{"id": "a"}]},
    ],
)
def test_what_is_not_an_election_is_refused(inputs: Any) -> None:
    with pytest.raises(EngineInputError):
        count_json(inputs, {"rule": "equal-shares", "budget": 100}, None)


def test_every_rule_counts_points_and_orders() -> None:
    projects = INPUTS["projects"]
    points = {"projects": projects, "ballots": [{"points": {"a": 3, "b": 1}}, {"points": {"c": 2}, "count": 3}]}
    order = {"projects": projects, "ballots": [{"order": ["a", "b"]}, {"order": ["c", "a"], "count": 3}]}
    for rule in Rule:
        for inputs, kind in ((points, "scoring"), (points, "cumulative"), (order, "ordinal")):
            result = count_json(inputs, {"rule": str(rule), "budget": 100, "ballot": {"type": kind}}, None)
            assert result["winners"][:1] == ["c"]


@pytest.mark.parametrize("value", ["1e999999999", "9" * 5000, "-1", "1/0", "", "nan", None, True, 0.5, [1]])
def test_a_number_that_is_none_is_refused_at_once(value: Any) -> None:
    with pytest.raises(EngineInputError):
        Manifest.from_json({**FULL, "step": value})
    with pytest.raises(EngineInputError):
        count_json({**INPUTS, "projects": [{"id": "a", "cost": value}]}, {"rule": "greedy", "budget": 5}, None)
