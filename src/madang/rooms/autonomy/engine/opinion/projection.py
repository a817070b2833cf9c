"""Participants on a plane: principal components of votes with gaps, as Polis draws them.

References
----------
Small, C., Bjorkegren, M., Erkkila, T., Shaw, L. and Megill, C. (2021). Polis: Scaling deliberation by mapping high
dimensional opinion spaces. Recerca 26(2). https://doi.org/10.6035/recerca.5516
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from madang.rooms.autonomy.engine.opinion.votes import Votes

if TYPE_CHECKING:
    Sparse = csr_array[np.float64, tuple[int, int]]

DIMENSIONS = 2
EXACT, ROUGH = 1e-11, 1e-5
# Below this many statements the full decomposition is quicker than an iterative one.
_DENSE = 24
# Vectors that the iteration keeps at most.
_MOST_BASIS = 400
# Positions are of the order of one; what lies below this is the order of summation, not opinion.
_DECIMALS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Where everybody stands.

    Attributes
    ----------
    positions : ndarray of float64, shape (n_participants, 2)
        Scaled projections on the components.
    components : ndarray of float64, shape (n_statements, 2)
        Unit loadings; 0 for statements that are moderated out or have no votes.
    explained : ndarray of float64, shape (2,)
        Share of the variance of the filled matrix along each component.
    """

    positions: NDArray[np.float64]
    components: NDArray[np.float64]
    explained: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Votes on the statements that stand, sparse, with what the scaling needs.

    Attributes
    ----------
    votes : csr_array of float64, shape (n_participants, n_standing)
        Values; a stored zero is a pass, an absent entry is no vote.
    scale : ndarray of float64, shape (n_participants,)
        Factor that keeps people with few votes from huddling in the middle.
    """

    votes: "Sparse"
    scale: NDArray[np.float64]

    def taken(self, rows: NDArray[np.int64]) -> "Matrix":
        """Return the matrix of some rows (a row may be taken more than once)."""
        return Matrix(votes=self.votes[rows], scale=self.scale[rows])


def standing(votes: Votes) -> NDArray[np.int64]:
    """Return the positions of the statements that are not moderated out and have votes."""
    voted = np.bincount(votes.column, minlength=len(votes.statements)) > 0
    return np.flatnonzero(voted & ~votes.moderated)


def matrix_of(votes: Votes) -> Matrix:
    """Return the sparse matrix of the statements that stand, with the scaling of Polis.

    Notes
    -----
    The factor of participant i is sqrt(n / n_i), n the statements with votes and n_i those that i voted on. Polis
    zeroes the columns that are moderated out instead of dropping them, so they count in both n and n_i for everybody:
    that tames the factor where much was moderated, and its published groups are only met this way.
    """
    columns = standing(votes)
    place = np.full(len(votes.statements), -1, dtype=np.int64)
    place[columns] = np.arange(columns.size)
    kept = place[votes.column] >= 0
    row, column = votes.row[kept], place[votes.column[kept]]
    starts = np.searchsorted(row, np.arange(len(votes.participants) + 1))
    sparse: Sparse = csr_array(
        (votes.value[kept].astype(np.float64), column, starts),
        shape=(len(votes.participants), columns.size),
        dtype=np.float64,
    )
    voted = np.bincount(votes.column, minlength=len(votes.statements)) > 0
    taken_out = int((voted & votes.moderated).sum())
    counted = np.diff(starts) + taken_out
    scale = np.sqrt((columns.size + taken_out) / np.maximum(1, counted))
    return Matrix(votes=sparse, scale=scale)


def plane_of(matrix: Matrix, start: NDArray[np.float64] | None = None, tolerance: float = EXACT) -> Plane:
    """Return positions and components.

    Parameters
    ----------
    matrix : Matrix
        Sparse votes.
    start : ndarray of float64, shape (n_standing, 2), optional
        Earlier components, where the decomposition begins; changes the time, not the outcome.
    tolerance : float
        Residual of the components, relative to the largest eigenvalue.

    Notes
    -----
    A missing vote is filled with the mean of its statement. After centring such an entry is exactly zero, so the
    centred matrix is as sparse as the votes, and neither it nor its covariance need ever be filled. Each axis points
    where the statement with the largest loading is agreed to, as scikit-learn (and so red-dwarf) orients it.
    """
    centred = _centred(matrix.votes)
    rows, columns = centred.shape
    total = float(np.square(centred.data).sum())
    if total < 1e-12 or min(rows, columns) == 0:
        return Plane(
            positions=np.zeros((rows, DIMENSIONS)),
            components=np.zeros((columns, DIMENSIONS)),
            explained=np.zeros(DIMENSIONS),
        )
    values, vectors = _leading(centred, start, tolerance)
    vectors = _oriented(vectors)
    positions = _times(centred, vectors) * matrix.scale[:, None]
    return Plane(
        positions=np.round(positions, _DECIMALS) + 0.0,
        components=vectors,
        explained=np.maximum(values, 0.0) / total,
    )


def _centred(votes: "Sparse") -> "Sparse":
    columns = votes.shape[1]
    number = np.bincount(votes.indices, minlength=columns)
    mean = np.bincount(votes.indices, weights=votes.data, minlength=columns) / np.maximum(1, number)
    return csr_array((votes.data - mean[votes.indices], votes.indices, votes.indptr), shape=votes.shape)


def _times(matrix: "Sparse", dense: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(matrix @ dense, dtype=np.float64)


def _leading(
    centred: "Sparse", start: NDArray[np.float64] | None, tolerance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two largest eigenvalues of the Gram matrix of the statements, and their vectors."""
    columns = centred.shape[1]
    if columns <= _DENSE:
        values, vectors = np.linalg.eigh((centred.T @ centred).toarray())
        values, vectors = values[::-1][:DIMENSIONS], vectors[:, ::-1][:, :DIMENSIONS]
        short = DIMENSIONS - values.size
        values, vectors = np.pad(values, (0, short)), np.pad(vectors, ((0, 0), (0, short)))
    else:
        values, vectors = _krylov(centred, _begin(centred, start), tolerance)
    # An axis along which nobody differs is no axis: its direction would be an accident of rounding.
    empty = values <= 1e-12 * max(float(values[0]), 1e-300)
    return np.where(empty, 0.0, values), np.where(empty, 0.0, vectors)


def _begin(centred: "Sparse", start: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return an orthonormal block to begin with: earlier components, or the spread of the statements."""
    columns = centred.shape[1]
    spread = np.sqrt(np.bincount(centred.indices, weights=np.square(centred.data), minlength=columns))
    # Two directions without a pattern, so that no component lies across both: multiples of irrational numbers.
    uneven = np.outer(np.arange(1, columns + 1), [math.sqrt(5.0), math.sqrt(2.0)]) % 1.0 - 0.5
    block = (spread[:, None] + 1e-3 * spread.max()) * (uneven + np.array([1.0, 0.0]))
    if start is not None and np.linalg.matrix_rank(start) == DIMENSIONS:
        block = start + 1e-6 * block / np.linalg.norm(block)
    return np.asarray(np.linalg.qr(block)[0], dtype=np.float64)


def _krylov(
    centred: "Sparse", block: NDArray[np.float64], tolerance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two leading eigenpairs from the block Krylov space that grows out of a block.

    Notes
    -----
    Block Lanczos with full orthogonalisation and no restart: some twenty products with the sparse matrix. A block of
    two meets a double eigenvalue, and no library with threads of its own is called on anything large.
    """
    turned = centred.T.tocsr()
    basis, images = block, np.zeros((len(block), 0))
    values, vectors = np.zeros(DIMENSIONS), block
    while True:
        image = _times(turned, _times(centred, basis[:, images.shape[1] :]))
        images = np.concatenate([images, image], axis=1)
        small = basis.T @ images
        found, mixed = np.linalg.eigh((small + small.T) / 2)
        values, mixed = found[::-1][:DIMENSIONS], mixed[:, ::-1][:, :DIMENSIONS]
        vectors = basis @ mixed
        left = np.linalg.norm(images @ mixed - vectors * values, axis=0)
        fresh = image
        for _ in range(2):
            fresh = fresh - basis @ (basis.T @ fresh)
        fresh, size = np.linalg.qr(fresh)
        grown = np.abs(np.diag(size)) > 1e-10 * values[0]
        if left.max() <= tolerance * values[0] or not grown.any() or basis.shape[1] >= min(_MOST_BASIS, len(block) - 2):
            return values, vectors
        basis = np.concatenate([basis, fresh[:, grown]], axis=1)


def _oriented(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    # Loadings that are equal but for rounding must not decide by rounding.
    size = np.round(np.abs(vectors), _DECIMALS)
    telling = np.argmax(size, axis=0)
    sign = np.sign(vectors[telling, np.arange(vectors.shape[1])])
    return vectors * np.where(sign == 0, 1.0, sign)
