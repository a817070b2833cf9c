"""Pools and quotas in files, and the command that reads them."""

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from madang.numerics.errors import InputError
from madang.rooms.autonomy.cli import app
from madang.rooms.autonomy.formats.pool_csv import (
    pool_read,
    pool_written,
    problem_of_files,
    quotas_read,
    quotas_written,
)

POOL = "name,lot,sex,age\n-,1,f,old\n-,2,f,young\n-,3,m,old\n-,4,m,young\n-,5,m,young\n"
QUOTAS = "feature,value,min,max\nsex,f,1,1\nsex,m,1,1\nage,old,1,1\nage,young,1,1\n"
SEED = "0123456789abcdef" * 4


def test_files_are_read_and_written() -> None:
    problem = problem_of_files(("pool.csv", POOL.encode()), ("quotas.csv", QUOTAS.encode()), 2)
    assert problem.used == ("age", "sex")
    again = problem_of_files(
        ("p", pool_written(problem).encode()), ("q", quotas_written(problem).encode("utf-8-sig")), 2
    )
    assert again.digest == problem.digest


@pytest.mark.parametrize(
    ("pool", "code", "line"),
    [
        ("lot,sex\n1,f\n1,m\n", "lot_twice", 3),
        ("lot,sex\n,f\n", "lot_missing", 2),
        ("lot,sex\n1,\n", "value_missing", 2),
        ("lot,sex\n", "pool_empty", None),
        ("lot,sex\n1,f,x\n", "csv_width", 2),
    ],
)
def test_a_bad_pool_says_where(pool: str, code: str, line: int | None) -> None:
    with pytest.raises(InputError) as refused:
        pool_read("pool.csv", pool.encode())
    assert (refused.value.code, refused.value.at.line) == (code, line)


@pytest.mark.parametrize(
    ("quotas", "code"),
    [
        ("category,value,min,max\nsex,f,x,1\n", "quota_number"),
        ("category,value,min,max\nsex,f,2,1\n", "quota_bounds"),
        ("category,value,min,max\nsex,,0,1\n", "quota_group"),
        ("category,value,min,max\nsex,f,0,1\nsex,f,0,1\n", "quota_twice"),
        ("category,value,min\n", "csv_column_missing"),
    ],
)
def test_bad_quotas_say_where(quotas: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        quotas_read("quotas.csv", quotas.encode())
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("quotas", "code"),
    [
        (QUOTAS.replace("age,young,1,1\n", ""), "quota_missing"),
        (QUOTAS + "street,north,0,1\n", "quota_unknown_category"),
    ],
)
def test_files_that_do_not_fit_each_other(quotas: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        problem_of_files(("pool.csv", POOL.encode()), ("quotas.csv", quotas.encode()), 2)
    assert refused.value.code == code


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "pool.csv").write_text(POOL)
    (tmp_path / "quotas.csv").write_text(QUOTAS)
    return ["draw", str(tmp_path / "pool.csv"), str(tmp_path / "quotas.csv"), "--size", "2", "--json"]


def test_the_command_checks_first_and_draws_later(files: list[str], tmp_path: Path) -> None:
    runner = CliRunner()
    lottery = str(tmp_path / "lottery.json")
    checked = json.loads(runner.invoke(app, [*files, "--write-lottery", lottery]).stdout)
    assert "drawn" not in checked
    assert checked["probabilities"] == pytest.approx(
        {"1": 2 / 3, "2": 1 / 3, "3": 1 / 3, "4": 1 / 3, "5": 1 / 3}, abs=1
    )
    commitment = hashlib.sha256(bytes.fromhex(SEED)).hexdigest()
    draw = ["--seed-commitment", commitment, "--seed", SEED, "--public-value", "8 15 23"]
    for more in ([], ["--lottery", lottery]):
        drawn = json.loads(runner.invoke(app, [*files, *draw, *more]).stdout)
        assert drawn["lottery_digest"] == checked["lottery_digest"]
        assert [row["drawn"] for row in drawn["council"]] == [1, 1, 1, 1]
    uniform = json.loads(runner.invoke(app, [*files, *draw, "--method", "uniform"]).stdout)
    assert len(uniform["drawn"]) == 2


@pytest.mark.parametrize(
    "more",
    [
        ["--method", "dice"],
        ["--seed", SEED, "--public-value", "1", "--seed-commitment", "0" * 64],
        ["--seed", SEED, "--seed-commitment", hashlib.sha256(bytes.fromhex(SEED)).hexdigest()],
        ["--lottery", "no-such-file"],
    ],
)
def test_what_cannot_be_ends_with_2(files: list[str], more: list[str]) -> None:
    result = CliRunner().invoke(app, [*files, *more])
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]


def test_a_seed_comes_with_its_commitment() -> None:
    made = json.loads(CliRunner().invoke(app, ["draw-seed", "--json"]).stdout)
    assert hashlib.sha256(bytes.fromhex(made["seed"])).hexdigest() == made["commitment"]
