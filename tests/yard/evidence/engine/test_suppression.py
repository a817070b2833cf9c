"""The publication guard against an oracle that enumerates tables, against published examples, and against its rules."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from madang.numerics.errors import EngineInfeasible, EngineInputError
from madang.yard.evidence.engine.disclosure import attack
from madang.yard.evidence.engine.optimum import Search
from madang.yard.evidence.engine.rules import CellStatus, Fixed, Guarded, Loss, Rule
from madang.yard.evidence.engine.suppression import guard_table
from madang.yard.evidence.engine.tables import CountTable, Relation, margin_table

Grid = NDArray[np.int64]


def tables_that_agree(inner: Grid, withheld: NDArray[np.bool_], *, at_least: int, more: int) -> Grid:
    """Return every table with margins that agrees with what is shown, by plain enumeration of the inner cells.

    Nothing here is shared with the engine: all values of all cells are tried, and a table is kept if every shown cell
    matches and every withheld one is at least what a withheld cell is known to be. A withheld cell is tried up to
    `more` above its true count, or up to the least shown total it belongs to.
    """
    table = margin_table(inner)
    shown = np.where(withheld, -1, table.counts).reshape(table.shape)
    ranges = []
    for position in np.ndindex(*inner.shape):
        if shown[position] >= 0:
            ranges.append(np.array([shown[position]]))
            continue
        limit = int(inner[position]) + more
        for axes in itertools.product([False, True], repeat=inner.ndim):
            over = tuple(-1 if margin else place for margin, place in zip(axes, position, strict=True))
            limit = min(limit, int(shown[over])) if shown[over] >= 0 else limit
        ranges.append(np.arange(at_least, limit + 1))
    assume(np.prod([float(values.size) for values in ranges]) < 400_000)
    tried = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, *inner.shape)
    full = tried
    for axis in range(1, inner.ndim + 1):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    full = full.reshape(len(tried), -1)
    keep = (full[:, ~withheld] == table.counts[~withheld]).all(axis=1) & (full[:, withheld] >= at_least).all(axis=1)
    return full[keep]


def assert_protected(inner: Grid, guarded: Guarded) -> None:
    rule = guarded.rule
    withheld = ~guarded.published
    found = tables_that_agree(inner, withheld, at_least=rule.at_least, more=rule.threshold)
    counts = margin_table(inner).counts
    small = (counts < rule.threshold) & (counts >= rule.at_least)
    assert not (small & guarded.published).any(), "a small count is shown"
    for cell in np.flatnonzero(withheld):
        values = set(np.unique(found[:, cell]).tolist())
        assert len(values) > 1, f"cell {cell} can be worked out exactly"
        if small[cell]:
            # The floor a reader knows in any case: every inner cell that is not zero holds somebody.
            support = margin_table((inner >= 1).astype(int)).counts[cell] if not rule.zeros else 0
            needed = set(range(int(support), rule.threshold + 1))
            assert needed <= values, f"cell {cell}: only {sorted(values)} of {sorted(needed)} are possible"


def small_grids(rows: int, columns: int, most: int) -> st.SearchStrategy[Grid]:
    cell = st.integers(0, most)
    return st.lists(cell, min_size=rows * columns, max_size=rows * columns).map(
        lambda values: np.array(values, dtype=np.int64).reshape(rows, columns)
    )


RULES = st.builds(Rule, threshold=st.integers(2, 3), zeros=st.booleans(), loss=st.sampled_from(Loss))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(inner=small_grids(2, 2, 7), rule=RULES)
def test_no_small_count_of_a_two_by_two_table_can_be_worked_out(inner: Grid, rule: Rule) -> None:
    assert_protected(inner, guard_table(margin_table(inner), rule))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(inner=small_grids(2, 3, 5), rule=RULES)
def test_no_small_count_of_a_two_by_three_table_can_be_worked_out(inner: Grid, rule: Rule) -> None:
    assert_protected(inner, guard_table(margin_table(inner), rule))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(inner=small_grids(2, 3, 5), rule=RULES)
def test_the_first_choice_protects_before_any_search_for_the_best(inner: Grid, rule: Rule) -> None:
    assert_protected(inner, guard_table(margin_table(inner), rule, search=Search(rounds=0)))


@pytest.mark.slow
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much])
@given(values=st.lists(st.integers(0, 4), min_size=8, max_size=8), rule=RULES)
def test_no_small_count_of_a_cube_can_be_worked_out(values: list[int], rule: Rule) -> None:
    inner = np.array(values, dtype=np.int64).reshape(2, 2, 2)
    guarded = guard_table(margin_table(inner), rule)
    assert_protected(inner, guarded)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True)
@given(inner=small_grids(2, 2, 8), rule=RULES)
def test_no_cheaper_choice_exists(inner: Grid, rule: Rule) -> None:
    table = margin_table(inner)
    guarded = guard_table(table, rule)
    assert guarded.optimal
    assert guarded.bound == guarded.loss
    weights = np.maximum(table.counts, 1) if rule.loss is Loss.VALUES else np.array([1, 1, 2, 1, 1, 2, 2, 2, 4])
    small = rule.small(table.counts)
    open_cells = np.flatnonzero(~small & (table.counts >= rule.at_least))
    cheapest = None
    for number in range(open_cells.size + 1):
        for extra in itertools.combinations(open_cells.tolist(), number):
            withheld = small.copy()
            withheld[list(extra)] = True
            cost = int(weights[withheld].sum())
            if (cheapest is None or cost < cheapest) and _passes(table, withheld, guarded):
                cheapest = cost
    assert guarded.loss == cheapest


def _passes(table: CountTable, withheld: NDArray[np.bool_], guarded: Guarded) -> bool:
    seen = attack(table, withheld, at_least=guarded.rule.at_least)
    small = guarded.rule.small(table.counts)
    return bool(
        (seen.low[small] <= guarded.required_low[small]).all()
        and (seen.high[small] >= guarded.required_high[small]).all()
    )


def test_hand_worked_line() -> None:
    """3 alone would follow from the total; with 8 withheld too, the two add up to 11, so 3 may be 1 to 10."""
    guarded = guard_table(margin_table([3, 8, 40, 60]), Rule(threshold=5))
    assert guarded.published.tolist() == [False, False, True, True, True]
    assert guarded.status.tolist() == [CellStatus.PRIMARY, CellStatus.SECONDARY, 0, 0, 0]
    assert (guarded.low[0], guarded.high[0]) == (1, 10)
    assert guarded.loss == 11


def test_two_small_cells_that_add_up_to_a_small_sum_are_not_enough() -> None:
    """1 and 3 would be known to hold four persons together: the union is a small count itself."""
    guarded = guard_table(margin_table([1, 3, 30, 40]), Rule(threshold=5))
    assert (~guarded.published).tolist() == [True, True, True, False, False]


def test_ones_are_not_betrayed_by_their_sum() -> None:
    """The 'singleton' tables of the easySdcTable vignette, in which a first release of sdcTable let ones be derived.

    Langsrud, Ø., The problem of singletons and zeros in 'easySdcTable' (vignette to the R package of Statistics
    Norway): withholding only the ones of row r1 leaves their sum equal to their number, and since zeros are shown each
    must be one.
    """
    first = np.array([[0, 1, 7, 1, 0], [2, 0, 0, 2, 8]])
    second = np.array([[1, 1, 7, 1, 0], [1, 0, 0, 2, 8]])
    for inner in (first, second):
        guarded = guard_table(margin_table(inner), Rule(threshold=4))
        small = guarded.status == CellStatus.PRIMARY
        inner_small = small & (margin_table(inner).counts == 1)
        assert (guarded.high[inner_small] >= 4).all()
        assert guarded.optimal


def test_zeros_are_not_betrayed_by_their_sum() -> None:
    """The 'zeros' tables of the same vignette: two withheld zeros whose sum is public are both zero."""
    for inner in (np.array([[5, 0, 7, 0, 9], [5, 9, 9, 5, 8]]), np.array([[0, 0, 7, 0, 9], [0, 9, 9, 2, 8]])):
        guarded = guard_table(margin_table(inner), Rule(threshold=4, zeros=True))
        zero = margin_table(inner).counts == 0
        assert not guarded.published[zero].any()
        assert (guarded.low[zero] == 0).all()
        assert (guarded.high[zero] >= 4).all()


def test_the_published_solution_of_fischetti_and_salazar() -> None:
    """Three activities by three regions, with 8 as the one small count: 8, 22, 17 and 12 are withheld.

    Table and solution stand in the test-suite of an R implementation of Fischetti and Salazar-Gonzalez (2001),
    doi:10.1287/mnsc.47.7.1008.9805 (`determine_cell_suppression`). By hand: with t in the place of 22, the others are
    30 - t, t - 5 and 34 - t, so a reader who allows zeros knows of 22 that it is 5 to 30.
    """
    inner = np.array([[20, 50, 10], [8, 19, 22], [17, 32, 12]])
    table = margin_table(inner)
    guarded = guard_table(table, Rule(threshold=10))
    expected = np.isin(table.counts, [8, 22, 17, 12])
    assert (~guarded.published == expected).all()
    assert guarded.optimal
    seen = attack(table, expected, at_least=0)
    position = int(np.flatnonzero(table.counts == 22)[0])
    assert (seen.low[position], seen.high[position]) == (5, 30)


def test_the_published_solution_of_a_survey_table_by_two_columns() -> None:
    """Eight rows by two columns with a small row (1, 3, 4): the whole row, and the cheapest row to hide it behind.

    The table and the solution stand in the test-suite of an R implementation of Fischetti and Salazar's method
    (`determine_cell_suppression`, "correctly deals with constraints hidden by prior cells").
    """
    inner = np.array([[262, 78], [110, 59], [52, 16], [54, 16], [97, 17], [90, 37], [1, 3], [0, 0]])
    table = margin_table(inner)
    guarded = guard_table(table, Rule(threshold=5))
    withheld = (~guarded.published).reshape(table.shape)
    assert guarded.optimal
    assert np.flatnonzero(withheld.any(axis=1)).tolist() == [2, 6]
    assert withheld[[2, 6]].all()


def test_the_hidden_dependency_of_sdctable() -> None:
    """Two withheld cells in every line, and yet one of them is known: rows minus columns give it away.

    The table is that of sdcTable's own test (tests/testthat/test-simpleheuristic.R): with nine cells withheld, 47 can
    be computed; one more cell makes it 0 to 141.
    """
    inner = np.array([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]])
    table = margin_table(inner)
    withheld = np.isin(table.counts, [30, 47, 64, 90, 5, 100, 85, 991, 685])
    cell = int(np.flatnonzero(table.counts == 47)[0])
    seen = attack(table, withheld, at_least=0)
    assert (seen.low[cell], seen.high[cell]) == (47, 47)
    withheld[table.counts == 124] = True
    seen = attack(table, withheld, at_least=0)
    assert (seen.low[cell], seen.high[cell]) == (0, 141)


def test_marks_that_told_small_from_other_cells_would_betray_them() -> None:
    """Why all withheld cells carry one mark: 4 and 4 behind '<5' and a public sum of 8 could only be 4 and 4."""
    guarded = guard_table(margin_table([4, 4, 50]), Rule(threshold=5))
    assert guarded.published.tolist() == [False, False, True, True]
    both = [(a, 8 - a) for a in range(1, 8)]
    assert [pair for pair in both if max(pair) < 5] == [(4, 4)]
    assert guarded.high[0] == len(both)


def test_nothing_is_withheld_where_nothing_is_small() -> None:
    guarded = guard_table(margin_table([[5, 0], [7, 12]]), Rule(threshold=5))
    assert guarded.published.all()
    assert guarded.loss == guarded.bound == 0
    assert guarded.gap == 0.0


def test_a_table_of_small_counts_alone_is_withheld_with_its_total() -> None:
    guarded = guard_table(margin_table([1, 1]), Rule(threshold=5))
    assert not guarded.published.any()
    assert guarded.required_low[-1] == 2, "the reader sees that neither cell is zero"
    assert np.isinf(guarded.high).all()


@settings(max_examples=20, deadline=None, derandomize=True)
@given(inner=small_grids(3, 4, 20), seed=st.integers(0, 2**16))
def test_the_order_of_rows_does_not_change_the_loss(inner: Grid, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(3)
    rule = Rule(threshold=5)
    assert guard_table(margin_table(inner), rule).loss == guard_table(margin_table(inner[order]), rule).loss


@settings(max_examples=15, deadline=None, derandomize=True)
@given(inner=small_grids(3, 4, 20))
def test_the_same_table_gives_the_same_choice(inner: Grid) -> None:
    """Two publications with different choices would betray what each of them hides."""
    first, second = (guard_table(margin_table(inner), Rule()) for _ in range(2))
    assert (first.published == second.published).all()


def test_cells_that_were_public_before_stay_public() -> None:
    """A year's totals come after its months: what was shown is shown, and the new cells bear the burden."""
    table = margin_table([[3, 8], [20, 30]])
    free = guard_table(table, Rule(threshold=5))
    assert not free.published[1]
    shown = np.zeros(table.size, dtype=bool)
    shown[1] = True
    bound = guard_table(table, Rule(threshold=5), fixed=Fixed(shown=shown))
    assert bound.published[1]
    assert not bound.published[2], "the row's total must be withheld instead"
    with pytest.raises(EngineInfeasible):
        guard_table(table, Rule(threshold=5), fixed=Fixed(shown=table.counts != 3))
    with pytest.raises(EngineInfeasible):
        guard_table(table, Rule(threshold=5), fixed=Fixed(shown=table.counts == 3))


def test_cells_withheld_before_stay_withheld() -> None:
    table = margin_table([30, 40, 50])
    guarded = guard_table(table, Rule(), fixed=Fixed(withheld=table.counts == 40))
    assert guarded.published.tolist() == [True, False, True, True]
    assert guarded.status[1] == CellStatus.SECONDARY


def test_sums_given_one_by_one() -> None:
    """Two ways of cutting the same persons: by age and by sex, with one common total."""
    table = CountTable(
        counts=np.array([3, 17, 9, 11, 20]),
        relations=(Relation(total=4, parts=(0, 1)), Relation(total=4, parts=(2, 3))),
    )
    guarded = guard_table(table, Rule(threshold=5))
    assert guarded.published.tolist() == [False, False, True, True, True]


@pytest.mark.parametrize("threshold", [0, 1, 1001])
def test_thresholds_outside_the_range_are_refused(threshold: int) -> None:
    with pytest.raises(EngineInputError, match="threshold"):
        Rule(threshold=threshold)


def test_a_larger_table_is_solved_to_the_optimum() -> None:
    """A whole run, kept: 18 dongs by 6 age bands."""
    inner = np.random.default_rng(29140).poisson(np.random.default_rng(7).gamma(1.2, 18, size=(18, 6)))
    steps: list[tuple[float, str]] = []
    guarded = guard_table(margin_table(inner), Rule(), progress=lambda share, step: steps.append((share, step)))
    assert [step for _share, step in steps] == ["first choice", "best choice", "audit", "done"]
    assert guarded.optimal
    assert (int((guarded.status == 1).sum()), int((guarded.status == 2).sum()), guarded.loss) == GOLDEN
    assert _passes(margin_table(inner), ~guarded.published, guarded)


GOLDEN = (16, 11, 144)
