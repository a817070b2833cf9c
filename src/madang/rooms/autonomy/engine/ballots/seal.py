"""Sealing to a public key, and the signatures of those who watch the box, on the curve that every browser has.

Ephemeral ECDH on P-256, HKDF-SHA256, AES-256-GCM. A sealed text is the ephemeral public point (65 bytes), the nonce
(12) and the ciphertext with its tag.
"""

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.ballots.encoding import RandomBytes

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Number of points of P-256: what scalars are counted by (SEC 2, section 2.4.2)."""

SCALAR_BYTES = 32
POINT_BYTES = 65
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = POINT_BYTES + NONCE_BYTES + TAG_BYTES
SIGNATURE_BYTES = 64
_INFO = b"madang seal v1"
_CURVE = ec.SECP256R1()
_SIGNING = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


def scalar_drawn(random_bytes: RandomBytes) -> int:
    """Return a uniform scalar from 1 to the order less one."""
    return int.from_bytes(random_bytes(SCALAR_BYTES + 16), "big") % (ORDER - 1) + 1


def scalar_bytes(scalar: int) -> bytes:
    """Return a scalar as 32 bytes."""
    return scalar.to_bytes(SCALAR_BYTES, "big")


def private_key(scalar: int) -> ec.EllipticCurvePrivateKey:
    """Return the key that belongs to a scalar.

    Raises
    ------
    EngineInputError
        With code `scalar_range`.
    """
    if not 0 < scalar < ORDER:
        raise EngineInputError("scalar_range", "this is not a scalar of P-256")
    return ec.derive_private_key(scalar, _CURVE)


def public_point(scalar: int) -> bytes:
    """Return the uncompressed public point of a scalar, 65 bytes."""
    return private_key(scalar).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    """Return the public key of an uncompressed point.

    Raises
    ------
    EngineInputError
        With code `point_invalid` if it does not lie on the curve.
    """
    try:
        if len(point) != POINT_BYTES:
            raise ValueError("not uncompressed")
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except ValueError as error:
        raise EngineInputError("point_invalid", "this is not a point of P-256") from error


def sealed(text: bytes, to: bytes, *, poll: str, associated: bytes, random_bytes: RandomBytes) -> bytes:
    """Return a text sealed to a public point.

    Parameters
    ----------
    text : bytes
        What is sealed.
    to : bytes
        Uncompressed public point.
    poll : str
        Id of the poll: a text sealed for one poll does not open in another.
    associated : bytes
        What the text belongs to (a token, a sheet's number, a share's number).
    random_bytes : callable
        Draws the ephemeral key and the nonce.
    """
    ephemeral = private_key(scalar_drawn(random_bytes))
    shared = ephemeral.exchange(ec.ECDH(), public_key(to))
    nonce = random_bytes(NONCE_BYTES)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return point + nonce + AESGCM(_derived(shared, poll)).encrypt(nonce, text, associated)


def unsealed(message: bytes, key: ec.EllipticCurvePrivateKey, *, poll: str, associated: bytes) -> bytes:
    """Return the text that was sealed.

    Raises
    ------
    EngineInputError
        With code `seal_broken` if it was altered, or sealed for another key, poll or thing.
    """
    try:
        shared = key.exchange(ec.ECDH(), public_key(message[:POINT_BYTES]))
        nonce = message[POINT_BYTES : POINT_BYTES + NONCE_BYTES]
        return AESGCM(_derived(shared, poll)).decrypt(nonce, message[POINT_BYTES + NONCE_BYTES :], associated)
    except (InvalidTag, ValueError, EngineInputError) as error:
        raise EngineInputError("seal_broken", "this does not open with the key it is said to be sealed to") from error


def _derived(shared: bytes, poll: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=poll.encode(), info=_INFO).derive(shared)


def signed(message: bytes, scalar: int) -> bytes:
    """Return an ECDSA signature as 64 bytes, r then s."""
    r, s = decode_dss_signature(private_key(scalar).sign(message, _SIGNING))
    return scalar_bytes(r) + scalar_bytes(s)


def signature_holds(message: bytes, signature: bytes, point: bytes) -> bool:
    """Return whether an ECDSA signature of 64 bytes holds under a public point."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    r, s = (int.from_bytes(signature[at : at + SCALAR_BYTES], "big") for at in (0, SCALAR_BYTES))
    try:
        public_key(point).verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
