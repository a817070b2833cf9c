"""Target paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.yard.evidence.engine.periods import period
from madang.yard.evidence.engine.targets import TargetPath, on_course, target_at

PATH = TargetPath(points=(("2026-07-01", 0.0), ("2027-07-01", 365.0), ("2030", 365.0)))


def test_a_point_is_met_at_the_end_of_its_period() -> None:
    assert target_at(TargetPath(points=(("2025", 100.0), ("2026", 60.0))), "2026") == 60.0
    assert target_at(TargetPath(points=(("2025", 100.0), ("2026", 60.0))), "2026-12") == 60.0


def test_between_points_it_goes_straight_day_by_day() -> None:
    """365 units in 365 days: one unit a day."""
    assert target_at(PATH, "2026-07-11") == pytest.approx(10.0)
    assert target_at(PATH, "2026-07") == pytest.approx(30.0)


def test_nothing_is_promised_before_the_first_point_and_the_last_holds() -> None:
    assert target_at(PATH, "2026-06") is None
    assert target_at(PATH, "2045") == 365.0
    assert target_at(TargetPath(), "2026") is None


@given(month=st.integers(1, 12), year=st.integers(2026, 2030))
def test_it_stays_between_its_neighbours(month: int, year: int) -> None:
    found = target_at(PATH, f"{year}-{month:02d}")
    if period(f"{year}-{month:02d}").last < period("2026-07-01").last:
        assert found is None
    else:
        assert found is not None
        assert 0.0 <= found <= 365.0


def test_paths_come_from_json() -> None:
    assert TargetPath.of([["2026", 1], ["2027", 2.5]]).points == (("2026", 1.0), ("2027", 2.5))


@pytest.mark.parametrize("points", [(("2027", 1.0), ("2026", 2.0)), (("2026", 1.0), ("2026-12", 2.0))])
def test_points_out_of_order_are_refused(points: tuple[tuple[str, float], ...]) -> None:
    with pytest.raises(EngineInputError, match="order"):
        TargetPath(points=points)


@pytest.mark.parametrize(
    ("value", "target", "higher", "expected"),
    [(5, 4, True, True), (5, 4, False, False), (4, 4, True, True), (4, 4, False, True), (1, None, True, None)],
)
def test_on_course(value: float, target: float | None, higher: bool, expected: bool | None) -> None:
    assert on_course(value, target, higher_is_better=higher) is expected
