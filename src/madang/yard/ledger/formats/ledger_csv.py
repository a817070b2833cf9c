"""The ledger as CSV: a budget to read in, and entries, lines and balances to hand out.

Files are UTF-8 with a byte order mark, so that a spreadsheet shows Korean; a budget may also come as CP949, as Korean
spreadsheets save by default. A text cell that a spreadsheet would take for a formula is written with an apostrophe in
front, which reading takes off again. `docs/reference/ledger-csv.md` describes every column.
"""

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from madang.numerics.errors import InputError, Place

ENTRY_COLUMNS = (
    "id", "journal", "date", "kind", "amount_won", "debit", "debit_kind", "debit_fund", "debit_line",
    "credit", "credit_kind", "credit_fund", "credit_line", "place", "memo", "reverses", "entered_at", "role",
)  # fmt: skip
LINE_COLUMNS = (
    "code", "year", "place", "fund", "programme", "title", "owner", "origin",
    "appropriated_won", "available_won", "committed_won", "spent_won",
)  # fmt: skip
BALANCE_COLUMNS = ("account", "kind", "fund", "line", "place", "title", "debits_won", "credits_won", "balance_won")

BUDGET_COLUMNS = (
    "row", "code", "fund", "place", "year", "level", "programme", "name", "name_en", "room", "pledge",
    "owner", "origin", "source", "from", "to", "amount_won", "date", "memo",
)  # fmt: skip
_KOREAN_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "구분": "row", "코드": "code", "회계": "fund", "지역": "place", "회계연도": "year", "수준": "level",
        "사업": "programme", "이름": "name", "영문이름": "name_en", "방": "room", "공약": "pledge", "담당": "owner",
        "근거": "origin", "재원": "source", "보내는곳": "from", "받는곳": "to", "금액": "amount_won", "날짜": "date",
        "적요": "memo",
    }
)  # fmt: skip
_KOREAN_ROWS: Mapping[str, str] = MappingProxyType(
    {"회계": "fund", "사업": "programme", "세입": "revenue", "예산": "line", "이전": "transfer"}
)
# What each kind of row must have; every other column may be empty.
_NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "fund": ("code", "place", "year", "level", "name"),
        "programme": ("code", "name"),
        "revenue": ("fund", "source", "amount_won"),
        "line": ("code", "fund", "place", "programme", "name"),
        "transfer": ("from", "to", "amount_won"),
    }
)
_KOREAN_LEVELS: Mapping[str, str] = MappingProxyType(
    {"국가": "national", "광역": "metropolitan", "구": "district", "동": "dong", "기부": "donation"}
)
_KOREAN_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "지방세": "local_tax", "세외수입": "non_tax", "지방교부세": "shared_tax", "조정교부금": "adjustment_grant",
        "국고보조금": "national_subsidy", "시도비보조금": "metropolitan_subsidy", "기부금": "donation",
        "이월금": "carried_over", "기타": "other",
    }
)  # fmt: skip
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_ROWS = 200_000
_MOST_WON = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """One row of a budget file, its words in the terms of the code.

    Attributes
    ----------
    line : int
        Line of the file, counted from 1.
    row : str
        "fund", "programme", "revenue", "line" or "transfer".
    values : mapping of str to str
        The text of every other column, empty where there is none.
    amount_won : int
        Amount [won]; 0 where the row has none.
    year : int
        Fiscal year; 0 where the row has none.
    date : date or None
        The day; None where the row has none.
    """

    line: int
    row: str
    values: Mapping[str, str]
    amount_won: int
    year: int
    date: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFile:
    """A budget file that could be read: its name, the SHA-256 of its bytes, and its rows."""

    file: str
    digest: str
    rows: tuple[BudgetRow, ...]


def budget_read(file: str, data: bytes) -> BudgetFile:
    """Read a budget from the bytes of a CSV file.

    Parameters
    ----------
    file : str
        Name by which errors call it.
    data : bytes
        Its content.

    Raises
    ------
    InputError
        With the line and column of the first thing that cannot be accepted.
    """
    reader = csv.reader(io.StringIO(_decoded(file, data), newline=""), strict=True)
    rows: list[BudgetRow] = []
    columns: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _header(file, reader.line_num, cells)
                continue
            if len(rows) == _MOST_ROWS:
                raise _fault(file, reader.line_num, None, "one row more", f"at most {_MOST_ROWS:,}", "Split the file.")
            rows.append(_row(file, reader.line_num, columns, cells))
    except csv.Error as error:
        mend = "Save the file again as CSV from a spreadsheet."
        raise _fault(file, reader.line_num, None, f"text that is not CSV ({error})", "CSV", mend) from error
    if not rows:
        mend = "See docs/how-to/import-a-budget.md for an example."
        raise _fault(file, None, None, "no rows", "a header line and at least one row", mend)
    return BudgetFile(file=file, digest=hashlib.sha256(data).hexdigest(), rows=tuple(rows))


def csv_chunks(columns: Sequence[str], rows: Iterable[Sequence[object]], size: int = 500) -> Iterator[str]:
    """Write rows as CSV, some hundred rows at a time, the byte order mark and the header first.

    Parameters
    ----------
    columns : sequence of str
        The header.
    rows : iterable of sequences
        Values in the header's order; None becomes an empty cell.
    size : int
        Rows a chunk.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell_text(value) for value in row])
        if number % size == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def csv_write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write rows to a CSV file, whole or not at all, and return how many they were."""
    count = 0

    def counted() -> Iterator[Sequence[object]]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_chunks(columns, counted()))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def cell_text(value: object) -> str:
    """Return a value as the text of a cell that no spreadsheet takes for a formula.

    Examples
    --------
    >>> cell_text("=1+1"), cell_text(-5), cell_text(None)
    ("'=1+1", '-5', '')
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return str(value)


def _decoded(file: str, data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    mend = "Save it from the spreadsheet as 'CSV UTF-8'."
    raise _fault(file, None, None, "bytes that are neither UTF-8 nor CP949 text", "a CSV file", mend)


def _header(file: str, line: int, cells: Sequence[str]) -> list[str]:
    columns = [_KOREAN_COLUMNS.get(name, name) for name in (cell.strip().replace(" ", "") for cell in cells)]
    for name, cell in zip(columns, cells, strict=True):
        if name not in BUDGET_COLUMNS:
            mend = "Correct or remove the column."
            raise _fault(file, line, cell, f"the column {cell!r}", "one of " + ", ".join(BUDGET_COLUMNS), mend)
        if columns.count(name) > 1:
            raise _fault(file, line, cell, f"the column {cell!r} twice", "each column once", "Remove one of them.")
    if "row" not in columns:
        mend = "Add a column that says what each row is: " + ", ".join(_NEEDED)
        raise _fault(file, line, "row", "no column 'row'", "a column 'row' (구분)", mend + ".")
    return columns


def _row(file: str, line: int, columns: Sequence[str], cells: Sequence[str]) -> BudgetRow:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        mend = "A comma inside a text needs quotation marks around the text."
        raise _fault(file, line, None, f"{len(cells)} cells", f"{len(columns)}, as in the header", mend)
    values = dict.fromkeys(BUDGET_COLUMNS, "")
    for name, cell in zip(columns, cells, strict=False):
        text = " ".join(cell.split())
        values[name] = text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
    kind = _KOREAN_ROWS.get(values["row"], values["row"])
    if kind not in _NEEDED:
        mend = "Correct the cell, or remove the row."
        raise _fault(file, line, "row", repr(values["row"]), "one of " + ", ".join(_NEEDED), mend)
    for name in _NEEDED[kind]:
        if not values[name]:
            raise _fault(file, line, name, "nothing", f"a value, since the row is a {kind}", "Fill the cell.")
    for name in ("code", "fund", "programme", "from", "to"):
        if values[name] and not _CODE.fullmatch(values[name]):
            expected = "Latin letters, digits, dots, dashes and underscores, at most 40 of them"
            raise _fault(file, line, name, repr(values[name]), expected, "Write the code, not the name.")
    values["level"] = _choice(file, line, "level", values["level"], _KOREAN_LEVELS)
    values["source"] = _choice(file, line, "source", values["source"], _KOREAN_SOURCES)
    return BudgetRow(
        line=line,
        row=kind,
        values=MappingProxyType(values),
        amount_won=_amount(file, line, values["amount_won"]),
        year=_year(file, line, values["year"]),
        date=_date(file, line, values["date"]),
    )


def _choice(file: str, line: int, name: str, text: str, korean: Mapping[str, str]) -> str:
    value = korean.get(text, text)
    if value and value not in korean.values():
        expected = "one of " + ", ".join(f"{code} ({word})" for word, code in korean.items())
        raise _fault(file, line, name, repr(text), expected, "Choose one of them.")
    return value


def _amount(file: str, line: int, text: str) -> int:
    if not text:
        return 0
    digits = text.removesuffix("원").replace(",", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and int(digits[:17]) > 0 and len(digits) < 17):
        mend = "Write the amount in won without a decimal point; commas between thousands may stand."
        raise _fault(file, line, "amount_won", repr(text), "a whole number of won above zero", mend)
    if int(digits) > _MOST_WON:
        raise _fault(file, line, "amount_won", repr(text), f"at most {_MOST_WON:,} won", "Check the number of zeros.")
    return int(digits)


def _year(file: str, line: int, text: str) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"(19|20|21)\d\d", text):
        raise _fault(file, line, "year", repr(text), "a fiscal year of four digits", "Write it as 2026.")
    return int(text)


def _date(file: str, line: int, text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        mend = "In a spreadsheet choose the date format year-month-day."
        raise _fault(file, line, "date", repr(text), "a date as 2026-11-23", mend) from None


def _fault(file: str, line: int | None, field: str | None, found: str, expected: str, mend: str) -> InputError:
    at = Place(file=file, line=line, field=field)
    return InputError("budget_file_not_valid", at, found=found, expected=expected, mend=mend)
