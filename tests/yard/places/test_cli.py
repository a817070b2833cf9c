"""The commands answer people and programs."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from madang.yard.places.cli import districts, places
from madang.yard.places.formats.bundle import district_read
from madang.yard.places.formats.geojson import read_geojson

runner = CliRunner()


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command("districts")(districts)
    app.add_typer(places, name="places")
    return app


def test_districts_are_listed_for_people_and_programs(app: typer.Typer) -> None:
    said = runner.invoke(app, ["districts", "마포"])
    assert said.exit_code == 0
    assert "11440  서울특별시 마포구  Mapo-gu, Seoul  (26)" in said.stdout
    every = json.loads(runner.invoke(app, ["districts", "--json"]).stdout)
    assert len(every) == 251
    assert every[0] == {
        "code": "11110", "name_ko": "종로구", "name_en": "Jongno-gu", "sido_ko": "서울특별시", "sido_en": "Seoul",
        "dongs": 87,
    }  # fmt: skip
    none = runner.invoke(app, ["districts", "nowhere at all"])
    assert none.exit_code == 0
    assert none.stdout.strip()


def test_any_district_is_exported_without_an_installation(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "mapo.geojson"
    said = runner.invoke(app, ["places", "export", str(file), "--district", "11440", "--json"])
    assert json.loads(said.stdout) == {"file": str(file), "district": "11440", "dongs": 26}
    assert read_geojson(file.read_bytes(), file.name).codes == district_read("11440").codes
    simple = tmp_path / "simple.geojson"
    runner.invoke(app, ["places", "export", str(simple), "--district", "11440", "--simple"])
    assert simple.stat().st_size < file.stat().st_size / 2


def test_faults_are_told_with_exit_code_two(app: typer.Typer, tmp_path: Path) -> None:
    said = runner.invoke(app, ["places", "export", str(tmp_path / "x"), "--district", "11441", "--json"])
    assert said.exit_code == 2
    assert json.loads(said.stdout)["error"] == "district_unknown"
    missing = runner.invoke(app, ["places", "import", str(tmp_path / "absent.geojson"), "--data", str(tmp_path)])
    assert missing.exit_code == 2
    assert "absent.geojson" in missing.stderr
