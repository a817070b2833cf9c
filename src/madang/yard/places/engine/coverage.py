"""Polygons that should tile the ground: find where they do not, and make them do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from madang.numerics.errors import EngineInputError, EngineNotConverged
from madang.yard.places.engine.boundaries import Area
from madang.yard.places.engine.plane import Plane, plane_of

GRID_M = 0.01
DEGREE_DECIMALS = 9
_MAX_ROUNDS = 8
_CIRCLE_TOLERANCE_M = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """Polygons that tile their union.

    Attributes
    ----------
    polygons : tuple of Polygon or MultiPolygon
        In the order given; disjoint interiors, shared borders equal vertex by vertex. [degree]
    overlap_m2 : float
        Ground that more than one polygon claimed and one now has. [m2]
    gap_m2 : float
        Enclosed ground that no polygon claimed and one now has. [m2]
    """

    polygons: tuple[Area, ...]
    overlap_m2: float
    gap_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A place where polygons do not tile the ground.

    Attributes
    ----------
    kind : str
        "overlap" or "gap".
    members : tuple of int
        Indices of the two that overlap, or of those around the gap.
    area_m2 : float
        Its size. [m2]
    width_m : float
        Diameter of the largest circle inside it. [m]
    lon, lat : float
        Centre of that circle. [degree]
    """

    kind: Literal["overlap", "gap"]
    members: tuple[int, ...]
    area_m2: float
    width_m: float
    lon: float
    lat: float


def polygonal(geometry: BaseGeometry) -> Area:
    """Return the polygons of a geometry and drop its points and lines (what making it valid may leave)."""
    parts = [part for part in shapely.get_parts(geometry, return_index=False) if isinstance(part, Polygon)]
    nested = [p for part in shapely.get_parts(geometry) if isinstance(part, MultiPolygon) for p in part.geoms]
    found = [part for part in (*parts, *nested) if not part.is_empty]
    if not found:
        raise EngineInputError("no_area", "a shape has no area")
    return found[0] if len(found) == 1 else MultiPolygon(found)


def clean_coverage(polygons: Sequence[Area], outside: Sequence[Area] = (), *, gap_width_m: float = 150.0) -> Coverage:
    """Make polygons tile their union: settle overlaps, close enclosed gaps, share borders vertex by vertex.

    Parameters
    ----------
    polygons : sequence of Polygon or MultiPolygon
        Neighbours that overlap slightly or leave slivers. [degree]
    outside : sequence of Polygon or MultiPolygon, optional
        Ground that belongs to somebody else: a hole that it mostly fills stays a hole. [degree]
    gap_width_m : float, optional
        An enclosed gap is closed if the largest circle in it is narrower than this; a wider one is a lake, an inlet of
        the sea or another district. [m]

    Raises
    ------
    EngineInputError
        If a polygon has no area, or is wholly covered by others.
    EngineNotConverged
        If no clean coverage on the centimetre grid was found.

    Notes
    -----
    An overlap goes to the smaller of its claimants, for whom it matters more; a gap goes to the neighbour with the
    longest border on it. The work is done in a local plane on a grid of a centimetre by the coverage cleaner of GEOS
    3.14, and repeated until its result lies on the grid (degrees are then rounded to a tenth of a millimetre, which
    text keeps); what already tiles the ground there is left as it is, so cleaning twice changes nothing. The area of
    the union grows by exactly the closed gaps, up to the grid.
    """
    plane = plane_of(polygons)
    shapes = [_on_grid(_projected(polygon, plane)) for polygon in polygons]
    union = shapely.union_all(np.array(shapes, dtype=object))
    holes = _protected(union, [_projected(area, plane) for area in outside])
    tiles = _settle(shapes, holes, gap_width_m)

    def degrees(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.round(plane.degrees(xy), DEGREE_DECIMALS)

    return Coverage(
        polygons=tuple(polygonal(shapely.normalize(shapely.transform(tile, degrees))) for tile in tiles),
        overlap_m2=max(sum(shape.area for shape in shapes) - union.area, 0.0),
        gap_m2=max(sum(tile.area for tile in tiles) - union.area, 0.0),
    )


def _projected(polygon: Area, plane: Plane) -> BaseGeometry:
    return shapely.transform(shapely.make_valid(polygon), plane.metres)


def _on_grid(shape: BaseGeometry) -> Area:
    precise = polygonal(shapely.set_precision(shape, GRID_M))
    rounded = shapely.make_valid(shapely.transform(precise, _rounded))
    return polygonal(shapely.normalize(shapely.remove_repeated_points(polygonal(rounded))))


def _rounded(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.round(xy / GRID_M) * GRID_M


def _holes_of(union: BaseGeometry) -> list[Polygon]:
    return [Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors]


def _protected(union: BaseGeometry, outside: list[BaseGeometry]) -> list[Polygon]:
    """Return the holes of a union that others fill for the most part."""
    if not outside:
        return []
    others = shapely.union_all(np.array(outside, dtype=object))
    return [hole for hole in _holes_of(union) if shapely.intersection(hole, others).area > hole.area / 2]


def _settle(shapes: list[Area], holes: list[Polygon], gap_width_m: float) -> list[Area]:
    """Clean and round in turn, snapping ever wider (at most 1.28 m), until neither changes anything."""
    tiles = shapes
    for attempt in range(_MAX_ROUNDS):
        if _settled(tiles, holes, gap_width_m):
            return tiles
        with np.errstate(invalid="ignore"):  # the cleaner divides by the length of borders that have none
            cleaned = shapely.coverage_clean(
                np.array([*tiles, *holes], dtype=object),
                gap_width=gap_width_m,
                snapping_distance=GRID_M * 2**attempt,
                merge_strategy="min_area",
            )[: len(shapes)]
        if shapely.is_empty(cleaned).any():
            raise EngineInputError("no_area", "a dong is wholly covered by its neighbours")
        tiles = [_on_grid(tile) for tile in cleaned]
    raise EngineNotConverged("coverage_unsettled", "the borders could not be cleaned on a grid of one centimetre")


def _settled(tiles: list[Area], holes: list[Polygon], gap_width_m: float) -> bool:
    """Whether the tiles lie on the grid, tile the ground, and enclose no gap but wide and protected ones."""
    shapes = np.array(tiles, dtype=object)
    if not shapely.coverage_is_valid(shapes) or any(_on_grid(tile).wkb != tile.wkb for tile in tiles):
        return False
    open_holes = [hole for hole in _holes_of(shapely.union_all(shapes)) if not _is_one_of(hole, holes)]
    return all(_width(hole) >= gap_width_m for hole in open_holes)


def _is_one_of(hole: Polygon, holes: list[Polygon]) -> bool:
    return any(shapely.intersection(hole, other).area > hole.area / 2 for other in holes)


def _width(hole: Polygon) -> float:
    return 2 * float(shapely.maximum_inscribed_circle(hole, _CIRCLE_TOLERANCE_M).length)


def coverage_faults(
    polygons: Sequence[Area], outside: Sequence[Area] = (), *, tolerance_m: float = 1.0
) -> tuple[Fault, ...]:
    """Find where polygons overlap, and what they enclose without covering it.

    Parameters
    ----------
    polygons : sequence of Polygon or MultiPolygon
        Valid polygons. [degree]
    outside : sequence of Polygon or MultiPolygon, optional
        Ground that lies inside but belongs to somebody else; it is not a gap. [degree]
    tolerance_m : float, optional
        Faults whose largest inner circle is not wider than this are the noise of digitising and left out. [m]

    Returns
    -------
    tuple of Fault
        Overlaps first, in order of the two indices; then gaps, the largest first.
    """
    plane = plane_of(polygons)
    shapes = np.array([shapely.transform(polygon, plane.metres) for polygon in polygons], dtype=object)
    overlaps = [*_overlaps(shapes, plane, tolerance_m)]
    union = shapely.union_all(np.array([*shapes, *(_projected(area, plane) for area in outside)], dtype=object))
    gaps = []
    for hole in _holes_of(union):
        around = np.flatnonzero(shapely.dwithin(shapes, hole, GRID_M))
        gap = _fault("gap", tuple(int(i) for i in around), hole, plane)
        if gap.width_m > tolerance_m:
            gaps.append(gap)
    return (*overlaps, *sorted(gaps, key=lambda gap: -gap.area_m2))


def _overlaps(shapes: npt.NDArray[np.object_], plane: Plane, tolerance_m: float) -> list[Fault]:
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    found = []
    for first, second in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if first >= second:
            continue
        common = shapely.intersection(shapes[first], shapes[second])
        if common.area <= GRID_M**2:
            continue
        fault = _fault("overlap", (first, second), common, plane)
        if fault.width_m > tolerance_m:
            found.append(fault)
    return found


def _fault(kind: Literal["overlap", "gap"], members: tuple[int, ...], ground: BaseGeometry, plane: Plane) -> Fault:
    spokes = [shapely.maximum_inscribed_circle(part, _CIRCLE_TOLERANCE_M) for part in polygonal_parts(ground)]
    widest = max(spokes, key=lambda spoke: spoke.length)
    lon, lat = plane.degrees(np.array([widest.coords[0]]))[0]
    return Fault(
        kind=kind,
        members=members,
        area_m2=float(ground.area),
        width_m=2 * widest.length,
        lon=float(lon),
        lat=float(lat),
    )


def polygonal_parts(geometry: BaseGeometry) -> list[Polygon]:
    """Return the polygons of a geometry, one by one."""
    area = polygonal(geometry)
    return [area] if isinstance(area, Polygon) else list(area.geoms)
