"""Every reason has its sentence, in both languages."""

from typing import Any

import pytest
from django.utils import translation

from madang.plaza.views.verdicts import fairness_words, verdict_words
from madang.rooms.autonomy.engine.explanation import Reason

NAMES = {"P1": "그늘막", "P2": "가로등"}
CHANGE = {"amount": 12, "displaced": ["P2"], "joined": [], "checked": "rule"}
PAYERS = {"full": 30, "full_paid": 1200.4, "rest": 4, "rest_paid": 900.0}


def said(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "P1", "won": code.startswith("won"), "code": code, "payers": PAYERS if code == "won_bought" else None,
        "effective_support": 0.75, "more_supporters": CHANGE, "lower_cost": {**CHANGE, "amount": 5_000_000}, **changes,
    }  # fmt: skip


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("code", [reason.value for reason in Reason])
def test_every_reason_is_said(code: str, language: str) -> None:
    with translation.override(language):
        words = verdict_words(said(code), NAMES)
    assert words
    assert words.endswith(".")
    if language == "ko":
        assert not any(letter.isascii() and letter.isalpha() for letter in words)


def test_what_was_missing_is_said_with_its_numbers() -> None:
    with translation.override("en"):
        words = verdict_words(said("lost_poor"), NAMES)
    assert words == (
        "Its supporters could pay at most 75.0% of its cost. "
        "With 12 more supporters, or at a cost of ₩5.0\xa0million, it would have won. "
        "In its place, these would not have won: 가로등."
    )
    with translation.override("en"):
        alone = verdict_words(said("lost_poor", more_supporters=None, effective_support=None), NAMES)
        nothing = verdict_words(said("lost_ranked", more_supporters=None, lower_cost=None), NAMES)
    assert alone.startswith("Its supporters had too little money left for it. At a cost of ₩5.0\xa0million")
    assert nothing == "When its turn came, it no longer fitted into the budget."


@pytest.mark.parametrize("status", ["holds", "fails", "not_refuted"])
def test_fairness_is_answered(status: str) -> None:
    checked = {"status": status, "method": "exact", "witness": {}}
    properties = {
        "exhaustive": checked, "ejr1": checked, "priceable": checked,
        "left_out": {"voters": 200, "nothing": 3, "empty": 1},
    }  # fmt: skip
    with translation.override("en"):
        pairs = fairness_words(properties)
        nobody = fairness_words({**properties, "left_out": {"voters": 0, "nothing": 0, "empty": 0}})
    assert pairs[0][1] == "1.5% (3 of 200)"
    assert len({answer for _question, answer in pairs[1:]}) == 1
    assert nobody[0][1].startswith("0")
