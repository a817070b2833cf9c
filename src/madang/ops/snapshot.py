"""A consistent copy of the database while others write, and the way back."""

import io
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.core.management.color import no_style
from django.db import connection, transaction

from madang.ops.tables import all_models, columns, database_digests, select_rows

SQLITE_MEMBER = "madang.sqlite3"
_BLOCK = 1 << 16


class Snapshot(Protocol):
    """The database as it stood at one moment."""

    def digests(self) -> dict[str, dict[str, Any]]:
        """Return rows and digest of every table."""

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield (name in the archive, file) of what must be kept."""


class SqliteSnapshot:
    """A copy made by SQLite's own online backup, which sees one committed state whatever is written meanwhile."""

    def __init__(self, source: Path, folder: Path) -> None:
        self._copy = folder / SQLITE_MEMBER
        reader, writer = sqlite3.connect(f"file:{source}?mode=ro", uri=True), sqlite3.connect(self._copy)
        try:
            reader.backup(writer)
            writer.execute("PRAGMA journal_mode=DELETE")
        finally:
            reader.close()
            writer.close()

    def digests(self) -> dict[str, dict[str, Any]]:
        """Return rows and digest of every table of the copy."""
        return _sqlite_digests(self._copy)

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield the one database file."""
        yield SQLITE_MEMBER, self._copy


class PostgresSnapshot:
    """Every table copied out within one REPEATABLE READ transaction."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[str, dict[str, Any]] = {}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            self._digests = database_digests(_rows)
            for model in all_models():
                with self._file(model._meta.db_table).open("wb") as file:
                    statement = f"COPY ({select_rows(model)}) TO STDOUT (FORMAT binary)"
                    with cursor.connection.cursor().copy(statement) as copy:
                        for block in copy:
                            file.write(block)

    def _file(self, table: str) -> Path:
        return self._folder / f"{table}.copy"

    def digests(self) -> dict[str, dict[str, Any]]:
        """Return rows and digest of every table at that moment."""
        return self._digests

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield one file a table."""
        for model in all_models():
            table = model._meta.db_table
            yield f"tables/{table}.copy", self._file(table)


def _rows(statement: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        while block := cursor.fetchmany(2000):
            yield from block


def _sqlite_digests(path: Path) -> dict[str, dict[str, Any]]:
    # A plain connection: Django's own turns texts into moments by the columns' declared types.
    plain = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return database_digests(plain.execute)
    finally:
        plain.close()


def current_digests() -> dict[str, dict[str, Any]]:
    """Return rows and digest of every table of the open database."""
    if connection.vendor == "sqlite":
        return _sqlite_digests(Path(connection.settings_dict["NAME"]))
    return database_digests(_rows)


@contextmanager
def _guards_aside() -> Iterator[None]:
    """Switch this installation's own triggers off: what is put back was checked when it was first written."""
    tables = [connection.ops.quote_name(model._meta.db_table) for model in all_models()]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def postgres_restore(folder: Path) -> None:
    """Fill the empty tables of a freshly migrated PostgreSQL database from the files of a snapshot."""
    with transaction.atomic(), _guards_aside(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in all_models():
            table = connection.ops.quote_name(model._meta.db_table)
            names = ", ".join(connection.ops.quote_name(name) for name in columns(model))
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608  # own table names
            statement = f"COPY {table} ({names}) FROM STDIN (FORMAT binary)"
            with (folder / "tables" / f"{model._meta.db_table}.copy").open("rb") as file:
                _copy_in(cursor.connection.cursor(), statement, file)
        for statement in connection.ops.sequence_reset_sql(no_style(), all_models()):
            cursor.execute(statement)
        # The foreign keys that were put off are checked now, while the transaction can still be undone.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _copy_in(cursor: Any, statement: str, file: io.BufferedReader) -> None:  # noqa: ANN401  # a psycopg cursor
    with cursor.copy(statement) as copy:
        while block := file.read(_BLOCK):
            copy.write(block)
