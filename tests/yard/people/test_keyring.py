"""The keyring file: made once, read again when it changes, and clear about what is wrong with it."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from madang.numerics.errors import Conflict, InstallationError
from madang.yard.people import keyring_file as module
from madang.yard.people.keyring import KeyState, KeyUnknown, KeyUse, keyring_parse, keyring_text
from madang.yard.people.keyring_file import (
    KeyringFile,
    keyring_create,
    keyring_file,
    keyring_lock,
    keyring_write,
)

CONTEXT = ("people_person", "name")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keyring.json"


def test_a_new_keyring_is_its_owners_alone(path: Path) -> None:
    made = keyring_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {key.use for key in made.keys} == set(KeyUse)
    assert all(len(key.secret) == 32 for key in made.keys)
    assert [entry.name for entry in path.parent.iterdir() if entry.suffix not in {".json", ".lock"}] == []


def test_making_it_again_changes_nothing(path: Path) -> None:
    keyring_create(path)
    before = path.read_bytes()
    keyring_create(path)
    assert path.read_bytes() == before


def test_processes_that_start_together_get_the_same_keys(path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from madang.yard.people.keyring import KeyUse\n"
        "from madang.yard.people.keyring_file import keyring_create\n"
        "print(keyring_create(pathlib.Path(sys.argv[1])).primary(KeyUse.DATA).id)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in running}) == 1


def test_it_survives_being_written_and_read(path: Path) -> None:
    made = keyring_create(path).with_fresh_primaries()
    again = keyring_parse(keyring_text(made), path)
    assert again.keys == made.keys


def test_a_change_of_the_file_is_noticed(path: Path) -> None:
    first = keyring_create(path)
    reader = KeyringFile(path)
    assert reader.current().keys == first.keys
    second = first.with_fresh_primaries()
    keyring_write(second)
    assert reader.read().keys == second.keys
    reader._look_again_at = 0.0
    assert reader.current().primary(KeyUse.DATA) == second.primary(KeyUse.DATA)


def test_within_the_interval_the_file_is_not_asked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring_create(path)
    reader = KeyringFile(path)
    reader.current()
    path.unlink()
    assert reader.current() is not None
    reader._look_again_at = 0.0
    with pytest.raises(InstallationError, match=str(path)):
        reader.current()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.unlink(), "keyring_missing"),
        (lambda path: path.chmod(0o604), "keyring_unreadable"),
        (lambda path: path.write_text("{"), "keyring_unreadable"),
        (lambda path: path.write_text("[]"), "keyring_unreadable"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "keyring_unreadable"),
        (lambda path: path.write_text('{"format": 2, "keys": []}'), "keyring_unreadable"),
        (lambda path: path.write_text('{"format": 1, "keys": []}'), "keyring_unreadable"),
        (lambda path: path.write_text(path.read_text().replace('"index"', '"data"')), "keyring_unreadable"),
    ],
)
def test_a_bad_file_is_named_with_what_mends_it(path: Path, spoil: Callable[[Path], object], code: str) -> None:
    keyring_create(path)
    spoil(path)
    with pytest.raises(InstallationError) as caught:
        KeyringFile(path).current()
    assert caught.value.code == code
    assert str(path) in str(caught.value)


def test_no_error_or_representation_shows_a_key(path: Path) -> None:
    made = keyring_create(path)
    secrets = [entry["secret"] for entry in json.loads(path.read_text())["keys"]]
    shown = repr(made.keys) + repr(made)
    content = json.loads(path.read_text())
    content["keys"][0]["created"] = content["keys"][0]["secret"]
    path.write_text(json.dumps(content))
    with pytest.raises(InstallationError) as caught:
        KeyringFile(path).current()
    shown += str(caught.value) + repr(caught.value.__cause__)
    assert not any(secret in shown for secret in secrets)
    assert not any(repr(key.secret) in shown for key in made.keys)


def test_a_full_disk_leaves_the_old_keyring(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = keyring_create(path)
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(InstallationError, match="No space left"):
        keyring_write(made.with_fresh_primaries())
    assert path.read_bytes() == before
    assert {entry.name for entry in path.parent.iterdir()} <= {"keyring.json", "keyring.json.lock"}


def test_two_do_not_change_it_at_once(path: Path) -> None:
    keyring_create(path)
    with keyring_lock(path), pytest.raises(Conflict), keyring_lock(path, wait=False):
        pass
    with keyring_lock(path, wait=False):
        pass


def test_sealing_is_never_the_same_twice_and_hides_the_length(path: Path) -> None:
    made = keyring_create(path)
    tokens = {made.seal("홍길동", CONTEXT) for _ in range(50)}
    assert len(tokens) == 50
    assert len({len(made.seal(name, CONTEXT)) for name in ("", "김", "홍길동", "남궁민수")}) == 1


def test_every_changed_character_is_found(path: Path) -> None:
    made = keyring_create(path)
    token = made.seal("홍길동", CONTEXT)
    for position in range(len(token)):
        changed = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        with pytest.raises(InstallationError) as caught:
            made.unseal(changed, CONTEXT)
        assert "홍길동" not in str(caught.value)
        assert token not in str(caught.value)


@pytest.mark.parametrize("token", ["", ".", "홍길동", "00000000", "deadbeef.", "010-1234-5678", "a" * 500])
def test_what_was_never_sealed_is_refused_and_not_repeated(path: Path, token: str) -> None:
    with pytest.raises(KeyUnknown) as caught:
        keyring_create(path).unseal(token, CONTEXT)
    assert len(token) < 2 or "010" not in str(caught.value)


@pytest.mark.parametrize("cut", [1, 4, 16, 40])
def test_a_cut_value_is_refused(path: Path, cut: int) -> None:
    made = keyring_create(path)
    with pytest.raises(InstallationError) as caught:
        made.unseal(made.seal("홍길동", CONTEXT)[:-cut], CONTEXT)
    assert caught.value.code == "value_damaged"


@pytest.mark.parametrize("other", [("people_person", "address"), ("care_person", "name")])
def test_a_value_moved_elsewhere_is_refused(path: Path, other: tuple[str, str]) -> None:
    made = keyring_create(path)
    with pytest.raises(InstallationError) as caught:
        made.unseal(made.seal("홍길동", CONTEXT), other)
    assert caught.value.code == "value_damaged"
    assert made.blind("홍길동", CONTEXT) != made.blind("홍길동", other)


@pytest.mark.parametrize("text", ["", "\x00", "\x80", "a\x00", "a\x80\x00", "é" * 40, "🐎", "가" * 2000])
def test_any_text_comes_back(path: Path, text: str) -> None:
    made = keyring_create(path)
    assert made.unseal(made.seal(text, CONTEXT), CONTEXT) == text


def test_old_keys_open_what_they_sealed_and_find_what_they_indexed(path: Path) -> None:
    old = keyring_create(path)
    token, blind = old.seal("홍길동", CONTEXT), old.blind("홍길동", CONTEXT)
    new = old.with_fresh_primaries()
    assert new.unseal(token, CONTEXT) == "홍길동"
    assert blind in new.blinds("홍길동", CONTEXT)
    assert new.blinds("홍길동", CONTEXT)[0].startswith(new.primary(KeyUse.INDEX).id)
    assert {key.state for key in new.keys} == {KeyState.PRIMARY, KeyState.LIVE}
    forgotten = new.without(frozenset(key.id for key in new.old()))
    with pytest.raises(KeyUnknown, match=token.partition(".")[0]):
        forgotten.unseal(token, CONTEXT)


def test_threads_share_one_keyring(path: Path) -> None:
    keyring_create(path)
    reader, barrier = keyring_file(str(path)), threading.Barrier(8)

    def work(number: int) -> bool:
        barrier.wait()
        for step in range(400):
            text = f"{number}-{step}"
            ring = reader.current()
            if ring.unseal(ring.seal(text, CONTEXT), CONTEXT) != text:
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
