"""`madang autonomy recount`: everybody's own count, from the published file alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.ops.conftest import run_madang
from tests.rooms.autonomy.ballots.conftest import Vote, stage_of
from tests.rooms.autonomy.ballots.test_box import plays, result_of

from madang.rooms.autonomy.engine.ballots.box import receipt
from madang.rooms.autonomy.engine.ballots.rehearsal import box_rehearsed, rehearse
from madang.rooms.autonomy.engine.ballots.tokens import PrivateKey
from madang.rooms.autonomy.formats.box import box_lines
from madang.rooms.autonomy.formats.pabulib import pabulib_read
from madang.rooms.autonomy.selectors.ballots import box_file_lines, poll_result


@pytest.fixture(scope="module")
def box(token_key: PrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    poll = rehearse(stage_of(token_key))
    path = tmp_path_factory.mktemp("box") / "x.box.jsonl"
    path.write_bytes(b"".join(box_lines(box_rehearsed(poll, plays(60), result_of(poll)))))
    return path


def changed(box: Path, tmp_path: Path, line: int, **values: Any) -> Path:
    lines = box.read_bytes().splitlines(keepends=True)
    value = json.loads(lines[line])
    value.update(values)
    lines[line] = next(box_lines([value]))
    path = tmp_path / "changed.box.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def test_a_sound_box_is_counted(box: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    first = receipt(json.loads(box.read_bytes().splitlines()[1])["body"])
    answer = run_madang("autonomy", "recount", box, "--json", "--pabulib", target, "--receipt", first[:20])
    assert answer.code == 0, answer.out
    found = answer.json
    stated = json.loads(box.read_bytes().splitlines()[-1])["closing"]["result"]
    assert (found["winners"], found["total_cost"]) == (stated["winners"], stated["total_cost"])
    assert (found["sound"], found["faults"], found["differences"]) == (True, [], [])
    assert found["receipt"]["seq"] == 1
    assert pabulib_read(target.read_bytes(), "x.pb").election.voters == found["voters"]


def test_it_speaks_to_people(box: Path) -> None:
    answer = run_madang("autonomy", "recount", box)
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "Everything holds.")
    korean = run_madang("autonomy", "recount", box, environment={"LC_ALL": "ko_KR.UTF-8"})
    assert korean.code == 0
    assert "Everything" not in korean.out


def test_another_winner_is_a_fault(box: Path, tmp_path: Path) -> None:
    closing = json.loads(box.read_bytes().splitlines()[-1])["closing"]
    closing["result"] = {**closing["result"], "winners": ["P7"]}
    answer = run_madang("autonomy", "recount", changed(box, tmp_path, -1, closing=closing), "--json")
    assert (answer.code, answer.json["differences"], answer.json["sound"]) == (1, ["winners"], False)


def test_a_changed_entry_is_a_fault(box: Path, tmp_path: Path) -> None:
    lines = box.read_bytes().splitlines()
    body = {**json.loads(lines[7])["body"], "commitment": "0" * 64}
    answer = run_madang("autonomy", "recount", changed(box, tmp_path, 7, body=body))
    assert answer.code == 1
    assert "Entry 7 does not hold: altered" in answer.out


def test_a_receipt_that_is_not_there_is_a_fault(box: Path) -> None:
    answer = run_madang("autonomy", "recount", box, "--receipt", "0123 4567 89ab cdef 0123")
    assert answer.code == 1
    assert "No ballot of this receipt" in answer.out


@pytest.mark.parametrize("content", [b"", b"no box\n", b"{}\n", None])
def test_what_cannot_be_read_ends_with_two(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.box.jsonl"
    if content is not None:
        path.write_bytes(content)
    answer = run_madang("autonomy", "recount", path, "--json")
    assert answer.code == 2
    assert answer.json["message"]


@pytest.mark.django_db
def test_the_box_of_the_site_is_counted_to_its_own_result(vote: Vote, tmp_path: Path) -> None:
    for number in range(7):
        vote.cast(vote.device(), vote.codes[1 + number % 2])
    path = tmp_path / "site.box.jsonl"
    path.write_bytes(b"".join(box_file_lines(vote.now)))
    running = run_madang("autonomy", "recount", path, "--json")
    assert (running.code, running.json["stage"], running.json["winners"]) == (0, "open", None)
    vote.close()
    vote.open()
    path.write_bytes(b"".join(box_file_lines(vote.now)))
    answer = run_madang("autonomy", "recount", path, "--json")
    closing = poll_result(vote.now)
    assert closing is not None
    assert (answer.code, answer.json["winners"]) == (0, closing["result"]["winners"])
