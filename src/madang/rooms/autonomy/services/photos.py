"""Photos on disk, named by their digest: waiting for their report, then kept with it."""

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from madang.numerics.digests import sha256_hex
from madang.numerics.errors import DomainError, InputError, NotFound
from madang.rooms.autonomy.formats.photo import MEDIA_TYPES, Photo, PhotoKind, photo_clean

_KEPT = "issues"
_WAITING = "issues-waiting"
_WAITING_S = 24 * 3600
_SALT = "madang.autonomy.photo"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPhoto:
    """A photo that was taken in: its name on disk and its size.

    Attributes
    ----------
    name : str
        SHA-256 of the cleaned file, with its ending.
    width, height : int
        Size [pixel].
    """

    name: str
    width: int
    height: int

    @property
    def token(self) -> str:
        """What a form carries from one attempt to the next, so that the photo is not chosen twice."""
        return signing.dumps([self.name, self.width, self.height], salt=_SALT)

    @property
    def media_type(self) -> str:
        """The photo's media type."""
        return MEDIA_TYPES[PhotoKind(self.name.rpartition(".")[2])]


def photo_keep(data: bytes, name: str) -> KeptPhoto:
    """Clean a photo and lay it down until its report comes; what waited for a day is thrown away.

    Raises
    ------
    DomainError
        If it is not a photo that is accepted; the message is for the person who chose it.
    """
    try:
        photo = photo_clean(data, name)
    except InputError as error:
        raise DomainError(error.code, _refusal(error.code), {"file": name}, field="photo") from error
    _sweep()
    kept = KeptPhoto(name=f"{sha256_hex(photo.data)}.{photo.kind}", width=photo.width, height=photo.height)
    _write(_folder(_WAITING) / kept.name, photo)
    return kept


def photo_kept(token: str) -> KeptPhoto | None:
    """Return the photo that a form's token stands for; None if it is not ours or has waited too long."""
    try:
        name, width, height = signing.loads(token, salt=_SALT, max_age=_WAITING_S)
    except signing.BadSignature:
        return None
    kept = KeptPhoto(name=name, width=width, height=height)
    return kept if any((_folder(place) / name).is_file() for place in (_WAITING, _KEPT)) else None


def photo_settle(kept: KeptPhoto) -> None:
    """Move a waiting photo to those that are kept; it is durable there before its report is."""
    target = _folder(_KEPT) / kept.name
    if not target.is_file():
        (_folder(_WAITING) / kept.name).replace(target)
        _sync(target.parent)


def photo_bytes(name: str) -> bytes:
    """Return a kept photo.

    Raises
    ------
    NotFound
        If it is not there.
    """
    path = _folder(_KEPT) / name
    if Path(name).name != name or not path.is_file():
        raise NotFound("photo_missing", _("This photo is not here any more."))
    return path.read_bytes()


def _refusal(code: str) -> str:
    return {
        "photo_too_large": _("This photo is too large. Choose one of at most 8 MB."),
        "photo_unknown": _("This is not a photo that can be shown. Choose one saved as JPEG, PNG or WebP."),
        "photo_broken": _("This photo is damaged. Choose another, or take it again."),
    }[code]


def _folder(name: str) -> Path:
    folder = Path(settings.MEDIA_ROOT) / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _write(path: Path, photo: Photo) -> None:
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    with part.open("wb") as file:
        file.write(photo.data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep() -> None:
    before = time.time() - _WAITING_S
    for path in _folder(_WAITING).iterdir():
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
