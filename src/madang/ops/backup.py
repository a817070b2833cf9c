"""Keeping a copy of an installation, and making one from a copy.

A backup is one `.tar.gz` with a manifest that names the digest of every file and of every table. The keys lie in a file
of their own beside it, so that the copy that travels cannot be read by whoever finds it.
"""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from madang import __version__
from madang.numerics.errors import InstallationError
from madang.ops.installation import (
    Installation,
    django_ready,
    installation_read,
    installation_write,
    require_space,
)
from madang.ui.terminal import translate as _

FORMAT = 1
MANIFEST = "manifest.json"
_BLOCK = 1 << 20

Progress = Callable[[float, str], None]


def keys_file(backup: Path) -> Path:
    """Return where the keys of a backup lie: beside it, with `.keys` behind its name."""
    return backup.with_name(backup.name + ".keys")


def backup_make(installation: Installation, target: Path, progress: Progress) -> dict[str, Any]:
    """Write a backup of a running installation and return its manifest.

    Raises
    ------
    InstallationError
        If the target exists already.
    OSError
        If it cannot be written; nothing is left behind then.
    """
    if target.exists():
        raise InstallationError(
            "backup_exists", _("%(file)s exists already; name another file.") % {"file": target}, {"file": str(target)}
        )
    part = target.with_name(target.name + ".part")
    try:
        with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".madang-") as folder:
            progress(0.05, _("copying the database"))
            members = _members(installation, Path(folder))
            manifest = _manifest(installation, members, Path(folder), progress)
            progress(0.6, _("packing"))
            _pack(part, manifest, members)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    _pack_keys(installation, keys_file(target))
    progress(1.0, _("done"))
    return manifest


def _members(installation: Installation, folder: Path) -> list[tuple[str, Path]]:
    from madang.ops import snapshot

    taken: snapshot.Snapshot
    if installation.database_url:
        taken = snapshot.PostgresSnapshot(folder)
    else:
        taken = snapshot.SqliteSnapshot(installation.data / snapshot.SQLITE_MEMBER, folder)
    (folder / "digests.json").write_text(json.dumps(taken.digests()))
    members = list(taken.files())
    # Media are named by their digest and never change, so copying them after the database misses none it names.
    media = sorted(path for path in (installation.data / "media").rglob("*") if path.is_file())
    members.extend((path.relative_to(installation.data).as_posix(), path) for path in media)
    if installation.population.exists():
        members.append((installation.population.name, installation.population))
    return members


def _manifest(
    installation: Installation, members: list[tuple[str, Path]], folder: Path, progress: Progress
) -> dict[str, Any]:
    files = {}
    for number, (name, path) in enumerate(members):
        progress(0.3 + 0.3 * number / len(members), _("reading the files"))
        files[name] = _sha256(path)
    return {
        "format": FORMAT,
        "madang": __version__,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "district": installation.district,
        "sample": installation.sample,
        "scale": installation.scale,
        "database": "postgresql" if installation.database_url else "sqlite",
        "tables": json.loads((folder / "digests.json").read_text()),
        "files": files,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(part: Path, manifest: dict[str, Any], members: list[tuple[str, Path]]) -> None:
    with part.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=5, mtime=0) as zipped:
        with tarfile.open(fileobj=zipped, mode="w") as archive:
            _add_bytes(archive, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
            for name, path in members:
                archive.add(path, arcname=name, recursive=False)
        zipped.flush()


def _add_bytes(archive: tarfile.TarFile, name: str, body: bytes, mode: int = 0o600) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(body), mode
    archive.addfile(info, io.BytesIO(body))


def _pack_keys(installation: Installation, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    part.touch(mode=0o600)
    with tarfile.open(part, "w:gz") as archive:
        for path in sorted(installation.keys.iterdir()):
            _add_bytes(archive, path.name, path.read_bytes())
    part.replace(target)


def backup_restore(source: Path, keys: Path | None, target: Installation, progress: Progress) -> dict[str, Any]:
    """Make an installation from a backup and return the manifest, or leave nothing behind.

    Parameters
    ----------
    source : Path
        The backup.
    keys : Path or None
        Its keys; by default the file beside it.
    target : Installation
        Names the data directory, which must not hold an installation, and the database.
    progress : callable
        Told the fraction done and the step.

    Raises
    ------
    InstallationError
        If the target is in use, or the backup or its keys are damaged or do not belong together.
    """
    if target.data.exists() and any(target.data.iterdir()):
        raise InstallationError(
            "target_in_use",
            _("%(data)s is not empty. Restore into a new directory, so that nothing is overwritten.")
            % {"data": target.data},
            {"data": str(target.data)},
        )
    target.data.parent.mkdir(parents=True, exist_ok=True)
    require_space(target.data.parent, needed=4 * _size(source))
    with _removed_on_failure(target.data):
        target.data.mkdir(mode=0o700, exist_ok=True)
        progress(0.05, _("unpacking"))
        manifest = _unpack(source, target.data)
        _unpack_keys(keys or keys_file(source), target.data / "keys")
        target = replace(target, district=manifest["district"], sample=manifest["sample"], scale=manifest["scale"])
        installation_write(target)
        progress(0.4, _("restoring the database"))
        _fill_database(target, manifest)
        progress(0.7, _("comparing every table with the backup"))
        _compare(manifest)
        progress(1.0, _("done"))
    return manifest


def _size(source: Path) -> int:
    try:
        return source.stat().st_size
    except OSError as error:
        raise InstallationError(
            "backup_missing",
            _("%(file)s cannot be read (%(error)s). Name the file that `madang backup` wrote.")
            % {"file": source, "error": error.strerror},
            {"file": str(source)},
        ) from error


@contextmanager
def _removed_on_failure(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            _extract(archive, folder)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        (folder / MANIFEST).unlink()
        named = manifest["files"]
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, OSError, ValueError, KeyError) as error:
        raise _damaged(source, str(error)) from error
    if manifest.get("format") != FORMAT:
        raise _damaged(source, _("its format is %(format)s, not 1") % {"format": manifest.get("format")})
    for name, digest in named.items():
        path = folder / name
        if not path.is_file() or _sha256(path) != digest:
            raise _damaged(source, _("%(name)s is missing or altered") % {"name": name})
    return manifest


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Unpack an archive; what would lie or point outside of the folder is refused."""
    if hasattr(tarfile, "data_filter"):
        archive.extractall(folder, filter="data")
        return
    # Python before 3.11.4 has no filter; a backup holds nothing but files and folders.
    for member in archive:
        name = PurePosixPath(member.name)
        if not (member.isreg() or member.isdir()) or name.is_absolute() or ".." in name.parts:
            raise tarfile.TarError(f"{member.name} does not belong into a backup")
    archive.extractall(folder)  # noqa: S202  # every member was looked at


def _damaged(source: Path, fault: str) -> InstallationError:
    return InstallationError(
        "backup_damaged",
        _("%(file)s is not a sound backup: %(fault)s. Use another copy; nothing was changed.")
        % {"file": source, "fault": fault},
        {"file": str(source)},
    )


def _unpack_keys(source: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    try:
        with tarfile.open(source, "r:gz") as archive:
            _extract(archive, folder)
    except (tarfile.TarError, gzip.BadGzipFile, OSError) as error:
        raise InstallationError(
            "backup_keys_missing",
            _("The keys in %(file)s cannot be read (%(error)s). Name their file with --keys.")
            % {"file": source, "error": error},
            {"file": str(source)},
        ) from error


def _fill_database(target: Installation, manifest: dict[str, Any]) -> None:
    kind = "postgresql" if target.database_url else "sqlite"
    if kind != manifest["database"]:
        raise InstallationError(
            "other_database_kind",
            _("The backup is of a %(there)s database, and this one is %(here)s. Name the right kind with --database.")
            % {"there": manifest["database"], "here": kind},
        )
    django_ready(target)
    from django.core.management import call_command
    from django.db import connection

    from madang.ops import snapshot

    if kind == "sqlite":
        return
    if connection.introspection.table_names():
        raise InstallationError(
            "database_in_use", _("The database named with --database holds tables already. Make an empty one.")
        )
    call_command("migrate", verbosity=0, interactive=False)
    snapshot.postgres_restore(target.data)
    shutil.rmtree(target.data / "tables")


def _compare(manifest: dict[str, Any]) -> None:
    from madang.ops.snapshot import current_digests

    found = current_digests()
    for table, stated in manifest["tables"].items():
        if found.get(table) != stated:
            raise InstallationError(
                "restore_differs",
                _("Table %(table)s differs from the backup after restoring. Nothing was kept; use another copy.")
                % {"table": table},
                {"table": table},
            )


def installation_digests(data: Path | None) -> dict[str, Any]:
    """Return rows and digest of every table of an installation, to compare it with a copy."""
    installation = installation_read(data)
    django_ready(installation)
    from madang.ops.snapshot import current_digests

    return current_digests()
