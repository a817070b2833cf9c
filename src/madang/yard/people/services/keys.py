"""Preparing, rotating and forgetting the keys for personal fields.

Rotation needs no downtime. The keyring file is its whole state: the new keys are primary and the old ones live until a
scan finds no row that uses them, so a rotation killed anywhere is taken up where it stopped by running it again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, InstallationError
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import record
from madang.yard.people.keyring import Context, Keyring, KeyState, KeyUnknown, KeyUse, keyring_missing
from madang.yard.people.keyring_file import (
    CHECK_SECONDS,
    keyring_create,
    keyring_lock,
    keyring_reread,
    keyring_write,
)
from madang.yard.people.models import KeyCheck
from madang.yard.people.selectors.keys import (
    MFA_CONTEXT,
    SealedTable,
    key_check_text,
    keys_check,
    keys_used,
    sealed_tables,
    second_factor_secrets,
)

Progress = Callable[[float, str], None]

BATCH = 250
PASSES_MAX = 20
GRACE_SECONDS = 2 * CHECK_SECONDS
"""After the switch every process works with the new primary keys once this has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation did.

    Attributes
    ----------
    primary : tuple of str
        Ids of the keys that are written with now.
    retired : tuple of str
        Ids of the keys that went out of use.
    rows : int
        Rows sealed anew.
    seconds : float
        How long it took.
    resumed : bool
        Whether it went on with a rotation that was interrupted.
    """

    primary: tuple[str, ...]
    retired: tuple[str, ...]
    rows: int
    seconds: float
    resumed: bool


def keys_prepare() -> None:
    """Make the keyring of a new installation, and make sure that an old one still has its own.

    Called after the database is migrated and before anything is read or written: a lost keyring must never be replaced
    by a fresh one that opens nothing.

    Raises
    ------
    InstallationError
        If the keyring is missing, damaged, or another database's.
    """
    path = settings.MADANG_KEYRING
    if not path.exists():
        if KeyCheck.objects.exists():
            raise keyring_missing(path)
        keyring_create(path)
    keys_check()
    _register(keyring_reread())


def _register(keyring: Keyring) -> None:
    known = set(KeyCheck.objects.values_list("key_id", flat=True))
    fresh = [key for key in keyring.keys if key.id not in known]
    if not known:
        _require_own(keyring)
    KeyCheck.objects.bulk_create(
        [
            KeyCheck(key_id=key.id, use=key.use.value, check_text=key_check_text(keyring, key), retired_at=key.retired)
            for key in fresh
        ],
        ignore_conflicts=True,
    )


def _require_own(keyring: Keyring) -> None:
    held = {key.id for key in keyring.keys}
    for key_id in keys_used():
        if key_id not in held:
            raise KeyUnknown(keyring.path, key_id, ("*", "*"))


def keys_rotate(actor: Actor, progress: Progress | None = None) -> Rotation:
    """Make new keys primary, seal every row anew, and retire the old keys once no row uses them.

    Parameters
    ----------
    actor : Actor
        The system.
    progress : callable, optional
        Told the fraction done and the step.

    Raises
    ------
    Conflict
        If another rotation is running, or writers keep using an old key.

    Notes
    -----
    Not one transaction but many short ones, so that writers go on; each row is exchanged only if it is still what was
    read. Retired keys stay in the file, for a process that was stopped in the middle of a write, until `keys_forget`.
    """
    require(actor, Action.KEYS_ROTATE)
    tell = progress or (lambda _fraction, _step: None)
    begun = time.monotonic()
    keys_prepare()
    with keyring_lock(settings.MADANG_KEYRING, wait=False):
        keyring, resumed = _switched()
        _register(keyring)
        record(
            actor,
            Action.KEYS_ROTATE,
            target="people.keyring",
            detail={"step": "begun", "primary": _primaries(keyring), "resumed": resumed},
        )
        tell(0.02, _("waiting until every process has the new keys"))
        time.sleep(GRACE_SECONDS)
        rows = _reseal_everything(keyring, tell)
        retired = _retire(keyring)
    record(
        actor,
        Action.KEYS_ROTATE,
        target="people.keyring",
        detail={"step": "done", "primary": _primaries(keyring), "retired": list(retired), "rows": rows},
    )
    tell(1.0, _("done"))
    return Rotation(
        primary=tuple(_primaries(keyring)),
        retired=retired,
        rows=rows,
        seconds=round(time.monotonic() - begun, 3),
        resumed=resumed,
    )


def _primaries(keyring: Keyring) -> list[str]:
    return [keyring.primary(use).id for use in KeyUse]


def _switched() -> tuple[Keyring, bool]:
    """Return the keyring with new primary keys, or as an interrupted rotation left it."""
    keyring = keyring_reread()
    used = keys_used()
    stragglers = frozenset(key.id for key in keyring.keys if key.state is KeyState.RETIRED and used[key.id])
    if stragglers:
        keyring_write(keyring.with_revived(stragglers))
        keyring = keyring_reread()
    if keyring.old():
        return keyring, True
    keyring_write(keyring.with_fresh_primaries())
    return keyring_reread(), False


def _reseal_everything(keyring: Keyring, tell: Progress) -> int:
    """Seal every row anew under the primary keys until a scan finds none left; return how many were."""
    tables = sealed_tables()
    total = max(1, sum(table.not_under(keyring).count() for table in tables))
    rows = 0
    for _pass in range(PASSES_MAX):
        moved = 0
        for table in tables:
            last: Any = None
            while True:
                done, last = _reseal_batch(table, keyring, last)
                moved += done
                tell(min(0.95, 0.05 + 0.9 * (rows + moved) / total), _("sealing rows anew"))
                if last is None:
                    break
        moved += _reseal_second_factors(keyring)
        rows += moved
        _wait_for_writers(tables)
        if not _left(tables, keyring):
            return rows
    raise Conflict(
        "keys_in_use", _("Rows are still written with the old keys. Look for a process that runs old code, and go on.")
    )


def _left(tables: tuple[SealedTable, ...], keyring: Keyring) -> bool:
    old = {key.id for key in keyring.old()}
    return any(table.not_under(keyring).exists() for table in tables) or bool(old & set(keys_used()))


def _wait_for_writers(tables: tuple[SealedTable, ...]) -> None:
    """Return once every transaction that wrote to the tables before now has ended."""
    names = [*(table.name for table in tables), Authenticator._meta.db_table]
    # SQLite has one writer at a time, so having begun to write is enough. One table at a time, never two locks held.
    for name in names if connection.vendor == "postgresql" else ():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(name)} IN SHARE MODE")
    with transaction.atomic():
        pass


def _reseal_batch(table: SealedTable, keyring: Keyring, after: Any) -> tuple[int, Any]:  # noqa: ANN401  # a primary key
    """Seal one batch anew; return how many rows and the last key, None when there are no more."""
    pending = table.not_under(keyring)
    if after is not None:
        pending = pending.filter(pk__gt=after)
    names = [field.name for field in table.fields]
    with transaction.atomic():
        rows = list(pending.values_list("pk", *(f"raw_{name}" for name in names))[:BATCH])
        changes = [_exchange(table, keyring, row) for row in rows]
        done = _write(table, changes) if changes else 0
    return done, rows[-1][0] if rows else None


def _exchange(table: SealedTable, keyring: Keyring, row: tuple[Any, ...]) -> tuple[Any, list[Any], list[Any]]:
    """Return a row's key, what its columns shall be and what they were."""
    key, before = row[0], list(row[1:])
    plain: dict[str, str | None] = {}
    after: list[Any] = []
    for field, token in zip(table.sealed, before, strict=False):
        text = None if token is None else _opened(keyring, token, field.context, key)
        plain[field.name] = text
        after.append(None if text is None else keyring.seal(text, field.context))
    after.extend(index.blind(plain[index.of], keyring) for index in table.indexes)
    return key, after, before


def _opened(keyring: Keyring, token: str, context: Context, key: object) -> str:
    try:
        return keyring.unseal(token, context)
    except InstallationError as error:
        raise InstallationError(
            "row_damaged",
            _("Row %(row)s: %(fault)s Then rotate again; nothing is lost, and the old keys stay until then.")
            % {"row": key, "fault": error},
            {**error.data, "row": str(key)},
        ) from error


def _write(table: SealedTable, changes: list[tuple[Any, list[Any], list[Any]]]) -> int:
    """Exchange rows that are still what was read; a row that a writer changed meanwhile is left to the next pass."""
    quote = connection.ops.quote_name
    columns = [quote(str(field.column)) for field in table.fields]
    same = "IS NOT DISTINCT FROM" if connection.vendor == "postgresql" else "IS"
    sets = ", ".join(f"{column} = %s" for column in columns)
    still = " AND ".join(f"{column} {same} %s" for column in columns)
    primary = table.model._meta.pk
    key_column = quote(str(primary.column))
    statement = f"UPDATE {quote(table.name)} SET {sets} WHERE {key_column} = %s AND {still}"  # noqa: S608  # own names
    done = 0
    with connection.cursor() as cursor:
        for key, after, before in changes:
            cursor.execute(statement, [*after, primary.get_db_prep_value(key, connection), *before])
            done += cursor.rowcount
    return done


def _reseal_second_factors(keyring: Keyring) -> int:
    """Seal the secrets of second factors anew."""
    primary = keyring.primary(KeyUse.DATA).id + "."
    done = 0
    for key in list(Authenticator.objects.values_list("pk", flat=True)):
        with transaction.atomic():
            found = Authenticator.objects.select_for_update().filter(pk=key).first()
            if found is None:
                continue
            behind = [
                (name, position, text)
                for name, position, text in second_factor_secrets(found.data)
                if not text.startswith(primary)
            ]
            for name, position, text in behind:
                sealed = keyring.seal(keyring.unseal(text, MFA_CONTEXT), MFA_CONTEXT)
                if position is None:
                    found.data[name] = sealed
                else:
                    found.data[name][position] = sealed
            if behind:
                found.save(update_fields=["data"])
                done += 1
    return done


def _retire(keyring: Keyring) -> tuple[str, ...]:
    old = frozenset(key.id for key in keyring.old())
    keyring_write(keyring.with_retired(old))
    KeyCheck.objects.filter(key_id__in=old).update(retired_at=timezone.now())
    keyring_reread()
    return tuple(sorted(old))


def keys_forget(actor: Actor) -> tuple[str, ...]:
    """Remove retired keys from the keyring for good, once more making sure that no row uses them.

    Older backups can then only be read with the keys file that was made with them.

    Raises
    ------
    Conflict
        If a row uses one of them after all: rotate once more first.
    """
    require(actor, Action.KEYS_FORGET)
    keys_check()
    with keyring_lock(settings.MADANG_KEYRING, wait=False):
        keyring = keyring_reread()
        retired = frozenset(key.id for key in keyring.keys if key.state is KeyState.RETIRED)
        _wait_for_writers(sealed_tables())
        used = keys_used()
        if any(used[key_id] for key_id in retired):
            raise Conflict("keys_in_use", _("A row still uses a retired key. Rotate the keys once more first."))
        KeyCheck.objects.filter(key_id__in=retired, retired_at=None).update(retired_at=timezone.now())
        keyring_write(keyring.without(retired))
        keyring_reread()
        record(actor, Action.KEYS_FORGET, target="people.keyring", detail={"forgotten": sorted(retired)})
    return tuple(sorted(retired))
