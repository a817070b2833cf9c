"""A plan as people read it: who visits whom, when, and what it costs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Carer and start of every visit, and what the plan costs.

    Attributes
    ----------
    carer : ndarray of int64, shape (n_visits,)
        Position of the carer; -1 where the patient is left out.
    start : ndarray of float64, shape (n_visits,)
        [ticks]; not a number where the patient is left out.
    lunch : ndarray of float64, shape (n_carers,)
        Start of the lunch break [ticks]; not a number where there is none.
    cost : float
        What the rules say it costs; parts that have to be 0 are not in it.
    parts : dict of str to float
        The parts of the cost that the rules name, unweighted [min, or a count].
    broken : float
        Sum of the parts that have to be 0; at 0 every rule holds.
    steps : int
        Plans that were tried.
    seed : int
    order : ndarray of float64, shape (n_visits,)
        Keys by which a search can go on from this plan: a carer's visits go by them.
    """

    carer: Ints
    start: Floats
    lunch: Floats
    cost: float
    parts: dict[str, float]
    broken: float
    steps: int
    seed: int
    order: Floats

    @property
    def feasible(self) -> bool:
        """Say whether every rule that must hold does."""
        return self.broken <= 1e-9
