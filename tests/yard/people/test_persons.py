"""Persons: who may enter, read, find and correct whom; what the log keeps of it."""

import datetime as dt
import uuid
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.yard.audit.authority import SYSTEM, Action, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.people.models import Person, Sex
from madang.yard.people.selectors import (
    accesses_of,
    name_masked,
    person_get,
    person_rows,
    persons_visible,
)
from madang.yard.people.selectors.persons import Purpose
from madang.yard.people.services import (
    PersonQuery,
    PurposeDraft,
    person_add,
    person_edit,
    person_link,
    person_read,
    person_read_own,
    persons_load,
    persons_search,
)

pytestmark = pytest.mark.django_db

WHY = PurposeDraft(kind=Purpose.CARE, text="application of 3 March")

# role: at its own dong, at another dong of its district, at its whole district, at another district
READ = {
    Role.PUBLIC: "....",
    Role.RESIDENT: "....",
    Role.COUNCIL_MEMBER: "....",
    Role.DONG_OFFICER: "x.x.",
    Role.CARE_MANAGER: "x.x.",
    Role.CARE_WORKER: "x.x.",
    Role.HEALTH_OFFICER: "x.x.",
    Role.ENERGY_OFFICER: "....",
    Role.PROJECT_OFFICER: "....",
    Role.ADMINISTRATOR: "x.x.",
    Role.AUDITOR: "....",
    Role.SYSTEM: "xxxx",
}
EDIT = {**READ, Role.CARE_WORKER: "....", Role.HEALTH_OFFICER: "...."}
ADD = {**READ, Role.CARE_WORKER: "...."}
SEARCH = {**READ, Role.CARE_WORKER: "...."}


def cells(table: dict[Role, str]) -> list[tuple[Role, int, bool]]:
    assert set(table) == set(Role)
    return [(role, column, mark == "x") for role, row in table.items() for column, mark in enumerate(row)]


def stand(town: SimpleNamespace, role: Role, column: int) -> Actor:
    """Return an actor of a role whose place relates to the person's dong as the table's column says."""
    place = (town.dong, town.other_dong, town.district, town.other_district)[column]
    return Actor(role=role, place="" if role in {Role.PUBLIC, Role.SYSTEM} else place, user="u")


def attempt(allowed: bool, act: Callable[[], object]) -> None:
    before = Record.objects.count()
    if allowed:
        act()
        assert Record.objects.count() == before + 1
        return
    with pytest.raises((PermissionDenied, NotFound)):
        act()
    assert Record.objects.count() == before


@pytest.mark.parametrize(("role", "column", "allowed"), cells(READ))
def test_who_reads(town: SimpleNamespace, person: Person, role: Role, column: int, allowed: bool) -> None:
    attempt(allowed, lambda: person_read(stand(town, role, column), person.pk, WHY))


@pytest.mark.parametrize(("role", "column", "allowed"), cells(EDIT))
def test_who_corrects(town: SimpleNamespace, person: Person, role: Role, column: int, allowed: bool) -> None:
    draft = town.draft(address="새 주소")
    attempt(allowed, lambda: person_edit(stand(town, role, column), person.pk, draft, 1))
    assert (Person.objects.get(pk=person.pk).address == "새 주소") is allowed


@pytest.mark.parametrize(("role", "column", "allowed"), cells(ADD))
def test_who_enters(town: SimpleNamespace, role: Role, column: int, allowed: bool) -> None:
    attempt(allowed, lambda: person_add(stand(town, role, column), town.draft()))
    assert Person.objects.exists() is allowed


@pytest.mark.parametrize(("role", "column", "allowed"), cells(SEARCH))
def test_who_finds(town: SimpleNamespace, person: Person, role: Role, column: int, allowed: bool) -> None:
    actor = stand(town, role, column)
    try:
        found = persons_search(actor, PersonQuery(name="홍길동"))
    except PermissionDenied:
        found = []
    assert bool(found) is allowed


@pytest.mark.parametrize(("role", "column", "allowed"), cells(READ))
def test_who_knows_that_there_is_somebody(
    town: SimpleNamespace, person: Person, role: Role, column: int, allowed: bool
) -> None:
    actor = stand(town, role, column)
    assert persons_visible(actor).exists() is allowed
    if not allowed:
        with pytest.raises(NotFound):
            person_get(actor, person.pk)


def test_a_person_of_another_dong_and_one_who_is_not_there_look_the_same(
    town: SimpleNamespace, neighbour: Person, foreigner: Person
) -> None:
    officer = town.actor(Role.DONG_OFFICER, town.dong)
    answers = set()
    for key in (neighbour.pk, foreigner.pk, uuid.uuid4()):
        with pytest.raises(NotFound) as caught:
            person_read(officer, key, WHY)
        answers.add((caught.value.code, str(caught.value), str(caught.value.data)))
    assert len(answers) == 1


def test_a_read_returns_everything_and_is_logged_with_its_purpose(town: SimpleNamespace, person: Person) -> None:
    officer = town.actor(Role.DONG_OFFICER, town.dong)
    opened = person_read(officer, person.pk, WHY)
    assert (opened.name, opened.phone, opened.birth_date) == ("홍길동", "062-555-0142", dt.date(1944, 3, 1))
    entry = Record.objects.get(action=Action.PERSON_READ.value)
    assert (entry.role, entry.place, entry.user) == ("dong_officer", town.dong, "test")
    assert entry.purpose == "care: application of 3 March"
    assert entry.target == f"people.person:{person.pk}"
    assert entry.detail == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "purpose_missing"),
        ("    .   ", "purpose_missing"),
        ("care", "purpose_missing"),
        ("x" * 151, "purpose_missing"),
        ("visit to 홍길동 on Tuesday", "purpose_names_person"),
        ("called 062 555 0142 back", "purpose_names_person"),
        ("call +82 62-555-0142 back", "purpose_names_person"),
    ],
)
def test_a_purpose_is_words_and_names_nobody(town: SimpleNamespace, person: Person, text: str, code: str) -> None:
    before = Record.objects.count()
    with pytest.raises(DomainError) as caught:
        person_read(town.actor(Role.DONG_OFFICER, town.dong), person.pk, PurposeDraft(kind=Purpose.CARE, text=text))
    assert caught.value.code == code
    assert "홍길동" not in str(caught.value)
    assert Record.objects.count() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"birth_date": dt.date(2999, 1, 1)}, "birth_date"),
        ({"birth_date": dt.date(1700, 1, 1)}, "birth_date"),
    ],
)
def test_bad_data_is_refused_beside_its_field(
    town: SimpleNamespace, person: Person, changes: dict[str, object], field: str
) -> None:
    officer = town.actor(Role.DONG_OFFICER, town.dong)
    for act in (
        lambda: person_add(officer, town.draft(**changes)),
        lambda: person_edit(officer, person.pk, town.draft(**changes), 1),
    ):
        with pytest.raises(DomainError) as caught:
            act()
        assert caught.value.field == field
        assert not any(str(value) in str(caught.value) for value in changes.values() if str(value).strip())


def test_a_correction_names_the_fields_and_not_what_stood_in_them(town: SimpleNamespace, person: Person) -> None:
    officer = town.actor(Role.DONG_OFFICER, town.dong)
    person_edit(officer, person.pk, town.draft(name="홍길순", sex=Sex.FEMALE), 1)
    entry = Record.objects.get(action=Action.PERSON_EDIT.value)
    assert entry.detail == {"changed": ["name", "sex"], "version": 2}
    assert persons_search(officer, PersonQuery(name="홍길순"))
    assert not persons_search(officer, PersonQuery(name="홍길동"))


def test_two_corrections_of_one_record_do_not_overwrite_each_other(town: SimpleNamespace, person: Person) -> None:
    officer = town.actor(Role.DONG_OFFICER, town.dong)
    person_edit(officer, person.pk, town.draft(notes="first"), 1)
    with pytest.raises(Conflict) as caught:
        person_edit(officer, person.pk, town.draft(notes="second"), 1)
    assert caught.value.code == "person_changed"
    assert Person.objects.get(pk=person.pk).notes == "first"


def test_nobody_is_moved_to_a_dong_beyond_reach(town: SimpleNamespace, person: Person) -> None:
    with pytest.raises(PermissionDenied):
        person_edit(town.actor(Role.DONG_OFFICER, town.dong), person.pk, town.draft(town.other_dong), 1)
    person_edit(town.actor(Role.CARE_MANAGER, town.district), person.pk, town.draft(town.other_dong), 1)
    assert Person.objects.get(pk=person.pk).dong.code == town.other_dong


def test_a_search_is_exact_masked_and_logged_without_what_was_typed(town: SimpleNamespace, person: Person) -> None:
    officer = town.actor(Role.DONG_OFFICER, town.dong)
    for query, found in (
        (PersonQuery(name=" 홍길동 "), 1),
        (PersonQuery(name="홍길"), 0),
        (PersonQuery(phone="0625550142"), 1),
        (PersonQuery(phone="+82-62-555-0142"), 1),
        (PersonQuery(name="홍길동", phone="062-555-9999"), 0),
        (PersonQuery(name="홍길동", phone="062-555-0142"), 1),
    ):
        rows = persons_search(officer, query)
        assert len(rows) == found
        assert all(row.masked_name == "홍○○" for row in rows)
    entries = Record.objects.filter(action=Action.PERSON_SEARCH.value).order_by("sequence")
    assert [entry.detail["found"] for entry in entries] == [1, 0, 1, 1, 0, 1]
    assert entries[4].detail == {"by": ["name", "phone"], "found": 0}
    with pytest.raises(DomainError):
        persons_search(officer, PersonQuery(name=" ", phone=""))


def test_drafts_and_records_do_not_show_themselves(town: SimpleNamespace, person: Person) -> None:
    opened = person_read(SYSTEM, person.pk, WHY)
    shown = repr(town.draft()) + repr(opened) + repr(person) + str(person) + repr(PersonQuery(name="홍길동"))
    assert "홍길동" not in shown
    assert "0142" not in shown


def test_a_resident_reads_their_own_record_and_who_else_did(town: SimpleNamespace, person: Person) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    resident = town.actor(Role.RESIDENT, town.dong, user)
    with pytest.raises(NotFound):
        person_read_own(resident)
    with pytest.raises(PermissionDenied):
        person_read(resident, person.pk, WHY)
    person_link(town.actor(Role.ADMINISTRATOR, town.district), person.pk, user.pk)
    person_read(town.actor(Role.DONG_OFFICER, town.dong), person.pk, WHY)
    assert person_read_own(resident).name == "홍길동"
    assert Record.objects.get(action=Action.PERSON_READ_OWN.value).target == f"people.person:{person.pk}"
    accesses = accesses_of(person)
    assert [access.action for access in accesses] == ["person.read", "person.edit", "person.add"]
    with override("en"):
        assert accesses_of(person)[0].purpose == "Care: application, assessment, plan or visit (application of 3 March)"


def test_a_person_and_an_account_are_linked_once(town: SimpleNamespace, person: Person) -> None:
    administrator = town.actor(Role.ADMINISTRATOR, town.district)
    one, other = town.account(Role.RESIDENT, town.dong), town.account(Role.RESIDENT, town.dong)
    person_link(administrator, person.pk, one.pk)
    with pytest.raises(Conflict):
        person_link(administrator, person.pk, other.pk)
    second = person_add(SYSTEM, town.draft(name="성춘향"))
    with pytest.raises(Conflict):
        person_link(administrator, second.pk, one.pk)
    with pytest.raises(PermissionDenied):
        person_link(town.actor(Role.DONG_OFFICER, town.dong), second.pk, other.pk)


def test_invented_persons_say_so_and_do_not_mix_with_real_ones(town: SimpleNamespace) -> None:
    assert person_add(SYSTEM, town.draft()).is_sample
    real = town.district_make("11440", is_sample=False)
    town.dong_make(real, "1144010100")
    assert not person_add(SYSTEM, town.draft("1144010100")).is_sample
    with pytest.raises(Conflict):
        persons_load(SYSTEM, [town.draft()])
    with pytest.raises(PermissionDenied):
        persons_load(town.actor(Role.ADMINISTRATOR, town.district), [town.draft()])


@pytest.mark.parametrize(("name", "masked"), [("홍길동", "홍○○"), ("남궁민수", "남○○"), ("Kim", "K○○"), ("", "○○○")])
def test_a_masked_name_shows_one_letter_and_no_length(name: str, masked: str) -> None:
    assert name_masked(name) == masked


def test_a_list_costs_one_query_whatever_its_length(
    town: SimpleNamespace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    persons_load(SYSTEM, [town.draft(name=f"예시{number}") for number in range(40)])
    officer = town.actor(Role.DONG_OFFICER, town.dong)
    with django_assert_num_queries(1):
        assert len(person_rows(persons_visible(officer))) == 40


def test_a_read_costs_the_same_for_a_large_district(
    town: SimpleNamespace, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    persons_load(SYSTEM, [town.draft(name=f"예시{number}") for number in range(40)])
    with django_assert_max_num_queries(8):
        person_read(town.actor(Role.DONG_OFFICER, town.dong), person.pk, WHY)
