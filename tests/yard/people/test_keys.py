"""Keys: made once, recognised, rotated, retired and forgotten; a wrong keyring is told apart from bad data."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries, Settings

from madang.numerics.errors import Conflict, InstallationError, PermissionDenied
from madang.yard.audit.authority import SYSTEM, Action, Role
from madang.yard.audit.models import Record
from madang.yard.people.fields import BlindIndexField
from madang.yard.people.keyring import Keyring, KeyState, KeyUnknown, KeyUse
from madang.yard.people.keyring_file import keyring_create, keyring_lock, keyring_reread, keyring_write
from madang.yard.people.models import KeyCheck, Person
from madang.yard.people.selectors import damaged_values, keys_check, keys_status
from madang.yard.people.selectors.keys import keys_used, sealed_tables
from madang.yard.people.services import keys as module
from madang.yard.people.services import keys_forget, keys_prepare, keys_rotate, persons_load

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_keyring(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.MADANG_KEYRING = tmp_path / "keyring.json"
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.0)
    keyring_create(settings.MADANG_KEYRING)
    return settings.MADANG_KEYRING


@pytest.fixture
def people(town: SimpleNamespace, own_keyring: Path) -> int:
    keys_prepare()
    return persons_load(
        SYSTEM, (town.draft(name=f"예시{number}", phone=f"062-600-{number:04}") for number in range(700))
    )


def primary(use: KeyUse = KeyUse.DATA) -> str:
    return keyring_reread().primary(use).id


def find(name: str) -> int:
    field = Person._meta.get_field("name_index")
    assert isinstance(field, BlindIndexField)
    return Person.objects.filter(field.matches(name)).count()


def test_a_new_installation_makes_and_registers_its_keys(own_keyring: Path) -> None:
    own_keyring.unlink()
    keys_prepare()
    assert own_keyring.exists()
    assert set(KeyCheck.objects.values_list("key_id", flat=True)) == {key.id for key in keyring_reread().keys}
    keys_prepare()
    assert KeyCheck.objects.count() == 2


def test_a_lost_keyring_is_never_replaced(own_keyring: Path) -> None:
    keys_prepare()
    own_keyring.unlink()
    with pytest.raises(InstallationError) as caught:
        keys_prepare()
    assert caught.value.code == "keyring_missing"
    assert str(own_keyring) in str(caught.value)
    assert not own_keyring.exists()


def test_another_installations_keyring_is_recognised(people: int, own_keyring: Path, tmp_path: Path) -> None:
    other = keyring_create(tmp_path / "other" / "keyring.json")
    keyring_write(Keyring(other.keys, own_keyring))
    for check in (keys_check, keys_prepare):
        with pytest.raises(InstallationError) as caught:
            check()
        assert caught.value.code == "keyring_wrong"
        assert str(own_keyring) in str(caught.value)
        with override("en"), pytest.raises(InstallationError, match="not damaged"):
            check()
    with pytest.raises(KeyUnknown):
        list(Person.objects.all())


@pytest.mark.parametrize("use", KeyUse)
def test_another_key_under_the_same_id_is_recognised(people: int, own_keyring: Path, use: KeyUse) -> None:
    content = json.loads(own_keyring.read_text())
    for entry in content["keys"]:
        if entry["use"] == use.value:
            entry["secret"] = base64.b64encode(b"another key of thirty-two bytes!").decode()
    own_keyring.write_text(json.dumps(content))
    with pytest.raises(InstallationError) as caught:
        keys_check()
    assert caught.value.code == "keyring_wrong"


def test_an_unregistered_database_takes_no_strange_keyring(people: int, own_keyring: Path, tmp_path: Path) -> None:
    KeyCheck.objects.all().delete()
    other = keyring_create(tmp_path / "other" / "keyring.json")
    keyring_write(Keyring(other.keys, own_keyring))
    with pytest.raises(KeyUnknown):
        keys_prepare()
    assert not KeyCheck.objects.exists()


def test_bad_data_is_told_apart_from_a_wrong_keyring(people: int) -> None:
    keys_check()
    assert damaged_values() == []
    one, other = Person.objects.order_by("pk")[:2]
    for person, column in ((one, "notes"), (other, "birth_date")):
        key = Person._meta.pk.get_db_prep_value(person.pk, connection)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE people_person SET {column} = name WHERE id = %s", [key])  # noqa: S608  # own names
    keys_check()
    found = {(damage.table, damage.column, damage.row) for damage in damaged_values()}
    assert found == {("people_person", "notes", str(one.pk)), ("people_person", "birth_date", str(other.pk))}


def test_rotation_moves_every_value_and_retires_the_old_keys(people: int) -> None:
    old = {use: primary(use) for use in KeyUse}
    steps: list[float] = []
    done = keys_rotate(SYSTEM, lambda fraction, _step: steps.append(fraction))
    assert done.rows == people
    assert not done.resumed
    assert set(done.retired) == set(old.values())
    assert set(done.primary) == {primary(use) for use in KeyUse}
    assert set(keys_used()) == set(done.primary)
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
    assert find("예시7") == 1
    assert {person.name for person in Person.objects.all()} == {f"예시{number}" for number in range(people)}
    assert {row.state for row in keys_status()} == {"primary", "retired"}
    assert KeyCheck.objects.filter(retired_at=None).count() == 2
    keys_check()
    assert damaged_values() == []


def test_rotation_is_in_the_log_without_a_key_or_a_person(people: int) -> None:
    done = keys_rotate(SYSTEM)
    records = list(Record.objects.filter(action=Action.KEYS_ROTATE.value).order_by("sequence"))
    assert [record.detail["step"] for record in records] == ["begun", "done"]
    assert records[1].detail == {
        "step": "done",
        "primary": list(done.primary),
        "retired": list(done.retired),
        "rows": people,
    }


def test_second_factors_move_too(people: int, town: SimpleNamespace) -> None:
    user = town.account(Role.CARE_MANAGER, town.district)
    secret = town.second_factor(user)
    assert all(secret not in str(data) for data in Authenticator.objects.values_list("data", flat=True))
    keys_rotate(SYSTEM)
    found = TOTP(Authenticator.objects.get(user=user, type="totp"))
    assert found.validate_code(town.code_now(secret))
    assert set(keys_used()) == {primary(use) for use in KeyUse}


class Stopped(BaseException):
    """The process is killed here."""


@pytest.mark.parametrize("at", [0.01, 0.1, 0.5, 0.9])
def test_a_rotation_stopped_anywhere_is_taken_up(people: int, at: float) -> None:
    old = {use: primary(use) for use in KeyUse}

    def stop(fraction: float, _step: str) -> None:
        if fraction >= at:
            raise Stopped

    with pytest.raises(Stopped):
        keys_rotate(SYSTEM, stop)
    halfway = {use: primary(use) for use in KeyUse}
    assert set(halfway.values()).isdisjoint(old.values())
    assert {person.name for person in Person.objects.all()} == {f"예시{number}" for number in range(people)}
    assert find("예시600") == 1
    assert find("예시3") == 1
    done = keys_rotate(SYSTEM)
    assert done.resumed
    assert set(done.primary) == set(halfway.values())
    assert set(keys_used()) == set(halfway.values())
    assert not keys_rotate(SYSTEM).resumed


def test_a_row_written_with_an_old_key_is_found_before_that_key_retires(
    people: int, monkeypatch: pytest.MonkeyPatch, town: SimpleNamespace
) -> None:
    before = keyring_reread()
    waited = module._wait_for_writers

    def late(tables: tuple[object, ...]) -> None:
        if Person.objects.count() == people:
            table = sealed_tables()[0]
            assert table.model is not None
            straggler = Person.objects.order_by("-pk").first()
            assert straggler is not None
            key = Person._meta.pk.get_db_prep_value(straggler.pk, connection)
            with connection.cursor() as cursor:
                token = before.seal("늦은 메모", ("people_person", "notes"))
                cursor.execute("UPDATE people_person SET notes = %s WHERE id = %s", [token, key])
            persons_load(SYSTEM, [town.draft(name="새사람")])
        waited(tables)  # type: ignore[arg-type]  # a spy

    monkeypatch.setattr(module, "_wait_for_writers", late)
    done = keys_rotate(SYSTEM)
    assert done.rows == people + 1
    assert set(keys_used()) == set(done.primary)
    assert Person.objects.order_by("-pk").filter(notes__isnull=False).count() == people + 1
    assert damaged_values() == []


def test_a_row_changed_meanwhile_is_not_overwritten(people: int) -> None:
    table = next(table for table in sealed_tables() if table.model is Person)
    keyring_write(keyring_reread().with_fresh_primaries())
    ring = keyring_reread()
    names = [f"raw_{field.name}" for field in table.fields]
    rows = list(table.not_under(ring).values_list("pk", *names)[:3])
    changes = [module._exchange(table, ring, row) for row in rows]
    edited = Person.objects.get(pk=rows[1][0])
    edited.notes = "meanwhile"
    edited.save()
    assert module._write(table, changes) == 2
    assert Person.objects.get(pk=edited.pk).notes == "meanwhile"


def test_a_damaged_row_stops_the_rotation_and_loses_nothing(people: int) -> None:
    one = Person.objects.order_by("pk").first()
    assert one is not None
    key = Person._meta.pk.get_db_prep_value(one.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT notes FROM people_person WHERE id = %s", [key])
        good = cursor.fetchone()[0]
        cursor.execute("UPDATE people_person SET notes = name WHERE id = %s", [key])
    with pytest.raises(InstallationError) as caught:
        keys_rotate(SYSTEM)
    assert caught.value.code == "row_damaged"
    assert str(one.pk) in str(caught.value)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET notes = %s WHERE id = %s", [good, key])
    assert keys_rotate(SYSTEM).resumed
    assert damaged_values() == []


def test_two_rotations_do_not_run_at_once(people: int, own_keyring: Path) -> None:
    with keyring_lock(own_keyring), pytest.raises(Conflict) as caught:
        keys_rotate(SYSTEM)
    assert caught.value.code == "rotation_running"


def test_retired_keys_are_forgotten_only_when_nothing_uses_them(people: int) -> None:
    old = keyring_reread()
    done = keys_rotate(SYSTEM)
    one = Person.objects.order_by("pk").first()
    assert one is not None
    key = Person._meta.pk.get_db_prep_value(one.pk, connection)
    with connection.cursor() as cursor:
        token = old.seal("늦은 메모", ("people_person", "notes"))
        cursor.execute("UPDATE people_person SET notes = %s WHERE id = %s", [token, key])
    assert Person.objects.get(pk=one.pk).notes == "늦은 메모"
    with pytest.raises(Conflict):
        keys_forget(SYSTEM)
    again = keys_rotate(SYSTEM)
    assert again.resumed
    assert set(again.primary) == set(done.primary)
    assert set(keys_forget(SYSTEM)) == set(done.retired)
    assert {key.state for key in keyring_reread().keys} == {KeyState.PRIMARY}
    assert Person.objects.get(pk=one.pk).notes == "늦은 메모"
    keys_check()
    assert keys_forget(SYSTEM) == ()


@pytest.mark.parametrize("service", [keys_rotate, keys_forget])
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_only_the_system_touches_keys(
    town: SimpleNamespace, service: Callable[..., object], role: Role, own_keyring: Path
) -> None:
    before = own_keyring.read_bytes()
    with pytest.raises(PermissionDenied):
        service(town.actor(role, town.district))
    assert own_keyring.read_bytes() == before


def test_what_each_key_made_is_counted_in_one_query_a_column(
    people: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    columns = sum(len(table.fields) for table in sealed_tables())
    with django_assert_max_num_queries(columns + 1):
        rows = keys_status()
    assert {row.use: row.values for row in rows} == {"data": people * 5, "index": people * 2}
