"""Let the database itself keep a vote: what is frozen stays, what is in the box stays, and no row tells an order.

What holds afterwards, whoever writes and by whatever statement, on SQLite and on PostgreSQL:

* the box, its openings, the signatures on its heads, posted shares and the list of issued tokens only grow;
* a poll goes from draft to frozen to closed to opened and never back, and is not deleted once it is frozen;
* manifest, keys and header of a frozen poll, its projects and its trustees do not change; the result of an opened one
  neither;
* on SQLite the tables of issued tokens and of waiting ballots have no hidden row number, which would tell the order in
  which persons and ballots came.
"""

from django.db import migrations

from madang.yard.audit.append_only import forbid_changes

ONLY_GROW = {
    "autonomy_boxentry": "id",
    "autonomy_ballotopening": "entry_id",
    "autonomy_headsignature": "id",
    "autonomy_postedshare": "trustee_id",
    "autonomy_tokenissued": "id",
}
# SQLite's REPLACE deletes without any trigger: an insert looks for the row that it would replace, key by key.
UNIQUE = {
    "autonomy_boxentry": (
        "other.poll_id = NEW.poll_id AND other.seq = NEW.seq",
        "other.poll_id = NEW.poll_id AND other.receipt = NEW.receipt",
        "other.poll_id = NEW.poll_id AND other.voter = NEW.voter AND other.turn = NEW.turn",
    ),
    "autonomy_headsignature": ("other.trustee_id = NEW.trustee_id AND other.seq = NEW.seq",),
    "autonomy_tokenissued": ("other.poll_id = NEW.poll_id AND other.person_id = NEW.person_id",),
    "autonomy_poll": (
        "other.id = NEW.id", "other.code = NEW.code", "other.assembly_id = NEW.assembly_id",
    ),
}
NO_ROW_NUMBERS = ("autonomy_tokenissued", "autonomy_waitingballot")

FROZEN = (
    "id", "assembly_id", "code", "manifest", "manifest_hash", "threshold", "batch", "header", "frozen_at", "created_at",
)
OPENED = ("closing", "run_id", "closed_at", "opened_at")
STEPS = "(('draft', 'frozen'), ('frozen', 'closed'), ('closed', 'opened'))"
PARTS = ("autonomy_pollproject", "autonomy_trustee")


def _changed(columns, word):
    return " OR ".join(f"NEW.{column} {word} OLD.{column}" for column in columns)


def _fixed(row):
    return f"EXISTS (SELECT 1 FROM autonomy_poll p WHERE p.id = {row}.poll_id AND p.state <> 'draft')"


_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}

SQLITE = [
    f"""
CREATE TRIGGER autonomy_poll_frozen BEFORE UPDATE ON autonomy_poll
WHEN OLD.state <> 'draft' AND ({_changed(FROZEN, "IS NOT")})
BEGIN SELECT RAISE(ABORT, 'poll: what is frozen does not change'); END
""",
    f"""
CREATE TRIGGER autonomy_poll_opened BEFORE UPDATE ON autonomy_poll
WHEN OLD.state = 'opened' AND ({_changed(OPENED, "IS NOT")})
BEGIN SELECT RAISE(ABORT, 'poll: a result does not change'); END
""",
    f"""
CREATE TRIGGER autonomy_poll_onward BEFORE UPDATE ON autonomy_poll
WHEN NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (VALUES {STEPS[1:-1]})
BEGIN SELECT RAISE(ABORT, 'poll: states go one way'); END
""",
    """
CREATE TRIGGER autonomy_poll_no_delete BEFORE DELETE ON autonomy_poll WHEN OLD.state <> 'draft'
BEGIN SELECT RAISE(ABORT, 'poll: a frozen poll is not deleted'); END
""",
    *(
        f"""
CREATE TRIGGER {table}_fixed_{verb.lower()} BEFORE {verb} ON {table}
WHEN {" OR ".join(_fixed(row) for row in rows)}
BEGIN SELECT RAISE(ABORT, 'poll: projects and trustees of a frozen poll do not change'); END
"""
        for table in PARTS
        for verb, rows in _ROWS.items()
    ),
    *(
        f"""
CREATE TRIGGER {table}_stands BEFORE INSERT ON {table}
WHEN {" OR ".join(f"EXISTS (SELECT 1 FROM {table} other WHERE {rule})" for rule in rules)}
BEGIN SELECT RAISE(ABORT, '{table} only grows: this row stands already'); END
"""
        for table, rules in UNIQUE.items()
    ),
]

_REFUSE = "FOR EACH ROW {when} EXECUTE FUNCTION autonomy_poll_refuse()"
POSTGRES = [
    """
CREATE FUNCTION autonomy_poll_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'poll: % of % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = '23514', CONSTRAINT = TG_NAME; END
$$
""",
    f"""
CREATE FUNCTION autonomy_poll_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    IF {_fixed("OLD")} THEN
      RAISE EXCEPTION 'poll: projects and trustees of a frozen poll do not change'
      USING ERRCODE = '23514', CONSTRAINT = TG_NAME;
    END IF;
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF {_fixed("NEW")} THEN
    RAISE EXCEPTION 'poll: projects and trustees of a frozen poll do not change'
    USING ERRCODE = '23514', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$
""",
    "CREATE TRIGGER autonomy_poll_frozen BEFORE UPDATE ON autonomy_poll "
    + _REFUSE.format(when=f"WHEN (OLD.state <> 'draft' AND ({_changed(FROZEN, 'IS DISTINCT FROM')}))"),
    "CREATE TRIGGER autonomy_poll_opened BEFORE UPDATE ON autonomy_poll "
    + _REFUSE.format(when=f"WHEN (OLD.state = 'opened' AND ({_changed(OPENED, 'IS DISTINCT FROM')}))"),
    "CREATE TRIGGER autonomy_poll_onward BEFORE UPDATE ON autonomy_poll "
    + _REFUSE.format(when=f"WHEN (NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN {STEPS})"),
    "CREATE TRIGGER autonomy_poll_no_delete BEFORE DELETE ON autonomy_poll "
    + _REFUSE.format(when="WHEN (OLD.state <> 'draft')"),
    *(
        f"CREATE TRIGGER {table}_fixed_{verb.lower()} BEFORE {verb} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION autonomy_poll_fixed()"
        for table in PARTS
        for verb in _ROWS
    ),
]

_TRIGGERS = {
    "autonomy_poll": ("frozen", "opened", "onward", "no_delete"),
    **{table: tuple(f"fixed_{verb.lower()}" for verb in _ROWS) for table in PARTS},
}


def forward(_apps, editor):
    """Create the triggers of this database."""
    for statement in POSTGRES if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement, params=None)


def backward(_apps, editor):
    """Drop them."""
    postgres = editor.connection.vendor == "postgresql"
    for table, names in _TRIGGERS.items():
        for name in names:
            editor.execute(f"DROP TRIGGER {table}_{name}" + (f" ON {table}" if postgres else ""), params=None)
    if postgres:
        editor.execute("DROP FUNCTION autonomy_poll_fixed()", params=None)
        editor.execute("DROP FUNCTION autonomy_poll_refuse()", params=None)
    else:
        for table in UNIQUE:
            editor.execute(f"DROP TRIGGER {table}_stands", params=None)


def drop_row_numbers(_apps, editor):
    """Make the tables anew without row numbers; they are empty, since nothing has been voted on yet."""
    if editor.connection.vendor != "sqlite":
        return
    for table in NO_ROW_NUMBERS:
        with editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL ORDER BY type = 'index'", [table]
            )
            made, *indexes = [sql for (sql,) in cursor.fetchall()]
            cursor.execute(f"DROP TABLE {table}")
            cursor.execute(f"{made} WITHOUT ROWID")
            for index in indexes:
                cursor.execute(index)


class Migration(migrations.Migration):

    dependencies = [("autonomy", "0006_ballots")]

    operations = [
        migrations.RunPython(drop_row_numbers, migrations.RunPython.noop),
        *(migrations.RunPython(*forbid_changes(table, key)) for table, key in ONLY_GROW.items()),
        migrations.RunPython(forward, backward),
    ]
