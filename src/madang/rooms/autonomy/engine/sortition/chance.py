"""Chance that everybody can repeat: a secret committed beforehand, a public value, and a stream of digests."""

import hashlib

from madang.numerics.digests import canonical_json
from madang.numerics.errors import EngineInputError

SCHEME = "madang-lottery-1"
SEED_BYTES = 32
_BLOCK_BITS = 256
_SEED_RANGE = (16, 64)


def seed_bytes(seed: str) -> bytes:
    """Return the bytes of a seed in hexadecimal digits.

    Raises
    ------
    EngineInputError
        With code `seed_form` if it is not, or is shorter than 16 or longer than 64 bytes.
    """
    try:
        data = bytes.fromhex(seed.strip())
    except ValueError:
        data = b""
    if not _SEED_RANGE[0] <= len(data) <= _SEED_RANGE[1]:
        message = f"a seed is {SEED_BYTES} random bytes as {2 * SEED_BYTES} hexadecimal digits"
        raise EngineInputError("seed_form", message, field="seed")
    return data


def commitment_of(seed: str) -> str:
    """Return the commitment to a seed: the SHA-256 of its bytes.

    Examples
    --------
    >>> commitment_of("00" * 32)
    '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925'
    """
    return hashlib.sha256(seed_bytes(seed)).hexdigest()


def commitment_check(seed: str, commitment: str) -> None:
    """Refuse a seed that is not the one that was committed to.

    Raises
    ------
    EngineInputError
        With code `seed_not_committed`.
    """
    if commitment_of(seed) != commitment.strip().lower():
        raise EngineInputError(
            "seed_not_committed", "the SHA-256 of this seed is not the commitment that was published", field="seed"
        )


class Chance:
    """Whole numbers below a bound, all equally likely, from SHA-256 in counter mode.

    Parameters
    ----------
    seed : str
        The secret, in hexadecimal digits.
    public_value : str
        What was announced after the commitment, exactly as it was announced; blanks at the ends do not count.
    digest : str
        Digest of the pool and the quotas.
    purpose : str
        What the numbers are for.

    Notes
    -----
    The key is the SHA-256 of the canonical JSON `[scheme, seed, public value, digest, purpose]`; block `n` is the
    SHA-256 of the key followed by `n` as 8 bytes, big end first. A number below `b` takes as many blocks as hold `b`
    with 64 bits to spare, and what lies above the last whole multiple of `b` is thrown away, so no number is favoured.
    """

    def __init__(self, *, seed: str, public_value: str, digest: str, purpose: str = "draw") -> None:
        body = [SCHEME, seed_bytes(seed).hex() if seed else "", public_value.strip(), digest, purpose]
        self._key = hashlib.sha256(canonical_json(body)).digest()
        self._next = 0

    def below(self, bound: int) -> int:
        """Return a number from 0 to `bound - 1`."""
        if bound == 1:
            return 0
        blocks = -(-(bound.bit_length() + 64) // _BLOCK_BITS)
        span = 1 << (blocks * _BLOCK_BITS)
        limit = span - span % bound
        while True:
            number = int.from_bytes(b"".join(self._block() for _ in range(blocks)), "big")
            if number < limit:
                return number % bound

    def choose(self, lots: tuple[str, ...], count: int) -> list[str]:
        """Return `count` of the lots without repetition, every set of them equally likely."""
        left = list(lots)
        for place in range(count):
            other = place + self.below(len(left) - place)
            left[place], left[other] = left[other], left[place]
        return left[:count]

    def _block(self) -> bytes:
        block = hashlib.sha256(self._key + self._next.to_bytes(8, "big")).digest()
        self._next += 1
        return block
