"""A participatory-budget election as arrays: projects with exact costs, ballots merged where they are equal."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.numerics.errors import EngineInputError

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]


_WHOLE = 2**53
_NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?|[0-9]{1,30}/[0-9]{1,30}")


def exact_number(value: object) -> Fraction:
    """Return a whole number, or a decimal or fraction as text, exactly.

    Raises
    ------
    ValueError
        If it is something else, or negative, or longer than 30 digits.
    ZeroDivisionError
        If it is a fraction of nothing.

    Examples
    --------
    >>> exact_number("0.5")
    Fraction(1, 2)
    """
    if type(value) is int and value >= 0:
        return Fraction(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        raise ValueError(f"not a number: {value!r}")
    return Fraction(value.strip())


class BallotType(StrEnum):
    """What a voter writes: the projects, one project, points for projects, or projects in order."""

    APPROVAL = "approval"
    CHOOSE_ONE = "choose-1"
    CUMULATIVE = "cumulative"
    SCORING = "scoring"
    ORDINAL = "ordinal"

    @property
    def has_points(self) -> bool:
        """Whether each choice carries points."""
        return self in (BallotType.CUMULATIVE, BallotType.SCORING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What a ballot can be given for.

    Attributes
    ----------
    id : str
        Identifier on the ballots.
    cost : Fraction
        What it costs [currency unit].
    name : str
        What people call it.
    categories, targets : tuple of str
        Kinds of matter, and of people, that it serves.
    place : str
        Dong or district where it is built; empty where it is not said.
    coordinates : (float, float) or None
        Latitude and longitude [degree].
    """

    id: str
    cost: Fraction
    name: str = ""
    categories: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    place: str = ""
    coordinates: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballots:
    """Ballots in compressed rows; equal ballots stand once, with their number.

    Attributes
    ----------
    type : BallotType
        How they are to be read.
    counts : ndarray of int64, shape (n_classes,)
        How many voters cast each; the sum is the number of ballots, empty ones included.
    starts : ndarray of int64, shape (n_classes + 1,)
        Where each ballot's choices begin in `choices`.
    choices : ndarray of int32, shape (n_choices,)
        Index of each project chosen; in the voter's order where the type is ordinal.
    points : ndarray of int64, shape (n_choices,), or None
        Points of each choice times `point_unit`; None where the type has none.
    point_unit : int
        What the points were multiplied with to make them whole.
    """

    type: BallotType
    counts: Integers
    starts: Integers
    choices: Indices
    points: Integers | None = None
    point_unit: int = 1

    def __post_init__(self) -> None:
        classes, choices = len(self.counts), len(self.choices)
        shapes = len(self.starts) == classes + 1 and (self.points is None or len(self.points) == choices)
        if (
            not shapes
            or int(self.starts[0]) != 0
            or int(self.starts[-1]) != choices
            or (np.diff(self.starts) < 0).any()
        ):
            raise EngineInputError("ballot_shape", "the rows of the ballots do not fit their choices")
        if (self.counts < 1).any():
            raise EngineInputError("ballot_count", "a ballot must be cast at least once")
        if self.type.has_points != (self.points is not None):
            raise EngineInputError("ballot_points", f"ballots of type {self.type} and their points do not fit")
        if self.points is not None and (self.points < 0).any():
            raise EngineInputError("ballot_points_negative", "points must not be negative")
        if self.points is not None and int(self.points.max(initial=0)) * self.voters >= _WHOLE:
            raise EngineInputError("ballot_points_large", "the points are too large to be added up exactly")

    @property
    def voters(self) -> int:
        """Number of ballots, empty ones included."""
        return int(self.counts.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Election:
    """Projects, ballots and the money to be given away.

    Attributes
    ----------
    projects : tuple of Project
        In the order of the file.
    ballots : Ballots
        Choices are indices into `projects`.
    budget : Fraction
        What may be spent [currency unit].
    title : str
        For people.

    Notes
    -----
    `costs_units` and `budget_units` are the same money as whole numbers of 1 / `unit` currency units, so that the rules
    compute on integers.
    """

    projects: tuple[Project, ...]
    ballots: Ballots
    budget: Fraction
    title: str = ""
    unit: int = field(init=False)
    costs_units: tuple[int, ...] = field(init=False)
    budget_units: int = field(init=False)

    def __post_init__(self) -> None:
        ids = {project.id for project in self.projects}
        if len(ids) != len(self.projects):
            raise EngineInputError("project_twice", "two projects have the same identifier")
        if self.budget < 0 or any(project.cost < 0 for project in self.projects):
            raise EngineInputError("money_negative", "the budget and the costs must not be negative")
        choices = self.ballots.choices
        if len(choices) and (int(choices.min()) < 0 or int(choices.max()) >= len(self.projects)):
            raise EngineInputError("choice_unknown", "a ballot names a project that does not exist")
        unit = lcm(self.budget.denominator, *(project.cost.denominator for project in self.projects))
        object.__setattr__(self, "unit", unit)
        object.__setattr__(self, "costs_units", tuple(int(project.cost * unit) for project in self.projects))
        object.__setattr__(self, "budget_units", int(self.budget * unit))

    @property
    def ids(self) -> tuple[str, ...]:
        """Identifiers of the projects."""
        return tuple(project.id for project in self.projects)

    @property
    def voters(self) -> int:
        """Number of ballots, empty ones included."""
        return self.ballots.voters


Ballot = Sequence[str] | Mapping[str, int | Fraction]


def ballots_merged(type_: BallotType, ballots: Iterable[tuple[Ballot, int]], index: Mapping[str, int]) -> Ballots:
    """Return ballots as arrays, equal ones merged.

    Parameters
    ----------
    type_ : BallotType
        How to read them.
    ballots : iterable of (ballot, count)
        Project identifiers (in order of preference where ordinal), or points by identifier; and how often it was cast.
    index : Mapping
        Index of each project by identifier.

    Raises
    ------
    EngineInputError
        If a ballot names a project twice, or one that does not exist.
    """
    merged: dict[tuple[Any, ...], int] = {}
    for ballot, count in ballots:
        key = _row(type_, ballot, index)
        merged[key] = merged.get(key, 0) + count
    rows = list(merged)
    starts = np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64))).astype(np.int64)
    counts = np.array(list(merged.values()), dtype=np.int64)
    if not type_.has_points:
        return Ballots(type=type_, counts=counts, starts=starts, choices=_flat(rows))
    unit = lcm(1, *(points.denominator for row in rows for _, points in row))
    return Ballots(
        type=type_,
        counts=counts,
        starts=starts,
        choices=_flat([[choice for choice, _ in row] for row in rows]),
        points=np.array([int(points * unit) for row in rows for _, points in row], dtype=np.int64),
        point_unit=unit,
    )


def _flat(rows: Iterable[Iterable[int]]) -> Indices:
    return np.array([choice for row in rows for choice in row], dtype=np.int32)


def _row(type_: BallotType, ballot: Ballot, index: Mapping[str, int]) -> tuple[Any, ...]:
    try:
        choices = [index[name] for name in ballot]
    except KeyError as error:
        raise EngineInputError(
            "choice_unknown", f"a ballot names the project {error.args[0]!r}, which does not exist"
        ) from None
    if len(set(choices)) != len(choices):
        raise EngineInputError("choice_twice", f"a ballot names a project twice: {list(ballot)!r}")
    if type_.has_points != isinstance(ballot, Mapping):
        raise EngineInputError("ballot_points", f"ballots of type {type_} and their points do not fit")
    if isinstance(ballot, Mapping):
        return tuple(sorted((index[name], Fraction(points)) for name, points in ballot.items()))
    return tuple(choices) if type_ is BallotType.ORDINAL else tuple(sorted(choices))
