"""The rule of a vote, written down before it opens: every choice that decides the winners, and its hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

from madang.numerics.digests import json_digest
from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.allocation.completion import Stop
from madang.rooms.autonomy.engine.allocation.greedy import Misfit
from madang.rooms.autonomy.engine.allocation.support import Satisfaction
from madang.rooms.autonomy.engine.allocation.ties import Tie
from madang.rooms.autonomy.engine.election import BallotType, exact_number

Kind = TypeVar("Kind", bound=StrEnum)

_ASCII = 128


class Rule(StrEnum):
    """How the budget is given away."""

    GREEDY = "greedy"
    EQUAL_SHARES = "equal-shares"
    EXACT_EQUAL_SHARES = "exact-equal-shares"
    BOS = "bos"
    PHRAGMEN = "phragmen"

    @property
    def shared(self) -> bool:
        """Whether each voter begins with a share that a completion can raise."""
        return self in (Rule.EQUAL_SHARES, Rule.EXACT_EQUAL_SHARES)


class Completion(StrEnum):
    """What is done with money that the rule leaves unspent.

    ADD1 raises each share in steps; ADD_OPT raises it straight to the next change (exact equal shares only); `greedy`
    at the end spends what is then left.
    """

    NONE = "none"
    GREEDY = "greedy"
    ADD1 = "add1"
    ADD1_GREEDY = "add1-greedy"
    ADD_OPT = "add-opt"
    ADD_OPT_GREEDY = "add-opt-greedy"

    @property
    def raises(self) -> bool:
        """Whether shares are raised in steps."""
        return self in (Completion.ADD1, Completion.ADD1_GREEDY)

    @property
    def jumps(self) -> bool:
        """Whether shares are raised to the next change."""
        return self in (Completion.ADD_OPT, Completion.ADD_OPT_GREEDY)

    @property
    def ends_greedily(self) -> bool:
        """Whether greedy spends the rest."""
        return self in (Completion.GREEDY, Completion.ADD1_GREEDY, Completion.ADD_OPT_GREEDY)


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotRule:
    """What a ballot may hold.

    Attributes
    ----------
    type : BallotType
        How it is read.
    min_length, max_length : int or None
        Fewest and most projects on it.
    max_points : int or None
        Most points for one project.
    max_sum_points : int or None
        Most points in all.
    """

    type: BallotType = BallotType.APPROVAL
    min_length: int | None = None
    max_length: int | None = None
    max_points: int | None = None
    max_sum_points: int | None = None

    def __post_init__(self) -> None:
        for name in ("min_length", "max_length", "max_points", "max_sum_points"):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < 0):
                _refuse("manifest_value", f"ballot.{name}", value, "a whole number that is not negative, or null")
        if (self.min_length or 0) > (self.max_length if self.max_length is not None else float("inf")):
            _refuse("manifest_lengths", "ballot.min_length", self.min_length, "at most max_length")
        if not self.type.has_points and (self.max_points is not None or self.max_sum_points is not None):
            _refuse(
                "manifest_points", "ballot.max_points", self.max_points, f"null: {self.type} ballots have no points"
            )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; every key is there."""
        return {
            "type": str(self.type),
            "min_length": self.min_length,
            "max_length": self.max_length,
            "max_points": self.max_points,
            "max_sum_points": self.max_sum_points,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything that, with the ballots and the projects, decides the winners.

    Attributes
    ----------
    rule : Rule
        How the budget is given away.
    satisfaction : Satisfaction
        What a voter is taken to gain.
    completion : Completion
        What is done with money left unspent.
    step : Fraction
        How much each share is raised at a time [currency unit].
    stop : Stop
        When the raising ends.
    ties : tuple of Tie
        The order of equals; in the end always by string order of identifiers.
    misfit : Misfit
        What greedy does at a project that does not fit.
    min_votes : int
        Fewest supporters that a project must have under greedy.
    ballot : BallotRule
        What a ballot may hold.
    eligibility : Mapping
        Who may vote, for people; JSON without fractions.
    budget : Fraction or None
        What may be spent [currency unit]; None where the election says it.
    """

    rule: Rule
    satisfaction: Satisfaction
    completion: Completion = Completion.NONE
    step: Fraction = Fraction(1)
    stop: Stop = Stop.FIRST_EXHAUSTIVE
    ties: tuple[Tie, ...] = (Tie.ID,)
    misfit: Misfit = Misfit.SKIP
    min_votes: int = 0
    ballot: BallotRule = field(default_factory=BallotRule)
    eligibility: Mapping[str, Any] = field(default_factory=dict)
    budget: Fraction | None = None

    def __post_init__(self) -> None:
        if self.step <= 0:
            _refuse("manifest_step", "step", self.step, "a number greater than 0")
        if self.budget is not None and self.budget < 0:
            _refuse("manifest_budget", "budget", self.budget, "a number that is not negative")
        if type(self.min_votes) is not int or self.min_votes < 0:
            _refuse("manifest_value", "min_votes", self.min_votes, "a whole number that is not negative")
        self._completion_fits()
        self._satisfaction_fits()
        _plain(self.eligibility, "eligibility")

    def _completion_fits(self) -> None:
        if (self.completion.raises or self.completion.jumps) and not self.rule.shared:
            _refuse("manifest_completion", "completion", self.completion, f"none or greedy under the rule {self.rule}")
        if self.completion.jumps and self.rule is not Rule.EXACT_EQUAL_SHARES:
            _refuse("manifest_completion", "completion", self.completion, f"none or add1 under the rule {self.rule}")
        if self.completion is not Completion.NONE and self.rule is Rule.GREEDY:
            _refuse("manifest_completion", "completion", self.completion, "none under the rule greedy")

    def _satisfaction_fits(self) -> None:
        if self.completion.jumps and self.satisfaction in (Satisfaction.ADDITIVE, Satisfaction.BORDA):
            _refuse("manifest_satisfaction", "satisfaction", self.satisfaction, "cost or cardinality with add-opt")
        if self.satisfaction is Satisfaction.SCORE and self.rule is not Rule.GREEDY:
            _refuse("manifest_satisfaction", "satisfaction", self.satisfaction, "score only under the rule greedy")
        if self.satisfaction is Satisfaction.ADDITIVE and not self.ballot.type.has_points:
            _refuse("manifest_satisfaction", "satisfaction", self.satisfaction, "additive only for ballots with points")
        if self.satisfaction is Satisfaction.BORDA and self.ballot.type is not BallotType.ORDINAL:
            _refuse("manifest_satisfaction", "satisfaction", self.satisfaction, "borda only for ordinal ballots")

    @classmethod
    def from_json(cls, value: object) -> "Manifest":
        """Read the JSON form.

        Raises
        ------
        EngineInputError
            If a key is not known, or a value is not one of those it may have; says which.
        """
        given = _object(value, "manifest", _KEYS)
        if "rule" not in given:
            _refuse("manifest_missing", "rule", None, "one of " + ", ".join(Rule))
        ballot = _object(given.get("ballot", {}), "ballot", _BALLOT_KEYS)
        kind = _choice(BallotType, ballot.get("type", "approval"), "ballot.type")
        ties = given.get("ties", ["id"])
        if not isinstance(ties, list):
            _refuse("manifest_value", "ties", ties, "a list")
        rule = _choice(Rule, given["rule"], "rule")
        usual = Satisfaction.SCORE if rule is Rule.GREEDY else Satisfaction.usual(kind)
        return cls(
            rule=rule,
            satisfaction=_choice(Satisfaction, given.get("satisfaction", str(usual)), "satisfaction"),
            completion=_choice(Completion, given.get("completion", "none"), "completion"),
            step=_fraction(given.get("step", 1), "step"),
            stop=_choice(Stop, given.get("stop", "first-exhaustive"), "stop"),
            ties=tuple(_choice(Tie, tie, "ties") for tie in ties),
            misfit=_choice(Misfit, given.get("misfit", "skip"), "misfit"),
            min_votes=given.get("min_votes", 0),
            ballot=BallotRule(**{**ballot, "type": kind}),
            eligibility=_object(given.get("eligibility", {}), "eligibility", None),
            budget=None if given.get("budget") is None else _fraction(given["budget"], "budget"),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; every key is there, so that equal manifests have equal hashes."""
        return {
            "rule": str(self.rule),
            "satisfaction": str(self.satisfaction),
            "completion": str(self.completion),
            "step": _plain_number(self.step),
            "stop": str(self.stop),
            "ties": [str(tie) for tie in self.ties],
            "misfit": str(self.misfit),
            "min_votes": self.min_votes,
            "ballot": self.ballot.to_json(),
            "eligibility": dict(self.eligibility),
            "budget": None if self.budget is None else _plain_number(self.budget),
        }

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON form, as 64 hexadecimal digits."""
        return json_digest(self.to_json())


_BALLOT_KEYS = ("type", "min_length", "max_length", "max_points", "max_sum_points")
_KEYS = (
    *("rule", "satisfaction", "completion", "step", "stop", "ties", "misfit", "min_votes", "ballot"),
    *("eligibility", "budget"),
)


def _refuse(code: str, name: str, found: object, expected: str) -> NoReturn:
    shown = "nothing" if found is None else repr(str(found))
    raise EngineInputError(
        code,
        f"{name}: found {shown}; expected {expected}",
        {"field": name, "found": None if found is None else str(found), "expected": expected},
        field=name,
    )


def _object(value: object, name: str, keys: tuple[str, ...] | None) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        _refuse("manifest_value", name, value, "an object")
    unknown = sorted(set(value) - set(keys)) if keys is not None else []
    if unknown and keys is not None:
        _refuse("manifest_key", name, unknown[0], "only the keys " + ", ".join(keys))
    return value


def _choice(kind: type[Kind], value: object, name: str) -> Kind:
    if not isinstance(value, str) or value not in list(kind):
        _refuse("manifest_value", name, value, "one of " + ", ".join(kind))
    return kind(value)


def _fraction(value: object, name: str) -> Fraction:
    try:
        return exact_number(value)
    except (ValueError, ZeroDivisionError):
        _not_a_number(value, name)


def _not_a_number(value: object, name: str) -> NoReturn:
    _refuse("manifest_value", name, value, 'a whole number, or a fraction as text such as "1/2" or "0.5"')


def _plain_number(value: Fraction) -> int | str:
    return int(value) if value.denominator == 1 else str(value)


def _plain(value: object, name: str) -> None:
    """Refuse what the canonical form cannot carry: fractions, truth values, keys beyond ASCII."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str) or any(ord(letter) >= _ASCII for letter in key):
                _refuse("manifest_key", name, key, "keys in ASCII letters")
            _plain(inner, f"{name}.{key}")
    elif isinstance(value, list):
        for inner in value:
            _plain(inner, name)
    elif value is not None and type(value) not in (str, int):
        _refuse("manifest_value", name, value, "text, whole numbers, lists, objects or null")
