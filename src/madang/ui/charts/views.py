"""A chart ready for its page: two drawings, the same numbers as a table, and words for who cannot see it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from madang.ui.charts.bars import draw_bars, draw_intervals, draw_stacked
from madang.ui.charts.canvas import Frame
from madang.ui.charts.flows import draw_flow
from madang.ui.charts.lines import draw_lines, draw_panels
from madang.ui.charts.specs import (
    BarChart,
    Chart,
    FlowChart,
    IntervalChart,
    LineChart,
    Series,
    SmallMultiples,
    StackedBarChart,
)
from madang.ui.listing import Column

WIDE, NARROW = 640, 320

_DRAW: dict[type[Chart], Callable[..., Markup]] = {
    LineChart: draw_lines,
    BarChart: draw_bars,
    StackedBarChart: draw_stacked,
    SmallMultiples: draw_panels,
    FlowChart: draw_flow,
    IntervalChart: draw_intervals,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartView:
    """What the macro draws.

    Attributes
    ----------
    wide, narrow : Markup
        The drawing for a column of 34 em and more, and for less.
    columns, rows
        The same numbers as a table.
    """

    title: str
    unit: str
    wide: Markup
    narrow: Markup
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def chart_svg(chart: Chart, width: int, language: str) -> Markup:
    """Return one drawing of a chart.

    Parameters
    ----------
    chart : Chart
        Any of the kinds in `specs`.
    width : int
        Units across; below 500 the layout for phones.
    language : str
        Language of the numbers.
    """
    frame = Frame(width=width, language=language, key=f"c{_key(chart)}{'n' if width < 500 else 'w'}")
    return _DRAW[type(chart)](chart, frame, chart.alt or _summary(chart, language))


def chart_view(chart: Chart) -> ChartView:
    """Return a chart in the language of the page."""
    language = get_language() or "ko"
    if isinstance(chart, BarChart) and not chart.plan_label:
        chart = replace(chart, plan_label=_("Plan"))
    columns, rows = _table(chart, language)
    return ChartView(
        title=chart.title,
        unit=chart.measure.unit,
        wide=chart_svg(chart, WIDE, language),
        narrow=chart_svg(chart, NARROW, language),
        columns=columns,
        rows=rows,
    )


def _key(chart: Chart) -> str:
    return hashlib.blake2s(repr(chart).encode(), digest_size=4).hexdigest()


def _summary(chart: Chart, language: str) -> str:
    """Return the numbers as one sentence, at most a dozen of them."""
    _columns, rows = _table(chart, language)
    said = "; ".join(": ".join((row[0], ", ".join(row[1:]))) for row in rows[-12:])
    return f"{chart.measure.unit + '. ' if chart.measure.unit else ''}{said}"


def _table(chart: Chart, language: str) -> tuple[tuple[Column, ...], tuple[tuple[str, ...], ...]]:
    def say(value: float | None) -> str:
        return "–" if value is None else chart.measure.exact(value, language)

    heads, rows = _CELLS[type(chart)](chart, say)
    first, *rest = heads
    return (Column(label=first), *(Column(label=head, numeric=True) for head in rest)), tuple(rows)


def _series_cells(labels: tuple[str, ...], rows: tuple[Series, ...], heading: str, say: Callable[[Any], str]) -> Any:  # noqa: ANN401  # heads and rows
    heads = (heading or _("Label"), *(row.name for row in rows))
    return heads, [(label, *(say(row.values[index]) for row in rows)) for index, label in enumerate(labels)]


def _line_cells(chart: LineChart, say: Callable[[Any], str]) -> Any:  # noqa: ANN401  # heads and rows
    rows = (*chart.series, chart.target) if chart.target else chart.series
    return _series_cells(chart.labels, rows, chart.heading, say)


def _bar_cells(chart: BarChart, say: Callable[[Any], str]) -> Any:  # noqa: ANN401  # heads and rows
    planned = any(bar.plan is not None for bar in chart.bars)
    heads = (chart.heading or _("Label"), _("Value"), *((chart.plan_label or _("Plan"),) if planned else ()))
    return heads, [(bar.label, say(bar.value), *((say(bar.plan),) if planned else ())) for bar in chart.bars]


def _flow_cells(chart: FlowChart, say: Callable[[Any], str]) -> Any:  # noqa: ANN401  # heads and rows
    names = {node.key: node.label for node in chart.nodes}
    heads = (_("From and to"), _("Amount"))
    return heads, [(f"{names[link.source]} → {names[link.target]}", say(link.value)) for link in chart.links]


def _interval_cells(chart: IntervalChart, say: Callable[[Any], str]) -> Any:  # noqa: ANN401  # heads and rows
    heads = (chart.heading or _("Label"), _("Estimate"), _("Lowest"), _("Highest"))
    return heads, [(row.label, say(row.value), say(row.low), say(row.high)) for row in chart.rows]


_CELLS: dict[type[Chart], Callable[..., Any]] = {
    LineChart: _line_cells,
    BarChart: _bar_cells,
    StackedBarChart: lambda chart, say: _series_cells(chart.labels, chart.series, chart.heading, say),
    SmallMultiples: lambda chart, say: _series_cells(chart.labels, chart.panels, chart.heading, say),
    FlowChart: _flow_cells,
    IntervalChart: _interval_cells,
}
