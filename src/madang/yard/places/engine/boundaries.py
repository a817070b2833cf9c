"""A district as engines see it: its dongs' codes, names and polygons, a partition of its ground."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import shapely
from shapely import MultiPolygon, Polygon

from madang.numerics.digests import canonical_json, sha256_hex
from madang.numerics.errors import EngineInputError
from madang.yard.places.engine.plane import area_m2

Area: TypeAlias = Polygon | MultiPolygon
Kind = Literal["legal", "administrative"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictNames:
    """What identifies a district.

    Attributes
    ----------
    code : str
        Official code of five digits.
    name_ko, name_en : str
        Name of the district.
    sido_ko, sido_en : str
        Name of the province or metropolitan city it lies in.
    """

    code: str
    name_ko: str
    name_en: str
    sido_ko: str
    sido_en: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boundaries:
    """A district and its dongs in order of their codes.

    Attributes
    ----------
    district : DistrictNames
        Whose dongs these are.
    kind : str
        "legal" (법정동, the dongs of addresses) or "administrative" (행정동, the dongs that have an office).
    source : str
        Where the boundaries come from, in words that may be shown as their attribution.
    codes : tuple of str
        Official codes, ascending.
    names_ko, names_en : tuple of str
        Names, one a code.
    polygons : tuple of Polygon or MultiPolygon
        WGS 84 longitude and latitude; interiors are disjoint and neighbours share borders vertex by vertex. [degree]
    """

    district: DistrictNames
    kind: Kind
    source: str
    codes: tuple[str, ...]
    names_ko: tuple[str, ...]
    names_en: tuple[str, ...]
    polygons: tuple[Area, ...]

    def __post_init__(self) -> None:
        count = len(self.codes)
        if not count:
            raise EngineInputError("no_dong", "a district has at least one dong")
        if not len(self.names_ko) == len(self.names_en) == len(self.polygons) == count:
            raise EngineInputError("lengths_differ", "codes, names and polygons are not equally many")
        if any(left >= right for left, right in pairwise(self.codes)):
            raise EngineInputError("codes_unordered", "dong codes are not ascending, or one stands twice")

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def areas_m2(self) -> tuple[float, ...]:
        """Area of each dong [m2]."""
        return tuple(area_m2(polygon) for polygon in self.polygons)

    @property
    def digest(self) -> str:
        """SHA-256 of the codes, the kind and the exact polygons; names may change without changing it."""
        shapes = [sha256_hex(shapely.to_wkb(polygon, byte_order=1)) for polygon in self.polygons]
        return sha256_hex(canonical_json([self.district.code, self.kind, self.codes, shapes]))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north [degree]."""
        west, south, east, north = shapely.total_bounds(self.polygons)
        return float(west), float(south), float(east), float(north)
