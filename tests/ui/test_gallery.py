"""The gallery and the shell, as served."""

import gzip
import re
from pathlib import Path

import pytest
from django.template import engines
from django.test import Client
from tests.ui.palette import SHEET


def page(language: str, path: str = "/gallery/", **cookies: str) -> str:
    client = Client(headers={"accept-language": language})
    for name, value in cookies.items():
        client.cookies[name] = value
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_gallery_is_in_both_languages(language: str) -> None:
    html = page(language)
    assert f'<html lang="{language}"' in html
    assert ("구성 요소" in html) == (language == "ko")
    assert html.count("<h1") == 1


@pytest.mark.django_db
def test_no_english_is_left_in_korean() -> None:
    html = page("ko")
    main = html[html.index("<main") : html.index("</main>")]
    words = re.sub(r"<[^>]+>", " ", main)
    left = set(re.findall(r"[A-Za-z]{4,}", words)) - {"JPEG"}
    assert not left


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_page_with_everything_on_it_still_weighs_little(language: str) -> None:
    html = page(language).encode()
    assert len(html) < 100_000
    assert len(gzip.compress(html)) + len(gzip.compress(SHEET.read_bytes())) < 30_000


@pytest.mark.django_db
def test_every_component_is_shown() -> None:
    environment = engines["jinja2"].env  # type: ignore[attr-defined]  # the Jinja2 backend has one
    shown = set(re.findall(r"ui\.(\w+)\(", environment.loader.get_source(environment, "ui/gallery.html")[0]))
    offered = {name for name in vars(environment.get_template("ui/components.html").module) if name[0] != "_"}
    # Drawn by another one that is shown, or for pages that the gallery is not: htmx and refresh need running work.
    indirect = {"button", "post_button", "field", "fields", "error_summary", "bar", "map_only", "htmx", "refresh"}
    assert offered - indirect <= shown
    assert shown <= offered


@pytest.mark.django_db
def test_every_component_is_described() -> None:
    reference = (Path(__file__).parents[2] / "docs" / "reference" / "components.md").read_text()
    environment = engines["jinja2"].env  # type: ignore[attr-defined]  # the Jinja2 backend has one
    module = environment.get_template("ui/components.html").module
    for name in vars(module):
        if name[0] != "_":
            macro = getattr(module, name)
            for argument in macro.arguments:
                line = next(
                    (row for row in reference.splitlines() if f"`{name}(" in row or f"`call {name}(" in row), ""
                )
                assert re.search(rf"\b{argument}\b", line) or name in {
                    "breadcrumb",
                    "downloads",
                    "facts",
                    "timeline",
                }, f"{name}: {argument} is not in docs/reference/components.md"


@pytest.mark.django_db
def test_sorting_is_in_the_url() -> None:
    ascending = page("en", "/gallery/?sort=name")
    assert 'aria-sort="ascending"' in ascending
    assert ascending.index(">Hill<") < ascending.index(">South<")
    assert 'href="?sort=-name"' in ascending


@pytest.mark.django_db
def test_the_shell_leads_to_the_content_first() -> None:
    html = page("en")
    first = re.search(r"<a [^>]*>", html[html.index("<body") :])
    assert first is not None
    assert 'href="#main"' in first[0]
    assert '<main id="main"' in html


@pytest.mark.django_db
def test_visitors_get_no_cookie() -> None:
    assert not Client().get("/gallery/").cookies


def test_macros_stand_alone() -> None:
    """A component needs nothing but what it is given: no request and no database."""
    source = """{% import "ui/components.html" as ui %}{{ ui.state("x", "late") }}{{ ui.bar(0.5, "half", mark=1.7) }}
    {{ ui.timeline([{"label": "a"}]) }}{{ ui.notice("t", "m <b>") }}{{ ui.empty("nothing") }}
    {{ ui.list_row("t <i>") }}"""
    html = engines["jinja2"].from_string(source).render({})
    assert "m &lt;b&gt;" in html
    assert "t &lt;i&gt;" in html
    assert 'x="99.2%"' in html, "a mark beyond the end stands at the end"


@pytest.mark.parametrize("tone", ["new", "going", "done", "late", "held"])
def test_states_are_told_by_word_and_shape(tone: str) -> None:
    source = '{% import "ui/components.html" as ui %}{{ ui.state("word", tone) }}'
    html = engines["jinja2"].from_string(source).render({"tone": tone})
    assert "word" in html
    assert "<path" in html
