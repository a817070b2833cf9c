"""Electricity in homes: what a resident uses, and which homes of older residents living alone are not cooled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from madang.numerics.errors import EngineInputError

ENGINE = "madang.rooms.climate.engine.homes:uncooled_homes_json"
USE_ENGINE = "madang.rooms.climate.engine.homes:use_json"
VERSION = "1"
SUMMER, SPRING = (6, 7), (3, 4)
"""Months of the year, counted from 0: July and August against April and May."""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def is_uncooled(electricity_kwh: npt.NDArray[np.floating[Any]], *, rise: float = 1.25) -> Bools:
    """Return whose summer use hardly rises above spring's: homes that are not cooled.

    Parameters
    ----------
    electricity_kwh : ndarray of float, shape (n_households, 12)
        Use in each month of a year [kWh].
    rise : float
        Summer over spring from which a home counts as cooled.

    Raises
    ------
    EngineInputError
        If there are not twelve months.

    Examples
    --------
    >>> flat, cooled = np.full(12, 200.0), np.full(12, 200.0)
    >>> cooled[[6, 7]] = 320.0
    >>> is_uncooled(np.vstack((flat, cooled))).tolist()
    [True, False]
    """
    if electricity_kwh.ndim != 2 or electricity_kwh.shape[1] != 12:
        raise EngineInputError("months", "electricity needs twelve months a household")
    summer = electricity_kwh[:, SUMMER].sum(axis=1, dtype=np.float64)
    spring = electricity_kwh[:, SPRING].sum(axis=1, dtype=np.float64)
    return np.asarray(summer < rise * spring)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Homes of older residents living alone, by dong.

    Attributes
    ----------
    homes, uncooled : ndarray of int64, shape (n_dongs,)
        Such homes, and those of them that are not cooled.
    most : ndarray of int64, shape (n_found,)
        Positions of the dongs with most uncooled ones, the most first.
    """

    homes: Ints
    uncooled: Ints
    most: Ints


def most_exposed(homes: Ints, uncooled: Ints, *, found: int = 1, threshold: int = 5) -> Exposure:
    """Say where most homes of older residents living alone are not cooled.

    Parameters
    ----------
    homes, uncooled : ndarray of int64, shape (n_dongs,)
        Such homes, and those of them that are not cooled.
    found : int
        How many dongs are named.
    threshold : int
        Smallest number that may be named.

    Raises
    ------
    EngineInputError
        If the counts do not fit together.

    Examples
    --------
    >>> most_exposed(np.array([50, 80]), np.array([20, 10])).most.tolist()
    [0]
    """
    if homes.shape != uncooled.shape or bool((uncooled > homes).any()) or bool((uncooled < 0).any()):
        raise EngineInputError("homes_counts", "counts of homes do not fit together")
    order = np.argsort(-uncooled, kind="stable")
    return Exposure(homes=homes, uncooled=uncooled, most=order[uncooled[order] >= threshold][:found].astype(np.int64))


def uncooled_homes_json(inputs: Any, parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Compute :func:`most_exposed` of JSON: `{"dongs": [[code, homes, uncooled], ...]}`.

    Of the parameters only `found` and `threshold` are settings; the others say where the inputs come from.
    """
    settings = {name: int(parameters[name]) for name in ("found", "threshold") if name in parameters}
    try:
        codes = [str(code) for code, _homes, _uncooled in inputs["dongs"]]
        counts = np.array([[homes, few] for _code, homes, few in inputs["dongs"]], np.int64).reshape(-1, 2)
        found = most_exposed(counts[:, 0], counts[:, 1], **settings)
    except (KeyError, TypeError, ValueError) as error:
        raise EngineInputError("homes_inputs", f"not the inputs of this measure: {error!r}") from error
    return {
        "homes": int(found.homes.sum()),
        "uncooled": int(found.uncooled.sum()),
        "most": [codes[position] for position in found.most],
    }


def use_json(inputs: Any, _parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Compute electricity a resident and year of JSON: `{"persons", "electricity_kwh"}`.

    Examples
    --------
    >>> use_json({"persons": 4, "electricity_kwh": 5000.0}, {}, None)
    {'kwh_a_resident': 1250.0}
    """
    try:
        persons, use = int(inputs["persons"]), float(inputs["electricity_kwh"])
    except (KeyError, TypeError, ValueError) as error:
        raise EngineInputError("homes_inputs", f"not the inputs of this measure: {error!r}") from error
    return {"kwh_a_resident": round(use / persons, 6) if persons else None}
