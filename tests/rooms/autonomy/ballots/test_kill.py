"""A server that is killed outright loses no ballot that it acknowledged, and counts none twice."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.ops.conftest import run_madang
from tests.ops.test_crash import Server, free_port

ROOT = Path(__file__).resolve().parents[4]
DONG = "29140104"
VOTERS, CLIENTS = 160, 8
# Killed when so many of the 320 ballots are acknowledged: by progress, whatever the speed of the machine.
KILL_AT = (40, 110, 190, 260)
BATCH = 7


def program(*arguments: str | Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MADANG_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.rooms.autonomy.ballots.installed", *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


class Phone(threading.Thread):
    """Sends the ballots of its voters, each again and again until it is acknowledged."""

    def __init__(self, port: int, poll: str, voters: list[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self.port, self.poll, self.voters = port, poll, voters
        self.acknowledged: dict[tuple[str, int], str] = {}

    def run(self) -> None:
        for voter in self.voters:
            for ballot in voter["ballots"]:
                self.send(ballot)

    def send(self, ballot: dict[str, Any]) -> None:
        body = json.dumps(ballot)
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                headers = {"Content-Type": "application/json"}
                connection.request("POST", f"/polls/{self.poll}/ballots/", body, headers)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
                continue
            finally:
                connection.close()
            if answer.status == 201:
                key = (ballot["body"]["token"], ballot["body"]["turn"])
                self.acknowledged[key] = json.loads(content)["receipt"]
                return
            assert answer.status in {429, 503}, content
            time.sleep(0.2)


@pytest.mark.slow
def test_kills_lose_no_acknowledged_ballot_and_count_none_twice(tmp_path: Path, own_database: str) -> None:
    data, made_at, box_at = tmp_path / "data", tmp_path / "made.json", tmp_path / "x.box.jsonl"
    database = ["--database", own_database] if own_database else []
    prepared = run_madang("up", "--no-serve", "--no-sample", "--district", "29140", "--data", data, *database, "--json")
    assert prepared.code == 0, prepared.err
    program(data, "set-up", DONG, str(VOTERS), str(BATCH), made_at)
    made = json.loads(made_at.read_text())
    server = Server(data, free_port())
    server.start()
    phones = [Phone(server.port, made["poll"], made["voters"][number::CLIENTS]) for number in range(CLIENTS)]
    try:
        for phone in phones:
            phone.start()
        for enough in KILL_AT:
            deadline = time.monotonic() + 120
            while sum(len(phone.acknowledged) for phone in phones) < enough:
                assert time.monotonic() < deadline, "the server acknowledges nothing"
                time.sleep(0.002)
            assert any(phone.is_alive() for phone in phones), "the phones were done before the last kill"
            server.kill()
            server.start()
        for phone in phones:
            phone.join(timeout=240)
            assert not phone.is_alive()
    finally:
        server.kill()
        server.log.close()

    acknowledged = {key: receipt for phone in phones for key, receipt in phone.acknowledged.items()}
    assert len(acknowledged) == 2 * VOTERS
    program(data, "close", made_at, box_at)
    counted = run_madang("autonomy", "recount", box_at, "--json")
    assert counted.code == 0, counted.out
    found = counted.json
    assert (found["entries"], found["replaced"], found["voters"]) == (2 * VOTERS, VOTERS, VOTERS)
    lines = [json.loads(line) for line in box_at.read_text().splitlines()]
    from madang.rooms.autonomy.engine.ballots.box import receipt

    boxed = [receipt(line["body"]) for line in lines[1:-2]]
    assert sorted(boxed) == sorted(acknowledged.values())
    # Whoever votes P2 in the end: everybody. P3: every second voter.
    assert [line["opening"]["choice"] for line in lines[1:-2]].count({"approve": ["P2", "P3"]}) == VOTERS // 2
    verdict = run_madang("audit", "verify", "--data", data, "--json")
    assert verdict.code == 0, verdict.err
    assert verdict.json["sound"]
