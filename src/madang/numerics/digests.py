"""Digests of values: the same value has the same digest on every machine."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np


def canonical_json(value: Any) -> bytes:  # noqa: ANN401  # any JSON value
    """Serialise a JSON value in one form only: sorted keys, no spaces, UTF-8, no NaN.

    Raises
    ------
    TypeError
        If the value holds something that JSON cannot carry.
    ValueError
        If it holds NaN or an infinity.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": [True, None]})
    b'{"a":[true,null],"b":1}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def json_digest(value: Any) -> str:  # noqa: ANN401
    """Return the SHA-256 of a JSON value's canonical form."""
    return sha256_hex(canonical_json(value))


def arrays_digest(arrays: Mapping[str, np.ndarray[Any, Any]]) -> str:
    """Return the SHA-256 of named arrays: names, dtypes, shapes and contents in name order.

    Byte order is fixed to little-endian, so the digest does not depend on the machine.
    """
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        if array.dtype.hasobject:
            body = canonical_json(array.tolist())
            kind = "object"
        else:
            little = array.astype(array.dtype.newbyteorder("<"), copy=False)
            body = little.tobytes()
            kind = little.dtype.str
        digest.update(canonical_json([name, kind, list(array.shape)]))
        digest.update(body)
    return digest.hexdigest()
