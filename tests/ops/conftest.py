"""Installations of their own, worked on from outside through the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_madang(*arguments: str | Path, environment: dict[str, str] | None = None, timeout: float = 240) -> Answer:
    """Run the command line as a person would, without this test run's own settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MADANG_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "madang", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**plain, "LC_ALL": "C.UTF-8", **(environment or {})},
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def madang() -> Callable[..., Answer]:
    """Return the command line."""
    return run_madang


@pytest.fixture
def own_database() -> Iterator[str]:
    """Return the address of an empty PostgreSQL database of this test's own; empty where the suite runs on SQLite."""
    address = os.environ.get("MADANG_DATABASE_URL", "")
    if not address:
        yield ""
        return
    import psycopg

    parts = urlsplit(address)
    name = f"madang_{uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(parts._replace(path=f"/{name}"))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def small_district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data directory of a small sample of Seo-gu on SQLite."""
    data = tmp_path_factory.mktemp("seo-gu") / "data"
    answer = run_madang("up", "--no-serve", "--scale", "0.02", "--data", data, "--json")
    assert answer.code == 0, answer.err
    return data
