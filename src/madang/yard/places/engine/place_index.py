"""Point to dong: a grid whose cells know their dong, and exact polygons only where a border passes."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from madang.numerics.errors import EngineInputError
from madang.yard.places.engine.boundaries import Area

OUTSIDE = -1
_CELLS = 1 << 18
_SLACK = 1e-6  # of a cell: far above rounding, far below anything that costs a lookup
_MOST_DONGS = 30_000

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Cells over the bounds: origin, cells per degree, and how many there are."""

    west: float
    south: float
    per_lon: float
    per_lat: float
    columns: int
    rows: int

    @property
    def size(self) -> int:
        return self.columns * self.rows


class PlaceIndex:
    """Finds the dong of a point.

    Parameters
    ----------
    polygons : sequence of Polygon or MultiPolygon
        A clean coverage. [degree]
    cells : int, optional
        About how many grid cells to use; more cells, fewer looks at polygons.

    Notes
    -----
    The answer is the lowest index among the polygons that contain the point or have it on their border, and -1 where
    there is none, exactly as trying every polygon in turn would say. A cell that no border touches (with a millionth of
    a cell to spare) lies wholly in one dong or outside all; the others keep the list of dongs whose border touches
    them, and those prepared polygons are asked. Cells are settled by one exact test per connected region of untouched
    cells.

    Examples
    --------
    >>> index = PlaceIndex([shapely.box(126, 35, 127, 36), shapely.box(127, 35, 128, 36)])
    >>> index.find(126.5, 35.5), index.find(127.0, 35.5), index.find(127.5, 35.5), index.find(129.0, 35.5)
    (0, 0, 1, -1)
    """

    __slots__ = ("_candidates", "_cells", "_codes", "_grid", "_polygons")

    def __init__(self, polygons: Sequence[Area], *, cells: int = _CELLS) -> None:
        if not 0 < len(polygons) < _MOST_DONGS:
            raise EngineInputError(
                "dong_count", f"between 1 and {_MOST_DONGS} polygons are needed", {"n": len(polygons)}
            )
        self._polygons = np.array(polygons, dtype=object)
        shapely.prepare(self._polygons)
        self._grid = _grid(self._polygons, cells)
        touched = _touched(self._polygons, self._grid)
        codes, self._candidates = _settled(self._polygons, self._grid, touched)
        self._codes = codes
        self._cells = memoryview(array("i", codes.tolist()))

    def find(self, lon: float, lat: float) -> int:
        """Return the index of the dong that holds a point, or -1.

        Parameters
        ----------
        lon, lat : float
            The point. [degree]
        """
        grid = self._grid
        x, y = (lon - grid.west) * grid.per_lon, (lat - grid.south) * grid.per_lat
        if not (-_SLACK <= x <= grid.columns + _SLACK and -_SLACK <= y <= grid.rows + _SLACK):  # also refuses NaN
            return OUTSIDE
        column, row = int(x), int(y)
        code = self._cells[min(row, grid.rows - 1) * grid.columns + min(column, grid.columns - 1)]
        if code >= OUTSIDE:
            return code
        for candidate in self._candidates[-2 - code]:
            if shapely.intersects_xy(self._polygons[candidate], lon, lat):
                return candidate
        return OUTSIDE

    def find_many(self, lon: Floats, lat: Floats) -> npt.NDArray[np.int32]:
        """Return the indices of the dongs that hold many points.

        Parameters
        ----------
        lon, lat : ndarray of float64, shape (n,)
            The points. [degree]

        Returns
        -------
        ndarray of int32, shape (n,)
            An index a point, or -1.
        """
        grid = self._grid
        x, y = (lon - grid.west) * grid.per_lon, (lat - grid.south) * grid.per_lat
        inside = (x >= -_SLACK) & (x <= grid.columns + _SLACK) & (y >= -_SLACK) & (y <= grid.rows + _SLACK)
        found = np.full(len(lon), OUTSIDE, np.int32)
        column = np.minimum(x[inside].astype(np.int64), grid.columns - 1)
        row = np.minimum(y[inside].astype(np.int64), grid.rows - 1)
        found[inside] = self._codes[row * grid.columns + column]
        open_points = np.flatnonzero(found < OUTSIDE)
        if len(open_points):
            found[open_points] = self._exact(found[open_points], lon[open_points], lat[open_points])
        return found

    def _exact(self, codes: npt.NDArray[np.int32], lon: Floats, lat: Floats) -> npt.NDArray[np.int32]:
        """Ask the polygons of the border cells, each once for all of its points."""
        members = [self._candidates[-2 - code] for code in codes.tolist()]
        point = np.repeat(np.arange(len(members)), [len(member) for member in members])
        dong = np.concatenate([np.asarray(member, np.int64) for member in members])
        found = np.full(len(codes), len(self._polygons), np.int32)
        for candidate in np.unique(dong):
            asked = point[dong == candidate]
            hit = asked[shapely.intersects_xy(self._polygons[candidate], lon[asked], lat[asked])]
            found[hit] = np.minimum(found[hit], candidate)
        found[found == len(self._polygons)] = OUTSIDE
        return found


def _grid(polygons: npt.NDArray[np.object_], cells: int) -> _Grid:
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(polygons))
    width, height = east - west, (north - south) / math.cos(math.radians((south + north) / 2))
    columns = max(1, round(math.sqrt(cells * width / height)))
    rows = max(1, round(cells / columns))
    return _Grid(
        west=west,
        south=south,
        per_lon=columns / (east - west),
        per_lat=rows / (north - south),
        columns=columns,
        rows=rows,
    )


def _touched(polygons: npt.NDArray[np.object_], grid: _Grid) -> tuple[Ints, Ints]:
    """Return every (cell, polygon) pair where the polygon's border touches the cell, without repeats, sorted."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    xy = (points - (grid.west, grid.south)) * (grid.per_lon, grid.per_lat)
    same = ring[1:] == ring[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    polygon = owner[part[ring[:-1][same]]]
    # One piece of the segment a column, then all rows that the piece passes.
    swap = start[:, 0] > end[:, 0]
    start[swap], end[swap] = end[swap].copy(), start[swap].copy()
    first, last = _span(start[:, 0], end[:, 0], grid.columns)
    segment, column = _expand(first, last)
    low, high = _rows_in_column(start[segment], end[segment], column)
    first, last = _span(np.minimum(low, high), np.maximum(low, high), grid.rows)
    piece, row = _expand(first, last)
    cell = row * grid.columns + column[piece]
    pairs = np.unique(cell * len(polygons) + polygon[segment[piece]])
    return pairs // len(polygons), pairs % len(polygons)


def _span(low: Floats, high: Floats, count: int) -> tuple[Ints, Ints]:
    first = np.clip(np.floor(low - _SLACK), 0, count - 1).astype(np.int64)
    return first, np.clip(np.floor(high + _SLACK), 0, count - 1).astype(np.int64)


def _expand(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return each range's own number and its members, one row a member."""
    counts = last - first + 1
    owner = np.repeat(np.arange(len(first)), counts)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, first[owner] + offset


def _rows_in_column(start: Floats, end: Floats, column: Ints) -> tuple[Floats, Floats]:
    """Return the heights at which a segment enters and leaves a column of cells."""
    width = end[:, 0] - start[:, 0]
    slope = np.divide(end[:, 1] - start[:, 1], width, out=np.zeros_like(width), where=width > _SLACK)
    enters = start[:, 1] + slope * (np.clip(column - _SLACK, start[:, 0], end[:, 0]) - start[:, 0])
    leaves = start[:, 1] + slope * (np.clip(column + 1 + _SLACK, start[:, 0], end[:, 0]) - start[:, 0])
    steep = width <= _SLACK
    return np.where(steep, start[:, 1], enters), np.where(steep, end[:, 1], leaves)


def _settled(
    polygons: npt.NDArray[np.object_], grid: _Grid, touched: tuple[Ints, Ints]
) -> tuple[npt.NDArray[np.int32], tuple[tuple[int, ...], ...]]:
    """Give each cell its dong, -1 for outside, or -2 - k for the k-th list of candidates."""
    cell, polygon = touched
    codes = np.full(grid.size, OUTSIDE, np.int32)
    border, starts = np.unique(cell, return_index=True)
    lists: dict[tuple[int, ...], int] = {}
    members = [tuple(group.tolist()) for group in np.split(polygon, starts[1:])]
    codes[border] = [-2 - lists.setdefault(member, len(lists)) for member in members]
    free = np.ones(grid.size, bool)
    free[border] = False
    # A process that only reads places never loads SciPy.
    from scipy import ndimage

    label, count = ndimage.label(free.reshape(grid.rows, grid.columns))
    regions = label.ravel()
    sample = np.zeros(count + 1, np.int64)
    sample[regions] = np.arange(grid.size)
    lon = grid.west + (sample % grid.columns + 0.5) / grid.per_lon
    lat = grid.south + (sample // grid.columns + 0.5) / grid.per_lat
    answer = np.full(count + 1, OUTSIDE, np.int32)
    for index in range(len(polygons) - 1, -1, -1):
        answer[shapely.intersects_xy(polygons[index], lon, lat)] = index
    codes[free] = answer[regions[free]]
    return codes, tuple(lists)
