"""Metres are metres."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from madang.yard.places.engine.plane import Plane, area_m2, plane_of


def test_a_degree_at_the_equator_and_at_45_north_is_as_long_as_the_tables_say() -> None:
    # Lengths of a degree on WGS 84, National Geospatial-Intelligence Agency's calculator.
    assert Plane(lon=0, lat=0).scale == pytest.approx((111_319.5, 110_574.3), abs=0.1)
    assert Plane(lon=0, lat=45).scale == pytest.approx((78_846.8, 111_131.8), abs=0.1)


@given(st.floats(124, 132), st.floats(33, 39), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_there_and_back_is_here(lon: float, lat: float, east: float, north: float) -> None:
    plane = Plane(lon=lon, lat=lat)
    point = np.array([[lon + east, lat + north]])
    assert plane.degrees(plane.metres(point)) == pytest.approx(point, abs=1e-11)


def test_area_of_a_cell_equals_the_ellipsoid_s() -> None:
    # Area between parallels of an ellipsoid in closed form, times the width.
    a, e2 = 6_378_137.0, 6.69437999014133e-3
    e = math.sqrt(e2)

    def q(degrees: float) -> float:
        s = math.sin(math.radians(degrees))
        return (1 - e2) * (s / (1 - e2 * s * s) + math.atanh(e * s) / e)

    exact = a * a / 2 * math.radians(0.1) * (q(35.2) - q(35.1))
    assert area_m2(box(126.8, 35.1, 126.9, 35.2)) == pytest.approx(exact, rel=1e-5)


def test_a_centimetre_does_not_move_the_plane() -> None:
    assert plane_of([box(126.8, 35.1, 126.93, 35.2)]) == plane_of([box(126.8000001, 35.1, 126.9300001, 35.2)])
