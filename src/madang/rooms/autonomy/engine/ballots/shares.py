"""A key in shares: so many of the trustees together can open the ballots, and fewer learn nothing.

Shamir's scheme over the order of P-256. The public point of every share is published when it is dealt, so that anybody
can check that the shares belong to the one key, and a share that is posted later can be checked before it is used.
"""

from collections.abc import Mapping, Sequence

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.ballots.encoding import RandomBytes
from madang.rooms.autonomy.engine.ballots.seal import ORDER, POINT_BYTES, public_key, public_point, scalar_drawn

_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1

_Point = tuple[int, int] | None
"""A point of the curve in affine coordinates; None is the point at infinity."""


def deal(secret: int, threshold: int, count: int, random_bytes: RandomBytes) -> list[int]:
    """Return shares 1 to `count` of a secret scalar.

    Parameters
    ----------
    secret : int
        From 1 to the order less one.
    threshold : int
        How many shares give it back.
    count : int
        How many there are.
    random_bytes : callable
        Draws the other coefficients of the polynomial.

    Raises
    ------
    EngineInputError
        With code `threshold_range`.

    References
    ----------
    Shamir, A. (1979), doi:10.1145/359168.359176.
    """
    if not 1 <= threshold <= count:
        raise EngineInputError("threshold_range", "the threshold lies between one and the number of trustees")
    while True:
        coefficients = [secret, *(scalar_drawn(random_bytes) for _ in range(threshold - 1))]
        shares = [_polynomial(coefficients, number) for number in range(1, count + 1)]
        # A share of zero has no public point; nobody will see one.
        if all(shares):
            return shares


def combine(shares: Mapping[int, int], threshold: int) -> int:
    """Return the secret that shares belong to (by number, from 1).

    Raises
    ------
    EngineInputError
        With code `shares_missing` if there are fewer than the threshold.
    """
    if len(shares) < threshold:
        raise EngineInputError("shares_missing", f"{threshold} shares are needed", {"have": len(shares)})
    chosen = dict(sorted(shares.items())[:threshold])
    weights = _lagrange(list(chosen), 0)
    return sum(weight * share for weight, share in zip(weights, chosen.values(), strict=True)) % ORDER


def share_holds(share: int, public: bytes) -> bool:
    """Return whether a share is the one whose public point was published."""
    return 0 < share < ORDER and public_point(share) == public


def shares_belong(publics: Sequence[bytes], threshold: int, key: bytes) -> bool:
    """Return whether published points of shares lie on one polynomial of the threshold's degree with the key at zero.

    Raises
    ------
    EngineInputError
        With code `point_invalid` or `threshold_range`.

    Notes
    -----
    Feldman's check, with the points of the shares instead of the coefficients': of `threshold` points all others and
    the key follow by interpolation in the group.

    References
    ----------
    Feldman, P. (1987), doi:10.1109/SFCS.1987.4.
    """
    if not 1 <= threshold <= len(publics):
        raise EngineInputError("threshold_range", "the threshold lies between one and the number of trustees")
    points = [_affine(public) for public in publics]
    base = list(range(1, threshold + 1))
    expected = {0: _affine(key), **{number: points[number - 1] for number in range(threshold + 1, len(points) + 1)}}
    for at, point in expected.items():
        total: _Point = None
        for weight, number in zip(_lagrange(base, at), base, strict=True):
            total = _added(total, _times(weight, points[number - 1]))
        if total != point:
            return False
    return True


def _polynomial(coefficients: Sequence[int], at: int) -> int:
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * at + coefficient) % ORDER
    return value


def _lagrange(numbers: Sequence[int], at: int) -> list[int]:
    weights = []
    for number in numbers:
        above, below = 1, 1
        for other in numbers:
            if other != number:
                above = above * (at - other) % ORDER
                below = below * (number - other) % ORDER
        weights.append(above * pow(below, -1, ORDER) % ORDER)
    return weights


def _affine(point: bytes) -> _Point:
    public_key(point)  # on the curve, or refused
    half = (POINT_BYTES + 1) // 2
    return int.from_bytes(point[1:half], "big"), int.from_bytes(point[half:], "big")


def _added(a: _Point, b: _Point) -> _Point:
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % _PRIME == 0:
            return None
        slope = 3 * (a[0] * a[0] - 1) * pow(2 * a[1], -1, _PRIME) % _PRIME
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, _PRIME) % _PRIME
    x = (slope * slope - a[0] - b[0]) % _PRIME
    return x, (slope * (a[0] - x) - a[1]) % _PRIME


def _times(scalar: int, point: _Point) -> _Point:
    total: _Point = None
    while scalar:
        if scalar & 1:
            total = _added(total, point)
        point = _added(point, point)
        scalar >>= 1
    return total
