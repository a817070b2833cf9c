"""Random streams: independent, named and reproducible."""

import hashlib

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the generator that belongs to a seed and a path of names.

    Streams of different names are independent, so adding a step to a computation does not change the numbers that the
    other steps draw.

    Parameters
    ----------
    seed : int
        Any non-negative integer.
    *names : str
        What the stream is for, from general to special.

    Notes
    -----
    The names are hashed to four 32-bit words that become the spawn key of a ``SeedSequence`` for PCG64.

    Examples
    --------
    >>> int(stream(7, "sample", "ages").integers(100)) == int(stream(7, "sample", "ages").integers(100))
    True
    """
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
