"""Finding anything public by its words."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.plaza.context import ROOM_HUES
from madang.rooms.autonomy.models import AgendaItem
from madang.rooms.autonomy.selectors import state_label
from madang.rooms.projects.models import Pledge, Project
from madang.yard.evidence.models import Indicator, Room
from madang.yard.places.models import Dong

SHOWN = 10
MOST_WORDS = 6
MOST_CHARACTERS = 80
_NAMES = ("name_ko", "name_en")
_DONG = ("dong__name_ko", "dong__name_en")
_DEFINITION = ("definition_ko", "definition_en", "code")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing that was found."""

    title: str
    href: str
    detail: str
    tag: str = ""
    hue: str = "slate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of one kind: at most `SHOWN`, and whether there is more."""

    heading: str
    hits: list[Hit]
    more: bool


def words_of(text: str) -> list[str]:
    """Return the words to look for, as they are stored (some keyboards send Korean letter by letter).

    Examples
    --------
    >>> words_of("  가로등   화정동 ")
    ['가로등', '화정동']
    """
    # PostgreSQL refuses the character NUL.
    return unicodedata.normalize("NFC", text).replace("\0", " ")[:MOST_CHARACTERS].split()[:MOST_WORDS]


def found_everywhere(words: Sequence[str]) -> list[Found]:
    """Return what holds all the words: dongs, agenda items, pledges, projects and indicators. Five queries."""
    if not words:
        return []
    dongs = Dong.objects.only("code", "name_ko", "name_en")
    items = AgendaItem.objects.select_related("dong").defer("dong__boundary", "dong__outline")
    pledges = Pledge.objects.filter(is_current=True)
    projects = Project.objects.select_related("dong", "programme").defer("dong__boundary", "dong__outline")
    indicators = Indicator.objects.order_by("room", "code")
    groups = (
        _group(_("Dongs"), _holding(dongs, words, _NAMES), _of_dong),
        _group(_("Agenda"), _holding(items, words, ("title", "summary", *_DONG)), _of_item),
        _group(_("Promises"), _holding(pledges, words, (*_NAMES, "promise_ko", "promise_en")), _of_pledge),
        _group(_("Projects"), _holding(projects, words, ("title", "owner", *_DONG)), _of_project),
        _group(_("Indicators"), _holding(indicators, words, (*_NAMES, *_DEFINITION)), _of_indicator),
    )
    return [group for group in groups if group.hits]


def _holding(rows: QuerySet[Row], words: Sequence[str], fields: Sequence[str]) -> list[Row]:
    each = (reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields)) for word in words)
    return list(rows.filter(reduce(and_, each))[: SHOWN + 1])


def _group(heading: str, rows: Sequence[Row], say: Callable[[Row], Hit]) -> Found:
    return Found(heading=heading, hits=[say(row) for row in rows[:SHOWN]], more=len(rows) > SHOWN)


def _of_dong(dong: Dong) -> Hit:
    return Hit(title=dong.name, href=reverse("dong", args=[dong.code]), detail="")


def _of_item(item: AgendaItem) -> Hit:
    return Hit(
        title=item.title,
        href=reverse("agenda_item", args=[item.pk]),
        detail=f"{item.dong.name} · {state_label(item.state, item.said)}",
        tag=item.get_room_display(),
        hue=ROOM_HUES[item.room],
    )


def _of_pledge(pledge: Pledge) -> Hit:
    return Hit(
        title=pledge.name,
        href=reverse("pledge", args=[pledge.code]),
        detail=pledge.promise,
        tag=pledge.get_room_display(),
        hue=ROOM_HUES[pledge.room],
    )


def _of_project(project: Project) -> Hit:
    place = f"{project.dong.name} · " if project.dong is not None else ""
    return Hit(
        title=project.title,
        href=project.origin_url or reverse("pledges"),
        detail=f"{place}{project.programme.name}",
        tag=str(Room(project.programme.room or Room.PROJECTS).label),
        hue=ROOM_HUES[project.programme.room or Room.PROJECTS.value],
    )


def _of_indicator(row: Indicator) -> Hit:
    return Hit(
        title=row.name,
        href=reverse("evidence:indicator", args=[row.code]),
        detail=row.definition,
        tag=row.get_room_display(),
        hue=ROOM_HUES[row.room],
    )
