"""Tiles of a map server under a drawn map, where the district names such a server; without one, maps need none."""

import math
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

# Sixteen tiles cover any map with at least 512 pixels across.
_MOST_TILES: Final = 16
_DEEPEST: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What a map's view box covers: longitudes and latitudes of its edges in WGS 84 [degree]."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture and where it lies in the view box."""

    href: str
    x: float
    y: float
    width: float
    height: float


def tiles_under(template: str, box: Box, width: float, height: float) -> tuple[Tile, ...]:
    """Return the tiles that lie under a map.

    Parameters
    ----------
    template : str
        Address with {z}, {x} and {y}; empty for no tiles.
    box : Box
        What the view box covers.
    width, height : float
        Size of the view box.

    Notes
    -----
    Tiles are cut in Web Mercator, the map is equirectangular: within a district of 10 km the two differ by less than a
    thousandth of its height, so each tile is placed by its own corners.

    References
    ----------
    OGC 17-083r2, Two Dimensional Tile Matrix Set, annex D.1 (WebMercatorQuad).
    """
    if not template:
        return ()
    zoom, columns, rows = _matrix(box)
    across, down = width / (box.east - box.west), height / (box.north - box.south)
    found = []
    for row in rows:
        north, south = _latitude(row, zoom), _latitude(row + 1, zoom)
        for column in columns:
            west, east = _longitude(column, zoom), _longitude(column + 1, zoom)
            found.append(
                Tile(
                    href=template.replace("{z}", str(zoom)).replace("{x}", str(column)).replace("{y}", str(row)),
                    x=(west - box.west) * across,
                    y=(box.north - north) * down,
                    width=(east - west) * across,
                    height=(north - south) * down,
                )
            )
    return tuple(found)


def tile_origin(template: str) -> tuple[str, ...]:
    """Return the origin that the content security policy has to allow; empty where there are no tiles."""
    parts = urlsplit(template)
    return (f"{parts.scheme}://{parts.netloc}",) if parts.netloc else ()


def _matrix(box: Box) -> tuple[int, range, range]:
    """Return the deepest zoom whose tiles over the box are few enough, with their columns and rows."""
    for zoom in range(_DEEPEST, -1, -1):
        columns = range(_column(box.west, zoom), _column(box.east, zoom) + 1)
        rows = range(_row(box.north, zoom), _row(box.south, zoom) + 1)
        if len(columns) * len(rows) <= _MOST_TILES:
            return zoom, columns, rows
    return 0, range(1), range(1)


def _column(longitude: float, zoom: int) -> int:
    return int((longitude + 180) / 360 * (1 << zoom))


def _row(latitude: float, zoom: int) -> int:
    return int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * (1 << zoom))


def _longitude(column: int, zoom: int) -> float:
    return column / (1 << zoom) * 360 - 180


def _latitude(row: int, zoom: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / (1 << zoom)))))
