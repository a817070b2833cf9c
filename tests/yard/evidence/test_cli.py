"""`madang evidence`: the guard on files needs no database; the rest talks to an installation."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from madang.numerics.errors import InputError
from madang.yard.audit.authority import SYSTEM
from madang.yard.evidence import selectors
from madang.yard.evidence.cli import app
from madang.yard.evidence.models import Indicator, Observation
from madang.yard.evidence.services import EvidenceCode, observation_import

from .conftest import DISTRICT, DONGS, PERSONS, PLACES, RATE

TABLE = (
    "dong,young,middle,old,total\nYang,3,8,30,41\nNongseong,20,25,31,76\nGwangcheon,40,9,12,61\ntotal,63,42,73,178\n"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a file of counts, one of them small."""
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return path


def run(*arguments: str) -> tuple[int, str, str]:
    answer = CliRunner().invoke(app, list(arguments), env={"LC_ALL": "C.UTF-8"})
    return answer.exit_code, answer.stdout, answer.stderr


def test_a_guarded_table_is_printed_with_its_margins(table: Path) -> None:
    code, out, err = run("guard", str(table))
    assert code == 0
    assert out.splitlines() == [
        "dong,young,middle,old,total",
        "Yang,*,*,30,41",
        "Nongseong,*,*,31,76",
        "Gwangcheon,40,9,12,61",
        "total,63,42,73,178",
    ]
    assert "1 small counts and 3 others are withheld" in err


def test_the_same_in_json(table: Path) -> None:
    code, out, _err = run("guard", str(table), "--json")
    body = json.loads(out)
    assert code == 0
    assert body["shape"] == [4, 4]
    assert body["published"][0] == [False, False, True, True]
    assert (body["optimal"], body["gap"], body["threshold"]) == (True, 0.0, 5)
    first = next(cell for cell in body["withheld"] if cell["cell"] == [0, 0])
    assert first["status"] == 1
    assert first["low"] == 1
    assert first["high"] >= 5


def test_options(table: Path) -> None:
    assert run("guard", str(table), "--threshold", "2")[1] == TABLE
    assert run("guard", str(table), "--mark", "hidden")[1].count("hidden") == 4
    assert json.loads(run("guard", str(table), "--loss", "cells", "--rounds", "0", "--json")[1])["loss"] == 4


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("dong,young\nYang,few\n", [], ["table.csv", "line 2", "young", "few"]),
        ("dong,young\nYang,3\ntotal,4\n", [], ["line 3", "young", "3, the sum"]),
        (TABLE, ["--threshold", "1"], ["threshold"]),
        (TABLE, ["--loss", "money"], ["--loss", "cells, values"]),
    ],
)
def test_a_fault_is_said_with_exit_code_2(tmp_path: Path, text: str, arguments: list[str], said: list[str]) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    code, out, err = run("guard", str(path), *arguments)
    assert (code, out) == (2, "")
    for word in said:
        assert word in err
    assert "Traceback" not in err
    as_json = run("guard", str(path), *arguments, "--json")
    assert as_json[0] == 2
    assert json.loads(as_json[1])["error"]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    code, _out, err = run("guard", str(tmp_path / "nowhere.csv"))
    assert code == 2
    assert "nowhere.csv" in err


def test_the_guard_loads_no_database(table: Path) -> None:
    program = (
        "import sys\nfrom madang.yard.evidence.cli import app\n"
        f"try:\n    app(['guard', {str(table)!r}])\nexcept SystemExit as leave:\n    assert not leave.code\n"
        "assert 'django.db' not in sys.modules, 'Django was loaded'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


@pytest.mark.parametrize("command", ["guard", "export", "import"])
def test_help(command: str) -> None:
    assert run(command, "--help")[0] == 0


# What the import and export commands call.


@pytest.mark.django_db
def test_a_file_is_entered_whole(rate: Indicator, persons: Indicator) -> None:
    lines = [f"{RATE.code},{DISTRICT},2026-01,12.5,,sample"]
    lines += [
        f"{PERSONS.code},{place},2026-01,{count},,measured"
        for place, count in zip(PLACES, (46, 3, 8, 15, 20), strict=True)
    ]
    data = ("indicator,place,period,value,numerator,status\n" + "\n".join(lines)).encode()
    assert observation_import(SYSTEM, data, file="o.csv").new == 6
    assert observation_import(SYSTEM, data, file="o.csv").same == 6
    assert selectors.series(rate, DISTRICT)[0].status == "sample"
    assert selectors.latest_by_place(persons)[DONGS[0]].withheld


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bad", "field", "code"),
    [
        (f"nowhere,{DISTRICT},2026-02,1", "indicator", EvidenceCode.INDICATOR_UNKNOWN),
        (f"{RATE.code},2914099999,2026-02,1", "place", EvidenceCode.PLACE_UNKNOWN),
        (f"{RATE.code},{DISTRICT},2026-13,1", "period", EvidenceCode.PERIOD_NOT_VALID),
        (f"{RATE.code},{DISTRICT},2026,1", "period", EvidenceCode.PERIOD_NOT_VALID),
        (f"{RATE.code},{DISTRICT},2026-01,2", "period", EvidenceCode.ENTERED_TWICE),
        (f"{PERSONS.code},{DISTRICT},2026-02,2.5", "value", EvidenceCode.COUNT_NOT_WHOLE),
    ],
)
def test_a_fault_names_its_line_and_nothing_is_entered(
    rate: Indicator, persons: Indicator, bad: str, field: str, code: EvidenceCode
) -> None:
    good = f"{RATE.code},{DISTRICT},2026-01,12.5"
    data = f"indicator,place,period,value\n{good}\n{bad}\n".encode()
    with pytest.raises(InputError) as caught:
        observation_import(SYSTEM, data, file="o.csv")
    assert (caught.value.at.line, caught.value.at.field, caught.value.code) == (3, field, code)
    assert not Observation.objects.exists()
