"""Maps of areas: outlines that are links, shaded by value, with a legend in words and a list beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.ui.charts.canvas import text_width
from madang.ui.charts.specs import Measure
from madang.ui.tiles import Tile

SHADES = 5
# How large a label is meant to be read, and how wide the drawing is then.
_LABEL_PX = 13.0
_WIDE_PX, _NARROW_PX = 520.0, 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One area.

    Attributes
    ----------
    name : str
        What it is called; also its label.
    href : str
        Where it leads.
    outline : str
        SVG path in the map's view box.
    x, y : float
        Where its label stands.
    value : float or None
        What it is shaded by; None is drawn as unknown.
    text : str
        The value in words ("3 on the agenda").
    here : bool
        The area that the page is about.
    """

    name: str
    href: str
    outline: str
    x: float
    y: float
    value: float | None = None
    text: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeMap:
    """A map.

    Attributes
    ----------
    title : str
        States the finding, or what the shades mean where there is none.
    width, height : float
        View box.
    shapes : tuple of Shape
        Areas.
    measure : Measure
        How values are said in the legend.
    note : str
        Below the map: what the boundaries are.
    tiles : tuple of Tile
        Pictures of a tile server that lie under the shapes; see `madang.ui.tiles`.
    """

    title: str
    width: float
    height: float
    shapes: tuple[Shape, ...]
    measure: Measure = field(default_factory=Measure)
    note: str = ""
    tiles: tuple[Tile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeView:
    """An area as it is drawn; `shade` runs from 1 to 5, 0 is unknown."""

    shape: Shape
    shade: int
    spoken: str
    wide: bool
    narrow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MapView:
    """What the macro draws: areas in drawing order and by name, the legend, and label sizes in view-box units."""

    spec: ShapeMap
    shapes: tuple[ShapeView, ...]
    listed: tuple[ShapeView, ...]
    legend: tuple[tuple[int, str], ...]
    wide_size: float
    narrow_size: float


def map_view(spec: ShapeMap) -> MapView:
    """Return a map in the language of the page."""
    language = get_language() or "ko"
    shades = shade_of([shape.value for shape in spec.shapes])
    wide_size, narrow_size = (_LABEL_PX / px * spec.width for px in (_WIDE_PX, _NARROW_PX))
    wide, narrow = labels_apart(spec.shapes, wide_size), labels_apart(spec.shapes, narrow_size)
    views = tuple(
        ShapeView(
            shape=shape,
            shade=shade,
            spoken=f"{shape.name}: {shape.text}" if shape.text else shape.name,
            wide=index in wide,
            narrow=index in narrow,
        )
        for index, (shape, shade) in enumerate(zip(spec.shapes, shades, strict=True))
    )
    return MapView(
        spec=spec,
        # The area the page is about is drawn last, so that its outline lies on top.
        shapes=tuple(sorted(views, key=lambda view: view.shape.here)),
        listed=tuple(sorted(views, key=lambda view: view.shape.name)),
        legend=_legend(spec, shades, language),
        wide_size=wide_size,
        narrow_size=narrow_size,
    )


def shade_of(values: Sequence[float | None]) -> list[int]:
    """Return the shade (1 to 5) of each value, 0 where there is none.

    Each different value has its own shade where there are at most five; else they share by rank, equal values alike,
    but nothing (0) never shares with something.

    Examples
    --------
    >>> shade_of([0, 3, None, 3, 9])
    [1, 3, 0, 3, 5]
    """
    distinct = sorted({value for value in values if value is not None})
    if not distinct:
        return [0] * len(values)
    last = max(len(distinct) - 1, 1)
    # With few values the ends keep the lightest and the darkest shade.
    shades = {value: 1 + round(index * (SHADES - 1) / last) for index, value in enumerate(distinct)}
    if len(distinct) > SHADES:
        alone = int(distinct[0] == 0)
        rest = distinct[alone:]
        shades = {value: 1 + alone + index * (SHADES - alone) // len(rest) for index, value in enumerate(rest)}
        shades |= {0: 1} if alone else {}
    return [0 if value is None else shades[value] for value in values]


def labels_apart(shapes: Sequence[Shape], size: float) -> frozenset[int]:
    """Return which labels can stand without touching another; areas of greater value go first."""
    order = sorted(range(len(shapes)), key=lambda index: (not shapes[index].here, -(shapes[index].value or 0), index))
    kept: list[int] = []
    for index in order:
        if all(_clear(shapes[index], shapes[other], size) for other in kept):
            kept.append(index)
    return frozenset(kept)


def picked(
    data: Mapping[str, object], name: str, view: tuple[float, float, float, float], width_px: float
) -> tuple[float, float] | None:
    """Return where an image button was pressed, in view-box units; None where it was not.

    Parameters
    ----------
    data : Mapping
        The posted form.
    name : str
        Name of the `<input type="image">`: the browser posts `name.x` and `name.y` in CSS pixels.
    view : tuple
        The picture's view box: left, top, width, height.
    width_px : float
        Width at which the picture is shown, in CSS pixels.

    Notes
    -----
    A press by keyboard posts 0, 0: no point was meant.
    """
    x, y = (_whole(data.get(f"{name}.{axis}")) for axis in "xy")
    if not x and not y:
        return None
    left, top, wide, tall = view
    per_px = wide / width_px
    return left + min(max(x * per_px, 0.0), wide), top + min(max(y * per_px, 0.0), tall)


def _whole(text: object) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 6 else 0


def _clear(one: Shape, other: Shape, size: float) -> bool:
    reach = (text_width(one.name, size) + text_width(other.name, size)) / 2 + size * 0.3
    return abs(one.x - other.x) >= reach or abs(one.y - other.y) >= size * 1.25


def _legend(spec: ShapeMap, shades: Sequence[int], language: str) -> tuple[tuple[int, str], ...]:
    """Return each shade in use with the range of values that have it."""
    entries = []
    for shade in range(1, SHADES + 1):
        members = [shape.value for shape, its in zip(spec.shapes, shades, strict=True) if its == shade]
        known = [value for value in members if value is not None]
        if known:
            low, high = (spec.measure.short(edge, language) for edge in (min(known), max(known)))
            entries.append((shade, low if low == high else f"{low}–{high}"))
    if entries and spec.measure.unit:
        shade, words = entries[-1]
        entries[-1] = (shade, f"{words} {spec.measure.unit}")
    if entries and 0 in shades:
        entries.append((0, _("no figure")))
    return tuple(entries)
