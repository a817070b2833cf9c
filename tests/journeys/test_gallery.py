"""Every component in a real browser: both widths, both schemes, both languages, and without JavaScript."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
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

TARGETS = (
    ".btn, .nav a, .tools a, .tools summary, .tabs a, .pages a, .switches a, .foot li a, .list .body > a, .choice,"
    " .areas a, .crumbs a, select, textarea, input:not([type=hidden], [type=checkbox], [type=radio])"
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_gallery_is_sound(page_at: Callable[..., Page], width: int, scheme: str, language: str) -> None:
    page = page_at(width, scheme, language)
    assert visit(page, "/gallery/") == 200
    assert_accessible(page)
    assert_fits(page)
    if scheme == "light":
        assert_keyboard(page)


@pytest.mark.parametrize("width", [320, *WIDTHS])
def test_large_type_fits(page_at: Callable[..., Page], width: int) -> None:
    page = page_at(width, type="large")
    visit(page, "/gallery/")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "24px"
    assert_fits(page)
    assert_accessible(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_behind_a_click_are_sound(page_at: Callable[..., Page], width: int) -> None:
    page = page_at(width)
    visit(page, "/gallery/")
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true; })")
    assert_fits(page)
    assert_accessible(page)


def test_two_hundred_percent_zoom_fits(page_at: Callable[..., Page]) -> None:
    """A window of 1280 px at 200 % has 640 CSS pixels; at 400 %, 320."""
    for width in (640, 320):
        page = page_at(width)
        visit(page, "/gallery/")
        assert_fits(page)


def test_the_policy_on_scripts_and_styles_holds(page_at: Callable[..., Page]) -> None:
    page = page_at(1280, bypass_csp=False)
    visit(page, "/gallery/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(250, 247, 240)"
    assert page.locator("[style]").count() == 0


def test_choices_are_links_that_are_remembered(page_at: Callable[..., Page]) -> None:
    page = page_at(1280, language="ko", javascript=False)
    visit(page, "/gallery/")
    page.get_by_role("link", name="가 크게").click()
    assert "type-large" in str(page.locator("html").get_attribute("class"))
    page.get_by_role("link", name="어둡게").click()
    assert "scheme-dark" in str(page.locator("html").get_attribute("class"))
    page.get_by_role("link", name="English", exact=True).click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.url.endswith("/gallery/")


def test_the_skip_link_is_first_and_works(page_at: Callable[..., Page]) -> None:
    page = page_at(360)
    visit(page, "/gallery/")
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    assert skip.evaluate("it => it === document.activeElement")
    assert skip.evaluate("it => it.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_targets_are_large_enough_for_a_thumb(page_at: Callable[..., Page]) -> None:
    page = page_at(360)
    visit(page, "/gallery/")
    small = page.evaluate(
        """names => [...document.querySelectorAll(names)]
          .map(it => [it.outerHTML.slice(0, 60), it.getBoundingClientRect().height])
          .filter(([, height]) => height < 43.9)""",
        TARGETS,
    )
    assert not small


def test_nothing_moves_while_the_page_loads(page_at: Callable[..., Page]) -> None:
    page = page_at(360)
    page.add_init_script(
        """window.__moved = 0;
        new PerformanceObserver(list => list.getEntries().forEach(it => { window.__moved += it.value; }))
          .observe({type: 'layout-shift', buffered: true});"""
    )
    visit(page, "/gallery/")
    page.wait_for_timeout(300)
    assert page.evaluate("window.__moved") < 0.01


def test_the_page_is_light(page_at: Callable[..., Page]) -> None:
    page = page_at(1280)
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    visit(page, "/gallery/")
    assert sum(sizes) < 125_000, "everything of the gallery, uncompressed"


def test_a_problem_page_is_sound(page_at: Callable[..., Page]) -> None:
    page = page_at(360, expect_errors=True)
    assert visit(page, "/no/such/page/") == 404
    assert_sound(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_who_signed_in_has_a_menu(page_at: Callable[..., Page], width: int) -> None:
    get_user_model().objects.create_user("reader", "paper-ink-and-one-hue")
    page = page_at(width)
    visit(page, reverse("account_login") + "?next=/gallery/")
    page.locator("input[name=login]").fill("reader")
    page.locator("input[name=password]").fill("paper-ink-and-one-hue")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gallery/")
    summary = page.locator(".menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="로그아웃").is_visible()
    assert_fits(page)
    assert_accessible(page)


def test_print_shows_no_menu_and_is_light(page_at: Callable[..., Page]) -> None:
    page = page_at(1280, "dark")
    visit(page, "/gallery/")
    page.emulate_media(media="print")
    assert page.locator(".tools").is_hidden()
    assert page.locator("h1").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(34, 33, 31)"


def test_forced_colours_keep_the_map_and_the_bars(page_at: Callable[..., Page]) -> None:
    page = page_at(1280)
    visit(page, "/gallery/")
    page.emulate_media(forced_colors="active")
    assert_fits(page)
    stroke = page.locator(".map .shape path").first.evaluate("it => getComputedStyle(it).stroke")
    fill = page.locator(".bar .fill").first.evaluate("it => getComputedStyle(it).fill")
    rail = page.locator(".bar .rail").first.evaluate("it => getComputedStyle(it).fill")
    assert stroke != "none"
    unmarked = page.locator(".tabs a:not([aria-current])").first
    assert unmarked.evaluate("it => getComputedStyle(it).borderBottomWidth") == "0px"
    assert fill != rail
