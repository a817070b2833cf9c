"""The fairest lottery against one that lists every council there is."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from madang.rooms.autonomy.engine.sortition import leximin as method
from madang.rooms.autonomy.engine.sortition.leximin import leximin
from madang.rooms.autonomy.engine.sortition.lottery import Tickets, fair_tickets
from madang.rooms.autonomy.engine.sortition.pool import Pool, Problem, Quota


def problem_of(rows: list[str], quotas: dict[str, tuple[int, int]], size: int) -> Problem:
    """Rows such as "af" have value "a" in category 0 and "f" in category 1; quotas are by value."""
    width = len(rows[0])
    category = {row[place]: str(place) for row in rows for place in range(width)}
    pool = Pool(
        lots=tuple(f"{n:03d}" for n in range(len(rows))),
        categories=tuple(str(n) for n in range(width)),
        values=tuple(tuple(row) for row in rows),
    )
    limits = tuple(
        Quota(category=category[value], value=value, least=low, most=high)
        for value, (low, high) in quotas.items()
        if value in category
    )
    return Problem(pool=pool, quotas=limits, size=size)


def brute_force(problem: Problem) -> dict[str, float]:
    """Return the leximin probability of each person, from every council that meets the quotas."""
    kind_of = {lot: kind for kind, lots in enumerate(problem.members) for lot in lots}
    lots = sorted(kind_of)
    panels = []
    for chosen in combinations(lots, problem.size):
        sums = problem.incidence @ np.bincount([kind_of[lot] for lot in chosen], minlength=len(problem.types))
        if all(quota.least <= had <= quota.most for quota, had in zip(problem.quotas, sums.tolist(), strict=True)):
            panels.append([lot in chosen for lot in lots])
    assert panels
    rows = np.array(panels, dtype=float).T
    n_lots = rows.shape[0]
    fixed: dict[int, float] = {}
    while len(fixed) < n_lots:
        free = [n for n in range(n_lots) if n not in fixed]
        level = best(rows, fixed, free)
        # Who cannot rise above the level while nobody falls below it stays there.
        stuck = [n for n in free if best(rows, {**fixed, **dict.fromkeys(free, level)}, [n]) < level + 1e-7]
        assert stuck
        fixed |= dict.fromkeys(stuck, level)
    return {lots[n]: value for n, value in fixed.items()}


def best(rows: np.ndarray, floors: dict[int, float], raised: list[int]) -> float:
    """Return the largest level that those raised reach together while the others keep their floors."""
    n_lots, n_panels = rows.shape
    table, limits = [], []
    for n in range(n_lots):
        if n in raised:
            table.append([*(-rows[n]), 1.0])
            limits.append(0.0)
        if n in floors:
            table.append([*(-rows[n]), 0.0])
            limits.append(-floors[n] + 1e-10)
    found = linprog(
        [0.0] * n_panels + [-1.0], A_ub=table, b_ub=limits, A_eq=[[1.0] * n_panels + [0.0]], b_eq=[1.0], method="highs"
    )
    assert found.status == 0
    return float(-found.fun)


def levels_of(problem: Problem) -> dict[str, float]:
    lottery = leximin(problem)
    return {lot: float(p) for lots, p in zip(problem.members, lottery.levels, strict=True) for lot in lots}


def test_a_rare_group_is_drawn_for_certain_and_the_others_share_the_rest() -> None:
    problem = problem_of(["a", "b", "b", "b"], {"a": (1, 1), "b": (1, 1)}, 2)
    assert levels_of(problem) == pytest.approx({"000": 1.0, "001": 1 / 3, "002": 1 / 3, "003": 1 / 3}, abs=1e-9)


def test_without_quotas_that_bind_everybody_has_the_same_chance() -> None:
    problem = problem_of(["ax", "ay", "bx", "by", "by"], dict.fromkeys("abxy", (0, 2)), 2)
    assert list(levels_of(problem).values()) == pytest.approx([0.4] * 5, abs=1e-9)


@st.composite
def small_problems(draw: st.DrawFn) -> Problem:
    """Return a problem that some council solves: its quotas stand around a council."""
    row = st.tuples(*(st.sampled_from(letters) for letters in ("ab", "xyz", "pq"))).map("".join)
    rows = draw(st.lists(row, min_size=5, max_size=9))
    size = draw(st.integers(2, 4))
    council = "".join(draw(st.permutations(rows))[:size])
    limits = {}
    for value in "abxyzpq":
        had = council.count(value)
        limits[value] = (max(0, had - draw(st.integers(0, 1))), had + draw(st.integers(0, 1)))
    return problem_of(rows, limits, size)


@pytest.mark.parametrize("way", ["as it is", "by columns alone"])
def test_no_council_listing_finds_a_fairer_lottery(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "by columns alone":
        monkeypatch.setattr(method, "_weighed", lambda _problem, found, _levels: (found, None, 0.0))
        monkeypatch.setattr(method, "decomposed", lambda _problem, _mean: [])

    @settings(max_examples=40, deadline=None)
    @given(small_problems())
    def compare(problem: Problem) -> None:
        found = levels_of(problem)
        expected = brute_force(problem)
        assert found == pytest.approx(expected, abs=1e-6)
        lottery = fair_tickets(problem)
        for kind, lots in enumerate(problem.members):
            assert float(lottery.probability(kind)) == pytest.approx(expected[lots[0]], abs=1e-6)

    compare()


def odd_cycle() -> Problem:
    """Three categories whose fractional councils promise more than whole ones hold."""
    rows = ["apx", "apy", "aqx", "bpx", "bqy", "bqy", "aqy", "bpy"]
    return problem_of(rows, {"a": (1, 1), "b": (1, 1), "p": (1, 1), "q": (1, 1), "x": (1, 1), "y": (1, 1)}, 2)


def test_pairs_that_must_differ_in_everything() -> None:
    problem = odd_cycle()
    assert levels_of(problem) == pytest.approx(brute_force(problem), abs=1e-6)


def test_fractions_may_lie_where_no_whole_council_does() -> None:
    rows = ["axp", "byp", "axp", "axp", "bxq", "ayq"]
    limits = {"a": (1, 2), "b": (1, 2), "x": (2, 2), "y": (1, 1), "p": (2, 2), "q": (1, 1)}
    problem = problem_of(rows, limits, 3)
    assert levels_of(problem) == pytest.approx(brute_force(problem), abs=1e-6)


def test_tickets_are_whole_and_every_council_meets_every_quota() -> None:
    problem = odd_cycle()
    lottery = fair_tickets(problem, 1000)
    assert lottery.total == 1000
    assert isinstance(lottery, Tickets)
    assert sum(lottery.probability(kind) * int(n) for kind, n in enumerate(problem.counts)) == problem.size
