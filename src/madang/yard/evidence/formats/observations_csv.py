"""Reading observations from CSV."""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

from madang.numerics.errors import InputError, Place

REQUIRED = ("indicator", "place", "period", "value")
OPTIONAL = ("numerator", "denominator", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationLine:
    """One line of the file: where it stands, and what it says."""

    line: int
    indicator: str
    place: str
    period: str
    value: float
    numerator: float | None
    denominator: float | None
    status: str


def read_observations(data: bytes, *, file: str) -> list[ObservationLine]:
    """Read lines with the columns indicator, place, period and value; numerator, denominator and status are optional.

    Raises
    ------
    InputError
        Naming the line and field of the first fault.
    """
    rows = list(csv_rows(data, file=file))
    header = [name.strip() for name in rows[0][1]] if rows else []
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise InputError(
            "column_missing",
            Place(file=file, line=1, field=missing[0]),
            found=", ".join(header) or "an empty file",
            expected=", ".join((*REQUIRED, *OPTIONAL)),
            mend="Name the columns in the first line.",
        )
    return [_line(header, cells, file, at) for at, cells in rows[1:]]


def _line(header: list[str], cells: list[str], file: str, at: int) -> ObservationLine:
    if len(cells) > len(header):
        raise InputError(
            "cells_too_many",
            Place(file=file, line=at),
            found=f"{len(cells)} cells",
            expected=f"at most {len(header)}, one a column",
            mend="Remove the cells that have no column, or quote a text that holds a comma.",
        )
    row = dict(zip(header, cells, strict=False))
    return ObservationLine(
        line=at,
        indicator=_text(row, "indicator", file, at),
        place=_text(row, "place", file, at),
        period=_text(row, "period", file, at),
        value=_number(row, "value", file, at),
        numerator=_optional(row, "numerator", file, at),
        denominator=_optional(row, "denominator", file, at),
        status=(row.get("status") or "").strip() or "measured",
    )


def csv_rows(data: bytes, *, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a CSV file that are not empty, each with its number.

    Raises
    ------
    InputError
        If it is not text, or not CSV.
    """
    reader = csv.reader(io.StringIO(decoded(data, file=file), newline=""), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise InputError(
            "csv_unreadable",
            Place(file=file, line=reader.line_num),
            found=str(error),
            expected="comma-separated values",
            mend="Save the file as CSV (UTF-8) again.",
        ) from error


def decoded(data: bytes, *, file: str) -> str:
    """Return the text of a CSV file in UTF-8, or in the code page that Korean spreadsheets save.

    Raises
    ------
    InputError
        If it is neither.
    """
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        "encoding_unknown",
        Place(file=file),
        found="bytes that are neither UTF-8 nor CP949",
        expected="a CSV file in UTF-8",
        mend="Save the file as CSV (UTF-8).",
    )


def _text(row: dict[str, str], name: str, file: str, line: int) -> str:
    value = (row.get(name) or "").strip()
    if not value:
        raise InputError(
            "field_empty",
            Place(file=file, line=line, field=name),
            found="nothing",
            expected=f"a {name}",
            mend="Fill the field in.",
        )
    return value


def _number(row: dict[str, str], name: str, file: str, line: int) -> float:
    text = _text(row, name, file, line)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            "number_unreadable",
            Place(file=file, line=line, field=name),
            found=repr(text),
            expected="a number such as 12 or 0.5, without thousands separators",
            mend="Write the number plainly.",
        )
    return value


def _optional(row: dict[str, str], name: str, file: str, line: int) -> float | None:
    return _number(row, name, file, line) if (row.get(name) or "").strip() else None
