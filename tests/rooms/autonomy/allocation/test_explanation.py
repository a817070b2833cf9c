"""Explanations: each answer is tried out here once more, on an election that is built anew."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.autonomy.allocation.drawn import Drawn, elections

from madang.rooms.autonomy.engine.allocation.rule import allocate
from madang.rooms.autonomy.engine.allocation.support import Satisfaction
from madang.rooms.autonomy.engine.election import BallotType
from madang.rooms.autonomy.engine.explanation import Explainer, Reason, explanation_json, money_histogram
from madang.rooms.autonomy.engine.manifest import BallotRule, Completion, Manifest, Rule

TOWN = Drawn(
    {"bench": Fraction(60), "lamp": Fraction(40), "tree": Fraction(30), "hall": Fraction(500), "sign": Fraction(0)},
    [
        {"bench": 1, "lamp": 1},
        {"bench": 1},
        {"bench": 1, "lamp": 1},
        {"bench": 1, "lamp": 1},
        {},
        {"tree": 1, "sign": 1},
    ],
    Fraction(120),
    BallotType.APPROVAL,
)


def explained(drawn: Drawn, **parameters: Any) -> dict[str, dict[str, Any]]:
    election = drawn.election()
    manifest = Manifest.from_json({**parameters, "ballot": {"type": str(drawn.type)}})
    explainer = Explainer(election, manifest, allocate(election, manifest))
    return {one["id"]: one for one in (explanation_json(election, each) for each in explainer.all())}


def test_a_town_by_hand() -> None:
    said = explained(TOWN, rule="equal-shares")
    assert list(said) == ["sign", "bench", "lamp", "tree", "hall"]
    assert said["sign"]["code"] == "won_free"
    # Six ballots share 120. The bench takes 15 from each of four; three of them have 5 each for the lamp.
    assert (said["bench"]["code"], said["bench"]["place"]) == ("won_bought", 2)
    assert said["bench"]["payers"] == {"full": 4, "full_paid": 15.0, "rest": 0, "rest_paid": 0.0}
    assert said["bench"]["effective_support"] == 1
    lamp = said["lamp"]
    assert lamp["code"] == "lost_poor"
    # In the first round the lamp was offered 40 / 4 = 10 by each of its three supporters, of the 40 it costs.
    assert lamp["effective_support"] == 0.75
    # One more for the lamp: 120 / 7 each, four pay 10 for the lamp before the bench or after it.
    assert lamp["more_supporters"] == {"amount": 2, "displaced": ["bench"], "joined": [], "checked": "rule"}
    assert lamp["lower_cost"] == {"amount": 15, "displaced": [], "joined": [], "checked": "rule"}
    tree = said["tree"]
    assert tree["effective_support"] == pytest.approx(20 / 30, abs=1e-6)
    assert tree["lower_cost"]["amount"] == 20
    assert said["hall"]["code"] == "lost_alone"
    assert said["hall"]["more_supporters"] is None
    assert said["hall"]["lower_cost"] is None


def test_the_other_reasons() -> None:
    greedy = explained(TOWN, rule="greedy", min_votes=2)
    assert greedy["bench"]["code"] == "won_ranked"
    assert greedy["tree"]["code"] == "lost_few"
    assert explained(TOWN, rule="greedy")["hall"]["code"] == "lost_alone"
    dear = replace(TOWN, costs={**TOWN.costs, "lamp": Fraction(121)})
    assert explained(dear, rule="equal-shares")["lamp"]["code"] == "lost_dear"
    completed = explained(TOWN, rule="equal-shares", completion="greedy")
    assert completed["lamp"]["code"] == "won_completed"
    tight = replace(TOWN, budget=Fraction(70))
    assert explained(tight, rule="greedy")["lamp"]["code"] == "lost_ranked"
    # The lamp is due at 40 / 3, before the bench at 15.
    assert explained(tight, rule="phragmen")["bench"]["code"] == "lost_ranked"
    assert set(Reason) >= {one["code"] for one in greedy.values()}


def test_money_per_voter() -> None:
    election = TOWN.election()
    manifest = Manifest(rule=Rule.EQUAL_SHARES, satisfaction=Satisfaction.COST)
    shown = money_histogram(election, allocate(election, manifest))
    assert shown["share"] == 20
    assert shown["nothing"] == 2
    assert sum(shown["voters"]) == 4
    assert shown["voters"][7] == 4
    assert shown["edges"][7:9] == [14.0, 16.0]


RULES = (
    {"rule": "greedy", "satisfaction": "cost"},
    {"rule": "equal-shares", "satisfaction": "cost"},
    {"rule": "equal-shares", "satisfaction": "cardinality", "completion": "add1", "step": "1/2"},
    {"rule": "exact-equal-shares", "satisfaction": "cost", "completion": "add-opt"},
    {"rule": "bos", "satisfaction": "cost"},
    {"rule": "phragmen"},
)


@given(elections(BallotType.APPROVAL), st.sampled_from(RULES))
@settings(max_examples=120)
def test_every_answer_holds_when_it_is_tried(drawn: Drawn, parameters: dict[str, Any]) -> None:
    drawn = replace(drawn, costs={p: c or Fraction(1) for p, c in drawn.costs.items()})
    manifest = Manifest.from_json(parameters)
    for id_, one in explained(drawn, **parameters).items():
        if one["won"]:
            assert one["more_supporters"] is None
            continue
        more, cheaper = one["more_supporters"], one["lower_cost"]
        if more is not None:
            for number, wins in ((more["amount"], True), (more["amount"] - 1, False)):
                changed = replace(drawn, ballots=[*drawn.ballots, *[{id_: 1}] * number])
                assert (id_ in won(changed, manifest)) is wins
            with_more = won(replace(drawn, ballots=[*drawn.ballots, *[{id_: 1}] * more["amount"]]), manifest)
            assert set(more["displaced"]) == set(won(drawn, manifest)) - set(with_more)
            assert set(more["joined"]) == set(with_more) - set(won(drawn, manifest)) - {id_}
        if cheaper is not None:
            cost = Fraction(cheaper["amount"]).limit_denominator(1000)
            assert id_ in won(replace(drawn, costs={**drawn.costs, id_: cost}), manifest)


def won(drawn: Drawn, manifest: Manifest) -> list[str]:
    election = drawn.election()
    return [election.ids[p] for p in allocate(election, manifest).winners]


def test_a_long_completion_is_explained_by_the_run_that_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madang.rooms.autonomy.engine.explanation._THOROUGH", 0)
    manifest = Manifest(
        rule=Rule.EQUAL_SHARES, satisfaction=Satisfaction.COST, completion=Completion.ADD1, ballot=BallotRule()
    )
    election = TOWN.election()
    outcome = allocate(election, manifest)
    said = [explanation_json(election, one) for one in Explainer(election, manifest, outcome).all()]
    tree = next(one for one in said if one["id"] == "tree")
    # At 29 each the one supporter could pay 29; another one makes 15 each.
    assert outcome.share == 29
    assert tree["more_supporters"]["checked"] == "deciding_run"
    assert tree["more_supporters"]["amount"] == 1
    assert tree["lower_cost"]["amount"] == 29
