"""Whatever is wrong with the surroundings is said in one line, and nothing is lost."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ops.conftest import Answer, run_madang

pytestmark = pytest.mark.slow


def refused(answer: Answer, *words: str) -> None:
    """Check that a command ended with code 2 and one clear line, and no traceback."""
    assert answer.code == 2, (answer.code, answer.out, answer.err)
    assert "Traceback" not in answer.out + answer.err
    line = answer.err.strip().splitlines()[-1]
    assert line.startswith("madang: ")
    for word in words:
        assert word in line, line


def test_an_unknown_district(tmp_path: Path) -> None:
    refused(run_madang("up", "--no-serve", "--district", "99999", "--data", tmp_path / "data"), "99999")
    assert not (tmp_path / "data").exists()


def test_a_command_without_an_installation(tmp_path: Path) -> None:
    for command in (["audit", "verify"], ["worker"], ["keys", "rotate"], ["backup", str(tmp_path / "x.tar.gz")]):
        refused(run_madang(*command, "--data", tmp_path / "nothing"), "madang up --data")


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused(run_madang("up", "--port", port, "--data", tmp_path / "data"), port, "--port")


def test_another_district_in_the_same_directory(small_district: Path) -> None:
    refused(run_madang("up", "--no-serve", "--district", "11440", "--data", small_district), "29140", "11440")


def test_a_directory_that_cannot_be_written() -> None:
    # Not even root makes a folder there.
    closed = Path("/proc/madang-data")
    refused(run_madang("up", "--no-serve", "--data", closed), str(closed), "--data")


def test_a_directory_that_has_become_read_only(small_district: Path, tmp_path: Path) -> None:
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    bind = subprocess.run(["mount", "--bind", str(small_district), str(frozen)], capture_output=True, check=False)
    if bind.returncode != 0:
        pytest.skip("a folder can only be mounted read-only by root")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(frozen)], check=True)
        refused(run_madang("up", "--no-serve", "--data", frozen), str(frozen), "--data")
    finally:
        subprocess.run(["umount", str(frozen)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 16 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_at_the_start(small_disk: Path) -> None:
    refused(run_madang("up", "--no-serve", "--data", small_disk / "data"), "MB", str(small_disk))


def test_a_disk_that_fills_up_while_backing_up(small_district: Path, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * (15 << 20))
    answer = run_madang("backup", small_disk / "copy.tar.gz", "--data", small_district)
    refused(answer)
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]
    assert run_madang("audit", "verify", "--data", small_district).code == 0


def copy_of(data: Path, folder: Path) -> Path:
    shutil.copytree(data, folder)
    return folder


def test_a_wrong_key(small_district: Path, tmp_path: Path) -> None:
    data = copy_of(small_district, tmp_path / "data")
    ring = json.loads((data / "keys" / "keyring.json").read_text())

    def other(value: object) -> object:
        if isinstance(value, dict):
            return {key: other(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [other(inner) for inner in value]
        if isinstance(value, str) and len(value) >= 43:
            return value[::-1] if value != value[::-1] else value[1:] + value[0]
        return value

    (data / "keys" / "keyring.json").write_text(json.dumps(other(ring)))
    answer = run_madang("doctor", "--data", data)
    assert answer.code == 1
    assert "Traceback" not in answer.out + answer.err
    assert "keyring.json" in answer.out


@pytest.mark.parametrize("name", ["secret.key", "seal.key"])
def test_a_key_file_that_is_missing_or_broken(small_district: Path, tmp_path: Path, name: str) -> None:
    data = copy_of(small_district, tmp_path / "data")
    (data / "keys" / name).write_text("not a key")
    refused(run_madang("audit", "verify", "--data", data), name)
    (data / "keys" / name).unlink()
    refused(run_madang("audit", "verify", "--data", data), name)


def test_a_settings_file_with_a_bad_line(small_district: Path, tmp_path: Path) -> None:
    data = copy_of(small_district, tmp_path / "data")
    (data / "madang.toml").write_text("district = 29140\n")
    refused(run_madang("audit", "verify", "--data", data), "madang.toml", "district")


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    answer = run_madang(
        "up", "--no-serve", "--data", tmp_path / "data", "--database", "postgresql://madang@127.0.0.1:9/none"
    )
    refused(answer, "database")


def test_a_database_of_another_kind(tmp_path: Path) -> None:
    answer = run_madang("up", "--no-serve", "--data", tmp_path / "data", "--database", "mysql://x/y")
    refused(answer, "postgresql://")
