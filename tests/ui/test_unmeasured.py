"""A chart never draws a number that was not measured."""

import pytest

from madang.ui.charts.specs import LineChart, Measure, Series, SmallMultiples
from madang.ui.charts.views import chart_svg

UNMEASURED = Series(name="north", values=(None, None))
MEASURED = Series(name="south", values=(None, 7.5))
MEASURE = Measure(unit="t")


@pytest.mark.parametrize("width", [360, 720])
def test_a_series_without_a_value_is_left_out(width: int) -> None:
    chart = LineChart(
        title="x", measure=MEASURE, labels=("2025", "2026"), series=(UNMEASURED, MEASURED), target=UNMEASURED
    )
    drawn = chart_svg(chart, width, "en")
    assert "north" not in drawn.split("</desc>")[1]
    assert 'class="plan"' not in drawn
    assert drawn.count("<circle") == 1


def test_a_chart_of_nothing_still_draws_its_axes() -> None:
    chart = LineChart(title="x", measure=MEASURE, labels=("2025", "2026"), series=(UNMEASURED,))
    assert "<circle" not in chart_svg(chart, 720, "en")


def test_a_panel_without_a_value_says_so() -> None:
    chart = SmallMultiples(title="x", measure=MEASURE, labels=("2025", "2026"), panels=(UNMEASURED, MEASURED))
    drawn = chart_svg(chart, 720, "en")
    assert drawn.count("<circle") == 1
    assert "–" in drawn
