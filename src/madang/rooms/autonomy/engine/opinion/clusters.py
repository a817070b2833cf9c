"""Groups on the plane: k-means from stated centres, the number of groups by silhouette, names that are kept."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

_MOST_STEPS = 300
# Share of the mean variance below which the centres are taken to stand still.
_TOLERANCE = 1e-4
_BLOCK = 512
# From the left, two centres hardly miss; of more, another start is taken where it leaves less than this share of the
# sum of squares.
_SAFE = 2
_CLEARLY = 0.95
_DECIMALS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A partition of points.

    Attributes
    ----------
    labels : ndarray of int64, shape (n_points,)
        Group of each point, from 0.
    centres : ndarray of float64, shape (n_groups, 2)
        Means of the groups.
    silhouette : float or None
        Mean silhouette, -1 to 1; None of one group.
    tried : dict of int to float
        Mean silhouette of every number of groups that was tried.
    """

    labels: NDArray[np.int64]
    centres: NDArray[np.float64]
    silhouette: float | None
    tried: dict[int, float]


def k_means(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the labels of Lloyd's algorithm from given centres.

    Parameters
    ----------
    points : ndarray of float64, shape (n, d)
        Points.
    centres : ndarray of float64, shape (k, d)
        First centres. A centre that loses all its points takes the point that lies farthest from its own.

    References
    ----------
    Lloyd, S. P. (1982). Least squares quantization in PCM. IEEE Trans. Inf. Theory 28(2).
    https://doi.org/10.1109/TIT.1982.1056489
    """
    groups = len(centres)
    limit = _TOLERANCE * float(points.var(axis=0).mean())
    previous: NDArray[np.int64] | None = None
    for _ in range(_MOST_STEPS):
        labels = _nearest(points, centres)
        moved = _means(points, labels, groups)
        if previous is not None and np.array_equal(previous, labels):
            return labels
        step = float(np.square(moved - centres).sum())
        centres, previous = moved, labels
        if step <= limit:
            break
    return _nearest(points, centres)


def _distances(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return squared distances, shape (n_centres, n_points): whole rows of memory at a time."""
    squared = np.zeros((len(centres), len(points)))
    for axis in range(points.shape[1]):
        away = centres[:, axis, None] - points[None, :, axis]
        away *= away
        squared += away
    return squared


def _nearest(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.int64]:
    squared = _distances(points, centres)
    labels = np.zeros(len(points), dtype=np.int64)
    least = squared[0].copy()
    for centre in range(1, len(centres)):
        nearer = squared[centre] < least
        labels[nearer] = centre
        np.minimum(least, squared[centre], out=least)
    return labels


def _means(points: NDArray[np.float64], labels: NDArray[np.int64], groups: int) -> NDArray[np.float64]:
    """Return the mean of each group; a group that has no points takes the farthest one."""
    sizes = np.bincount(labels, minlength=groups)
    sums = np.stack([np.bincount(labels, weights=axis, minlength=groups) for axis in points.T], axis=1)
    means = sums / np.maximum(1, sizes)[:, None]
    empty = np.flatnonzero(sizes == 0)
    if empty.size:
        away = np.square(points - means[labels]).sum(axis=1)
        far = np.argsort(-away, kind="stable")[: empty.size]
        means[empty] = points[far]
    return means


def from_the_left(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distinct points from left to right, from below where they tie.

    The first of them are where k-means begins, as in red-dwarf: a start that depends on nothing but the points.
    """
    ordered = points[np.lexsort(points.T[::-1])]
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = np.any(ordered[1:] != ordered[:-1], axis=1)
    return ordered[new]


def far_apart(points: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    """Return points that lie far apart: the farthest from the middle, then each time the farthest from those taken.

    References
    ----------
    Gonzalez, T. F. (1985). Clustering to minimize the maximum intercluster distance. Theor. Comput. Sci. 38.
    https://doi.org/10.1016/0304-3975(85)90224-5
    """
    away = _distances(points, points.mean(axis=0, keepdims=True))[0]
    taken: list[int] = []
    for _ in range(groups):
        taken.append(int(np.argmax(away)))
        nearer = _distances(points, points[taken[-1:]])[0]
        away = nearer if len(taken) == 1 else np.minimum(away, nearer)
    return points[taken]


def _grouped(points: NDArray[np.float64], ordered: NDArray[np.float64], groups: int) -> NDArray[np.int64]:
    """Return the labels that k-means finds from the left, or from points far apart where those fit clearly better."""
    labels = k_means(points, ordered[:groups])
    if groups == _SAFE:
        return _compact(labels)
    other = k_means(points, far_apart(points, groups))
    better = _spread(points, other, groups) < _CLEARLY * _spread(points, labels, groups)
    return _compact(other if better else labels)


def _spread(points: NDArray[np.float64], labels: NDArray[np.int64], groups: int) -> float:
    return float(np.square(points - _means(points, labels, groups)[labels]).sum())


def silhouettes(
    points: NDArray[np.float64], labellings: list[NDArray[np.int64]], at: NDArray[np.int64] | None = None
) -> list[float]:
    """Return the mean silhouette of several labellings of the same points.

    Parameters
    ----------
    points : ndarray of float64, shape (n, d)
        Points.
    labellings : list of ndarray of int64, shape (n,)
        Labels from 0, every group with a point.
    at : ndarray of int64, optional
        Only the mean over these points, which is an estimate; all by default.

    Notes
    -----
    A point alone in its group counts 0. Every distance is computed once for all labellings: time n * n_at, memory a
    block of rows.

    References
    ----------
    Rousseeuw, P. J. (1987). Silhouettes. J. Comput. Appl. Math. 20. https://doi.org/10.1016/0377-0427(87)90125-7
    """
    rows = np.arange(len(points)) if at is None else at
    sizes = [np.bincount(labels) for labels in labellings]
    edges = np.cumsum([0, *(size.size for size in sizes)])
    member = np.zeros((len(points), int(edges[-1])))
    for labels, edge in zip(labellings, edges[:-1], strict=True):
        member[np.arange(len(points)), labels + edge] = 1.0
    totals = np.zeros(len(labellings))
    for begin in range(0, rows.size, _BLOCK):
        block = rows[begin : begin + _BLOCK]
        away = _distances(points, points[block])
        summed = np.sqrt(away, out=away) @ member
        for which, (labels, size) in enumerate(zip(labellings, sizes, strict=True)):
            totals[which] += _silhouette_sum(summed[:, edges[which] : edges[which + 1]], labels[block], size)
    return [round(float(total) / max(1, rows.size), _DECIMALS) for total in totals]


def _silhouette_sum(summed: NDArray[np.float64], own: NDArray[np.int64], sizes: NDArray[np.int64]) -> float:
    rows = np.arange(own.size)
    inside = summed[rows, own] / np.maximum(1, sizes[own] - 1)
    mean = summed / sizes[None, :]
    mean[rows, own] = np.inf
    outside = mean.min(axis=1)
    larger = np.maximum(inside, outside)
    score = np.divide(outside - inside, larger, out=np.zeros_like(larger), where=larger > 0)
    return float(np.where(sizes[own] > 1, score, 0.0).sum())


def partition_of(points: NDArray[np.float64], most_groups: int, *, sample: int | None = None) -> Partition:
    """Partition points into the number of groups, from two on, that has the best silhouette.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 2)
        Points, in an order that means nothing.
    most_groups : int
        Largest number of groups tried.
    sample : int, optional
        Estimate the silhouette from about this many points, evenly taken; from all by default.

    Notes
    -----
    k-means begins from the left, as red-dwarf does, which meets the published groups of Polis; where three or more
    groups lie apart that start can fail badly, and the one from points far apart is taken.

    Returns
    -------
    Partition
        One group where fewer than three points, or no two different ones, are given.
    """
    begin = from_the_left(points)
    most = min(most_groups, len(begin), len(points) - 1)
    if most < 2:
        centre = points.mean(axis=0, keepdims=True) if len(points) else np.zeros((0, points.shape[1]))
        return Partition(labels=np.zeros(len(points), dtype=np.int64), centres=centre, silhouette=None, tried={})
    labellings = [_grouped(points, begin, groups) for groups in range(2, most + 1)]
    labellings = [labels for labels in labellings if labels.max() > 0]
    at = None
    if sample is not None and sample < len(points):
        at = np.unique(np.linspace(0, len(points) - 1, sample).round().astype(np.int64))
    scores = silhouettes(points, labellings, at)
    best = int(np.argmax(scores))
    labels = labellings[best]
    tried = {int(each.max()) + 1: score for each, score in zip(labellings, scores, strict=True)}
    return Partition(
        labels=labels, centres=_means(points, labels, int(labels.max()) + 1), silhouette=scores[best], tried=tried
    )


def _compact(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int64)


def adjusted_rand(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Return the adjusted Rand index of two labellings of the same points; 1 where they are the same partition.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Comparing partitions. J. Classif. 2. https://doi.org/10.1007/BF01908075

    Examples
    --------
    >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    if one.size == 0:
        return 1.0
    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    np.add.at(table, (one, other), 1.0)
    pairs = float((table * (table - 1)).sum())
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    left, right = float((rows * (rows - 1)).sum()), float((columns * (columns - 1)).sum())
    expected = left * right / (one.size * (one.size - 1)) if one.size > 1 else 0.0
    most = (left + right) / 2
    return 1.0 if most == expected else (pairs - expected) / (most - expected)


def kept_names(overlap: NDArray[np.int64], previous: list[int]) -> list[int]:
    """Return a number for each new group, such that most people find themselves under the number they had.

    Parameters
    ----------
    overlap : ndarray of int64, shape (n_new, n_previous)
        People that a new group shares with an earlier one.
    previous : list of int
        Numbers of the earlier groups.

    Notes
    -----
    The best of all assignments is taken; there are at most a few groups, so all are tried. A group that shares nobody
    with the one that falls to it gets the smallest number that no earlier group had.

    Examples
    --------
    >>> kept_names(np.array([[1, 40], [30, 2], [3, 3]]), [0, 1])
    [1, 0, 2]
    """
    new, old = overlap.shape
    padded = np.zeros((new, max(new, old)), dtype=np.int64)
    padded[:, :old] = overlap
    choices = permutations(range(padded.shape[1]), new)
    best = max(choices, key=lambda chosen: sum(int(padded[at, to]) for at, to in enumerate(chosen)))
    names: list[int | None] = [previous[to] if padded[at, to] > 0 else None for at, to in enumerate(best)]
    free = iter(number for number in range(new + old + max(previous, default=0) + 1) if number not in previous)
    return [next(free) if name is None else name for name in names]
