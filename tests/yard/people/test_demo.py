"""Trying roles: one click on sample data, nothing at all where anything is real."""

import re
from types import SimpleNamespace

import pytest
from django.core import checks
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from madang.numerics.errors import Conflict, InstallationError, NotFound, PermissionDenied
from madang.yard.audit.authority import SYSTEM, VISITOR, Action, Role
from madang.yard.audit.models import Record
from madang.yard.people.apps import _demo_check
from madang.yard.people.models import Person, RoleAssignment, User
from madang.yard.people.selectors import demo_check, demo_on, demo_roles
from madang.yard.people.services import demo_accounts_make, person_add, role_switch
from madang.yard.people.services.accounts import HELD_AT
from madang.yard.places.models import District

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(town: SimpleNamespace, settings: Settings) -> SimpleNamespace:
    """Return a sample district in demo mode, with its accounts."""
    settings.MADANG_DEMO = True
    person_add(SYSTEM, town.draft())
    town.made = demo_accounts_make(SYSTEM, town.places.district)
    return town


def make_real(town: SimpleNamespace) -> None:
    District.objects.filter(code=town.district).update(is_sample=False, sample_seed=None, sample_scale=None)


def test_one_account_a_role_in_every_dong_that_has_one(demo: SimpleNamespace) -> None:
    assert {account.role for account in demo.made.accounts} == set(HELD_AT)
    # Resident and council member have one in each of the two dongs.
    assert User.objects.filter(is_demo=True).count() == len(HELD_AT) + 2
    for role, levels in HELD_AT.items():
        places = set(RoleAssignment.objects.filter(role=role.value, user__is_demo=True).values_list("place", flat=True))
        assert places == ({demo.district} if "district" in levels else {demo.dong, demo.other_dong})


def test_the_password_is_drawn_here_and_told_once(demo: SimpleNamespace) -> None:
    assert len(demo.made.password) >= 12
    again = demo_accounts_make(SYSTEM, demo.places.district)
    assert again.password == ""
    assert again.accounts == demo.made.accounts
    User.objects.filter(username="demo-auditor").delete()
    mended = demo_accounts_make(SYSTEM, demo.places.district)
    assert mended.password not in {"", demo.made.password}
    for user in User.objects.filter(is_demo=True):
        assert user.check_password(mended.password)


def test_demo_accounts_are_for_samples_and_made_by_who_keeps_accounts(demo: SimpleNamespace) -> None:
    with pytest.raises(PermissionDenied):
        demo_accounts_make(demo.actor(Role.DONG_OFFICER, demo.dong), demo.places.district)
    make_real(demo)
    demo.places.district.refresh_from_db()
    with pytest.raises(Conflict):
        demo_accounts_make(SYSTEM, demo.places.district)


def test_the_demo_resident_has_a_record_of_their_own(demo: SimpleNamespace) -> None:
    assert Person.objects.get(user__username="demo-resident").is_sample


def test_whoever_speaks_for_themselves_lives_in_the_dong_they_speak_in(town: SimpleNamespace) -> None:
    for dong in (town.dong, town.other_dong):
        for _ in range(3):
            person_add(SYSTEM, town.draft(dong))
    demo_accounts_make(SYSTEM, town.places.district)
    tied = set(Person.objects.exclude(user=None).values_list("user__username", "dong__code"))
    assert tied == {
        ("demo-resident", town.dong),
        ("demo-council-member", town.dong),
        (f"demo-resident-{town.other_dong}", town.other_dong),
        (f"demo-council-member-{town.other_dong}", town.other_dong),
    }
    for held in RoleAssignment.objects.filter(user__username__in=[name for name, _dong in tied]):
        assert held.user.person.dong.code == held.place


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_of_roles(demo: SimpleNamespace, language: str) -> None:
    page = Client(headers={"accept-language": language}).get("/demo/")
    assert page.status_code == 200
    body = page.content.decode()
    assert body.count('action="/demo/role"') == len(HELD_AT)
    assert " style=" not in body


@pytest.mark.parametrize("role", list(HELD_AT))
def test_one_click_and_the_visitor_acts_in_the_role(demo: SimpleNamespace, role: Role) -> None:
    place = demo.district if "district" in HELD_AT[role] else demo.other_dong
    client = Client(headers={"accept-language": "en"})
    answer = client.post("/demo/role", {"role": role.value, "place": place})
    assert (answer.status_code, answer.url) == (302, "/")  # type: ignore[attr-defined]
    page = client.get("/account/")
    assert page.status_code == 200
    assert "acting now" in page.content.decode()
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    assert RoleAssignment.objects.get(pk=client.session["assignment"]).place == place
    entry = Record.objects.get(action=Action.ROLE_SWITCH.value)
    assert (entry.role, entry.detail["role"], entry.detail["place"]) == ("public", role.value, place)


def test_one_role_after_another(demo: SimpleNamespace) -> None:
    client = Client()
    client.post("/demo/role", {"role": "dong_officer", "place": demo.dong})
    first = client.session.session_key
    assert client.get("/people/").status_code == 200
    client.post("/demo/role", {"role": "resident", "place": demo.dong})
    assert client.session.session_key != first
    assert client.get("/people/").status_code == 404
    assert client.get("/account/record/").status_code == 200
    entry = Record.objects.filter(action=Action.ROLE_SWITCH.value).order_by("-sequence")[0]
    assert entry.role == "dong_officer"


@pytest.mark.parametrize(
    "form",
    [
        {"role": "system", "place": ""},
        {"role": "public", "place": ""},
        {"role": "administrator", "place": "2914010100"},
        {"role": "resident", "place": "29141"},
        {"role": "nonsense", "place": ""},
        {},
    ],
)
def test_there_are_no_other_roles_to_try(demo: SimpleNamespace, form: dict[str, str]) -> None:
    client = Client()
    assert client.post("/demo/role", form).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("how", ["off", "real", "another real district"])
def test_nothing_of_it_exists_with_real_data_or_when_off(demo: SimpleNamespace, settings: Settings, how: str) -> None:
    inside = Client()
    inside.post("/demo/role", {"role": "dong_officer", "place": demo.dong})
    assert inside.get("/people/").status_code == 200
    if how == "off":
        settings.MADANG_DEMO = False
    elif how == "real":
        make_real(demo)
    else:
        demo.district_make("11440", is_sample=False)
    assert not demo_on()
    client = Client()
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/role", {"role": "resident", "place": demo.dong}).status_code == 404
    with pytest.raises(NotFound):
        role_switch(VISITOR, Role.RESIDENT, demo.dong)
    assert demo_roles(RequestFactory().get("/")) == []
    # who is inside is out, and the known password lets nobody in
    assert inside.get("/people/").status_code == 302
    client.post("/account/login/", {"login": "demo-administrator", "password": demo.made.password})
    assert "_auth_user_id" not in client.session
    assert "/demo/" not in client.get("/account/login/").content.decode()


def test_demo_mode_with_real_data_does_not_start(demo: SimpleNamespace) -> None:
    demo_check()
    assert _demo_check(None, databases=["default"]) == []
    make_real(demo)
    with pytest.raises(InstallationError) as caught:
        demo_check()
    assert caught.value.code == "demo_with_real_data"
    assert "MADANG_DEMO" in str(caught.value)
    assert [fault.id for fault in _demo_check(None, databases=["default"])] == ["people.E002"]
    assert _demo_check(None) == []
    assert _demo_check in checks.registry.registry.get_checks()


def test_demo_mode_does_not_start_where_one_person_is_real(demo: SimpleNamespace) -> None:
    Person.objects.update(is_sample=False)
    with pytest.raises(InstallationError):
        demo_check()


def test_demo_accounts_need_no_second_factor_while_demo_mode_is_on(demo: SimpleNamespace) -> None:
    client = Client()
    client.post("/account/login/", {"login": "demo-care-manager", "password": demo.made.password})
    assert client.get("/people/").status_code == 200
    real = demo.account(Role.CARE_MANAGER, demo.district)
    assert demo.signed_in(real).get("/people/").url == "/account/second-factor/app/"


def test_the_roles_of_the_switcher(
    demo: SimpleNamespace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="demo-resident")
    request.actor = demo.actor(Role.RESIDENT, demo.other_dong, request.user)  # type: ignore[attr-defined]
    with django_assert_max_num_queries(4):
        roles = demo_roles(request)
    assert [(one.role, one.place) for one in roles if one.current] == [(Role.RESIDENT, demo.other_dong)]
    assert [one.role for one in roles] == sorted((one.role for one in roles), key=list(Role).index)
    assert all(re.match("(동|구|Dong|Gu)", one.place_name) for one in roles)
