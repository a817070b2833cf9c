"""The sections META and PROJECTS of a Pabulib file, as they stand there, with the line of each row."""

import csv
import io
from dataclasses import dataclass
from typing import NoReturn

from madang.numerics.errors import InputError, Place

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A section as it stands in the file.

    Attributes
    ----------
    columns : tuple of str
        The header.
    rows : tuple of tuple of str
        The cells.
    """

    columns: Row
    rows: tuple[Row, ...]


def missing(section: str, name: str, line: int) -> NoReturn:
    """Refuse a file that lacks a section."""
    raise InputError(
        "pabulib_section_missing",
        Place(file=name, line=line, field=section),
        found=f"no section {section}",
        expected="the sections META, PROJECTS and VOTES, in this order",
        mend="See that the file is complete; docs/reference/pabulib.md shows one.",
    )


class Head:
    """The sections META and PROJECTS while they are read: rows with the line on which each begins."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._columns: dict[str, tuple[int, Row]] = {}
        self._rows: dict[str, list[tuple[int, Row]]] = {}

    def read(self, text: str) -> None:
        """Read the text before the VOTES section."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
        section, line = "", 1
        try:
            for cells in reader:
                row, at, line = tuple(cells), line, reader.line_num + 1
                if not any(cell.strip() for cell in row):
                    continue
                title = row[0].strip().lower()
                if title in ("meta", "projects") and not any(row[1:]):
                    section = title
                    self._rows[section] = []
                elif not section:
                    missing("META", self._name, at)
                elif section not in self._columns:
                    self._columns[section] = (at, row)
                else:
                    self._rows[section].append((at, row))
        except csv.Error as error:
            raise InputError(
                "pabulib_cells",
                Place(file=self._name, line=reader.line_num),
                found=str(error),
                expected="cells between semicolons, quoted where they hold one",
                mend="Close the quotation mark.",
            ) from None
        for section in ("meta", "projects"):
            if section not in self._columns:
                missing(section.upper(), self._name, line)

    def table(self, section: str) -> Table:
        """Return a section as it stands."""
        return Table(columns=self._columns[section][1], rows=tuple(row for _, row in self._rows[section]))

    def numbered(self, section: str) -> list[tuple[int, Row]]:
        """Return the rows of a section with their lines."""
        if section == "meta":
            for line, row in self._rows[section]:
                if len(row) < 2:  # a key and a value
                    self.refuse("pabulib_meta_row", (line, row[0]), "a key without a value", "key;value")
        return self._rows[section]

    def header(self) -> tuple[int, list[str]]:
        """Return the header of PROJECTS with its line."""
        line, row = self._columns["projects"]
        return line, [cell.strip() for cell in row]

    def refuse(self, code: str, where: tuple[int, str], found: str, expected: str) -> NoReturn:
        """Refuse the file at a line and field."""
        line, field = where
        mend = "Correct this line."
        raise InputError(
            code, Place(file=self._name, line=line, field=field), found=found, expected=expected, mend=mend
        )
