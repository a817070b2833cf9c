"""The command line speaks both languages, answers programs in JSON, and does a stored computation again."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.ops.conftest import run_madang

WALK = """
import sys
import typer
from madang.ui.terminal import library_speaks
library_speaks()
from madang.cli import app
from typer.testing import CliRunner

def walk(command, path):
    print('##', ' '.join(path))
    print(CliRunner().invoke(app, [*path, '--help']).output)
    for name, inner in getattr(command, 'commands', {}).items():
        walk(inner, [*path, name])

walk(typer.main.get_command(app), [])
"""
HANGUL = re.compile(r"[가-힣]")


def helps(locale: str) -> dict[str, str]:
    """Return the help of every command, by its words."""
    done = subprocess.run(
        [sys.executable, "-c", WALK], capture_output=True, text=True, check=True,
        env={**os.environ, "LC_ALL": locale, "COLUMNS": "160"},
    )  # fmt: skip
    pages = re.split(r"^## ?", done.stdout, flags=re.MULTILINE)[1:]
    return {page.partition("\n")[0]: page.partition("\n")[2] for page in pages}


def test_every_command_has_help_in_both_languages() -> None:
    english, korean = helps("C.UTF-8"), helps("ko_KR.UTF-8")
    assert english.keys() == korean.keys()
    assert len(english) > 25
    for words in english:
        assert english[words].strip(), words
        assert not HANGUL.search(english[words]), words
        assert HANGUL.search(korean[words]), words


def test_districts_are_found_by_part_of_their_name() -> None:
    found = run_madang("districts", "마포", "--json")
    assert found.code == 0, found.err
    assert "11440" in found.out
    assert run_madang("districts", "nowhere at all", "--json").code in {0, 2}


def test_an_unknown_command_or_option_ends_with_2() -> None:
    for words in (["nothing"], ["up", "--nothing"], ["up", "--port", "x"]):
        answer = run_madang(*words)
        assert answer.code == 2, words
        assert "Traceback" not in answer.err


@pytest.mark.slow
def test_a_stored_computation_is_done_again_with_the_same_result(small_district: Path) -> None:
    import sqlite3

    database = sqlite3.connect(small_district / "madang.sqlite3")
    runs = [row[0] for row in database.execute("SELECT id FROM audit_run WHERE engine LIKE '%pledge_state%'")]
    database.close()
    assert runs
    again = run_madang("audit", "rerun", runs[0], "--data", small_district, "--json")
    assert again.code == 0, again.out
    assert again.json["equal"] is True
    assert run_madang("audit", "rerun", "ffffffff", "--data", small_district).code == 2


@pytest.mark.slow
def test_the_doctor_and_the_head_answer_in_json(small_district: Path) -> None:
    doctor = run_madang("doctor", "--data", small_district, "--json")
    assert doctor.code == 0, doctor.out
    assert {finding["verdict"] for finding in doctor.json} == {"good"}
    head = run_madang("audit", "head", "--data", small_district, "--json")
    assert len(head.json["head"]) == 64


@pytest.mark.slow
@pytest.mark.parametrize("code", ["11440", "46910"])
def test_another_district_comes_up_the_same_way(tmp_path: Path, code: str) -> None:
    answer = run_madang("up", "--no-serve", "--district", code, "--scale", "0.02", "--data", tmp_path / "d", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["district"] == code
    assert answer.json["dongs"] > 1
    assert run_madang("audit", "verify", "--data", tmp_path / "d").code == 0
