"""The way in: password, second factor, waiting after failures, sessions; nothing typed there is kept."""

import re
import time
from types import SimpleNamespace

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from madang.yard.audit.authority import STAFF_ROLES, Role
from madang.yard.people.models import User
from madang.yard.people.services.accounts import HELD_AT

pytestmark = pytest.mark.django_db

LOGIN = "/account/login/"
SET_UP = "/account/second-factor/app/"


def sign_in(client: Client, user: User | str, password: str) -> "object":
    return client.post(LOGIN, {"login": str(user), "password": password})


def test_a_resident_signs_in_and_out(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    client = Client()
    before = client.get(LOGIN).cookies
    answer = client.post(LOGIN + "?next=/account/", {"login": user.username.upper(), "password": town.password})
    assert answer.status_code == 302
    first = client.session.session_key
    assert first not in str(before)
    assert client.get("/account/").status_code == 200
    assert client.get("/account/logout/").status_code == 200
    assert client.session.session_key == first
    client.post("/account/logout/")
    assert client.get("/account/").status_code == 302
    assert not Session.objects.filter(pk=first).exists()


def test_the_session_changes_when_somebody_signs_in(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    client = Client()
    session = client.session
    session["x"] = 1
    session.save()
    planted = session.session_key
    sign_in(client, user, town.password)
    assert client.session.session_key != planted
    assert not Session.objects.filter(pk=planted).exists()


def test_cookies_are_closed_to_scripts_and_to_other_sites(town: SimpleNamespace) -> None:
    client = Client()
    sign_in(client, town.account(Role.RESIDENT, town.dong), town.password)
    cookie = client.cookies["madang_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_sign_in_goes_only_to_addresses_of_this_site(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    answer = Client().post(LOGIN, {"login": user.username, "password": town.password, "next": "https://evil.example/"})
    assert answer.url == "/"  # type: ignore[attr-defined]


def test_a_form_without_its_token_is_refused(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    strict = Client(enforce_csrf_checks=True)
    for address in (LOGIN, "/account/logout/", "/demo/role", reverse("people:person_search")):
        assert strict.post(address, {"login": user.username, "password": town.password}).status_code == 403


def test_five_failures_and_the_account_waits(town: SimpleNamespace, settings: Settings) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    client = Client(headers={"accept-language": "en"})
    for _number in range(4):
        assert sign_in(client, user, "wrong").status_code == 200  # type: ignore[attr-defined]
    answer = sign_in(client, user, "wrong")
    assert answer.status_code == 429  # type: ignore[attr-defined]
    body = answer.content.decode()  # type: ignore[attr-defined]
    assert "15 minutes" in body
    assert '<main id="main"' in body
    assert sign_in(client, user, town.password).status_code == 429  # type: ignore[attr-defined]
    # another account, and the same account from another address, are not held up
    assert sign_in(Client(), town.account(Role.RESIDENT, town.dong), town.password).status_code == 302  # type: ignore[attr-defined]
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9"), user, town.password).status_code == 302  # type: ignore[attr-defined]
    # after a quarter of an hour it may be tried again, and trying meanwhile has not made it longer
    AccessAttempt.objects.update(attempt_time=timezone.now() - timezone.timedelta(minutes=16))  # type: ignore[attr-defined]
    assert sign_in(client, user, town.password).status_code == 302  # type: ignore[attr-defined]


def test_success_clears_the_count(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    for _round in range(3):
        client = Client()
        for _number in range(4):
            sign_in(client, user, "wrong")
        assert sign_in(client, user, town.password).status_code == 302  # type: ignore[attr-defined]


def test_nothing_that_was_typed_is_kept(town: SimpleNamespace) -> None:
    client = Client()
    sign_in(client, "홍길동 062-555-0142", "보리밭에서 만나요")
    sign_in(client, town.account(Role.RESIDENT, town.dong), town.password)
    kept = str(list(AccessAttempt.objects.values())) + str(list(AccessLog.objects.values()))
    assert AccessAttempt.objects.count() == 1
    for typed in ("홍길동", "0142", "보리밭"):
        assert typed not in kept
    assert AccessAttempt.objects.get().username is not None
    assert re.fullmatch("[0-9a-f]{64}", AccessAttempt.objects.get().username)


def test_an_unknown_name_and_a_wrong_password_look_the_same(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    bodies = []
    for name in (user.username, "nobody-of-this-name"):
        body = sign_in(Client(headers={"accept-language": "en"}), name, "wrong").content.decode()  # type: ignore[attr-defined]
        bodies.append(re.sub(r'value="[^"]*"', "", body))
    assert bodies[0] == bodies[1]


def test_behind_a_proxy_the_address_is_the_one_the_proxy_saw(town: SimpleNamespace, settings: Settings) -> None:
    from django.test import RequestFactory

    from madang.yard.people.lockout import client_address

    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.1.1.1")
    assert client_address(request) == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client_address(request) == "10.1.1.1"


# --- the second factor


@pytest.mark.parametrize("role", list(HELD_AT))
def test_staff_without_a_second_factor_get_no_further_than_its_set_up(town: SimpleNamespace, role: Role) -> None:
    place = town.dong if "dong" in HELD_AT[role] else town.district
    client = town.signed_in(town.account(role, place))
    for address in ("/", "/account/", "/people/", "/people/roles/", reverse("people:tokens"), "/gallery/"):
        answer = client.get(address)
        if role in STAFF_ROLES:
            assert (answer.status_code, answer.url) == (302, SET_UP), address
        else:
            assert answer.status_code in {200, 404}, address
    assert client.get("/preferences/?type=large").status_code == 302
    assert client.get("/account/logout/").status_code == 200


def test_staff_in_a_residents_role_are_staff_all_the_same(town: SimpleNamespace) -> None:
    from madang.yard.people.models import RoleAssignment

    user = town.account(Role.RESIDENT, town.dong)
    RoleAssignment.objects.create(user=user, role=Role.CARE_WORKER.value, place=town.dong)
    assert town.signed_in(user).get("/account/").url == SET_UP


def test_setting_up_and_using_a_second_factor(town: SimpleNamespace) -> None:
    user = town.account(Role.CARE_MANAGER, town.district)
    client = Client(headers={"accept-language": "en"})
    sign_in(client, user, town.password)
    page = client.get(SET_UP)
    assert page.status_code == 200
    secret = page.context_data["form"].secret
    body = page.content.decode()
    assert "data:image/svg+xml" in body
    assert " style=" not in body
    wrong = client.post(SET_UP, {"code": "000000"})
    assert wrong.status_code == 200
    assert wrong.context_data["form"].errors
    done = client.post(SET_UP, {"code": town.code_now(secret)})
    assert done.url == "/account/second-factor/codes/"  # type: ignore[attr-defined]
    codes_page = client.get(done.url)  # type: ignore[attr-defined]
    assert codes_page.status_code == 200
    codes = re.findall(r"<li><code>(\w+)</code></li>", codes_page.content.decode())
    assert len(codes) == 10
    listed = client.get("/account/second-factor/codes/file/")
    assert listed.content.decode().split() == codes
    assert client.get("/people/").status_code == 200
    client.post("/account/logout/")

    # from now on the password alone opens nothing
    client = Client(headers={"accept-language": "en"})
    asked = sign_in(client, user, town.password)
    assert asked.url == "/account/second-factor/code/"  # type: ignore[attr-defined]
    assert client.get("/people/").status_code == 302
    assert client.get(asked.url).status_code == 200  # type: ignore[attr-defined]
    # a code works once
    assert client.post(asked.url, {"code": codes[0]}).url == "/"  # type: ignore[attr-defined]
    assert client.get("/people/").status_code == 200
    client = Client()
    sign_in(client, user, town.password)
    assert client.post(asked.url, {"code": codes[0]}).status_code == 200  # type: ignore[attr-defined]


def test_guessing_codes_waits_like_guessing_passwords(town: SimpleNamespace) -> None:
    user = town.account(Role.CARE_MANAGER, town.district)
    secret = town.second_factor(user)
    client = Client(headers={"accept-language": "en"})
    asked = sign_in(client, user, town.password).url  # type: ignore[attr-defined]
    for _number in range(4):
        assert client.post(asked, {"code": "000000"}).status_code == 200
    assert client.post(asked, {"code": "000000"}).status_code == 429
    assert client.post(asked, {"code": town.code_now(secret)}).status_code == 429
    assert sign_in(Client(), user, town.password).status_code == 429  # type: ignore[attr-defined]


def test_the_secret_is_sealed_in_the_database(town: SimpleNamespace) -> None:
    from allauth.mfa.models import Authenticator

    user = town.account(Role.CARE_MANAGER, town.district)
    secret = town.second_factor(user)
    stored = str(list(Authenticator.objects.filter(user=user).values_list("data", flat=True)))
    assert secret not in stored


def recently(client: Client, user: User) -> Client:
    """Make a session look as if its owner had just given the password."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "username": user.username}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    "name",
    [
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
    ],
)
def test_pages_of_the_second_factor(town: SimpleNamespace, name: str, language: str) -> None:
    user = town.account(Role.CARE_MANAGER, town.district)
    town.second_factor(user)
    client = town.signed_in(user, language)
    if name != "mfa_list_webauthn":
        assert client.get(reverse(name)).url.startswith("/account/again/")
    page = recently(client, user).get(reverse(name))
    assert page.status_code == 200
    body = page.content.decode()
    assert f'<html lang="{language}"' in body
    assert " style=" not in body
    for attributes in re.findall(r"<script([^>]*)>", body):
        assert "src=" in attributes or 'type="application/json"' in attributes


def test_removing_the_app_sends_staff_back_to_the_set_up(town: SimpleNamespace) -> None:
    user = town.account(Role.CARE_MANAGER, town.district)
    town.second_factor(user)
    client = recently(town.signed_in(user), user)
    client.post(reverse("mfa_deactivate_totp"))
    assert client.get("/people/").url == SET_UP


def test_the_password_can_be_changed_and_other_sessions_end(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, user, town.password)
    weak = here.post("/account/password/", {"oldpassword": town.password, "password1": "short", "password2": "short"})
    assert weak.status_code == 200
    new = "six-loud-geese-swim"
    here.post("/account/password/", {"oldpassword": town.password, "password1": new, "password2": new})
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert sign_in(Client(), user, new).status_code == 302  # type: ignore[attr-defined]


def test_there_is_no_sign_up_and_no_password_by_mail(town: SimpleNamespace) -> None:
    client = Client()
    assert (
        client.post("/account/sign-up/", {"username": "me", "password1": "x" * 12, "password2": "x" * 12}).status_code
        == 200
    )
    assert not User.objects.exists()
    for address in ("/account/password/reset/", "/account/email/", "/accounts/signup/", "/account/signup/"):
        assert client.get(address).status_code == 404


def test_sessions_are_listed_and_ended_from_the_page(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    here, second, third = (Client(headers={"user-agent": f"Browser {number}"}) for number in range(3))
    for client in (here, second, third):
        sign_in(client, user, town.password)
    page = here.get("/account/sessions/")
    body = page.content.decode()
    assert all(f"Browser {number}" in body for number in range(3))
    ids = re.findall(r'name="session" value="(\d+)"', body)
    assert len(ids) == 2
    here.post("/account/sessions/", {"session": ids[0]})
    assert sorted(client.get("/account/").status_code for client in (second, third)) == [200, 302]
    here.post("/account/sessions/", {"session": "others"})
    assert [client.get("/account/").status_code for client in (here, second, third)] == [200, 302, 302]


def test_private_pages_are_kept_nowhere(town: SimpleNamespace) -> None:
    client = town.enter(Role.DONG_OFFICER)
    for address in ("/account/", "/account/sessions/", "/account/tokens/", "/people/", "/people/add/"):
        assert "no-store" in client.get(address)["Cache-Control"]
