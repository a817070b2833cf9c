"""Boundaries as GeoJSON (RFC 7946): written with the right-hand rule, read with every fault named.

References
----------
Butler, H. et al. (2016), "The GeoJSON Format", RFC 7946, doi:10.17487/RFC7946.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Polygon

from madang.numerics.errors import InputError, Place
from madang.yard.places.engine.boundaries import Area, Boundaries, DistrictNames, Kind
from madang.yard.places.engine.coverage import DEGREE_DECIMALS, Fault, clean_coverage, coverage_faults, polygonal
from madang.yard.places.engine.romanise import romanise_place

# Korea with its farthest islands: Marado, Baengnyeongdo, Dokdo, and the northern end of Goseong.
KOREA = (124.0, 32.9, 132.1, 38.8)
_LONGEST_ATTRIBUTION = 600
_AREAS = frozenset({"Polygon", "MultiPolygon"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DongShapes:
    """What a GeoJSON file says of a district: checked one by one and against each other.

    Attributes
    ----------
    file : str
        Name of the file.
    attribution : str
        What the file says of its source (the member "attribution"), or nothing.
    codes, names_ko, names_en : tuple of str
        The dongs, ascending by code.
    polygons : tuple of Polygon or MultiPolygon
        Their shapes. [degree]
    outside : tuple of Polygon or MultiPolygon
        Ground inside the district that is nobody's dong (a lake, an enclave): features with `"outside": true`. [degree]
    """

    file: str
    attribution: str
    codes: tuple[str, ...]
    names_ko: tuple[str, ...]
    names_en: tuple[str, ...]
    polygons: tuple[Area, ...]
    outside: tuple[Area, ...]


def write_geojson(boundaries: Boundaries, shapes: Sequence[Area] | None = None) -> bytes:
    """Write boundaries as a FeatureCollection.

    Parameters
    ----------
    boundaries : Boundaries
        What to write.
    shapes : sequence of Polygon or MultiPolygon, optional
        Simplified polygons to write in place of the exact ones, in the same order. [degree]

    Returns
    -------
    bytes
        UTF-8; one feature a line; nine decimals, which the exact polygons survive unchanged. Enclosed ground that is
        nobody's dong is written as features with `"outside": true`, so that reading finds no gap.
    """
    polygons = boundaries.polygons if shapes is None else tuple(shapes)
    names = zip(boundaries.codes, boundaries.names_ko, boundaries.names_en, strict=True)
    features = [
        _feature({"code": code, "name": korean, "name_en": english, "kind": boundaries.kind}, polygon)
        for (code, korean, english), polygon in zip(names, polygons, strict=True)
    ]
    features += [_feature({"outside": True}, Polygon(hole)) for hole in _holes(polygons)]
    head = {
        "type": "FeatureCollection",
        "district": boundaries.district.code,
        "name": f"{boundaries.district.sido_ko} {boundaries.district.name_ko}",
        "attribution": boundaries.source,
    }
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [\n{lines}\n]}}\n'.encode()


def simplified(boundaries: Boundaries, tolerance_m: float = 10.0) -> tuple[Area, ...]:
    """Return polygons with fewer vertices whose shared borders stay shared.

    Parameters
    ----------
    boundaries : Boundaries
        A clean coverage.
    tolerance_m : float, optional
        Side of the square whose area a vertex must matter by to be kept. [m]
    """
    metres_a_degree = 100_000.0  # between the degrees of longitude and of latitude at 36 north
    shapes = shapely.coverage_simplify(np.array(boundaries.polygons, dtype=object), tolerance_m / metres_a_degree)
    return tuple(polygonal(shape) for shape in shapes)


def _holes(polygons: Sequence[Area]) -> list[shapely.LinearRing]:
    union = shapely.coverage_union_all(np.array(polygons, dtype=object))
    return [ring for part in shapely.get_parts(union) for ring in part.interiors]


def _feature(properties: dict[str, Any], polygon: Area) -> dict[str, Any]:
    geometry = json.loads(shapely.to_geojson(shapely.orient_polygons(polygon, exterior_cw=False)))
    geometry["coordinates"] = _rounded(geometry["coordinates"])
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _rounded(value: Any) -> Any:  # noqa: ANN401  # nested lists of any depth
    return round(value, DEGREE_DECIMALS) if isinstance(value, float) else [_rounded(item) for item in value]


def read_geojson(data: bytes, file_name: str, *, tolerance_m: float = 1.0) -> DongShapes:
    """Read dongs and check that they tile the ground.

    Parameters
    ----------
    data : bytes
        A FeatureCollection of Polygons and MultiPolygons with the properties `code` and `name` (and perhaps `name_en`);
        features with `"outside": true` mark enclosed ground that is nobody's dong.
    file_name : str
        Name to speak of in errors.
    tolerance_m : float, optional
        Gaps and overlaps up to this width are the noise of digitising: they are cleaned, not refused. [m]

    Raises
    ------
    InputError
        Saying which feature is at fault, what was found and how to mend it.
    """
    document = _document(data, file_name)
    found: dict[str, tuple[str, str, Area]] = {}
    outside: list[Area] = []
    for number, feature in enumerate(document["features"]):
        at = f"features[{number}]"
        properties = feature.get("properties") if isinstance(feature, dict) else None
        properties = properties if isinstance(properties, dict) else {}
        polygon = _polygon(feature, Place(file=file_name, field=f"{at}.geometry"))
        if properties.get("outside") is True:
            outside.append(polygon)
            continue
        code = _text(properties, "code", Place(file=file_name, field=f"{at}.properties.code"))
        name = _text(properties, "name", Place(file=file_name, field=f"{at}.properties.name"))
        if code in found:
            raise InputError(
                "code_twice", Place(file=file_name, field=f"{at}.properties.code"), found=f"{code} a second time",
                expected="each dong once", mend="Join its parts into one MultiPolygon, or correct the code.",
            )  # fmt: skip
        english = properties.get("name_en")
        found[code] = (name, english if isinstance(english, str) and english else romanise_place(name), polygon)
    if not found:
        raise InputError(
            "no_dong", Place(file=file_name, field="features"), found="no dong", expected="one feature a dong",
            mend="Export the layer that holds the dongs.",
        )  # fmt: skip
    codes = tuple(sorted(found))
    polygons = tuple(found[code][2] for code in codes)
    _refuse_faults(codes, coverage_faults(polygons, outside, tolerance_m=tolerance_m), file_name)
    return DongShapes(
        file=file_name,
        attribution=_attribution(document),
        codes=codes,
        names_ko=tuple(found[code][0] for code in codes),
        names_en=tuple(found[code][1] for code in codes),
        polygons=polygons,
        outside=tuple(outside),
    )


def boundaries_from(shapes: DongShapes, district: DistrictNames, kind: Kind, *, tolerance_m: float = 1.0) -> Boundaries:
    """Make a district's boundaries of what a file says: clean the borders and check that the codes are the district's.

    Raises
    ------
    InputError
        If a code does not begin with the district's.
    """
    for code in shapes.codes:
        if not (code.isascii() and code.isdigit() and len(code) in {8, 10} and code.startswith(district.code)):
            raise InputError(
                "code_wrong", Place(file=shapes.file, field="code"), found=repr(code),
                expected=f"8 or 10 digits that begin with the district's code {district.code}",
                mend="Use the official codes, and the file of this district.",
            )  # fmt: skip
    return Boundaries(
        district=district,
        kind=kind,
        source=f"Imported from {shapes.file[:100]}" + (f": {shapes.attribution}" if shapes.attribution else ""),
        codes=shapes.codes,
        names_ko=shapes.names_ko,
        names_en=shapes.names_en,
        polygons=clean_coverage(shapes.polygons, shapes.outside, gap_width_m=2 * tolerance_m).polygons,
    )


def _document(data: bytes, file_name: str) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(
            "not_utf8", Place(file=file_name), found="bytes that are not UTF-8", expected="UTF-8 text",
            mend="Export the layer as GeoJSON with UTF-8 encoding.",
        ) from error  # fmt: skip
    except json.JSONDecodeError as error:
        raise InputError(
            "not_json", Place(file=file_name, line=error.lineno), found=f"text that is not JSON ({error.msg})",
            expected="a GeoJSON FeatureCollection", mend="Export the layer again; the file may be cut off.",
        ) from error  # fmt: skip
    except RecursionError as error:
        raise InputError(
            "not_json", Place(file=file_name), found="JSON nested beyond any map", expected="a FeatureCollection",
            mend="Export the layer again.",
        ) from error  # fmt: skip
    kind = document.get("type") if isinstance(document, dict) else None
    if kind != "FeatureCollection" or not isinstance(document.get("features"), list):
        raise InputError(
            "not_a_collection", Place(file=file_name, field="type"), found=repr(kind),
            expected="'FeatureCollection' with a list of features", mend="Export the whole layer as GeoJSON.",
        )  # fmt: skip
    return dict(document)


def _attribution(document: dict[str, Any]) -> str:
    """Return what a file says of its source, less what an earlier import of it put before."""
    said = document.get("attribution")
    return said.removeprefix("Imported from ")[:_LONGEST_ATTRIBUTION] if isinstance(said, str) else ""


def _text(properties: dict[str, Any], key: str, at: Place) -> str:
    value = properties.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and key == "code":
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise InputError(
            f"{key}_missing", at, found="nothing" if value is None else repr(value), expected=f"a text called {key!r}",
            mend=f"Rename the attribute that holds the dong's {key} to {key!r}.",
        )  # fmt: skip
    return value.strip()


def _polygon(feature: Any, at: Place) -> Area:  # noqa: ANN401  # any JSON value
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(kind, str) or kind not in _AREAS:
        raise InputError(
            "geometry_wrong", at, found=repr(kind), expected="Polygon or MultiPolygon",
            mend="Keep only the areas of the dongs in the layer.",
        )  # fmt: skip
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, ValueError) as error:
        raise InputError(
            "geometry_broken", at, found="coordinates that make no polygon",
            expected="closed rings of at least four positions", mend="Repair the shape in a GIS.",
        ) from error  # fmt: skip
    if shape.is_empty:
        raise InputError("geometry_empty", at, found="an empty shape", expected="an area", mend="Remove the feature.")
    _check_place(shape, at)
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape)
        raise InputError(
            "polygon_invalid", at, found=f"a polygon that is not valid ({reason})",
            expected="rings that do not cross themselves or each other", mend="Run 'fix geometries' in a GIS.",
        )  # fmt: skip
    return polygonal(shapely.force_2d(shape))


def _check_place(shape: Area, at: Place) -> None:
    """Refuse what does not lie in Korea, and say why it does not if that can be seen."""
    west, south, east, north = shape.bounds
    if _in_korea(west, south, east, north):
        return
    if _in_korea(south, west, north, east):
        raise InputError(
            "coordinates_swapped", at, found=f"({west:.4f}, {south:.4f})", expected="longitude first, then latitude",
            mend="Swap the axes when exporting.",
        )  # fmt: skip
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InputError(
            "coordinates_projected", at, found=f"({west:.1f}, {south:.1f}), which are metres or not numbers",
            expected="degrees of WGS 84 (EPSG:4326)",
            mend="Reproject the layer to EPSG:4326 when exporting (Korean files are often EPSG:5179 or EPSG:5186).",
        )  # fmt: skip
    raise InputError(
        "coordinates_abroad", at, found=f"({west:.4f}, {south:.4f})",
        expected=f"longitude {KOREA[0]} to {KOREA[2]} and latitude {KOREA[1]} to {KOREA[3]}",
        mend="Check the coordinate system of the layer.",
    )  # fmt: skip


def _in_korea(west: float, south: float, east: float, north: float) -> bool:
    return KOREA[0] <= west <= east <= KOREA[2] and KOREA[1] <= south <= north <= KOREA[3]


def _refuse_faults(codes: Sequence[str], faults: Sequence[Fault], file_name: str) -> None:
    if not faults:
        return
    fault = faults[0]
    size = f"{fault.area_m2:,.0f} m2, {fault.width_m:.1f} m wide, around {fault.lon:.5f} E {fault.lat:.5f} N"
    more = f" ({len(faults) - 1} more places like it)" if len(faults) > 1 else ""
    members = " and ".join(codes[index] for index in fault.members[:6])
    if fault.kind == "overlap":
        raise InputError(
            "dongs_overlap", Place(file=file_name, field=members), found=f"{members} overlapping by {size}{more}",
            expected="ground that belongs to one dong", mend="Snap the borders in a GIS, or allow a wider --tolerance.",
        )  # fmt: skip
    raise InputError(
        "dongs_gap", Place(file=file_name, field=members), found=f"a gap of {size} between {members}{more}",
        expected="no hole that no dong fills",
        mend="Close it in a GIS, or add it as a feature with the property \"outside\": true if it is no dong's ground.",
    )  # fmt: skip
