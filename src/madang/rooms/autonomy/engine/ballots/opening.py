"""Opening a ballot: what its seal holds, and whether it may be counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.ballots.box import Header, associated
from madang.rooms.autonomy.engine.ballots.choice import NONCE_BYTES, choice_fault, commitment, plaintext_read
from madang.rooms.autonomy.engine.ballots.encoding import b64, unb64
from madang.rooms.autonomy.engine.ballots.seal import unsealed

REASONS = ("seal", "plaintext", "commitment", "choice")
"""Why a ballot does not count: it does not open, holds something else than a choice, another choice than it was
committed to, or a choice against the rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One ballot after opening.

    Attributes
    ----------
    opening : dict or None
        Choice and nonce as they are published; None if the ballot does not count.
    reason : str
        One of `REASONS`; empty if it may count.
    """

    opening: dict[str, Any] | None
    reason: str = ""


def opened(header: Header, body: Mapping[str, Any], sealed: bytes, key: ec.EllipticCurvePrivateKey) -> Opened:
    """Return what a sealed ballot says.

    Parameters
    ----------
    header : Header
        Of the box.
    body : mapping
        The entry's body, sound by itself.
    sealed : bytes
        The sealed choice.
    key : EllipticCurvePrivateKey
        The key that ballots are sealed to.
    """
    try:
        text = unsealed(sealed, key, poll=header.poll, associated=associated(body))
    except EngineInputError:
        return Opened(opening=None, reason="seal")
    try:
        choice, nonce = plaintext_read(text)
    except EngineInputError:
        return Opened(opening=None, reason="plaintext")
    reason = _reason(header, body, choice, nonce)
    return Opened(opening=None if reason else {"choice": choice, "nonce": b64(nonce)}, reason=reason)


def opening_reason(header: Header, body: Mapping[str, Any], opening: Any) -> str:  # noqa: ANN401  # any JSON value
    """Return why a published opening does not count; empty if it does."""
    if not isinstance(opening, dict) or set(opening) != {"choice", "nonce"}:
        return "commitment"
    try:
        nonce = unb64(opening["nonce"], NONCE_BYTES)
    except EngineInputError:
        return "commitment"
    return _reason(header, body, opening["choice"], nonce)


def _reason(header: Header, body: Mapping[str, Any], choice: Any, nonce: bytes) -> str:  # noqa: ANN401
    if commitment(choice, nonce) != body["commitment"]:
        return "commitment"
    return "choice" if choice_fault(choice, header.rules) else ""
