"""The index says what trying every polygon says."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, box

from madang.numerics.errors import EngineInputError
from madang.yard.places.engine.boundaries import Area
from madang.yard.places.engine.place_index import PlaceIndex
from madang.yard.places.formats.bundle import district_read


def brute_force(polygons: list[Area], lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    found = np.full(len(lon), -1)
    for index in range(len(polygons) - 1, -1, -1):
        found[shapely.intersects_xy(polygons[index], lon, lat)] = index
    return found


def agree(polygons: list[Area], lon: np.ndarray, lat: np.ndarray, cells: int = 4096) -> None:
    index = PlaceIndex(polygons, cells=cells)
    expected = brute_force(polygons, lon, lat)
    assert index.find_many(lon, lat).tolist() == expected.tolist()
    assert [index.find(x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)] == expected.tolist()


def voronoi(seed: int, count: int) -> list[Area]:
    points = np.random.default_rng(seed).uniform((126, 35), (127, 36), (count, 2))
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=box(126, 35, 127, 36))
    tiles = [shapely.intersection(cell, box(126, 35, 127, 36)) for cell in cells.geoms]
    # Join every fourth tile with its successor, so that some are in two parts or enclose others.
    return [shapely.union(tiles[i], tiles[i + 1]) if i % 4 == 0 and i + 1 < len(tiles) else tiles[i]
            for i in range(len(tiles)) if i % 4 != 1]  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.sampled_from([1, 7, 400, 5000]))
def test_random_points_and_every_vertex_on_random_tilings(seed: int, count: int, cells: int) -> None:
    polygons = voronoi(seed, count)
    random = np.random.default_rng(seed)
    vertices = np.vstack([shapely.get_coordinates(polygon) for polygon in polygons])
    middles = (vertices[1:] + vertices[:-1]) / 2
    points = np.vstack([random.uniform((125.9, 34.9), (127.1, 36.1), (300, 2)), vertices, middles])
    agree(polygons, points[:, 0].copy(), points[:, 1].copy(), cells)


@pytest.mark.parametrize("code", ["29140", "46910", "11110", "47940"])
def test_true_districts(code: str) -> None:
    boundaries = district_read(code)
    west, south, east, north = boundaries.bounds
    random = np.random.default_rng(5)
    lon, lat = random.uniform(west - 0.01, east + 0.01, 20_000), random.uniform(south - 0.01, north + 0.01, 20_000)
    vertices = np.vstack([shapely.get_coordinates(polygon) for polygon in boundaries.polygons])[:5000]
    agree(
        list(boundaries.polygons),
        np.concatenate((lon, vertices[:, 0])),
        np.concatenate((lat, vertices[:, 1])),
        cells=1 << 18,
    )


def test_grid_lines_corners_and_what_is_no_point() -> None:
    polygons = [box(126, 35, 127, 36), MultiPolygon([box(127, 35, 128, 36), box(130, 35, 131, 36)])]
    edges = np.array([126.0, 126.5, 127.0, 127.5, 128.0, 129.0, 130.0, 131.0])
    lon, lat = (axis.ravel() for axis in np.meshgrid(edges, np.array([35.0, 35.5, 36.0])))
    agree(polygons, lon, lat, cells=16)
    index = PlaceIndex(polygons)
    assert index.find(127.0, 35.5) == 0  # on the shared border: the lower index
    assert index.find(math.nan, 35.5) == index.find(126.5, math.inf) == -1
    assert index.find_many(np.array([math.nan, math.inf, 126.5]), np.array([35.5, 35.5, 35.5])).tolist() == [-1, -1, 0]
    assert index.find_many(np.empty(0), np.empty(0)).tolist() == []


def test_no_polygon_is_refused() -> None:
    with pytest.raises(EngineInputError):
        PlaceIndex([])
