"""The VOTES section of a Pabulib file: many lines, read fast, equal ballots merged as they come."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import NoReturn

import numpy as np

from madang.numerics.errors import InputError, Place
from madang.rooms.autonomy.engine.election import Ballots, BallotType

_ABSENT = ("", "none")
_POINTS = re.compile(r"[0-9]{1,9}(\.[0-9]{0,6})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteColumns:
    """Where the ballots stand.

    Attributes
    ----------
    name : str
        File name, for messages.
    columns : tuple of str
        Header of the section.
    type : BallotType
        How the ballots are to be read.
    line : int
        Line of the first ballot.
    """

    name: str
    columns: tuple[str, ...]
    type: BallotType
    line: int

    def index(self, column: str) -> int:
        """Return the place of a column.

        Raises
        ------
        InputError
            If it is not there.
        """
        names = [cell.strip() for cell in self.columns]
        if column not in names:
            raise InputError(
                "pabulib_column_missing",
                Place(file=self.name, line=self.line - 1, field=column),
                found=f"the columns {', '.join(names)}",
                expected=f"a column {column}",
                mend="Add the column to the section VOTES.",
            )
        return names.index(column)

    def refuse(self, code: str, where: tuple[int, str], found: str, expected: str) -> NoReturn:
        """Refuse the file at a line and field."""
        at = Place(file=self.name, line=where[0], field=where[1])
        raise InputError(code, at, found=found, expected=expected, mend="Correct this line.")


Key = tuple[str, str]


def ballots_read(text: str, columns: VoteColumns, index: Mapping[str, int]) -> tuple[Ballots, int]:
    """Return the ballots of the section and their number.

    Parameters
    ----------
    text : str
        The rows.
    columns : VoteColumns
        Where the ballots stand in them.
    index : Mapping
        Index of each project by identifier.

    Raises
    ------
    InputError
        If a row cannot be read, or names a project that does not exist.
    """
    vote = columns.index("vote")
    points = columns.index("points") if columns.type.has_points else None
    keys = _plain(text, len(columns.columns), vote, points) if '"' not in text else None
    if keys is None:
        keys = [key for _, key in _numbered(text, columns, vote, points)]
    merged: dict[tuple[tuple[int, ...], tuple[str, ...]], int] = {}
    ordered = columns.type is BallotType.ORDINAL
    try:
        for (names, given), count in Counter(keys).items():
            row = _ballot(names, given, index, ordered=ordered)
            merged[row] = merged.get(row, 0) + count
        ballots = _arrays(merged, columns.type)
    except (KeyError, ValueError):
        _explain(text, columns, index)
    return ballots, len(keys)


def _plain(text: str, width: int, vote: int, points: int | None) -> list[Key] | None:
    """Return vote and points of each row of a text without quotation marks; None where a row is odd."""
    lines = text.split("\n")
    last = max(vote, vote if points is None else points) + 1
    keys: list[Key] = []
    add = keys.append
    for line in lines:
        cells = line.split(";", last)
        if len(cells) < last or line.count(";") != width - 1:
            if line.strip():
                return None
            continue
        add((cells[vote].rstrip("\r"), "" if points is None else cells[points].rstrip("\r")))
    return keys


def _numbered(text: str, columns: VoteColumns, vote: int, points: int | None) -> list[tuple[int, Key]]:
    """Return the line, vote and points of each row, with quotation marks honoured."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    found, line, width = [], columns.line, len(columns.columns)
    try:
        for row in reader:
            at, line = line, columns.line + reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= vote or any(cell.strip() for cell in row[width:]):
                columns.refuse("pabulib_cell_count", (at, "vote"), f"{len(row)} cells", f"{width} cells")
            found.append((at, (row[vote], row[points] if points is not None and points < len(row) else "")))
    except csv.Error as error:
        columns.refuse("pabulib_cells", (line, "vote"), str(error), "cells between semicolons")
    return found


def _ballot(
    names: str, given: str, index: Mapping[str, int], *, ordered: bool
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return indices and points of one ballot.

    Raises
    ------
    KeyError
        If it names a project that does not exist.
    ValueError
        If points and projects are not equally many, or a project is named twice.
    """
    if names.strip().lower() in _ABSENT:
        return (), ()
    words = names.split(",")
    try:
        choices = [index[word] for word in words]
    except KeyError:
        choices = [index[word.strip()] for word in words if word.strip()]
    if given:
        pairs = sorted(zip(choices, given.split(","), strict=True))
        if len(set(choices)) != len(choices):
            raise ValueError(names)
        return tuple(choice for choice, _ in pairs), tuple(point.strip() for _, point in pairs)
    if ordered:
        return tuple(dict.fromkeys(choices)), ()
    choices.sort()
    return tuple(dict.fromkeys(choices)) if len(set(choices)) != len(choices) else tuple(choices), ()


def _arrays(merged: Mapping[tuple[tuple[int, ...], tuple[str, ...]], int], type_: BallotType) -> Ballots:
    lengths = np.fromiter((len(row) for row, _ in merged), dtype=np.int64, count=len(merged))
    starts = np.zeros(len(merged) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    choices = np.fromiter((choice for row, _ in merged for choice in row), dtype=np.int32, count=int(starts[-1]))
    counts = np.fromiter(merged.values(), dtype=np.int64, count=len(merged))
    if not type_.has_points:
        return Ballots(type=type_, counts=counts, starts=starts, choices=choices)
    points = [_points(point) for row, given in merged for point in _given(row, given)]
    unit = lcm(1, *(point.denominator for point in points))
    whole = np.array([int(point * unit) for point in points], dtype=np.int64)
    return Ballots(type=type_, counts=counts, starts=starts, choices=choices, points=whole, point_unit=unit)


def _given(row: Sequence[int], given: Sequence[str]) -> Sequence[str]:
    if len(row) != len(given):
        raise ValueError(given)
    return given


def _points(text: str) -> Fraction:
    if not _POINTS.fullmatch(text):
        raise ValueError(text)
    return Fraction(text)


def _explain(text: str, columns: VoteColumns, index: Mapping[str, int]) -> NoReturn:
    """Say which line made the reading fail."""
    points = columns.index("points") if columns.type.has_points else None
    for line, (names, given) in _numbered(text, columns, columns.index("vote"), points):
        words = [word.strip() for word in names.split(",") if word.strip()]
        unknown = [word for word in words if word not in index and names.strip().lower() not in _ABSENT]
        if unknown:
            known = f"one of the {len(index)} projects of the file"
            columns.refuse("pabulib_project_unknown", (line, "vote"), f"the project {unknown[0]!r}", known)
        if columns.type.has_points and words:
            _explain_points(words, given, columns, line)
    raise AssertionError("a ballot was refused for no reason that is known")


def _explain_points(words: Sequence[str], given: str, columns: VoteColumns, line: int) -> None:
    if len(set(words)) != len(words):
        columns.refuse("pabulib_vote_twice", (line, "vote"), "a project twice", "each project once")
    numbers = given.split(",") if given.strip() else []
    if len(numbers) != len(words):
        found = f"{len(numbers)} points for {len(words)} projects"
        columns.refuse("pabulib_points_count", (line, "points"), found, "as many points as projects")
    for number in numbers:
        try:
            _points(number.strip())
        except ValueError:
            columns.refuse("pabulib_number", (line, "points"), repr(number), "points that are not negative")
