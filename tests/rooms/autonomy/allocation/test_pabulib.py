"""Pabulib files: nothing is lost, and a damaged file says what is wrong with it."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.numerics.errors import InputError
from madang.rooms.autonomy.engine.election import BallotType
from madang.rooms.autonomy.formats.pabulib import pabulib_make, pabulib_read, pabulib_write

HEAD = """META
key;value
description;A small town
budget;100,5
vote_type;approval
num_projects;3
num_votes;5
unknown key;"kept; as it is"
PROJECTS
project_id;cost;name;category;latitude;longitude;mine
10;40.25;"Bench; oak";green, seats;35.1;126.9;x
2;60;Lamp;none;;;y
a b;0;Poster;;;;z
VOTES
"""
TEXT = (
    HEAD
    + """voter_id;vote;age;mine
v1;10,2;30;p
v2;2,10;;q
v3;;44;r
v4;"10";51;s
v5;a b,2;51;t
"""
)


def refused(text: str | bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        pabulib_read(text if isinstance(text, bytes) else text.encode(), "town.pb")
    return caught.value


def test_a_small_file() -> None:
    file = pabulib_read(TEXT.encode(), "town.pb")
    election = file.election
    assert election.ids == ("10", "2", "a b")
    # Quarters are the largest unit in which all money is whole.
    assert election.unit == 4
    assert election.costs_units == (161, 240, 0)
    assert election.budget_units == 402
    assert election.projects[0].name == "Bench; oak"
    assert election.projects[0].categories == ("green", "seats")
    assert election.projects[0].coordinates == (35.1, 126.9)
    assert election.projects[1].categories == ()
    # The first two ballots are one; the empty one counts.
    assert election.voters == 5
    assert election.ballots.counts.tolist() == [2, 1, 1, 1]
    assert election.ballots.starts.tolist() == [0, 2, 2, 3, 5]
    assert not file.notices
    # The byte-order mark and the ends of lines come back too; quotation marks that are not needed stay in the votes.
    assert pabulib_write(file) == TEXT.encode()
    windows = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    assert pabulib_write(pabulib_read(windows, "town.pb")) == windows


def test_points_and_orders() -> None:
    points = HEAD.replace("approval", "cumulative") + "voter_id;vote;points\n"
    points += "1;2,10;0.5,3\n2;none;\n3;;\n4;2;1\n5;10;1\n"
    ballots = pabulib_read(points.encode(), "town.pb").election.ballots
    assert ballots.type is BallotType.CUMULATIVE
    assert ballots.point_unit == 2
    assert ballots.points is not None
    assert ballots.points.tolist() == [6, 1, 2, 2]
    order = HEAD.replace("approval", "ordinal") + "voter_id;vote\n1;2,10\n2;10,2\n3;2,10\n4;a b\n5;2\n"
    ballots = pabulib_read(order.encode(), "town.pb").election.ballots
    assert ballots.counts.tolist() == [2, 1, 1, 1]
    assert ballots.choices.tolist() == [1, 0, 0, 1, 2, 1]


@pytest.mark.parametrize(
    ("text", "code", "line", "field"),
    [
        ("", "pabulib_empty", None, None),
        ("  \n", "pabulib_empty", None, None),
        (HEAD.replace("META\n", ""), "pabulib_section_missing", 1, "META"),
        (HEAD.replace("PROJECTS\n", "").replace("project_id;cost", "x;y"), "pabulib_section_missing", None, "PROJECTS"),
        (HEAD.replace("VOTES\n", ""), "pabulib_section_missing", None, "VOTES"),
        (TEXT.replace("2;60;", "10;60;"), "pabulib_project_twice", 12, "project_id"),
        (TEXT.replace("2;60;", "2;sixty;"), "pabulib_number", 12, "cost"),
        (TEXT.replace("2;60;", "2;-60;"), "pabulib_number", 12, "cost"),
        (TEXT.replace("2;60;", "2;nan;"), "pabulib_number", 12, "cost"),
        (TEXT.replace("2;60;", f"2;{'9' * 5000};"), "pabulib_number", 12, "cost"),
        (TEXT.replace("2;60;", "2;1e999999999;"), "pabulib_number", 12, "cost"),
        (TEXT.replace("2;60;Lamp;none;;;y", "2"), "pabulib_cell_count", 12, "cost"),
        (TEXT.replace("2;60;Lamp;none;;;y", "2;60;Lamp;none;;;y;more"), "pabulib_cell_count", 12, "mine"),
        (TEXT.replace("budget;100,5", "budget;much"), "pabulib_number", 4, "budget"),
        (TEXT.replace("budget;100,5\n", ""), "pabulib_meta_missing", None, "budget"),
        (TEXT.replace("vote_type;approval", "vote_type"), "pabulib_meta_row", 5, "vote_type"),
        (TEXT.replace("approval", "shouting"), "pabulib_vote_type", 5, "vote_type"),
        (TEXT.replace("v2;2,10", "v2;2,11"), "pabulib_project_unknown", 17, "vote"),
        (TEXT.replace("voter_id;vote;", "voter_id;choice;"), "pabulib_column_missing", 15, "vote"),
        (TEXT.replace("v3;;44;r", "v3;;44;r;5"), "pabulib_cell_count", 18, "vote"),
        (TEXT.replace("approval", "cumulative"), "pabulib_column_missing", 15, "points"),
        (TEXT.encode()[:-21], "pabulib_truncated", 19, "num_votes"),
        (TEXT.encode().replace(b"oak", b"\xff"), "pabulib_encoding", 11, None),
    ],
)
def test_what_is_wrong_is_said(text: str | bytes, code: str, line: int | None, field: str | None) -> None:
    error = refused(text)
    assert error.code == code
    assert error.at.file == "town.pb"
    assert error.at.field == field
    if line is not None:
        assert error.at.line == line
    assert error.found
    assert error.expected
    assert error.mend


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1;2,10;1", "pabulib_points_count"),
        ("1;2,10;1,x", "pabulib_number"),
        ("1;2,10;1,-1", "pabulib_number"),
        ("1;2,2;1,1", "pabulib_vote_twice"),
        ("1;2;", "pabulib_points_count"),
        ("1;2;1/0", "pabulib_number"),
        ("1;2;1e999999999", "pabulib_number"),
    ],
)
def test_points_that_are_wrong_are_said(row: str, code: str) -> None:
    error = refused(HEAD.replace("approval", "cumulative") + f"voter_id;vote;points\n0;10;1\n{row}\n")
    assert (error.code, error.at.line) == (code, 17)


def test_numbers_that_do_not_fit_are_noticed() -> None:
    notices = pabulib_read(TEXT.replace("num_votes;5", "num_votes;6").encode(), "town.pb").notices
    assert [(notice.code, notice.at.line, notice.found) for notice in notices] == [("pabulib_num_votes", 7, "6")]
    assert "town.pb, line 7" in str(notices[0])


def test_a_vote_held_here_becomes_a_file() -> None:
    file = pabulib_make(
        {"description": "총회", "budget": "1000", "vote_type": "approval"},
        [{"project_id": "1", "cost": "700", "name": "의자; 나무"}, {"project_id": "2", "cost": "400", "name": "등"}],
        [{"voter_id": "1", "vote": "1,2"}, {"voter_id": "2", "vote": ""}],
    )
    again = pabulib_read(pabulib_write(file), "")
    assert again.values["num_votes"] == "2"
    assert again.election.projects[0].name == "의자; 나무"
    assert list(again.vote_rows()) == [("1", "1,2"), ("2", "")]


@given(st.data())
@settings(max_examples=300)
def test_a_damaged_file_is_read_or_refused_but_never_breaks(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from((TEXT, HEAD.replace("approval", "cumulative") + "vote;points\n2;1\n")))
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw)))
        kind = data.draw(st.sampled_from(("cut", "drop", "put")))
        if kind == "cut":
            del raw[place:]
        elif kind == "drop":
            del raw[place : place + data.draw(st.integers(1, 30))]
        else:
            raw[place:place] = data.draw(st.sampled_from((b";", b'"', b"\n", b"\xff", b"\x00", b",", b"VOTES", b"1/0")))
    with suppress(InputError):
        file = pabulib_read(bytes(raw), "town.pb")
        again = pabulib_read(pabulib_write(file), "town.pb")
        assert list(again.vote_rows()) == list(file.vote_rows())
        assert again.projects == file.projects
