"""Reading persons: whom an actor may know of, and how little of them a list shows."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import NotFound
from madang.yard.audit.authority import DISTRICT_DIGITS, ROLE_NAMES, Action, Actor, Role, may
from madang.yard.audit.models import Record
from madang.yard.audit.services import target_name
from madang.yard.people.fields import blind_index
from madang.yard.people.models import Person, Sex
from madang.yard.places.models import Dong


class Purpose(models.TextChoices):
    """Why staff read a person's data; a free text says more."""

    CARE = "care", _("Care: application, assessment, plan or visit")
    HEALTH = "health", _("Public health: contact, isolation or quarantine")
    SUPPORT = "support", _("Support: energy, heat or cold, allowance")
    ISSUE = "issue", _("Answering what the resident reported")
    RECORD = "record", _("Correcting the record at the resident's request")
    EMERGENCY = "emergency", _("Emergency: life or health is in danger")
    INQUIRY = "inquiry", _("Inquiry: law, audit or court")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person as a list shows them: enough to know that there is one.

    Attributes
    ----------
    id : UUID
        Key of the record.
    masked_name : str
        First letter of the name.
    dong : str
        Name of the dong in the reader's language.
    sex : object
        Registered sex in the reader's language.
    is_sample : bool
        Whether the person was generated.
    """

    id: uuid.UUID
    masked_name: str
    dong: str
    sex: object
    is_sample: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """A person's data in clear: what a read with a stated purpose returns."""

    id: uuid.UUID
    name: str
    phone: str
    address: str
    birth_date: dt.date | None
    notes: str
    sex: Sex
    dong_code: str
    dong_name: str
    household: uuid.UUID | None
    is_sample: bool
    version: int

    def __repr__(self) -> str:
        return f"<PersonRecord {self.id}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One read or change of a person's record, as that person is told of it."""

    at: dt.datetime
    action: str
    role: object
    purpose: str


def name_masked(name: str) -> str:
    """Return a name of which only the first letter shows; its length does not.

    Examples
    --------
    >>> name_masked("홍길동"), name_masked("")
    ('홍○○', '○○○')
    """
    return f"{name[:1] or '○'}○○"


def persons_visible(actor: Actor) -> QuerySet[Person]:
    """Return the persons whom an actor may know of: those of their dong, or of their district."""
    if not may(actor, Action.PERSON_READ):
        return Person.objects.none()
    if actor.role is Role.SYSTEM:
        return Person.objects.all()
    if len(actor.place) == DISTRICT_DIGITS:
        return Person.objects.filter(dong__district__code=actor.place)
    return Person.objects.filter(dong__code=actor.place) if actor.place else Person.objects.none()


def person_get(actor: Actor, person_id: uuid.UUID | str) -> Person:
    """Return one person whom an actor may know of.

    Raises
    ------
    NotFound
        If there is none, or the actor may not know that there is.
    """
    person = persons_visible(actor).select_related("dong__district").filter(pk=person_id).first()
    if person is None:
        raise person_unknown()
    return person


def person_unknown() -> NotFound:
    """Return the error for a person who is not there or not to be seen."""
    return NotFound("person_unknown", _("There is no such person here, or you may not see them."))


def person_rows(persons: QuerySet[Person]) -> list[PersonRow]:
    """Return persons as a list shows them, in one query."""
    columns = persons.values_list("id", "name", "sex", "is_sample", "dong__name_ko", "dong__name_en")
    return [
        PersonRow(
            id=key,
            masked_name=name_masked(name or ""),
            dong=Dong(name_ko=korean, name_en=english).name,
            sex=Sex(sex).label,
            is_sample=is_sample,
        )
        for key, name, sex, is_sample, korean, english in columns
    ]


def person_matches(actor: Actor, *, name: str = "", phone: str = "") -> QuerySet[Person]:
    """Return the visible persons of exactly this name and phone number, found through their blind indexes."""
    found = persons_visible(actor)
    for index, text in (("name_index", name), ("phone_index", phone)):
        if text.strip():
            found = found.filter(blind_index(Person, index).matches(text))
    return found if name.strip() or phone.strip() else found.none()


def person_record(person: Person) -> PersonRecord:
    """Return a person's data in clear; only services that audit the read call this."""
    return PersonRecord(
        id=person.pk,
        name=person.name or "",
        phone=person.phone or "",
        address=person.address or "",
        birth_date=person.birth_date,
        notes=person.notes or "",
        sex=Sex(person.sex),
        dong_code=person.dong.code,
        dong_name=person.dong.name,
        household=person.household,
        is_sample=person.is_sample,
        version=person.version,
    )


def person_of_user(user_id: uuid.UUID | None) -> Person | None:
    """Return the person that an account belongs to, if it belongs to one."""
    if user_id is None:
        return None
    return Person.objects.select_related("dong__district").filter(user_id=user_id).first()


def purpose_shown(purpose: str) -> str:
    """Return a purpose as the log keeps it (`kind: words`) in the reader's language."""
    kind, colon, words = purpose.partition(": ")
    return f"{Purpose(kind).label} ({words})" if colon and kind in Purpose.values else purpose


def accesses_of(person: Person, limit: int = 100) -> list[Access]:
    """Return who read or changed a person's record, newest first: by role, not by name."""
    rows = (
        Record.objects.filter(
            target=target_name(person),
            action__in=(Action.PERSON_READ.value, Action.PERSON_EDIT.value, Action.PERSON_ADD.value),
        )
        .order_by("-sequence")
        .values_list("at", "action", "role", "purpose")[:limit]
    )
    return [
        Access(at=at, action=action, role=ROLE_NAMES[Role(role)], purpose=purpose_shown(purpose))
        for at, action, role, purpose in rows
    ]
