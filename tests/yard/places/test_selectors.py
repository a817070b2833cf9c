"""Reading places costs few queries and agrees with the ground."""

import pytest
from django.utils import translation

from madang.numerics.errors import NotFound
from madang.yard.audit.authority import SYSTEM
from madang.yard.places.engine.place_index import PlaceIndex
from madang.yard.places.models import District, Dong
from madang.yard.places.selectors import boundaries_current, district_current, dong_at, dong_get, dongs_of
from madang.yard.places.services import district_adopt

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return district_adopt(SYSTEM, "29140")


def test_nothing_adopted_is_said_plainly() -> None:
    with pytest.raises(NotFound) as refused:
        district_current()
    assert refused.value.code == "no_district"
    assert "madang up" in str(refused.value)


def test_lists_cost_one_query_and_leave_the_exact_boundaries(
    district: District, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(1):
        dongs = dongs_of(district)
        assert [dong.name_ko for dong in dongs][:2] == ["양동", "농성동"]
        assert all(dong.outline.startswith("M") for dong in dongs)
        assert all("boundary" not in dong.__dict__ for dong in dongs)
    with django_assert_num_queries(1):
        assert dong_get("29140120").district.name_ko == "서구"
    with pytest.raises(NotFound):
        dong_get("11440101")


def test_a_point_finds_its_dong_in_two_queries(
    district: District, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    boundaries = boundaries_current()
    index = PlaceIndex(boundaries.polygons)
    for dong in Dong.objects.all():
        found = dong_at(dong.lon, dong.lat)
        assert found == dong
        assert boundaries.codes[index.find(dong.lon, dong.lat)] == dong.code
    with django_assert_num_queries(2):
        dong_at(126.8514, 35.1595)
    with django_assert_num_queries(1):
        assert dong_at(127.5, 37.5) is None


def test_the_kept_index_follows_the_boundaries(district: District) -> None:
    dong = Dong.objects.get(code="29140120")
    assert dong_at(dong.lon, dong.lat) == dong
    District.objects.all().delete()
    district_adopt(SYSTEM, "11440")
    assert dong_at(dong.lon, dong.lat) is None
    mapo = Dong.objects.first()
    assert mapo is not None
    assert dong_at(mapo.lon, mapo.lat) == mapo


def test_names_follow_the_reader_s_language(district: District) -> None:
    dong = dong_get("29140120")
    with translation.override("en"):
        assert (dong.name, district.name, district.sido, district.full_name) == (
            "Chipyeong-dong", "Seo-gu", "Gwangju", "Seo-gu, Gwangju",
        )  # fmt: skip
    with translation.override("ko"):
        assert (dong.name, district.name, district.full_name) == ("치평동", "서구", "광주광역시 서구")
        assert Dong(name_ko="가동", name_en="").name == "가동"
    with translation.override("en"):
        assert Dong(name_ko="가동", name_en="").name == "가동"
