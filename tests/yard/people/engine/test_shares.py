"""Shares become whole persons exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.yard.people.engine.shares import chosen, fit, quantiles, ranked, spread, whole_counts, whole_table

weights = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=12).filter(
    lambda row: sum(row) > 1e-3
)


@given(weights, st.integers(0, 10**6))
def test_counts_add_up_and_are_within_one_of_the_share(row: list[float], total: int) -> None:
    array = np.array(row)
    counts = whole_counts(array, total)
    assert counts.sum() == total
    assert (np.abs(counts - array / array.sum() * total) < 1 + 1e-6).all()


def test_no_weight_is_refused() -> None:
    for row in ([0.0, 0.0], [-1.0, 2.0]):
        with pytest.raises(EngineInputError):
            whole_counts(np.array(row), 3)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=60))
def test_ranked_keeps_order_and_shares(values: list[float]) -> None:
    latent, shares = np.array(values), np.array([0.5, 0.3, 0.2])
    found = ranked(latent, shares)
    assert np.bincount(found, minlength=3).tolist() == whole_counts(shares, len(values)).tolist()
    order = np.argsort(latent, kind="stable")
    assert (np.diff(found[order]) >= 0).all()


def test_spread_is_even_within_classes() -> None:
    values = spread(quantiles(np.arange(1000.0)), np.array([0.25, 0.75]), np.array([0.0, 10.0, 40.0]))
    assert (values < 10).mean() == pytest.approx(0.25)
    assert values[:250].mean() == pytest.approx(5, rel=1e-2)
    assert values[250:].mean() == pytest.approx(25, rel=1e-2)


@given(st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_each_group_gives_its_rate_and_the_highest_go_first(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    group, latent, rates = random.integers(0, 4, count), random.random(count), random.random(4)
    found = chosen(latent, group, rates)
    for index in range(4):
        mine = group == index
        assert abs(found[mine].sum() - rates[index] * mine.sum()) <= 1
        if found[mine].any() and not found[mine].all():
            assert latent[mine & found].min() >= latent[mine & ~found].max()


def test_fit_matches_a_table_worked_by_hand() -> None:
    # Seed of ones with independent totals: cell = row * column / all.
    table = fit(np.ones((2, 3)), np.array([30.0, 70.0]), np.array([20.0, 30.0, 50.0]))
    assert table == pytest.approx(np.array([[6, 9, 15], [14, 21, 35]]))
    kept = fit(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([10.0, 20.0]), np.array([15.0, 15.0]))
    assert kept == pytest.approx(np.array([[10, 0], [5, 15]]), abs=1e-6)


@given(st.integers(2, 12), st.integers(2, 7), st.integers(0, 2**32 - 1))
def test_a_rounded_table_has_its_totals_and_is_near(rows: int, columns: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    whole = random.integers(0, 40, (rows, columns))
    row_totals, column_totals = whole.sum(axis=1), whole.sum(axis=0)
    table = fit(random.uniform(0.1, 1, whole.shape), row_totals.astype(float), column_totals.astype(float))
    found = whole_table(table, row_totals, column_totals)
    assert found.sum(axis=1).tolist() == row_totals.tolist()
    assert found.sum(axis=0).tolist() == column_totals.tolist()
    assert (found >= 0).all()
    assert np.abs(found - table).max() <= columns + 1
    with pytest.raises(EngineInputError):
        whole_table(table, row_totals + 1, column_totals)
