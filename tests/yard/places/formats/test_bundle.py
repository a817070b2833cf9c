"""Any district of Korea can be read, and what is not one is refused with a hint."""

import numpy as np
import pytest
import shapely

from madang.numerics.errors import EngineInputError
from madang.yard.places.engine.coverage import coverage_faults
from madang.yard.places.engine.plane import area_m2
from madang.yard.places.formats.bundle import district_read, districts


def test_seo_gu_is_whole() -> None:
    boundaries = district_read("29140")
    assert len(boundaries) == 18
    assert boundaries.district.name_ko == "서구"
    assert boundaries.district.name_en == "Seo-gu"
    assert (boundaries.district.sido_ko, boundaries.district.sido_en) == ("광주광역시", "Gwangju")
    assert dict(zip(boundaries.names_ko, boundaries.names_en, strict=True))["치평동"] == "Chipyeong-dong"
    assert sum(boundaries.areas_m2) / 1e6 == pytest.approx(47.5, abs=0.3)  # km2, as the district states it
    assert "국토지리정보원" in boundaries.source
    assert boundaries.digest == district_read("29140").digest


# Islands by the hundred, enclaves, a city around a city, alleys, two myeons and an eup, a name mended.
SAMPLE = ["11110", "26440", "27230", "28720", "29170", "36110", "41271", "42780", "43710", "44270", "45140", "46110",
          "46130", "46820", "46910", "47940", "48123", "48125", "48850", "50110"]  # fmt: skip


@pytest.mark.parametrize("code", SAMPLE)
def test_a_district_is_a_partition(code: str) -> None:
    boundaries = district_read(code)
    tiles = np.array(boundaries.polygons, dtype=object)
    assert shapely.is_valid(tiles).all()
    assert shapely.coverage_is_valid(tiles)
    narrow = [fault for fault in coverage_faults(boundaries.polygons, tolerance_m=0.05) if fault.width_m < 149]
    # Only a hole that another district fills may be narrow: the enclave of 48123.
    assert len(narrow) == (1 if code == "48123" else 0)
    assert shapely.area(tiles).sum() == pytest.approx(shapely.union_all(tiles).area, rel=1e-9)


def test_a_city_around_a_city_keeps_the_hole() -> None:
    boundaries = district_read("43710")
    union = shapely.union_all(np.array(boundaries.polygons, dtype=object))
    largest = max(area_m2(shapely.Polygon(ring)) for part in shapely.get_parts(union) for ring in part.interiors)
    assert largest / 1e6 == pytest.approx(153.4, abs=1)  # Cheongju of 2014


def test_all_districts_are_listed_and_can_be_searched() -> None:
    every = districts()
    assert len(every) == 251
    assert len({entry.names.code for entry in every}) == 251
    assert sum(entry.dongs for entry in every) == 5025
    assert all(entry.names.name_en.isascii() for entry in every)
    assert [entry.names.code for entry in districts("마포")] == ["11440"]
    assert [entry.names.code for entry in districts("gwangju seo-gu")] == ["29140"]
    assert {entry.names.name_ko for entry in districts("4146")} == {
        "용인시 처인구", "용인시 기흥구", "용인시 수지구",
    }  # fmt: skip
    assert [entry.names.name_ko for entry in districts("11290")] == ["성북구"]
    assert districts("아무 데도 없는 곳") == ()


@pytest.mark.parametrize(
    ("code", "near"), [("29141", "29140"), ("마포", "11440"), ("2914", "29140"), ("99999", None), ("44830", None)]
)
def test_an_unknown_code_is_refused_with_a_hint(code: str, near: str | None) -> None:
    with pytest.raises(EngineInputError) as refused:
        district_read(code)
    assert refused.value.code == "district_unknown"
    assert code in str(refused.value)
    if near:
        assert near in str(refused.value)
