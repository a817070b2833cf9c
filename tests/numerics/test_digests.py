"""The same value has the same digest; another value has another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.digests import arrays_digest, canonical_json, json_digest

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, json_values)
def test_equal_values_and_only_they_have_equal_digests(one: object, other: object) -> None:
    assert (json_digest(one) == json_digest(other)) == (canonical_json(one) == canonical_json(other))


@given(st.dictionaries(st.text(max_size=4), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert json_digest(value) == json_digest(dict(reversed(value.items())))


def test_what_json_cannot_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(float("nan"))
    with pytest.raises(TypeError):
        canonical_json({1, 2})


def test_an_arrays_name_dtype_shape_and_content_all_count() -> None:
    base = arrays_digest({"a": np.arange(6)})
    assert base == arrays_digest({"a": np.arange(6).astype(">i8")})
    others = [
        {"b": np.arange(6)}, {"a": np.arange(6).astype(np.int32)},
        {"a": np.arange(6).reshape(2, 3)}, {"a": np.arange(1, 7)},
    ]  # fmt: skip
    assert base not in {arrays_digest(other) for other in others}
