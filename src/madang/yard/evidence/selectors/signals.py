"""Reading signals."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.yard.evidence.models import Signal, SignalMove, SignalState
from madang.yard.evidence.selectors.refusals import EvidenceCode

# Not yet answered, and not on an agenda where they are followed.
OPEN_STATES = (SignalState.RAISED, SignalState.SEEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFilter:
    """What a list of signals is narrowed to; empty means everything."""

    q: str = ""
    room: str = ""
    place: str = ""
    state: str = ""


def signal_list(wanted: SignalFilter) -> QuerySet[Signal]:
    """Return signals; a district's code finds those of its dongs too."""
    found = Signal.objects.all()
    for field in ("room", "state"):
        value = getattr(wanted, field)
        found = found.filter(**{field: value}) if value else found
    if wanted.place:
        found = found.filter(place__startswith=wanted.place)
    if wanted.q:
        found = found.filter(
            Q(text_ko__icontains=wanted.q) | Q(text_en__icontains=wanted.q) | Q(topic__icontains=wanted.q)
        )
    return found


def signals_open(place: str = "") -> list[Signal]:
    """Return what nobody has answered or taken up at a place and below, the most urgent first. One query."""
    return list(Signal.objects.filter(state__in=OPEN_STATES, place__startswith=place))


def signals_open_count() -> dict[str, int]:
    """Return how many open signals each place has. One query."""
    rows = (
        Signal.objects.filter(state__in=OPEN_STATES).order_by("place").values_list("place").annotate(number=Count("pk"))
    )
    return dict(rows)


def signal_get(key: int) -> tuple[Signal, list[SignalMove]]:
    """Return a signal and its life so far, oldest first.

    Raises
    ------
    NotFound
        If there is none.
    """
    signal = Signal.objects.filter(pk=key).first()
    if signal is None:
        raise NotFound(EvidenceCode.SIGNAL_UNKNOWN, _("There is no such signal."), {"signal": key})
    return signal, list(signal.moves.all())
