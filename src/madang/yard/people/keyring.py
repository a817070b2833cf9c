"""The keys for personal fields, and what they do: seal, open, index.

Data keys (AES-256-GCM) seal values; index keys (HMAC-SHA256) make the blind indexes that find a sealed value again. One
key of each use is primary and used for writing; live ones still open what they sealed; a retired key seals nothing
that a scan could find and is kept for stragglers until it is forgotten. Where they are kept says `keyring_file`.
"""

import binascii
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from madang.numerics.errors import InstallationError

FORMAT = 1
KEY_BYTES = 32
NONCE_BYTES = 12
INDEX_BYTES = 18
BLOCK = 16
ID_LENGTH = 8
_PADS = tuple(b"\x00" * length for length in range(BLOCK))

Context = tuple[str, str]
"""Table and column that a sealed value belongs to."""


class KeyUse(StrEnum):
    """What a key is for."""

    DATA = "data"
    INDEX = "index"


class KeyState(StrEnum):
    """Life of a key: primary, then live while rows still use it, then retired."""

    PRIMARY = "primary"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key.

    Attributes
    ----------
    id : str
        Eight hexadecimal digits; stands in front of everything made with the key.
    use : KeyUse
        Sealing or indexing.
    state : KeyState
        Whether it is written with, only read with, or out of use.
    created, retired : datetime or None
        When it came and when it went out of use, in UTC.
    secret : bytes
        The key itself, 32 bytes; never shown.
    """

    id: str
    use: KeyUse
    state: KeyState
    created: datetime
    retired: datetime | None = None
    secret: bytes = field(repr=False)

    @classmethod
    def fresh(cls, use: KeyUse) -> "Key":
        """Return a new primary key from the system's random source."""
        return cls(
            id=secrets.token_hex(4),
            use=use,
            state=KeyState.PRIMARY,
            created=datetime.now(UTC).replace(microsecond=0),
            secret=secrets.token_bytes(KEY_BYTES),
        )


class Keyring:
    """The keys as they stood in the file at one moment; immutable, so threads share it.

    Parameters
    ----------
    keys : tuple of Key
        Exactly one primary key a use.
    path : Path
        The file they came from, named in errors.
    """

    __slots__ = ("_associated", "_by_id", "_ciphers", "_data_primary", "_index_primary", "keys", "path")

    def __init__(self, keys: tuple[Key, ...], path: Path) -> None:
        self.keys = keys
        self.path = path
        self._by_id: Mapping[tuple[KeyUse, str], Key] = {(key.use, key.id): key for key in keys}
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys if key.use is KeyUse.DATA}
        self._data_primary = self._only_primary(KeyUse.DATA)
        self._index_primary = self._only_primary(KeyUse.INDEX)
        self._associated: dict[tuple[str, Context], bytes] = {}

    def _only_primary(self, use: KeyUse) -> Key:
        found = [key for key in self.keys if key.use is use and key.state is KeyState.PRIMARY]
        if len(found) != 1:
            raise keyring_unreadable(self.path, _("it does not name exactly one primary key a use"))
        return found[0]

    def primary(self, use: KeyUse) -> Key:
        """Return the key that is written with."""
        return self._data_primary if use is KeyUse.DATA else self._index_primary

    def of_use(self, use: KeyUse) -> tuple[Key, ...]:
        """Return the keys of a use, the primary one first, then the newest."""
        keys = [key for key in self.keys if key.use is use]
        return tuple(sorted(keys, key=lambda key: (key.state is not KeyState.PRIMARY, -key.created.timestamp())))

    def old(self) -> tuple[Key, ...]:
        """Return the live keys that are no longer primary: what a rotation has left to do."""
        return tuple(key for key in self.keys if key.state is KeyState.LIVE)

    def find(self, use: KeyUse, key_id: str) -> Key | None:
        """Return a key, or None where it is not here."""
        return self._by_id.get((use, key_id))

    def _bound(self, key_id: str, context: Context) -> bytes:
        known = self._associated.get((key_id, context))
        if known is None:
            known = self._associated[(key_id, context)] = "\x00".join((*context, key_id)).encode()
        return known

    def seal(self, text: str, context: Context) -> str:
        """Return a text sealed for one table and column: `<key id>.<nonce, ciphertext and tag in base64>`.

        Notes
        -----
        Padded to whole blocks of 16 bytes, so that the length of a name does not show.
        """
        return self.seal_with(self._data_primary, text, context)

    def seal_with(self, key: Key, text: str, context: Context) -> str:
        """Return a text sealed with a given key."""
        nonce = os.urandom(NONCE_BYTES)
        body = text.encode() + b"\x80"
        body += _PADS[-len(body) % BLOCK]
        sealed = self._ciphers[key.id].encrypt(nonce, body, self._bound(key.id, context))
        return f"{key.id}.{binascii.b2a_base64(nonce + sealed, newline=False).decode('ascii')}"

    def unseal(self, token: str, context: Context) -> str:
        """Return the text that was sealed.

        Raises
        ------
        KeyUnknown
            If the key named in front is not in this keyring.
        InstallationError
            If the value was altered, cut, or sealed for another table or column.
        """
        key_id = token[:ID_LENGTH]
        cipher = self._ciphers.get(key_id)
        if cipher is None or token[ID_LENGTH : ID_LENGTH + 1] != ".":
            raise KeyUnknown(self.path, key_id, context)
        try:
            raw = binascii.a2b_base64(token[ID_LENGTH + 1 :], strict_mode=True)
            if binascii.b2a_base64(raw, newline=False).decode("ascii") != token[ID_LENGTH + 1 :]:
                # The last character has bits that decode to nothing; strict mode does not look at them.
                raise ValueError("written in another way")
            body = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], self._bound(key_id, context))
        except (InvalidTag, ValueError) as error:
            raise damaged(context, key_id) from error
        return body[: body.rindex(b"\x80")].decode()

    def blind(self, text: str, context: Context, key: Key | None = None) -> str:
        """Return the blind index of a normalised text under a key, the primary one by default."""
        chosen = key or self._index_primary
        digest = hmac.digest(chosen.secret, self._bound(chosen.id, context) + b"\x00" + text.encode(), "sha256")
        return f"{chosen.id}.{binascii.b2a_base64(digest[:INDEX_BYTES], newline=False).decode('ascii')}"

    def blinds(self, text: str, context: Context) -> list[str]:
        """Return the blind indexes of a normalised text under every index key."""
        return [self.blind(text, context, key) for key in self.of_use(KeyUse.INDEX)]

    def with_fresh_primaries(self) -> "Keyring":
        """Return a keyring with a new primary key a use; the ones before stay live."""
        kept = tuple(replace(key, state=KeyState.LIVE) if key.state is KeyState.PRIMARY else key for key in self.keys)
        return Keyring((*kept, Key.fresh(KeyUse.DATA), Key.fresh(KeyUse.INDEX)), self.path)

    def with_retired(self, key_ids: frozenset[str]) -> "Keyring":
        """Return a keyring in which the named keys are out of use."""
        now = datetime.now(UTC).replace(microsecond=0)
        return Keyring(
            tuple(replace(key, state=KeyState.RETIRED, retired=now) if key.id in key_ids else key for key in self.keys),
            self.path,
        )

    def with_revived(self, key_ids: frozenset[str]) -> "Keyring":
        """Return a keyring in which retired keys that rows still use are live again."""
        return Keyring(
            tuple(
                replace(key, state=KeyState.LIVE, retired=None)
                if key.id in key_ids and key.state is KeyState.RETIRED
                else key
                for key in self.keys
            ),
            self.path,
        )

    def without(self, key_ids: frozenset[str]) -> "Keyring":
        """Return a keyring that has forgotten the named keys."""
        return Keyring(tuple(key for key in self.keys if key.id not in key_ids), self.path)


class KeyUnknown(InstallationError):  # noqa: N818  # the name says what is the case
    """A stored value names a key that the keyring does not hold."""

    def __init__(self, path: Path, key_id: str, context: Context) -> None:
        shown = key_id if len(key_id) == 8 and key_id.isalnum() else "?"
        super().__init__(
            "key_unknown",
            _(
                "A value in %(table)s.%(column)s was sealed with the key %(key)s, which %(file)s does not hold."
                " Put back the keyring that belongs to this database."
            )
            % {"table": context[0], "column": context[1], "key": shown, "file": path},
            {"file": str(path), "table": context[0], "column": context[1], "key": shown},
        )


def damaged(context: Context, key_id: str) -> InstallationError:
    """Return the error for a value that its key does not open."""
    return InstallationError(
        "value_damaged",
        _(
            "A value in %(table)s.%(column)s cannot be opened with its key %(key)s: it was altered, cut, or moved from"
            " another place. Restore the row from a backup."
        )
        % {"table": context[0], "column": context[1], "key": key_id},
        {"table": context[0], "column": context[1], "key": key_id},
    )


def keyring_unreadable(path: Path, fault: str) -> InstallationError:
    """Return the error for a file that cannot be used as a keyring."""
    return InstallationError(
        "keyring_unreadable",
        _("The keyring %(file)s cannot be used: %(fault)s. Put back the file from a backup.")
        % {"file": path, "fault": fault},
        {"file": str(path)},
    )


def keyring_parse(text: str, path: Path) -> Keyring:
    """Return the keyring that a file's text describes.

    Raises
    ------
    InstallationError
        If it is not one.
    """
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise keyring_unreadable(path, _("its format is not known to this version"))
        keys = tuple(_key(entry) for entry in content["keys"])
    except (KeyError, TypeError, ValueError) as error:
        # The fault's own text is left out: it may quote a key.
        raise keyring_unreadable(path, _("it is not a keyring (%(kind)s)") % {"kind": type(error).__name__}) from None
    return Keyring(keys, path)


def _key(entry: Mapping[str, Any]) -> Key:
    secret = binascii.a2b_base64(entry["secret"], strict_mode=True)
    if len(secret) != KEY_BYTES or len(entry["id"]) != ID_LENGTH:
        raise ValueError("length")
    return Key(
        id=entry["id"],
        use=KeyUse(entry["use"]),
        state=KeyState(entry["state"]),
        created=datetime.fromisoformat(entry["created"]),
        retired=datetime.fromisoformat(entry["retired"]) if entry["retired"] else None,
        secret=secret,
    )


def keyring_text(keyring: Keyring) -> str:
    """Return the text of a keyring's file."""
    keys = [
        {
            "id": key.id,
            "use": key.use.value,
            "state": key.state.value,
            "created": key.created.isoformat(),
            "retired": key.retired.isoformat() if key.retired else None,
            "secret": binascii.b2a_base64(key.secret, newline=False).decode("ascii"),
        }
        for key in keyring.keys
    ]
    return json.dumps({"format": FORMAT, "keys": keys}, indent=1) + "\n"


def keyring_missing(path: Path) -> InstallationError:
    """Return the error for a keyring that is not there."""
    return InstallationError(
        "keyring_missing",
        _("There is no keyring at %(file)s. Put back the file from a backup, or name it with MADANG_KEYRING.")
        % {"file": path},
        {"file": str(path)},
    )
