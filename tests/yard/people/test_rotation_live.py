"""Keys rotate while processes read and write, and after a rotation was killed in the middle: nothing is lost."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

SCENARIO = Path(__file__).with_name("rotation_scenario.py")
PERSONS = 600


@pytest.fixture
def environment(tmp_path: Path, transactional_db: None) -> Iterator[dict[str, str]]:
    """Return the environment of an installation of its own, on whichever database the tests run."""
    values = {**os.environ, "MADANG_DATA": str(tmp_path), "MADANG_SEAL_KEY": "5e" * 32, "MADANG_SECRET_KEY": "5e" * 32}
    values.pop("MADANG_DATABASE_URL", None)
    if connection.vendor != "postgresql":
        yield values
        return
    name = f"rotation_{uuid.uuid4().hex[:8]}"
    there = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    login = there["USER"] + (f":{there['PASSWORD']}" if there["PASSWORD"] else "")
    values["MADANG_DATABASE_URL"] = f"postgresql://{login}@{there['HOST']}:{there['PORT'] or 5432}/{name}"
    yield values
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def start(environment: dict[str, str], *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, str(SCENARIO), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def events(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    out, fault = process.communicate(timeout=120)
    assert process.returncode == 0, fault
    return [json.loads(line) for line in out.splitlines()]


def begun(process: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    """Return a process once it has said its first line."""
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


@pytest.mark.slow
@pytest.mark.slow
def test_nothing_is_lost_while_keys_rotate_and_rotations_die(environment: dict[str, str], tmp_path: Path) -> None:
    events(start(environment, "prepare", PERSONS))
    writers = [begun(start(environment, "write", seed)) for seed in range(2)]
    reader = begun(start(environment, "read"))

    first = events(start(environment, "rotate"))[-1]
    # Rows that the writers wrote after the switch need no sealing anew.
    assert first["rotated"] > PERSONS // 2

    killed = start(environment, "rotate")
    assert killed.stdout is not None
    for line in killed.stdout:
        if json.loads(line).get("fraction", 0.0) > 0.4:
            killed.kill()
            break
    killed.communicate()
    halfway = events(start(environment, "check"))[-1]
    assert halfway["damaged"] == 0
    assert halfway["found"]

    second = events(start(environment, "rotate"))[-1]
    assert second["resumed"]

    (tmp_path / "stop").touch()
    acknowledged: dict[str, tuple[int, str]] = {}
    for writer in writers:
        for event in events(writer):
            version, notes = event["version"], event["notes"]
            acknowledged[event["id"]] = max(acknowledged.get(event["id"], (0, "")), (version, notes))
    assert len(acknowledged) > 20
    read = events(reader)[-1]
    assert read["rounds"] > 2
    assert read["keyrings"] >= 2

    last = events(start(environment, "rotate"))[-1]
    assert not last["resumed"]
    found = events(start(environment, "check"))[-1]
    assert found["keys"] == found["primary"]
    assert found["damaged"] == 0
    assert found["found"]
    assert found["log"]
    for key, (version, notes) in acknowledged.items():
        assert found["persons"][key] == [notes, version]
