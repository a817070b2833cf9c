"""Many at once never overspend a line, and nothing acknowledged is lost; in databases of their own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.slow

SPENDERS = Path(__file__).with_name("spenders.py")


@pytest.fixture
def elsewhere(tmp_path: Path, db: None) -> Iterator[dict[str, str]]:
    """Return the environment of an empty database of the kind that the suite runs on."""
    environment = {**os.environ, "MADANG_DATA": str(tmp_path), "MADANG_SEAL_KEY": "5" * 64}
    if connection.vendor != "postgresql":
        environment.pop("MADANG_DATABASE_URL", None)
        # The schema as it stands in the test database, so that it need not be migrated again.
        target = sqlite3.connect(tmp_path / "madang.sqlite3")
        target.executescript("\n".join(connection.connection.iterdump()))
        target.close()
        yield environment
        return
    import psycopg

    given = settings.DATABASES["default"]
    name = f"madang_spend_{uuid.uuid4().hex[:12]}"
    login = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}@" if given["PASSWORD"] else f"{quote(given['USER'])}@"
    address = f"postgresql://{login}{given['HOST']}:{given['PORT']}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield {**environment, "MADANG_DATABASE_URL": f"{address}/{name}"}
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(environment: dict[str, str], scenario: str) -> dict[str, Any]:
    """Return what a scenario tells."""
    done = subprocess.run(
        [sys.executable, str(SPENDERS), scenario],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["audit"]
    return result


def test_raw_sql_from_eight_threads_never_overspends_a_line(elsewhere: dict[str, str]) -> None:
    # 999,999 won in steps of 30,000: 33 fit, the other 127 attempts are refused.
    result = run(elsewhere, "raw_spending")
    assert result["outcomes"] == {"done": 33, "IntegrityError": 127}
    assert result["left"] == 9_999
    assert result["verdict"] == "journal_unlogged"
    crossed = run(elsewhere, "raw_crossing")
    assert crossed["outcomes"] == {"done": 200}
    assert crossed["kept"]


@pytest.mark.slow
def test_services_from_eight_threads_never_overspend_a_line(elsewhere: dict[str, str]) -> None:
    same = run(elsewhere, "same_request")
    assert (same["outcomes"], same["entered"], same["verdict"]) == ({"done": 16}, 5, "")
    crossed = run(elsewhere, "service_crossing")
    assert (crossed["outcomes"], crossed["verdict"]) == ({"done": 32}, "")
    # 1,000,000 less 5 x 1,000 and what the crossing spent, in steps of 30,000.
    spent = run(elsewhere, "service_spending")
    assert spent["outcomes"] == {"done": 33, "line_overspent": 31}
    assert 0 <= spent["left"] < 30_000
    assert spent["verdict"] == ""


@pytest.mark.slow
def test_what_was_acknowledged_is_there_after_a_kill(elsewhere: dict[str, str]) -> None:
    acknowledged: list[str] = []
    for _ in range(3):
        spender = subprocess.Popen(
            [sys.executable, str(SPENDERS), "endless"],
            env=elsewhere,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert spender.stdout is not None
        # Killed in the middle of its work, whatever the speed of the machine.
        acknowledged += [spender.stdout.readline().strip() for _entry in range(20)]
        spender.send_signal(signal.SIGKILL)
        rest, _errors = spender.communicate()
        acknowledged += [line for line in rest.splitlines() if len(line) == 32]
    found = run(elsewhere, "look")
    assert len(acknowledged) >= 60
    assert set(acknowledged) <= set(found["keys"])
    assert len(found["keys"]) == len(set(found["keys"]))
    assert found["verdict"] == ""
