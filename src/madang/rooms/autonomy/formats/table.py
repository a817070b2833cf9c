"""Tables in comma-separated files: rows with their line numbers, and words that say how to mend what is wrong."""

import csv
import io
from collections.abc import Iterator, Sequence

from madang.numerics.errors import InputError, Place


def text_of(file: str, data: bytes) -> str:
    """Return the text of a file in UTF-8, with or without a byte-order mark.

    Raises
    ------
    InputError
        If the bytes are not UTF-8; says the line.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "csv_encoding",
            Place(file=file, line=data.count(b"\n", 0, error.start) + 1),
            found=f"the byte 0x{data[error.start]:02x}",
            expected="text in UTF-8",
            mend="Save the file as CSV UTF-8.",
        ) from error


class Table:
    """The rows of a comma-separated file.

    Parameters
    ----------
    file : str
        Name that errors say.
    data : bytes
        The file.

    Raises
    ------
    InputError
        If the file has no header, or one that names a column twice.
    """

    def __init__(self, file: str, data: bytes) -> None:
        self.file = file
        self._reader = csv.reader(io.StringIO(text_of(file, data), newline=""), strict=True)
        self.header: list[str] = []
        for row in self._read():
            self.header = [name.strip() for name in row]
            break
        if not self.header:
            raise self.wrong("csv_empty", None, None, found="an empty file", expected="a line with column names")
        seen: set[str] = set()
        for name in self.header:
            if name and name in seen:
                raise self.wrong("csv_column_twice", 1, name, found="the column twice", expected="each column once")
            seen.add(name)

    def columns(self, names: Sequence[str]) -> list[int]:
        """Return the places of columns that must be there."""
        for name in names:
            if name not in self.header:
                raise self.wrong(
                    "csv_column_missing",
                    1,
                    name,
                    found="the columns " + ", ".join(self.header[:8]) + (" ..." if len(self.header) > 8 else ""),
                    expected=f"a column {name!r}",
                )
        return [self.header.index(name) for name in names]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows below the header with the line on which each ends; empty lines are passed over."""
        width = len(self.header)
        for row in self._read():
            if len(row) != width:
                line = self._reader.line_num
                raise self.wrong(
                    "csv_width", line, None, found=f"{len(row)} fields", expected=f"{width}, as the header has"
                )
            yield self._reader.line_num, row

    def wrong(self, code: str, line: int | None, field: str | None, *, found: str, expected: str) -> InputError:
        """Return the error that says what stands in a place of this file and what should."""
        return InputError(
            code,
            Place(file=self.file, line=line, field=field),
            found=found,
            expected=expected,
            mend="Correct the file and read it again.",
        )

    def _read(self) -> Iterator[list[str]]:
        while True:
            try:
                row = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise self.wrong(
                    "csv_broken",
                    self._reader.line_num,
                    None,
                    found=f"a line that cannot be read ({error})",
                    expected="fields between commas, quotes in pairs",
                ) from error
            if row:
                yield row
