"""Every page of this part opens in both languages, in our own shell, without a script or style of its own."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from madang.yard.audit.authority import Role

PUBLIC = (
    "account_login",
    "account_inactive",
    "account_signup",
    "socialaccount_login_cancelled",
    "account_logout",
)
OF_AN_ACCOUNT = (
    "people:account",
    "people:tokens",
    "usersessions_list",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_view_recovery_codes",
    "account_change_password",
    "socialaccount_connections",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "account_logout",
)
OF_STAFF = ("people:persons", "people:person_add")
OF_AN_ADMINISTRATOR = ("people:role_admin", "people:user_add")

LANGUAGES = ("ko", "en")
HANGUL = re.compile("[가-힣]")


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages(town: SimpleNamespace, name: str, language: str) -> None:
    client = Client(headers={"accept-language": language})
    if name == "account_logout":
        client = town.signed_in(town.account(Role.RESIDENT, town.dong), language)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    looks_right(answer.content.decode(), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OF_AN_ACCOUNT)
def test_pages_of_an_account(town: SimpleNamespace, name: str, language: str) -> None:
    user = town.account(Role.CARE_MANAGER, town.district)
    town.second_factor(user)
    answer = town.signed_in(user, language).get(reverse(name))
    assert answer.status_code == 200, answer.headers
    looks_right(answer.content.decode(), language)
