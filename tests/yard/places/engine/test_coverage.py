"""Borders are shared, nothing overlaps, nothing inside is left over."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from madang.numerics.errors import EngineInputError
from madang.yard.places.engine.boundaries import Area
from madang.yard.places.engine.coverage import clean_coverage, coverage_faults, polygonal
from madang.yard.places.engine.plane import Plane, area_m2

PLANE = Plane(lon=126.85, lat=35.15)


def at(shape: Area) -> Area:
    """Put a shape in metres on the ground."""
    return shapely.transform(shape, PLANE.degrees)


def test_an_overlap_goes_to_the_smaller_and_a_sliver_to_the_longest_border() -> None:
    left, right = at(box(0, 0, 1000, 1000)), at(box(980, 0, 1500, 1000))  # 20 m of overlap
    cleaned = clean_coverage([left, right])
    areas = [area_m2(polygon) for polygon in cleaned.polygons]
    assert cleaned.overlap_m2 == pytest.approx(20_000, rel=1e-4)
    assert areas == pytest.approx([980_000, 520_000], rel=1e-4)
    top = at(box(0, 1000, 1500, 2000))
    gap = at(box(100, 990, 1400, 1000))  # ten metres that nobody claims, 1300 m along all three
    cleaned = clean_coverage([shapely.difference(left, gap), shapely.difference(right, gap), top])
    assert cleaned.gap_m2 == pytest.approx(13_000, rel=1e-2)
    assert area_m2(cleaned.polygons[2]) == pytest.approx(1_513_000, rel=1e-3)


def test_a_wide_hole_stays_and_a_narrow_one_that_others_fill_stays_too() -> None:
    ring = shapely.difference(box(0, 0, 2000, 2000), box(500, 500, 1000, 1000))
    ring = shapely.difference(ring, box(1500, 1500, 1540, 1540))
    assert clean_coverage([at(ring)]).gap_m2 == pytest.approx(1600, rel=0.01)
    kept = clean_coverage([at(ring)], [at(box(1500, 1500, 1540, 1540))])
    assert kept.gap_m2 == pytest.approx(0, abs=0.1)
    assert len(kept.polygons[0].interiors) == 2


def test_islands_and_a_dong_inside_another_survive() -> None:
    outer = shapely.difference(box(0, 0, 1000, 1000), box(300, 300, 600, 600))
    islands = MultiPolygon([outer, box(2000, 0, 2100, 100), box(2200, 0, 2210, 10)])
    cleaned = clean_coverage([at(islands), at(box(300, 300, 600, 600))])
    assert len(cleaned.polygons[0].geoms) == 3
    assert area_m2(cleaned.polygons[1]) == pytest.approx(90_000, rel=1e-4)
    assert shapely.coverage_is_valid(np.array(cleaned.polygons, dtype=object))


def test_a_dong_under_another_is_refused() -> None:
    with pytest.raises(EngineInputError) as refused:
        clean_coverage([at(box(0, 0, 10, 10)), at(box(0, 0, 10, 10))])
    assert refused.value.code == "no_area"
    with pytest.raises(EngineInputError):
        polygonal(shapely.Point(1, 1))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-8, 8), st.integers(-8, 8)), min_size=16, max_size=16), st.integers(0, 2**32 - 1))
def test_any_jittered_quilt_becomes_a_partition_and_stays_one(jitter: list[tuple[int, int]], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(16)
    squares = [
        at(box(x * 200 + dx, y * 200 + dy, x * 200 + 200 - dy, y * 200 + 200 - dx))
        for (x, y), (dx, dy) in zip([(i % 4, i // 4) for i in range(16)], jitter, strict=True)
    ]
    given_squares = [squares[i] for i in order]
    cleaned = clean_coverage(given_squares)
    tiles = np.array(cleaned.polygons, dtype=object)
    assert shapely.is_valid(tiles).all()
    assert shapely.coverage_is_valid(tiles)
    assert coverage_faults(cleaned.polygons, tolerance_m=0.02) == ()
    claimed = shapely.transform(shapely.union_all(np.array(given_squares, dtype=object)), PLANE.metres)
    covered = shapely.transform(shapely.union_all(tiles), PLANE.metres)
    assert shapely.difference(claimed, covered).area < 200  # a centimetre along the borders
    assert shapely.area(shapely.transform(tiles, PLANE.metres)).sum() == pytest.approx(
        claimed.area + cleaned.gap_m2, rel=1e-3
    )
    again = clean_coverage(cleaned.polygons)
    assert [tile.wkb for tile in again.polygons] == [tile.wkb for tile in cleaned.polygons]


def test_faults_are_found_measured_and_placed() -> None:
    left, right = box(0, 0, 100, 100), box(90, 0, 200, 100)
    (fault,) = coverage_faults([at(left), at(right)])
    assert (fault.kind, fault.members) == ("overlap", (0, 1))
    assert fault.area_m2 == pytest.approx(1000, rel=1e-3)
    assert fault.width_m == pytest.approx(10, rel=1e-2)
    x, _y = PLANE.metres(np.array([[fault.lon, fault.lat]]))[0]
    assert x == pytest.approx(95, abs=0.5)
    ring = shapely.difference(box(0, 0, 300, 300), box(100, 100, 150, 200))
    (fault,) = coverage_faults([at(ring), at(box(300, 0, 400, 300))])
    assert (fault.kind, fault.members) == ("gap", (0,))
    assert fault.area_m2 == pytest.approx(5000, rel=1e-3)
    assert coverage_faults([at(ring), at(box(100, 100, 150, 200))]) == ()
    assert coverage_faults([at(ring)], [at(box(100, 100, 150, 200))]) == ()
    assert coverage_faults([at(left), at(right)], tolerance_m=11) == ()


def test_neighbours_that_only_touch_are_no_fault() -> None:
    assert coverage_faults([at(box(0, 0, 10, 10)), at(box(10, 0, 20, 10)), at(box(20, 10, 30, 20))]) == ()
    bowtie = [at(Polygon([(0, 0), (10, 0), (5, 5)])), at(Polygon([(0, 10), (10, 10), (5, 5)]))]
    assert coverage_faults(bowtie) == ()
