"""Blind tokens: the office signs that somebody may vote, without ever seeing what it signs.

The variant is RSABSSA-SHA384-PSS-Randomized of RFC 9474: RSA blind signatures over PSS with SHA-384, MGF1 with SHA-384,
a salt of 48 bytes, and 32 random bytes before the message.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import gmpy2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from madang.numerics.errors import EngineError, EngineInputError
from madang.rooms.autonomy.engine.ballots.encoding import RandomBytes, b64, unb64

KEY_BITS = 2048
EXPONENT = 65537
SALT_BYTES = 48
PREFIX_BYTES = 32
HASH_BYTES = 48
_TRAILER = b"\xbc"
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=SALT_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """The key by which anybody checks a token.

    Attributes
    ----------
    n, e : int
        Modulus and exponent.
    """

    n: int
    e: int = EXPONENT
    _key: rsa.RSAPublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            key = rsa.RSAPublicNumbers(e=self.e, n=self.n).public_key()
        except ValueError as error:
            raise EngineInputError("token_key", "these numbers are not an RSA key") from error
        object.__setattr__(self, "_key", key)

    @property
    def size(self) -> int:
        """Length of the modulus [byte]."""
        return (self.n.bit_length() + 7) // 8

    def as_json(self) -> dict[str, Any]:
        """Return the key as the box's header carries it."""
        return {"n": b64(self.n.to_bytes(self.size, "big")), "e": self.e}

    @classmethod
    def from_json(cls, value: Any) -> "PublicKey":  # noqa: ANN401  # any JSON value
        """Return the key that a header carries.

        Raises
        ------
        EngineInputError
            With code `token_key` or `not_base64url`.
        """
        if not isinstance(value, dict) or set(value) != {"n", "e"} or value["e"] != EXPONENT:
            raise EngineInputError("token_key", "a token key has n and the exponent 65537")
        key = cls(n=int.from_bytes(unb64(value["n"]), "big"))
        if key.n.bit_length() < KEY_BITS:
            raise EngineInputError("token_key", f"a token key has at least {KEY_BITS} bits")
        return key

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Return whether a signature on a prepared message holds (plain RSASSA-PSS, RFC 8017 section 8.1.2)."""
        try:
            self._key.verify(signature, message, _PSS, hashes.SHA384())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKey:
    """The key that signs tokens blindly.

    Attributes
    ----------
    public : PublicKey
        Its public half.
    p, q : int
        The primes.
    """

    public: PublicKey
    p: int = field(repr=False)
    q: int = field(repr=False)
    _parts: tuple[Any, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.p * self.q != self.public.n:
            raise EngineInputError("token_key", "the primes do not belong to the modulus")
        p, q, e = gmpy2.mpz(self.p), gmpy2.mpz(self.q), self.public.e
        parts = (p, q, gmpy2.invert(e, p - 1), gmpy2.invert(e, q - 1), gmpy2.invert(q, p))
        object.__setattr__(self, "_parts", parts)

    def power(self, value: int) -> int:
        """Return a number to the private exponent, by the Chinese remainder theorem and in constant time a prime."""
        p, q, d_p, d_q, q_inverse = self._parts
        at_p = gmpy2.powmod_sec(value % p, d_p, p)
        at_q = gmpy2.powmod_sec(value % q, d_q, q)
        return int(at_q + q * ((at_p - at_q) * q_inverse % p))

    def as_json(self) -> dict[str, str]:
        """Return the primes, which are kept sealed."""
        return {
            name: b64(int(prime).to_bytes(self.public.size, "big")) for name, prime in (("p", self.p), ("q", self.q))
        }

    @classmethod
    def from_json(cls, value: dict[str, str]) -> "PrivateKey":
        """Return the key of the two primes.

        Raises
        ------
        EngineInputError
            With code `token_key` or `not_base64url`.
        """
        p, q = (int.from_bytes(unb64(value[name]), "big") for name in ("p", "q"))
        return cls(public=PublicKey(n=p * q), p=p, q=q)

    @classmethod
    def from_pem(cls, pem: str) -> "PrivateKey":
        """Return the key that a PEM text holds.

        Raises
        ------
        EngineInputError
            With code `token_key`.
        """
        try:
            key = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
        except (ValueError, TypeError) as error:
            raise EngineInputError("token_key", "this is no private key") from error
        if not isinstance(key, rsa.RSAPrivateKey):
            raise EngineInputError("token_key", "this is no RSA key")
        numbers = key.private_numbers()
        public = PublicKey(n=numbers.public_numbers.n, e=numbers.public_numbers.e)
        return cls(public=public, p=numbers.p, q=numbers.q)


def prepared(prefix: bytes, message: bytes) -> bytes:
    """Return the message as it is signed: 32 random bytes, then the message (RFC 9474 section 4.1).

    Raises
    ------
    EngineInputError
        With code `prefix_length`.
    """
    if len(prefix) != PREFIX_BYTES:
        raise EngineInputError("prefix_length", f"the prefix of a token has {PREFIX_BYTES} bytes")
    return prefix + message


def pss_encoded(message: bytes, salt: bytes, bits: int) -> bytes:
    """Return a message encoded by EMSA-PSS with SHA-384.

    Parameters
    ----------
    message, salt : bytes
        What is signed, and its random salt.
    bits : int
        Bits of the encoded message: those of the modulus less one.

    References
    ----------
    RFC 8017 section 9.1.1.
    """
    length = (bits + 7) // 8
    if length < HASH_BYTES + len(salt) + 2:
        raise EngineInputError("token_key", "the key is too short for this encoding")
    digest = hashlib.sha384(b"\x00" * 8 + hashlib.sha384(message).digest() + salt).digest()
    block = b"\x00" * (length - len(salt) - HASH_BYTES - 2) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(block, _mgf1(digest, len(block)), strict=True))
    masked[0] &= 0xFF >> (8 * length - bits)
    return bytes(masked) + digest + _TRAILER


def _mgf1(seed: bytes, length: int) -> bytes:
    blocks = -(-length // HASH_BYTES)
    return b"".join(hashlib.sha384(seed + number.to_bytes(4, "big")).digest() for number in range(blocks))[:length]


def blinding_factor(key: PublicKey, random_bytes: RandomBytes) -> int:
    """Return a uniform number below the modulus that has an inverse."""
    while True:
        # 16 bytes more than the modulus has: what remains after the division is uniform to 2**-128.
        factor = int.from_bytes(random_bytes(key.size + 16), "big") % key.n
        if factor and gmpy2.gcd(factor, key.n) == 1:
            return factor


def blind(key: PublicKey, message: bytes, salt: bytes, factor: int) -> tuple[bytes, int]:
    """Return a prepared message blinded, and what takes the blinding off again (RFC 9474 section 4.2).

    Parameters
    ----------
    key : PublicKey
        The office's key.
    message : bytes
        Prepared by :func:`prepared`.
    salt : bytes
        48 random bytes.
    factor : int
        From :func:`blinding_factor`; used once.

    Raises
    ------
    EngineInputError
        With code `not_coprime` if message or factor has no inverse, which nobody meets by chance.
    """
    n = gmpy2.mpz(key.n)
    encoded = gmpy2.mpz(int.from_bytes(pss_encoded(message, salt, key.n.bit_length() - 1), "big"))
    if gmpy2.gcd(encoded, n) != 1 or gmpy2.gcd(factor, n) != 1:
        raise EngineInputError("not_coprime", "the message or the blinding factor shares a prime with the modulus")
    blinded = encoded * gmpy2.powmod(factor, key.e, n) % n
    return int(blinded).to_bytes(key.size, "big"), int(gmpy2.invert(factor, n))


def blind_sign(key: PrivateKey, blinded: bytes, random_bytes: RandomBytes) -> bytes:
    """Return the blind signature of a blinded message (RFC 9474 section 4.3).

    Parameters
    ----------
    key : PrivateKey
        The office's key.
    blinded : bytes
        As long as the modulus.
    random_bytes : callable
        Draws the mask under which the private key is used.

    Raises
    ------
    EngineInputError
        With code `blinded_length` or `blinded_range`.
    EngineError
        With code `signing_fault` if the result does not verify: it is never released, since one wrong result by the
        Chinese remainder theorem would betray the key.

    Notes
    -----
    Constant-time powers modulo each prime, on a value masked by a random factor, so that the time taken says nothing of
    the key to whoever chose the message. About 1.5 ms at 2,048 bits.

    References
    ----------
    Boneh, D., DeMillo, R. & Lipton, R. (1997), doi:10.1007/3-540-69053-0_4; Kocher, P. (1996),
    doi:10.1007/3-540-68697-5_9.
    """
    public = key.public
    if len(blinded) != public.size:
        raise EngineInputError("blinded_length", f"a blinded token has {public.size} bytes", field="blinded")
    value = int.from_bytes(blinded, "big")
    if not 0 < value < public.n:
        raise EngineInputError(
            "blinded_range", "a blinded token is a number between 0 and the modulus", field="blinded"
        )
    mask = blinding_factor(public, random_bytes)
    masked = value * gmpy2.powmod(mask, public.e, public.n) % public.n
    signed = key.power(masked) * gmpy2.invert(mask, public.n) % public.n
    if gmpy2.powmod(signed, public.e, public.n) != value:
        raise EngineError("signing_fault", "the signature came out wrong and is not released")
    return int(signed).to_bytes(public.size, "big")


def finalize(key: PublicKey, message: bytes, blind_signature: bytes, inverse: int) -> bytes:
    """Return the signature under the blinding (RFC 9474 section 4.4).

    Raises
    ------
    EngineInputError
        With code `token_invalid` if what the office signed is not a signature on the message.
    """
    signed = int.from_bytes(blind_signature, "big")
    if len(blind_signature) != key.size or signed >= key.n:
        raise EngineInputError("token_invalid", "the office's answer is not a signature")
    signature = (signed * inverse % key.n).to_bytes(key.size, "big")
    if not key.verifies(message, signature):
        raise EngineInputError("token_invalid", "the office's answer is not a signature on this token")
    return signature
