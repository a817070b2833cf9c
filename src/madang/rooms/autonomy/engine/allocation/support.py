"""Who gains what from which project: the ballots turned around, one column of supporters a project."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.election import Ballots, BallotType, Election, Indices, Integers

Floats = NDArray[np.float64]


class Satisfaction(StrEnum):
    """What a voter is taken to gain from a project that is funded.

    COST: its cost, where the ballot names it. CARDINALITY: one. ADDITIVE: the points given to it. BORDA: the number of
    projects ranked below it. SCORE (greedy only): cost times what city halls add up: one, the points, or the place
    counted from the last place of the longest ballot, so that the highest score is served first.
    """

    COST = "cost"
    CARDINALITY = "cardinality"
    ADDITIVE = "additive"
    BORDA = "borda"
    SCORE = "score"

    @classmethod
    def usual(cls, type_: BallotType) -> "Satisfaction":
        """Return what fits ballots of a type where nothing is said."""
        if type_.has_points:
            return cls.ADDITIVE
        return cls.BORDA if type_ is BallotType.ORDINAL else cls.COST


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The supporters of each project in compressed columns.

    A voter of class i gains `factors[p] * gains[i, p]` from project p; where every gain is one, `gains` is None.

    Attributes
    ----------
    starts : ndarray of int64, shape (n_projects + 1,)
        Where each project's supporters begin.
    rows : ndarray of int32, shape (n_supports,)
        Ballot classes that gain from the project, ascending.
    counts : ndarray of int64, shape (n_supports,)
        Voters in each.
    gains : ndarray of int64, shape (n_supports,), or None
        Gain of each, without the factor of the project.
    weights : ndarray of float64, shape (n_supports,)
        Counts times gains.
    row_gains : ndarray of int64, shape (n_choices,), or None
        Gains in the order of the ballots' choices, zero where nothing is gained.
    factors : tuple of int
        What the gains of each project are multiplied with.
    totals : tuple of int
        Sum of counts times gains of each project.
    backers : tuple of int
        Voters who gain from each project.
    classes : int
        Number of ballot classes.
    """

    starts: Integers
    rows: Indices
    counts: Integers
    gains: Integers | None
    weights: Floats
    row_gains: Integers | None
    factors: tuple[int, ...]
    totals: tuple[int, ...]
    backers: tuple[int, ...]
    classes: int

    def column(self, project: int) -> slice:
        """Return where a project's supporters stand."""
        return slice(int(self.starts[project]), int(self.starts[project + 1]))


def support_of(election: Election, satisfaction: Satisfaction) -> Support:
    """Return who gains what.

    Raises
    ------
    EngineInputError
        If the ballots cannot be read that way: points of ballots without points, ranks of ballots without order.
    """
    ballots = election.ballots
    gains = _gains(ballots, satisfaction)
    rows = np.repeat(np.arange(len(ballots.counts), dtype=np.int32), np.diff(ballots.starts))
    choices, row_gains = ballots.choices, gains
    if gains is not None:
        kept = gains > 0
        rows, choices, gains = rows[kept], choices[kept], gains[kept]
    order = np.argsort(choices.astype(np.int16 if len(election.projects) < 2**15 else np.int32), kind="stable")
    rows = rows[order]
    starts = np.zeros(len(election.projects) + 1, dtype=np.int64)
    np.cumsum(np.bincount(choices, minlength=len(election.projects)), out=starts[1:])
    counts = ballots.counts[rows]
    gains = None if gains is None else gains[order]
    whole = counts if gains is None else counts * gains
    return Support(
        starts=starts,
        rows=rows,
        counts=counts,
        gains=gains,
        weights=whole.astype(np.float64),
        row_gains=row_gains,
        factors=_factors(election, satisfaction),
        totals=_sums(whole, starts),
        backers=_sums(counts, starts),
        classes=len(ballots.counts),
    )


def _sums(values: Integers, starts: Integers) -> tuple[int, ...]:
    sums = np.concatenate(([0], np.cumsum(values)))
    return tuple((sums[starts[1:]] - sums[starts[:-1]]).tolist())


def _gains(ballots: Ballots, satisfaction: Satisfaction) -> Integers | None:
    if satisfaction is Satisfaction.ADDITIVE or (satisfaction is Satisfaction.SCORE and ballots.type.has_points):
        if ballots.points is None:
            raise EngineInputError("satisfaction_points", f"ballots of type {ballots.type} have no points to add up")
        return ballots.points
    lengths = np.diff(ballots.starts)
    place = np.arange(len(ballots.choices)) - np.repeat(ballots.starts[:-1], lengths)
    if satisfaction is Satisfaction.BORDA:
        if ballots.type is not BallotType.ORDINAL:
            raise EngineInputError("satisfaction_order", f"ballots of type {ballots.type} have no order to count")
        return np.asarray(np.repeat(lengths, lengths) - place - 1, dtype=np.int64)
    if satisfaction is Satisfaction.SCORE and ballots.type is BallotType.ORDINAL:
        return np.asarray(int(lengths.max(initial=0)) - place, dtype=np.int64)
    return None


def _factors(election: Election, satisfaction: Satisfaction) -> tuple[int, ...]:
    if satisfaction in (Satisfaction.COST, Satisfaction.SCORE):
        return election.costs_units
    return (1,) * len(election.projects)
