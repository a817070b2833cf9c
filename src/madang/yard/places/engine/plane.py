"""A local metre plane: equirectangular around a point, with the radii of curvature of WGS 84 there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY_SQUARED = 6.694_379_990_141_33e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """A plane that touches the ellipsoid at a point.

    Attributes
    ----------
    lon, lat : float
        Where it touches. [degree]

    Notes
    -----
    x grows to the east and y to the north. Distances are exact at the point; ten kilometres north of it the east-west
    scale is off by 0.1 %, so a district is well served by one plane and an area is measured in a plane of its own.
    """

    lon: float
    lat: float

    @property
    def scale(self) -> tuple[float, float]:
        """Metres of one degree of longitude and of latitude [m]."""
        sine = math.sin(math.radians(self.lat))
        under = 1.0 - _ECCENTRICITY_SQUARED * sine * sine
        across = _SEMI_MAJOR_M / math.sqrt(under)
        along = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / under**1.5
        degree = math.pi / 180.0
        return across * math.cos(math.radians(self.lat)) * degree, along * degree

    def metres(self, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return plane coordinates (x, y) of longitudes and latitudes, shape (n, 2) [m]."""
        return (lonlat - (self.lon, self.lat)) * self.scale

    def degrees(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return longitudes and latitudes of plane coordinates, shape (n, 2) [degree]."""
        return xy / self.scale + (self.lon, self.lat)


def plane_of(geometries: Sequence[BaseGeometry]) -> Plane:
    """Return the plane in the middle of some geometries.

    The middle is rounded to a hundredth of a degree, so that a vertex that moves by a centimetre leaves the plane, and
    with it every other coordinate, where it was.
    """
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(np.asarray(geometries, dtype=object)))
    return Plane(lon=round((west + east) / 2, 2), lat=round((south + north) / 2, 2))


def area_m2(geometry: BaseGeometry) -> float:
    """Return the area of a geometry in degrees, each of its parts measured in a plane of its own [m2]."""
    return math.fsum(_part_area_m2(part) for part in shapely.get_parts(geometry))


def _part_area_m2(part: BaseGeometry) -> float:
    west, south, east, north = part.bounds
    plane = Plane(lon=(west + east) / 2, lat=(south + north) / 2)
    return float(shapely.area(shapely.transform(part, plane.metres)))
