"""Nothing that is published of a conversation tells what few people think."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.opinion import opinion_json
from madang.rooms.autonomy.engine.opinion_view import ViewRules, opinion_published


def conversation(camps: tuple[int, ...], statements: int = 9) -> dict[str, Any]:
    """Return inputs in which each camp answers a third of the statements unlike the others."""
    votes = []
    for camp, size in enumerate(camps):
        for member in range(size):
            person = f"{camp}-{member}"
            votes += [
                [person, statement, 1 if statement % len(camps) == camp else -1] for statement in range(statements)
            ]
    return {"statements": [{"id": statement, "moderated": False} for statement in range(statements)], "votes": votes}


def test_shares_and_groups_of_a_worked_example() -> None:
    result = opinion_json(conversation((6, 14), 8), {"resamples": 0}, 1)
    shown = opinion_published(result)
    assert (shown["groups_shown"], shown["participants"], shown["grouped"]) == (True, 20, 20)
    assert [group["size"] for group in shown["groups"]] == [group["size"] for group in result["groups"]]
    shares = {row["id"]: (row["agree"], row["disagree"], row["pass"]) for row in shown["statements"]}
    assert shares == {number: ((0.3, 0.7, 0.0) if number % 2 == 0 else (0.7, 0.3, 0.0)) for number in range(8)}
    assert [row["gap"] for row in shown["dividing"]] == [1.0] * 5
    assert shown["bridging"] == []


@pytest.mark.parametrize("camps", [(4, 20), (20, 3), (5, 5, 4)])
def test_one_small_group_keeps_all_back(camps: tuple[int, ...]) -> None:
    shown = opinion_published(opinion_json(conversation(camps), {"resamples": 0}, 1))
    assert shown["why_not"] == "small_group"
    assert shown["groups"] == shown["dividing"] == shown["bridging"] == []
    assert shown["stability"] is None


def test_a_group_of_one_is_no_rule() -> None:
    with pytest.raises(EngineInputError):
        ViewRules(smallest=1)


VOTES = st.lists(st.tuples(st.integers(0, 24), st.integers(0, 9), st.sampled_from([-1, 0, 1])), max_size=200)


@settings(max_examples=60)
@given(VOTES, st.integers(2, 6))
def test_every_share_hides_as_many_as_the_rule_says(votes: list[tuple[int, int, int]], smallest: int) -> None:
    last = {(person, statement): value for person, statement, value in votes}
    inputs = {
        "statements": [{"id": number, "moderated": number == 9} for number in range(10)],
        "votes": [[person, statement, value] for (person, statement), value in last.items()],
    }
    result = opinion_json(inputs, {"resamples": 0, "least_votes": 3}, 1)
    shown = opinion_published(result, ViewRules(smallest=smallest))
    members = {group["group"]: set(group["members"]) for group in result["groups"]}
    assert 9 not in [row["id"] for row in shown["statements"]]
    for row in shown["statements"]:
        answered = {person for person, statement in last if statement == row["id"]}
        in_groups = [answered & members[group["group"]] for group in shown["groups"]]
        counted = set().union(*(each for each in in_groups if len(each) >= smallest)) if in_groups else answered
        assert (row["agree"] is None) == (len(counted) < smallest)
        assert [cell is None for cell in row["groups"]] == [len(each) < smallest for each in in_groups]
        if row["agree"] is not None:
            yes = sum(last[person, row["id"]] == 1 for person in counted)
            assert row["agree"] == pytest.approx(yes / len(counted), abs=0.0051)
    for group in shown["groups"]:
        assert group["size"] == len(members[group["group"]]) >= smallest
    assert "members" not in str(shown)
    assert "positions" not in shown
