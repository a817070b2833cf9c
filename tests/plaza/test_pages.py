"""Every page of the plaza answers: with nothing, with a bare district, and with something of everything."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from madang.yard.places.models import District

from .conftest import Yard

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")
PAGES = ("home", "dongs", "pledges", "search", "about", "privacy", "accessibility")
FAILED = re.compile(r"\sstyle=|<script(?![^>]*src=)|csrfmiddlewaretoken|%\(|None|StrictUndefined")


def text_of(client: Client, address: str, language: str = "ko") -> str:
    """Return a page, which must be whole, light, alike for everyone, and without anything that failed to be said."""
    answer = client.get(address, headers={"accept-language": language})
    text = answer.content.decode()
    assert answer.status_code == 200, address
    assert f'<html lang="{language}"' in text
    assert len(answer.content) < 100_000, f"{address}: {len(answer.content)} bytes"
    assert not answer.cookies, address
    assert not (found := FAILED.search(text)), f"{address}: {found}"
    if language == "ko":
        assert not re.search(r">[^<]*\b(the|of|and)\b[^<]*<", text), address
    return text


def addresses(yard: Yard) -> list[str]:
    """Return every page that the furnished district has."""
    return [
        *(reverse(name) for name in PAGES),
        reverse("dong", args=[yard.dong.code]),
        reverse("dong", args=[yard.dongs[-1].code]),
        *(reverse("pledge", args=[code]) for code in ("autonomy", "care", "health", "climate", "projects")),
        reverse("agenda_item", args=[yard.open.pk]),
        reverse("agenda_item", args=[yard.delivered.pk]),
        reverse("search") + "?q=가로등",
        reverse("search") + "?q=no-such-thing",
        reverse("dongs") + "?q=화정&sort=-open",
        reverse("dongs") + "?q=zzz",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_answers_with_records(client: Client, yard: Yard, language: str) -> None:
    for address in addresses(yard):
        text_of(client, address, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_answers_in_a_bare_district(client: Client, bare: District, language: str) -> None:
    for name in PAGES:
        text_of(client, reverse(name), language)
    text = text_of(client, reverse("dong", args=[bare.dongs.first().code]), language)  # type: ignore[union-attr]  # has dongs
    assert reverse("report") in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_answers_before_a_district_is_adopted(client: Client, language: str) -> None:
    for name in PAGES:
        text_of(client, reverse(name), language)
    assert "madang up" in text_of(client, "/", language)


@pytest.mark.parametrize("address", ["/dongs/2900000000/", "/pledges/none/", "/agenda/999999/"])
def test_what_is_not_there_is_said_in_the_frame(client: Client, bare: District, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert 'class="foot"' in answer.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_pages_only_read(client: Client, name: str) -> None:
    assert client.post(reverse(name)).status_code == 405


def test_the_home_shows_what_the_records_say(client: Client, yard: Yard) -> None:
    text = text_of(client, "/", "en")
    assert "2 matters" in text, "the open ones; the delivered one is not open"
    assert "골목 가로등 세 개" in text
    assert "놀이터 모래 갈기" not in text
    elders = sum(200 + 10 * place for place in range(1, len(yard.dongs))) + 3
    assert f"{elders:,} persons" in text
    for assessment in yard.pledge.assessments.all()[:1]:
        assert reverse("run", args=[assessment.run_id]) in text
    assert text.count('class="shape') == len(yard.dongs)


def test_no_room_shows_a_number_that_nobody_measured(client: Client, bare: District) -> None:
    text = text_of(client, "/", "en")
    assert text.count('<span class="figure"></span>') + text.count("no number stands here") >= 3
    assert "0 matters" in text


def test_the_home_asks_little_of_the_database(
    client: Client, yard: Yard, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(15) as asked:
        client.get("/")
    assert len(asked) > 5, "the page was made, not remembered"


@pytest.mark.parametrize(
    ("address", "most"),
    [
        (lambda _yard: reverse("dongs"), 12),
        (lambda yard: reverse("dong", args=[yard.dong.code]), 18),
        (lambda _yard: reverse("pledges"), 8),
        (lambda _yard: reverse("pledge", args=["autonomy"]), 22),
        (lambda yard: reverse("agenda_item", args=[yard.delivered.pk]), 12),
        (lambda _yard: reverse("search") + "?q=동", 8),
        (lambda _yard: reverse("about"), 4),
        (lambda _yard: reverse("privacy"), 3),
    ],
)
def test_a_page_asks_little_of_the_database(
    client: Client,
    yard: Yard,
    address: Callable[[Yard], str],
    most: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(most) as asked:
        assert client.get(address(yard)).status_code == 200
    assert len(asked) > 1, "the page was made, not remembered"


def test_a_small_count_does_not_reach_the_dong_page(client: Client, yard: Yard) -> None:
    text = text_of(client, reverse("dong", args=[yard.dong.code]), "en")
    assert "too few to publish" in text
    assert ">3 persons" not in text


def test_what_a_resident_wrote_is_on_no_page(client: Client, yard: Yard) -> None:
    for address in addresses(yard):
        text = client.get(address).content.decode()
        assert "김민준" not in text
        assert "010-1234" not in text


def test_a_matter_shows_its_decision_its_money_and_its_promise(client: Client, yard: Yard) -> None:
    text = text_of(client, reverse("agenda_item", args=[yard.delivered.pk]), "en")
    for words in (
        "41 for, 3 against, 45 cast",
        "123,000,000",
        reverse("pledge", args=["autonomy"]),
        "1 of 1 milestones",
    ):
        assert words in text
    assert reverse("ledger_line", args=[yard.project.line_id]) in text


def test_a_pledge_shows_both_judgements_with_their_runs(client: Client, yard: Yard) -> None:
    text = text_of(client, reverse("pledge", args=["autonomy"]), "en")
    for assessment in yard.pledge.assessments.all():
        assert reverse("run", args=[assessment.run_id]) in text


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("가로등", "골목 가로등 세 개"),
        ("양동 가로", "골목 가로등 세 개"),
        ("홀로 65세", "홀로 사는 65세 이상 주민"),
        ("화정", "화정동"),
        ("\u1112\u116a\u110c\u1165\u11bc", "화정동"),
    ],
)  # fmt: skip
def test_search_finds_parts_of_words(client: Client, yard: Yard, words: str, title: str) -> None:
    text = client.get("/search/", {"q": words}).content.decode()
    assert title in text


@pytest.mark.parametrize("words", ["%", "_", "' OR 1=1", "\\", "<script>alert(1)</script>", "x" * 500, "\x00"])
def test_search_takes_anything(client: Client, yard: Yard, words: str) -> None:
    answer = client.get("/search/", {"q": words})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_lists_can_be_taken_away(client: Client, yard: Yard) -> None:
    dongs = b"".join(client.get(reverse("dongs_csv") + "?q=양동&sort=-open")).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]  # streams
    assert dongs[1].split(",")[:2] == [yard.dong.code, "양동"]
    assert "123000000" in dongs[1]
    pledges = b"".join(client.get(reverse("pledges_csv"))).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert len(pledges) == 6


def test_the_list_of_dongs_sorts_and_searches(client: Client, yard: Yard) -> None:
    text = text_of(client, reverse("dongs") + "?sort=-money", "en")
    names = re.findall(r'<th scope="row"[^>]*><a href="/dongs/(\d+)/"', text)
    assert names[0] == yard.dong.code
    assert len(names) == len(yard.dongs)


def test_a_chart_shows_no_point_where_nothing_was_measured(client: Client, yard: Yard) -> None:
    text = text_of(client, reverse("pledge", args=["climate"]), "en")
    assert 'class="plan"' in text
    assert 'class="point' not in text
