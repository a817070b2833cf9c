"""The log is whole or says where it is not."""

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from madang.yard.audit import seal
from madang.yard.audit.authority import Action, Actor
from madang.yard.audit.engine.chain import GENESIS, Link, link_hash, verify_chain
from madang.yard.audit.models import Head, Record
from madang.yard.audit.selectors import audit_verify
from madang.yard.audit.services import record

bodies = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3), min_size=2)


def chain_of(contents: list[dict[str, int | str]]) -> list[Link]:
    links: list[Link] = []
    previous = GENESIS
    for sequence, body in enumerate(contents, start=1):
        links.append(Link(sequence=sequence, previous=previous, body=body, hash=link_hash(sequence, previous, body)))
        previous = links[-1].hash
    return links


@given(bodies)
def test_a_sound_chain_is_sound(contents: list[dict[str, int | str]]) -> None:
    check = verify_chain(chain_of(contents))
    assert (check.count, check.broken_at, check.fault) == (len(contents), None, "")


@given(bodies, st.data())
def test_every_single_change_is_found_where_it_is(contents: list[dict[str, int | str]], data: st.DataObject) -> None:
    links = chain_of(contents)
    index = data.draw(st.integers(0, len(links) - 1))
    link = links[index]
    links[index] = Link(
        sequence=link.sequence, previous=link.previous, body={**link.body, "changed": "x"}, hash=link.hash
    )
    check = verify_chain(links)
    assert (check.broken_at, check.fault) == (index + 1, "altered")


@given(bodies, st.data())
def test_a_dropped_record_is_found(contents: list[dict[str, int | str]], data: st.DataObject) -> None:
    links = chain_of(contents)
    index = data.draw(st.integers(0, len(links) - 2))
    del links[index]
    check = verify_chain(links)
    assert (check.broken_at, check.fault) == (index + 1, "missing")


def unguarded(statement: str) -> None:
    """Run a statement as someone with full power over the database would: guards off."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(statement)
            cursor.execute("SET session_replication_role = origin")
            return
        for verb in ("update", "delete", "replace"):
            cursor.execute(f"DROP TRIGGER IF EXISTS audit_record_no_{verb}")
        cursor.execute(statement)


@pytest.fixture
def ten_records(administrator: Actor) -> None:
    for number in range(10):
        record(administrator, Action.USER_ADD, target=f"people.user:{number}", detail={"number": number})


@pytest.mark.django_db
def test_the_database_refuses_to_change_a_record(ten_records: None) -> None:
    statements = ["UPDATE audit_record SET role = 'x'", "DELETE FROM audit_record"]
    if connection.vendor == "sqlite":
        statements.append("INSERT OR REPLACE INTO audit_record SELECT * FROM audit_record WHERE sequence = 3")
    for statement in statements:
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert audit_verify().sound


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "broken_at", "fault"),
    [
        ("UPDATE audit_record SET role = 'auditor' WHERE sequence = 4", 4, "altered"),
        ("UPDATE audit_record SET detail = '{\"number\": 99}' WHERE sequence = 1", 1, "altered"),
        ("DELETE FROM audit_record WHERE sequence = 7", 7, "missing"),
        ("DELETE FROM audit_record WHERE sequence = 10", 10, "cut"),
        ("UPDATE audit_record SET previous = hash WHERE sequence = 5", 5, "unlinked"),
    ],
)
def test_tampering_by_sql_is_found_at_its_place(ten_records: None, statement: str, broken_at: int, fault: str) -> None:
    unguarded(statement)
    verdict = audit_verify()
    assert (verdict.sound, verdict.broken_at, verdict.fault) == (False, broken_at, fault)


@pytest.mark.django_db
def test_a_rebuilt_chain_lacks_the_seal(ten_records: None) -> None:
    unguarded("DELETE FROM audit_record WHERE sequence = 10")
    last = Record.objects.get(sequence=9)
    Head.objects.filter(pk=1).update(count=9, hash=last.hash)
    verdict = audit_verify()
    assert (verdict.sound, verdict.broken_at, verdict.fault) == (False, 9, "unsealed")


@pytest.mark.django_db
def test_the_seal_can_be_checked_with_the_public_key_alone(ten_records: None) -> None:
    head = Head.objects.get(pk=1)
    assert seal.holds(head.count, head.hash, head.signature, public_key=seal.public_key_hex())
    assert not seal.holds(head.count + 1, head.hash, head.signature)
    assert not seal.holds(head.count, head.hash, "not a signature")
