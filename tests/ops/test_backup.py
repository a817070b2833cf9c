"""A backup taken while others write is whole, and a restored installation equals it."""

import io
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from tests.ops.conftest import run_madang

from madang.ops.backup import _extract

WRITER = """
import sys, pathlib, time
from madang.ops.installation import open_installation
open_installation(pathlib.Path(sys.argv[1]))
from madang.yard.audit.authority import SYSTEM, Action
from madang.yard.audit.services import record
count = 0
while True:
    record(SYSTEM, Action.RUN_RECORD, target=f"test:{count}")
    count += 1
    print(count, flush=True)
"""

pytestmark = pytest.mark.slow


def test_a_backup_while_writes_go_on_restores_to_equal_tables(
    small_district: Path, tmp_path: Path, own_database: str
) -> None:
    source = small_district
    database = ["--database", own_database] if own_database else []
    if own_database:
        source = tmp_path / "source"
        made = run_madang("up", "--no-serve", "--scale", "0.02", "--data", source, *database, "--json")
        assert made.code == 0, made.err
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(source)], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        copy = tmp_path / "copy.tar.gz"
        made = run_madang("backup", copy, "--data", source, "--json")
        assert made.code == 0, made.err
        before = writer.poll()
        time.sleep(0.2)
        assert before is None, "the writer was stopped by the backup"
    finally:
        writer.kill()
        written = len(writer.communicate()[0].splitlines())
    assert written > 1
    # PostgreSQL restores into an empty database; the source's own is no longer needed.
    target = _emptied(own_database)
    restored = run_madang("restore", copy, "--data", tmp_path / "restored", *target, "--json")
    assert restored.code == 0, restored.err
    assert restored.json["tables"] == made.json["tables"]
    assert run_madang("audit", "verify", "--data", tmp_path / "restored").code == 0
    assert run_madang("doctor", "--data", tmp_path / "restored").code in {0, 1}
    refused = run_madang("restore", copy, "--data", tmp_path / "restored", *target)
    assert (refused.code, "not empty" in refused.err) == (2, True)


def _emptied(address: str) -> list[str]:
    if not address:
        return []
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return ["--database", address]


def test_a_damaged_backup_leaves_nothing_behind(small_district: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar.gz"
    assert run_madang("backup", copy, "--data", small_district).code == 0
    whole = copy.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", whole[:-400] + b"\0" * 400):
        copy.write_bytes(damaged)
        answer = run_madang("restore", copy, "--data", tmp_path / "restored")
        assert answer.code == 2, answer.out
        assert "Traceback" not in answer.err
        assert not (tmp_path / "restored").exists()
    copy.write_bytes(whole)
    Path(f"{copy}.keys").unlink()
    answer = run_madang("restore", copy, "--data", tmp_path / "restored")
    assert (answer.code, "--keys" in answer.err) == (2, True)


def test_the_backup_holds_no_key(small_district: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar.gz"
    assert run_madang("backup", copy, "--data", small_district).code == 0
    with tarfile.open(copy) as archive:
        assert [name for name in archive.getnames() if "key" in name] == []
    assert Path(f"{copy}.keys").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["missing.tar.gz"])
def test_a_backup_that_is_not_there(tmp_path: Path, name: str) -> None:
    answer = run_madang("restore", tmp_path / name, "--data", tmp_path / "restored")
    assert (answer.code, name in answer.err) == (2, True)


@pytest.mark.parametrize("has_filter", [True, False])
@pytest.mark.parametrize("name", ["../outside", "/outside", "link"])
def test_an_archive_that_points_elsewhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, has_filter: bool
) -> None:
    if not has_filter:
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    elif not hasattr(tarfile, "data_filter"):
        pytest.skip("this Python has no filter")
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member, None if name == "link" else io.BytesIO(b""))
    folder = tmp_path / "in" / "folder"
    folder.mkdir(parents=True)
    with tarfile.open(path) as archive:
        if has_filter and name == "/outside":
            # The filter takes the leading slash away and keeps the file inside.
            _extract(archive, folder)
            assert (folder / "outside").exists()
            return
        with pytest.raises(tarfile.TarError):
            _extract(archive, folder)
    assert not (tmp_path / "in" / "outside").exists()
