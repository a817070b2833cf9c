"""Polis exports: both shapes, and files that cannot be read."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from madang.cli import app
from madang.numerics.errors import InputError
from madang.rooms.autonomy.engine.opinion import Votes
from madang.rooms.autonomy.formats.polis import export_read, statements_read

COMMENTS = b"timestamp,comment-id,moderated,comment-body\n1,0,1,one\n2,1,-1,two\n3,10,0,three\n"
LIST = (
    b"timestamp,datetime,comment-id,voter-id,vote\n"
    b"30,x,0,2,1\n10,x,0,2,-1\n20,x,1,2,0\n20,x,1,10,1\n20,x,1,10,-1\n5,x,10,1,1\n"
)
TABLE = (
    b"participant,group-id,n-comments,n-votes,n-agree,n-disagree,0,1,10\n"
    b"2,0,0,2,1,0,1,0,\n10,,0,1,0,1,,-1,\n1,1,0,1,1,0,,,1\n"
)


def triples(votes: Votes) -> set[tuple[str, str, int]]:
    return {
        (votes.participants[row], votes.statements[column], int(value))
        for row, column, value in zip(votes.row, votes.column, votes.value, strict=True)
    }


def test_a_list_keeps_the_last_vote_by_time_and_then_by_place() -> None:
    export = export_read("votes.csv", LIST, statements_read("comments.csv", COMMENTS))
    assert triples(export.votes) == {("2", "0", 1), ("2", "1", 0), ("10", "1", -1), ("1", "10", 1)}
    assert export.votes.participants == ("1", "2", "10")
    assert export.votes.moderated.tolist() == [False, True, False]
    assert export.cast == 6


def test_a_table_holds_the_same_and_the_groups_of_polis() -> None:
    export = export_read("participants-votes.csv", TABLE, statements_read("comments.csv", COMMENTS))
    assert triples(export.votes) == triples(export_read("votes.csv", LIST).votes)
    assert export.groups == {"2": 0, "1": 1}


@pytest.mark.parametrize(
    "turn",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.rstrip(b"\n"),
        lambda data: data.replace(b"\n2,", b'\n"2",'),
        lambda data: data.replace(b",0,\n", b", 0 ,\n"),
        lambda data: data.replace(b"\n10,", b"\n\n10,"),
    ],
    ids=["mark", "windows", "no last line", "quotes", "spaces", "empty line"],
)
def test_how_a_table_is_written_does_not_matter(turn: object) -> None:
    assert callable(turn)
    assert triples(export_read("t", turn(TABLE)).votes) == triples(export_read("t", TABLE).votes)


@given(st.lists(st.lists(st.sampled_from(["", "1", "0", "-1"]), min_size=3, max_size=3), max_size=12))
def test_reading_all_at_once_and_row_by_row_agree(cells: list[list[str]]) -> None:
    lines = ["participant,group-id,7,8,9", *(f"{at},,{','.join(row)}" for at, row in enumerate(cells))]
    plain = "\n".join(lines) + "\n"
    careful = plain.replace("participant", '"participant"')
    one, other = export_read("t", plain.encode()).votes, export_read("t", careful.encode()).votes
    assert triples(one) == triples(other)
    assert one.participants == other.participants
    assert np.array_equal(one.row, other.row)


@pytest.mark.parametrize(
    ("data", "line", "field"),
    [
        (b"", None, None),
        (b"a,b\n1,2\n", 1, "comment-id"),
        (b"comment-id,voter-id\n", 1, "vote"),
        (b"comment-id,comment-id,voter-id,vote\n", 1, "comment-id"),
        (b"comment-id,voter-id,vote\n1,1,1\n1,2,2\n", 3, "vote"),
        (b"comment-id,voter-id,vote\n1,,1\n", 2, "voter-id"),
        (b"comment-id,voter-id,vote\n,1,1\n", 2, "comment-id"),
        (b"comment-id,voter-id,vote\n1,1\n", 2, None),
        (b"comment-id,voter-id,vote\n1,\xff,1\n", 2, None),
        (b'comment-id,voter-id,vote\n1,"1,1\n', 2, None),
        (b"timestamp,comment-id,voter-id,vote\nnoon,1,1,1\n", 2, "timestamp"),
        (b"participant,group-id,1\n1,0,1\n2,0,5\n", 3, "1"),
        (b"participant,group-id,1\n1,x,1\n", 2, "group-id"),
        (b"participant,group-id,1\n,0,1\n", 2, "participant"),
        (b"participant,group-id,1\n1,0,1\n1,0,1\n", 3, "participant"),
        (b"participant,group-id,1\n1,0\n", 2, None),
    ],
)
def test_a_bad_file_says_line_and_field(tmp_path: Path, data: bytes, line: int | None, field: str | None) -> None:
    with pytest.raises(InputError) as caught:
        export_read("votes.csv", data)
    assert (caught.value.at.line, caught.value.at.field) == (line, field)
    path = tmp_path / "votes.csv"
    path.write_bytes(data)
    answer = CliRunner().invoke(app, ["autonomy", "opinions", str(path), "--json"])
    assert answer.exit_code == 2
    assert json.loads(answer.stdout)["line"] == line


@pytest.mark.parametrize(
    ("data", "line", "field"),
    [
        (b"x\n", 1, "comment-id"),
        (b"comment-id,moderated\n1,yes\n", 2, "moderated"),
        (b"comment-id,moderated\n1,0\n1,0\n", 3, "comment-id"),
        (b"comment-id,moderated\n,0\n", 2, "comment-id"),
    ],
)
def test_bad_statements_say_line_and_field(data: bytes, line: int, field: str) -> None:
    with pytest.raises(InputError) as caught:
        statements_read("comments.csv", data)
    assert (caught.value.at.line, caught.value.at.field) == (line, field)


def written(folder: Path) -> Path:
    rows = [
        f"{at},,,{','.join('1' if (at + what) % 2 or what == 0 else '-1' for what in range(8))}" for at in range(20)
    ]
    path = folder / "participants-votes.csv"
    header = "participant,group-id,n-votes," + ",".join(str(what) for what in range(8))
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    (folder / "comments.csv").write_text(
        "comment-id,moderated,comment-body\n" + "".join(f"{what},1,statement {what}\n" for what in range(8)),
        encoding="utf-8",
    )
    return path


def test_the_command_answers_programs_and_people(tmp_path: Path) -> None:
    path = written(tmp_path)
    answer = CliRunner().invoke(app, ["autonomy", "opinions", str(path), "--json", "--resamples", "2"])
    assert answer.exit_code == 0
    report = json.loads(answer.stdout)
    assert [group["members"] for group in report["groups"]] == [[*range(0, 20, 2)], [*range(1, 20, 2)]]
    assert report["statements_file"] == "comments.csv"
    assert report["stability"]["resamples"] == 2
    assert set(report["seconds"]) == {"reading", "groups", "stability"}
    people = CliRunner().invoke(
        app, ["autonomy", "opinions", str(path), "--resamples", "0"], env={"LC_ALL": "C", "LANG": "C"}
    )
    assert people.exit_code == 0
    assert "2 groups" in people.stdout
    assert "statement 0" in people.stdout


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["autonomy", "opinions", str(tmp_path / "none.csv")]).exit_code == 2
