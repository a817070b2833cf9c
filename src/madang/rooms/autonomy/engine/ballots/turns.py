"""Turns: who holds a token can vote again, and nobody else can in their stead.

The voter draws a secret and hashes it 64 times; the last digest is what the token signs. Turn k shows the digest that
lies k steps before it: anybody can check the steps, and only who knows the secret can show the next.
"""

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.ballots.encoding import DIGEST_BYTES, sha256

TURNS = 64


def turn_key(secret: bytes, turn: int, turns: int = TURNS) -> bytes:
    """Return what a ballot of a turn shows; turn 0 is the token's message.

    Raises
    ------
    EngineInputError
        With code `turn_range` or `secret_length`.

    Examples
    --------
    >>> turn_holds(turn_key(bytes(32), 0), 3, turn_key(bytes(32), 3))
    True
    """
    if len(secret) != DIGEST_BYTES:
        raise EngineInputError("secret_length", f"the secret has {DIGEST_BYTES} bytes")
    if not 0 <= turn <= turns:
        raise EngineInputError("turn_range", f"a turn is a number from 1 to {turns}")
    return _hashed(secret, turns - turn)


def turn_holds(token: bytes, turn: int, key: bytes, turns: int = TURNS) -> bool:
    """Return whether a turn's key belongs to a token: hashed as often as the turn says, it is the token's message."""
    return 1 <= turn <= turns and len(key) == DIGEST_BYTES and _hashed(key, turn) == token


def _hashed(value: bytes, times: int) -> bytes:
    for _time in range(times):
        value = sha256(value)
    return value
