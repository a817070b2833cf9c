"""Every kind of page that a visitor can reach from the home of a living sample, found by following the links."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page
from tests.journeys.conftest import assert_sound, visit

from madang.plaza.workflows import first_cycle
from madang.yard.audit.authority import SYSTEM
from madang.yard.evidence.services import dataset_publish
from madang.yard.people.engine.population import synthesise
from madang.yard.places.selectors import boundaries_current
from madang.yard.places.services import SampleStatement, district_adopt, sample_state

pytestmark = pytest.mark.django_db(transaction=True)

START = ("/", "/audit/", "/runs/", "/open/", "/gallery/", "/track/", "/report/", "/care/", "/health/", "/climate/")
# What leads to a file or to the same page in another dress.
NOT_PAGES = re.compile(r"\.(csv|json|geojson|parquet|pb|svg|html)$|^/(preferences|media|api/v1|open311)/")
# What a path's own part is: a code, a number, a digest.
OWN_PART = re.compile(r"/(?=[^/]*[0-9])[^/]+")
LEAST_KINDS = 20


@pytest.fixture
def living(transactional_db: None) -> None:
    """Bring a small sample of Seo-gu through its first turn."""
    district_adopt(SYSTEM, "29140", is_sample=True)
    population = synthesise(boundaries_current(), 7, 0.02)
    sample_state(SYSTEM, SampleStatement(seed=7, scale=0.02, populations=population.persons_by_dong))
    first_cycle(population)
    dataset_publish(SYSTEM)


def kinds_of_pages() -> Iterator[str]:
    """Yield one path of every kind, checking on the way that none of them fails."""
    client = Client()
    waiting, seen = list(START), set()
    while waiting:
        path = waiting.pop(0)
        kind = OWN_PART.sub("/*", urlsplit(path).path)
        if kind in seen:
            continue
        seen.add(kind)
        if path.startswith("/static/"):
            continue
        answer = client.get(path, follow=True)
        assert answer.status_code == 200, path
        if answer.streaming or NOT_PAGES.search(urlsplit(path).path) or "html" not in answer["Content-Type"]:
            answer.close()
            continue
        yield path
        found = re.findall(r'href="(/[^"#]*)"', answer.content.decode())
        waiting.extend(address.replace("&amp;", "&") for address in found if not address.startswith("/preferences"))


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(360, "light", "ko"), (1280, "dark", "en"), (360, "dark", "en"), (1280, "light", "ko")],
)
def test_every_kind_of_page_is_sound(
    page_at: Callable[..., Page], living: None, width: int, scheme: str, language: str
) -> None:
    paths = list(kinds_of_pages())
    assert len(paths) >= LEAST_KINDS, paths
    page = page_at(width, scheme, language)
    for path in paths:
        assert visit(page, path) == 200, path
        assert_sound(page)
