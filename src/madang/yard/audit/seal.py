"""The seal on the chain's head: an Ed25519 signature by a key that is not in the database.

Someone who can write to the database can rebuild a chain that is sound in itself; without this key they cannot make its
head look sealed.
"""

import functools
import hmac
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from madang.numerics.digests import canonical_json


@functools.lru_cache(maxsize=4)
def _private_key(seed_hex: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed_hex))


def _message(count: int, head: str) -> bytes:
    return f"madang-audit-head\n{count}\n{head}\n".encode()


def sign(count: int, head: str) -> str:
    """Return the signature, as hexadecimal digits, of a head."""
    return _private_key(settings.MADANG_SEAL_KEY).sign(_message(count, head)).hex()


def keyed_digest(value: Any) -> str:  # noqa: ANN401  # any JSON value
    """Return a digest of a JSON value that only this installation can make: it proves, and betrays nothing."""
    key = hmac.digest(bytes.fromhex(settings.MADANG_SEAL_KEY), b"madang-keyed-digest", "sha256")
    return hmac.digest(key, canonical_json(value), "sha256").hex()


def public_key_hex() -> str:
    """Return the public key with which anyone can check a seal."""
    return _private_key(settings.MADANG_SEAL_KEY).public_key().public_bytes_raw().hex()


def holds(count: int, head: str, signature: str, public_key: str | None = None) -> bool:
    """Return whether a signature is this installation's (or the given key's) seal on a head."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key or public_key_hex()))
    try:
        key.verify(bytes.fromhex(signature), _message(count, head))
    except (InvalidSignature, ValueError):
        return False
    return True
