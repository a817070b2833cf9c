"""The cycle as a drawing: six stations on a ring, each a link."""

import math
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

WIDTH, HEIGHT = 640, 400
_ACROSS, _DOWN = 236.0, 146.0
_BOX_WIDTH, _BOX_HEIGHT = 152, 64
# How far an arrow keeps from the middle of the stations that it joins [share of the way].
_FROM, _TO = 0.36, 0.63


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A step of the cycle, where it stands and where it leads."""

    name: str
    note: str
    href: str
    hue: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """The drawing: its size, that of its boxes, its stations and the arrows between them as SVG paths."""

    stations: tuple[Station, ...]
    arrows: tuple[str, ...]
    width: int = WIDTH
    height: int = HEIGHT
    box_width: int = _BOX_WIDTH
    box_height: int = _BOX_HEIGHT


def cycle() -> Cycle:
    """Return the cycle in the language of the page."""
    steps = (
        (_("Evidence"), _("what is measured"), reverse("evidence"), "sky"),
        (_("Agenda"), _("what comes up"), reverse("agenda"), "persimmon"),
        (_("Deliberation"), _("what is weighed"), reverse("dongs"), "persimmon"),
        (_("Decision"), _("what is chosen"), reverse("agenda") + "?state=decided", "rose"),
        (_("Money"), _("what is set apart"), reverse("ledger"), "slate"),
        (_("Delivery"), _("what is done"), reverse("pledges"), "pine"),
    )
    places = [_place(position, len(steps)) for position in range(len(steps))]
    stations = tuple(
        Station(name=name, note=note, href=href, hue=hue, x=x, y=y)
        for (name, note, href, hue), (x, y) in zip(steps, places, strict=True)
    )
    return Cycle(stations=stations, arrows=tuple(_arrow(position, len(steps)) for position in range(len(steps))))


def _place(position: float, count: int) -> tuple[float, float]:
    """Return where a station stands: clockwise from the upper left, two above, one at each side, two below."""
    turn = 2 * math.pi * (position - 2) / count
    return round(WIDTH / 2 + _ACROSS * math.cos(turn), 1), round(HEIGHT / 2 + _DOWN * math.sin(turn), 1)


def _arrow(position: int, count: int) -> str:
    """Return the arc from a station to the next one, clear of both boxes."""
    (x1, y1), (x2, y2) = _place(position + _FROM, count), _place(position + _TO, count)
    return f"M{x1},{y1} A{_ACROSS:.0f},{_DOWN:.0f} 0 0 1 {x2},{y2}"
