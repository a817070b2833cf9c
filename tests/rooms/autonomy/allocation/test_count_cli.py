"""`madang autonomy count`: answers for people and programs, in two languages, and one message for each mistake."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from madang.rooms.autonomy.cli import app

FILE = """META
key;value
description;A town
num_projects;4
num_votes;6
budget;120
vote_type;approval
PROJECTS
project_id;cost;name
1;60;Bench
2;40;Lamp
3;30;Tree
4;500;Hall
VOTES
voter_id;vote
1;1,2
2;1,2
3;2,1
4;1
5;
6;3
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.pb"
    path.write_text(FILE, encoding="utf-8")
    return path


def count(*arguments: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, ["count", *arguments, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_one_file_gives_an_object(town: Path) -> None:
    answer = count(str(town), "--rule", "equal-shares", "--satisfaction", "cost")
    assert answer["rule"] == "equal-shares"
    assert answer["winners"] == ["1"]
    assert (answer["total_cost"], answer["budget"]) == (60, 120)
    assert answer["seconds"] > 0
    assert answer["share"] == 20
    assert "explanation" not in answer


def test_several_files_give_a_list(town: Path) -> None:
    other = town.with_name("other.pb")
    other.write_text(FILE.replace("budget;120", "budget;99.5"), encoding="utf-8")
    answer = count(str(town), str(other), "--rule", "greedy")
    assert [one["file"] for one in answer] == ["town.pb", "other.pb"]
    assert [one["winners"] for one in answer] == [["1", "2"], ["1", "3"]]
    assert answer[1]["budget"] == "99.5"


@pytest.mark.parametrize(
    ("options", "winners"),
    [
        (["--completion", "add1"], ["1", "2"]),
        (["--completion", "greedy"], ["1", "2"]),
        (["--completion", "add1-greedy", "--step", "1/3"], ["1", "2"]),
        (["--rule", "exact-equal-shares", "--completion", "add-opt"], ["1", "2"]),
        (["--rule", "phragmen"], ["2", "1"]),
        (["--rule", "bos"], ["1", "2"]),
        (["--rule", "greedy", "--misfit", "stop"], ["1", "2"]),
        (["--rule", "greedy", "--min-votes", "4"], ["1"]),
        (["--rule", "greedy", "--satisfaction", "cardinality"], ["2", "1"]),
    ],
)
def test_rules_and_completions(town: Path, options: list[str], winners: list[str]) -> None:
    assert count(str(town), *options)["winners"] == winners


def test_the_explanation_comes_with_properties_and_a_chart(town: Path) -> None:
    answer = count(str(town), "--explain")
    assert [one["code"] for one in answer["explanation"]] == ["won_bought", "lost_poor", "lost_poor", "lost_alone"]
    assert answer["properties"]["ejr1"]["status"] == "holds"
    assert answer["money"]["nothing"] == 2


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en_GB.UTF-8",
            ["winners: 1", "Won: 4 of its 4", "Lost: its 3", "instead of 1", "2 of 6 voters", "nobody"],
        ),
        ("ko_KR.UTF-8", ["사업 1개 선정", "선정: 지지자 4명", "미선정: 지지자 3명", "1 대신", "투표자 6명"]),
    ],
)
def test_people_are_told_in_their_language(
    town: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: list[str]
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    done = CliRunner().invoke(app, ["count", str(town), "--explain"])
    assert done.exit_code == 0, done.output
    for words in said:
        assert words in done.stdout
    short = CliRunner().invoke(app, ["count", str(town), "--rule", "greedy"])
    assert "Bench" in short.stdout
    assert "town.pb" in short.stderr


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (["--rule", "fair"], "rule"),
        (["--step", "0"], "step"),
        (["--step", "much"], "step"),
        (["--satisfaction", "borda"], "satisfaction"),
        (["--completion", "add-opt"], "completion"),
        (["--ties", "luck"], "ties"),
    ],
)
def test_a_wrong_option_is_named(town: Path, options: list[str], field: str) -> None:
    answer = count(str(town), *options, code=2)
    assert answer["field"] == field
    assert answer["expected"]


def test_a_bad_file_and_an_absent_one(town: Path) -> None:
    town.write_text(FILE.replace("2;40;", "2;forty;"), encoding="utf-8")
    answer = count(str(town), code=2)
    assert (answer["error"], answer["file"], answer["line"], answer["field"]) == (
        "pabulib_number",
        "town.pb",
        11,
        "cost",
    )
    assert answer["mend"]
    assert count(str(town.with_name("none.pb")), code=2)["error"] == "operating_system"


def test_a_number_that_does_not_fit_is_told(town: Path) -> None:
    town.write_text(FILE.replace("num_votes;6", "num_votes;7"), encoding="utf-8")
    assert "num_votes" in count(str(town))["notices"][0]
    assert "  ! town.pb, line 5" in CliRunner().invoke(app, ["count", str(town)]).stdout
