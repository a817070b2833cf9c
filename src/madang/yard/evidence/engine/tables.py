"""Tables of counts and the sums that tie their cells together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from madang.numerics.errors import EngineInputError
from madang.yard.evidence.engine.rules import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One sum that the reader of a table knows to hold.

    Attributes
    ----------
    total : int
        Index of the cell that is the sum.
    parts : tuple of int
        Indices of the cells that it sums.
    """

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTable:
    """Counts of persons, margins among them, with every sum that holds between them.

    Attributes
    ----------
    counts : ndarray of int64, shape (n_cells,)
        Every cell, margins included [persons].
    relations : tuple of Relation
        The sums; cells that no relation names stand alone.
    shape : tuple of int
        Shape in which the cells are drawn, margins included; `(n_cells,)` where they have no other.

    Raises
    ------
    EngineInputError
        If a count is negative, an index is outside the table, or a stated sum does not hold.
    """

    counts: Counts
    relations: tuple[Relation, ...] = ()
    shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        counts = np.ascontiguousarray(self.counts, dtype=np.int64)
        if counts.ndim != 1 or counts.size == 0:
            raise EngineInputError("table_empty", "A table needs at least one count, in one dimension.")
        if counts.min() < 0:
            raise EngineInputError("count_negative", "A count of persons cannot be negative.")
        shape = self.shape or (counts.size,)
        if int(np.prod(shape)) != counts.size:
            raise EngineInputError("shape_unfit", f"{counts.size} counts cannot be drawn in the shape {shape}.")
        for relation in self.relations:
            _check(relation, counts)
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "shape", shape)

    @property
    def size(self) -> int:
        """Number of cells."""
        return int(self.counts.size)

    def matrix(self) -> sparse.csr_array:
        """Return the relations as rows (parts +1, total -1), so that `matrix @ counts` is zero."""
        entries = [(row, relation.total, -1.0) for row, relation in enumerate(self.relations)]
        entries += [(row, part, 1.0) for row, relation in enumerate(self.relations) for part in relation.parts]
        rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(self.relations), self.size)
        return sparse.csr_array((np.array(values, dtype=float), (np.array(rows, int), np.array(columns, int))), shape)

    def summed(self, leaves: Counts) -> Counts | None:
        """Return the table whose inner cells are given and whose totals follow; None where the sums disagree.

        Parameters
        ----------
        leaves : ndarray of int64, shape (n_cells,)
            Values of the cells that are never a total; the rest is ignored.
        """
        values = leaves.astype(np.int64)
        pending = list(self.relations)
        totals = {relation.total for relation in pending}
        while pending:
            waiting = {relation.total for relation in pending}
            ready = [relation for relation in pending if waiting.isdisjoint(relation.parts)]
            if not ready:
                return None
            for relation in ready:
                amount = int(values[list(relation.parts)].sum())
                if relation.total not in totals and values[relation.total] != amount:
                    return None
                values[relation.total] = amount
                totals.discard(relation.total)
            pending = [relation for relation in pending if relation not in ready]
        return values


def _check(relation: Relation, counts: Counts) -> None:
    cells = (relation.total, *relation.parts)
    if len(set(cells)) != len(cells) or not relation.parts:
        raise EngineInputError("relation_unfit", f"The sum of cell {relation.total} names no cell or one cell twice.")
    if min(cells) < 0 or max(cells) >= counts.size:
        raise EngineInputError("relation_outside", f"The sum of cell {relation.total} names a cell outside the table.")
    amount = int(counts[list(relation.parts)].sum())
    if amount != counts[relation.total]:
        raise EngineInputError(
            "sum_unfit",
            f"Cell {relation.total} is {counts[relation.total]}, but its parts add up to {amount}.",
            {"cell": relation.total, "stated": int(counts[relation.total]), "sum": amount},
        )


def margin_table(counts: NDArray[np.integer] | Sequence[object]) -> CountTable:
    """Return a table of inner counts with all its margins: one more index, the last, on every axis.

    Parameters
    ----------
    counts : array_like of int, shape (n,), (n, m) or more
        Inner cells [persons].

    Notes
    -----
    A line of n cells gets its total, a grid its row, column and grand totals, a cube its faces, edges and corner.

    Examples
    --------
    >>> table = margin_table([[3, 9], [20, 1]])
    >>> table.counts.reshape(table.shape).tolist()
    [[3, 9, 12], [20, 1, 21], [23, 10, 33]]
    """
    inner = np.asarray(counts, dtype=np.int64)
    if inner.ndim == 0 or inner.size == 0:
        raise EngineInputError("table_empty", "A table needs at least one count.")
    full = inner
    for axis in range(inner.ndim):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    index = np.arange(full.size).reshape(full.shape)
    relations = []
    for axis in range(inner.ndim):
        lines = np.moveaxis(index, axis, -1).reshape(-1, full.shape[axis]).tolist()
        relations += [Relation(total=line[-1], parts=tuple(line[:-1])) for line in lines]
    return CountTable(counts=full.ravel(), relations=tuple(relations), shape=full.shape)


def is_network(matrix: sparse.csr_array) -> bool:
    """Return whether the sums form a network, in which linear programming is exact for whole numbers.

    Notes
    -----
    True if every cell stands in at most two relations and some relations can be negated so that each cell enters one
    with +1 and the other with -1 (Heller and Tompkins 1956): the matrix is then totally unimodular, so every whole
    number between a cell's bounds is attained by a table of whole numbers. Lines and grids with margins are networks,
    cubes are not.
    """
    columns = matrix.tocsc()
    if columns.shape[0] == 0:
        return True
    if int(np.diff(columns.indptr).max()) > 2:
        return False
    links: list[list[tuple[int, bool]]] = [[] for _ in range(matrix.shape[0])]
    for begin, end in zip(columns.indptr[:-1], columns.indptr[1:], strict=True):
        if end - begin == 2:
            first, second = (int(row) for row in columns.indices[begin:end])
            flip = bool(columns.data[begin] == columns.data[begin + 1])
            links[first].append((second, flip))
            links[second].append((first, flip))
    return _two_colourable(links)


def _two_colourable(links: list[list[tuple[int, bool]]]) -> bool:
    colour: dict[int, bool] = {}
    for start in range(len(links)):
        if start in colour:
            continue
        colour[start] = False
        queue = [start]
        while queue:
            row = queue.pop()
            for other, flip in links[row]:
                wanted = colour[row] ^ flip
                if other not in colour:
                    colour[other] = wanted
                    queue.append(other)
                elif colour[other] != wanted:
                    return False
    return True
