"""Entering, reading and correcting persons; every read by staff states its purpose and is written to the log."""

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import record
from madang.yard.people.fields import phone_normal, text_normal
from madang.yard.people.models import Person, Sex, User
from madang.yard.people.selectors.accounts import account_key, user_get
from madang.yard.people.selectors.persons import (
    PersonRecord,
    PersonRow,
    Purpose,
    person_get,
    person_matches,
    person_of_user,
    person_record,
    person_rows,
    person_unknown,
)
from madang.yard.places.models import Dong

PHONE = re.compile(r"^\+?[0-9][0-9 ()-]{7,19}$")
PURPOSE_LENGTH = (5, 150)
SEARCH_LIMIT = 50
_EARLIEST_BIRTH = dt.date(1890, 1, 1)
_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDraft:
    """A person as they are to be entered; never shown in an error or a log.

    Attributes
    ----------
    dong : str
        Code of the dong they live in.
    name, phone, address, notes : str
        In clear; sealed when stored.
    birth_date : date or None
        None if not known.
    sex : Sex
        Registered sex.
    household : UUID or None
        Reference that the members of a household share.
    id : UUID or None
        Key to store under; None for a new one.
    """

    dong: str
    name: str
    phone: str = ""
    address: str = ""
    birth_date: dt.date | None = None
    notes: str = ""
    sex: Sex = Sex.UNKNOWN
    household: uuid.UUID | None = None
    id: uuid.UUID | None = None

    def __repr__(self) -> str:
        return "<PersonDraft>"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeDraft:
    """Why a person's data is read: one of the kinds, and a few words that name the case but not the person."""

    kind: Purpose
    text: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.text.strip()}"


def _dong(code: str) -> Dong:
    dong = Dong.objects.select_related("district").filter(code=code).first()
    if dong is None:
        raise NotFound("dong_unknown", _("There is no such dong here."), field="dong")
    return dong


def _require_sound(draft: PersonDraft) -> None:
    if not draft.name.strip():
        raise DomainError("name_missing", _("Enter the name."), field="name")
    if draft.phone.strip() and not PHONE.match(draft.phone.strip()):
        raise DomainError("phone_bad", _("Enter the number with its area code, such as 062-000-0000."), field="phone")
    born = draft.birth_date
    if born is not None and not _EARLIEST_BIRTH <= born <= timezone.localdate():
        raise DomainError("birth_date_bad", _("Enter a day that is past, such as 1944-03-01."), field="birth_date")


def _filled(person: Person, draft: PersonDraft, dong: Dong) -> Person:
    person.dong = dong
    person.name = draft.name.strip()
    person.phone = draft.phone.strip()
    person.address = draft.address.strip()
    person.birth_date = draft.birth_date
    person.notes = draft.notes.strip()
    person.sex = draft.sex.value
    person.household = draft.household
    return person


@transaction.atomic
def person_add(actor: Actor, draft: PersonDraft) -> Person:
    """Enter a person.

    Raises
    ------
    DomainError
        If the name is missing, or the phone number or birth date cannot be one.
    """
    require(actor, Action.PERSON_ADD, place=draft.dong)
    dong = _dong(draft.dong)
    _require_sound(draft)
    person = _filled(Person(id=draft.id or uuid.uuid4(), is_sample=dong.district.is_sample), draft, dong)
    person.save(force_insert=True)
    record(actor, Action.PERSON_ADD, target=person, detail={"dong": dong.code, "sample": person.is_sample})
    return person


@transaction.atomic
def persons_load(actor: Actor, drafts: Iterable[PersonDraft]) -> int:
    """Enter many invented persons into a sample district, in batches, with one record in the log.

    Raises
    ------
    Conflict
        If a dong belongs to a district that is not a sample.
    """
    require(actor, Action.SAMPLE_LOAD)
    dongs = {dong.code: dong for dong in Dong.objects.select_related("district")}
    if not all(dong.district.is_sample for dong in dongs.values()):
        raise Conflict("district_real", _("Invented persons are not mixed with real ones."))
    stream = iter(drafts)
    count = 0
    while batch := list(islice(stream, _BATCH)):
        Person.objects.bulk_create(
            _filled(Person(id=draft.id or uuid.uuid4(), is_sample=True), draft, dongs[draft.dong]) for draft in batch
        )
        count += len(batch)
    record(actor, Action.SAMPLE_LOAD, target="people.person", detail={"persons": count})
    return count


@transaction.atomic
def person_read(actor: Actor, person_id: uuid.UUID | str, purpose: PurposeDraft) -> PersonRecord:
    """Return a person's data in clear, and write to the log who read it, in which role and what for.

    Raises
    ------
    NotFound
        If the person is not within the actor's reach.
    DomainError
        If the purpose is not stated in words, or names the person.
    """
    require(actor, Action.PERSON_READ)
    person = person_get(actor, person_id)
    require(actor, Action.PERSON_READ, place=person.dong.code)
    opened = person_record(person)
    _require_purpose(purpose, opened)
    record(actor.for_purpose(str(purpose)), Action.PERSON_READ, target=person)
    return opened


def _require_purpose(purpose: PurposeDraft, opened: PersonRecord) -> None:
    text = purpose.text.strip()
    shortest, longest = PURPOSE_LENGTH
    if not shortest <= len(text) <= longest:
        raise DomainError(
            "purpose_missing", _("Say in a few words what you need it for (5 to 150 letters)."), field="text"
        )
    digits, phone = phone_normal(text), phone_normal(opened.phone).lstrip("0")
    named = len(opened.name) > 1 and text_normal(opened.name) in text_normal(text)
    if named or (len(phone) > 7 and phone in digits):
        raise DomainError(
            "purpose_names_person",
            _("The purpose is kept in the log: name the case, not the person. Leave out the name and number."),
            field="text",
        )


@transaction.atomic
def person_read_own(actor: Actor) -> PersonRecord:
    """Return the actor's own data in clear.

    Raises
    ------
    NotFound
        If the account belongs to no person.
    """
    require(actor, Action.PERSON_READ_OWN)
    person = person_of_user(account_key(actor))
    if person is None:
        raise person_unknown()
    record(actor.for_purpose("own record"), Action.PERSON_READ_OWN, target=person)
    return person_record(person)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonQuery:
    """Whom to search for: exact name, exact phone number, or both."""

    name: str = ""
    phone: str = ""

    def __repr__(self) -> str:
        return "<PersonQuery>"


@transaction.atomic
def persons_search(actor: Actor, query: PersonQuery) -> list[PersonRow]:
    """Return the persons within the actor's reach who have exactly this name and number; names stay masked.

    Raises
    ------
    DomainError
        If neither is given.
    """
    require(actor, Action.PERSON_SEARCH)
    if not query.name.strip() and not query.phone.strip():
        raise DomainError("query_empty", _("Enter a whole name or a whole phone number."), field="name")
    found = person_rows(person_matches(actor, name=query.name, phone=query.phone)[:SEARCH_LIMIT])
    by = [label for label, text in (("name", query.name), ("phone", query.phone)) if text.strip()]
    record(actor, Action.PERSON_SEARCH, target="people.person", detail={"by": by, "found": len(found)})
    return found


@transaction.atomic
def person_edit(actor: Actor, person_id: uuid.UUID | str, draft: PersonDraft, version: int) -> Person:
    """Correct a person's data.

    Parameters
    ----------
    actor : Actor
        Who corrects it; must reach the dong that the person lives in and the one they are moved to.
    person_id : UUID
        Whose.
    draft : PersonDraft
        The data as it shall be.
    version : int
        Version of the record that the correction was made on.

    Raises
    ------
    NotFound
        If the person is not within the actor's reach.
    Conflict
        If somebody else corrected the record meanwhile.
    """
    require(actor, Action.PERSON_EDIT)
    person_get(actor, person_id)
    person = Person.objects.select_for_update(of=("self",)).select_related("dong__district").get(pk=person_id)
    require(actor, Action.PERSON_EDIT, place=person.dong.code)
    require(actor, Action.PERSON_EDIT, place=draft.dong)
    if person.version != version:
        raise Conflict(
            "person_changed", _("Somebody else changed this record meanwhile. Open it again and repeat your change.")
        )
    dong = _dong(draft.dong)
    _require_sound(draft)
    if dong.district.is_sample != person.is_sample:
        raise Conflict("district_real", _("Invented persons are not mixed with real ones."))
    before = person_record(person)
    after = person_record(_filled(person, draft, dong))
    changed = [
        name
        for name in ("name", "phone", "address", "birth_date", "notes", "sex", "dong_code", "household")
        if getattr(before, name) != getattr(after, name)
    ]
    person.version += 1
    person.updated_at = timezone.now()
    person.save(force_update=True)
    record(actor, Action.PERSON_EDIT, target=person, detail={"changed": changed, "version": person.version})
    return person


@transaction.atomic
def person_link(actor: Actor, person_id: uuid.UUID | str, user_id: uuid.UUID) -> Person:
    """Say that an account is a person's own, so that they can read their record.

    Raises
    ------
    Conflict
        If either belongs to another already.
    """
    require(actor, Action.USER_ADD)
    person = person_get(actor, person_id)
    require(actor, Action.USER_ADD, place=person.dong.code)
    user: User = user_get(actor, user_id)
    if person.user_id not in (None, user.pk) or Person.objects.filter(user=user).exclude(pk=person.pk).exists():
        raise Conflict("person_linked", _("This person or this account is linked to another already."))
    person.user = user
    person.save(update_fields=["user"])
    record(actor, Action.PERSON_EDIT, target=person, detail={"changed": ["user"], "user": str(user.pk)})
    return person
