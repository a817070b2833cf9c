"""Older residents who live alone: how many in each dong, and where most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from madang.numerics.errors import EngineInputError

ENGINE = "madang.rooms.care.engine.elders:elders_alone_json"
VERSION = "1"

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EldersAlone:
    """Older residents by dong.

    Attributes
    ----------
    elders, alone : ndarray of int64, shape (n_dongs,)
        Residents of 65 and over, and those of them who live alone [persons].
    most : ndarray of int64, shape (n_found,)
        Positions of the dongs where most live alone, the most first.
    """

    elders: Ints
    alone: Ints
    most: Ints

    @property
    def total_percent(self) -> float | None:
        """Share of the district's older residents who live alone [percent]; None where there are none."""
        elders = int(self.elders.sum())
        return round(100 * int(self.alone.sum()) / elders, 6) if elders else None


def elders_alone(elders: Ints, alone: Ints, *, found: int = 1, threshold: int = 5) -> EldersAlone:
    """Say where most older residents live alone.

    Parameters
    ----------
    elders, alone : ndarray of int64, shape (n_dongs,)
        Residents of 65 and over, and those of them who live alone [persons].
    found : int
        How many dongs are named.
    threshold : int
        Smallest number that may be named [persons].

    Raises
    ------
    EngineInputError
        If the two are not equally long, or more live alone than there are.

    Notes
    -----
    Ties go to the dong that stands first. Exact; O(n log n) in dongs.

    Examples
    --------
    >>> elders_alone(np.array([90, 40, 70]), np.array([20, 3, 25])).most.tolist()
    [2]
    """
    if elders.shape != alone.shape or bool((alone > elders).any()) or bool((alone < 0).any()):
        raise EngineInputError("elders_counts", "counts of older residents do not fit together")
    order = np.argsort(-alone, kind="stable")
    most = order[alone[order] >= threshold][:found].astype(np.int64)
    return EldersAlone(elders=elders, alone=alone, most=most)


def elders_alone_json(inputs: Any, parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Compute :func:`elders_alone` of JSON: `{"dongs": [[code, elders, alone], ...]}`.

    Of the parameters only `found` and `threshold` are settings; the others say where the inputs come from.
    """
    codes, elders, alone = _columns(inputs)
    settings = {name: int(parameters[name]) for name in ("found", "threshold") if name in parameters}
    found = elders_alone(elders, alone, **settings)
    return {
        "elders": int(elders.sum()),
        "alone": int(alone.sum()),
        "percent": found.total_percent,
        "most": [codes[position] for position in found.most],
    }


def _columns(inputs: Any) -> tuple[Sequence[str], Ints, Ints]:  # noqa: ANN401
    try:
        codes = [str(code) for code, _elders, _alone in inputs["dongs"]]
        counts = np.array([[elders, alone] for _code, elders, alone in inputs["dongs"]], np.int64).reshape(-1, 2)
    except (KeyError, TypeError, ValueError) as error:
        raise EngineInputError("elders_inputs", f"not the inputs of this measure: {error!r}") from error
    return codes, counts[:, 0], counts[:, 1]
