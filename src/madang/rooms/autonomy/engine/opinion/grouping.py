"""Opinion groups: people who vote alike, found on the plane of their votes, and how firmly they stand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from madang.numerics.errors import EngineInputError
from madang.numerics.streams import stream
from madang.rooms.autonomy.engine.opinion.clusters import Partition, adjusted_rand, kept_names, partition_of
from madang.rooms.autonomy.engine.opinion.projection import DIMENSIONS, ROUGH, Plane, matrix_of, plane_of, standing
from madang.rooms.autonomy.engine.opinion.statements import (
    Bridge,
    Counts,
    Pick,
    Side,
    bridging,
    consensus,
    group_consensus,
    representative,
)
from madang.rooms.autonomy.engine.opinion.votes import AGREE, DISAGREE, Votes

VERSION = "1"
# A resample estimates its silhouettes from about so many people: enough to tell two numbers of groups apart.
_SAMPLE = 400
_MOST_GROUPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionParameters:
    """How groups are looked for.

    Attributes
    ----------
    least_votes : int
        People with fewer votes than this (and fewer than there are statements) stand in no group.
    most_groups : int
        Largest number of groups tried, 2 to 8.
    resamples : int
        Bootstrap resamples behind the stability; 0 leaves it out.
    pick : int
        Statements picked at most for each list.
    confidence : float
        One-sided confidence of the tests, above 0.5 and below 1.
    """

    least_votes: int = 7
    most_groups: int = 5
    resamples: int = 20
    pick: int = 5
    confidence: float = 0.9

    def __post_init__(self) -> None:
        limits = {"least_votes": (1, None), "most_groups": (2, _MOST_GROUPS), "resamples": (0, None), "pick": (1, None)}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < low or (high and value > high):
                raise EngineInputError("opinion_parameters", f"{name} must be a whole number from {low} on", field=name)
        if not 0.5 < self.confidence < 1.0:
            raise EngineInputError(
                "opinion_parameters", "the confidence lies above 0.5 and below 1", field="confidence"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionState:
    """What the next refresh needs in order to keep names and axes.

    Attributes
    ----------
    components : Mapping of str to (float, float)
        Loading of each statement on the axes as drawn.
    groups : Mapping of str to int
        Number of the group of each participant.
    """

    components: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """How firmly a grouping stands when people are drawn again.

    Attributes
    ----------
    mean, low : float
        Mean and tenth percentile over the resamples of the adjusted Rand index between the grouping found again and the
        published one; 1 means the same groups each time, 0 no more alike than chance.
    same_count : float
        Share of the resamples that found the same number of groups.
    resamples : int
        How many.
    """

    mean: float
    low: float
    same_count: float
    resamples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionGroups:
    """The groups of a conversation.

    Attributes
    ----------
    plane : Plane
        Positions of all participants, components of all statements.
    clustered : ndarray of int64
        Positions of the participants with enough votes.
    labels : ndarray of int64, shape (n_clustered,)
        Row in `numbers` of each one's group.
    numbers : tuple of int
        Number of each group, ascending; a refresh keeps it.
    centres : ndarray of float64, shape (n_groups, 2)
        Where the groups stand.
    silhouette : float or None
        Mean silhouette; None of one group.
    tried : dict of int to float
        Mean silhouette of each number of groups that was tried.
    stability : Stability or None
        None where it was not asked for, or where there are no two groups.
    counts : Counts
        Votes by group and statement.
    everybody : Counts
        Votes of all participants, grouped or not, as one group.
    representative : list of list of Pick
        What sets each group apart.
    agreed, rejected : list of Pick
        What most people are for and against.
    bridging : list of Bridge
        What every group is for (or against).
    consensus : dict of Side to ndarray of float64, shape (n_statements,)
        Group-informed consensus.
    """

    plane: Plane
    clustered: NDArray[np.int64]
    labels: NDArray[np.int64]
    numbers: tuple[int, ...]
    centres: NDArray[np.float64]
    silhouette: float | None
    tried: dict[int, float]
    stability: Stability | None
    counts: Counts
    everybody: Counts
    representative: list[list[Pick]]
    agreed: list[Pick]
    rejected: list[Pick]
    bridging: list[Bridge]
    consensus: dict[Side, NDArray[np.float64]]


def opinion_groups(
    votes: Votes,
    parameters: OpinionParameters = OpinionParameters(),
    seed: int = 0,
    previous: OpinionState | None = None,
    progress: Callable[[float], None] | None = None,
) -> OpinionGroups:
    """Find the opinion groups of a conversation, and what they say.

    Parameters
    ----------
    votes : Votes
        Last votes.
    parameters : OpinionParameters
        How.
    seed : int
        Of the resamples behind the stability; nothing else is drawn.
    previous : OpinionState, optional
        Of an earlier refresh: the decomposition starts there, axes keep their direction and groups their numbers. The
        partition itself is the one that a cold run finds.
    progress : callable, optional
        Told the fraction of the resamples that is done.

    Notes
    -----
    Follows Polis: means for missing votes, two principal components, positions scaled by the votes given, people with
    at least `least_votes` votes grouped by k-means, the number of groups by silhouette. Nothing depends on the order in
    which people or votes come.
    """
    before = previous or OpinionState()
    columns = standing(votes)
    matrix = matrix_of(votes)
    loadings = np.array([before.components.get(votes.statements[at], (0.0, 0.0)) for at in columns]).reshape(-1, 2)
    plane = plane_of(matrix, loadings if before.components else None)
    voted = int((np.bincount(votes.column, minlength=len(votes.statements)) > 0).sum())
    clustered = np.flatnonzero(votes.seen >= max(1, min(parameters.least_votes, voted)))
    partition = partition_of(plane.positions[clustered], parameters.most_groups)
    signs = _signs(plane.components, loadings)
    numbers, labels = _numbered(votes, clustered, partition, before)
    order = {number: row for row, number in enumerate(sorted(numbers))}
    place = np.array([order[number] for number in numbers], dtype=np.int64)
    centres = np.zeros_like(partition.centres)
    centres[place] = partition.centres
    components = np.zeros((len(votes.statements), DIMENSIONS))
    components[columns] = plane.components
    drawn = Plane(
        positions=plane.positions * signs + 0.0, components=components * signs + 0.0, explained=plane.explained
    )
    counts = _counts(votes, clustered, labels, len(numbers))
    everybody = _counts(votes, np.arange(len(votes.participants)), np.zeros(len(votes.participants), dtype=np.int64), 1)
    pick, confidence = parameters.pick, parameters.confidence
    found = OpinionGroups(
        plane=drawn,
        clustered=clustered,
        labels=labels,
        numbers=tuple(sorted(numbers)),
        centres=centres * signs + 0.0,
        silhouette=partition.silhouette,
        tried=partition.tried,
        stability=None,
        counts=counts,
        everybody=everybody,
        representative=representative(counts, columns, pick, confidence),
        agreed=consensus(everybody, Side.AGREE, columns, pick, confidence),
        rejected=consensus(everybody, Side.DISAGREE, columns, pick, confidence),
        bridging=bridging(counts, columns, pick, confidence),
        consensus={side: group_consensus(counts, side) for side in Side},
    )
    return replace(found, stability=opinion_stability(votes, found, parameters, seed, progress))


def state_of(votes: Votes, groups: OpinionGroups) -> OpinionState:
    """Return what the next refresh is to be given."""
    return OpinionState(
        components={
            statement: (float(loading[0]), float(loading[1]))
            for statement, loading in zip(votes.statements, groups.plane.components, strict=True)
            if loading.any()
        },
        groups={
            votes.participants[at]: groups.numbers[label]
            for at, label in zip(groups.clustered.tolist(), groups.labels.tolist(), strict=True)
        },
    )


def opinion_stability(
    votes: Votes,
    found: OpinionGroups,
    parameters: OpinionParameters = OpinionParameters(),
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Stability | None:
    """Draw people with replacement, find the groups anew (components, number and all), and compare.

    Parameters
    ----------
    votes : Votes
        What the groups were found in.
    found : OpinionGroups
        The groups.
    parameters : OpinionParameters
        How they were found.
    seed : int
        Of the draws.
    progress : callable, optional
        Told the fraction of the resamples that is done.

    Returns
    -------
    Stability or None
        None of fewer than two groups, or of no resamples.

    Notes
    -----
    Who is drawn more than once counts more than once while groups are looked for, and once in the comparison.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Comput. Stat. Data Anal. 52(1).
    https://doi.org/10.1016/j.csda.2006.11.025
    """
    if len(found.numbers) < 2 or not parameters.resamples:
        return None
    matrix = matrix_of(votes)
    random = stream(seed, "opinion", "stability")
    start = found.plane.components[standing(votes)]
    people = len(votes.participants)
    group_of = np.full(people, -1, dtype=np.int64)
    group_of[found.clustered] = found.labels
    alike, same = [], 0
    for which in range(parameters.resamples):
        drawn = np.sort(random.integers(0, people, size=people))
        plane = plane_of(matrix.taken(drawn), start, ROUGH)
        inside = np.flatnonzero(group_of[drawn] >= 0)
        again = partition_of(plane.positions[inside], parameters.most_groups, sample=_SAMPLE)
        distinct = np.unique(drawn[inside], return_index=True)[1]
        alike.append(adjusted_rand(again.labels[distinct], group_of[drawn[inside]][distinct]))
        same += len(again.centres) == len(found.numbers)
        if progress is not None:
            progress((which + 1) / parameters.resamples)
    return Stability(
        mean=float(np.mean(alike)),
        low=float(np.quantile(alike, 0.1)),
        same_count=same / parameters.resamples,
        resamples=parameters.resamples,
    )


def _signs(components: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return -1 for the axes that an earlier refresh drew the other way round."""
    along = (components * before).sum(axis=0)
    return np.where(along < 0, -1.0, 1.0)


def _numbered(
    votes: Votes, clustered: NDArray[np.int64], partition: Partition, before: OpinionState
) -> tuple[list[int], NDArray[np.int64]]:
    """Return the number of each group of the partition, and the labels as rows of the numbers in order."""
    labels = partition.labels
    groups = len(partition.centres)
    sizes = np.bincount(labels, minlength=groups)
    first = [int(np.argmax(labels == group)) for group in range(groups)]
    by_size = sorted(range(groups), key=lambda group: (-int(sizes[group]), first[group]))
    earlier = sorted(set(before.groups.values()))
    overlap = np.zeros((groups, len(earlier)), dtype=np.int64)
    for at, label in zip(clustered.tolist(), labels.tolist(), strict=True):
        number = before.groups.get(votes.participants[at])
        if number is not None:
            overlap[by_size.index(label), earlier.index(number)] += 1
    names = kept_names(overlap, earlier)
    numbers = [0] * groups
    for name, group in zip(names, by_size, strict=True):
        numbers[group] = name
    rank = np.argsort(np.argsort(np.array(numbers, dtype=np.int64)))
    return numbers, rank[labels] if labels.size else labels


def _counts(votes: Votes, people: NDArray[np.int64], labels: NDArray[np.int64], groups: int) -> Counts:
    group_of = np.full(len(votes.participants), -1, dtype=np.int64)
    group_of[people] = labels
    group = group_of[votes.row]
    inside = group >= 0
    width = len(votes.statements)
    key, value = group[inside] * width + votes.column[inside], votes.value[inside]

    def tally(of: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(key[of], minlength=groups * width).reshape(groups, width)

    return Counts(
        agree=tally(value == AGREE), disagree=tally(value == DISAGREE), seen=tally(np.ones_like(value, dtype=np.bool_))
    )
