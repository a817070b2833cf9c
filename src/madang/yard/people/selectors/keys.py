"""Reading what is sealed with which key, without opening more than is asked for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models
from django.db.models import ExpressionWrapper, F, Q, TextField
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from madang.numerics.errors import InstallationError
from madang.yard.people.fields import BlindIndexField, SealedMixin
from madang.yard.people.keyring import ID_LENGTH, Context, Key, Keyring, KeyUse
from madang.yard.people.keyring_file import keyring_reread, unseal
from madang.yard.people.models import KeyCheck

CHECK_TEXT = "madang key check"
CHECK_CONTEXT: Context = ("people_keycheck", "check_text")
MFA_CONTEXT: Context = ("mfa_authenticator", "data")
_RAW = "raw_"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTable:
    """A table with sealed or blindly indexed columns.

    Attributes
    ----------
    model : type of Model
        Its model.
    sealed : tuple of Field
        Its sealed fields.
    indexes : tuple of BlindIndexField
        Its blind indexes.
    """

    model: type[models.Model]
    sealed: tuple[SealedMixin, ...]
    indexes: tuple[BlindIndexField, ...]

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.model._meta.db_table

    @property
    def fields(self) -> tuple["models.Field[Any, Any]", ...]:
        """Every column that starts with a key's id."""
        return (*self.sealed, *self.indexes)

    def raw(self) -> "models.QuerySet[Any]":
        """Return the rows with `raw_<column>`: what stands in the database, unopened."""
        columns = {
            _RAW + field.name: ExpressionWrapper(F(field.name), output_field=TextField()) for field in self.fields
        }
        rows: models.QuerySet[Any] = self.model._base_manager.annotate(**columns).order_by("pk")
        return rows

    def not_under(self, keyring: Keyring) -> "models.QuerySet[Any]":
        """Return the raw rows in which any column starts with another key than the primary one of its use."""
        behind = Q()
        for field in self.fields:
            use = KeyUse.INDEX if isinstance(field, BlindIndexField) else KeyUse.DATA
            column = _RAW + field.name
            behind |= Q(**{f"{column}__isnull": False}) & ~Q(**{f"{column}__startswith": keyring.primary(use).id + "."})
        return self.raw().filter(behind)

    def key_counts(self) -> Counter[str]:
        """Return how many values each key made."""
        counts: Counter[str] = Counter()
        for field in self.fields:
            column = ExpressionWrapper(F(field.name), output_field=TextField())
            rows = (
                self.model._base_manager.annotate(key_id=Left(column, ID_LENGTH))
                .exclude(key_id=None)
                .order_by()
                .values_list("key_id")
                .annotate(number=models.Count("*"))
            )
            counts.update(dict(rows))
        return counts


def sealed_tables() -> tuple[SealedTable, ...]:
    """Return every table of the site that holds sealed values, found through its models."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        fields: Sequence[models.Field[Any, Any]] = model._meta.local_concrete_fields
        sealed = tuple(field for field in fields if isinstance(field, SealedMixin))
        if sealed:
            indexes = tuple(field for field in fields if isinstance(field, BlindIndexField))
            found.append(SealedTable(model=model, sealed=sealed, indexes=indexes))
    return tuple(found)


def second_factor_secrets(data: dict[str, Any]) -> Iterator[tuple[str, int | None, str]]:
    """Yield where an authenticator's data holds sealed text: key, position in a list or None, and the text."""
    for name in ("secret", "seed"):
        if isinstance(data.get(name), str):
            yield name, None, data[name]
    for position, text in enumerate(data.get("migrated_codes") or ()):
        yield "migrated_codes", position, text


def authenticator_key_counts() -> Counter[str]:
    """Return how many second-factor secrets each key sealed."""
    return Counter(
        text[:ID_LENGTH]
        for data in Authenticator.objects.values_list("data", flat=True)
        for _name, _position, text in second_factor_secrets(data)
    )


def keys_used() -> Counter[str]:
    """Return how many values each key made, over all tables."""
    counts = authenticator_key_counts()
    for table in sealed_tables():
        counts.update(table.key_counts())
    return counts


def key_check_text(keyring: Keyring, key: Key) -> str:
    """Return the known text made with one key."""
    if key.use is KeyUse.INDEX:
        return keyring.blind(CHECK_TEXT, CHECK_CONTEXT, key)
    return keyring.seal_with(key, CHECK_TEXT, CHECK_CONTEXT)


def key_check_holds(keyring: Keyring, check: KeyCheck) -> bool:
    """Return whether the keyring's key of this id is the key that made the known text."""
    key = keyring.find(KeyUse(check.use), check.key_id)
    if key is None:
        return False
    if key.use is KeyUse.INDEX:
        return keyring.blind(CHECK_TEXT, CHECK_CONTEXT, key) == check.check_text
    try:
        return keyring.unseal(check.check_text, CHECK_CONTEXT) == CHECK_TEXT
    except InstallationError:
        return False


def keys_check() -> None:
    """Make sure that the keyring is the one that belongs to this database.

    Raises
    ------
    InstallationError
        If it is missing, lacks a key that is in use, or holds another key under the same id; says what to put back.
    """
    keyring = keyring_reread()
    for check in KeyCheck.objects.filter(retired_at=None):
        if key_check_holds(keyring, check):
            continue
        raise InstallationError(
            "keyring_wrong",
            _(
                "The keyring %(file)s does not belong to this database: its key %(key)s of %(day)s is missing or"
                " another. The data is not damaged. Put back the keyring that this database was used with, from the"
                " keys file of its backup, or name it with MADANG_KEYRING."
            )
            % {"file": keyring.path, "key": check.key_id, "day": check.created_at.date().isoformat()},
            {"file": str(keyring.path), "key": check.key_id},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A stored value that cannot be opened.

    Attributes
    ----------
    table, column : str
        Where it stands.
    row : str
        Primary key of its row.
    """

    table: str
    column: str
    row: str


def damaged_values(limit: int = 20) -> list[Damage]:
    """Open every sealed value and return the first that fail: bad data, once `keys_check` has passed.

    Notes
    -----
    About 2 microseconds a value besides the database's own time.
    """
    found: list[Damage] = []
    for table in sealed_tables():
        names = [_RAW + field.name for field in table.sealed]
        contexts = [field.context for field in table.sealed]
        for row in table.raw().values_list("pk", *names).iterator(chunk_size=2000):
            for context, token in zip(contexts, row[1:], strict=True):
                if token is not None and not _opens(token, context):
                    found.append(Damage(table=context[0], column=context[1], row=str(row[0])))
                    if len(found) >= limit:
                        return found
    return found


def _opens(token: str, context: Context) -> bool:
    try:
        unseal(token, context)
    except InstallationError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatus:
    """One key as `madang keys status` shows it: everything but the key."""

    id: str
    use: str
    state: str
    created: str
    retired: str | None
    values: int


def keys_status() -> list[KeyStatus]:
    """Return every key of the keyring, and any that values name but the keyring lacks, with the values each made."""
    keyring = keyring_reread()
    counts = keys_used()
    rows = [
        KeyStatus(
            id=key.id,
            use=key.use.value,
            state=key.state.value,
            created=key.created.isoformat(),
            retired=key.retired.isoformat() if key.retired else None,
            values=counts.pop(key.id, 0),
        )
        for use in KeyUse
        for key in keyring.of_use(use)
    ]
    lost = [
        KeyStatus(id=key_id, use="?", state="missing", created="", retired=None, values=number)
        for key_id, number in sorted(counts.items())
    ]
    return rows + lost
