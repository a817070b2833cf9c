"""The frame of every page: at most seven entries, only where they lead somewhere, and what a role works with."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from madang.plaza.context import ROOM_HUES, ROOM_NAMES, page
from madang.yard.audit.authority import VISITOR, Action, Actor, Role, may
from madang.yard.places.formats.bundle import SOURCE

pytestmark = pytest.mark.django_db


def frame(actor: Actor, path: str = "/agenda/") -> dict[str, object]:
    request = RequestFactory().get(path)
    request.actor = actor  # type: ignore[attr-defined]  # as the middleware does
    request.user = SimpleNamespace(is_authenticated=actor.user is not None)  # type: ignore[assignment]  # all that is read
    return page(request)


@pytest.mark.parametrize("role", list(Role))
def test_no_menu_has_more_than_seven_entries(role: Role) -> None:
    user = None if role in {Role.PUBLIC, Role.SYSTEM} else "x"
    shown = frame(Actor(role=role, place="29140", user=user))
    for menu in ("navigation", "footer_links", "tools"):
        assert len(shown[menu]) <= 7, menu  # type: ignore[arg-type]  # a tuple
    account = shown["account"]
    assert (account is None) == (user is None)
    if account is not None:
        assert len(account.entries) + 1 <= 7  # type: ignore[attr-defined]  # an Account


def test_every_entry_leads_somewhere() -> None:
    shown = frame(Actor(role=Role.ADMINISTRATOR, place="29140", user="x"))
    entries = [*shown["navigation"], *shown["footer_links"], *shown["account"].entries]  # type: ignore[misc, attr-defined]
    assert entries
    for entry in entries:
        resolve(entry.href)


def test_the_menu_says_where_one_is() -> None:
    current = [entry.href for entry in frame(VISITOR, "/money/2914010100/")["navigation"] if entry.current]  # type: ignore[attr-defined]
    assert all(href == "/money/" for href in current)


@pytest.mark.parametrize("role", [Role.DONG_OFFICER, Role.AUDITOR, Role.RESIDENT, Role.CARE_WORKER])
def test_a_role_finds_its_work(role: Role) -> None:
    actor = Actor(role=role, place="29140", user="x")
    addresses = [entry.href for entry in frame(actor)["account"].entries]  # type: ignore[attr-defined]
    assert ("/people/" in addresses) == may(actor, Action.PERSON_READ)
    assert "/account/" in addresses


def test_a_visitor_can_sign_in() -> None:
    shown = frame(VISITOR)
    assert shown["account"] is None
    assert [entry.href for entry in shown["tools"]][-1:] in ([], [_login()])  # type: ignore[attr-defined]


def _login() -> str:
    return reverse(settings.LOGIN_URL)


def test_every_room_has_a_hue_and_a_name() -> None:
    assert set(ROOM_HUES) == set(ROOM_NAMES) == set(settings.ROOMS)
    assert len(set(ROOM_HUES.values())) == 5


def test_the_frame_costs_one_query(django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        frame(VISITOR)


def test_the_boundaries_are_credited_in_the_reader_s_language() -> None:
    with translation.override("ko"):
        assert translation.gettext(SOURCE).startswith("법정동 경계")
    with translation.override("en"):
        assert translation.gettext(SOURCE) == SOURCE


def test_without_a_district_pages_are_served() -> None:
    assert Client().get("/gallery/").status_code == 200
