"""Turning shares into whole numbers of persons, exactly and reproducibly."""

import numpy as np
import numpy.typing as npt

from madang.numerics.errors import EngineInputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FIT_ROUNDS = 500
_FIT_TOLERANCE = 1e-9


def whole_counts(weights: Floats, total: int) -> Ints:
    """Divide a total in proportion to weights into whole numbers (largest remainder; ties to the first).

    Parameters
    ----------
    weights : ndarray of float64, shape (n,)
        Not negative, not all zero.
    total : int
        What the counts add up to.

    Examples
    --------
    >>> whole_counts(np.array([1.0, 1.0, 1.0]), 10).tolist()
    [4, 3, 3]
    """
    if weights.min(initial=0.0) < 0 or weights.sum() <= 0:
        raise EngineInputError("weights", "weights must not be negative, and not all zero")
    exact = weights / weights.sum() * total
    counts: Ints = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[: total - int(counts.sum())]] += 1
    return counts


def ranked(latent: Floats, shares: Floats) -> npt.NDArray[np.int8]:
    """Give each a category so that the shares come out exactly and a lower value gets a lower category.

    Parameters
    ----------
    latent : ndarray of float64, shape (n,)
        What the categories go by.
    shares : ndarray of float64, shape (k,)
        Share of each category.
    """
    found = np.empty(len(latent), np.int8)
    counts = whole_counts(shares, len(latent))
    found[np.argsort(latent, kind="stable")] = np.repeat(np.arange(len(shares), dtype=np.int8), counts)
    return found


def quantiles(latent: Floats) -> Floats:
    """Return each one's place among all, evenly between 0 and 1."""
    found = np.empty(len(latent))
    found[np.argsort(latent, kind="stable")] = (np.arange(len(latent)) + 0.5) / max(len(latent), 1)
    return found


def spread(quantile: Floats, shares: Floats, edges: Floats) -> Floats:
    """Turn quantiles into values of a distribution given by shares between edges, even within each.

    Parameters
    ----------
    quantile : ndarray of float64, shape (n,)
        Between 0 and 1.
    shares : ndarray of float64, shape (k,)
        Share of each class.
    edges : ndarray of float64, shape (k + 1,)
        Where the classes begin and the last one ends.
    """
    return np.interp(quantile, np.concatenate(([0.0], np.cumsum(shares))), edges)


def chosen(latent: Floats, group: Ints, rates: Floats) -> npt.NDArray[np.bool_]:
    """Choose from each group the share that its rate says: those with the highest latent values.

    Parameters
    ----------
    latent : ndarray of float64, shape (n,)
        Who comes first.
    group : ndarray of int64, shape (n,)
        Group of each, from 0.
    rates : ndarray of float64, shape (n_groups,)
        Share to choose.
    """
    order = np.lexsort((-latent, group))
    sizes = np.bincount(group, minlength=len(rates))
    starts = np.cumsum(sizes) - sizes
    place = np.empty(len(latent), np.int64)
    place[order] = np.arange(len(latent)) - np.repeat(starts, sizes)
    # Round by the running total, so that many small groups together still have their share.
    limits = np.diff(np.round(np.concatenate(([0.0], np.cumsum(sizes * rates)))))
    return np.asarray(place < np.minimum(limits, sizes)[group])


def fit(seed: Floats, rows: Floats, columns: Floats) -> Floats:
    """Scale the rows and columns of a table in turn until both have their totals (iterative proportional fitting).

    Parameters
    ----------
    seed : ndarray of float64, shape (n, k)
        Relative chances; what is zero stays zero.
    rows, columns : ndarray of float64
        Totals; both add up to the same.

    Notes
    -----
    Returns the table nearest to the seed in relative entropy. Where zeros make the totals impossible the columns hold
    and the rows come as near as they can.

    References
    ----------
    Deming, W. E. and Stephan, F. F. (1940), "On a least squares adjustment of a sampled frequency table", Annals of
    Mathematical Statistics 11(4), 427-444, doi:10.1214/aoms/1177731829.
    """
    table = seed.astype(np.float64)
    for _ in range(_FIT_ROUNDS):
        table *= _ratio(rows, table.sum(axis=1))[:, None]
        sums = table.sum(axis=0)
        table *= _ratio(columns, sums)
        if np.abs(sums - columns).max() <= _FIT_TOLERANCE * max(columns.sum(), 1.0):
            break
    return table


def _ratio(wanted: Floats, present: Floats) -> Floats:
    return np.divide(wanted, present, out=np.zeros_like(present), where=present > 0)


def whole_table(table: Floats, rows: Ints, columns: Ints) -> Ints:
    """Round a table so that rows and columns have their exact whole totals.

    Parameters
    ----------
    table : ndarray of float64, shape (n, k)
        Totals near those wanted.
    rows, columns : ndarray of int64
        Totals to reach; both add up to the same.

    Notes
    -----
    Row by row, each cell takes what keeps its column's running total nearest to the table's; what is then left over at
    the edges is moved between columns within rows, first where the table has a chance of it, then anywhere.
    """
    if rows.sum() != columns.sum():
        raise EngineInputError("totals_differ", "rows and columns do not add up to the same")
    running = np.cumsum(table, axis=0)
    given = np.zeros(table.shape[1])
    found = np.zeros(table.shape, np.int64)
    for index, total in enumerate(rows):
        wanted = np.where(table[index] > 0, np.maximum(running[index] - given, 0.0), 0.0)
        if total:
            found[index] = whole_counts(wanted if wanted.sum() > 0 else np.ones_like(wanted), int(total))
        given += found[index]
    for allowed in (table > 0, np.ones(table.shape, bool)):
        _even_out(found, columns, allowed)
    return found


def _even_out(found: Ints, columns: Ints, allowed: npt.NDArray[np.bool_]) -> None:
    """Move persons from columns with too many to those with too few, within rows, in place."""
    for target in range(len(columns)):
        for source in range(len(columns)):
            surplus, lack = found[:, source].sum() - columns[source], columns[target] - found[:, target].sum()
            if surplus <= 0 or lack <= 0:
                continue
            movable = np.where(allowed[:, target], found[:, source], 0)
            moved = np.minimum(movable, np.maximum(min(surplus, lack) - (np.cumsum(movable) - movable), 0))
            found[:, source] -= moved
            found[:, target] += moved
