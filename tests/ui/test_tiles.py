"""Tiles under a map: the right ones, in the right place, and none where no server is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.ui.tiles import Box, tile_origin, tiles_under

TEMPLATE = "https://tiles.example/{z}/{x}/{y}.png"
# The view box of a district of ten kilometres around 126.85 E, 35.13 N.
BOX = Box(west=126.80, south=35.08, east=126.92, north=35.18)


def test_no_server_no_tiles() -> None:
    assert tiles_under("", BOX, 560, 548) == ()
    assert tile_origin("") == ()


def test_the_origin_alone_is_allowed() -> None:
    assert tile_origin(TEMPLATE) == ("https://tiles.example",)


def test_tiles_of_a_known_place() -> None:
    """126.85 E: (126.85 + 180) / 360 * 8192 = 6982.5. 35.13 N: (1 - asinh(0.7036) / pi) / 2 * 8192 = 3240.6."""
    tiles = tiles_under(TEMPLATE, BOX, 560, 548)
    assert "https://tiles.example/13/6982/3240.png" in [tile.href for tile in tiles]


@given(st.floats(124, 131), st.floats(33, 38.5), st.floats(0.01, 0.5), st.floats(0.01, 0.5))
def test_tiles_cover_the_map_and_are_few(west: float, south: float, wide: float, tall: float) -> None:
    tiles = tiles_under(TEMPLATE, Box(west=west, south=south, east=west + wide, north=south + tall), 600, 500)
    assert 1 <= len(tiles) <= 16
    assert min(tile.x for tile in tiles) <= 1e-6
    assert min(tile.y for tile in tiles) <= 1e-6
    assert max(tile.x + tile.width for tile in tiles) >= 600 - 1e-6
    assert max(tile.y + tile.height for tile in tiles) >= 500 - 1e-6


@pytest.mark.parametrize("axis", ["x", "y"])
def test_neighbours_touch(axis: str) -> None:
    tiles = tiles_under(TEMPLATE, BOX, 560, 548)
    size = {"x": "width", "y": "height"}[axis]
    starts = sorted({round(getattr(tile, axis), 6) for tile in tiles})
    ends = sorted({round(getattr(tile, axis) + getattr(tile, size), 6) for tile in tiles})
    assert starts[1:] == pytest.approx(ends[:-1])
