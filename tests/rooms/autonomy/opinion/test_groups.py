"""Opinion groups: a conversation worked by hand, what must not matter, and odd conversations."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.digests import canonical_json, json_digest
from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.opinion import (
    OpinionGroups,
    OpinionParameters,
    Votes,
    opinion_groups,
    opinion_json,
    state_of,
    votes_gathered,
)
from madang.rooms.autonomy.engine.opinion.clusters import adjusted_rand, k_means, kept_names, partition_of, silhouettes
from madang.rooms.autonomy.engine.opinion.projection import matrix_of, plane_of, standing

PLAIN = OpinionParameters(resamples=0)
GOLDEN = "31d4706dae5cc64cd6448d303b9b88686d5d199725a2a8c4cb4a662cfe56fe39"


def camps(seed: int = 3, people: int = 60, statements: int = 12) -> list[list[Any]]:
    """Two camps: the first votes for the odd statements, the second for the even ones; all are for statement 0."""
    rng = np.random.default_rng(seed)
    votes = []
    for person in range(people):
        for statement in range(statements):
            if rng.random() < 0.8:
                side = 1 if statement == 0 or statement % 2 == person % 2 else -1
                votes.append([person, statement, side if rng.random() < 0.9 else 0])
    return votes


def gathered(votes: list[list[Any]], moderated: dict[str, bool] | None = None) -> Votes:
    return votes_gathered(
        [str(row[0]) for row in votes], [str(row[1]) for row in votes], [row[2] for row in votes], moderated or {}
    )


def members(votes: Votes, found: OpinionGroups) -> set[frozenset[str]]:
    return {
        frozenset(votes.participants[at] for at in found.clustered[found.labels == label])
        for label in range(len(found.numbers))
    }


def test_two_camps_worked_by_hand() -> None:
    # Four people, two statements, everybody votes: a and b are for x and against y, c and d the other way round.
    rows = [("a", 1, -1), ("b", 1, -1), ("c", -1, 1), ("d", -1, 1)]
    votes = gathered([[who, what, value] for who, x, y in rows for what, value in (("x", x), ("y", y))])
    found = opinion_groups(votes, PLAIN)
    # The means are 0, the one axis is (1, -1) / sqrt 2, a stands at (1 + 1) / sqrt 2; nobody has gaps, so no scaling.
    assert found.plane.components[:, 0] == pytest.approx([1 / math.sqrt(2), -1 / math.sqrt(2)])
    assert found.plane.positions[:, 0] == pytest.approx([math.sqrt(2)] * 2 + [-math.sqrt(2)] * 2)
    assert found.plane.positions[:, 1] == pytest.approx(0.0)
    assert found.plane.explained == pytest.approx([1.0, 0.0])
    assert members(votes, found) == {frozenset("ab"), frozenset("cd")}
    assert found.silhouette == pytest.approx(1.0)
    assert found.counts.agree.tolist() == [[2, 0], [0, 2]]
    # Product of (2 + 1) / (2 + 2) and (0 + 1) / (2 + 2).
    assert [values.tolist() for values in found.consensus.values()] == [[3 / 16] * 2] * 2


def test_a_gap_is_filled_with_the_mean_and_few_votes_are_stretched() -> None:
    votes = gathered([["a", "x", 1], ["a", "y", -1], ["b", "x", -1], ["b", "y", 1], ["c", "x", 1]])
    found = opinion_groups(votes, PLAIN)
    mean_x = 1 / 3
    loading = found.plane.components[0, 0]
    # c voted on one of two statements: sqrt(2 / 1) times its plain projection.
    assert found.plane.positions[2, 0] == pytest.approx(math.sqrt(2) * (1 - mean_x) * loading)


def test_the_last_vote_counts_and_repeated_votes_change_nothing() -> None:
    votes = camps()
    changed = [[person, statement, -value] for person, statement, value in votes[:50]]
    once, again = gathered(votes), gathered([*changed, *votes, *votes[:30]])
    assert once.value.tolist() == again.value.tolist()
    assert json_digest(report(votes)) == json_digest(report([*changed, *votes, *votes[:30]]))


def report(votes: list[list[Any]], **inputs: Any) -> dict[str, Any]:
    return opinion_json({"statements": [], "votes": votes, **inputs}, {"resamples": 3}, 1)


def test_the_order_of_rows_does_not_matter() -> None:
    votes = camps()
    shuffled = [votes[at] for at in np.random.default_rng(0).permutation(len(votes))]
    assert canonical_json(report(votes)) == canonical_json(report(shuffled))


def test_a_statement_worded_the_other_way_round_changes_no_group() -> None:
    votes = camps()
    turned = [[person, what, -value if what == 4 else value] for person, what, value in votes]
    one, other = opinion_groups(gathered(votes), PLAIN), opinion_groups(gathered(turned), PLAIN)
    assert members(gathered(votes), one) == members(gathered(turned), other)
    assert np.abs(one.plane.positions) == pytest.approx(np.abs(other.plane.positions), abs=1e-8)
    at = gathered(votes).statements.index("4")
    assert sorted(one.counts.agree[:, at]) == sorted(other.counts.disagree[:, at])


def test_turning_every_statement_mirrors_agree_and_disagree() -> None:
    votes = camps()
    one = opinion_groups(gathered(votes), PLAIN)
    other = opinion_groups(gathered([[person, what, -value] for person, what, value in votes]), PLAIN)
    assert sorted(one.counts.agree.tolist()) == sorted(other.counts.disagree.tolist())
    assert [pick.statement for pick in one.agreed] == [pick.statement for pick in other.rejected]


def test_moderated_statements_are_left_out() -> None:
    votes = gathered(camps(), {"3": True})
    found = opinion_groups(votes, PLAIN)
    at = votes.statements.index("3")
    assert found.plane.components[at].tolist() == [0.0, 0.0]
    chosen = {pick.statement for picks in (*found.representative, found.agreed, found.rejected) for pick in picks}
    assert at not in chosen
    assert at not in {bridge.statement for bridge in found.bridging}


def test_people_with_few_votes_stand_in_no_group() -> None:
    votes = gathered([*camps(), *[["late", what, 1] for what in range(6)], *[["early", what, 1] for what in range(7)]])
    found = opinion_groups(votes, PLAIN)
    inside = {votes.participants[at] for at in found.clustered}
    assert "early" in inside
    assert "late" not in inside


def test_what_both_camps_hold_is_the_bridge() -> None:
    votes = gathered(camps())
    found = opinion_groups(votes, PLAIN)
    assert [votes.statements[bridge.statement] for bridge in found.bridging] == ["0"]
    assert found.bridging[0].least == min(found.bridging[0].shares)


def test_clear_camps_are_stable_and_noise_is_not() -> None:
    clear = opinion_groups(gathered(camps()), OpinionParameters(resamples=10), seed=1).stability
    rng = np.random.default_rng(0)
    noise = [[person, what, int(rng.integers(-1, 2))] for person in range(60) for what in range(12)]
    vague = opinion_groups(gathered(noise), OpinionParameters(resamples=10), seed=1).stability
    assert clear is not None
    assert vague is not None
    assert clear.mean == 1.0
    assert clear.same_count == 1.0
    assert vague.mean < 0.6


def test_the_seed_is_all_that_chance_depends_on() -> None:
    votes = gathered(camps(people=20, statements=8))
    chosen = OpinionParameters(resamples=4, least_votes=2)
    assert opinion_groups(votes, chosen, 5).stability == opinion_groups(votes, chosen, 5).stability


def test_a_refresh_keeps_names_and_axes_and_finds_what_a_cold_run_finds() -> None:
    votes = camps(people=61)
    early = gathered(votes[: len(votes) * 2 // 3])
    before = opinion_groups(early, PLAIN)
    # As if the earlier refresh had drawn the axis the other way round and named the groups the other way.
    turned = state_of(early, before)
    components = {key: (-one, two) for key, (one, two) in turned.components.items()}
    named = {key: 7 - number for key, number in turned.groups.items()}
    late = gathered(votes)
    cold = opinion_groups(late, PLAIN)
    warm = opinion_groups(late, PLAIN, previous=type(turned)(components=components, groups=named))
    assert members(late, cold) == members(late, warm)
    assert np.abs(warm.plane.positions) == pytest.approx(np.abs(cold.plane.positions), abs=1e-7)
    along = [
        components.get(key, (0.0, 0.0))[0] * loading[0]
        for key, loading in zip(late.statements, warm.plane.components, strict=True)
    ]
    assert sum(along) > 0
    assert warm.numbers == (6, 7)
    for at, label in zip(warm.clustered.tolist(), warm.labels.tolist(), strict=True):
        name = late.participants[at]
        assert named.get(name, warm.numbers[label]) == warm.numbers[label]


def test_the_state_goes_through_json() -> None:
    votes = camps()
    first = report(votes[:400])
    second = report(votes, previous=first["state"])
    number = {person: group["group"] for group in second["groups"] for person in group["members"]}
    kept = [number[int(key)] == value for key, value in first["state"]["groups"].items()]
    assert sum(kept) / len(kept) > 0.95


def test_new_groups_get_numbers_that_nobody_had() -> None:
    assert kept_names(np.array([[5, 0], [0, 3]]), [4, 9]) == [4, 9]
    assert kept_names(np.array([[0, 5], [0, 0]]), [0, 1]) == [1, 2]
    assert kept_names(np.zeros((2, 0), dtype=np.int64), []) == [0, 1]


def dense_positions(votes: Votes) -> np.ndarray[Any, Any]:
    """Fill, centre and decompose the whole matrix: slow and obviously right."""
    filled = np.full((len(votes.participants), len(votes.statements)), np.nan)
    filled[votes.row, votes.column] = votes.value
    filled = filled[:, standing(votes)]
    given_votes = (~np.isnan(filled)).sum(axis=1)
    filled = np.where(np.isnan(filled), np.nanmean(filled, axis=0), filled)
    left, size, _right = np.linalg.svd(filled - filled.mean(axis=0), full_matrices=False)
    scale = np.sqrt(filled.shape[1] / given_votes)
    positions: np.ndarray[Any, Any] = left[:, :2] * size[:2] * scale[:, None]
    return positions


@pytest.mark.parametrize("statements", [6, 20, 40, 120])
def test_components_are_those_of_a_dense_decomposition(statements: int) -> None:
    rng = np.random.default_rng(statements)
    taste = rng.normal(size=(80, 3)) @ rng.normal(size=(3, statements))
    votes = [
        [person, what, int(np.sign(np.round(taste[person, what])))]
        for person in range(80)
        for what in range(statements)
        if rng.random() < 0.5 or what == person % statements
    ]
    gathered_votes = gathered(votes)
    found = plane_of(matrix_of(gathered_votes)).positions
    assert np.abs(found) == pytest.approx(np.abs(dense_positions(gathered_votes)), abs=1e-7)


def test_two_equal_axes_span_the_plane_that_a_dense_decomposition_spans() -> None:
    # Two independent camps of the same size over 40 statements each half: the leading eigenvalue is double.
    votes = [
        [4 * copy + person, what, (1 if (person // (1 + (what >= 20))) % 2 else -1)]
        for copy in range(3)
        for person in range(4)
        for what in range(40)
    ]
    plane = plane_of(matrix_of(gathered(votes)))
    assert plane.explained == pytest.approx([0.5, 0.5])
    assert plane.components.T @ plane.components == pytest.approx(np.eye(2), abs=1e-9)


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 7), st.sampled_from([-1, 0, 1])), min_size=0, max_size=60),
    st.sets(st.integers(0, 7)),
)
def test_no_conversation_gives_nan_and_order_never_matters(rows: list[tuple[int, int, int]], out: set[int]) -> None:
    unique = list({(person, what): [person, what, value] for person, what, value in rows}.values())
    inputs: dict[str, Any] = {"statements": [{"id": at, "moderated": True} for at in sorted(out)], "votes": unique}
    chosen = {"resamples": 2, "least_votes": 2}
    answer = opinion_json(inputs, chosen, 0)
    canonical = canonical_json(answer)  # refuses NaN
    assert canonical == canonical_json(opinion_json({**inputs, "votes": unique[::-1]}, chosen, 0))
    assert sum(group["size"] for group in answer["groups"]) == answer["clustered"]
    for row in answer["statements"]:
        assert row["agree"] + row["disagree"] + row["pass"] == sum(vote[1] == row["id"] for vote in unique)
    assert answer["silhouette"] is None or -1 <= answer["silhouette"] <= 1


@pytest.mark.parametrize(
    "votes",
    [
        [],
        [["only", what, 1] for what in range(8)],
        [[person, what, 0] for person in range(9) for what in range(8)],
        [[person, what, what % 3 - 1] for person in range(9) for what in range(8)],
        [[person, 1, 1] for person in range(9)],
    ],
    ids=["no votes", "one voter", "all pass", "all alike", "one statement"],
)
def test_where_nobody_differs_there_is_one_group_or_none(votes: list[list[Any]]) -> None:
    answer = report(votes)
    assert answer["group_count"] == (1 if votes else 0)
    assert answer["silhouette"] is None
    assert answer["stability"] is None
    assert answer["bridging"] == []
    assert all(position[1:] == [0.0, 0.0] for position in answer["positions"])


@pytest.mark.parametrize(
    ("inputs", "parameters"),
    [
        ({"votes": []}, {}),
        ({"statements": [], "votes": [["a", "b", 2]]}, {}),
        ({"statements": [], "votes": [["a", "b", True]]}, {}),
        ({"statements": [], "votes": [["a", "b"]]}, {}),
        ({"statements": [], "votes": [[None, "b", 1]]}, {}),
        ({"statements": [{}], "votes": []}, {}),
        ({"statements": [], "votes": [], "previous": {}}, {}),
        ({"statements": [], "votes": []}, {"most_groups": 1}),
        ({"statements": [], "votes": []}, {"most_groups": 99}),
        ({"statements": [], "votes": []}, {"confidence": 1.0}),
        ({"statements": [], "votes": []}, {"unknown": 1}),
        (None, {}),
    ],
)
def test_bad_inputs_are_refused(inputs: Any, parameters: dict[str, Any]) -> None:
    with pytest.raises(EngineInputError):
        opinion_json(inputs, parameters, 0)


def test_ids_come_back_as_they_were_given() -> None:
    answer = report([[person, f"s{what}", (person + what) % 2] for person in range(4) for what in range(8)])
    assert [row["id"] for row in answer["statements"]] == [f"s{what}" for what in range(8)]
    assert [row[0] for row in answer["positions"]] == [0, 1, 2, 3]


def test_silhouettes_follow_their_definition() -> None:
    rng = np.random.default_rng(4)
    points, labels = rng.normal(size=(40, 2)), rng.integers(0, 3, size=40)
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    scores = []
    for at in range(40):
        mates = (labels == labels[at]) & (np.arange(40) != at)
        inside = away[at, mates].mean()
        outside = min(away[at, labels == other].mean() for other in range(3) if other != labels[at])
        scores.append((outside - inside) / max(inside, outside))
    assert silhouettes(points, [labels]) == pytest.approx([np.mean(scores)])


def test_k_means_ends_where_each_point_is_with_its_nearest_mean() -> None:
    rng = np.random.default_rng(5)
    points = np.concatenate([rng.normal(size=(30, 2)) + shift for shift in (0, 8, [8, -8])])
    labels = k_means(points, points[[0, 30, 60]])
    assert adjusted_rand(labels, np.repeat([0, 1, 2], 30)) == 1.0
    assert len(partition_of(points, 5).centres) == 3


def test_a_golden_run() -> None:
    answer = opinion_json({"statements": [{"id": 3, "moderated": True}], "votes": camps()}, {"resamples": 5}, 42)
    assert answer["group_count"] == 2
    assert [group["size"] for group in answer["groups"]] == [30, 30]
    assert answer["stability"] == {"mean": 1.0, "low": 1.0, "same_count": 1.0, "resamples": 5}
    assert [pick["statement"] for pick in answer["consensus"]["agree"]] == [0]
    assert json_digest([group["members"] for group in answer["groups"]]) == GOLDEN
