"""The attacker, against hand-worked bounds and plain enumeration."""

import numpy as np
import pytest

from madang.numerics.errors import EngineInputError
from madang.yard.evidence.engine.disclosure import attack, possible
from madang.yard.evidence.engine.tables import CountTable, margin_table


def test_a_single_withheld_cell_is_known() -> None:
    table = margin_table([3, 4, 30])
    seen = attack(table, np.array([True, False, False, False]), at_least=1)
    assert (seen.low[0], seen.high[0]) == (3, 3)


def test_two_withheld_cells_share_their_sum() -> None:
    table = margin_table([3, 4, 30])
    withheld = np.array([True, True, False, False])
    ones, zeros = attack(table, withheld, at_least=1), attack(table, withheld, at_least=0)
    assert (ones.low[0], ones.high[0]) == (1, 6)
    assert (zeros.low[0], zeros.high[0]) == (0, 7)
    assert ones.exact


def test_nothing_limits_a_cell_whose_total_is_withheld() -> None:
    table = margin_table([3, 30])
    seen = attack(table, np.array([True, False, True]), at_least=1)
    assert (seen.low[0], seen.high[0]) == (1, np.inf)
    assert (seen.low[2], seen.high[2]) == (31, np.inf)


def test_cells_without_sums_stand_alone() -> None:
    table = CountTable(counts=np.array([3, 30]))
    seen = attack(table, np.array([True, False]), at_least=1)
    assert (seen.low.tolist(), seen.high.tolist()) == ([1, 30], [np.inf, 30])
    assert not possible(table, np.array([True, False]), at_least=1, cell=0, value=0)
    assert possible(table, np.array([True, False]), at_least=1, cell=0, value=9)


def test_a_published_table_betrays_exactly_itself() -> None:
    table = margin_table([[3, 4], [5, 6]])
    seen = attack(table, np.zeros(9, dtype=bool), at_least=1)
    assert (seen.low == table.counts).all()
    assert (seen.high == table.counts).all()


def test_a_cube_is_bounded_in_whole_numbers() -> None:
    """Every inner cell withheld, all margins shown: the values of one cell, by trying all of them."""
    inner = np.array([[[1, 2], [2, 1]], [[3, 1], [1, 2]]])
    table = margin_table(inner)
    withheld = np.zeros(table.shape, dtype=bool)
    withheld[:2, :2, :2] = True
    seen = attack(table, withheld.ravel(), at_least=0)
    # One move keeps all margins of a 2 x 2 x 2 cube: +1 on even corners, -1 on odd ones.
    move = np.array([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    values = {int((inner + step * move)[0, 0, 0]) for step in range(-9, 10) if (inner + step * move).min() >= 0}
    assert not seen.exact
    assert (seen.low[0], seen.high[0]) == (min(values), max(values))
    for value in range(6):
        assert possible(table, withheld.ravel(), at_least=0, cell=0, value=value) is (value in values)


@pytest.mark.parametrize("mask", [np.zeros(3, dtype=bool), np.zeros(4, dtype=int)])
def test_unfit_masks_are_refused(mask: np.ndarray) -> None:
    with pytest.raises(EngineInputError, match="mask"):
        attack(margin_table([1, 2, 3]), mask, at_least=0)
