"""Turns that only the voter can make, shares that only together open, seals that open nowhere else."""

import hashlib
import itertools
import secrets

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.ballots import seal, shares, turns
from madang.rooms.autonomy.engine.ballots.encoding import b64, unb64
from madang.rooms.autonomy.engine.ballots.seal import ORDER

SECRETS = st.binary(min_size=32, max_size=32)
SCALARS = st.integers(min_value=1, max_value=ORDER - 1)


def test_turns_by_hand() -> None:
    secret = bytes(range(32))
    # With two turns: the secret is turn 2, its digest turn 1, the digest of that the token.
    first = hashlib.sha256(secret).digest()
    assert turns.turn_key(secret, 2, turns=2) == secret
    assert turns.turn_key(secret, 1, turns=2) == first
    assert turns.turn_key(secret, 0, turns=2) == hashlib.sha256(first).digest()


@given(SECRETS, st.integers(1, 64), st.integers(1, 64))
def test_a_key_belongs_to_its_turn_alone(secret: bytes, turn: int, other: int) -> None:
    token = turns.turn_key(secret, 0)
    key = turns.turn_key(secret, turn)
    assert turns.turn_holds(token, turn, key)
    assert turns.turn_holds(token, other, key) == (turn == other)
    assert not turns.turn_holds(hashlib.sha256(token).digest(), turn, key)


@pytest.mark.parametrize("turn", [0, -1, 65])
def test_no_other_turn_holds(turn: int) -> None:
    secret = bytes(32)
    assert not turns.turn_holds(turns.turn_key(secret, 0), turn, secret)


def test_what_is_no_secret_and_no_turn_is_refused() -> None:
    with pytest.raises(EngineInputError):
        turns.turn_key(b"short", 1)
    with pytest.raises(EngineInputError):
        turns.turn_key(bytes(32), 65)


@given(SCALARS, st.integers(1, 6), st.data())
def test_any_threshold_of_shares_gives_the_secret(secret: int, count: int, data: st.DataObject) -> None:
    threshold = data.draw(st.integers(1, count))
    dealt = shares.deal(secret, threshold, count, np.random.default_rng(data.draw(st.integers(0, 99))).bytes)
    numbered = dict(enumerate(dealt, 1))
    chosen = data.draw(st.lists(st.sampled_from(sorted(numbered)), min_size=threshold, max_size=count, unique=True))
    assert shares.combine({number: numbered[number] for number in chosen}, threshold) == secret
    if threshold > 1:
        fewer = {number: numbered[number] for number in chosen[: threshold - 1]}
        with pytest.raises(EngineInputError):
            shares.combine(fewer, threshold)


def test_fewer_shares_fit_every_secret() -> None:
    """Two shares of three needed: for any other secret there is a third share that would give it."""
    dealt = shares.deal(secrets.randbelow(ORDER - 1) + 1, 3, 3, secrets.token_bytes)
    other = secrets.randbelow(ORDER)
    # Lagrange at zero for 1, 2, 3 is 3, -3, 1.
    third = (other - 3 * dealt[0] + 3 * dealt[1]) % ORDER
    assert shares.combine({1: dealt[0], 2: dealt[1], 3: third}, 3) == other


@pytest.mark.parametrize(("threshold", "count"), list(itertools.product((1, 2, 3), (3, 4))))
def test_published_points_prove_the_dealing(threshold: int, count: int) -> None:
    secret = seal.scalar_drawn(secrets.token_bytes)
    dealt = shares.deal(secret, threshold, count, secrets.token_bytes)
    publics = [seal.public_point(share) for share in dealt]
    key = seal.public_point(secret)
    assert shares.shares_belong(publics, threshold, key)
    assert all(shares.share_holds(share, public) for share, public in zip(dealt, publics, strict=True))
    # One share of another polynomial, or another key, shows.
    wrong = seal.public_point(seal.scalar_drawn(secrets.token_bytes))
    assert not shares.shares_belong(publics, threshold, wrong)
    assert not shares.shares_belong([*publics[:-1], wrong], threshold, key)
    assert not shares.share_holds(dealt[0] ^ 1, publics[0])
    assert not shares.share_holds(0, publics[0])


def test_a_threshold_beyond_the_trustees_is_refused() -> None:
    for threshold, count in ((0, 3), (4, 3)):
        with pytest.raises(EngineInputError):
            shares.deal(1, threshold, count, secrets.token_bytes)


@given(st.binary(max_size=300), st.binary(max_size=40), st.text(max_size=20))
def test_a_seal_opens_for_its_key_poll_and_thing_alone(text: bytes, thing: bytes, poll: str) -> None:
    scalar = seal.scalar_drawn(secrets.token_bytes)
    closed = seal.sealed(text, seal.public_point(scalar), poll=poll, associated=thing, random_bytes=secrets.token_bytes)
    assert len(closed) == len(text) + seal.OVERHEAD_BYTES
    key = seal.private_key(scalar)
    assert seal.unsealed(closed, key, poll=poll, associated=thing) == text
    other = seal.private_key(seal.scalar_drawn(secrets.token_bytes))
    for refused in (
        {"key": other, "poll": poll, "associated": thing},
        {"key": key, "poll": poll + "!", "associated": thing},
        {"key": key, "poll": poll, "associated": thing + b"!"},
    ):
        with pytest.raises(EngineInputError):
            seal.unsealed(closed, **refused)  # type: ignore[arg-type]  # a test's loose values
    for at in (0, 70, len(closed) - 1):
        broken = bytearray(closed)
        broken[at] ^= 1
        with pytest.raises(EngineInputError):
            seal.unsealed(bytes(broken), key, poll=poll, associated=thing)


def test_a_signature_holds_for_its_words_alone() -> None:
    scalar = seal.scalar_drawn(secrets.token_bytes)
    point = seal.public_point(scalar)
    made = seal.signed(b"head", scalar)
    assert len(made) == 64
    assert seal.signature_holds(b"head", made, point)
    assert not seal.signature_holds(b"heads", made, point)
    assert not seal.signature_holds(b"head", made[:-1], point)
    assert not seal.signature_holds(b"head", bytes(64), point)
    assert not seal.signature_holds(b"head", made, seal.public_point(seal.scalar_drawn(secrets.token_bytes)))


@pytest.mark.parametrize("point", [b"", bytes(65), b"\x04" + bytes(64), b"\x02" + bytes(32)])
def test_what_is_no_point_is_refused(point: bytes) -> None:
    with pytest.raises(EngineInputError):
        seal.public_key(point)


@given(st.binary(max_size=80))
def test_bytes_survive_their_text(data: bytes) -> None:
    assert unb64(b64(data)) == data
    assert unb64(b64(data), len(data)) == data
    with pytest.raises(EngineInputError):
        unb64(b64(data), len(data) + 1)


# The last digit of "QQ" has four bits that decode to nothing: "QR" would be another text of the same byte.
@pytest.mark.parametrize("text", ["QR", "Q=", "Q", "QQ==", "Q Q", "+/", "é", None, 3, "A" * 5])
def test_every_other_text_is_refused(text: object) -> None:
    with pytest.raises(EngineInputError):
        unb64(text)
