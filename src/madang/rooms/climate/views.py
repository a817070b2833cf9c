"""The climate room's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.rooms.climate.selectors import indicators, mapped, signals_waiting
from madang.ui import formats
from madang.ui.charts import Measure
from madang.ui.maps import Shape, ShapeMap
from madang.ui.pagecache import public_page
from madang.yard.evidence.bridge import Value
from madang.yard.evidence.models import Indicator
from madang.yard.places.models import District
from madang.yard.places.selectors import district_current, dongs_of


@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Show the room's signals, its map and what it measures."""
    district = district_current()
    found = mapped()
    context = {
        "signals": signals_waiting(),
        "indicators": list(indicators()),
        "map": _map(district, *found) if found else None,
        "mapped": found[0] if found else None,
        "run": next((value.run for value in found[1].values() if value.run), None) if found else None,
    }
    return render(request, "climate/home.html", context)


def _map(district: District, indicator: Indicator, values: dict[str, Value]) -> ShapeMap:
    unit = str(indicator.get_unit_display())
    language = get_language() or "ko"
    shapes = []
    for dong in dongs_of(district):
        value = values.get(dong.code)
        shown = value.value if value is not None and not value.withheld else None
        said = _("no figure") if value is None else _("too few to show")
        if shown is not None:
            said = f"{formats.number(shown, language, decimals=indicator.decimals)} {unit}"
        shapes.append(
            Shape(
                name=dong.name, href=reverse("dong", args=[dong.code]), outline=dong.outline, x=dong.label_x,
                y=dong.label_y, value=shown, text=said,
            )
        )  # fmt: skip
    return ShapeMap(
        title=_("%(name)s. The darker, the more.") % {"name": indicator.name},
        width=district.map_width,
        height=district.map_height,
        shapes=tuple(shapes),
        measure=Measure(unit=unit, decimals=indicator.decimals),
    )
