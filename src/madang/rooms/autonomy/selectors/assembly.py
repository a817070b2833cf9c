"""Assemblies as everybody sees them: what is open now, until when, what comes next, and who lives where."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.autonomy.engine.phases import OPENS, Deed, Phase
from madang.rooms.autonomy.models import Assembly, AssemblyPhase, PhaseName, Poll, PollState
from madang.yard.audit.authority import Actor, Role
from madang.yard.ledger.models import Fund
from madang.yard.people.models import Person
from madang.yard.people.selectors import person_of_user
from madang.yard.people.selectors.accounts import account_key
from madang.yard.places.selectors import district_current, dongs_of

_SPEAKING = frozenset({Role.RESIDENT, Role.COUNCIL_MEMBER})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarStep:
    """One phase of a calendar, as it is drawn.

    Attributes
    ----------
    phase : Phase
        Which.
    label : str
        Its name in the reader's language.
    begins_at, ends_at : datetime
        From when until when.
    status : str
        "reached" (over), "now" or "ahead".
    start, width : float
        Where it lies on the way from the first day to the last [%].
    """

    phase: Phase
    label: str
    begins_at: datetime
    ends_at: datetime
    status: str
    start: float
    width: float

    @property
    def last_at(self) -> datetime:
        """The last minute: what ends at midnight lasts until the evening before."""
        return self.ends_at - timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """An assembly's calendar at one moment.

    Attributes
    ----------
    steps : tuple of CalendarStep
        In order.
    now : CalendarStep or None
        What is open.
    following : CalendarStep or None
        What comes next.
    marker : float or None
        Where today lies on the way [%]; None before the first day and after the last.
    """

    steps: tuple[CalendarStep, ...]
    now: CalendarStep | None
    following: CalendarStep | None
    marker: float | None

    def opens(self, deed: Deed) -> bool:
        """Return whether the open phase allows a deed."""
        return self.now is not None and deed in OPENS[self.now.phase]


def calendar_of(assembly: Assembly, moment: datetime | None = None) -> Calendar:
    """Return an assembly's calendar now, or at a moment."""
    now = moment or timezone.now()
    spans = assembly.spans
    first = min((span.begins_at for span in spans), default=now)
    last = max((span.ends_at for span in spans), default=now)
    whole = max((last - first).total_seconds(), 1.0)

    def place(at: datetime) -> float:
        return round(100 * (at - first).total_seconds() / whole, 2)

    steps = tuple(
        CalendarStep(
            phase=span.phase,
            label=str(PhaseName(span.phase.value).label),
            begins_at=span.begins_at,
            ends_at=span.ends_at,
            status="ahead" if now < span.begins_at else "now" if now < span.ends_at else "reached",
            start=place(span.begins_at),
            width=round(place(span.ends_at) - place(span.begins_at), 2),
        )
        for span in spans
    )
    return Calendar(
        steps=steps,
        now=next((step for step in steps if step.status == "now"), None),
        following=next((step for step in steps if step.status == "ahead"), None),
        marker=place(now) if first <= now < last else None,
    )


def assemblies_list(dong: str = "") -> list[tuple[Assembly, Calendar]]:
    """Return the assemblies of all dongs, or of one, those that are open first, each with its calendar."""
    rows = _assemblies().filter(dong_id=dong) if dong else _assemblies()
    found = [(assembly, calendar_of(assembly)) for assembly in rows]
    return sorted(found, key=lambda pair: (pair[1].now is None, pair[1].following is None, -pair[0].year, pair[0].pk))


def assembly_get(assembly_id: int) -> Assembly:
    """Return one assembly with its dong and calendar.

    Raises
    ------
    NotFound
        If there is none.
    """
    assembly = _assemblies().filter(pk=assembly_id).first()
    if assembly is None:
        raise NotFound("assembly_unknown", _("There is no such assembly."))
    return assembly


def resident_here(actor: Actor, dong: str) -> Person | None:
    """Return the resident of a dong for whom an account speaks, or None if it speaks for nobody who lives there."""
    if actor.role not in _SPEAKING or actor.place != dong:
        return None
    person = person_of_user(account_key(actor))
    return person if person is not None and person.dong.code == dong else None


def _assemblies() -> QuerySet[Assembly]:
    return (
        Assembly.objects.select_related("dong")
        .defer("dong__boundary", "dong__outline")
        .prefetch_related(Prefetch("phases", queryset=AssemblyPhase.objects.order_by("begins_at")))
    )


def poll_id_of(assembly: Assembly) -> int | None:
    """Return the key of an assembly's vote, once its rules are fixed; None before."""
    polls = Poll.objects.filter(assembly=assembly).exclude(state=PollState.DRAFT.value)
    return polls.values_list("pk", flat=True).first()


def dongs_reached(actor: Actor) -> list[tuple[str, str]]:
    """Return code and name of the dongs within an actor's reach."""
    return [(dong.code, dong.name) for dong in dongs_of(district_current()) if actor.reaches(dong.code)]


def funds_reached(actor: Actor) -> list[tuple[str, str]]:
    """Return code and name of the funds from which a dong in an actor's reach can pay, newest year first."""
    codes = [code for code, _name in dongs_reached(actor)]
    return [
        (fund.code, f"{fund.name} ({fund.fiscal_year})")
        for fund in Fund.objects.all()
        if any(code.startswith(fund.place) for code in codes)
    ]
