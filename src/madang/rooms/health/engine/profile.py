"""A first line of each dong's health profile: several chronic conditions in one person, and whether age explains it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from madang.numerics.errors import EngineInputError

ENGINE = "madang.rooms.health.engine.profile:several_conditions_json"
VERSION = "1"

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Residents with several conditions, by dong.

    Attributes
    ----------
    observed : ndarray of int64, shape (n_dongs,)
        Residents with several conditions [persons].
    expected : ndarray of float64, shape (n_dongs,)
        How many there would be if each age and sex had the district's share [persons].
    ratio, low, high : ndarray of float64, shape (n_dongs,)
        Observed over expected, and its limits; NaN where nothing is expected.
    above : ndarray of int64, shape (n_found,)
        Positions of the dongs whose lower limit lies above 1, the highest first.
    """

    observed: Ints
    expected: Floats
    ratio: Floats
    low: Floats
    high: Floats
    above: Ints


def several_conditions(persons: Ints, cases: Ints, *, z: float = 2.576) -> Profile:
    """Compare each dong with the district, age and sex taken out (indirect standardisation).

    Parameters
    ----------
    persons, cases : ndarray of int64, shape (n_dongs, n_groups)
        Residents of each group of age and sex, and those of them with several conditions [persons].
    z : float
        Normal quantile of the limits; 2.576 gives 99 percent.

    Raises
    ------
    EngineInputError
        If the shapes differ, or there are more cases than persons.

    Notes
    -----
    ``expected = sum over groups of persons * (district's cases / district's persons)``. Limits by Byar's approximation
    to the exact Poisson limits. Approximate: a dong's cases are counted in the district's rates too.

    References
    ----------
    Breslow, N. E. & Day, N. E. (1987), Statistical Methods in Cancer Research II, IARC, pp. 68-71.

    Examples
    --------
    >>> found = several_conditions(np.array([[1000], [1000]]), np.array([[150], [50]]))
    >>> found.ratio.tolist(), found.above.tolist()
    ([1.5, 0.5], [0])
    """
    if persons.shape != cases.shape or persons.ndim != 2 or bool((cases > persons).any()) or bool((cases < 0).any()):
        raise EngineInputError("profile_counts", "persons and cases do not fit together")
    whole = persons.sum(axis=0)
    rate = np.divide(cases.sum(axis=0), whole, out=np.zeros(len(whole)), where=whole > 0)
    observed, expected = cases.sum(axis=1), persons @ rate
    low, high = _byar(observed, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, low, high = (np.where(expected > 0, count / expected, np.nan) for count in (observed, low, high))
    order = np.argsort(-np.nan_to_num(ratio), kind="stable")
    above = order[np.nan_to_num(low)[order] > 1.0].astype(np.int64)
    return Profile(observed=observed, expected=expected, ratio=ratio, low=low, high=high, above=above)


def _byar(count: Ints, z: float) -> tuple[Floats, Floats]:
    """Return limits of a Poisson mean."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(count > 0, count * (1 - 1 / (9 * count) - z / (3 * np.sqrt(count))) ** 3, 0.0)
    more = count + 1.0
    return low, more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3


def several_conditions_json(
    inputs: Any,  # noqa: ANN401  # JSON
    parameters: Mapping[str, Any],
    _seed: int | None,
) -> dict[str, Any]:
    """Compute :func:`several_conditions` of JSON: `{"dongs": [[code, persons, cases], ...]}`.

    `persons` and `cases` are lists, one number a group of age and sex. Of the parameters only `z` is a setting; the
    others say where the inputs come from.
    """
    try:
        codes = [str(code) for code, _persons, _cases in inputs["dongs"]]
        persons = np.array([row for _code, row, _cases in inputs["dongs"]], np.int64)
        cases = np.array([row for _code, _persons, row in inputs["dongs"]], np.int64)
        found = several_conditions(persons, cases, z=float(parameters.get("z", 2.576)))
    except (KeyError, TypeError, ValueError) as error:
        raise EngineInputError("profile_inputs", f"not the inputs of this measure: {error!r}") from error
    return {
        "dongs": [
            {
                "code": code,
                "observed": int(found.observed[at]),
                "expected": round(float(found.expected[at]), 6),
                "ratio": _number(found.ratio[at]),
                "low": _number(found.low[at]),
                "high": _number(found.high[at]),
            }
            for at, code in enumerate(codes)
        ],
        "above": [codes[at] for at in found.above],
    }


PUBLISHED_ENGINE = "madang.rooms.health.engine.profile:published_share_json"


def published_share_json(inputs: Any, _parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Compute how many dongs have a published profile, of JSON: `{"dongs": [code, ...], "published": [code, ...]}`.

    Examples
    --------
    >>> published_share_json({"dongs": ["a", "b", "c", "d"], "published": ["b"]}, {}, None)["percent"]
    25.0
    """
    try:
        dongs = set(inputs["dongs"])
        part, whole = len(dongs & set(inputs["published"])), len(dongs)
    except (KeyError, TypeError) as error:
        raise EngineInputError("profile_inputs", f"not the inputs of this measure: {error!r}") from error
    return {"percent": round(100 * part / whole, 6) if whole else None, "part": part, "whole": whole}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
