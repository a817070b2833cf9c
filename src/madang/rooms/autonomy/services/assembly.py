"""Calling a dong's assembly, and what every deed in it asks first: who may, who lives here, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, EngineInputError, NotFound
from madang.rooms.autonomy.engine.phases import OPENS, Deed, Span, calendar_checked
from madang.rooms.autonomy.models import Assembly, AssemblyPhase, PhaseName
from madang.rooms.autonomy.selectors.assembly import resident_here
from madang.rooms.autonomy.services.moves import public_text
from madang.ui import formats
from madang.yard.audit.authority import Action, Actor, Role, require
from madang.yard.audit.services import hold, record
from madang.yard.ledger.models import Fund
from madang.yard.people.models import Person
from madang.yard.places.selectors import dong_get

MAX_TITLE, MAX_ABOUT = 120, 4000
MAX_BUDGET_WON = 10**12
YEARS = (2000, 2200)


class AssemblyCode(StrEnum):
    """What a service of the assembly can refuse for."""

    ALREADY_CALLED = "already_called"
    AUTHOR_MISSING = "author_missing"
    BUDGET_NOT_VALID = "budget_not_valid"
    CALENDAR_EMPTY = "calendar_empty"
    CALENDAR_NOT_VALID = "calendar_not_valid"
    FUND_UNKNOWN = "fund_unknown"
    NOT_A_RESIDENT = "not_a_resident"
    NOT_OPEN_NOW = "not_open_now"
    PHASE_BEGUN = "phase_begun"
    YEAR_NOT_VALID = "year_not_valid"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyDraft:
    """An assembly to be called.

    Attributes
    ----------
    dong : str
        Code of the dong.
    year : int
        The budget year that it decides on.
    title, about : str
        What residents read.
    budget_won : int
        How much may be decided on [won].
    fund : str
        Code of the fund that it comes from.
    spans : sequence of Span
        The calendar; all moments aware of their zone.
    """

    dong: str
    year: int
    title: str
    budget_won: int
    fund: str
    spans: Sequence[Span]
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDraft:
    """Another calendar of an assembly: every phase that it shall have, those that have begun as they are."""

    assembly: int
    spans: Sequence[Span]


@transaction.atomic
def assembly_call(actor: Actor, draft: AssemblyDraft) -> Assembly:
    """Call a dong's assembly with its calendar.

    Raises
    ------
    NotFound
        If there is no such dong.
    DomainError
        If the calendar, the budget, the fund, the year or a text is not acceptable.
    Conflict
        If the dong has called an assembly of this name for the year.
    """
    require(actor, Action.ASSEMBLY_CALL, place=draft.dong)
    hold()
    dong = dong_get(draft.dong)
    spans = _calendar(draft.spans)
    title = public_text(draft.title, field="title", most=MAX_TITLE, missing=_("Write a title."))
    _check_money(draft, dong.code)
    if not YEARS[0] <= draft.year <= YEARS[1]:
        raise DomainError(AssemblyCode.YEAR_NOT_VALID, _("Enter a year such as 2026."), field="year")
    if Assembly.objects.filter(dong_id=dong.code, year=draft.year, title=title).exists():
        message = _("This dong has an assembly of this name for this year already. Choose another name.")
        raise Conflict(AssemblyCode.ALREADY_CALLED, message, field="title")
    about = draft.about.strip()
    assembly = Assembly.objects.create(
        dong=dong,
        year=draft.year,
        title=title,
        about=public_text(about, field="about", most=MAX_ABOUT, missing="") if about else "",
        budget_won=draft.budget_won,
        fund=draft.fund,
    )
    _write(assembly, spans)
    detail = {"dong": dong.code, "won": assembly.budget_won, "fund": assembly.fund, "calendar": _listed(spans)}
    record(actor, Action.ASSEMBLY_CALL, target=assembly, detail=detail)
    return assembly


@transaction.atomic
def assembly_reschedule(actor: Actor, draft: CalendarDraft) -> Assembly:
    """Change the calendar of an assembly from the next phase on; what has begun stays as it was announced.

    Raises
    ------
    NotFound
        If there is no such assembly.
    Conflict
        If a phase that has begun would change, or one would begin in the past.
    DomainError
        If the calendar is not acceptable.
    """
    hold()
    assembly = assembly_locked(draft.assembly)
    require(actor, Action.ASSEMBLY_CALL, place=assembly.dong_id)
    before, after = assembly.spans, _calendar(draft.spans)
    now = timezone.now()
    begun = [span for span in before if span.begins_at <= now]
    if begun != [span for span in after if span.begins_at <= now]:
        message = _("A phase that has begun stays as it was announced. Change only what is still to come.")
        raise Conflict(AssemblyCode.PHASE_BEGUN, message, field="calendar")
    assembly.phases.filter(begins_at__gt=now).delete()
    _write(assembly, tuple(span for span in after if span.begins_at > now))
    detail = {"before": _listed(before), "calendar": _listed(after)}
    record(actor, Action.ASSEMBLY_CALL, target=assembly, detail=detail)
    return assembly


def assembly_unknown() -> NotFound:
    """Return the error for an assembly that is not there."""
    return NotFound("assembly_unknown", _("There is no such assembly."))


def assembly_locked(assembly_id: int) -> Assembly:
    """Return an assembly that nobody else changes until the transaction ends."""
    assembly = Assembly.objects.select_for_update().filter(pk=assembly_id).first()
    if assembly is None:
        raise assembly_unknown()
    return assembly


def open_required(assembly: Assembly, deed: Deed) -> None:
    """Refuse a deed that the calendar does not open now.

    Raises
    ------
    Conflict
        Saying when it will be open, or that its time is over.
    """
    now = timezone.now()
    spans = assembly.spans
    if any(span.begins_at <= now < span.ends_at and deed in OPENS[span.phase] for span in spans):
        return
    language = get_language() or "ko"
    next_one = next((span for span in spans if span.begins_at > now and deed in OPENS[span.phase]), None)
    if next_one is not None:
        message = _("This is not open yet. It opens on %(day)s.") % {
            "day": formats.moment(next_one.begins_at, language)
        }
    else:
        message = _("The time for this is over in this assembly.")
    data = {"deed": deed.value, "opens_at": next_one.begins_at.isoformat() if next_one else None}
    raise Conflict(AssemblyCode.NOT_OPEN_NOW, message, data)


def speaker_required(actor: Actor, action: Action, assembly: Assembly, stand_in: UUID | None = None) -> Person:
    """Return the resident who speaks, and refuse whoever may not or does not live in the assembly's dong.

    Parameters
    ----------
    actor : Actor
        Who acts.
    action : Action
        What they want to do.
    assembly : Assembly
        Where.
    stand_in : UUID, optional
        For whom the system speaks when it plays the residents of a sample; nobody else may say it.

    Raises
    ------
    PermissionDenied
        If the role may not do this here.
    Conflict
        If the account belongs to nobody who lives in this dong.
    """
    require(actor, action, place=assembly.dong_id)
    if actor.role is Role.SYSTEM:
        person = Person.objects.filter(pk=stand_in, dong__code=assembly.dong_id).first() if stand_in else None
        if person is None:
            raise DomainError(AssemblyCode.AUTHOR_MISSING, _("Say which resident of this dong speaks."), field="author")
        return person
    person = resident_here(actor, assembly.dong_id)
    if person is None or stand_in is not None:
        message = _(
            "Your account is not tied to a resident of this dong yet. The dong office does that at its counter."
        )
        raise Conflict(AssemblyCode.NOT_A_RESIDENT, message, {"dong": assembly.dong_id})
    return person


def _calendar(spans: Sequence[Span]) -> tuple[Span, ...]:
    if not spans:
        raise DomainError(AssemblyCode.CALENDAR_EMPTY, _("Enter at least one phase."), field="calendar")
    if any(timezone.is_naive(span.begins_at) or timezone.is_naive(span.ends_at) for span in spans):
        raise DomainError(AssemblyCode.CALENDAR_NOT_VALID, _("Each moment needs its time zone."), field="calendar")
    try:
        return calendar_checked(tuple(spans))
    except EngineInputError as error:
        message = _calendar_fault(error.code, error.data)
        raise DomainError(AssemblyCode.CALENDAR_NOT_VALID, message, error.data, field="calendar") from error


def _calendar_fault(code: str, data: dict[str, object]) -> str:
    def named(key: str) -> str:
        return str(PhaseName(str(data[key])).label)

    if code == "phase_twice":
        return _("A phase stands in the calendar twice.")
    if code == "phase_empty":
        return _("“%(phase)s” ends before it begins.") % {"phase": named("phase")}
    names = {"after": named("after"), "before": named("before")}
    if code == "phases_overlap":
        return _("“%(after)s” begins while “%(before)s” still lasts.") % names
    return _("“%(after)s” comes after “%(before)s”, but begins earlier.") % names


def _check_money(draft: AssemblyDraft, dong: str) -> None:
    if not 0 < draft.budget_won <= MAX_BUDGET_WON:
        message = _("Enter the budget as a whole number of won, more than 0.")
        raise DomainError(AssemblyCode.BUDGET_NOT_VALID, message, field="budget_won")
    fund = Fund.objects.filter(code=draft.fund).first()
    if fund is None or not dong.startswith(fund.place):
        message = _("There is no fund of this code from which the dong can pay.")
        raise DomainError(AssemblyCode.FUND_UNKNOWN, message, {"fund": draft.fund}, field="fund")


def _write(assembly: Assembly, spans: Sequence[Span]) -> None:
    AssemblyPhase.objects.bulk_create(
        AssemblyPhase(assembly=assembly, phase=span.phase.value, begins_at=span.begins_at, ends_at=span.ends_at)
        for span in spans
    )


def _listed(spans: Sequence[Span]) -> list[list[str]]:
    def written(moment: datetime) -> str:
        return moment.astimezone(timezone.get_current_timezone()).isoformat(timespec="minutes")

    return [[span.phase.value, written(span.begins_at), written(span.ends_at)] for span in spans]
