"""The pages of three rooms: real content or a plain word that there is none, in both languages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.rooms.conftest import SeoGu

from madang.rooms.care.services import elders_observe
from madang.rooms.climate.services import homes_observe, use_observe
from madang.rooms.health.services import profile_observe, profiles_count
from madang.rooms.projects.services import pledges_file_of, pledges_load
from madang.yard.audit.authority import SYSTEM
from madang.yard.people.engine.population import Population, synthesise
from madang.yard.places.formats.bundle import district_read

pytestmark = pytest.mark.django_db
ROOMS = ("care", "health", "climate")


@pytest.fixture(scope="module")
def population() -> Population:
    return synthesise(district_read("29140"), 2026, 0.3)


@pytest.fixture
def measured(seo_gu: SeoGu, population: Population) -> Population:
    pledges_load(SYSTEM, pledges_file_of("29140"))
    elders_observe(SYSTEM, population)
    profile_observe(SYSTEM, population)
    profiles_count(SYSTEM)
    homes_observe(SYSTEM, population)
    use_observe(SYSTEM, population)
    return population


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_room_says_what_it_found(client: Client, measured: Population, room: str, language: str) -> None:
    page = client.get(f"/{room}/", headers={"accept-language": language})
    assert page.status_code == 200
    text = page.content.decode()
    assert f'lang="{language}"' in text
    assert "csrf" not in text
    assert len(page.content) < 100_000
    if room != "health":
        assert {"ko": "홀로 사는 어르신", "en": "older"}[language] in text


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_without_evidence_says_so(client: Client, seo_gu: SeoGu, room: str) -> None:
    pledges_load(SYSTEM, pledges_file_of("29140"))
    assert client.get(f"/{room}/").status_code == 200


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_takes_few_queries(
    client: Client, measured: Population, room: str, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_max_num_queries(9):
        client.get(f"/{room}/")
