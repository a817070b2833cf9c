"""What is small, what withholding costs, and a table as it may be published: the words of the publication guard.

Light to load: a page that shows guarded counts needs nothing of the solvers.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from madang.numerics.errors import EngineInputError

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


class CellStatus(IntEnum):
    """Why a cell is shown or not; for the officer, never for the public."""

    PUBLISHED = 0
    PRIMARY = 1
    SECONDARY = 2


class Loss(StrEnum):
    """What a withheld cell costs the reader."""

    CELLS = "cells"
    VALUES = "values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is small, and what withholding costs.

    Attributes
    ----------
    threshold : int
        Smallest count that may be shown [persons].
    zeros : bool
        Whether a zero counts as small too.
    loss : Loss
        What is kept least: the number of withheld inner cells (a total counts as the cells it sums), or the persons in
        withheld cells.
    """

    threshold: int = 5
    zeros: bool = False
    loss: Loss = Loss.VALUES

    def __post_init__(self) -> None:
        if not 2 <= self.threshold <= 1000:
            raise EngineInputError("threshold_outside", "The threshold must be from 2 to 1000.", field="threshold")

    @property
    def at_least(self) -> int:
        """Smallest value that a withheld cell can have, which the reader knows."""
        return 0 if self.zeros else 1

    def small(self, counts: Counts) -> Mask:
        """Return which counts are primary."""
        return (counts < self.threshold) & (counts >= self.at_least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What is decided beforehand, such as by an earlier publication.

    Attributes
    ----------
    shown, withheld : ndarray of bool, shape (n_cells,), or None
        Cells that are public already, and cells that must stay withheld.
    """

    shown: Mask | None = None
    withheld: Mask | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A table as it may be published.

    Attributes
    ----------
    published : ndarray of bool, shape (n_cells,)
        Cells that are shown.
    status : ndarray of int8, shape (n_cells,)
        `CellStatus` of each; not for the public.
    low, high : ndarray of float64, shape (n_cells,)
        What a reader can work out about each cell [persons].
    required_low, required_high : ndarray of int64, shape (n_cells,)
        Range that must stay possible for a primary cell; the count itself elsewhere.
    loss, bound : int
        Cost of what is withheld, and a proven lower bound of that cost.
    optimal : bool
        Whether no cheaper choice exists (the two are equal).
    rounds : int
        Rounds of the exact search.
    rule : Rule
        What was asked for.
    version : str
        Version of the method.
    """

    published: Mask
    status: NDArray[np.int8]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    required_low: Counts
    required_high: Counts
    loss: int
    bound: int
    optimal: bool
    rounds: int
    rule: Rule
    version: str = "1"

    @property
    def gap(self) -> float:
        """Share of the cost that a better choice could at most save."""
        return 0.0 if self.loss == 0 else (self.loss - self.bound) / self.loss
