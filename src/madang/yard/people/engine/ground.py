"""Points that truly lie inside a dong."""

import numpy as np
import numpy.typing as npt
import shapely

from madang.yard.people.engine.shares import Floats
from madang.yard.places.engine.boundaries import Area
from madang.yard.places.engine.plane import Plane

_ROUNDS = 12


class Ground:
    """Draws points inside one polygon.

    Parameters
    ----------
    polygon : Polygon or MultiPolygon
        The dong. [degree]

    Notes
    -----
    The polygon is cut into triangles once, so islands and holes cost no rejected draws.
    """

    def __init__(self, polygon: Area) -> None:
        self._polygon = polygon
        shapely.prepare(polygon)
        triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(polygon))
        corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
        area = shapely.area(triangles)
        self._corners = corners[area > 0]
        self._chance = np.cumsum(area[area > 0]) / area[area > 0].sum()
        inside = polygon.representative_point()
        self._safe = np.array([inside.x, inside.y])
        self._metres = np.array(Plane(lon=inside.x, lat=inside.y).scale)

    def contains(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Return which points lie inside, not on the border."""
        return np.asarray(shapely.contains_xy(self._polygon, points[:, 0], points[:, 1]))

    def draw(self, count: int, random: np.random.Generator) -> Floats:
        """Draw points evenly over the ground, shape (count, 2): longitude and latitude [degree]."""
        points = self._even(count, random)
        for _ in range(_ROUNDS):
            out = np.flatnonzero(~self.contains(points))  # rounding on a border
            if not len(out):
                return points
            points[out] = self._even(len(out), random)
        points[~self.contains(points)] = self._safe
        return points

    def draw_near(self, centres: Floats, spread_m: float, random: np.random.Generator) -> Floats:
        """Draw a point near each centre, shape (n, 2): ever nearer where the ground ends [degree].

        Parameters
        ----------
        centres : ndarray of float64, shape (n, 2)
            Points inside. [degree]
        spread_m : float
            Standard deviation to each side. [m]
        random : Generator
            Where chance comes from.
        """
        points = centres.copy()
        open_points = np.arange(len(centres))
        for round_number in range(_ROUNDS):
            step = random.normal(0, spread_m * 0.7**round_number, (len(open_points), 2)) / self._metres
            points[open_points] = centres[open_points] + step
            open_points = open_points[~self.contains(points[open_points])]
            if not len(open_points):
                break
        points[open_points] = centres[open_points]
        return points

    def _even(self, count: int, random: np.random.Generator) -> Floats:
        chosen = self._corners[
            np.searchsorted(self._chance, random.random(count), side="right").clip(0, len(self._chance) - 1)
        ]
        across, along = random.random(count), random.random(count)
        fold = across + along > 1
        across, along = np.where(fold, 1 - across, across), np.where(fold, 1 - along, along)
        first = chosen[:, 0]
        points: Floats = first + across[:, None] * (chosen[:, 1] - first) + along[:, None] * (chosen[:, 2] - first)
        return points
