"""Calling an assembly, changing its calendar, and asking whether a deed is open."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from tests.rooms.autonomy.conftest import WEEK, Hall, call_draft, spans_at
from tests.rooms.conftest import SeoGu

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.engine.phases import OPENS, Deed, Phase, Span
from madang.rooms.autonomy.models import Assembly
from madang.rooms.autonomy.selectors.assembly import assemblies_list, calendar_of
from madang.rooms.autonomy.services import CalendarDraft, assembly_call, assembly_reschedule
from madang.rooms.autonomy.services.assembly import open_required, speaker_required
from madang.yard.audit.authority import MAY, SYSTEM, Action, Role
from madang.yard.audit.models import Record
from madang.yard.ledger.models import Fund, FundLevel

pytestmark = pytest.mark.django_db
CALLERS = {Role.DONG_OFFICER, Role.ADMINISTRATOR, Role.SYSTEM}


def test_an_assembly_is_called_with_its_calendar(hall: Hall) -> None:
    assembly = Assembly.objects.get()
    assert [span.phase for span in assembly.spans] == list(Phase)
    assert assembly.phase() is Phase.PROPOSE
    entry = Record.objects.get(action="assembly.call")
    assert entry.detail["won"] == assembly.budget_won
    assert [row[0] for row in entry.detail["calendar"]] == [phase.value for phase in Phase]


@pytest.mark.parametrize("role", Role)
def test_who_may_call(seo_gu: SeoGu, fund: Fund, role: Role) -> None:
    actor = SYSTEM if role is Role.SYSTEM else seo_gu.actor(role)
    if role in CALLERS:
        assert assembly_call(actor, call_draft(seo_gu.dong.code)).pk
    else:
        with pytest.raises(PermissionDenied):
            assembly_call(actor, call_draft(seo_gu.dong.code))
        assert not Assembly.objects.exists()


def test_an_officer_calls_none_for_the_next_dong(seo_gu: SeoGu, fund: Fund) -> None:
    with pytest.raises(PermissionDenied):
        assembly_call(seo_gu.actor(Role.DONG_OFFICER, seo_gu.other.code), call_draft(seo_gu.dong.code))


def overlapping() -> tuple[Span, ...]:
    spans = list(spans_at(Phase.PROPOSE))
    spans[1] = replace(spans[1], begins_at=spans[1].begins_at - timedelta(days=1))
    return tuple(spans)


def backwards() -> tuple[Span, ...]:
    first, second, *rest = spans_at(Phase.PROPOSE)
    return (replace(first, phase=second.phase), replace(second, phase=first.phase), *rest)


BEGIN = datetime(2026, 9, 1, tzinfo=timezone.get_default_timezone())


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"title": " "}, "text_missing", "title"),
        ({"title": "가" * 121}, "text_too_long", "title"),
        ({"about": "담당 010-1234-5678"}, "personal_data", "about"),
        ({"budget_won": 0}, "budget_not_valid", "budget_won"),
        ({"budget_won": 10**12 + 1}, "budget_not_valid", "budget_won"),
        ({"fund": "nowhere"}, "fund_unknown", "fund"),
        ({"fund": "next-dong"}, "fund_unknown", "fund"),
        ({"year": 1999}, "year_not_valid", "year"),
        ({"spans": ()}, "calendar_empty", "calendar"),
        ({"spans": overlapping()}, "calendar_not_valid", "calendar"),
        ({"spans": backwards()}, "calendar_not_valid", "calendar"),
        ({"spans": spans_at(Phase.VOTE)[:1] * 2}, "calendar_not_valid", "calendar"),
        ({"spans": (Span(phase=Phase.VOTE, begins_at=BEGIN, ends_at=BEGIN),)}, "calendar_not_valid", "calendar"),
        (
            {"spans": (Span(phase=Phase.VOTE, begins_at=BEGIN.replace(tzinfo=None), ends_at=BEGIN),)},
            "calendar_not_valid",
            "calendar",
        ),
    ],
)
def test_what_an_assembly_cannot_be(
    seo_gu: SeoGu, fund: Fund, changes: dict[str, object], code: str, field: str
) -> None:
    Fund.objects.create(
        code="next-dong", name_ko="옆 동", level=FundLevel.DONG, place=seo_gu.other.code, fiscal_year=2027
    )
    with pytest.raises(DomainError) as refusal:
        assembly_call(seo_gu.officer, call_draft(seo_gu.dong.code, **changes))
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert str(refusal.value)


def test_the_same_assembly_is_not_called_twice(hall: Hall) -> None:
    with pytest.raises(Conflict) as refusal:
        assembly_call(hall.seo_gu.officer, call_draft(hall.dong))
    assert refusal.value.code == "already_called"


def test_what_is_still_to_come_can_be_moved(hall: Hall) -> None:
    before = hall.assembly.spans
    later = tuple(
        span
        if span.begins_at <= timezone.now()
        else replace(span, begins_at=span.begins_at + WEEK, ends_at=span.ends_at + WEEK)
        for span in before
    )
    assembly_reschedule(hall.seo_gu.officer, CalendarDraft(assembly=hall.assembly.pk, spans=later))
    assert Assembly.objects.get().spans == later
    entry = Record.objects.filter(action="assembly.call").latest("sequence")
    assert entry.detail["before"] != entry.detail["calendar"]


@pytest.mark.parametrize("change", ["earlier end", "later end", "gone", "into the past"])
def test_what_has_begun_stays(hall: Hall, change: str) -> None:
    hall.turn_to(Phase.REVIEW)
    before = Assembly.objects.get().spans
    spans = list(before)
    if change == "gone":
        del spans[0]
    elif change == "into the past":
        spans[2] = replace(spans[2], begins_at=spans[1].begins_at + timedelta(hours=1))
        spans[1] = replace(spans[1], ends_at=spans[2].begins_at)
    else:
        step = timedelta(hours=-1 if change == "earlier end" else 1)
        spans[1] = replace(spans[1], ends_at=spans[1].ends_at + step)
        spans[2] = replace(spans[2], begins_at=spans[1].ends_at)
    with pytest.raises(Conflict) as refusal:
        assembly_reschedule(hall.seo_gu.officer, CalendarDraft(assembly=hall.assembly.pk, spans=tuple(spans)))
    assert refusal.value.code == "phase_begun"
    assert Assembly.objects.get().spans == before


def test_an_assembly_that_is_not_there_has_no_calendar(hall: Hall) -> None:
    with pytest.raises(NotFound):
        assembly_reschedule(hall.seo_gu.officer, CalendarDraft(assembly=0, spans=spans_at(Phase.PROPOSE)))


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("phase", Phase)
def test_a_deed_is_open_in_the_phases_of_the_table_only(hall: Hall, phase: Phase, deed: Deed) -> None:
    hall.turn_to(phase)
    assembly = Assembly.objects.get()
    if deed in OPENS[phase]:
        open_required(assembly, deed)
        return
    with pytest.raises(Conflict) as refusal:
        open_required(assembly, deed)
    assert refusal.value.code == "not_open_now"
    ahead = [span.begins_at for span in assembly.spans if span.begins_at > timezone.now() and deed in OPENS[span.phase]]
    assert refusal.value.data["opens_at"] == (ahead[0].isoformat() if ahead else None)


def test_every_deed_is_an_action_that_somebody_may_take() -> None:
    for deed in Deed:
        assert MAY[Action(deed.value)], deed


def test_only_who_lives_in_the_dong_speaks(hall: Hall) -> None:
    here, next_dong = hall.resident(), hall.resident(dong=hall.seo_gu.other.code)
    assert speaker_required(here.actor, Action.PROPOSAL_SUBMIT, hall.assembly) == here.person
    with pytest.raises(PermissionDenied):
        speaker_required(next_dong.actor, Action.PROPOSAL_SUBMIT, hall.assembly)
    moved = hall.resident()
    moved.person.dong = hall.seo_gu.other
    moved.person.save(update_fields=["dong"])
    for stranger in (moved.actor, hall.seo_gu.actor(Role.RESIDENT), hall.seo_gu.council):
        with pytest.raises(Conflict) as refusal:
            speaker_required(stranger, Action.PROPOSAL_SUBMIT, hall.assembly)
        assert refusal.value.code == "not_a_resident"


def test_nobody_but_the_system_speaks_for_another(hall: Hall) -> None:
    here, other = hall.resident(), hall.resident()
    assert speaker_required(SYSTEM, Action.PROPOSAL_SUBMIT, hall.assembly, other.person.pk) == other.person
    with pytest.raises(Conflict):
        speaker_required(here.actor, Action.PROPOSAL_SUBMIT, hall.assembly, other.person.pk)
    with pytest.raises(DomainError) as refusal:
        speaker_required(SYSTEM, Action.PROPOSAL_SUBMIT, hall.assembly)
    assert refusal.value.code == "author_missing"


def test_the_calendar_says_what_is_open_and_what_comes(hall: Hall) -> None:
    hall.turn_to(Phase.DISCUSS)
    calendar = calendar_of(Assembly.objects.get())
    assert calendar.now is not None
    assert calendar.following is not None
    assert (calendar.now.phase, calendar.following.phase) == (Phase.DISCUSS, Phase.VOTE)
    assert [step.status for step in calendar.steps] == ["reached"] * 2 + ["now"] + ["ahead"] * 3
    assert sum(step.width for step in calendar.steps) == pytest.approx(100, abs=0.1)
    assert calendar.marker == pytest.approx(250 / 6, abs=0.1)
    over = calendar_of(Assembly.objects.get(), timezone.now() + 10 * WEEK)
    assert (over.now, over.following, over.marker) == (None, None, None)


def test_what_is_open_stands_first(hall: Hall) -> None:
    old = call_draft(hall.dong, title="지난 총회", spans=tuple(
        replace(span, begins_at=span.begins_at - 60 * WEEK, ends_at=span.ends_at - 60 * WEEK)
        for span in spans_at(Phase.PROPOSE)
    ))  # fmt: skip
    past = assembly_call(hall.seo_gu.officer, old)
    assert [assembly for assembly, _calendar in assemblies_list(hall.dong)] == [hall.assembly, past]
    assert assemblies_list(hall.seo_gu.other.code) == []
