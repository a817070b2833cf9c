"""Streams are reproducible and independent of one another."""

import numpy as np

from madang.numerics.streams import stream


def test_a_stream_is_named_by_its_seed_and_path() -> None:
    first = stream(1, "sample", "ages").random(100)
    assert np.array_equal(first, stream(1, "sample", "ages").random(100))
    for other in (
        stream(2, "sample", "ages"),
        stream(1, "sample"),
        stream(1, "sampleages"),
        stream(1, "ages", "sample"),
    ):
        assert not np.array_equal(first, other.random(100))


def test_streams_are_uncorrelated() -> None:
    rows = np.array([stream(7, "part", str(number)).standard_normal(4000) for number in range(20)])
    correlation = np.corrcoef(rows) - np.eye(20)
    # 190 pairs: the largest of them stays under 4.5 standard errors with a probability over 0.998.
    assert np.abs(correlation).max() < 4.5 / np.sqrt(4000)
