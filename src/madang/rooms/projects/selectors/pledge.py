"""One pledge, whole: its programmes and money, its indicators with their paths, milestones, asks and history."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madang.rooms.projects.bridge import measured_on, observed_values, path_points, programme_money
from madang.rooms.projects.engine.pledge_state import Indicator as Path
from madang.rooms.projects.engine.pledge_state import planned_value
from madang.rooms.projects.engine.pledge_tree import month_after
from madang.rooms.projects.models import Ask, Milestone, Pledge, PledgeAssessment, PledgeProgramme, Project
from madang.rooms.projects.selectors.board import BoardRow, board_row, names_of
from madang.rooms.projects.selectors.projects import projects_of_pledge
from madang.rooms.projects.selectors.reasons import Sentence, quantity, sentences
from madang.ui.charts import LineChart, Measure, Series
from madang.yard.evidence.models import Indicator

HISTORY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorView:
    """An indicator of a pledge with its chart.

    Attributes
    ----------
    indicator : Indicator
        Which one.
    chart : LineChart
        Measured values and the path.
    latest : str
        The last value with its unit, empty before the first.
    """

    indicator: Indicator
    chart: LineChart
    latest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeMoney:
    """A programme with what the ledger holds for it [won]."""

    link: PledgeProgramme
    appropriated_won: int
    spent_won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeView:
    """Everything that a pledge's page shows."""

    row: BoardRow
    programmes: list[ProgrammeMoney]
    indicators: list[IndicatorView]
    milestones: list[Milestone]
    asks: list[Ask]
    projects: list[Project]
    history: list[tuple[PledgeAssessment, list[Sentence]]]


def pledge_view(pledge: Pledge, today: date) -> PledgeView:
    """Return one pledge, whole."""
    return PledgeView(
        row=board_row(pledge),
        programmes=_programmes(pledge),
        indicators=indicator_views(pledge, today),
        milestones=list(pledge.milestones.all()),
        asks=list(pledge.asks.all()),
        projects=projects_of_pledge(pledge.code),
        history=assessments_of(pledge, HISTORY),
    )


def assessments_list(pledge: Pledge) -> QuerySet[PledgeAssessment]:
    """Return every assessment of a pledge, newest first."""
    return pledge.assessments.all()


def assessments_of(pledge: Pledge, limit: int) -> list[tuple[PledgeAssessment, list[Sentence]]]:
    """Return the newest assessments with their reasons in words."""
    names = names_of([pledge.pk])
    return [(row, sentences(row.reasons, names)) for row in pledge.assessments.all()[:limit]]


def indicator_views(pledge: Pledge, today: date) -> list[IndicatorView]:
    """Return a pledge's indicators, each with a chart of its values and the path they should take."""
    links = list(pledge.indicators.select_related("indicator"))
    observed = observed_values([link.indicator_id for link in links])
    return [_view(link.indicator, observed.get(link.indicator_id, {}), today) for link in links]


def _view(indicator: Indicator, values: dict[str, float], today: date) -> IndicatorView:
    points = [(date.fromisoformat(day), value) for day, value in path_points(indicator)]
    path = Path(code=indicator.code, baseline=points[0], targets=tuple(points[1:]))
    measured = {measured_on(text, today): value for text, value in values.items()}
    months = _months(min([points[0][0], *measured]), max([points[-1][0], *measured]))
    by_month = {(day.year, day.month): value for day, value in sorted(measured.items())}
    latest = quantity(indicator, measured[max(measured)]) if measured else ""
    words = {"name": indicator.name, "latest": latest, "planned": quantity(indicator, planned_value(path, today))}
    title = _("%(name)s: not measured yet, planned by now %(planned)s")
    if measured:
        title = _("%(name)s: %(latest)s, planned by now %(planned)s")
    chart = LineChart(
        title=title % words,
        measure=Measure(unit=str(indicator.get_unit_display()), decimals=indicator.decimals),
        heading=_("Month"),
        labels=tuple(f"{day.year}.{day.month}" for day in months),
        series=(Series(name=_("measured"), values=tuple(by_month.get((day.year, day.month)) for day in months)),),
        target=Series(
            name=_("plan"),
            values=tuple(planned_value(path, day) if day >= points[0][0] else None for day in months),
        ),
    )
    return IndicatorView(indicator=indicator, chart=chart, latest=latest)


def _months(first: date, last: date) -> list[date]:
    """Return the first day of every month from one day's to another's."""
    start, end = first.replace(day=1), last.replace(day=1)
    count = (end.year - start.year) * 12 + end.month - start.month
    return [month_after(start, months) for months in range(count + 1)]


def _programmes(pledge: Pledge) -> list[ProgrammeMoney]:
    links = list(pledge.programmes.select_related("programme"))
    money = programme_money(pledge.code)
    return [
        ProgrammeMoney(
            link=link,
            appropriated_won=money.get(link.programme_id, (0, 0))[0],
            spent_won=money.get(link.programme_id, (0, 0))[1],
        )
        for link in links
    ]
