"""Tables of counts: margins, stated sums, and which of them are networks."""

import numpy as np
import pytest

from madang.numerics.errors import EngineInputError
from madang.yard.evidence.engine.tables import CountTable, Relation, is_network, margin_table


def test_a_grid_gets_its_margins() -> None:
    table = margin_table([[3, 9], [20, 1]])
    assert table.counts.reshape(table.shape).tolist() == [[3, 9, 12], [20, 1, 21], [23, 10, 33]]
    assert len(table.relations) == 6
    assert not (table.matrix() @ table.counts).any()


def test_a_cube_gets_faces_edges_and_corner() -> None:
    inner = np.arange(24).reshape(2, 3, 4)
    table = margin_table(inner)
    full = table.counts.reshape(table.shape)
    assert table.shape == (3, 4, 5)
    assert full[-1, -1, -1] == inner.sum()
    assert (full[:2, :3, -1] == inner.sum(axis=2)).all()
    assert not (table.matrix() @ table.counts).any()


@pytest.mark.parametrize(
    ("shape", "network"), [((5,), True), ((3, 4), True), ((1, 6), True), ((2, 2, 2), False), ((3, 3, 2), False)]
)
def test_lines_and_grids_are_networks_and_cubes_are_not(shape: tuple[int, ...], network: bool) -> None:
    assert is_network(margin_table(np.ones(shape, dtype=int)).matrix()) is network


def test_networks_have_no_larger_determinant() -> None:
    """The property itself, by brute force: every square part of a grid's sums has determinant -1, 0 or 1."""
    matrix = margin_table(np.ones((2, 2), dtype=int)).matrix().toarray()
    rng = np.random.default_rng(1)
    for _ in range(400):
        size = int(rng.integers(1, 7))
        rows, columns = rng.permutation(6)[:size], rng.permutation(9)[:size]
        assert abs(round(float(np.linalg.det(matrix[np.ix_(rows, columns)])))) <= 1


def test_an_odd_ring_of_sums_is_no_network() -> None:
    table = CountTable(
        counts=np.array([1, 1, 1, 2, 2, 2]),
        relations=(
            Relation(total=3, parts=(0, 1)),
            Relation(total=4, parts=(1, 2)),
            Relation(total=5, parts=(0, 2)),
        ),
    )
    assert not is_network(table.matrix())


def test_totals_follow_from_inner_cells() -> None:
    table = margin_table([[3, 9], [20, 1]])
    ones = table.summed(np.ones(9, dtype=np.int64))
    assert ones is not None
    assert ones.reshape(3, 3).tolist() == [[1, 1, 2], [1, 1, 2], [2, 2, 4]]
    torn = CountTable(
        counts=np.array([1, 2, 3, 3]), relations=(Relation(total=3, parts=(0, 1)), Relation(total=3, parts=(2,)))
    )
    assert torn.summed(np.ones(4, dtype=np.int64)) is None


@pytest.mark.parametrize(
    ("counts", "relations", "code"),
    [
        ([], (), "table_empty"),
        ([1, -1], (), "count_negative"),
        ([1, 2, 4], (Relation(total=2, parts=(0, 1)),), "sum_unfit"),
        ([1, 1], (Relation(total=1, parts=()),), "relation_unfit"),
        ([1, 1], (Relation(total=1, parts=(1,)),), "relation_unfit"),
        ([1, 1], (Relation(total=2, parts=(0,)),), "relation_outside"),
    ],
)
def test_unfit_tables_are_refused(counts: list[int], relations: tuple[Relation, ...], code: str) -> None:
    with pytest.raises(EngineInputError) as caught:
        CountTable(counts=np.array(counts, dtype=np.int64), relations=relations)
    assert caught.value.code == code


def test_a_shape_must_hold_all_cells() -> None:
    with pytest.raises(EngineInputError, match="shape"):
        CountTable(counts=np.array([1, 2, 3]), shape=(2, 2))
