"""Signing in with the organisation's account: connected to an account that exists, and nothing of the person kept."""

import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from madang.yard.audit.authority import Role
from madang.yard.people.adapters import SocialAccountAdapter
from madang.yard.people.models import User

pytestmark = pytest.mark.django_db

SERVER = "https://id.example"
CLIENT = "madang-test"
TOLD = {"name": "홍길동", "email": "hong@id.example", "phone_number": "062-555-0142", "preferred_username": "hong"}


class Answer:
    """An answer of the provider."""

    status_code = 200
    headers = {"content-type": "application/json"}  # noqa: RUF012  # a test's stand-in

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body

    def json(self) -> dict[str, Any]:
        return self.body

    def raise_for_status(self) -> None:
        return None


class Provider:
    """Stands in for the provider's three addresses; remembers what was asked."""

    def __init__(self) -> None:
        self.subject = "subject-1"
        self.asked: list[str] = []

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *_exception: object) -> None:
        return None

    def get(self, address: str, **_options: object) -> Answer:
        self.asked.append(address)
        return Answer(
            {
                "issuer": SERVER,
                "authorization_endpoint": f"{SERVER}/authorize",
                "token_endpoint": f"{SERVER}/token",
                "userinfo_endpoint": f"{SERVER}/me",
                "jwks_uri": f"{SERVER}/keys",
            }
        )

    def request(self, _method: str, address: str, **_options: object) -> Answer:
        self.asked.append(address)
        now = int(time.time())
        claims = {"iss": SERVER, "aud": CLIENT, "sub": self.subject, "iat": now, "exp": now + 60, **TOLD}
        token = jwt.encode(claims, "a secret of thirty-two bytes....", algorithm="HS256")
        return Answer({"access_token": "opaque", "token_type": "Bearer", "id_token": token})


@pytest.fixture
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Provider:
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "district",
                    "name": "OpenID Connect",
                    "client_id": CLIENT,
                    "secret": "secret",
                    "settings": {"server_url": SERVER, "scope": ["openid"], "fetch_userinfo": False},
                }
            ],
        }
    }
    stand_in = Provider()
    monkeypatch.setattr(SocialAccountAdapter, "get_requests_session", lambda _self: stand_in)
    return stand_in


def through(client: Client, process: str) -> Any:  # a test response
    """Leave for the provider and come back."""
    start = reverse("openid_connect_login", kwargs={"provider_id": "district"})
    left = client.post(f"{start}?process={process}")
    assert left.status_code == 302
    address = urlsplit(left.url)
    asked = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}" == SERVER
    assert asked["scope"] == ["openid"]
    assert asked["code_challenge_method"] == ["S256"]
    back = reverse("openid_connect_callback", kwargs={"provider_id": "district"})
    return client.get(back, {"code": "code", "state": asked["state"][0]})


def test_without_configuration_there_is_no_such_way(town: SimpleNamespace) -> None:
    assert "/account/oidc/" not in Client().get("/account/login/").content.decode()
    assert Client().post("/account/oidc/district/login/").status_code == 404
    assert Client().get("/account/oidc/district/login/callback/").status_code == 404


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_login_page_shows_the_button(town: SimpleNamespace, provider: Provider, language: str) -> None:
    client = Client(headers={"accept-language": language})
    body = client.get("/account/login/").content.decode()
    assert 'action="/account/oidc/district/login/' in body
    confirm = client.get("/account/oidc/district/login/")
    assert confirm.status_code == 200
    assert f'<html lang="{language}"' in confirm.content.decode()
    assert provider.asked == []


def test_an_unknown_identity_makes_no_account_and_leaves_nothing(town: SimpleNamespace, provider: Provider) -> None:
    client = Client(headers={"accept-language": "en"})
    answer = through(client, "login")
    assert answer.status_code == 200
    assert "Accounts come from the district office" in answer.content.decode()
    assert not User.objects.exists()
    assert not SocialAccount.objects.exists()
    kept = str([session.get_decoded() for session in Session.objects.all()])
    assert not any(value in kept for value in TOLD.values())


def test_connect_once_then_sign_in(town: SimpleNamespace, provider: Provider) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    client = town.signed_in(user)
    page = client.get(reverse("socialaccount_connections"))
    assert 'action="/account/oidc/district/login/?process=connect"' in page.content.decode()
    through(client, "connect")
    connected = SocialAccount.objects.get()
    assert (connected.user_id, connected.uid, connected.extra_data) == (user.pk, "subject-1", {})
    assert client.get(reverse("socialaccount_connections")).status_code == 200

    later = Client()
    through(later, "login")
    assert later.session["_auth_user_id"] == str(user.pk)
    connected.refresh_from_db()
    assert connected.extra_data == {}
    assert not EmailAddress.objects.exists()
    assert not SocialToken.objects.exists()
    kept = str([session.get_decoded() for session in Session.objects.all()])
    assert not any(value in kept for value in TOLD.values())
    assert f"{SERVER}/me" not in provider.asked

    client.post(reverse("socialaccount_connections"), {"account": connected.pk})
    assert not SocialAccount.objects.exists()


def test_another_identity_is_not_the_account(town: SimpleNamespace, provider: Provider) -> None:
    user = town.account(Role.RESIDENT, town.dong, "hong")
    through(town.signed_in(user), "connect")
    provider.subject = "subject-2"
    client = Client()
    through(client, "login")
    assert "_auth_user_id" not in client.session


def test_staff_still_show_their_second_factor(town: SimpleNamespace, provider: Provider) -> None:
    user = town.account(Role.CARE_MANAGER, town.district)
    town.second_factor(user)
    through(town.signed_in(user), "connect")
    client = Client()
    answer = through(client, "login")
    assert answer.url == "/account/second-factor/code/"
    assert client.get("/people/").status_code == 302


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_provider_that_fails(town: SimpleNamespace, provider: Provider, language: str) -> None:
    client = Client(headers={"accept-language": language})
    back = reverse("openid_connect_callback", kwargs={"provider_id": "district"})
    answer = client.get(back, {"error": "server_error"})
    assert answer.status_code in {200, 401}
    assert f'<html lang="{language}"' in answer.content.decode()
    assert client.get(reverse("socialaccount_login_error")).status_code == 401
