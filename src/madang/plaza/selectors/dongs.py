"""The dongs: one line each for their list, and everything that one dong's page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from madang.plaza.selectors.maps import here_map
from madang.plaza.selectors.measures import Measured, latest_values
from madang.rooms.autonomy.models import AgendaItem, Assembly
from madang.rooms.autonomy.selectors import items_of_dong, open_counts, waiting_counts
from madang.rooms.autonomy.selectors.assembly import assemblies_list
from madang.rooms.projects.models import Project
from madang.rooms.projects.selectors import projects_of_dong
from madang.ui.maps import ShapeMap
from madang.yard.evidence.models import Signal
from madang.yard.evidence.selectors import signals_open, signals_open_count
from madang.yard.ledger.selectors import PlaceMoney, places_money, year_shown
from madang.yard.places.models import District, Dong
from madang.yard.places.selectors import dong_get, dongs_of

ITEMS_SHOWN = 8
SIGNALS_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DongRow:
    """One dong in the list of all.

    Attributes
    ----------
    dong : Dong
        Which one.
    open, waiting, signals : int
        Open agenda items, reports that nobody has taken up yet, and open signals.
    money : PlaceMoney
        What is set apart for it in the year shown.
    """

    dong: Dong
    open: int
    waiting: int
    signals: int
    money: PlaceMoney

    @property
    def population(self) -> int:
        """Persons; 0 where nobody has counted."""
        return self.dong.population or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DongView:
    """One dong, whole.

    Attributes
    ----------
    dong : Dong
        Which one, with its district.
    map : ShapeMap
        The district's map with this dong marked.
    items : list of AgendaItem
        Its agenda, open items first.
    open, waiting : int
        Open items, and reports that nobody has taken up yet.
    signals : list of Signal
        What rooms found here and nobody has answered or taken up.
    projects : list of Project
        What was decided and is being delivered, or has been.
    assemblies : list of Assembly
        The residents' assemblies, the newest first, with their calendars.
    year : int
        Fiscal year of the money.
    money : PlaceMoney
        What is set apart for it.
    measured : list of Measured
        The newest values here and in the whole district.
    """

    dong: Dong
    map: ShapeMap
    items: list[AgendaItem]
    open: int
    waiting: int
    signals: list[Signal]
    projects: list[Project]
    assemblies: list[Assembly]
    year: int
    money: PlaceMoney
    measured: list[Measured]


def dong_rows(district: District, year: int) -> list[DongRow]:
    """Return every dong of the district with what is open there and its money; six queries."""
    opened, waiting, signals, money = open_counts(), waiting_counts(), signals_open_count(), places_money(year)
    return [
        DongRow(
            dong=dong,
            open=opened.get(dong.code, 0),
            waiting=waiting.get(dong.code, 0),
            signals=signals.get(dong.code, 0),
            money=money.get(dong.code, PlaceMoney(place=dong.code)),
        )
        for dong in dongs_of(district)
    ]


def dong_view(code: str) -> DongView:
    """Return one dong, whole; sixteen queries.

    Raises
    ------
    NotFound
        If there is no dong of this code.
    """
    dong = dong_get(code)
    counts = open_counts()
    year = year_shown()
    measured = latest_values([dong.district.code, code])
    return DongView(
        dong=dong,
        map=here_map(dong, dongs_of(dong.district), counts),
        items=items_of_dong(code, ITEMS_SHOWN),
        open=counts.get(code, 0),
        waiting=waiting_counts().get(code, 0),
        signals=signals_open(code)[:SIGNALS_SHOWN],
        projects=projects_of_dong(code),
        assemblies=[assembly for assembly, _calendar in assemblies_list(code)],
        year=year,
        money=places_money(year).get(code, PlaceMoney(place=code)),
        measured=[row for row in measured if code in row.readings],
    )


def dongs_filed(rows: Sequence[DongRow]) -> list[tuple[object, ...]]:
    """Return the list of dongs as rows of a file."""
    return [
        (
            row.dong.code, row.dong.name_ko, row.dong.name_en, row.dong.kind, row.dong.population,
            round(row.dong.area_m2), row.open, row.waiting, row.signals, row.money.appropriated_won,
            row.money.spent_won,
        )
        for row in rows
    ]  # fmt: skip
