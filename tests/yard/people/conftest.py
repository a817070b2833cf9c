"""A district of invented places and persons to try permissions on."""

import datetime as dt
import uuid
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.people.models import Person, RoleAssignment, Sex, User
from madang.yard.people.services import PersonDraft, person_add
from madang.yard.places.models import District, Dong

PASSWORD = "five-quiet-geese-walk"

DISTRICT, OTHER_DISTRICT = "29140", "29141"
DONG, OTHER_DONG, FOREIGN_DONG = "2914010100", "2914010200", "2914110100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Two districts whose codes share four digits, the first with two dongs."""

    district: District
    other_district: District
    dong: Dong
    other_dong: Dong
    foreign_dong: Dong


def district_make(code: str, *, is_sample: bool = True) -> District:
    return District.objects.create(
        code=code,
        name_ko=f"구{code}",
        name_en=f"Gu {code}",
        sido_ko="광주광역시",
        sido_en="Gwangju",
        source="test",
        boundary_digest="0" * 64,
        area_m2=1.0,
        map_width=10,
        map_height=10,
        is_sample=is_sample,
        sample_seed=1 if is_sample else None,
        sample_scale=1.0 if is_sample else None,
    )


def dong_make(district: District, code: str) -> Dong:
    return Dong.objects.create(
        district=district,
        code=code,
        name_ko=f"동{code}",
        name_en=f"Dong {code}",
        boundary=b"",
        outline="",
        label_x=0,
        label_y=0,
        lon=126.9,
        lat=35.1,
        area_m2=1.0,
    )


@pytest.fixture
def places(db: None) -> Places:
    district, other = district_make(DISTRICT), district_make(OTHER_DISTRICT)
    return Places(
        district=district,
        other_district=other,
        dong=dong_make(district, DONG),
        other_dong=dong_make(district, OTHER_DONG),
        foreign_dong=dong_make(other, FOREIGN_DONG),
    )


def draft(dong: str = DONG, **changes: object) -> PersonDraft:
    values: dict[str, object] = {
        "dong": dong,
        "name": "홍길동",
        "phone": "062-555-0142",
        "address": "예시로 12, 3호",
        "birth_date": dt.date(1944, 3, 1),
        "notes": "보청기 사용",
        "sex": Sex.MALE,
        **changes,
    }
    return PersonDraft(**values)  # type: ignore[arg-type]  # a test's loose values


def account(role: Role, place: str, username: str = "", *, is_demo: bool = False) -> User:
    user = User(username=username or f"{role.value.replace('_', '-')}-{uuid.uuid4().hex[:6]}", is_demo=is_demo)
    user.set_password(PASSWORD)
    user.save()
    RoleAssignment.objects.create(user=user, role=role.value, place=place)
    return user


def actor(role: Role, place: str = "", user: User | None = None) -> Actor:
    return Actor(role=role, place=place, user=str(user.pk) if user else "test")


def second_factor(user: User) -> str:
    """Give an account an app as its second factor and return the app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code_now(secret: str) -> str:
    """Return what the app shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def signed_in(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="madang.yard.people.adapters.AccountBackend")
    key = client.session.session_key
    UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="test")
    return client


def enter(role: Role, place: str = DONG, **changes: bool) -> Client:
    """Return a browser signed in, with a second factor, in a role at a place."""
    user = account(role, place, **changes)
    second_factor(user)
    return signed_in(user)


@pytest.fixture
def town(places: Places, settings: Settings) -> SimpleNamespace:
    """Return the places together with what tests do in them; passwords are hashed fast here."""
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return SimpleNamespace(
        places=places,
        district=DISTRICT,
        other_district=OTHER_DISTRICT,
        dong=DONG,
        other_dong=OTHER_DONG,
        foreign_dong=FOREIGN_DONG,
        password=PASSWORD,
        draft=draft,
        account=account,
        actor=actor,
        second_factor=second_factor,
        code_now=code_now,
        signed_in=signed_in,
        enter=enter,
        district_make=district_make,
        dong_make=dong_make,
    )


@pytest.fixture
def person(town: SimpleNamespace) -> Person:
    return person_add(SYSTEM, draft())


@pytest.fixture
def neighbour(town: SimpleNamespace) -> Person:
    return person_add(SYSTEM, draft(OTHER_DONG, name="성춘향", phone="062-555-0199"))


@pytest.fixture
def foreigner(town: SimpleNamespace) -> Person:
    return person_add(SYSTEM, draft(FOREIGN_DONG, name="심청", phone="062-555-0177"))
