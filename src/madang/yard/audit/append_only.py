"""Tables that only grow: triggers that refuse UPDATE and DELETE, on SQLite and on PostgreSQL."""

import re
from collections.abc import Callable

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_Step = Callable[[Apps, BaseDatabaseSchemaEditor], None]
_NAME = re.compile(r"^[a-z_]+$")

_SQLITE = """
CREATE TRIGGER {table}_no_{verb_lower} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} only grows: {verb} refused'); END
"""
# REPLACE deletes the row it replaces without any trigger, so an insert looks for that row itself.
_SQLITE_REPLACE = """
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} other WHERE other.{key} = NEW.{key})
BEGIN SELECT RAISE(ABORT, '{table} only grows: REPLACE refused'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION madang_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23514'; END $$
"""
_POSTGRES = """
CREATE TRIGGER {table}_no_{verb_lower} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION madang_only_grows()
"""


def forbid_changes(table: str, key: str = "id") -> tuple[_Step, _Step]:
    """Return the forward and backward step of a migration that makes a table append-only.

    Parameters
    ----------
    table : str
        Table name in lower case and underscores.
    key : str
        Column of its primary key.

    Raises
    ------
    ValueError
        If a name holds anything else, since it becomes part of the statement.
    """
    if not _NAME.match(table) or not _NAME.match(key):
        raise ValueError(f"not the name of a table and its key: {table!r}, {key!r}")

    def forward(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        postgres = editor.connection.vendor == "postgresql"
        if postgres:
            editor.execute(_POSTGRES_FUNCTION, params=None)
        for verb in ("UPDATE", "DELETE"):
            template = _POSTGRES if postgres else _SQLITE
            editor.execute(template.format(table=table, verb=verb, verb_lower=verb.lower()), params=None)
        if not postgres:
            editor.execute(_SQLITE_REPLACE.format(table=table, key=key), params=None)

    def backward(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        postgres = editor.connection.vendor == "postgresql"
        on = f" ON {table}" if postgres else ""
        for verb in ("update", "delete") if postgres else ("update", "delete", "replace"):
            editor.execute(f"DROP TRIGGER {table}_no_{verb}{on}", params=None)

    return forward, backward
