"""Administrative dongs made of whole legal dongs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from madang.numerics.errors import EngineInputError
from madang.yard.places.engine.boundaries import Boundaries
from madang.yard.places.engine.coverage import polygonal


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrouping:
    """Which legal dongs each new dong is made of.

    Attributes
    ----------
    codes, names_ko, names_en : tuple of str
        The new dongs, ascending by code.
    members : tuple of tuple of str
        Codes of the dongs that each is made of.
    """

    codes: tuple[str, ...]
    names_ko: tuple[str, ...]
    names_en: tuple[str, ...]
    members: tuple[tuple[str, ...], ...]


def regroup(boundaries: Boundaries, regrouping: Regrouping) -> Boundaries:
    """Unite dongs into larger ones.

    Parameters
    ----------
    boundaries : Boundaries
        A clean coverage.
    regrouping : Regrouping
        Names every dong of it exactly once.

    Raises
    ------
    EngineInputError
        If a dong is unknown, stands twice or is left out.

    Notes
    -----
    Borders between members vanish; all others stay as they are, so the result is a clean coverage too.
    """
    position: Mapping[str, int] = {code: index for index, code in enumerate(boundaries.codes)}
    named = [code for members in regrouping.members for code in members]
    if sorted(named) != list(boundaries.codes):
        wrong = sorted(set(named) ^ set(boundaries.codes)) or sorted({code for code in named if named.count(code) > 1})
        raise EngineInputError(
            "regrouping_incomplete", f"each legal dong must stand in exactly one group; see {wrong}", {"codes": wrong}
        )
    polygons = [
        polygonal(
            shapely.normalize(
                shapely.coverage_union_all(np.array([boundaries.polygons[position[code]] for code in members], object))
            )
        )
        for members in regrouping.members
    ]
    return Boundaries(
        district=boundaries.district,
        kind="administrative",
        source=f"{boundaries.source}; legal dongs united into administrative dongs (행정동) by the district",
        codes=regrouping.codes,
        names_ko=regrouping.names_ko,
        names_en=regrouping.names_en,
        polygons=tuple(polygons),
    )
