"""The public box: its header, its entries, and the chain that makes any change of it show."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from madang.numerics.digests import sha256_hex
from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.ballots.choice import BallotRules
from madang.rooms.autonomy.engine.ballots.encoding import DIGEST_BYTES, b64, canonical, is_digest, sha256, unb64
from madang.rooms.autonomy.engine.ballots.seal import OVERHEAD_BYTES, POINT_BYTES, public_key
from madang.rooms.autonomy.engine.ballots.shares import shares_belong
from madang.rooms.autonomy.engine.ballots.tokens import PREFIX_BYTES, PublicKey, prepared
from madang.rooms.autonomy.engine.ballots.turns import turn_holds

FORMAT = "madang-box"
VERSION = 1
RECEIPT_SHOWN, RECEIPT_GROUP = 20, 4
BALLOT_KEYS = frozenset({"kind", "token", "prefix", "signature", "turn", "turn_key", "commitment", "sealed_hash"})
PAPER_KEYS = frozenset({"kind", "sheet", "commitment", "sealed_hash"})
CLOSE_KEYS = frozenset({"kind", "entries", "issued"})
ISSUED_KEYS = frozenset({"phone", "paper"})
_HEADER_KEYS = frozenset(
    {"format", "version", "poll", "title", "manifest", "manifest_hash", "budget", "projects", "keys", "pad", "turns"}
    | {"batch"}
)
_KEYS_KEYS = frozenset({"token", "seal", "share_publics", "threshold", "trustees"})
_PROJECT_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")
_SHEET = re.compile(r"[A-Za-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trustee:
    """One of those who hold a share and sign the heads of the box.

    Attributes
    ----------
    number : int
        From 1; the number of the share.
    sign, box : bytes
        Public points: of the signing key, and of the key to which the share is sealed.
    """

    number: int
    sign: bytes
    box: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What was frozen before the first ballot: the rule, the projects and the keys.

    Attributes
    ----------
    value : mapping
        The header as it is published.
    poll : str
        Id of the poll.
    rules : BallotRules
        What a ballot may say.
    token : PublicKey
        Checks tokens.
    seal : bytes
        Public point that ballots are sealed to.
    share_publics : tuple of bytes
        Public points of the shares of its private scalar, by trustee's number.
    threshold : int
        How many trustees open the ballots.
    trustees : tuple of Trustee
        In order of number.
    pad : int
        Length of every plaintext [byte].
    turns : int
        How often one may vote.
    """

    value: Mapping[str, Any] = field(repr=False)
    poll: str
    rules: BallotRules
    token: PublicKey
    seal: bytes
    share_publics: tuple[bytes, ...]
    threshold: int
    trustees: tuple[Trustee, ...]
    pad: int
    turns: int

    @property
    def genesis(self) -> str:
        """Hash that the first entry follows."""
        return sha256_hex(canonical(self.value))

    @property
    def sealed_bytes(self) -> int:
        """Length of every sealed ballot [byte]."""
        return self.pad + OVERHEAD_BYTES

    def trustee(self, number: object) -> Trustee | None:
        """Return a trustee by number, or None."""
        known = isinstance(number, int) and 1 <= number <= len(self.trustees)
        return self.trustees[int(str(number)) - 1] if known else None


def header_read(value: Any) -> Header:  # noqa: ANN401  # any JSON value
    """Return a header that holds all it must and nothing else.

    Parameters
    ----------
    value : JSON value
        The first line of a box.

    Raises
    ------
    EngineInputError
        With code `header_form` and the field at fault, or a code of the part that is wrong.
    """
    if not isinstance(value, dict) or set(value) != _HEADER_KEYS:
        raise _header_fault("keys")
    if value["format"] != FORMAT or value["version"] != VERSION:
        raise _header_fault("version")
    for name in ("poll", "title"):
        if not isinstance(value[name], str) or not value[name]:
            raise _header_fault(name)
    for name, least in (("budget", 0), ("pad", 1), ("turns", 1), ("batch", 1)):
        if type(value[name]) is not int or value[name] < least:
            raise _header_fault(name)
    manifest = value["manifest"]
    if not isinstance(manifest, dict) or sha256_hex(canonical(manifest)) != value["manifest_hash"]:
        raise _header_fault("manifest_hash")
    keys = value["keys"]
    if not isinstance(keys, dict) or set(keys) != _KEYS_KEYS:
        raise _header_fault("keys")
    trustees = _trustees(keys["trustees"])
    publics = tuple(unb64(text, POINT_BYTES) for text in _list(keys["share_publics"], "share_publics"))
    if type(keys["threshold"]) is not int or not 1 <= keys["threshold"] <= len(publics) == len(trustees):
        raise _header_fault("threshold")
    seal = unb64(keys["seal"], POINT_BYTES)
    public_key(seal)
    return Header(
        value=value,
        poll=value["poll"],
        rules=BallotRules.of(manifest, _projects(value["projects"])),
        token=PublicKey.from_json(keys["token"]),
        seal=seal,
        share_publics=publics,
        threshold=keys["threshold"],
        trustees=trustees,
        pad=value["pad"],
        turns=value["turns"],
    )


def header_keys_hold(header: Header) -> bool:
    """Return whether the trustees' shares belong to the key that ballots are sealed to."""
    return shares_belong(header.share_publics, header.threshold, header.seal)


def _header_fault(name: str) -> EngineInputError:
    return EngineInputError("header_form", f"the header's {name} is not as it must be", {"field": name}, field=name)


def _list(value: Any, name: str) -> list[Any]:  # noqa: ANN401
    if not isinstance(value, list) or not value:
        raise _header_fault(name)
    return value


def _projects(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    rows = _list(value, "projects")
    for row in rows:
        if not isinstance(row, dict) or not {"id", "name", "cost"} <= set(row):
            raise _header_fault("projects")
        if not isinstance(row["id"], str) or not _PROJECT_ID.fullmatch(row["id"]):
            raise _header_fault("projects.id")
        if type(row["cost"]) is not int or row["cost"] < 0:
            raise _header_fault("projects.cost")
    if len({row["id"] for row in rows}) != len(rows):
        raise _header_fault("projects.id")
    return rows


def _trustees(value: Any) -> tuple[Trustee, ...]:  # noqa: ANN401
    trustees = []
    for number, row in enumerate(_list(value, "trustees"), 1):
        if not isinstance(row, dict) or set(row) != {"number", "sign", "box"} or row["number"] != number:
            raise _header_fault("trustees")
        points = {name: unb64(row[name], POINT_BYTES) for name in ("sign", "box")}
        for point in points.values():
            public_key(point)
        trustees.append(Trustee(number=number, **points))
    return tuple(trustees)


def link(previous: str, seq: int, body: Mapping[str, Any]) -> str:
    """Return the hash of an entry in its place.

    Examples
    --------
    >>> link("0" * 64, 1, {"kind": "close"})[:12]
    '9ba5bcd7b9ca'
    """
    return sha256_hex(f"{previous}\n{seq}\n".encode() + canonical(body))


def receipt(body: Mapping[str, Any]) -> str:
    """Return the receipt of a ballot: the digest of its body."""
    return sha256_hex(canonical(body))


def receipt_shown(digest: str) -> str:
    """Return a receipt as it is shown: its first twenty digits in groups of four.

    Examples
    --------
    >>> receipt_shown("0123456789abcdef01234567")
    '0123 4567 89ab cdef 0123'
    """
    return " ".join(digest[at : at + RECEIPT_GROUP] for at in range(0, RECEIPT_SHOWN, RECEIPT_GROUP))


def head_message(poll: str, seq: int, head: str) -> bytes:
    """Return what a trustee signs to say: I have seen this head of the box."""
    return f"madang head v1\n{poll}\n{seq}\n{head}".encode()


def sealed_hash(sealed: bytes) -> str:
    """Return the digest by which an entry names its sealed choice."""
    return sha256(sealed).hex()


def body_fault(header: Header, body: Any) -> str:  # noqa: ANN401  # any JSON value
    """Return what is wrong with an entry's body by itself; empty if nothing.

    Returns
    -------
    str
        "form", "turn" (the key does not belong to the token and turn) or "signature" (the office did not sign the
        token).
    """
    if not isinstance(body, dict):
        return "form"
    match body.get("kind"):
        case "ballot":
            return _ballot_fault(header, body)
        case "paper":
            return "" if set(body) == PAPER_KEYS and is_sheet(body["sheet"]) and _committed(body) else "form"
        case "close":
            return "" if _close_holds(body) else "form"
        case _:
            return "form"


def is_sheet(value: Any) -> bool:  # noqa: ANN401
    """Return whether a value can be the number of a paper sheet."""
    return isinstance(value, str) and _SHEET.fullmatch(value) is not None


def associated(body: Mapping[str, Any]) -> bytes:
    """Return what a ballot's sealed choice is bound to: its token's message, or its sheet's number."""
    if body["kind"] == "ballot":
        return unb64(body["token"], DIGEST_BYTES)
    return str(body["sheet"]).encode()


def _committed(body: Mapping[str, Any]) -> bool:
    return is_digest(body["commitment"]) and is_digest(body["sealed_hash"])


def _close_holds(body: Mapping[str, Any]) -> bool:
    issued = body.get("issued")
    if set(body) != CLOSE_KEYS or not isinstance(issued, dict) or set(issued) != ISSUED_KEYS:
        return False
    return all(type(count) is int and count >= 0 for count in (body["entries"], *issued.values()))


def _ballot_fault(header: Header, body: Mapping[str, Any]) -> str:
    if set(body) != BALLOT_KEYS or type(body["turn"]) is not int or not _committed(body):
        return "form"
    try:
        token, key = unb64(body["token"], DIGEST_BYTES), unb64(body["turn_key"], DIGEST_BYTES)
        prefix, signature = unb64(body["prefix"], PREFIX_BYTES), unb64(body["signature"], header.token.size)
    except EngineInputError:
        return "form"
    if not turn_holds(token, body["turn"], key, header.turns):
        return "turn"
    return "" if header.token.verifies(prepared(prefix, token), signature) else "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voting:
    """What a voter's device holds when it makes a ballot.

    Attributes
    ----------
    token, prefix, signature : bytes
        The token's message, its random prefix, and the office's signature on both.
    turn : int
        Which time the voter votes.
    turn_key : bytes
        What that turn shows.
    """

    token: bytes
    prefix: bytes
    signature: bytes
    turn: int
    turn_key: bytes


def ballot_body(voting: Voting, commitment: str, sealed: bytes) -> dict[str, Any]:
    """Return the body of a ballot's entry."""
    return {
        "kind": "ballot",
        "token": b64(voting.token),
        "prefix": b64(voting.prefix),
        "signature": b64(voting.signature),
        "turn": voting.turn,
        "turn_key": b64(voting.turn_key),
        "commitment": commitment,
        "sealed_hash": sealed_hash(sealed),
    }


def paper_body(sheet: str, commitment: str, sealed: bytes) -> dict[str, Any]:
    """Return the body of a paper sheet's entry."""
    return {"kind": "paper", "sheet": sheet, "commitment": commitment, "sealed_hash": sealed_hash(sealed)}


def close_body(entries: int, phone: int, paper: int) -> dict[str, Any]:
    """Return the body of the last entry: how many came before, and how many tokens and sheets were given out."""
    return {"kind": "close", "entries": entries, "issued": {"phone": phone, "paper": paper}}
