"""Whole numbers in proportion: worked examples, a seat-by-seat oracle, and another library."""

from fractions import Fraction
from math import sqrt
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from madang.numerics.errors import EngineInfeasible, EngineInputError
from madang.rooms.autonomy.engine.apportionment import Bounds, Rounding, apportion


def free(count: int, total: int) -> Bounds:
    return Bounds(floors=(0,) * count, caps=(total,) * count)


def shared(total: int, weights: list[int], rounding: str, bounds: Bounds | None = None) -> tuple[int, ...]:
    claims = [Fraction(weight) for weight in weights]
    return apportion(total, claims, Rounding(rounding), bounds or free(len(weights), total))


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        # Seven seats over 5 150, 2 000, 1 500, 1 350: worked by hand from the tables of quotients.
        ("dhondt", (4, 1, 1, 1)),
        ("sainte-lague", (4, 1, 1, 1)),
        ("huntington-hill", (4, 1, 1, 1)),
        ("adams", (3, 2, 1, 1)),
        ("hare", (4, 1, 1, 1)),
    ],
)
def test_seven_seats(rounding: str, expected: tuple[int, ...]) -> None:
    assert shared(7, [5150, 2000, 1500, 1350], rounding) == expected


def test_the_methods_differ_where_they_should() -> None:
    weights = [53, 24, 23]
    assert shared(10, weights, "dhondt") == (6, 2, 2)
    assert shared(10, weights, "hare") == (5, 3, 2)
    assert shared(3, [80, 10, 10], "adams") == (1, 1, 1)
    assert shared(3, [80, 10, 10], "dhondt") == (3, 0, 0)


def test_ten_thousand_million_won_are_shared_to_the_last() -> None:
    weights = [4932, 12011, 8050, 777, 30001]
    bounds = Bounds(floors=(10**9,) * 5, caps=(4 * 10**9,) * 5)
    for rounding in Rounding:
        given = apportion(10**10, [Fraction(w) for w in weights], rounding, bounds)
        assert sum(given) == 10**10
        assert given[3] == 10**9
        assert given[4] == 4 * 10**9


def test_ties_go_to_the_larger_claim_and_then_to_the_first() -> None:
    assert shared(3, [5, 5], "sainte-lague") == (2, 1)
    assert shared(3, [5, 5], "hare") == (2, 1)
    # D'Hondt: 6/3 = 2/1 on the third unit.
    assert shared(3, [2, 6], "dhondt") == (0, 3)


@pytest.mark.parametrize(
    ("total", "weights", "bounds", "code"),
    [
        (3, [1, 1], Bounds(floors=(2, 2), caps=(3, 3)), "floors_exceed_total"),
        (3, [1, 1], Bounds(floors=(0, 0), caps=(1, 1)), "caps_below_total"),
        (3, [1, 0], Bounds(floors=(0, 0), caps=(1, 3)), "no_weight_left"),
        (3, [1, -1], Bounds(floors=(0, 0), caps=(3, 3)), "weight_negative"),
        (3, [1, 1], Bounds(floors=(2, 0), caps=(1, 3)), "bounds_crossed"),
        (-1, [1, 1], Bounds(floors=(0, 0), caps=(3, 3)), "total_outside"),
    ],
)
def test_what_cannot_be_shared(total: int, weights: list[int], bounds: Bounds, code: str) -> None:
    with pytest.raises((EngineInfeasible, EngineInputError)) as refused:
        shared(total, weights, "sainte-lague", bounds)
    assert refused.value.code == code


DIVISORS: dict[str, Any] = {
    "dhondt": lambda n: n + 1,
    "sainte-lague": lambda n: n + 0.5,
    "huntington-hill": lambda n: sqrt(n * (n + 1)),
    "adams": lambda n: n,
}

CASES = st.integers(1, 6).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 60), min_size=n, max_size=n),
        st.lists(st.integers(0, 4), min_size=n, max_size=n),
        st.lists(st.integers(0, 12), min_size=n, max_size=n),
        st.integers(0, 40),
    )
)


@pytest.mark.parametrize("rounding", sorted(DIVISORS))
@settings(max_examples=150, deadline=None)
@given(case=CASES)
def test_a_divisor_method_gives_each_unit_to_the_strongest_claim(rounding: str, case: Any) -> None:
    weights, floors, spread, total = case
    caps = [low + more for low, more in zip(floors, spread, strict=True)]
    claiming = sum(cap if weight else low for weight, low, cap in zip(weights, floors, caps, strict=True))
    assume(sum(floors) <= total <= claiming)
    given_units = shared(total, weights, rounding, Bounds(floors=tuple(floors), caps=tuple(caps)))
    seats = list(floors)

    def claim(n: int) -> tuple[float, int, int]:
        divisor = DIVISORS[rounding](seats[n])
        # Near-ties of the roots are settled by whole numbers in the engine; here equal floats are equal claims.
        return (round(weights[n] / divisor, 9) if divisor else float("inf"), weights[n], -n)

    for _unit in range(total - sum(floors)):
        seats[max((n for n in range(len(seats)) if weights[n] and seats[n] < caps[n]), key=claim)] += 1
    assert given_units == tuple(seats)


@settings(max_examples=150, deadline=None)
@given(case=CASES)
def test_largest_remainders_stay_within_one_of_the_bounded_share(case: Any) -> None:
    weights, floors, spread, total = case
    caps = [low + more for low, more in zip(floors, spread, strict=True)]
    claiming = sum(cap if weight else low for weight, low, cap in zip(weights, floors, caps, strict=True))
    assume(sum(floors) <= total <= claiming)
    units = shared(total, weights, "hare", Bounds(floors=tuple(floors), caps=tuple(caps)))
    assert sum(units) == total
    assert all(low <= unit <= cap for low, unit, cap in zip(floors, units, caps, strict=True))
    # Whoever is inside the bounds has the same ratio to the claim, up to one unit.
    inside = [n for n in range(len(units)) if weights[n] and floors[n] < units[n] < caps[n]]
    for one in inside:
        for other in inside:
            assert (units[one] - 1) * weights[other] < (units[other] + 1) * weights[one]


@pytest.mark.peer
@pytest.mark.parametrize(
    ("rounding", "name"),
    [
        ("dhondt", "dhondt"),
        ("sainte-lague", "saintelague"),
        ("huntington-hill", "huntington"),
        ("adams", "adams"),
        ("hare", "largest_remainder"),
    ],
)
def test_another_library_gives_the_same(rounding: str, name: str) -> None:
    methods = pytest.importorskip("apportionment.methods", reason="PyPI apportionment is not installed")

    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.integers(1, 5000), min_size=2, max_size=8, unique=True), st.integers(1, 60))
    def compare(weights: list[int], total: int) -> None:
        try:
            expected = methods.compute(name, weights, total, fractions=True, tiesallowed=False)
        except methods.TiesException:
            return
        assert shared(total, weights, rounding) == tuple(int(seats) for seats in expected)

    compare()
