"""Drawings are small, whole and true to the ground."""

import re

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from madang.yard.places.engine.boundaries import Boundaries, DistrictNames
from madang.yard.places.engine.drawing import budget_bytes, draw, label_points
from madang.yard.places.formats.bundle import district_read

NAMES = DistrictNames(code="99999", name_ko="가", name_en="Ga", sido_ko="나", sido_en="Na")


def polygons_of(path: str) -> list[Polygon]:
    """Read a path of `M x y l dx dy ... z` rings back."""
    rings = []
    for ring in path.split("z")[:-1]:
        start, steps = ring.removeprefix("M").split("l")
        numbers = [int(number) for number in re.findall(r"-?\d+", steps)]
        first = [int(number) for number in start.split()]
        rings.append(Polygon(np.cumsum([first, *np.reshape(numbers, (-1, 2)).tolist()], axis=0)))
    return rings


def test_two_squares_are_drawn_as_two_squares() -> None:
    ground = Boundaries(
        district=NAMES, kind="legal", source="", codes=("1", "2"), names_ko=("가", "나"), names_en=("A", "B"),
        polygons=(box(126.0, 35.0, 126.1, 35.1), box(126.1, 35.0, 126.2, 35.1)),
    )  # fmt: skip
    drawing = draw(ground)
    assert drawing.width == 1600
    left, right = (polygons_of(path)[0] for path in drawing.paths)
    assert left.bounds[0] == 8
    assert left.bounds[2] == right.bounds[0] == 800
    assert right.bounds[2] == 1592
    assert left.bounds[3] - left.bounds[1] == pytest.approx(drawing.height - 16, abs=1)
    assert drawing.labels[0][0] == pytest.approx((8 + 800) / 2, abs=3)
    assert left.boundary.distance(shapely.Point(drawing.labels[0])) == pytest.approx(396, abs=1)


@pytest.mark.parametrize("code", ["29140", "11440", "11110", "46910", "47170", "47940", "28720"])
def test_every_kind_of_district_fits_its_budget_and_its_ground(code: str) -> None:
    boundaries = district_read(code)
    drawing = draw(boundaries)
    assert drawing.byte_count <= budget_bytes(len(boundaries))
    assert max(drawing.width, drawing.height) == 1600
    for path, area, label in zip(drawing.paths, boundaries.areas_m2, drawing.labels, strict=True):
        drawn = sum(shapely.area(polygons_of(path)))
        assert drawn > 0
        if len(boundaries) < 30 and len(polygons_of(path)) == 1 and drawn > 1000:
            assert drawn * drawing.metres_per_unit**2 == pytest.approx(area, rel=0.06)
        assert (label >= 0).all()
        assert (label <= (drawing.width, drawing.height)).all()
    for point, polygon in zip(label_points(boundaries), boundaries.polygons, strict=True):
        assert shapely.contains_xy(polygon, *point)


def test_seo_gu_takes_a_third_of_what_it_may() -> None:
    drawing = draw(district_read("29140"))
    assert drawing.byte_count < 5_000
    assert len(drawing.paths) == 18


def test_shared_borders_stay_shared_when_simplified_hard() -> None:
    boundaries = district_read("29140")
    rough = draw(boundaries, budget=1_500)
    assert rough.byte_count <= 1_500
    tiles = [polygons_of(path)[0] for path in rough.paths]
    union = shapely.union_all(np.array(tiles, dtype=object))
    # Rounding to whole units may fold a corner by a unit; more would be a torn border.
    assert sum(tile.area for tile in tiles) == pytest.approx(union.area, rel=2e-3)
    assert not [hole for part in shapely.get_parts(union) for hole in part.interiors if Polygon(hole).area > 4]
