"""The district's map as pages draw it: dongs that are links, shaded by what is open on their agenda."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madang.rooms.autonomy.bridge import point_on_map
from madang.ui.charts import Measure
from madang.ui.maps import Shape, ShapeMap
from madang.ui.tiles import Box, Tile, tiles_under
from madang.yard.places.models import District, Dong

_NAMED = 2


def open_words(count: int) -> str:
    """Return how much is on an agenda, in words."""
    if not count:
        return _("nothing open")
    return ngettext("%(count)d open", "%(count)d open", count) % {"count": count}


def agenda_map(district: District, dongs: Sequence[Dong], counts: Mapping[str, int]) -> ShapeMap:
    """Return the map of dongs, the darker the more is open on their agenda."""
    return _map(district, dongs, counts, _finding(dongs, counts))


def here_map(dong: Dong, dongs: Sequence[Dong], counts: Mapping[str, int]) -> ShapeMap:
    """Return the same map for the page of one dong."""
    title = _("Where %(dong)s lies; the other dongs are links.") % {"dong": dong.name}
    return _map(dong.district, dongs, counts, title, here=dong.code)


def _finding(dongs: Sequence[Dong], counts: Mapping[str, int]) -> str:
    most = max((counts.get(dong.code, 0) for dong in dongs), default=0)
    if not most:
        return _("Nothing is open on any agenda yet. Choose a dong to open its page.")
    names = [dong.name for dong in dongs if counts.get(dong.code, 0) == most]
    values = {"dong": ", ".join(names), "count": most}
    if len(names) == 1:
        return _("The stronger the colour, the more is on the agenda. Most is in %(dong)s: %(count)d.") % values
    if len(names) <= _NAMED:
        return _("The stronger the colour, the more is on the agenda. Most is in %(dong)s: %(count)d each.") % values
    return _("The stronger the colour, the more is on the agenda: %(count)d at most.") % values


def _map(district: District, dongs: Sequence[Dong], counts: Mapping[str, int], title: str, here: str = "") -> ShapeMap:
    shapes = tuple(
        Shape(
            name=dong.name,
            href=reverse("dong", args=[dong.code]),
            outline=dong.outline,
            x=dong.label_x,
            y=dong.label_y,
            value=counts.get(dong.code, 0),
            text=open_words(counts.get(dong.code, 0)),
            here=dong.code == here,
        )
        for dong in dongs
    )
    return ShapeMap(
        title=title,
        width=district.map_width,
        height=district.map_height,
        measure=Measure(unit=_("on the agenda")),
        shapes=shapes,
        tiles=_tiles(district),
    )


def _tiles(district: District) -> tuple[Tile, ...]:
    """Return the pictures under the map where the installation names a tile server; none, and no query, elsewhere."""
    if not settings.MADANG_TILE_URL:
        return ()
    width, height = district.map_width, district.map_height
    (west, north), (east, south) = point_on_map(district, 0, 0), point_on_map(district, width, height)
    return tiles_under(settings.MADANG_TILE_URL, Box(west=west, south=south, east=east, north=north), width, height)
