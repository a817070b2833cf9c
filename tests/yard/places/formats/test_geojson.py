"""GeoJSON goes out by the book and comes in with every fault named."""

import json
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from madang.numerics.errors import InputError
from madang.yard.places.engine.boundaries import Boundaries, DistrictNames
from madang.yard.places.engine.plane import Plane
from madang.yard.places.formats.bundle import district_read
from madang.yard.places.formats.geojson import boundaries_from, read_geojson, simplified, write_geojson

PLANE = Plane(lon=126.85, lat=35.15)
NAMES = DistrictNames(code="29140", name_ko="서구", name_en="Seo-gu", sido_ko="광주광역시", sido_en="Gwangju")


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """Return a square given in metres as a ring in degrees."""
    corners = np.array([[west, south], [east, south], [east, north], [west, north], [west, south]], dtype=float)
    return [[float(x), float(y)] for x, y in PLANE.degrees(corners)]


def feature(code: object, name: object, *rings: list[list[float]], **more: object) -> dict[str, Any]:
    properties = {key: value for key, value in {"code": code, "name": name, **more}.items() if value is not None}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": list(rings)}}


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


A = feature("29140001", "가동", ring(0, 0, 1000, 1000))
B = feature("29140002", "나동", ring(1000, 0, 2000, 1000))


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read_geojson(data, "dongs.geojson")
    assert "dongs.geojson" in str(caught.value)
    assert caught.value.mend
    return caught.value


def test_two_good_dongs_are_read_and_named() -> None:
    shapes = read_geojson(collection(B, A), "dongs.geojson")
    assert shapes.codes == ("29140001", "29140002")
    assert shapes.names_ko == ("가동", "나동")
    assert shapes.names_en == ("Ga-dong", "Na-dong")
    boundaries = boundaries_from(shapes, NAMES, "administrative")
    assert shapely.coverage_is_valid(np.array(boundaries.polygons, dtype=object))
    assert boundaries.areas_m2 == pytest.approx((1e6, 1e6), rel=1e-4)


def test_numbers_as_codes_bom_heights_and_english_names_are_welcome() -> None:
    high = [[*point, 12.5] for point in ring(0, 0, 1000, 1000)]
    data = b"\xef\xbb\xbf" + collection(feature(29140001, "가동", high, name_en="Gadong"))
    shapes = read_geojson(data, "x")
    assert shapes.codes == ("29140001",)
    assert shapes.names_en == ("Gadong",)
    assert not shapes.polygons[0].has_z


@pytest.mark.parametrize("code", ["29140", "46910", "43710", "48123", "11110"])
def test_what_is_written_reads_back_to_the_same_boundaries(code: str) -> None:
    boundaries = district_read(code)
    data = write_geojson(boundaries)
    again = boundaries_from(read_geojson(data, "b.geojson"), boundaries.district, "legal")
    assert again.digest == boundaries.digest
    assert write_geojson(boundaries) == data


def test_rings_turn_as_rfc_7946_says_and_the_attribution_goes_along() -> None:
    document = json.loads(write_geojson(district_read("29140")))
    assert "국토지리정보원" in document["attribution"]
    assert document["district"] == "29140"
    assert len(document["features"]) == 18
    for item in document["features"]:
        assert set(item["properties"]) == {"code", "name", "name_en", "kind"}
        parts = item["geometry"]["coordinates"]
        for rings in parts if item["geometry"]["type"] == "MultiPolygon" else [parts]:
            assert shapely.LinearRing(rings[0]).is_ccw
            assert all(not shapely.LinearRing(hole).is_ccw for hole in rings[1:])
            assert all(points[0] == points[-1] for points in rings)


def test_simplified_is_smaller_and_still_a_partition() -> None:
    boundaries = district_read("11440")
    shapes = simplified(boundaries)
    assert shapely.coverage_is_valid(np.array(shapes, dtype=object))
    full, simple = write_geojson(boundaries), write_geojson(boundaries, shapes)
    assert len(simple) < 0.4 * len(full)
    assert len(read_geojson(simple, "s").codes) == 26


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"\xff\xfe\x00", "not_utf8", "UTF-8"),
        (b"", "not_json", "line 1"),
        (b'{"type": "FeatureCollection",\n "features": [', "not_json", "line 2"),
        (b"[" * 100_000, "not_json", ""),
        (b"[1, 2]", "not_a_collection", "FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "not_a_collection", "features"),
        (json.dumps(A).encode(), "not_a_collection", "'Feature'"),
        (collection(), "no_dong", "one feature a dong"),
        (collection(None), "geometry_wrong", "features[0]"),
        (collection({"type": "Feature", "properties": {}, "geometry": None}), "geometry_wrong", "Polygon"),
        (
            collection({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [127, 35]}}),
            "geometry_wrong", "'Point'",
        ),
        (
            collection({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[1, 2]]]}}),
            "geometry_broken", "closed rings",
        ),
        (
            collection({"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": "x"}}),
            "geometry_broken", "closed rings",
        ),
        (
            collection({"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": []}}),
            "geometry_empty", "empty",
        ),
        (collection(feature(None, "가동", ring(0, 0, 10, 10))), "code_missing", "features[0].properties.code"),
        (collection(feature(True, "가동", ring(0, 0, 10, 10))), "code_missing", "True"),
        (collection(A, feature("29140002", " ", ring(0, 0, 10, 10))), "name_missing", "features[1].properties.name"),
        (collection(A, feature("29140001", "나동", ring(1000, 0, 2000, 1000))), "code_twice", "29140001"),
    ],
)  # fmt: skip
def test_what_is_no_map_of_dongs_is_refused(data: bytes, code: str, words: str) -> None:
    error = refused(data)
    assert error.code == code
    assert words in str(error)


def test_an_eight_is_no_polygon_and_the_message_says_where() -> None:
    eight = [[126.85, 35.15], [126.86, 35.16], [126.86, 35.15], [126.85, 35.16], [126.85, 35.15]]
    error = refused(collection(feature("29140001", "가동", eight)))
    assert error.code == "polygon_invalid"
    assert "126.855" in str(error)


def test_coordinates_elsewhere_are_refused_with_the_likely_reason() -> None:
    swapped = [[y, x] for x, y in ring(0, 0, 1000, 1000)]
    assert refused(collection(feature("29140001", "가동", swapped))).code == "coordinates_swapped"
    projected = [[x * 1e4, y * 1e4] for x, y in ring(0, 0, 1000, 1000)]
    error = refused(collection(feature("29140001", "가동", projected)))
    assert error.code == "coordinates_projected"
    assert "EPSG:5179" in error.mend
    tokyo = [[x + 13, y] for x, y in ring(0, 0, 1000, 1000)]
    assert refused(collection(feature("29140001", "가동", tokyo))).code == "coordinates_abroad"


def test_an_overlap_names_both_dongs_its_size_and_place() -> None:
    error = refused(collection(A, feature("29140002", "나동", ring(950, 0, 2000, 1000))))
    assert error.code == "dongs_overlap"
    assert "29140001 and 29140002" in str(error)
    assert "50,0" in error.found  # 50,000 m2
    assert "E 35.1" in error.found
    assert "--tolerance" in error.mend


def test_a_hole_that_nobody_fills_is_named_and_one_that_a_dong_fills_is_none() -> None:
    outer, inner = ring(0, 0, 1000, 1000), ring(400, 400, 500, 500)
    holed = feature("29140001", "가동", outer, inner[::-1])
    error = refused(collection(holed, B))
    assert error.code == "dongs_gap"
    assert "29140001" in str(error)
    assert "10,0" in error.found
    assert '"outside": true' in error.mend
    filled = read_geojson(collection(holed, B, feature("29140003", "다동", inner)), "x")
    assert len(filled.codes) == 3
    lake = feature(None, None, inner, outside=True)
    kept = boundaries_from(read_geojson(collection(holed, B, lake), "x"), NAMES, "administrative")
    assert len(kept.polygons[0].interiors) == 1


def test_a_gap_between_dongs_that_others_close_is_found() -> None:
    # Four dongs around a square of ten metres that none has.
    dongs = [
        feature("29140001", "가동", ring(0, 0, 510, 500)), feature("29140002", "나동", ring(510, 0, 1000, 510)),
        feature("29140003", "다동", ring(500, 510, 1000, 1000)), feature("29140004", "라동", ring(0, 500, 500, 1000)),
    ]  # fmt: skip
    error = refused(collection(*dongs))
    assert error.code == "dongs_gap"
    for code in ("29140001", "29140002", "29140003", "29140004"):
        assert code in str(error)
    cleaned = read_geojson(collection(*dongs), "x", tolerance_m=15.0)
    tiles = boundaries_from(cleaned, NAMES, "administrative", tolerance_m=15.0).polygons
    union = shapely.union_all(np.array(tiles, dtype=object))
    assert isinstance(union, Polygon)
    assert not union.interiors


def test_noise_of_digitising_is_cleaned_not_refused() -> None:
    near = feature("29140002", "나동", ring(999.7, 0, 2000, 1000))
    boundaries = boundaries_from(read_geojson(collection(A, near), "x"), NAMES, "administrative")
    assert shapely.coverage_is_valid(np.array(boundaries.polygons, dtype=object))


@pytest.mark.parametrize("code", ["29110001", "2914000", "29140abc", "29140"])
def test_codes_of_another_district_are_refused(code: str) -> None:
    shapes = read_geojson(collection(feature(code, "가동", ring(0, 0, 1000, 1000))), "x")
    with pytest.raises(InputError) as caught:
        boundaries_from(shapes, NAMES, "administrative")
    assert caught.value.code == "code_wrong"
    assert "29140" in caught.value.expected


def test_the_national_data_as_they_are_would_be_refused() -> None:
    raw = Boundaries(
        district=NAMES, kind="legal", source="", codes=("29140001", "29140002"), names_ko=("가동", "나동"),
        names_en=("A", "B"), polygons=(box(126.8, 35.1, 126.9, 35.2), box(126.8995, 35.1, 127.0, 35.2)),
    )  # fmt: skip
    assert refused(write_geojson(raw)).code == "dongs_overlap"
