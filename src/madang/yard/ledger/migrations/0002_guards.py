"""Let the database itself keep the balances and refuse whatever would break the ledger.

What holds afterwards, whoever writes and by whatever statement, on SQLite and on PostgreSQL:

* an entry is never changed or deleted; a reversal is the exact mirror of the one entry it reverses;
* an entry moves won only between kinds of accounts that its own kind allows, within one fund unless it is a transfer,
  and within one line where it commits, releases or spends;
* an account's sums change by inserted entries and by nothing else, and begin at zero;
* an account that is guarded (all but outside sources) never goes below zero;
* what an account, a line or a fund *is* (code, kind, place, fund, year) never changes, and none is deleted.

SQLite needs more words than PostgreSQL in two respects. The statement's own conflict clause (`INSERT OR IGNORE`,
`OR FAIL`, `OR REPLACE`) replaces what the constraints inside a trigger would do, so every refusal is an explicit
RAISE(ABORT), which no clause overrides; and a REPLACE deletes rows without any trigger, so inserts look for the row that
they would replace. There is no trigger depth either: that an update of sums comes from an entry is shown by the account's
`last_entry`, which must be a newer entry of exactly that amount.
"""

from django.db import migrations

FROZEN = {
    "ledger_fund": ("id", "code", "level", "place", "fiscal_year"),
    "ledger_budgetline": ("id", "code", "fund_id", "place"),
    "ledger_account": ("id", "code", "kind", "place", "fund_id", "line_id", "source", "guarded"),
}
NEVER_DELETED = ("ledger_fund", "ledger_budgetline", "ledger_account", "ledger_entry")

# What a row must not have in common with one that stands already (SQLite only: see above).
UNIQUE = {
    "ledger_fund": ("other.id = NEW.id", "other.code = NEW.code"),
    "ledger_budgetline": ("other.id = NEW.id", "other.code = NEW.code"),
    "ledger_account": (
        "other.id = NEW.id",
        "other.code = NEW.code",
        "NEW.kind = 'pool' AND other.kind = 'pool' AND other.fund_id = NEW.fund_id",
        "NEW.kind = 'source' AND other.kind = 'source' AND other.fund_id = NEW.fund_id AND other.source = NEW.source",
        "NEW.kind IN ('available', 'spent') AND other.kind = NEW.kind AND other.line_id = NEW.line_id",
    ),
    "ledger_entry": ("other.id = NEW.id", "other.key = NEW.key", "other.reverses_id = NEW.reverses_id"),
}

# d is the debit account, c the credit account.
ALLOWED = """
   (NEW.kind = 'revenue' AND d.kind = 'source' AND c.kind = 'pool' AND d.fund_id = c.fund_id)
OR (NEW.kind = 'appropriation' AND d.kind = 'pool' AND c.kind = 'available' AND d.fund_id = c.fund_id)
OR (NEW.kind = 'commitment' AND d.kind = 'available' AND c.kind = 'committed' AND d.line_id = c.line_id)
OR (NEW.kind = 'release' AND d.kind = 'committed' AND c.kind = 'available' AND d.line_id = c.line_id)
OR (NEW.kind = 'expenditure' AND d.kind = 'committed' AND c.kind = 'spent' AND d.line_id = c.line_id)
OR (NEW.kind = 'transfer' AND d.kind = 'pool' AND c.kind = 'pool')
OR (NEW.kind = 'transfer' AND d.kind = 'available' AND c.kind = 'available')
OR (NEW.kind = 'transfer' AND d.kind = 'available' AND c.kind = 'pool' AND d.fund_id = c.fund_id)
"""
MIRROR = """
SELECT 1 FROM ledger_entry o
WHERE o.id = NEW.reverses_id AND o.kind <> 'reversal' AND o.debit_id = NEW.credit_id AND o.credit_id = NEW.debit_id
AND o.amount_won = NEW.amount_won AND o.date <= NEW.date
"""
# An account of a line stands in that line's fund and place, one without a line in its fund's place.
BELONGS = """
SELECT 1 FROM ledger_fund f LEFT JOIN ledger_budgetline l ON l.id = NEW.line_id
WHERE f.id = NEW.fund_id AND (
    (NEW.line_id IS NULL AND f.place = NEW.place)
    OR (NEW.line_id IS NOT NULL AND l.fund_id = f.id AND l.place = NEW.place)
)
"""

SQLITE = [
    f"""
CREATE TRIGGER ledger_entry_rules BEFORE INSERT ON ledger_entry BEGIN
  SELECT RAISE(ABORT, 'ledger: an amount is a whole number of won') WHERE typeof(NEW.amount_won) <> 'integer';
  SELECT RAISE(ABORT, 'ledger: this entry stands already')
   WHERE EXISTS (SELECT 1 FROM ledger_entry other WHERE {") OR EXISTS (SELECT 1 FROM ledger_entry other WHERE "
                 .join(UNIQUE["ledger_entry"])});
  SELECT RAISE(ABORT, 'ledger: a reversal mirrors one entry exactly')
   WHERE NEW.kind = 'reversal' AND NOT EXISTS ({MIRROR});
  SELECT RAISE(ABORT, 'ledger: this kind of entry does not go between these accounts')
   WHERE NEW.kind <> 'reversal' AND NOT EXISTS (
     SELECT 1 FROM ledger_account d, ledger_account c
     WHERE d.id = NEW.debit_id AND c.id = NEW.credit_id AND ({ALLOWED}));
  SELECT RAISE(ABORT, 'ledger: the account does not hold that much')
   WHERE EXISTS (SELECT 1 FROM ledger_account d WHERE d.id = NEW.debit_id AND d.guarded
                 AND d.credits_won - d.debits_won < NEW.amount_won);
END
""",
    """
CREATE TRIGGER ledger_entry_post AFTER INSERT ON ledger_entry BEGIN
  UPDATE ledger_account SET debits_won = debits_won + NEW.amount_won, last_entry = NEW.id WHERE id = NEW.debit_id;
  UPDATE ledger_account SET credits_won = credits_won + NEW.amount_won, last_entry = NEW.id WHERE id = NEW.credit_id;
  SELECT RAISE(ABORT, 'ledger: the entry could not be posted')
   WHERE (SELECT count(*) FROM ledger_account WHERE id IN (NEW.debit_id, NEW.credit_id) AND last_entry = NEW.id) <> 2;
END
""",
    """
CREATE TRIGGER ledger_account_by_entry BEFORE UPDATE ON ledger_account
WHEN NEW.debits_won IS NOT OLD.debits_won OR NEW.credits_won IS NOT OLD.credits_won
  OR NEW.last_entry IS NOT OLD.last_entry
BEGIN
  SELECT RAISE(ABORT, 'ledger: sums change by entries only')
   WHERE NEW.last_entry <= OLD.last_entry OR NOT EXISTS (
     SELECT 1 FROM ledger_entry e WHERE e.id = NEW.last_entry AND OLD.id IN (e.debit_id, e.credit_id)
     AND NEW.debits_won - OLD.debits_won = CASE WHEN e.debit_id = OLD.id THEN e.amount_won ELSE 0 END
     AND NEW.credits_won - OLD.credits_won = CASE WHEN e.credit_id = OLD.id THEN e.amount_won ELSE 0 END);
END
""",
    f"""
CREATE TRIGGER ledger_account_begins BEFORE INSERT ON ledger_account BEGIN
  SELECT RAISE(ABORT, 'ledger: an account begins at zero')
   WHERE NEW.debits_won <> 0 OR NEW.credits_won <> 0 OR NEW.last_entry <> 0;
  SELECT RAISE(ABORT, 'ledger: an account stands where its line and fund stand') WHERE NOT EXISTS ({BELONGS});
END
""",
    *(
        f"""
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} BEGIN
  SELECT RAISE(ABORT, 'ledger: this row stands already')
   WHERE {" OR ".join(f"EXISTS (SELECT 1 FROM {table} other WHERE {rule})" for rule in UNIQUE[table])};
END
"""
        for table in FROZEN
    ),
    *(
        f"""
CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table}
WHEN {" OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)}
BEGIN SELECT RAISE(ABORT, 'ledger: what this is does not change'); END
"""
        for table, columns in FROZEN.items()
    ),
    """
CREATE TRIGGER ledger_entry_frozen BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger: entries are not changed, only reversed'); END
""",
    *(
        f"""
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'ledger: nothing is deleted here'); END
"""
        for table in NEVER_DELETED
    ),
]

POSTGRES = [
    """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'ledger: % of % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = '23514', CONSTRAINT = TG_NAME; END
$$
""",
    f"""
CREATE FUNCTION ledger_entry_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Always in the order of their ids, so that two entries in opposite directions wait instead of blocking each other.
  PERFORM 1 FROM ledger_account WHERE id IN (NEW.debit_id, NEW.credit_id) ORDER BY id FOR NO KEY UPDATE;
  IF NEW.kind = 'reversal' THEN
    IF NOT EXISTS ({MIRROR}) THEN
      RAISE EXCEPTION 'ledger: a reversal mirrors one entry exactly'
      USING ERRCODE = '23514', CONSTRAINT = 'ledger_entry_mirror';
    END IF;
  ELSIF NOT EXISTS (
    SELECT 1 FROM ledger_account d, ledger_account c
    WHERE d.id = NEW.debit_id AND c.id = NEW.credit_id AND ({ALLOWED})
  ) THEN
    RAISE EXCEPTION 'ledger: this kind of entry does not go between these accounts'
    USING ERRCODE = '23514', CONSTRAINT = 'ledger_entry_accounts';
  END IF;
  UPDATE ledger_account SET debits_won = debits_won + NEW.amount_won, last_entry = GREATEST(last_entry, NEW.id)
   WHERE id = NEW.debit_id;
  UPDATE ledger_account SET credits_won = credits_won + NEW.amount_won, last_entry = GREATEST(last_entry, NEW.id)
   WHERE id = NEW.credit_id;
  RETURN NULL;
END $$
""",
    "CREATE TRIGGER ledger_entry_post AFTER INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_post()",
    # Depth 1 is a statement of someone's own, depth 2 the posting of an entry.
    """
CREATE TRIGGER ledger_account_by_entry BEFORE UPDATE ON ledger_account FOR EACH ROW
WHEN (pg_trigger_depth() < 1 AND (NEW.debits_won IS DISTINCT FROM OLD.debits_won
      OR NEW.credits_won IS DISTINCT FROM OLD.credits_won OR NEW.last_entry IS DISTINCT FROM OLD.last_entry))
EXECUTE FUNCTION ledger_refuse()
""",
    f"""
CREATE FUNCTION ledger_account_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.debits_won <> 0 OR NEW.credits_won <> 0 OR NEW.last_entry <> 0 THEN
    RAISE EXCEPTION 'ledger: an account begins at zero'
    USING ERRCODE = '23514', CONSTRAINT = 'ledger_account_begins';
  END IF;
  IF NOT EXISTS ({BELONGS}) THEN
    RAISE EXCEPTION 'ledger: an account stands where its line and fund stand'
    USING ERRCODE = '23514', CONSTRAINT = 'ledger_account_belongs';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER ledger_account_begins BEFORE INSERT ON ledger_account
FOR EACH ROW EXECUTE FUNCTION ledger_account_begins()
""",
    *(
        f"""
CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} FOR EACH ROW
WHEN ({" OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)})
EXECUTE FUNCTION ledger_refuse()
"""
        for table, columns in FROZEN.items()
    ),
    """
CREATE TRIGGER ledger_entry_frozen BEFORE UPDATE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_refuse()
""",
    *(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse()"
        for table in NEVER_DELETED
    ),
]

_TRIGGERS = {
    "ledger_entry": ("rules", "post", "frozen", "no_delete"),
    "ledger_account": ("by_entry", "begins", "no_replace", "frozen", "no_delete"),
    "ledger_budgetline": ("no_replace", "frozen", "no_delete"),
    "ledger_fund": ("no_replace", "frozen", "no_delete"),
}


def forward(_apps, editor):
    """Create the triggers of this database."""
    statements = POSTGRES if editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        editor.execute(statement, params=None)


def backward(_apps, editor):
    """Drop them."""
    postgres = editor.connection.vendor == "postgresql"
    for table, names in _TRIGGERS.items():
        for name in names:
            on = f" ON {table}" if postgres else ""
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}", params=None)
    if postgres:
        for function in ("ledger_entry_post", "ledger_account_begins", "ledger_refuse"):
            editor.execute(f"DROP FUNCTION {function}()", params=None)


class Migration(migrations.Migration):

    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(forward, backward)]
