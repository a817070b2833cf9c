"""What the climate room shows now: its open signals, and what it has measured."""

from django.db.models import QuerySet

from madang.rooms.climate.bridge import UNCOOLED_CODE
from madang.yard.evidence.bridge import Value
from madang.yard.evidence.models import Indicator, Room, Signal
from madang.yard.evidence.selectors import indicator_list, latest_by_place, signals_open


def signals_waiting() -> list[Signal]:
    """Return the room's signals that no dong has taken up yet, the most urgent first."""
    return [signal for signal in signals_open() if signal.room == Room.CLIMATE.value]


def indicators() -> QuerySet[Indicator]:
    """Return what the room measures or promises to measure."""
    return indicator_list(room=Room.CLIMATE.value)


def mapped() -> tuple[Indicator, dict[str, Value]] | None:
    """Return the indicator of the room's map with its newest published values; None before it is measured."""
    indicator = Indicator.objects.filter(code=UNCOOLED_CODE).first()
    return (indicator, latest_by_place(indicator)) if indicator is not None else None
