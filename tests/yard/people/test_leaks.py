"""No personal value stands in clear: not in the database's bytes, its journal, the log, sessions or messages."""

import base64
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.people.fields import BlindIndexField
from madang.yard.people.models import Person
from madang.yard.people.selectors import leaks_find, personal_values
from madang.yard.people.selectors.persons import Purpose
from madang.yard.people.services import (
    PersonQuery,
    PurposeDraft,
    keys_prepare,
    person_edit,
    person_read,
    persons_load,
    persons_search,
)

NAMES = [f"{family}{given}" for family in "김이박최정강조윤장임" for given in ("가온나래", "다솜마루", "바람새벽")]


def everything_stored() -> bytes:
    """Return what every table of the database holds, column by column, as the database holds it."""
    parts: list[bytes] = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            quoted = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {quoted}")  # noqa: S608  # names of our own models
            for row in cursor.fetchall():
                parts.extend(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row
                )
    return b"\n".join(parts)


@pytest.fixture
def lived_in(town: SimpleNamespace) -> SimpleNamespace:
    """Return a town where persons were entered, read, found and corrected, on pages and in services."""
    keys_prepare()
    drafts = [
        town.draft(name=name, phone=f"062-7{number:02}-81{number:02}", address=f"나무길 {number + 100}, {number}동")
        for number, name in enumerate(NAMES)
    ]
    persons_load(SYSTEM, drafts)
    field = Person._meta.get_field("name_index")
    assert isinstance(field, BlindIndexField)
    first = Person.objects.get(field.matches(NAMES[0]))
    why = PurposeDraft(kind=Purpose.CARE, text="application of 3 March")
    officer = town.actor(Role.DONG_OFFICER, town.dong)
    person_read(officer, first.pk, why)
    persons_search(officer, PersonQuery(name=NAMES[3], phone="062-703-8103"))
    person_edit(officer, first.pk, town.draft(name="한바다하늘", phone="062-999-8877"), 1)
    client = town.enter(Role.DONG_OFFICER, town.dong)
    address = reverse("people:person", args=[first.pk])
    client.post(address, {"kind": "care", "text": "application of 3 March"})
    client.get(address + "edit/")
    client.post(reverse("people:person_search"), {"name": NAMES[5], "phone": ""})
    client.post(reverse("people:person_add"), {"name": "한바다하늘", "phone": "not a number"})
    Client().post("/account/login/", {"login": NAMES[7], "password": "062-999-8877"})
    return town


@pytest.mark.django_db
def test_no_table_holds_a_personal_value(lived_in: SimpleNamespace, tmp_path: Path) -> None:
    values = personal_values()
    assert {"한바다하늘", "062-999-8877", "1944-03-01", *NAMES[1:]} <= values
    values |= {NAMES[0], "062-700-8100", "나무길 100, 0동"}
    stored = tmp_path / "tables"
    stored.write_bytes(everything_stored())
    assert stored.stat().st_size > 10_000
    assert leaks_find([stored], values) == []


@pytest.mark.django_db
def test_no_message_of_the_program_holds_one(
    town: SimpleNamespace, caplog: pytest.LogCaptureFixture, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with caplog.at_level(logging.DEBUG):
        request.getfixturevalue("lived_in")
    written = tmp_path / "log"
    own = (record for record in caplog.records if record.name != "django.db.backends")
    written.write_text("\n".join(f"{record.name} {record.getMessage()} {record.exc_text}" for record in own))
    assert leaks_find([written], personal_values()) == []


def test_the_search_finds_what_it_should(tmp_path: Path) -> None:
    value, number = "한바다하늘", "062-999-8877"
    forms = {
        "plain": value.encode(),
        "json": b'{"x": "\\ud55c\\ubc14\\ub2e4\\ud558\\ub298"}',
        "utf-16": value.encode("utf-16-le"),
        **{f"base64 {shift}": base64.b64encode(b"x" * shift + value.encode() + b"tail") for shift in range(4)},
        "digits": f"tel {number}.".encode(),
    }
    for name, form in forms.items():
        file = tmp_path / "file"
        file.write_bytes(b"\x00" * 1000 + form + b"\xff" * 1000)
        found = leaks_find([file], [value, number])
        assert found, name
        assert all(leak.file == file and 990 <= leak.offset <= 1030 for leak in found)
        assert value not in repr(found)
    clean = tmp_path / "clean"
    clean.write_bytes(value.encode()[:-1] + b"x" + number.encode()[:-1] + b"x")
    assert leaks_find([clean, tmp_path / "absent"], [value, number, "짧"]) == []
    assert leaks_find([clean], []) == []


def test_it_looks_across_the_seams_of_a_large_file(tmp_path: Path) -> None:
    file = tmp_path / "large"
    value = "한바다하늘"
    for offset in ((1 << 20) - 7, (1 << 20) - 1, 1 << 20, (2 << 20) - 20):
        body = bytearray(2 << 20)
        body[offset : offset + 15] = value.encode()
        file.write_bytes(bytes(body))
        assert [leak.offset for leak in leaks_find([file], [value])] == [offset]


@pytest.mark.slow
@pytest.mark.slow
def test_the_database_file_and_its_journal_hold_none(tmp_path: Path, town: SimpleNamespace) -> None:
    """As somebody who took the disk would look: the bytes of the file and of the write-ahead log, after changes."""
    scenario = Path(__file__).with_name("rotation_scenario.py")
    environment = {**os.environ, "MADANG_DATA": str(tmp_path), "MADANG_SEAL_KEY": "5e" * 32}
    environment.pop("MADANG_DATABASE_URL", None)
    for arguments in (("prepare", "800"), ("rotate",), ("leaks",)):
        done = subprocess.run(
            [sys.executable, str(scenario), *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert '"leaks": 0' in done.stdout
    assert '"planted": true' in done.stdout
    with sqlite3.connect(tmp_path / "madang.sqlite3") as opened:
        rows = opened.execute("SELECT name, phone, address, birth_date, notes FROM people_person").fetchall()
    assert len(rows) == 800
    assert not any("예시" in str(value) for row in rows for value in row)
