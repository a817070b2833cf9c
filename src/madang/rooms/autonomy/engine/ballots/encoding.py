"""How bytes, numbers and JSON travel in a ballot box: one form each, so that one thing has one digest."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Any

from madang.numerics.digests import canonical_json
from madang.numerics.errors import EngineInputError

RandomBytes = Callable[[int], bytes]
"""Where random bytes come from: `secrets.token_bytes` in earnest, a seeded generator's in a rehearsal."""

canonical = canonical_json
DIGEST_BYTES = 32


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(data).digest()


def b64(data: bytes) -> str:
    """Return bytes in base64url without padding.

    Examples
    --------
    >>> b64(bytes([251, 255]))
    '-_8'
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: object, length: int | None = None) -> bytes:
    """Return the bytes that a base64url text stands for.

    Parameters
    ----------
    text : str
        Without padding, in the one form in which `b64` writes.
    length : int, optional
        How many bytes it must stand for.

    Raises
    ------
    EngineInputError
        With code `not_base64url`.
    """
    try:
        if not isinstance(text, str):
            raise TypeError("not a text")
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise EngineInputError("not_base64url", "a value is not base64url without padding") from error
    if b64(raw) != text or (length is not None and len(raw) != length):
        raise EngineInputError("not_base64url", "a value is not base64url of the length it must have")
    return raw


def is_digest(text: Any) -> bool:  # noqa: ANN401  # any JSON value
    """Return whether a value is a SHA-256 in lower hexadecimal digits."""
    return isinstance(text, str) and len(text) == 2 * DIGEST_BYTES and set(text) <= set("0123456789abcdef")
