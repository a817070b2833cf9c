"""Type size, scheme and language are remembered without JavaScript, and lead back."""

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from madang.ui.preferences import Preferences, preferences_of


@pytest.mark.parametrize(
    ("query", "cookie", "value"),
    [
        ("type=large", "madang_type", "large"),
        ("scheme=dark", "madang_scheme", "dark"),
        ("language=en", settings.LANGUAGE_COOKIE_NAME, "en"),
    ],
)
def test_a_choice_is_remembered(query: str, cookie: str, value: str, db: None) -> None:
    response = Client().get(f"/preferences/?{query}&next=/gallery/")
    assert (response.status_code, response["Location"]) == (302, "/gallery/")
    morsel = response.cookies[cookie]
    assert morsel.value == value
    assert morsel["samesite"] == "Lax"
    assert morsel["httponly"]
    assert int(morsel["max-age"]) > 300 * 24 * 3600


@pytest.mark.parametrize("query", ["type=huge", "scheme=pink", "language=xx", "type=", ""])
def test_an_unknown_choice_is_not_remembered(query: str, db: None) -> None:
    assert not Client().get(f"/preferences/?{query}").cookies


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "x", "/\t/evil.example"],
)
def test_the_way_back_stays_on_this_host(address: str, db: None) -> None:
    response = Client().get("/preferences/", {"type": "large", "next": address})
    assert response["Location"] == "/"


def test_the_way_back_keeps_its_query(db: None) -> None:
    response = Client().get("/preferences/", {"type": "large", "next": "/gallery/?sort=-loans&page=2"})
    assert response["Location"] == "/gallery/?sort=-loans&page=2"


def test_choices_come_from_cookies_and_nothing_else_counts() -> None:
    request = RequestFactory().get("/")
    assert preferences_of(request) == Preferences(type="normal", scheme="auto")
    request.COOKIES.update(madang_type="large", madang_scheme='dark" onload="x')
    assert preferences_of(request) == Preferences(type="large", scheme="auto")
    assert preferences_of(request).classes == "type-large scheme-auto"


def test_the_page_wears_the_choice(db: None) -> None:
    client = Client()
    client.cookies["madang_type"] = "large"
    client.cookies["madang_scheme"] = "dark"
    page = client.get("/gallery/", headers={"accept-language": "ko"}).content.decode()
    assert '<html lang="ko" class="type-large scheme-dark">' in page
    assert "?type=normal&amp;next=/gallery/" in page
