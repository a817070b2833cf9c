import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rooms.autonomy.engine.receipt import (
    ALPHABET,
    ENTROPY_BITS,
    LENGTH,
    receipt_number,
    receipt_read,
    receipt_shown,
    receipt_valid,
)

ENTROPY = st.integers(0, 2**ENTROPY_BITS - 1)


def test_a_number_worked_by_hand() -> None:
    # The last of eleven symbols is 1 and the rest 0: the check symbol is the primitive element itself, 2.
    assert receipt_number(1) == "000000000012"
    # One place further on: 1 * a + 0, times a again, is a squared, 4.
    assert receipt_number(32) == "000000000104"
    # 16 times a leaves the field and is folded back by a^5 = a^2 + 1.
    assert receipt_number(16) == "0000000000G5"


@given(ENTROPY, ENTROPY)
def test_numbers_differ_where_the_entropy_does(one: int, other: int) -> None:
    assert (receipt_number(one) == receipt_number(other)) == (one == other)
    assert receipt_valid(receipt_number(one))


@given(ENTROPY)
def test_every_single_wrong_symbol_is_noticed(entropy: int) -> None:
    number = receipt_number(entropy)
    for place, wrong in itertools.product(range(LENGTH), ALPHABET):
        typed = number[:place] + wrong + number[place + 1 :]
        assert receipt_valid(typed) == (typed == number)


@given(ENTROPY)
def test_every_swap_of_two_symbols_is_noticed(entropy: int) -> None:
    number = receipt_number(entropy)
    for one, other in itertools.combinations(range(LENGTH), 2):
        swapped = list(number)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        assert receipt_valid("".join(swapped)) == ("".join(swapped) == number)


@given(
    ENTROPY, st.sampled_from([str.lower, receipt_shown, lambda n: f"  {n[:5]} {n[5:]} ", lambda n: n.replace("0", "o")])
)
def test_a_number_is_read_as_people_write_it(entropy: int, written: object) -> None:
    number = receipt_number(entropy)
    assert callable(written)
    assert receipt_read(written(number)) == number


@pytest.mark.parametrize("text", ["", "0", "00000000001", "0000000000123", "00000000001U", "한국어한국어한국어한국어"])
def test_what_is_no_number_is_not_valid(text: str) -> None:
    assert not receipt_valid(text)


@pytest.mark.parametrize("entropy", [-1, 2**ENTROPY_BITS])
def test_entropy_of_another_size_is_refused(entropy: int) -> None:
    with pytest.raises(ValueError, match="55-bit"):
        receipt_number(entropy)
