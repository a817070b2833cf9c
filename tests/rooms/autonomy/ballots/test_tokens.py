"""Blind tokens: the published test vector, an independent encoding, and everything that must be refused."""

import json
import secrets
from pathlib import Path

import numpy as np
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from madang.numerics.errors import EngineError, EngineInputError
from madang.rooms.autonomy.engine.ballots import tokens
from madang.rooms.autonomy.engine.ballots.tokens import PrivateKey, PublicKey

VECTOR = json.loads((Path(__file__).parent / "rfc9474.json").read_text())


def octets(name: str) -> bytes:
    return bytes.fromhex(VECTOR[name])


@pytest.fixture(scope="module")
def published() -> PrivateKey:
    p, q = (int(VECTOR[name], 16) for name in ("p", "q"))
    return PrivateKey(public=PublicKey(n=p * q), p=p, q=q)


def test_the_vector_of_the_rfc(published: PrivateKey) -> None:
    key = published.public
    message = tokens.prepared(octets("msg_prefix"), octets("msg"))
    # The vector states the inverse of the blinding factor.
    factor = pow(int(VECTOR["inv"], 16), -1, key.n)
    blinded, inverse = tokens.blind(key, message, octets("salt"), factor)
    assert blinded == octets("blinded_msg")
    assert inverse == int(VECTOR["inv"], 16)
    signed = tokens.blind_sign(published, blinded, secrets.token_bytes)
    assert signed == octets("blind_sig")
    assert tokens.finalize(key, message, signed, inverse) == octets("sig")
    assert key.verifies(message, octets("sig"))


def verified_by_hand(key: PublicKey, message: bytes, signature: bytes) -> bool:
    """EMSA-PSS-VERIFY of RFC 8017 section 9.1.2, written from its steps and from nothing of the product."""
    import hashlib

    bits = key.n.bit_length() - 1
    length = (bits + 7) // 8
    encoded = pow(int.from_bytes(signature, "big"), key.e, key.n).to_bytes(length, "big")
    if encoded[-1] != 0xBC:
        return False
    masked, digest = encoded[: length - 49], encoded[length - 49 : -1]
    mask, counter = b"", 0
    while len(mask) < len(masked):
        mask += hashlib.sha384(digest + counter.to_bytes(4, "big")).digest()
        counter += 1
    block = bytearray(a ^ b for a, b in zip(masked, mask, strict=False))
    block[0] &= 0xFF >> (8 * length - bits)
    zeros = length - 48 - 48 - 2
    if any(block[:zeros]) or block[zeros] != 1:
        return False
    inner = bytes(8) + hashlib.sha384(message).digest() + bytes(block[zeros + 1 :])
    return hashlib.sha384(inner).digest() == digest


def taken(key: PrivateKey) -> tuple[bytes, bytes]:
    message = tokens.prepared(secrets.token_bytes(32), secrets.token_bytes(32))
    factor = tokens.blinding_factor(key.public, secrets.token_bytes)
    blinded, inverse = tokens.blind(key.public, message, secrets.token_bytes(48), factor)
    return message, tokens.finalize(key.public, message, tokens.blind_sign(key, blinded, secrets.token_bytes), inverse)


def test_a_token_is_a_plain_signature_to_others(token_key: PrivateKey) -> None:
    openssl = rsa.RSAPublicNumbers(e=token_key.public.e, n=token_key.public.n).public_key()
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    for _round in range(20):
        message, signature = taken(token_key)
        openssl.verify(signature, message, pss, hashes.SHA384())
        assert verified_by_hand(token_key.public, message, signature)
        with pytest.raises(InvalidSignature):
            openssl.verify(signature, message + b"!", pss, hashes.SHA384())
        assert not token_key.public.verifies(message + b"!", signature)
        assert not verified_by_hand(token_key.public, message + b"!", signature)


def test_the_office_cannot_tell_blinded_tokens_apart(token_key: PrivateKey) -> None:
    """For every token and every blinded message there is a factor that leads from one to the other."""
    key = token_key.public
    messages = [tokens.prepared(secrets.token_bytes(32), secrets.token_bytes(32)) for _token in range(2)]
    salts = [secrets.token_bytes(48) for _token in range(2)]
    factor = tokens.blinding_factor(key, secrets.token_bytes)
    seen, _inverse = tokens.blind(key, messages[0], salts[0], factor)
    plain = [int.from_bytes(tokens.blind(key, m, s, 1)[0], "big") for m, s in zip(messages, salts, strict=True)]
    # r' = r * (m0 / m1) ** d blinds the other token into the same message.
    ratio = plain[0] * pow(plain[1], -1, key.n) % key.n
    other = factor * token_key.power(ratio) % key.n
    assert tokens.blind(key, messages[1], salts[1], other)[0] == seen


def test_a_wrong_result_is_never_released(token_key: PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    blinded = secrets.token_bytes(255).rjust(256, b"\x00")
    right = PrivateKey.power
    # A fault in one of the two halves: the difference would betray a prime.
    monkeypatch.setattr(PrivateKey, "power", lambda self, value: right(self, value) + self.p)
    with pytest.raises(EngineError, match="not released") as caught:
        tokens.blind_sign(token_key, blinded, secrets.token_bytes)
    assert caught.value.code == "signing_fault"


@pytest.mark.parametrize(
    ("blinded", "code"),
    [
        (b"", "blinded_length"),
        (bytes(255), "blinded_length"),
        (bytes(257), "blinded_length"),
        (bytes(256), "blinded_range"),
        (b"\xff" * 256, "blinded_range"),
    ],
)
def test_what_is_no_blinded_token_is_refused(token_key: PrivateKey, blinded: bytes, code: str) -> None:
    with pytest.raises(EngineInputError) as caught:
        tokens.blind_sign(token_key, blinded, secrets.token_bytes)
    assert caught.value.code == code


def test_the_modulus_itself_is_out_of_range(token_key: PrivateKey) -> None:
    n = token_key.public.n
    with pytest.raises(EngineInputError):
        tokens.blind_sign(token_key, n.to_bytes(256, "big"), secrets.token_bytes)
    below = (n - 1).to_bytes(256, "big")
    assert tokens.blind_sign(token_key, below, secrets.token_bytes) == below


def test_an_answer_that_is_no_signature_is_refused(token_key: PrivateKey) -> None:
    message = tokens.prepared(bytes(32), bytes(32))
    for answer in (bytes(10), b"\xff" * 256, secrets.token_bytes(255).rjust(256, b"\x00")):
        with pytest.raises(EngineInputError) as caught:
            tokens.finalize(token_key.public, message, answer, 1)
        assert caught.value.code == "token_invalid"


def test_a_message_that_shares_a_prime_is_refused(token_key: PrivateKey) -> None:
    with pytest.raises(EngineInputError) as caught:
        tokens.blind(token_key.public, b"", bytes(48), token_key.p)
    assert caught.value.code == "not_coprime"


def test_keys_survive_their_forms(token_key: PrivateKey) -> None:
    assert PrivateKey.from_json(token_key.as_json()) == token_key
    assert PublicKey.from_json(token_key.public.as_json()) == token_key.public
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    assert PrivateKey.from_pem(pem).public.n == made.private_numbers().public_numbers.n
    assert str(token_key.p) not in repr(token_key)


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(EngineInputError):
        PrivateKey.from_pem(text)


@pytest.mark.parametrize("value", [None, {}, {"n": "AQAB", "e": 65537}, {"n": "AQ", "e": 3}, {"n": "*", "e": 65537}])
def test_what_is_no_public_key_is_refused(value: object) -> None:
    with pytest.raises(EngineInputError):
        PublicKey.from_json(value)


def test_primes_of_another_modulus_are_refused(token_key: PrivateKey) -> None:
    with pytest.raises(EngineInputError):
        PrivateKey(public=token_key.public, p=token_key.p, q=token_key.q + 2)


def test_blinding_factors_are_drawn_from_what_is_given(token_key: PrivateKey) -> None:
    drawn = [tokens.blinding_factor(token_key.public, np.random.default_rng(7).bytes) for _twice in range(2)]
    assert drawn[0] == drawn[1]
    assert 0 < drawn[0] < token_key.public.n
