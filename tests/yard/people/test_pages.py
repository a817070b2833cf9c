"""Every page of this part opens in both languages, in our own shell, to those and only those whom it is for."""

import re
import uuid
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from madang.yard.audit.authority import SYSTEM, Action, Role
from madang.yard.audit.models import Record
from madang.yard.people.models import ApiToken, Person, RoleAssignment, User
from madang.yard.people.services import person_edit, person_link, persons_load

pytestmark = pytest.mark.django_db

PUBLIC = ("account_login", "account_inactive", "account_signup", "socialaccount_login_cancelled")
OF_AN_ACCOUNT = (
    "people:account",
    "people:tokens",
    "usersessions_list",
    "mfa_index",
    "mfa_list_webauthn",
    "account_change_password",
    "socialaccount_connections",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "account_logout",
)
OF_STAFF = ("people:persons", "people:person_add")
OF_AN_ADMINISTRATOR = ("people:role_admin", "people:user_add")
LANGUAGES = ("ko", "en")
WHY = {"kind": "care", "text": "application of 3 March"}


def looks_right(body: str, language: str) -> None:
    assert f'<html lang="{language}"' in body
    assert '<main id="main"' in body
    assert " style=" not in body
    assert "<style" not in body
    for attributes in re.findall(r"<script([^>]*)>", body):
        assert "src=" in attributes or 'type="application/json"' in attributes
    heading = re.search(r"<h1>(.*?)</h1>", body, re.DOTALL)
    assert heading is not None
    assert heading.group(1).strip()


def english_left(body: str) -> list[str]:
    """Return the texts of a Korean page's main part that have letters but no Korean, apart from codes and names."""
    main = body[body.index('<main id="main"') : body.index("</main>")]
    main = re.sub(r"<(script|svg|code)\b.*?</\1>", "", main, flags=re.DOTALL)
    texts = [text.strip() for text in re.findall(r">([^<]+)<", main)]
    allowed = re.compile(r"^[\W\d_]*$|test|Madang|English|^[a-z]+(-[a-z0-9]+)+$")
    return [text for text in texts if text and not re.search("[가-힣]", text) and not allowed.search(text)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages(town: SimpleNamespace, name: str, language: str) -> None:
    answer = Client(headers={"accept-language": language}).get(reverse(name))
    assert answer.status_code == 200
    looks_right(answer.content.decode(), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OF_AN_ACCOUNT)
def test_pages_of_an_account(town: SimpleNamespace, name: str, language: str) -> None:
    user = town.account(Role.CARE_MANAGER, town.district, "worker-7")
    town.second_factor(user)
    answer = town.signed_in(user, language).get(reverse(name))
    assert answer.status_code == 200, answer.headers
    looks_right(answer.content.decode(), language)
    if language == "ko":
        assert english_left(answer.content.decode()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_staff(town: SimpleNamespace, person: Person, language: str) -> None:
    user = town.account(Role.DONG_OFFICER, town.dong, "worker-7")
    town.second_factor(user)
    client = town.signed_in(user, language)
    gate = reverse("people:person", args=[person.pk])
    pages = [client.get(reverse(name)) for name in OF_STAFF]
    pages += [client.get(gate), client.post(gate, WHY), client.get(gate), client.get(gate + "edit/")]
    pages += [client.post(reverse("people:person_search"), {"name": "홍길동"})]
    for page in pages:
        assert page.status_code == 200
        looks_right(page.content.decode(), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_an_administrator(town: SimpleNamespace, language: str) -> None:
    user = town.account(Role.ADMINISTRATOR, town.district, "keeper-1")
    other = town.account(Role.CARE_WORKER, town.dong, "worker-7")
    for number in range(5):
        town.account(Role.RESIDENT, town.dong, f"resident-{number}")
    town.second_factor(user)
    client = town.signed_in(user, language)
    addresses = [reverse(name) for name in OF_AN_ADMINISTRATOR]
    addresses += [reverse("people:user", args=[other.pk]), reverse("people:user", args=[user.pk])]
    addresses += [reverse("people:role_admin") + "?q=worker&sort=-since"]
    for address in addresses:
        page = client.get(address)
        assert page.status_code == 200
        looks_right(page.content.decode(), language)
    assert "worker-7" in page.content.decode()
    assert "resident-1" not in page.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_ones_own_record(town: SimpleNamespace, person: Person, language: str) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    person_link(SYSTEM, person.pk, user.pk)
    page = town.signed_in(user, language).get(reverse("people:own_record"))
    assert page.status_code == 200
    looks_right(page.content.decode(), language)
    assert "홍길동" in page.content.decode()


def test_every_address_of_this_part_has_our_own_page() -> None:
    """What allauth would show from its own templates is not reachable."""
    names = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    ours = {
        name for name in names if name.startswith(("account_", "mfa_", "socialaccount_", "usersessions_", "openid_"))
    }
    assert ours == {
        *PUBLIC,
        *(name for name in OF_AN_ACCOUNT if ":" not in name),
        "mfa_authenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_reauthenticate_webauthn",
        "socialaccount_login_error",
        "socialaccount_signup",
        "openid_connect_login",
        "openid_connect_callback",
    }


@pytest.mark.parametrize(
    ("role", "persons", "accounts"),
    [
        (Role.RESIDENT, 404, 404),
        (Role.COUNCIL_MEMBER, 404, 404),
        (Role.DONG_OFFICER, 200, 404),
        (Role.CARE_MANAGER, 200, 404),
        (Role.CARE_WORKER, 200, 404),
        (Role.HEALTH_OFFICER, 200, 404),
        (Role.ENERGY_OFFICER, 404, 404),
        (Role.PROJECT_OFFICER, 404, 404),
        (Role.ADMINISTRATOR, 200, 200),
        (Role.AUDITOR, 404, 404),
    ],
)
def test_who_opens_which_list(town: SimpleNamespace, role: Role, persons: int, accounts: int) -> None:
    client = town.enter(role, town.district)
    assert client.get(reverse("people:persons")).status_code == persons
    assert client.get(reverse("people:role_admin")).status_code == accounts
    assert client.get(reverse("people:user_add")).status_code == accounts


def test_a_stranger_is_asked_to_sign_in(town: SimpleNamespace, person: Person) -> None:
    for address in (
        reverse("people:account"),
        reverse("people:persons"),
        reverse("people:person", args=[person.pk]),
        reverse("people:role_admin"),
        reverse("people:own_record"),
        reverse("usersessions_list"),
    ):
        answer = Client().get(address)
        assert (answer.status_code, answer.url) == (302, f"/account/login/?next={address}")  # type: ignore[attr-defined]


def test_an_officer_gets_404_for_anothers_person_whatever_they_ask(
    town: SimpleNamespace, neighbour: Person, foreigner: Person
) -> None:
    client = town.enter(Role.DONG_OFFICER, town.dong)
    bodies = set()
    for key in (neighbour.pk, foreigner.pk, uuid.uuid4()):
        address = reverse("people:person", args=[key])
        answers = [client.get(address), client.post(address, WHY)]
        assert [answer.status_code for answer in answers] == [404, 404]
        # the edit page asks for the purpose first, and that page is not there either
        assert client.get(address + "edit/", follow=True).status_code == 404
        bodies.update(answer.content.decode().replace(str(key), "") for answer in answers)
    changing = re.compile(r'next=[^"]*|name="csrfmiddlewaretoken" value="[^"]*"')
    assert len({changing.sub("", body) for body in bodies}) == 1
    assert not Record.objects.filter(action=Action.PERSON_READ.value).exists()


def test_a_list_shows_first_letters_and_nothing_else(town: SimpleNamespace, person: Person, neighbour: Person) -> None:
    client = town.enter(Role.DONG_OFFICER, town.dong)
    body = client.get(reverse("people:persons")).content.decode()
    assert "홍○○" in body
    assert "성○○" not in body
    for clear in ("홍길동", "0142", "예시로", "1944", "보청기"):
        assert clear not in body


def test_a_list_is_filtered_and_paged(town: SimpleNamespace, neighbour: Person) -> None:
    persons_load(SYSTEM, [town.draft(name=f"예시{number}") for number in range(60)])
    client = town.enter(Role.CARE_MANAGER, town.district)
    address = reverse("people:persons")
    assert client.get(address + f"?dong={town.other_dong}").content.decode().count("○○</a>") == 1
    assert client.get(address + f"?dong={town.foreign_dong}").content.decode().count("○○</a>") == 25
    assert client.get(address + "?page=3").content.decode().count("○○</a>") == 11


def test_a_person_opens_for_a_purpose_and_every_look_is_logged(town: SimpleNamespace, person: Person) -> None:
    client = town.enter(Role.DONG_OFFICER, town.dong)
    address = reverse("people:person", args=[person.pk])
    gate = client.get(address).content.decode()
    assert "홍길동" not in gate
    assert "홍○○" in gate
    refused = client.post(address, {"kind": "care", "text": "visit to 홍길동"})
    assert refused.status_code == 422
    assert "0142" not in refused.content.decode()
    assert client.post(address, {"kind": "", "text": "x"}).status_code == 422
    assert not Record.objects.filter(action=Action.PERSON_READ.value).exists()
    assert "062-555-0142" in client.post(address, WHY).content.decode()
    assert "062-555-0142" in client.get(address).content.decode()
    assert "062-555-0142" in client.get(address + "edit/").content.decode()
    purposes = Record.objects.filter(action=Action.PERSON_READ.value).values_list("purpose", flat=True)
    assert list(purposes) == ["care: application of 3 March"] * 3


def test_the_purpose_is_asked_again_after_a_while_and_in_another_role(town: SimpleNamespace, person: Person) -> None:
    user = town.account(Role.DONG_OFFICER, town.dong)
    other = RoleAssignment.objects.create(user=user, role=Role.CARE_MANAGER.value, place=town.dong)
    town.second_factor(user)
    client = town.signed_in(user)
    address = reverse("people:person", args=[person.pk])
    client.post(address, WHY)
    client.post(reverse("people:role_choose"), {"assignment": other.pk})
    assert "홍길동" not in client.get(address).content.decode()
    assert client.get(address + "edit/").status_code == 302
    client.post(address, WHY)
    session = client.session
    session["opened"][str(person.pk)]["until"] = 0
    session.save()
    assert "홍길동" not in client.get(address).content.decode()


def test_what_the_session_keeps_names_nobody(town: SimpleNamespace, person: Person) -> None:
    client = town.enter(Role.DONG_OFFICER, town.dong)
    client.post(reverse("people:person", args=[person.pk]), WHY)
    client.post(reverse("people:person_search"), {"name": "홍길동", "phone": "062-555-0142"})
    kept = str(dict(client.session.items()))
    assert "홍길동" not in kept
    assert "0142" not in kept


def test_a_search_is_never_in_an_address(town: SimpleNamespace, person: Person) -> None:
    client = town.enter(Role.DONG_OFFICER, town.dong)
    address = reverse("people:person_search")
    assert client.get(address + "?name=x").status_code == 405
    found = client.post(address, {"name": "홍길동"})
    assert reverse("people:person", args=[person.pk]) in found.content.decode()
    assert client.post(address, {"name": "", "phone": ""}).status_code == 422
    assert town.enter(Role.CARE_WORKER, town.dong).post(address, {"name": "홍길동"}).status_code == 404


def test_entering_and_correcting_a_person(town: SimpleNamespace) -> None:
    client = town.enter(Role.DONG_OFFICER, town.dong)
    form = {
        "name": "성춘향", "dong": town.dong, "birth_date": "1950-05-05", "sex": "female", "phone": "062-555-0199",
        "address": "예시로 7", "notes": "",
    }  # fmt: skip
    bad = client.post(reverse("people:person_add"), {**form, "phone": "no number"})
    assert bad.status_code == 422
    assert "예시로 7" in bad.content.decode()
    assert client.post(reverse("people:person_add"), {**form, "dong": town.other_dong}).status_code == 422
    made = client.post(reverse("people:person_add"), form)
    person = Person.objects.get()
    assert made.url == reverse("people:person", args=[person.pk])
    assert "성춘향" not in made.url
    address = reverse("people:person", args=[person.pk])
    client.post(address, WHY)
    person_edit(SYSTEM, person.pk, town.draft(name="성춘향", notes="meanwhile"), 1)
    stale = client.post(address + "edit/", {**form, "notes": "mine", "version": "1"})
    assert stale.status_code == 422
    assert "mine" in stale.content.decode()
    done = client.post(address + "edit/", {**form, "notes": "mine", "version": "2"})
    assert done.status_code == 302
    assert Person.objects.get().notes == "mine"


def test_an_administrator_makes_accounts_and_grants_roles(town: SimpleNamespace) -> None:
    client = town.enter(Role.ADMINISTRATOR, town.district)
    form = {"username": "worker-9", "role": "dong_officer", "place": town.dong}
    assert client.post(reverse("people:user_add"), {**form, "place": town.district}).status_code == 422
    assert client.post(reverse("people:user_add"), {**form, "place": town.foreign_dong}).status_code == 422
    made = client.post(reverse("people:user_add"), form)
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    user = User.objects.get(username="worker-9")
    shown = re.findall(r"<code>([^<]+)</code>", made.content.decode())
    assert user.check_password(shown[1])
    page = reverse("people:user", args=[user.pk])
    assert client.post(page, {"role": "care_manager", "place": town.district}).status_code == 302
    assert client.post(page, {"role": "care_manager", "place": town.district}).status_code == 422
    for held in RoleAssignment.objects.filter(user=user):
        assert client.post(reverse("people:role_revoke", args=[held.pk])).status_code == 302
    assert not RoleAssignment.objects.filter(user=user, revoked_at=None).exists()
    assert client.post(reverse("people:second_factor_reset", args=[user.pk])).status_code == 302
    assert client.post(reverse("people:user_close", args=[user.pk])).status_code == 302
    user.refresh_from_db()
    assert not user.is_active


def test_what_changes_something_is_a_post(town: SimpleNamespace) -> None:
    client = town.enter(Role.ADMINISTRATOR, town.district)
    user = town.account(Role.RESIDENT, town.dong)
    held = RoleAssignment.objects.get(user=user)
    for name, key in (
        ("people:role_revoke", held.pk),
        ("people:second_factor_reset", user.pk),
        ("people:user_close", user.pk),
        ("people:token_revoke", uuid.uuid4()),
    ):
        assert client.get(reverse(name, args=[key])).status_code == 405
    for address in ("/demo/role", reverse("people:role_choose")):
        assert client.get(address).status_code == 405


def test_a_token_is_shown_on_the_page_once(town: SimpleNamespace) -> None:
    client = town.enter(Role.DONG_OFFICER, town.dong)
    address = reverse("people:tokens")
    form = {"name": "monthly report", "scopes": ["read:people"], "days": "30"}
    assert client.post(address, {**form, "scopes": []}).status_code == 422
    assert client.post(address, {**form, "scopes": ["read:audit"]}).status_code == 422
    first = client.post(address, form).content.decode()
    secret = re.search(r"madang_[\w-]+", first)
    assert secret is not None
    again = client.get(address).content.decode()
    assert secret.group() not in again
    assert "monthly report" in again
    token = ApiToken.objects.get()
    client.post(reverse("people:token_revoke", args=[token.pk]))
    assert "monthly report" not in client.get(address).content.decode()


def test_acting_in_another_role(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    second = RoleAssignment.objects.create(user=user, role=Role.COUNCIL_MEMBER.value, place=town.dong)
    strange = RoleAssignment.objects.get(user=town.account(Role.ADMINISTRATOR, town.district))
    client = town.signed_in(user)
    address = reverse("people:role_choose")
    assert client.post(address, {"assignment": second.pk}).status_code == 302
    assert client.session["assignment"] == second.pk
    for other in (strange.pk, "", "x", "-1"):
        assert client.post(address, {"assignment": other}).status_code == 404
