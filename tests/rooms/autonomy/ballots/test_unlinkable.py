"""Nothing that is kept ties a ballot to a person: not by value, time, order, address or session, not in any byte."""

import base64
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.ops.conftest import run_madang
from tests.rooms.autonomy.ballots.conftest import Device, Vote, open_vote
from tests.rooms.autonomy.conftest import Hall, Resident

from madang.ops.tables import all_models, select_rows
from madang.rooms.autonomy.models import BoxEntry, TokenIssued
from madang.yard.audit.models import Record

ROOT = Path(__file__).resolve().parents[4]
LONG_ENOUGH = 8
"""Shorter values (a year, a state, a turn) are everybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """Somebody who has voted, and all by which they could be found."""

    resident: Resident
    device: Device
    body: dict[str, Any]
    receipt: str
    session: str
    address: str

    @property
    def person_marks(self) -> set[str]:
        found = {str(self.resident.person.pk), str(self.resident.user.pk), self.resident.user.username, self.session}
        return found | {mark.replace("-", "") for mark in found} | {self.address}

    @property
    def ballot_marks(self) -> set[str]:
        return {self.receipt, *(str(value) for key, value in self.body.items() if key not in {"kind", "turn"})}


def tables() -> dict[str, list[str]]:
    """Return every row of every table as text."""
    found = {}
    with connection.cursor() as cursor:
        for model in all_models():
            cursor.execute(select_rows(model))
            found[model._meta.db_table] = [row_text(row) for row in cursor.fetchall()]
    return found


def row_text(row: tuple[Any, ...]) -> str:
    return "\t".join(bytes(v).hex() if isinstance(v, bytes | memoryview) else str(v) for v in row)


def changed_by(before: dict[str, list[str]]) -> set[str]:
    after = tables()
    return {table for table in after if after[table] != before[table]}


def voted(vote: Vote, number: int, *, with_cookie: bool = False) -> Voter:
    resident = vote.hall.resident(name=f"투표하는 사람 {number}")
    client = resident.client
    device = Device(header=vote.header)
    kind = "application/json"
    base = f"/polls/{vote.poll.code}"
    answer = client.post(f"{base}/token/", json.dumps({"blinded": device.ask()}), content_type=kind)
    device.take(answer.json()["signature"])
    draft = device.ballot({"approve": [vote.codes[number % 3]]})
    address = f"198.51.100.{number}"
    sender = client if with_cookie else Client()
    value = json.dumps({"body": dict(draft.body), "sealed": draft.sealed})
    cast = sender.post(f"{base}/ballots/", value, content_type=kind, REMOTE_ADDR=address)
    return Voter(
        resident=resident, device=device, body=dict(draft.body), receipt=cast.json()["receipt"],
        session=str(client.session.session_key), address=address,
    )  # fmt: skip


@pytest.fixture
def voters(vote: Vote) -> list[Voter]:
    return [voted(vote, number, with_cookie=number % 3 == 0) for number in range(1, 11)]


@pytest.mark.django_db
def test_no_row_names_a_person_and_a_ballot(voters: list[Voter]) -> None:
    person_marks = set().union(*(voter.person_marks for voter in voters))
    ballot_marks = set().union(*(voter.ballot_marks for voter in voters))
    named = 0
    for table, rows in tables().items():
        for row in rows:
            persons = any(mark in row for mark in person_marks)
            ballots = any(mark in row for mark in ballot_marks)
            named += persons or ballots
            assert not (persons and ballots), table
    assert named > 3 * len(voters)


@pytest.mark.django_db
def test_no_value_of_one_persons_rows_stands_in_a_ballots(voters: list[Voter]) -> None:
    """Also not a digest, a key or a moment: what both share, everybody shares."""

    def values(row: str) -> set[str]:
        return {part for part in re.split(r"[^0-9A-Za-z_+:.-]+", row) if len(part) >= LONG_ENOUGH}

    rows = [row for found in tables().values() for row in found]
    ballot_rows = [row for row in rows if any(mark in row for voter in voters for mark in voter.ballot_marks)]
    ballot_values = set().union(*map(values, ballot_rows))
    shared = []
    for voter in voters:
        own = [row for row in rows if any(mark in row for mark in voter.person_marks)]
        assert own
        shared.append(set().union(*map(values, own)) & ballot_values)
    assert set().union(*shared) == set.intersection(*shared)


@pytest.mark.django_db
def test_what_a_ballot_leaves_behind_is_a_ballot(hall: Hall) -> None:
    vote = open_vote(hall, batch=3)
    resident = hall.resident()
    client = resident.client
    device = Device(header=vote.header)
    blinded = device.ask()
    kind, base = "application/json", f"/polls/{vote.poll.code}"
    before = tables()
    answer = client.post(f"{base}/token/", json.dumps({"blinded": blinded}), content_type=kind)
    assert changed_by(before) == {"autonomy_tokenissued"}
    device.take(answer.json()["signature"])
    draft = device.ballot({"approve": vote.codes[:1]})
    before = tables()
    # Even with the cookie that a browser should not send.
    client.post(
        f"{base}/ballots/", json.dumps({"body": dict(draft.body), "sealed": draft.sealed}), content_type=kind,
        REMOTE_ADDR="198.51.100.7",
    )  # fmt: skip
    assert changed_by(before) == {"autonomy_waitingballot"}
    vote.cast(vote.device(), vote.codes[0])
    other = vote.device()
    before = tables()
    vote.cast(other, vote.codes[0])
    assert changed_by(before) == {"autonomy_waitingballot", "autonomy_boxentry", "audit_record", "audit_head"}
    assert not any("198.51.100.7" in row for rows in tables().values() for row in rows)


@pytest.mark.django_db
def test_the_log_tells_of_batches_and_of_no_voter(vote: Vote, voters: list[Voter]) -> None:
    cast = Record.objects.filter(action="ballot.cast")
    assert cast.count() == len(voters) // 4
    assert set(cast.values_list("user", "role", "place")) == {("", "public", "")}
    assert not Record.objects.filter(action="ballot.token").exists()
    users = {str(voter.resident.user.pk) for voter in voters}
    assert not Record.objects.filter(user__in=users).exists()
    details = json.dumps(list(Record.objects.values_list("detail", flat=True)), default=str)
    assert not any(mark in details for voter in voters for mark in voter.ballot_marks)


@pytest.mark.django_db
def test_the_order_of_voters_is_nowhere(vote: Vote, voters: list[Voter]) -> None:
    came = [voter.receipt for voter in voters]
    box = list(BoxEntry.objects.order_by("seq").values_list("receipt", flat=True))
    # Each batch in the order of its digests, whatever the order in which they came.
    assert box[:4] == sorted(came[:4])
    assert box[4:8] == sorted(came[4:8])
    issued = [TokenIssued.objects.get(person=voter.resident.person).pk.hex for voter in voters]
    assert issued != sorted(issued)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # As they lie in the file: by random key.
            for table, column in (("autonomy_tokenissued", "id"), ("autonomy_waitingballot", "digest")):
                cursor.execute(f"SELECT {column} FROM {table} NOT INDEXED")  # noqa: S608  # own names
                lying = [value for (value,) in cursor.fetchall()]
                assert lying == sorted(lying)


@pytest.mark.django_db
def test_what_the_office_saw_is_not_in_the_box(voters: list[Voter]) -> None:
    """The office saw a blinded message and gave a blind signature; neither can be found in what was cast."""
    text = json.dumps([voter.body for voter in voters])
    rows = "\n".join(row for rows in tables().values() for row in rows)
    for voter in voters:
        blinded = base64.urlsafe_b64encode(voter.device.blinded).decode().rstrip("=")
        assert blinded not in text
        assert blinded not in rows
        assert voter.device.secret.hex() not in rows
        assert voter.device.inverse.to_bytes(256, "big").hex() not in rows


VOTE = """
import json, sys, pathlib, warnings
data, target = map(pathlib.Path, sys.argv[1:])
from madang.ops.installation import open_installation
open_installation(data)
from tests.rooms.autonomy.ballots.installed import set_up
from tests.rooms.autonomy.ballots.conftest import Device
made = set_up("29140104", 23, 5)
from django.test import Client
from madang.yard.people.models import Person, RoleAssignment, User
from madang.yard.places.models import Dong
from madang.rooms.autonomy.selectors.ballots import poll_get, poll_header
header, code, seen = poll_header(poll_get(made["poll"])), made["poll"], []
for number in range(15):
    person = Person.objects.create(dong=Dong.objects.get(code="29140104"), name=f"x{number}", birth_date="1960-01-02")
    user = User.objects.create(username=f"voter-of-the-test-{number}", password="!")
    RoleAssignment.objects.create(user=user, role="resident", place="29140104")
    Person.objects.filter(pk=person.pk).update(user=user)
    client = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR=f"203.0.113.{number}")
    client.force_login(user, backend="madang.yard.people.adapters.AccountBackend")
    device = Device(header=header)
    asked = json.dumps({"blinded": device.ask()})
    answer = client.post(f"/polls/{code}/token/", asked, content_type="application/json")
    device.take(answer.json()["signature"])
    draft = device.ballot({"approve": ["P1"]})
    value = json.dumps({"body": dict(draft.body), "sealed": draft.sealed})
    caster = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR=f"198.51.100.{number}")
    cast = caster.post(f"/polls/{code}/ballots/", value, content_type="application/json")
    assert cast.status_code == 201, cast.content
    seen.append({"person": person.pk.hex, "user": user.pk.hex, "address": f"198.51.100.{number}",
                 "secret": device.secret.hex(), "blinded": device.blinded.hex(), "signed": answer.json()["signature"],
                 "token": draft.body["token"], "receipt": cast.json()["receipt"],
                 "session": client.session.session_key})
wal = pathlib.Path(f"{data}/madang.sqlite3-wal")
target.write_text(json.dumps({"voters": seen, "wal": wal.stat().st_size if wal.exists() else 0}))
"""


def pages(content: bytes, size: int = 4096) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into the bytes of SQLite's files")
def test_no_byte_of_database_log_or_backup_ties_them(tmp_path: Path) -> None:
    data, target = tmp_path / "data", tmp_path / "seen.json"
    assert run_madang("up", "--no-serve", "--no-sample", "--district", "29140", "--data", data, "--json").code == 0
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MADANG_")}
    done = subprocess.run(
        [sys.executable, "-c", VOTE, str(data), str(target)],
        capture_output=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    seen = json.loads(target.read_text())
    # Fifteen voters of a batch of five: the last filled a batch, and what was written one by one is cut away.
    assert seen["wal"] == 0
    copy = tmp_path / "copy.tar.gz"
    assert run_madang("backup", copy, "--data", data).code == 0
    contents = {path.name: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}
    with tarfile.open(copy) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            contents[f"backup/{member.name}"] = file.read() if file else b""
    contents["log"] = done.stdout + done.stderr
    databases = [name for name in contents if name.endswith("sqlite3")]
    assert len(databases) == 2
    for voter in seen["voters"]:
        assert all(voter["receipt"].encode() in contents[name] for name in databases)
        assert all(voter["person"].encode() in contents[name] for name in databases)
        nowhere = [voter["address"].encode(), voter["signed"].encode()]
        for name in ("secret", "blinded"):
            raw = bytes.fromhex(voter[name])
            nowhere += [raw, raw.hex().encode(), base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1]]
        for name, content in contents.items():
            assert not [mark for mark in nowhere if mark in content], name
    persons = [voter[key].encode() for voter in seen["voters"] for key in ("person", "user", "session")]
    ballots = [voter[key].encode() for voter in seen["voters"] for key in ("receipt", "token")]
    for name in databases:
        for page in pages(contents[name]):
            assert not (any(mark in page for mark in persons) and any(mark in page for mark in ballots)), name
