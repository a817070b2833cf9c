"""The newest published value of every indicator at some places."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from madang.rooms.projects.selectors.reasons import quantity
from madang.yard.evidence.bridge import Value
from madang.yard.evidence.models import Indicator, Observation, ObservationStatus, Room
from madang.yard.evidence.selectors import observations_current, published

_ROOMS = {room: position for position, room in enumerate(Room.values)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value in words.

    Attributes
    ----------
    text : str
        The value with its unit, or that it is withheld.
    period : str
        The period it is of.
    run : UUID or None
        The computation that it comes from.
    withheld : bool
        Whether the publication guard keeps it back.
    is_sample : bool
        Whether it was computed from the sample population.
    """

    text: str
    period: str
    run: UUID | None
    withheld: bool
    is_sample: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An indicator with its newest value at each place that has one."""

    indicator: Indicator
    readings: dict[str, Reading]


def latest_values(places: Sequence[str]) -> list[Measured]:
    """Return the indicators that were observed at some places, with their newest values there, by room and code.

    Two queries.
    """
    later = Observation.objects.filter(
        indicator=OuterRef("indicator"), place=OuterRef("place"), period__gt=OuterRef("period")
    )
    values = published(observations_current().filter(~Exists(later), place__in=places))
    indicators = Indicator.objects.in_bulk({value.indicator for value in values})
    found: dict[int, dict[str, Reading]] = {}
    for value in values:
        found.setdefault(value.indicator, {})[value.place] = _reading(indicators[value.indicator], value)
    rows = [Measured(indicator=indicators[key], readings=readings) for key, readings in found.items()]
    return sorted(rows, key=lambda row: (_ROOMS[row.indicator.room], row.indicator.code))


def _reading(indicator: Indicator, value: Value) -> Reading:
    text = _("too few to publish") if value.value is None else quantity(indicator, value.value)
    return Reading(
        text=text,
        period=value.period,
        run=value.run,
        withheld=value.withheld,
        is_sample=value.status == ObservationStatus.SAMPLE.value,
    )
