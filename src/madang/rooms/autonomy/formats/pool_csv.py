"""Pools and quotas of a public lottery as comma-separated files."""

import csv
import io
from collections.abc import Iterable

from madang.numerics.errors import EngineInputError, InputError
from madang.rooms.autonomy.engine.sortition.pool import Pool, Problem, Quota
from madang.rooms.autonomy.formats.table import Table

LOT_NAMES = ("lot", "id")
# The first of each is what is written; the others are what other software of the field calls them.
QUOTA_COLUMNS = (("category", "feature"), ("value", "name"), ("min",), ("max",))


def pool_read(file: str, data: bytes) -> Pool:
    """Read a pool.

    Parameters
    ----------
    file : str
        Name that errors say.
    data : bytes
        The file: one line a person, a column `lot` (or `id`; else the first column) and a column for each category.
        Columns of which no quota speaks do not matter.

    Raises
    ------
    InputError
        With the line and field of a missing or repeated lot or an empty value.
    """
    table = Table(file, data)
    lot_column = next((table.header.index(name) for name in LOT_NAMES if name in table.header), 0)
    categories = tuple(name for place, name in enumerate(table.header) if place != lot_column)
    lots: dict[str, int] = {}
    values = []
    for line, row in table.rows():
        cells = [cell.strip() for cell in row]
        lot = cells.pop(lot_column)
        if not lot:
            raise table.wrong("lot_missing", line, table.header[lot_column], found="nothing", expected="a lot number")
        if lot in lots:
            raise table.wrong(
                "lot_twice",
                line,
                table.header[lot_column],
                found=f"{lot}, which line {lots[lot]} has",
                expected="each lot once",
            )
        for name, cell in zip(categories, cells, strict=True):
            if not cell:
                raise table.wrong("value_missing", line, name, found="nothing", expected="a value")
        lots[lot] = line
        values.append(tuple(cells))
    if not lots:
        raise table.wrong("pool_empty", None, None, found="no person", expected="one line a person")
    return Pool(lots=tuple(lots), categories=categories, values=tuple(values))


def quotas_read(file: str, data: bytes) -> tuple[Quota, ...]:
    """Read quotas.

    Parameters
    ----------
    file : str
        Name that errors say.
    data : bytes
        The file: one line a group with the columns category (or feature), value (or name), min and max. A file with
        nothing but its header sets no quota.

    Raises
    ------
    InputError
        With the line and field of what cannot be accepted.
    """
    table = Table(file, data)
    wanted = [next((name for name in names if name in table.header), names[0]) for names in QUOTA_COLUMNS]
    places = table.columns(wanted)
    quotas = []
    seen: dict[tuple[str, str], int] = {}
    for line, row in table.rows():
        category, value, least, most = (row[place].strip() for place in places)
        for name, cell in zip(wanted[:2], (category, value), strict=True):
            if not cell:
                raise table.wrong("quota_group", line, name, found="nothing", expected="the name of a group")
        if (category, value) in seen:
            other = seen[category, value]
            raise table.wrong(
                "quota_twice", line, wanted[1], found=f"{value} again, as on line {other}", expected="each group once"
            )
        seen[category, value] = line
        numbers = []
        for name, cell in zip(wanted[2:], (least, most), strict=True):
            if not (cell.isascii() and cell.isdigit() and len(cell) <= 6):
                expected = "a whole number of persons, 0 or more"
                raise table.wrong("quota_number", line, name, found=repr(cell), expected=expected)
            numbers.append(int(cell))
        if numbers[0] > numbers[1]:
            raise table.wrong(
                "quota_bounds", line, wanted[2], found=f"{numbers[0]} to {numbers[1]}", expected="min no more than max"
            )
        quotas.append(Quota(category=category, value=value, least=numbers[0], most=numbers[1]))
    return tuple(quotas)


def problem_of_files(pool: tuple[str, bytes], quotas: tuple[str, bytes], size: int) -> Problem:
    """Return the problem that two files state together.

    Parameters
    ----------
    pool, quotas : tuple of (str, bytes)
        Name and content of each file.
    size : int
        Members of the council [persons].

    Raises
    ------
    InputError
        Where one file is wrong in itself, or the two do not fit: a group of the pool without a quota, a quota of a
        category that the pool has not.
    EngineInputError
        With code `size_outside`.
    """
    persons = pool_read(*pool)
    limits = quotas_read(*quotas)
    try:
        return Problem(pool=persons, quotas=limits, size=size)
    except EngineInputError as error:
        if error.field != "quotas":
            raise
        raise _misfit(quotas, error) from error


def _misfit(quotas: tuple[str, bytes], error: EngineInputError) -> InputError:
    table = Table(*quotas)
    category, value = error.data["category"], error.data["value"]
    line = next((line for line, row in table.rows() if {category, value} <= {cell.strip() for cell in row}), None)
    return table.wrong(error.code, line, category, found=str(error), expected="a quota for each group of the pool")


def pool_written(problem: Problem) -> str:
    """Return the pool as CSV, by lot, with the categories that matter."""
    kinds = {lot: kind for kind, lots in zip(problem.types, problem.members, strict=True) for lot in lots}
    return _written([["lot", *problem.used], *([lot, *kinds[lot]] for lot in sorted(kinds))])


def quotas_written(problem: Problem) -> str:
    """Return the quotas as CSV."""
    rows = [[quota.category, quota.value, quota.least, quota.most] for quota in problem.quotas]
    return _written([[names[0] for names in QUOTA_COLUMNS], *rows])


def _written(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
