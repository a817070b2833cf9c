"""The door between the rows of places and boundaries."""

import shapely

from madang.yard.places.engine.boundaries import Boundaries, DistrictNames
from madang.yard.places.engine.drawing import Drawing, draw, label_points
from madang.yard.places.models import District, Dong, DongKind

# What a dong's row takes from its boundaries; a population counted within others is forgotten.
DRAWN_FIELDS = (
    "name_ko", "name_en", "kind", "boundary", "outline", "label_x", "label_y", "lon", "lat", "area_m2", "population",
)  # fmt: skip


def names_of(district: District) -> DistrictNames:
    """Return a district's names as engines take them."""
    return DistrictNames(
        code=district.code,
        name_ko=district.name_ko,
        name_en=district.name_en,
        sido_ko=district.sido_ko,
        sido_en=district.sido_en,
    )


def boundaries_of(district: District) -> Boundaries:
    """Read a district's dongs as boundaries, in one query, ordered by code."""
    rows = list(district.dongs.order_by("code").values_list("code", "name_ko", "name_en", "boundary"))
    return Boundaries(
        district=names_of(district),
        kind="legal" if district.kind == DongKind.LEGAL else "administrative",
        source=district.source,
        codes=tuple(row[0] for row in rows),
        names_ko=tuple(row[1] for row in rows),
        names_en=tuple(row[2] for row in rows),
        polygons=tuple(shapely.from_wkb([bytes(row[3]) for row in rows])),
    )


def district_row(district: District, boundaries: Boundaries, drawing: Drawing) -> District:
    """Write onto a district's row, unsaved, what its boundaries say."""
    names = boundaries.district
    district.code, district.name_ko, district.name_en = names.code, names.name_ko, names.name_en
    district.sido_ko, district.sido_en = names.sido_ko, names.sido_en
    district.kind, district.source = boundaries.kind, boundaries.source
    district.boundary_digest = boundaries.digest
    district.area_m2 = sum(boundaries.areas_m2)
    district.map_width, district.map_height = drawing.width, drawing.height
    return district


def dong_rows(district: District, boundaries: Boundaries, drawing: Drawing) -> list[Dong]:
    """Return a row a dong, unsaved, in the order of the codes."""
    points = label_points(boundaries)
    return [
        Dong(
            district=district,
            code=code,
            name_ko=boundaries.names_ko[index],
            name_en=boundaries.names_en[index],
            kind=boundaries.kind,
            boundary=shapely.to_wkb(boundaries.polygons[index], byte_order=1),
            outline=drawing.paths[index],
            label_x=float(drawing.labels[index][0]),
            label_y=float(drawing.labels[index][1]),
            lon=float(points[index][0]),
            lat=float(points[index][1]),
            area_m2=area,
        )
        for index, (code, area) in enumerate(zip(boundaries.codes, boundaries.areas_m2, strict=True))
    ]


def drawn(boundaries: Boundaries) -> Drawing:
    """Draw boundaries within the budget of a page."""
    return draw(boundaries)
