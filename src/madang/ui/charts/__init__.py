"""Charts drawn on the server: a frozen description in, SVG, a table and words out."""

from madang.ui.charts.specs import (
    Bar,
    BarChart,
    FlowChart,
    FlowLink,
    FlowNode,
    Interval,
    IntervalChart,
    LineChart,
    Measure,
    Series,
    SmallMultiples,
    StackedBarChart,
)
from madang.ui.charts.views import ChartView, chart_svg, chart_view

__all__ = [
    "Bar",
    "BarChart",
    "ChartView",
    "FlowChart",
    "FlowLink",
    "FlowNode",
    "Interval",
    "IntervalChart",
    "LineChart",
    "Measure",
    "Series",
    "SmallMultiples",
    "StackedBarChart",
    "chart_svg",
    "chart_view",
]
