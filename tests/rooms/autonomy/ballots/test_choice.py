"""What a ballot may say: one form, no room for a mark."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.ballots.choice import (
    BallotRules,
    choice_fault,
    commitment,
    pad_of,
    plaintext,
    plaintext_read,
)
from madang.rooms.autonomy.engine.ballots.encoding import canonical

COSTS = {"P1": 100, "P2": 200, "P3": 300, "P4": 400}


def rules(type_: str, **limits: Any) -> BallotRules:
    return BallotRules(type=type_, costs=COSTS, **{"max_length": 3, **limits})


APPROVAL = rules("approval", min_length=1, max_sum_cost=600)
CUMULATIVE = rules("cumulative", max_points=5, max_sum_points=7)
SCORING = rules("scoring", min_points=0, max_points=10)
ORDINAL = rules("ordinal")
ONE = BallotRules.of({"ballot": {"type": "choose-1"}}, [{"id": key, "cost": 1} for key in COSTS])


@pytest.mark.parametrize(
    ("given_rules", "choice", "fault"),
    [
        (APPROVAL, {"approve": ["P1"]}, ""),
        (APPROVAL, {"approve": ["P1", "P2", "P3"]}, ""),
        (APPROVAL, {"approve": ["P3", "P4"]}, "sum_cost"),
        (APPROVAL, {"approve": []}, "length"),
        (APPROVAL, {"approve": ["P1", "P2", "P3", "P4"]}, "length"),
        (APPROVAL, {"approve": ["P2", "P1"]}, "order"),
        (APPROVAL, {"approve": ["P1", "P1"]}, "order"),
        (APPROVAL, {"approve": ["P9"]}, "project"),
        (APPROVAL, {"approve": [1]}, "project"),
        (APPROVAL, {"approve": "P1"}, "form"),
        (APPROVAL, {"approve": ["P1"], "note": "for the buyer"}, "form"),
        (APPROVAL, {"order": ["P1"]}, "form"),
        (APPROVAL, ["P1"], "form"),
        (APPROVAL, None, "form"),
        (CUMULATIVE, {"points": {"P1": 5, "P2": 2}}, ""),
        (CUMULATIVE, {"points": {}}, ""),
        (CUMULATIVE, {"points": {"P1": 6}}, "points"),
        (CUMULATIVE, {"points": {"P1": 0}}, "points"),
        (CUMULATIVE, {"points": {"P1": 5, "P2": 3}}, "sum_points"),
        (CUMULATIVE, {"points": {"P1": True}}, "form"),
        (CUMULATIVE, {"points": {"P1": 1.5}}, "form"),
        (CUMULATIVE, {"points": {"P1": "1"}}, "form"),
        (CUMULATIVE, {"points": {"P9": 1}}, "project"),
        (CUMULATIVE, {"points": [["P1", 1]]}, "form"),
        (SCORING, {"points": {"P1": 0, "P2": 10, "P3": 4}}, ""),
        (SCORING, {"points": {"P1": -1}}, "points"),
        (SCORING, {"points": {"P1": 11}}, "points"),
        (SCORING, {"points": dict.fromkeys(COSTS, 1)}, "length"),
        (ORDINAL, {"order": ["P3", "P1"]}, ""),
        (ORDINAL, {"order": ["P3", "P3"]}, "order"),
        (ORDINAL, {"order": ["P1", "P2", "P3", "P4"]}, "length"),
        (ONE, {"approve": ["P2"]}, ""),
        (ONE, {"approve": ["P1", "P2"]}, "length"),
    ],
)
def test_what_may_be_said(given_rules: BallotRules, choice: Any, fault: str) -> None:
    assert choice_fault(choice, given_rules) == fault


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        ({}, "ballot_type"),
        ({"ballot": {"type": "essay"}}, "ballot_type"),
        ({"ballot": {"type": None}}, "ballot_type"),
        ({"ballot": {"type": "approval", "max_length": -1}}, "ballot_limit"),
        ({"ballot": {"type": "approval", "max_length": True}}, "ballot_limit"),
        ({"ballot": {"type": "approval", "min_length": 9}}, "ballot_length"),
        ({"ballot": {"type": "cumulative"}}, "ballot_points"),
    ],
)
def test_limits_that_are_none(manifest: dict[str, Any], code: str) -> None:
    with pytest.raises(EngineInputError) as caught:
        BallotRules.of(manifest, [{"id": key, "cost": cost} for key, cost in COSTS.items()])
    assert caught.value.code == code


@st.composite
def choices(draw: st.DrawFn) -> tuple[BallotRules, dict[str, Any]]:
    chosen = draw(st.sampled_from((APPROVAL, CUMULATIVE, SCORING, ORDINAL)))
    ids = draw(st.lists(st.sampled_from(sorted(COSTS)), max_size=3, unique=True))
    if chosen.key == "points":
        return chosen, {"points": {key: draw(st.integers(0, 10)) for key in ids}}
    return chosen, {chosen.key: sorted(ids) if chosen.key == "approve" else ids}


@given(choices(), st.binary(min_size=32, max_size=32))
def test_every_choice_fits_its_seal_and_comes_back(drawn: tuple[BallotRules, dict[str, Any]], nonce: bytes) -> None:
    given_rules, choice = drawn
    pad = pad_of(given_rules)
    if choice_fault(choice, given_rules):
        return
    text = plaintext(choice, nonce, pad)
    assert len(text) == pad
    assert plaintext_read(text) == (choice, nonce)
    assert commitment(choice, nonce) == hashlib.sha256(nonce + canonical(choice)).hexdigest()


JSON = st.recursive(
    st.none() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=12,
)


@given(JSON)
def test_one_value_has_one_form(value: Any) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text
    shuffled = json.loads(json.dumps(value, indent=1, sort_keys=False))
    assert canonical(shuffled) == text


def test_the_form_by_hand() -> None:
    assert canonical({"b": ["가", None], "a": {"z": 1, "A": -2}}).decode() == '{"a":{"A":-2,"z":1},"b":["가",null]}'


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"   ",
        b"[]",
        b"{",
        b'{"choice":{"approve":[]}}',
        b'{"choice":1,"nonce":"AA"}',
        b'{"nonce":"' + b"A" * 43 + b'","choice":1}',
        b' {"choice":1,"nonce":"' + b"A" * 43 + b'"}',
        b'{"choice":NaN,"nonce":"' + b"A" * 43 + b'"}',
        b'{"choice":"\\ud800","nonce":"' + b"A" * 43 + b'"}',
        b'{"choice":1,"choice":1,"nonce":"' + b"A" * 43 + b'"}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_plaintext_is_refused(text: bytes) -> None:
    with pytest.raises(EngineInputError):
        plaintext_read(text)


def test_a_choice_too_long_is_refused() -> None:
    with pytest.raises(EngineInputError):
        plaintext({"approve": ["P1"] * 40}, bytes(32), 64)
