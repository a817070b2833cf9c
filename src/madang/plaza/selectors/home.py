"""The district's home: its map, five doors with one number each, what is on the agenda, and the board of pledges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from madang.plaza.selectors.maps import agenda_map
from madang.plaza.selectors.measures import Measured, latest_values
from madang.rooms.autonomy.models import AgendaItem
from madang.rooms.autonomy.selectors import agenda_recent, open_counts
from madang.rooms.projects.models import Ask, Milestone
from madang.rooms.projects.selectors import BoardRow, board
from madang.ui import formats
from madang.ui.maps import ShapeMap
from madang.yard.evidence.models import Room, Signal
from madang.yard.evidence.selectors.signals import OPEN_STATES
from madang.yard.places.models import Dong

AGENDA_SHOWN = 6
_MEASURED_ROOMS = (Room.CARE.value, Room.HEALTH.value, Room.CLIMATE.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A room's door.

    Attributes
    ----------
    room : str
        Whose.
    href : str
        Where it leads.
    figure, meaning : str
        The one number, and what it is; without a number the figure is empty and the meaning says why.
    run : UUID or None
        The computation that the number comes from.
    """

    room: str
    href: str
    figure: str
    meaning: str
    run: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Everything that the home page shows.

    Attributes
    ----------
    map : ShapeMap or None
        None before a district is adopted.
    doors : tuple of Door
        In the order of the rooms.
    agenda : list of AgendaItem
        Open items that moved last.
    open_count, dong_count : int
        Open items of all dongs, and how many dongs there are.
    board : list of BoardRow
        The pledges with their states.
    """

    map: ShapeMap | None
    doors: tuple[Door, ...]
    agenda: list[AgendaItem]
    open_count: int
    dong_count: int
    board: list[BoardRow]


def home_view() -> Home:
    """Return the home of the district; twelve queries, whatever the district holds."""
    dongs = list(Dong.objects.select_related("district").defer("boundary").order_by("code"))
    counts, rows = open_counts(), board()
    return Home(
        map=agenda_map(dongs[0].district, dongs, counts) if dongs else None,
        doors=_doors(dongs, sum(counts.values()), rows),
        agenda=agenda_recent(AGENDA_SHOWN),
        open_count=sum(counts.values()),
        dong_count=len(dongs),
        board=rows,
    )


def _doors(dongs: Sequence[Dong], open_count: int, rows: Sequence[BoardRow]) -> tuple[Door, ...]:
    pledges = {row.pledge.room: row.pledge for row in reversed(rows)}
    where = {room: reverse("pledge", args=[pledge.code]) for room, pledge in pledges.items()}
    district = dongs[0].district.code if dongs else ""
    measured = latest_values([district]) if dongs else []
    signals = _open_signals()
    anywhere = reverse("pledges")
    measured_doors = (
        _measured_door(
            room,
            where.get(room, anywhere),
            [row for row in measured if row.indicator.room == room and not row.readings[district].withheld],
            signals.get(room, 0),
        )
        for room in _MEASURED_ROOMS
    )
    return (
        _agenda_door(open_count),
        *measured_doors,
        _projects_door(where.get(Room.PROJECTS.value, anywhere), rows),
    )


def _agenda_door(open_count: int) -> Door:
    figure = ngettext("%(count)d matter", "%(count)d matters", open_count) % {"count": open_count}
    meaning = _("open on the agenda of the dongs") if open_count else _("on an agenda: nobody has brought one yet")
    return Door(room=Room.AUTONOMY.value, href=reverse("agenda"), figure=figure, meaning=meaning)


def _measured_door(room: str, href: str, measured: Sequence[Measured], signals: int) -> Door:
    """Return the door of a room that measures: its newest indicator of the district, else its open signals."""
    newest = max(measured, key=lambda row: next(iter(row.readings.values())).period, default=None)
    if newest is not None:
        reading = next(iter(newest.readings.values()))
        meaning = f"{newest.indicator.name} ({_period(reading.period)})"
        return Door(room=room, href=href, figure=reading.text, meaning=meaning, run=reading.run)
    if signals:
        figure = ngettext("%(count)d signal", "%(count)d signals", signals) % {"count": signals}
        return Door(room=room, href=href, figure=figure, meaning=_("that nobody has answered yet"))
    return Door(room=room, href=href, figure="", meaning=_("Nothing has been measured yet, so no number stands here."))


def _projects_door(href: str, rows: Sequence[BoardRow]) -> Door:
    """Return the door of the projects: the next day by which something must happen."""
    deadline = _next_deadline(timezone.localdate())
    if deadline is not None:
        name, due = deadline
        meaning = _("next day that counts: %(name)s") % {"name": name}
        return Door(room=Room.PROJECTS.value, href=href, figure=_brief(due), meaning=meaning)
    judged = sum(1 for row in rows if row.assessment is not None)
    if judged:
        figure = ngettext("%(count)d promise", "%(count)d promises", judged) % {"count": judged}
        return Door(
            room=Room.PROJECTS.value, href=href, figure=figure, meaning=_("judged by the rule; nothing is due next")
        )
    meaning = _("No day is set yet by which something must happen.")
    return Door(room=Room.PROJECTS.value, href=href, figure="", meaning=meaning)


def _next_deadline(today: date) -> tuple[str, date] | None:
    """Return what is due next, a milestone or the answer to an ask, and by when. One query."""
    columns = ("name_ko", "name_en", "due_on")
    current = Q(pledge__is_current=True) | Q(project__isnull=False)
    milestones = Milestone.objects.filter(current, reached_on=None, due_on__gte=today).order_by().values_list(*columns)
    asks = Ask.objects.filter(
        pledge__is_current=True, asked_on__isnull=False, answered_on=None, due_on__gte=today
    ).order_by()
    row = milestones.union(asks.values_list(*columns)).order_by(F("due_on"), F("name_ko")).first()
    if row is None:
        return None
    korean, english, due = row
    return Milestone(name_ko=korean, name_en=english).name, due


def _open_signals() -> dict[str, int]:
    rows = Signal.objects.filter(state__in=OPEN_STATES).order_by().values_list("room").annotate(Count("pk"))
    return dict(rows)


def _period(text: str) -> str:
    """Return a period as one says it where it is a month; as it is written elsewhere."""
    year, _bar, rest = text.partition("-")
    if len(rest) == 2 and rest.isdigit():
        return formats.month(date(int(year), int(rest), 1), get_language() or "ko")
    return text


def _brief(due: date) -> str:
    """Return a day in few characters; only its month where it is in another year."""
    language = get_language() or "ko"
    if due.year == timezone.localdate().year:
        words = formats.day_short(due, language)
        return words.partition(" (")[0] if formats.is_korean(language) else words.partition(" ")[2]
    if formats.is_korean(language):
        return formats.month(due, language)[2:]
    month, year = formats.month(due, language).split()
    return f"{month[:3]} {year}"
