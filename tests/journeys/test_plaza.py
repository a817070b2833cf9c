"""The plaza in a real browser: the district with records and the same bare, in every width, scheme and language."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from tests.journeys.conftest import (
    LANGUAGES,
    SCHEMES,
    WIDTHS,
    assert_accessible,
    assert_fits,
    assert_keyboard,
    assert_sound,
    visit,
)
from tests.plaza.conftest import Yard, adopt, furnish

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "/", "/dongs/", "/pledges/", "/pledges/autonomy/", "/pledges/projects/", "/search/?q=동", "/about/", "/privacy/",
    "/accessibility/",
)  # fmt: skip
BYTES = 100_000


@pytest.fixture
def shown(transactional_db: None) -> Yard:
    """Return the furnished district, for a server in another thread."""
    return furnish()


def pages_of(shown: Yard) -> tuple[str, ...]:
    """Return every kind of page."""
    own = (f"/dongs/{shown.dong.code}/", f"/agenda/{shown.open.pk}/", f"/agenda/{shown.delivered.pk}/")
    return (*PAGES, *own)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_sound(page_at: Callable[..., Page], shown: Yard, width: int, scheme: str, language: str) -> None:
    page = page_at(width, scheme, language)
    for path in pages_of(shown):
        assert visit(page, path) == 200, path
        assert_accessible(page)
        assert_fits(page)
        # What Tab reaches depends neither on colours nor on words.
        if scheme == "light" and language == "ko":
            assert_keyboard(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_bare_district_is_sound(page_at: Callable[..., Page], transactional_db: None, width: int) -> None:
    district = adopt()
    page = page_at(width)
    for path in ("/", "/dongs/", f"/dongs/{district.dongs.earliest('code').code}/", "/pledges/", "/search/?q=zzz"):
        assert visit(page, path) == 200, path
        assert_sound(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_site_without_a_district_is_sound(page_at: Callable[..., Page], transactional_db: None, width: int) -> None:
    page = page_at(width)
    for path in ("/", "/dongs/", "/pledges/", "/about/"):
        assert visit(page, path) == 200, path
        assert_sound(page)


def test_large_type_fits_a_narrow_phone(page_at: Callable[..., Page], shown: Yard) -> None:
    page = page_at(320, type="large")
    for path in pages_of(shown):
        visit(page, path)
        assert_fits(page)


def test_everything_of_a_page_is_light(page_at: Callable[..., Page], shown: Yard) -> None:
    for path in pages_of(shown):
        page = page_at(1280)
        sizes: list[int] = []
        page.on("response", lambda response, sizes=sizes: sizes.append(len(response.body())))
        visit(page, path)
        assert sum(sizes) < BYTES, f"{path}: {sum(sizes)} bytes, uncompressed"


def test_nothing_moves_while_the_home_loads(page_at: Callable[..., Page], shown: Yard) -> None:
    page = page_at(360)
    page.add_init_script(
        """window.__moved = 0;
        new PerformanceObserver(list => list.getEntries().forEach(it => { window.__moved += it.value; }))
          .observe({type: 'layout-shift', buffered: true});"""
    )
    visit(page, "/")
    page.wait_for_timeout(300)
    assert page.evaluate("window.__moved") < 0.01


def test_from_the_map_to_a_won_without_script(page_at: Callable[..., Page], shown: Yard) -> None:
    """A resident presses a dong on the map, opens what was decided, and sees where its money went."""
    page = page_at(360, javascript=False)
    visit(page, "/")
    page.locator(f'.map a[href="/dongs/{shown.dong.code}/"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/dongs/{shown.dong.code}/")
    page.get_by_role("link", name="놀이터 모래 갈기").first.click()
    assert page.get_by_text("찬성 41표").is_visible()
    page.locator(f'a[href="/money/lines/{shown.project.line_id}/"]').first.click()
    assert page.get_by_role("heading", level=1).is_visible()


def test_search_by_keyboard(page_at: Callable[..., Page], shown: Yard) -> None:
    page = page_at(1280)
    visit(page, "/")
    page.locator("#home-search").fill("가로등")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    page.get_by_role("link", name="골목 가로등 세 개").click()
    assert page.locator("h1").inner_text() == "골목 가로등 세 개"
