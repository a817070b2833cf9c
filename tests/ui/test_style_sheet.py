"""The style sheet and the templates keep what they promise."""

import gzip
import re
from pathlib import Path

import pytest
from tests.ui.palette import SHEET

import madang

TEMPLATES = sorted(Path(madang.__file__).parent.rglob("templates/**/*.html"))


def test_the_sheet_is_small() -> None:
    assert len(SHEET.read_bytes()) < 25_000
    assert len(gzip.compress(SHEET.read_bytes())) < 7_000


@pytest.mark.parametrize(
    "promise", ["prefers-reduced-motion", "forced-colors: active", "@media print", ":focus-visible", "min-height: 44px"]
)
def test_the_sheet_knows_every_reader(promise: str) -> None:
    assert promise in SHEET.read_text()


def test_sizes_follow_the_reader_s_own_type_size() -> None:
    root = SHEET.read_text().split("}")[0]
    assert "font-size: 112.5%" in root, "18 px, but in proportion to what the reader has set"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style|\son[a-z]+\s*=\s*[\"']|javascript:", text)
    for script in re.findall(r"<script([^>]*)>", text):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_reaches_another_host(path: Path) -> None:
    assert not re.search(r"(?:src|srcset|action)\s*=\s*[\"']?(?:https?:)?//", path.read_text())
