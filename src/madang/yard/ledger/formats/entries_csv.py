"""Reading the published entries back, so that anyone can compute the balances again."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from madang.numerics.errors import InputError, Place
from madang.yard.ledger.engine.replay import ACCOUNT_KINDS, ENTRY_KINDS
from madang.yard.ledger.formats.ledger_csv import ENTRY_COLUMNS


def entries_read(file: str, data: bytes) -> dict[str, list[list[Any]]]:
    """Read a file of all entries into what `engine.replay.recompute` takes.

    Parameters
    ----------
    file : str
        Name by which errors call it.
    data : bytes
        Its content: the columns of `ENTRY_COLUMNS`, entries in any order.

    Raises
    ------
    InputError
        With the line and column of the first thing that cannot be accepted.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _fault(file, None, None, "bytes that are not UTF-8 text", "a CSV file as it was exported") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in ENTRY_COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise _fault(file, 1, missing[0], "no such column", "the columns of an export of entries")
    rows = sorted((_Row(file, reader.line_num, values) for values in reader), key=lambda row: row.id)
    accounts: dict[str, list[Any]] = {}
    at = {row.id: index for index, row in enumerate(rows)}
    entries = []
    for row in rows:
        sides = [row.account("debit"), row.account("credit")]
        for account in sides:
            standing = accounts.setdefault(account[0], account)
            if standing != account:
                raise _fault(file, row.line, "debit", repr(account), f"{standing!r}, as in other rows")
        undone = row.number("reverses") if row.values["reverses"] else None
        if undone is not None and at.get(undone, len(rows)) >= at[row.id]:
            raise _fault(file, row.line, "reverses", str(undone), "the id of an earlier entry in this file")
        places = [account[0] for account in sides]
        entries.append([row.id, row.kind, row.number("amount_won"), *places, None if undone is None else at[undone]])
    order = {code: index for index, code in enumerate(sorted(accounts))}
    for entry in entries:
        entry[3], entry[4] = order[entry[3]], order[entry[4]]
    return {"accounts": [accounts[code] for code in sorted(accounts)], "entries": entries}


class _Row:
    """One row, its values checked as they are asked for."""

    def __init__(self, file: str, line: int, values: Mapping[str, str]) -> None:
        self.file, self.line, self.values = file, line, values
        self.id = self.number("id")
        self.kind = self.choice("kind", ENTRY_KINDS)

    def number(self, column: str) -> int:
        text = self.values[column] or ""
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise _fault(self.file, self.line, column, repr(text), "a whole number")
        return int(text)

    def choice(self, column: str, allowed: tuple[str, ...]) -> str:
        text = self.values[column]
        if text not in allowed:
            raise _fault(self.file, self.line, column, repr(text), "one of " + ", ".join(allowed))
        return text

    def account(self, side: str) -> list[Any]:
        kind = self.choice(f"{side}_kind", ACCOUNT_KINDS)
        return [self.values[side], kind, self.values[f"{side}_fund"], self.values[f"{side}_line"] or None]


def _fault(file: str, line: int | None, field: str | None, found: str, expected: str) -> InputError:
    at = Place(file=file, line=line, field=field)
    return InputError("entries_file_not_valid", at, found=found, expected=expected, mend="Export the file again.")
