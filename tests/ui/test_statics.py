"""Static files get a digest in their names, and the page refers to them by it."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from madang.ui.statics import PageStatics


def test_names_are_plain_where_nothing_was_collected() -> None:
    assert PageStatics(location="/nonexistent", base_url="/static/").url("ui/madang.css") == "/static/ui/madang.css"


@pytest.mark.slow
def test_collected_files_are_hashed_and_compressed(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=str(tmp_path)):
        call_command("collectstatic", "--noinput", verbosity=0)
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    hashed = names["ui/madang.css"]
    assert hashed != "ui/madang.css"
    assert (tmp_path / hashed).is_file()
    assert (tmp_path / f"{hashed}.gz").stat().st_size < 7_000
    assert (tmp_path / names["django_htmx/htmx-2.min.js"]).is_file()
    storage = PageStatics(location=str(tmp_path), base_url="/static/")
    assert storage.url("ui/madang.css") == f"/static/{hashed}"
