"""What a ballot may say, how it is committed to, and how it is written before it is sealed.

A choice holds project ids and small numbers and nothing else, in one order only, so that two voters who want the same
say the same: a ballot with room for a mark of one's own could be shown to whoever bought it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.ballots.encoding import DIGEST_BYTES, b64, canonical, sha256, unb64

NONCE_BYTES = 32
PAD_STEP = 64
_LIMITS = ("min_length", "max_length", "min_points", "max_points", "min_sum_points", "max_sum_points", "max_sum_cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotRules:
    """The limits of a poll's ballots, in the words of Pabulib.

    Attributes
    ----------
    type : str
        approval, choose-1, cumulative, scoring or ordinal.
    costs : mapping
        Cost of each project by its id [won].
    min_length, max_length : int
        How many projects a ballot names.
    min_points, max_points : int
        Of one project, where there are points.
    min_sum_points, max_sum_points : int or None
        Of one ballot, where there are points.
    max_sum_cost : int or None
        What the projects of an approval ballot may cost together [won].
    key : str
        The one key of a choice of this type.
    """

    type: str
    costs: Mapping[str, int]
    min_length: int = 0
    max_length: int
    min_points: int = 1
    max_points: int = 0
    min_sum_points: int | None = None
    max_sum_points: int | None = None
    max_sum_cost: int | None = None
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.type not in KEYS:
            raise EngineInputError("ballot_type", f"{self.type!r} is no type of ballot", {"types": [*KEYS]})
        if not 0 <= self.min_length <= self.max_length <= len(self.costs):
            raise EngineInputError("ballot_length", "a ballot's lengths must fit the number of projects")
        if self.type in {"cumulative", "scoring"} and not self.min_points <= self.most_points:
            raise EngineInputError("ballot_points", "a ballot of points says how many one project may have at most")
        object.__setattr__(self, "key", KEYS[self.type])

    @property
    def most_points(self) -> int:
        """The most that one project may be given."""
        return self.max_points or self.max_sum_points or 0

    @classmethod
    def of(cls, manifest: Mapping[str, Any], projects: Sequence[Mapping[str, Any]]) -> "BallotRules":
        """Return the limits that a manifest states under `ballot`.

        Raises
        ------
        EngineInputError
            With code `ballot_type`, `ballot_length`, `ballot_points` or `ballot_limit`.
        """
        stated = manifest.get("ballot")
        if not isinstance(stated, Mapping) or not isinstance(stated.get("type"), str):
            raise EngineInputError("ballot_type", "the manifest says under `ballot` what type its ballots are")
        limits = {name: stated[name] for name in _LIMITS if stated.get(name) is not None}
        if any(type(limit) is not int or limit < 0 for limit in limits.values()):
            raise EngineInputError("ballot_limit", "the limits of a ballot are whole numbers from zero")
        most = 1 if stated["type"] == "choose-1" else len(projects)
        limits["max_length"] = min(limits.get("max_length", most), most, len(projects))
        return cls(type=stated["type"], costs={row["id"]: row["cost"] for row in projects}, **limits)


def choice_fault(choice: Any, rules: BallotRules) -> str:  # noqa: ANN401  # any JSON value
    """Return what is wrong with a choice; empty if it may be counted.

    Returns
    -------
    str
        "form", "project" (not one of the poll's), "order" (not in the one order), "length", "points", "sum_points" or
        "sum_cost".
    """
    if not isinstance(choice, dict) or list(choice) != [rules.key]:
        return "form"
    return _FAULTS[rules.type](choice[rules.key], rules)


def _approved(value: Any, rules: BallotRules) -> str:  # noqa: ANN401
    fault = _listed(value, rules)
    if fault:
        return fault
    # Python compares texts by code points and browsers by UTF-16 units; project ids are ASCII, where both agree.
    if value != sorted(value):
        return "order"
    if rules.max_sum_cost is not None and sum(rules.costs[project] for project in value) > rules.max_sum_cost:
        return "sum_cost"
    return ""


def _listed(value: Any, rules: BallotRules) -> str:  # noqa: ANN401
    if not isinstance(value, list):
        return "form"
    if any(not isinstance(project, str) or project not in rules.costs for project in value):
        return "project"
    if len(set(value)) != len(value):
        return "order"
    return "" if rules.min_length <= len(value) <= rules.max_length else "length"


def _pointed(value: Any, rules: BallotRules) -> str:  # noqa: ANN401
    if not isinstance(value, dict):
        return "form"
    if any(project not in rules.costs for project in value):
        return "project"
    points = list(value.values())
    if any(type(given) is not int for given in points):
        return "form"
    if not rules.min_length <= len(points) <= rules.max_length:
        return "length"
    if any(not rules.min_points <= given <= rules.most_points for given in points):
        return "points"
    least, most = rules.min_sum_points or 0, rules.max_sum_points
    return "" if least <= sum(points) and (most is None or sum(points) <= most) else "sum_points"


KEYS: Mapping[str, str] = MappingProxyType(
    {"approval": "approve", "choose-1": "approve", "cumulative": "points", "scoring": "points", "ordinal": "order"}
)
"""The one key of a choice, by type of ballot."""

_FAULTS: Mapping[str, Callable[[Any, BallotRules], str]] = MappingProxyType(
    {"approval": _approved, "choose-1": _approved, "cumulative": _pointed, "scoring": _pointed, "ordinal": _listed}
)


def commitment(choice: Any, nonce: bytes) -> str:  # noqa: ANN401
    """Return the commitment to a choice: SHA-256 of the nonce and the choice's canonical form, in hexadecimal."""
    return sha256(nonce + canonical(choice)).hex()


def plaintext(choice: Any, nonce: bytes, pad: int) -> bytes:  # noqa: ANN401
    """Return what is sealed: choice and nonce, filled with spaces to the poll's fixed length.

    Raises
    ------
    EngineInputError
        With code `choice_too_long`; a choice within the rules never is.
    """
    text = canonical({"choice": choice, "nonce": b64(nonce)})
    if len(text) > pad:
        raise EngineInputError("choice_too_long", f"a choice and its nonce take at most {pad} bytes")
    return text.ljust(pad, b" ")


def plaintext_read(text: bytes) -> tuple[Any, bytes]:
    """Return choice and nonce of a plaintext.

    Raises
    ------
    EngineInputError
        With code `plaintext_form` if it is not in the one form.
    """
    bare = text.rstrip(b" ")
    try:
        value = json.loads(bare)
        if not isinstance(value, dict) or set(value) != {"choice", "nonce"} or canonical(value) != bare:
            raise ValueError("not in the one form")
        return value["choice"], unb64(value["nonce"], NONCE_BYTES)
    except (ValueError, RecursionError, EngineInputError) as error:
        raise EngineInputError("plaintext_form", "what was sealed is not a choice with its nonce") from error


def pad_of(rules: BallotRules) -> int:
    """Return the length to which every plaintext of a poll is filled [byte]: no ballot shows how much it says."""
    longest = sorted(rules.costs, key=len, reverse=True)[: rules.max_length]
    widest = max(rules.most_points, rules.min_points)
    choice: Any = dict.fromkeys(longest, widest) if rules.key == "points" else longest
    most = len(canonical({"choice": {rules.key: choice}, "nonce": b64(bytes(DIGEST_BYTES))}))
    return -(-most // PAD_STEP) * PAD_STEP
