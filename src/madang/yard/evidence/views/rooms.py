"""The page of a room that so far measures and signals: its open signals, its map, and what it measures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.ui import formats
from madang.ui.charts import Measure
from madang.ui.maps import Shape, ShapeMap
from madang.yard.evidence.bridge import Value
from madang.yard.evidence.models import Indicator, Room
from madang.yard.evidence.selectors import indicator_list, latest_by_place, signals_open
from madang.yard.places.models import District
from madang.yard.places.selectors import district_current, dongs_of


def room_page(request: HttpRequest, room: Room, indicator_code: str) -> HttpResponse:
    """Show a room's signals, the map of one of its indicators, and what it measures, in the room's own template.

    Parameters
    ----------
    request : HttpRequest
        The request.
    room : Room
        Whose page it is; its template is `<room>/home.html`.
    indicator_code : str
        What its map shows; there is no map before it is measured.
    """
    mapped = Indicator.objects.filter(code=indicator_code).first()
    values = latest_by_place(mapped) if mapped else {}
    context = {
        "signals": [signal for signal in signals_open() if signal.room == room.value],
        "indicators": list(indicator_list(room=room.value)),
        "map": _map(district_current(), mapped, values) if mapped else None,
        "mapped": mapped,
        "run": next((value.run for value in values.values() if value.run), None),
    }
    return render(request, f"{room.value}/home.html", context)


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
