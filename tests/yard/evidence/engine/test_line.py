"""The closed form for a line, against the general method and its independent audit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.yard.evidence.engine.disclosure import attack
from madang.yard.evidence.engine.line import guard_line
from madang.yard.evidence.engine.rules import CellStatus, Loss, Rule
from madang.yard.evidence.engine.suppression import guard_table
from madang.yard.evidence.engine.tables import CountTable, margin_table

RULES = st.builds(Rule, threshold=st.integers(2, 6), zeros=st.booleans(), loss=st.sampled_from(Loss))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(values=st.lists(st.integers(0, 12), min_size=1, max_size=6), rule=RULES, with_total=st.booleans())
def test_it_is_what_the_general_method_finds(values: list[int], rule: Rule, with_total: bool) -> None:
    counts = np.array(values, dtype=np.int64)
    table = margin_table(counts) if with_total else CountTable(counts=counts)
    fast, general = guard_line(counts, rule, with_total=with_total), guard_table(table, rule)
    assert general.optimal
    assert fast.loss == general.loss
    assert (fast.required_low == general.required_low).all()
    assert (fast.required_high == general.required_high).all()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(values=st.lists(st.integers(0, 12), min_size=1, max_size=6), rule=RULES, with_total=st.booleans())
def test_it_passes_the_independent_audit(values: list[int], rule: Rule, with_total: bool) -> None:
    counts = np.array(values, dtype=np.int64)
    table = margin_table(counts) if with_total else CountTable(counts=counts)
    fast = guard_line(counts, rule, with_total=with_total)
    seen = attack(table, ~fast.published, at_least=rule.at_least)
    assert (seen.low == fast.low).all()
    assert (seen.high == fast.high).all()
    small = rule.small(table.counts)
    assert not (small & fast.published).any()
    assert (seen.low[small] <= fast.required_low[small]).all()
    assert (seen.high[small] >= fast.required_high[small]).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(values=st.lists(st.integers(0, 30), min_size=2, max_size=18), seed=st.integers(0, 999))
def test_the_order_of_dongs_does_not_change_the_loss(values: list[int], seed: int) -> None:
    counts = np.array(values, dtype=np.int64)
    order = np.random.default_rng(seed).permutation(counts.size)
    assert guard_line(counts, Rule()).loss == guard_line(counts[order], Rule()).loss


def test_the_least_cell_that_is_not_small_joins_a_lonely_one() -> None:
    guarded = guard_line(np.array([2, 0, 9, 40]), Rule())
    assert guarded.published.tolist() == [False, True, False, True, True]
    assert guarded.status.tolist() == [CellStatus.PRIMARY, 0, CellStatus.SECONDARY, 0, 0]


def test_the_total_is_withheld_where_no_other_cell_can_be() -> None:
    """2 and 3 add up to 5 persons, so neither could be 5: nothing else is there to hide behind but the total."""
    guarded = guard_line(np.array([2, 0, 3]), Rule())
    assert guarded.published.tolist() == [False, True, False, False]


def test_without_a_total_only_small_cells_are_withheld() -> None:
    guarded = guard_line(np.array([2, 9]), Rule(), with_total=False)
    assert guarded.published.tolist() == [False, True]
