"""Whole numbers in proportion to weights, by divisor methods and largest remainders, with floors and caps; exact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor

from madang.numerics.errors import EngineInfeasible, EngineInputError

MAX_TOTAL = 10**15


class Rounding(StrEnum):
    """How shares become whole numbers."""

    DHONDT = "dhondt"
    SAINTE_LAGUE = "sainte-lague"
    HUNTINGTON_HILL = "huntington-hill"
    ADAMS = "adams"
    HARE = "hare"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The least and the most that each receives; one entry a receiver."""

    floors: tuple[int, ...]
    caps: tuple[int, ...]


# The square of the signpost between n and n + 1: where a share stops being rounded down. Squares, since that of
# Huntington and Hill is a root; the order of positive numbers is that of their squares.
_SIGNPOSTS: dict[Rounding, Callable[[int], Fraction]] = {
    Rounding.DHONDT: lambda n: Fraction((n + 1) ** 2),
    Rounding.SAINTE_LAGUE: lambda n: Fraction((2 * n + 1) ** 2, 4),
    Rounding.HUNTINGTON_HILL: lambda n: Fraction(n * (n + 1)),
    Rounding.ADAMS: lambda n: Fraction(n**2),
}


def apportion(total: int, weights: Sequence[Fraction], rounding: Rounding, bounds: Bounds) -> tuple[int, ...]:
    """Share a whole number.

    Parameters
    ----------
    total : int
        What is shared.
    weights : sequence of Fraction
        Claim of each receiver, not negative; only their ratios matter.
    rounding : Rounding
        Method.
    bounds : Bounds
        Floors and caps.

    Returns
    -------
    tuple of int
        What each receives; sums to `total`.

    Raises
    ------
    EngineInputError
        With code `total_outside`, `weight_negative` or `bounds_crossed`.
    EngineInfeasible
        With code `floors_exceed_total`, `caps_below_total` or `no_weight_left`.

    Notes
    -----
    With bounds, a divisor method gives each the rounding of weight x multiplier, raised to its floor or lowered to its
    cap, with the one multiplier that exhausts the total. Largest remainders do the same with unrounded shares and then
    give the units that are left to the largest remainders. The multiplier is found exactly from the fractional shares,
    so the cost does not grow with the total: 10^10 won take as long as ten posts. Equal claims on the last unit go to
    the larger weight, then to the receiver that stands first.

    References
    ----------
    Balinski, M. L. & Young, H. P. (2001), "Fair representation", 2nd ed.; Pukelsheim, F. (2017), "Proportional
    representation", 2nd ed., doi:10.1007/978-3-319-64707-4 (chapter 12 on bounds).

    Examples
    --------
    >>> free = Bounds(floors=(0, 0, 0), caps=(10, 10, 10))
    >>> apportion(10, [Fraction(53), Fraction(24), Fraction(23)], Rounding.DHONDT, free)
    (6, 2, 2)
    >>> apportion(10, [Fraction(53), Fraction(24), Fraction(23)], Rounding.HARE, free)
    (5, 3, 2)
    """
    _check(total, weights, bounds)
    shares = _fractional(total, weights, bounds)
    if rounding is Rounding.HARE:
        return _largest_remainders(total, shares, weights)
    signpost = _SIGNPOSTS[rounding]
    start = [
        min(max(_rounded(share, signpost), low), high)
        for share, low, high in zip(shares, bounds.floors, bounds.caps, strict=True)
    ]
    return _settled(total, start, (weights, bounds, signpost))


def _check(total: int, weights: Sequence[Fraction], bounds: Bounds) -> None:
    if not 0 <= total <= MAX_TOTAL:
        raise EngineInputError("total_outside", f"the total is from 0 to {MAX_TOTAL}", {"total": total}, field="total")
    if any(weight < 0 for weight in weights):
        raise EngineInputError("weight_negative", "no claim is less than nothing", field="weights")
    pairs = list(zip(bounds.floors, bounds.caps, strict=True))
    if len(pairs) != len(weights) or any(not 0 <= low <= high for low, high in pairs):
        raise EngineInputError("bounds_crossed", "every floor is 0 or more and no more than its cap", field="floor")
    if sum(bounds.floors) > total:
        raise EngineInfeasible(
            "floors_exceed_total",
            f"the floors come to {sum(bounds.floors)}, more than the {total} there are",
            {"floors": sum(bounds.floors), "total": total},
            field="floor",
        )
    claiming = sum(high if weight else low for weight, (low, high) in zip(weights, pairs, strict=True))
    if sum(bounds.caps) < total:
        raise EngineInfeasible(
            "caps_below_total",
            f"the caps come to {sum(bounds.caps)}, less than the {total} there are",
            {"caps": sum(bounds.caps), "total": total},
            field="cap",
        )
    if claiming < total:
        raise EngineInfeasible(
            "no_weight_left", "those who have a claim are at their caps and something is left", field="cap"
        )


def _fractional(total: int, weights: Sequence[Fraction], bounds: Bounds) -> list[Fraction]:
    """Return weight x multiplier within the bounds, for the multiplier that exhausts the total."""
    rows = list(zip(weights, bounds.floors, bounds.caps, strict=True))

    def at(multiplier: Fraction) -> list[Fraction]:
        return [min(max(weight * multiplier, Fraction(low)), Fraction(high)) for weight, low, high in rows]

    turns = sorted({Fraction(bound) / weight for weight, low, high in rows if weight for bound in (low, high)})
    below = Fraction(0)
    for turn in turns:
        if sum(at(turn)) >= total:
            break
        below = turn
    before = sum(at(below))
    middle = [
        weight for weight, low, high in rows if weight and Fraction(low) <= weight * below < Fraction(high)
    ]  # fmt: skip
    slope = sum(middle)
    return at(below + (total - before) / slope if slope else below)


def _rounded(share: Fraction, signpost: Callable[[int], Fraction]) -> int:
    whole = floor(share)
    return whole + (share**2 > signpost(whole))


def _largest_remainders(total: int, shares: list[Fraction], weights: Sequence[Fraction]) -> tuple[int, ...]:
    given = [floor(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda n: (given[n] - shares[n], -weights[n], n))
    for n in order[: total - sum(given)]:
        given[n] += 1
    return tuple(given)


def _settled(
    total: int, given: list[int], claim: tuple[Sequence[Fraction], Bounds, Callable[[int], Fraction]]
) -> tuple[int, ...]:
    """Give or take single units in the order of the claims on them until the total is exhausted."""
    weights, bounds, signpost = claim

    def strength(n: int, unit: int) -> tuple[bool, Fraction, Fraction, int]:
        """Return the claim of `n` on its unit number `unit` (from 0): larger is stronger."""
        post = signpost(unit)
        return (not post, weights[n] ** 2 / post if post else Fraction(0), weights[n], -n)

    while sum(given) < total:
        open_to = [n for n, weight in enumerate(weights) if weight and given[n] < bounds.caps[n]]
        given[max(open_to, key=lambda n: strength(n, given[n]))] += 1
    while sum(given) > total:
        open_to = [n for n, weight in enumerate(weights) if given[n] > bounds.floors[n]]
        given[min(open_to, key=lambda n: strength(n, given[n] - 1))] -= 1
    return tuple(given)
