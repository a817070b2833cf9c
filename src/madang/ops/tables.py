"""Every table of the installation: their rows in one order, digested, for backup and comparison."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder

from madang.numerics.digests import canonical_json


def all_models() -> list[type[models.Model]]:
    """Return every model with a table of its own, in order of table name."""
    found = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True) if _owns(model)}
    recorder = MigrationRecorder.Migration
    found[recorder._meta.db_table] = recorder
    return [found[name] for name in sorted(found)]


def _owns(model: type[models.Model]) -> bool:
    return model._meta.managed and not model._meta.proxy


def columns(model: type[models.Model]) -> list[str]:
    """Return the column names of a model's table."""
    return [field.column for field in model._meta.concrete_fields if field.column]


def select_rows(model: type[models.Model]) -> str:
    """Return the statement that reads a table's rows in order of its key."""
    quote = connection.ops.quote_name
    key = quote(str(model._meta.pk.column))
    names = ", ".join(quote(name) for name in columns(model))
    return f"SELECT {names} FROM {quote(model._meta.db_table)} ORDER BY {key}"  # noqa: S608  # own names


def _plain(value: object) -> object:
    """Return a database value as JSON, the same on SQLite and PostgreSQL where the types allow."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date | UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


def table_digest(rows: Iterator[tuple[Any, ...]]) -> tuple[int, str]:
    """Return the number and the digest of rows."""
    digest = hashlib.sha256()
    count = 0
    for row in rows:
        digest.update(canonical_json([_plain(value) for value in row]))
        count += 1
    return count, digest.hexdigest()


def database_digests(read: Callable[[str], Iterator[tuple[Any, ...]]]) -> dict[str, dict[str, Any]]:
    """Return rows and digest of every table, read through a function from statement to rows."""
    found = {}
    for model in all_models():
        count, digest = table_digest(read(select_rows(model)))
        found[model._meta.db_table] = {"rows": count, "sha256": digest}
    return found
