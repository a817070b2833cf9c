"""Open boundary data."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from madang.yard.places.bridge import boundaries_of
from madang.yard.places.formats.geojson import simplified, write_geojson
from madang.yard.places.selectors import district_current


def _is_full(request: HttpRequest) -> bool:
    return request.GET.get("detail") != "simplified"


def _etag(request: HttpRequest) -> str:
    district = district_current()
    return f'"{district.boundary_digest[:32]}-{"full" if _is_full(request) else "simplified"}"'


@require_safe
@condition(etag_func=_etag)
def boundaries(request: HttpRequest) -> HttpResponse:
    """Return the district's dongs as GeoJSON; `?detail=simplified` for maps on pages."""
    district = district_current()
    exact = boundaries_of(district)
    body = write_geojson(exact, None if _is_full(request) else simplified(exact))
    return HttpResponse(
        body,
        content_type="application/geo+json",
        headers={"Content-Disposition": f'inline; filename="boundaries-{district.code}.geojson"'},
    )
