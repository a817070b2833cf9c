"""A district as SVG: one path a dong, borders simplified once and shared, and where to put each label."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

from madang.yard.places.engine.boundaries import Boundaries
from madang.yard.places.engine.coverage import polygonal_parts
from madang.yard.places.engine.plane import plane_of

_LONG_SIDE = 1600
_MARGIN = 8
_FIRST_TOLERANCE = 0.5
_TOLERANCE_STEP = 1.35
_LABEL_PRECISION = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """Outlines of a district's dongs in one SVG view box `0 0 width height`.

    Attributes
    ----------
    width, height : int
        Size of the view box; the longer side is 1600. [unit]
    paths : tuple of str
        The `d` attribute of each dong's path, in the order of the boundaries.
    labels : ndarray of float64, shape (n_dongs, 2)
        The point of each dong that lies farthest from its border. [unit]
    metres_per_unit : float
        Scale of the drawing, for a scale bar. [m]
    """

    width: int
    height: int
    paths: tuple[str, ...]
    labels: npt.NDArray[np.float64]
    metres_per_unit: float

    @property
    def byte_count(self) -> int:
        """Size of all paths together [byte]."""
        return sum(len(path) for path in self.paths)


def budget_bytes(dongs: int) -> int:
    """Return what all paths of a district may weigh: 15 KB up to 50 dongs, 300 bytes a dong beyond [byte]."""
    return max(15_000, 300 * dongs)


def draw(boundaries: Boundaries, *, budget: int | None = None) -> Drawing:
    """Draw a district's dongs.

    Parameters
    ----------
    boundaries : Boundaries
        A clean coverage.
    budget : int, optional
        What all paths together may weigh; by default `budget_bytes`. [byte]

    Notes
    -----
    The coverage is simplified by Visvalingam and Whyatt's effective areas with every border treated once (GEOS coverage
    simplifier), coarser and coarser until the paths fit the budget. Coordinates are whole units, so what two dongs
    share before rounding they share after it. Islets smaller than the tolerance are left out, but never a dong's
    largest part.

    References
    ----------
    Visvalingam, M. and Whyatt, J. D. (1993), "Line generalisation by repeated elimination of points", The Cartographic
    Journal 30(1), 46-51, doi:10.1179/000870493786962263.
    """
    plane = plane_of(boundaries.polygons)
    shapes = shapely.transform(np.array(boundaries.polygons, dtype=object), plane.metres)
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(shapes))
    metres_per_unit = max(east - west, north - south) / (_LONG_SIDE - 2 * _MARGIN)

    def units(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack((xy[:, 0] - west, north - xy[:, 1])) / metres_per_unit + _MARGIN

    shapes = shapely.transform(shapes, units)
    allowed = budget_bytes(len(boundaries)) if budget is None else budget
    tolerance = _FIRST_TOLERANCE
    paths = _paths(shapes, tolerance)
    while sum(map(len, paths)) > allowed and tolerance < _LONG_SIDE:
        tolerance *= _TOLERANCE_STEP
        paths = _paths(shapes, tolerance)
    return Drawing(
        width=round((east - west) / metres_per_unit) + 2 * _MARGIN,
        height=round((north - south) / metres_per_unit) + 2 * _MARGIN,
        paths=paths,
        labels=np.array([_label(polygonal_parts(shape)) for shape in shapes]),
        metres_per_unit=metres_per_unit,
    )


def label_points(boundaries: Boundaries) -> npt.NDArray[np.float64]:
    """Return a point well inside each dong, shape (n_dongs, 2): longitude and latitude [degree]."""
    plane = plane_of(boundaries.polygons)
    shapes = shapely.transform(np.array(boundaries.polygons, dtype=object), plane.metres)
    return plane.degrees(np.array([_label(polygonal_parts(shape), precision=10.0) for shape in shapes]))


def _label(parts: Sequence[Polygon], *, precision: float = _LABEL_PRECISION) -> tuple[float, float]:
    largest = max(parts, key=lambda part: float(part.area))
    centre = shapely.maximum_inscribed_circle(largest, min(precision, np.sqrt(largest.area) / 20)).coords[0]
    return float(centre[0]), float(centre[1])


def _paths(shapes: npt.NDArray[np.object_], tolerance: float) -> tuple[str, ...]:
    simplified = shapely.coverage_simplify(shapes, tolerance)
    return tuple(
        _path(polygonal_parts(after), polygonal_parts(before), tolerance**2)
        for after, before in zip(simplified, shapes, strict=True)
    )


def _path(parts: Sequence[Polygon], originals: Sequence[Polygon], smallest_area: float) -> str:
    """Draw the parts of a dong that are large enough; if rounding leaves none, its largest part unsimplified."""
    largest = max(parts, key=lambda part: float(part.area))
    kept = [part for part in parts if part is largest or part.area >= smallest_area]
    drawn = "".join(_ring(ring) for part in kept for ring in (part.exterior, *part.interiors))
    return drawn or _speck(max(originals, key=lambda part: float(part.area)))


def _ring(ring: shapely.LinearRing) -> str:
    """Draw a ring in whole units with relative steps; nothing if it collapses."""
    points = np.round(np.asarray(ring.coords)).astype(np.int64)[:-1]
    points = points[(points != np.roll(points, 1, axis=0)).any(axis=1)]
    if len(points) < 3:
        return ""
    steps = np.diff(points, axis=0).tolist()
    x, y = points[0].tolist()
    return f"M{x} {y}l" + "".join(_step(dx, dy, first=index == 0) for index, (dx, dy) in enumerate(steps)) + "z"


def _step(dx: int, dy: int, *, first: bool) -> str:
    """Write one relative step; a minus sign separates as well as a space does."""
    return f"{dx if first or dx < 0 else f' {dx}'}{dy if dy < 0 else f' {dy}'}"


def _speck(part: Polygon) -> str:
    """Draw a dong that is smaller than a unit as a diamond of two units, so that it can still be seen and chosen."""
    x, y = round(part.centroid.x), round(part.centroid.y)
    return f"M{x} {y - 1}l1 1-1 1-1-1z"
