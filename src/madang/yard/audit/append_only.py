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
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION madang_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23514'; END $$
"""
_POSTGRES = """
CREATE TRIGGER {table}_no_{verb_lower} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION madang_only_grows()
"""


def forbid_changes(table: str) -> tuple[_Step, _Step]:
    """Return the forward and backward step of a migration that makes a table append-only.

    Parameters
    ----------
    table : str
        Table name in lower case and underscores.

    Raises
    ------
    ValueError
        If the name holds anything else, since it becomes part of the statement.
    """
    if not _NAME.match(table):
        raise ValueError(f"not a table name: {table!r}")

    def forward(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        postgres = editor.connection.vendor == "postgresql"
        if postgres:
            editor.execute(_POSTGRES_FUNCTION, params=None)
        for verb in ("UPDATE", "DELETE"):
            template = _POSTGRES if postgres else _SQLITE
            editor.execute(template.format(table=table, verb=verb, verb_lower=verb.lower()), params=None)

    def backward(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        for verb in ("update", "delete"):
            editor.execute(f"DROP TRIGGER {table}_no_{verb}{on}", params=None)

    return forward, backward
