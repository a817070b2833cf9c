"""Observations as CSV."""

import pytest

from madang.numerics.errors import InputError
from madang.yard.evidence.formats.observations_csv import read_observations


def test_lines_are_read_with_where_they_stand() -> None:
    data = "indicator,place,period,value,numerator,status\na,29140,2026-01,1.5,3,sample\n\nb,29140,2026-02,2,,\n"
    first, second = read_observations(data.encode(), file="o.csv")
    assert (first.line, first.value, first.numerator, first.denominator, first.status) == (2, 1.5, 3.0, None, "sample")
    assert (second.line, second.indicator, second.numerator, second.status) == (4, "b", None, "measured")


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("", 1, "indicator"),
        ("indicator,place,value\na,29140,1\n", 1, "period"),
        ("indicator,place,period,value\n,29140,2026,1\n", 2, "indicator"),
        ("indicator,place,period,value\na,29140,2026,\n", 2, "value"),
        ("indicator,place,period,value\na,29140,2026,1\na,29140,2027,many\n", 3, "value"),
        ("indicator,place,period,value\na,29140,2026,inf\n", 2, "value"),
        ("indicator,place,period,value,numerator\na,29140,2026,1,x\n", 2, "numerator"),
        ('indicator,place,period,value\na,"29140"x,2026,1\n', 2, None),
        ("indicator,place,period,value\na,29140,2026,1,200\n", 2, None),
    ],
)
def test_a_fault_is_named_with_its_line_and_column(text: str, line: int, field: str | None) -> None:
    with pytest.raises(InputError) as caught:
        read_observations(text.encode(), file="o.csv")
    assert (caught.value.at.line, caught.value.at.field) == (line, field)
