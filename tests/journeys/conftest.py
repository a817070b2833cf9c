"""A real browser against a running site.

Every test here is marked `journey` by itself. The browser is Debian's chromium, driven by playwright; where it is
absent the journeys are skipped and say so.

What a journey uses
-------------------
`page_at(width, scheme="light", language="ko", **options)`
    Open a new page of a browser context with that viewport, colour scheme and language. Every request that leaves the
    host, every console error and every page error is noted, and the test fails at its end if there was one
    (`expect_errors=True`: the test looks at `page.noted` itself). `type="large"` sets the large type,
    `javascript=False` switches scripts off, `bypass_csp=False` keeps the site's policy (axe cannot run then).
`visit(page, path)`
    Go to a path of the live server, wait until it is quiet, and return the HTTP status.
`assert_accessible(page)`
    No violation by axe-core with the tags of WCAG 2.2 AA.
`assert_fits(page)`
    Nothing scrolls sideways.
`assert_keyboard(page)`
    Every link, button and field is reached by Tab alone, and shows that it has the focus.
`assert_sound(page)`
    The three of them.
`WIDTHS`, `SCHEMES`, `LANGUAGES`
    What every page is looked at in.

Import them with `from tests.journeys.conftest import visit, assert_sound`. A journey signs in through the pages, as a
person does. Records that it needs are made by fixtures of its own file; the server is another thread, so such a test is
marked `django_db(transaction=True)`.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HERE = Path(__file__).parent
WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
LANGUAGES = ("ko", "en")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# A page with a thousand stops is not one that a person tabs through.
MAX_STOPS = 400

_NAME = "(it.getAttribute('href') || it.getAttribute('name') || it.id || it.textContent).slice(0, 60)"
# Where the focus is: for an outline on a map shape that is its path.
FOCUSED = (
    """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  window.__stops = window.__stops || [];
  if (window.__stops.includes(it)) return {again: true, first: it === window.__stops[0]};
  window.__stops.push(it);
  const box = it.getBoundingClientRect(), style = getComputedStyle(it), path = it.querySelector('path');
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const stroked = path && parseFloat(getComputedStyle(path).strokeWidth) >= 5;
  return {again: false, seen: box.width > 0 && box.height > 0, shown: Boolean(outlined || stroked),
    name: it.tagName + ' ' + """
    + _NAME
    + "}; }"
)
# One radio button of a group is a stop; inside closed details there is none.
REACHABLE = (
    """() => {
  const radios = [...document.querySelectorAll('input[type=radio]')];
  const stop = it => {
    if (it.tabIndex < 0 || it.disabled || it.type === 'hidden') return false;
    const closed = it.closest('details:not([open])');
    if (closed && !(it.tagName === 'SUMMARY' && it.parentElement === closed)) return false;
    const box = it.getBoundingClientRect();
    if (!(box.width && box.height)) return false;
    if (it.type !== 'radio') return true;
    const group = radios.filter(other => other.name === it.name && other.form === it.form);
    return it === (group.find(other => other.checked) || group[0]);
  };
  const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]');
  return [...all].filter(stop).map(it => it.tagName + ' ' + """
    + _NAME
    + "); }"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if HERE in Path(str(item.fspath)).parents:
            item.add_marker(pytest.mark.journey)


@dataclass
class Noted:
    """What went wrong in a page without anybody looking."""

    away: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """Start one browser for a file of journeys, or skip them."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    # Playwright keeps an event loop in this thread, where Django would refuse its database.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def page_at(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:  # pytest-django's own type
    """Open pages; see the top of this file."""
    contexts: list[BrowserContext] = []
    noted: list[Noted] = []
    host = urlsplit(live_server.url).netloc

    def open_page(
        width: int, scheme: str = "light", language: str = "ko", **options: Any
    ) -> Page:  # words to the context
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
            locale={"ko": "ko-KR", "en": "en-GB"}[language],
            java_script_enabled=options.get("javascript", True),
            # axe is put into the page by the test; nothing of the site's is let through by this.
            bypass_csp=options.get("bypass_csp", True),
            reduced_motion="reduce",
        )
        contexts.append(context)
        cookies = {settings.LANGUAGE_COOKIE_NAME: language, "madang_type": options.get("type", "normal")}
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        page = context.new_page()
        page.set_default_timeout(15_000)
        mine = Noted()
        page.noted = mine  # type: ignore[attr-defined]  # for tests that expect errors
        if not options.get("expect_errors"):
            noted.append(mine)
        page.on("request", lambda request: _note_request(mine, request.url, host))
        page.on("console", lambda message: mine.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: mine.errors.append(str(error)))
        page.live_url = live_server.url  # type: ignore[attr-defined]  # for visit()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not [address for mine in noted for address in mine.away], "a request left the host"
    assert not [error for mine in noted for error in mine.errors], "the console has errors"


def _note_request(noted: Noted, address: str, host: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in {"data", "blob", "about"} and parts.netloc != host:
        noted.away.append(address)


def visit(page: Page, path: str) -> int:
    """Go to a path of the live server and return the status."""
    response = page.goto(f"{page.live_url}{path}")  # type: ignore[attr-defined]  # set by page_at
    assert response is not None
    page.wait_for_load_state("networkidle")
    return response.status


def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.2 AA that axe-core can find."""
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    found = [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node.get('failureSummary', '')}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
    assert not found, f"{page.url}: {len(found)} violations\n" + "\n".join(found[:12])


def assert_fits(page: Page) -> None:
    """Nothing scrolls sideways."""
    wide, view = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    if wide > view:
        culprits = page.evaluate(
            """() => [...document.querySelectorAll('body *')]
              .filter(it => it.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
              .slice(0, 8).map(it => it.tagName + '.' + (it.className.baseVal ?? it.className))"""
        )
        raise AssertionError(f"{page.url} is {wide} px wide in {view}: {culprits}")


def assert_keyboard(page: Page) -> None:
    """Tab reaches everything that can be used, and one sees where one is."""
    wanted = page.evaluate(REACHABLE)
    page.evaluate("() => { window.__stops = []; document.activeElement.blur(); window.scrollTo(0, 0); }")
    reached, hidden = [], []
    for _stop in range(MAX_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUSED)
        if here is None:
            break
        if here["again"]:
            # A date has several stops of its own; the first stop of all means that the page is through.
            if here["first"]:
                break
            continue
        reached.append(here["name"])
        if not (here["seen"] and here["shown"]):
            hidden.append(here["name"])
    missing = [name for name in wanted if wanted.count(name) > reached.count(name)]
    assert not missing, f"{page.url}: Tab does not reach {missing[:8]}"
    assert not hidden, f"{page.url}: no visible focus on {hidden[:8]}"


def assert_sound(page: Page) -> None:
    """Accessible, no wider than its window, usable by keyboard alone."""
    assert_accessible(page)
    assert_fits(page)
    assert_keyboard(page)
