"""Maps: shades, labels, legend and the point that was pressed."""

import itertools

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from madang.ui.charts import Measure
from madang.ui.maps import Shape, ShapeMap, labels_apart, map_view, picked, shade_of


def shape(name: str, value: float | None, x: float = 0, y: float = 0) -> Shape:
    return Shape(name=name, href=f"/{name}/", outline="M0 0H1V1Z", x=x, y=y, value=value, text=f"{value} things")


def chart(*shapes: Shape) -> ShapeMap:
    return ShapeMap(title="t", width=560, height=500, shapes=shapes, measure=Measure(unit="things"))


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), max_size=30))
def test_shades_grow_with_values(values: list[int | None]) -> None:
    shades = shade_of(values)
    pairs = sorted((value, shade) for value, shade in zip(values, shades, strict=True) if value is not None)
    assert all(shade == 0 for value, shade in zip(values, shades, strict=True) if value is None)
    assert all(one[1] <= other[1] for one, other in itertools.pairwise(pairs))
    by_value = dict(pairs)
    assert all(by_value[value] == shade for value, shade in pairs), "equal values look alike"
    if len({value for value, _shade in pairs}) > 1:
        assert pairs[0][1] == 1
        assert pairs[-1][1] == 5


def test_the_legend_says_the_ranges_in_words() -> None:
    values = (0, 0, 1, 2, 3, 5, 8, 13, None)
    with translation.override("en"):
        view = map_view(chart(*(shape(str(index), value) for index, value in enumerate(values))))
    words = [word for _shade, word in view.legend]
    assert words[0] == "0"
    assert words[-2].endswith("things")
    assert words[-1] == "no figure"
    assert [shade for shade, _word in view.legend] == [1, 2, 3, 4, 5, 0]


def test_labels_that_would_touch_give_way_to_greater_values() -> None:
    shapes = (shape("양동", 1, 100, 100), shape("농성동", 5, 110, 104), shape("광천동", 0, 300, 100))
    assert labels_apart(shapes, 13) == {1, 2}


def test_fewer_labels_stand_on_a_narrow_map_but_all_are_listed() -> None:
    shapes = tuple(shape(f"이름{index}", index, 100 + index * 55, 100) for index in range(6))
    view = map_view(chart(*shapes))
    assert sum(it.wide for it in view.shapes) > sum(it.narrow for it in view.shapes)
    assert len(view.listed) == 6
    assert view.shapes[0].spoken == "이름0: 0 things"


@pytest.mark.parametrize(
    ("data", "point"),
    [
        ({"spot.x": "150", "spot.y": "75"}, (60.0, 35.0)),
        ({"spot.x": "0", "spot.y": "0"}, None),
        ({}, None),
        ({"spot.x": "-5", "spot.y": "3"}, (10.0, 11.0)),
        ({"spot.x": "9999", "spot.y": "9999"}, (110.0, 60.0)),
        ({"spot.x": "abc", "spot.y": "1e9"}, None),
        ({"spot.x": "１２", "spot.y": "99999999"}, None),
    ],
)
def test_a_press_becomes_a_point(data: dict[str, object], point: tuple[float, float] | None) -> None:
    assert picked(data, "spot", (10.0, 10.0, 100.0, 50.0), 300) == point
