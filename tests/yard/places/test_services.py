"""Adopting a district, and replacing its boundaries, by those who may."""

import json

import pytest

from madang.numerics.errors import Conflict, InputError, NotFound, PermissionDenied
from madang.yard.audit.authority import SYSTEM, VISITOR, Action, Actor
from madang.yard.audit.models import Record
from madang.yard.places.bridge import boundaries_of
from madang.yard.places.formats.bundle import district_read
from madang.yard.places.formats.geojson import write_geojson
from madang.yard.places.models import District, Dong
from madang.yard.places.services import (
    BoundariesDraft,
    SampleStatement,
    boundaries_import,
    boundaries_regroup,
    district_adopt,
    sample_state,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return district_adopt(SYSTEM, "29140", is_sample=True)


def test_a_district_is_adopted_whole_and_once(district: District) -> None:
    assert (district.name_ko, district.name_en, district.full_name) == ("서구", "Seo-gu", "광주광역시 서구")
    assert district.kind == "legal"
    assert district.area_m2 == pytest.approx(47.56e6, rel=1e-3)
    assert "법정동" in district.source
    dongs = list(Dong.objects.all())
    assert len(dongs) == 18
    assert sum(len(dong.outline) for dong in dongs) < 15_000
    assert all(0 <= dong.label_x <= district.map_width and 0 <= dong.label_y <= district.map_height for dong in dongs)
    assert district_adopt(SYSTEM, "29140").pk == district.pk
    assert Dong.objects.count() == 18
    record = Record.objects.get(action=Action.DISTRICT_ADOPT.value)
    assert record.detail == {"code": "29140", "dongs": 18, "boundaries": district.boundary_digest}


def test_what_the_rows_hold_is_what_the_bundle_holds(district: District) -> None:
    exact = district_read("29140")
    held = boundaries_of(district)
    assert held.digest == exact.digest == district.boundary_digest
    assert held.names_ko == exact.names_ko
    assert held.source == exact.source


def test_rows_in_any_order_give_the_same_boundaries(district: District) -> None:
    rows = list(Dong.objects.all())
    Dong.objects.all().delete()
    for row in sorted(rows, key=lambda dong: dong.name_ko):
        row.pk = None
        row.save(force_insert=True)
    assert boundaries_of(district).digest == district.boundary_digest


@pytest.mark.parametrize("code", ["46910", "11440", "47940"])
def test_other_districts_work_the_same_way(code: str) -> None:
    assert district_adopt(SYSTEM, code).code == code
    assert Dong.objects.filter(code__startswith=code).count() == Dong.objects.count() > 0


def test_a_second_district_an_unknown_one_and_a_stranger_are_refused(district: District) -> None:
    with pytest.raises(Conflict) as taken:
        district_adopt(SYSTEM, "11440")
    assert taken.value.code == "other_district"
    District.objects.all().delete()
    with pytest.raises(NotFound) as unknown:
        district_adopt(SYSTEM, "29141")
    assert "29140" in str(unknown.value)
    with pytest.raises(PermissionDenied):
        district_adopt(VISITOR, "29140")
    assert not District.objects.exists()


def test_the_sample_is_stated_with_its_persons(district: District) -> None:
    counts = {dong.code: index for index, dong in enumerate(Dong.objects.all())}
    sample_state(SYSTEM, SampleStatement(seed=7, scale=0.5, populations=counts))
    district.refresh_from_db()
    assert (district.sample_seed, district.sample_scale) == (7, 0.5)
    assert dict(Dong.objects.values_list("code", "population")) == counts
    assert Record.objects.get(action=Action.SAMPLE_LOAD.value).detail["persons"] == sum(range(18))
    with pytest.raises(PermissionDenied):
        sample_state(VISITOR, SampleStatement(seed=7, scale=0.5))
    District.objects.update(is_sample=False, sample_seed=None, sample_scale=None)
    with pytest.raises(Conflict):
        sample_state(SYSTEM, SampleStatement(seed=7, scale=0.5))


def changed(district: District, leave: int = 0) -> bytes:
    """Return the district's GeoJSON with a renamed dong, and the last ones merged into a new code."""
    document = json.loads(write_geojson(boundaries_of(district)))
    document["features"][0]["properties"]["name"] = "새양동"
    if leave:
        document["features"][-1]["properties"]["code"] = "29140999"
    return json.dumps(document).encode()


def test_an_import_keeps_codes_adds_and_removes(district: District, administrator: Actor) -> None:
    before = dict(Dong.objects.values_list("code", "pk"))
    Dong.objects.update(population=5)
    gone = max(before)
    draft = BoundariesDraft(data=changed(district, leave=1), file_name="d.geojson", kind="administrative")
    after = boundaries_import(administrator, draft)
    assert after.kind == "administrative"
    assert after.source.startswith("Imported from d.geojson: ")
    assert "국토지리정보원" in after.source  # who made the boundaries goes along
    rows = dict(Dong.objects.values_list("code", "pk"))
    assert {code: key for code, key in rows.items() if code in before} == {
        code: key for code, key in before.items() if code != gone
    }
    assert "29140999" in rows
    first = Dong.objects.first()
    assert first is not None
    assert (first.name_ko, first.population, first.kind) == ("새양동", None, "administrative")
    assert boundaries_of(after).digest == after.boundary_digest
    detail = Record.objects.get(action=Action.BOUNDARIES_IMPORT.value).detail
    assert (detail["kept"], detail["new"], detail["gone"]) == (17, 1, [gone])


def test_a_bad_file_changes_nothing(district: District, administrator: Actor) -> None:
    document = json.loads(write_geojson(boundaries_of(district)))
    del document["features"][8:10]
    document["features"].append(document["features"][0] | {"properties": {"code": "29140998", "name": "겹동"}})
    for data in (json.dumps(document).encode(), b"{"):
        with pytest.raises(InputError):
            boundaries_import(administrator, BoundariesDraft(data=data, file_name="bad.geojson"))
    assert Dong.objects.count() == 18
    assert District.objects.get().boundary_digest == district.boundary_digest
    assert not Record.objects.filter(action=Action.BOUNDARIES_IMPORT.value).exists()


@pytest.mark.parametrize("actor", [VISITOR, Actor(role=VISITOR.role, place="29140")])
def test_only_the_administrator_of_the_district_imports(district: District, administrator: Actor, actor: Actor) -> None:
    stranger = Actor(role=administrator.role, place="29110", user="administrator")
    for refused in (actor, stranger):
        with pytest.raises(PermissionDenied):
            boundaries_import(refused, BoundariesDraft(data=changed(district), file_name="d.geojson"))
        with pytest.raises(PermissionDenied):
            boundaries_regroup(refused, BoundariesDraft(data=b"", file_name="d.csv"))


def test_a_dong_with_records_is_not_lost(district: District, administrator: Actor) -> None:
    last = Dong.objects.latest("code")
    relation = next(found for found in Dong._meta.related_objects if found.related_model.__name__ == "Person")
    holder = relation.related_model(**{relation.field.name: last, "is_sample": True})
    holder.save()
    with pytest.raises(Conflict) as refused:
        boundaries_import(administrator, BoundariesDraft(data=changed(district, leave=1), file_name="d.geojson"))
    assert refused.value.code == "dong_in_use"
    assert refused.value.data["dongs"] == [last.code]
    assert Dong.objects.filter(pk=last.pk).exists()


def test_regrouping_unites_legal_dongs_once(district: District, administrator: Actor) -> None:
    codes = list(Dong.objects.values_list("code", flat=True))
    data = (
        f"code,name,legal_codes\n29140510,위동,{' '.join(codes[:9])}\n29140520,아래동,{' '.join(codes[9:])}\n".encode()
    )
    draft = BoundariesDraft(data=data, file_name="groups.csv")
    after = boundaries_regroup(administrator, draft)
    assert list(Dong.objects.values_list("code", "name_ko")) == [("29140510", "위동"), ("29140520", "아래동")]
    assert after.area_m2 == pytest.approx(district.area_m2, rel=1e-6)
    with pytest.raises(Conflict) as refused:
        boundaries_regroup(administrator, draft)
    assert refused.value.code == "not_legal_dongs"
