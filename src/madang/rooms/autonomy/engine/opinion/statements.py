"""What the groups say of each statement: counts, consensus across groups, what marks a group, what bridges them.

References
----------
Small et al. (2021), https://doi.org/10.6035/recerca.5516, and the published source of Polis (`repness.clj`,
`stats.clj`), whose statistics and rules of choice these are; bridging statements are Madang's own.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Side(StrEnum):
    """Which way a statement is taken."""

    AGREE = "agree"
    DISAGREE = "disagree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Votes by group and statement.

    Attributes
    ----------
    agree, disagree, seen : ndarray of int64, shape (n_groups, n_statements)
        Votes for, against, and all votes (passes included).
    """

    agree: Integers
    disagree: Integers
    seen: Integers

    def of(self, side: Side) -> Integers:
        """Return the votes for one side."""
        return self.agree if side is Side.AGREE else self.disagree

    def others(self) -> "Counts":
        """Return for each group the votes of all other groups."""
        return Counts(
            agree=self.agree.sum(axis=0) - self.agree,
            disagree=self.disagree.sum(axis=0) - self.disagree,
            seen=self.seen.sum(axis=0) - self.seen,
        )

    def together(self) -> "Counts":
        """Return the votes of all groups as one."""
        return Counts(
            agree=self.agree.sum(axis=0, keepdims=True),
            disagree=self.disagree.sum(axis=0, keepdims=True),
            seen=self.seen.sum(axis=0, keepdims=True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A statement that says something of a group, or of all.

    Attributes
    ----------
    statement : int
        Position of the statement.
    side : Side
        Which way.
    votes, seen : int
        Votes for that side, and all votes of the group.
    share : float
        Smoothed share of that side, (votes + 1) / (seen + 2).
    share_z : float
        z of the share against one half.
    ratio, ratio_z : float or None
        How many times the share of the others, and the z of the difference; None where no others are compared.
    best_agree : bool
        Chosen as what the group agrees on most, whether or not it sets it apart.
    """

    statement: int
    side: Side
    votes: int
    seen: int
    share: float
    share_z: float
    ratio: float | None = None
    ratio_z: float | None = None
    best_agree: bool = False


def share_of(votes: Integers, seen: Integers) -> Floats:
    """Return the share smoothed by one vote for each side, (votes + 1) / (seen + 2)."""
    return np.asarray((votes + 1.0) / (seen + 2.0), dtype=np.float64)


def share_z(votes: Integers, seen: Integers) -> Floats:
    """Return the z of a share against one half, each count raised by one as Polis does.

    Examples
    --------
    >>> share_z(np.array([9]), np.array([9])).round(3).tolist()
    [3.162]
    """
    return np.asarray(2.0 * np.sqrt(seen + 1.0) * ((votes + 1.0) / (seen + 1.0) - 0.5), dtype=np.float64)


def difference_z(counted: tuple[Integers, Integers], compared: tuple[Integers, Integers]) -> Floats:
    """Return the z of the difference of two shares (two-proportion test), each count raised by one as Polis does.

    Parameters
    ----------
    counted, compared : (votes, seen)
        Votes for a side and all votes, of a group and of the others.

    Returns
    -------
    ndarray of float64
        0 where everybody on both sides voted that way: then there is no difference.
    """
    (votes, seen), (votes_other, seen_other) = counted, compared
    number, number_other = seen + 1.0, seen_other + 1.0
    one, other = (votes + 1.0) / number, (votes_other + 1.0) / number_other
    both = (votes + votes_other + 2.0) / (number + number_other)
    spread = np.sqrt(np.maximum(0.0, both * (1.0 - both)) * (1.0 / number + 1.0 / number_other))
    return np.asarray(np.divide(one - other, spread, out=np.zeros(np.shape(one)), where=spread > 0), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """The statistics of one side, each of shape (n_groups, n_statements)."""

    side: Side
    votes: Integers
    share: Floats
    share_z: Floats
    ratio: Floats
    ratio_z: Floats


def _side(counts: Counts, side: Side) -> _Side:
    others = counts.others()
    votes, votes_other = counts.of(side), others.of(side)
    share = share_of(votes, counts.seen)
    return _Side(
        side=side,
        votes=votes,
        share=share,
        share_z=share_z(votes, counts.seen),
        ratio=share / share_of(votes_other, others.seen),
        ratio_z=difference_z((votes, counts.seen), (votes_other, others.seen)),
    )


def group_consensus(counts: Counts, side: Side) -> Floats:
    """Return the group-informed consensus: the product over the groups of each one's smoothed share.

    Returns
    -------
    ndarray of float64, shape (n_statements,)
        0 to 1; high only where every group is for it, however small the group.
    """
    product: Floats = share_of(counts.of(side), counts.seen).prod(axis=0)
    return product


def consensus(counts: Counts, side: Side, candidates: Integers, pick: int, confidence: float) -> list[Pick]:
    """Return the statements that most are for, whatever their group: share above one half, beyond chance.

    Parameters
    ----------
    counts : Counts
        Of everybody as one group.
    side : Side
        Which way.
    candidates : ndarray of int64
        Positions of statements that may be chosen.
    pick : int
        How many at most.
    confidence : float
        One-sided confidence of the test.
    """
    everybody = counts.together()
    votes, seen = everybody.of(side)[0], everybody.seen[0]
    share, z = share_of(votes, seen), share_z(votes, seen)
    fit = [at for at in candidates.tolist() if share[at] > 0.5 and z[at] > ndtri(confidence)]
    fit.sort(key=lambda at: (-round(float(share[at] * z[at]), 12), at))
    return [
        Pick(
            statement=at,
            side=side,
            votes=int(votes[at]),
            seen=int(seen[at]),
            share=float(share[at]),
            share_z=float(z[at]),
        )
        for at in fit[:pick]
    ]


def representative(counts: Counts, candidates: Integers, pick: int, confidence: float) -> list[list[Pick]]:
    """Return for each group the statements that set it apart from the others, by the rules of Polis.

    Notes
    -----
    A statement is fit where the group's share of a side is significantly above one half and above the others' share.
    The fit ones are ranked by ratio * ratio_z * share * share_z. In front stands the statement the group agrees on
    most; where there is neither, the one whose difference is the least likely to be chance. At most `pick` are kept,
    those agreed to first.

    One difference: Polis words that first statement by the side that sets the group apart more, so that what a group
    agrees on most can appear as what four percent of it reject. Here it always stands as agreed to.
    """
    groups = len(counts.seen)
    if groups < 2:
        return [[] for _ in range(groups)]
    agree, disagree = _side(counts, Side.AGREE), _side(counts, Side.DISAGREE)
    limit = float(ndtri(confidence))
    chosen = []
    for group in range(groups):
        fit = _fit(agree, disagree, group, limit)
        ranked = [_pick(counts, _stronger(agree, disagree, group, at), group, at) for at in candidates if fit[at]]
        ranked.sort(key=lambda pick_: (-round(_weight(pick_), 12), pick_.statement))
        head = _head(counts, (agree, disagree), group, candidates, limit) if not ranked or _any(counts, group) else []
        rest = [each for each in ranked if not head or each.statement != head[0].statement]
        chosen.append(sorted([*head, *rest][:pick], key=lambda each: each.side is Side.DISAGREE))
    return chosen


def _any(counts: Counts, group: int) -> bool:
    return bool(counts.seen[group].any())


def _fit(agree: _Side, disagree: _Side, group: int, limit: float) -> NDArray[np.bool_]:
    for_it = (agree.share_z[group] > limit) & (agree.ratio_z[group] > limit)
    against = (disagree.share_z[group] > limit) & (disagree.ratio_z[group] > limit)
    return np.asarray(for_it | against)


def _stronger(agree: _Side, disagree: _Side, group: int, at: int) -> _Side:
    return agree if agree.ratio_z[group, at] > disagree.ratio_z[group, at] else disagree


def _pick(counts: Counts, side: _Side, group: int, at: int, *, best_agree: bool = False) -> Pick:
    return Pick(
        statement=int(at),
        side=side.side,
        votes=int(side.votes[group, at]),
        seen=int(counts.seen[group, at]),
        share=float(side.share[group, at]),
        share_z=float(side.share_z[group, at]),
        ratio=float(side.ratio[group, at]),
        ratio_z=float(side.ratio_z[group, at]),
        best_agree=best_agree,
    )


def _weight(pick: Pick) -> float:
    return (pick.ratio or 0.0) * (pick.ratio_z or 0.0) * pick.share * pick.share_z


def _head(counts: Counts, sides: tuple[_Side, _Side], group: int, candidates: Integers, limit: float) -> list[Pick]:
    """Return the statement that stands in front of a group's list, if any."""
    agree, disagree = sides
    best: int | None = None
    for at in candidates.tolist():
        if counts.agree[group, at] + counts.disagree[group, at] and _beats(agree, group, at, best, limit):
            best = at
    if best is not None:
        return [_pick(counts, agree, group, best, best_agree=True)]
    if candidates.size == 0 or _fit(agree, disagree, group, limit)[candidates].any():
        return []
    apart = np.maximum(agree.ratio_z[group], disagree.ratio_z[group])[candidates]
    at = int(candidates[int(np.argmax(apart))])
    return [_pick(counts, _stronger(agree, disagree, group, at), group, at)]


def _beats(agree: _Side, group: int, at: int, best: int | None, limit: float) -> bool:
    share, z = agree.share[group], agree.share_z[group]
    ratio, ratio_z = agree.ratio[group], agree.ratio_z[group]
    if best is None:
        return bool(z[at] > limit or (ratio[at] > 1.0 and share[at] > 0.5))
    if ratio[best] > 1.0:
        weight = ratio * ratio_z * share * z
        return bool(weight[at] > weight[best])
    return bool(share[at] * z[at] > share[best] * z[best])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A statement on which every group, each for itself, is of one mind.

    Attributes
    ----------
    statement : int
        Position of the statement.
    side : Side
        Which way.
    least : float
        Smoothed share of that side in the group where it is lowest.
    shares : tuple of float
        Smoothed share in each group.
    """

    statement: int
    side: Side
    least: float
    shares: tuple[float, ...]


def bridging(counts: Counts, candidates: Integers, pick: int, confidence: float) -> list[Bridge]:
    """Return the statements that hold across all groups, the one with the least reluctant group first.

    Notes
    -----
    Each group must be for the side with a share significantly above one half, by its own votes. A large group cannot
    carry a small one, and a group that has hardly voted keeps a statement out.
    """
    if len(counts.seen) < 2:
        return []
    limit = float(ndtri(confidence))
    found = []
    for side in Side:
        votes = counts.of(side)
        share, z = share_of(votes, counts.seen), share_z(votes, counts.seen)
        holds = np.all((share > 0.5) & (z > limit), axis=0)
        found += [
            Bridge(
                statement=int(at),
                side=side,
                least=float(share[:, at].min()),
                shares=tuple(float(each) for each in share[:, at]),
            )
            for at in candidates
            if holds[at]
        ]
    found.sort(key=lambda bridge: (-round(bridge.least, 12), bridge.statement))
    return found[:pick]
