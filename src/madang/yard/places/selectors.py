"""Reading places."""

import functools

from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import NotFound
from madang.yard.places.bridge import boundaries_of
from madang.yard.places.engine.boundaries import Boundaries
from madang.yard.places.engine.place_index import OUTSIDE, PlaceIndex
from madang.yard.places.models import District, Dong

_CACHED_INDICES = 4


def district_current() -> District:
    """Return the district that this installation serves.

    Raises
    ------
    NotFound
        If none has been adopted yet.
    """
    district = District.objects.first()
    if district is None:
        raise NotFound("no_district", _("No district has been set up yet. Run: madang up --district CODE"))
    return district


def dongs_of(district: District) -> list[Dong]:
    """Return a district's dongs by code, without their exact boundaries (which only engines need)."""
    return list(district.dongs.defer("boundary").order_by("code"))


def dong_get(code: str) -> Dong:
    """Return one dong, with its district, without its exact boundary.

    Raises
    ------
    NotFound
        If there is no dong of this code.
    """
    dong = Dong.objects.select_related("district").defer("boundary").filter(code=code).first()
    if dong is None:
        raise NotFound("dong_unknown", _("There is no dong of this code in the district."), {"dong": code})
    return dong


def boundaries_current() -> Boundaries:
    """Return the exact boundaries of the district that this installation serves."""
    return boundaries_of(district_current())


def dong_at(lon: float, lat: float) -> Dong | None:
    """Return the dong that a point lies in (on a border: the one with the lower code), or None outside the district.

    Parameters
    ----------
    lon, lat : float
        The point in WGS 84. [degree]
    """
    district = district_current()
    index, codes = _index(district.boundary_digest)
    position = index.find(lon, lat)
    return None if position == OUTSIDE else dong_get(codes[position])


@functools.lru_cache(maxsize=_CACHED_INDICES)
def _index(digest: str) -> tuple[PlaceIndex, tuple[str, ...]]:
    """Return the index of the boundaries with a digest.

    The digest names the exact polygons and codes, so what is kept here is right for as long as it can be asked for, in
    every database of the process.
    """
    boundaries = boundaries_of(District.objects.get(boundary_digest=digest))
    return PlaceIndex(boundaries.polygons), boundaries.codes
