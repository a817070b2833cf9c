"""The file that holds the keyring, outside the database: written whole, read again by every process when it changes."""

import fcntl
import functools
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, InstallationError
from madang.yard.people.keyring import (
    Context,
    Key,
    Keyring,
    KeyUnknown,
    KeyUse,
    keyring_missing,
    keyring_parse,
    keyring_text,
    keyring_unreadable,
)

CHECK_SECONDS = 0.5
"""A process may work with a keyring that is older than the file by this much."""


def keyring_write(keyring: Keyring) -> None:
    """Write a keyring to its file, whole or not at all, readable by its owner alone."""
    path = keyring.path
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(keyring_text(keyring))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_directory(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InstallationError(
            "keyring_not_writable",
            _("The keyring %(file)s cannot be written: %(fault)s.") % {"file": path, "fault": error.strerror},
            {"file": str(path)},
        ) from error


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def keyring_lock(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the keyring for changing; other processes read on.

    Raises
    ------
    Conflict
        If another process holds it and `wait` is false.
    """
    lock = path.with_name(path.name + ".lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError as error:
        os.close(descriptor)
        raise Conflict("rotation_running", _("The keys are being rotated already. Wait until that is done.")) from error
    try:
        yield
    finally:
        os.close(descriptor)


def keyring_create(path: Path) -> Keyring:
    """Return the keyring of a file, making the file with fresh keys where there is none.

    Two processes that start at the same time get the same keys.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with keyring_lock(path):
        if not path.exists():
            keyring_write(Keyring((Key.fresh(KeyUse.DATA), Key.fresh(KeyUse.INDEX)), path))
    return keyring_file(str(path)).read()


class KeyringFile:
    """A keyring's file, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._look_again_at = 0.0
        self._seen: tuple[int, int, int] | None = None
        self._keyring: Keyring | None = None

    def current(self) -> Keyring:
        """Return the keyring, at most half a second older than the file."""
        keyring = self._keyring
        if keyring is not None and time.monotonic() < self._look_again_at:
            return keyring
        return self.read()

    def read(self) -> Keyring:
        """Return the keyring as the file holds it now.

        Raises
        ------
        InstallationError
            If the file is missing, open to everyone, or not a keyring.
        """
        with self._lock:
            try:
                status = self.path.stat()
                seen = (status.st_mtime_ns, status.st_ino, status.st_size)
                if self._keyring is None or seen != self._seen:
                    if status.st_mode & 0o007:
                        raise keyring_unreadable(
                            self.path, _("everyone on this machine may read it (chmod 600 mends it)")
                        )
                    self._keyring = keyring_parse(self.path.read_text(encoding="utf-8"), self.path)
                    self._seen = seen
            except FileNotFoundError as error:
                raise keyring_missing(self.path) from error
            except (OSError, UnicodeDecodeError) as error:
                raise keyring_unreadable(self.path, getattr(error, "strerror", None) or type(error).__name__) from error
            self._look_again_at = time.monotonic() + CHECK_SECONDS
            return self._keyring


@functools.lru_cache(maxsize=8)
def keyring_file(path: str) -> KeyringFile:
    """Return the one reader of a keyring's file in this process."""
    return KeyringFile(Path(path))


def keyring_current() -> Keyring:
    """Return the installation's keyring, at most half a second old."""
    return keyring_file(str(settings.MADANG_KEYRING)).current()


def keyring_reread() -> Keyring:
    """Return the installation's keyring as its file holds it now."""
    return keyring_file(str(settings.MADANG_KEYRING)).read()


def unseal(token: str, context: Context) -> str:
    """Open a value, looking at the file once more if its key is not known: a rotation may just have begun."""
    keyring = keyring_current()
    try:
        return keyring.unseal(token, context)
    except KeyUnknown:
        newer = keyring_reread()
        if newer is keyring:
            raise
        return newer.unseal(token, context)
