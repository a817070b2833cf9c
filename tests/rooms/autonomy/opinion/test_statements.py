"""What groups say: each statistic against a plain rewriting of its formula."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rooms.autonomy.engine.opinion.statements import (
    Counts,
    Side,
    bridging,
    consensus,
    difference_z,
    group_consensus,
    representative,
    share_z,
)

LIMIT = NormalDist().inv_cdf(0.9)


def one_share(votes: int, seen: int) -> float:
    share = (votes + 1) / (seen + 1)
    return (share - 0.5) / math.sqrt(0.25 / (seen + 1))


def two_shares(votes: int, seen: int, votes_other: int, seen_other: int) -> float:
    """The textbook two-proportion z with pooled variance, on counts raised by one."""
    a, n, b, m = votes + 1, seen + 1, votes_other + 1, seen_other + 1
    pooled = (a + b) / (n + m)
    variance = pooled * (1 - pooled) * (1 / n + 1 / m)
    return (a / n - b / m) / math.sqrt(variance) if variance > 0 else 0.0


count_pairs = st.integers(0, 400).flatmap(lambda seen: st.tuples(st.integers(0, seen), st.just(seen)))


@given(count_pairs, count_pairs)
def test_z_values_are_those_of_the_textbook(one: tuple[int, int], other: tuple[int, int]) -> None:
    arrays = [np.array([value]) for value in (*one, *other)]
    assert share_z(arrays[0], arrays[1])[0] == pytest.approx(one_share(*one))
    found = difference_z((arrays[0], arrays[1]), (arrays[2], arrays[3]))[0]
    assert found == pytest.approx(two_shares(*one, *other), abs=1e-6)


@st.composite
def tables(draw: st.DrawFn) -> Counts:
    groups, statements = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    cells = st.lists(st.integers(0, 60), min_size=groups * statements, max_size=groups * statements)
    agree, disagree, skipped = (np.array(draw(cells)).reshape(groups, statements) for _ in range(3))
    return Counts(agree=agree, disagree=disagree, seen=agree + disagree + skipped)


@given(tables())
def test_what_is_representative_passes_both_tests(counts: Counts) -> None:
    everything = np.arange(counts.seen.shape[1])
    others = counts.others()
    for group, picks in enumerate(representative(counts, everything, 5, 0.9)):
        assert len(picks) <= 5
        assert len({pick.statement for pick in picks}) == len(picks)
        strong = [pick for pick in picks if not pick.best_agree]
        for pick in strong if len(strong) > 1 else []:
            at, votes = pick.statement, counts.of(pick.side)
            assert one_share(votes[group, at], counts.seen[group, at]) > LIMIT - 1e-9 or _fit(counts, group, at)
            assert pick.ratio_z == pytest.approx(
                two_shares(
                    votes[group, at], counts.seen[group, at], others.of(pick.side)[group, at], others.seen[group, at]
                ),
                abs=1e-6,
            )


def _fit(counts: Counts, group: int, at: int) -> bool:
    return any(one_share(counts.of(side)[group, at], counts.seen[group, at]) > LIMIT for side in Side)


@given(tables())
def test_a_bridge_holds_in_every_group(counts: Counts) -> None:
    everything = np.arange(counts.seen.shape[1])
    bridges = bridging(counts, everything, 99, 0.9)
    for bridge in bridges:
        votes = counts.of(bridge.side)[:, bridge.statement]
        seen = counts.seen[:, bridge.statement]
        assert all(one_share(v, s) > LIMIT for v, s in zip(votes.tolist(), seen.tolist(), strict=True))
        assert bridge.least == pytest.approx(min((votes + 1) / (seen + 2)))
    assert [bridge.least for bridge in bridges] == sorted((bridge.least for bridge in bridges), reverse=True)


def test_a_large_group_carries_no_small_one() -> None:
    counts = Counts(
        agree=np.array([[900, 800], [2, 9]]),
        disagree=np.array([[0, 50], [8, 0]]),
        seen=np.array([[900, 900], [10, 10]]),
    )
    everything = np.arange(2)
    assert [pick.statement for pick in consensus(counts, Side.AGREE, everything, 5, 0.9)] == [0, 1]
    assert [bridge.statement for bridge in bridging(counts, everything, 5, 0.9)] == [1]
    assert group_consensus(counts, Side.AGREE) == pytest.approx([901 / 902 * 3 / 12, 801 / 902 * 10 / 12])


def test_what_a_group_agrees_on_most_stands_as_agreed_to() -> None:
    # Both groups are for it, this one a little less than the other: no reason to call it rejected.
    counts = Counts(
        agree=np.array([[60, 1], [95, 50]]), disagree=np.array([[2, 60], [0, 5]]), seen=np.array([[70, 70], [96, 96]])
    )
    first = representative(counts, np.arange(2), 5, 0.9)[0][0]
    assert (first.statement, first.side, first.best_agree) == (0, Side.AGREE, True)


def test_one_group_has_nothing_that_sets_it_apart() -> None:
    counts = Counts(agree=np.array([[9]]), disagree=np.array([[0]]), seen=np.array([[9]]))
    assert representative(counts, np.arange(1), 5, 0.9) == [[]]
    assert bridging(counts, np.arange(1), 5, 0.9) == []
