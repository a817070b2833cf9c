"""The district and its dongs, for programs."""

from django.http import HttpRequest
from ninja import ModelSchema, Router

from madang.yard.places.models import District, Dong
from madang.yard.places.selectors import district_current, dongs_of

router = Router()


class DongOut(ModelSchema):
    """A dong."""

    class Meta:
        """Which columns leave the house."""

        model = Dong
        fields = ("code", "name_ko", "name_en", "kind", "area_m2", "population")


class DistrictOut(ModelSchema):
    """A district with its dongs."""

    dongs: list[DongOut]

    class Meta:
        """Which columns leave the house."""

        model = District
        fields = ("code", "name_ko", "name_en", "is_sample")


@router.get("/district", response=DistrictOut, summary="The district and its dongs")
def district(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001  # ninja's signature
    """Return the district with its dongs in order of code."""
    current = district_current()
    return {
        "code": current.code,
        "name_ko": current.name_ko,
        "name_en": current.name_en,
        "is_sample": current.is_sample,
        "dongs": list(dongs_of(current)),
    }
