"""Reading and writing tables of counts as CSV: labels and margins optional."""

import csv
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.numerics.errors import InputError, Place
from madang.yard.evidence.formats.observations_csv import csv_rows

# What a margin is called, in small letters.
TOTALS = frozenset({"total", "sum", "all", "합계", "계", "총계", "소계", "전체"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFile:
    """A table as it was read, without its margins.

    Attributes
    ----------
    counts : ndarray of int64, shape (rows,) or (rows, columns)
        Inner cells [persons]; one dimension where the file has one column of counts.
    row_labels, column_labels : tuple of str
        Without the margins' own.
    corner : str
        What stands above the row labels.
    """

    counts: NDArray[np.int64]
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    corner: str


def read_counts(data: bytes, *, file: str, headings: bool | None = None) -> CountFile:
    r"""Read a table of counts.

    Parameters
    ----------
    data : bytes
        CSV. A first line and a first column that are not numbers are labels. A last row or column named total, sum, all
        or 합계 is a margin, and must be the sum of what stands before it.
    file : str
        Name of the file, for messages.
    headings : bool, optional
        Whether the first line holds headings; by default it does if a cell after its first is no number, or its first
        cell is empty.

    Raises
    ------
    InputError
        Naming the line and column of the first fault.

    Examples
    --------
    >>> read_counts("dong,0-64,65+\nYang,9,3\n".encode(), file="t.csv").counts.tolist()
    [[9, 3]]
    """
    lines = [(line, [cell.strip() for cell in row]) for line, row in csv_rows(data, file=file)]
    if not lines:
        raise _fault(file, 1, None, "an empty file", "a table of counts", "Put one count in each cell.")
    first = lines[0][1]
    if headings is None:
        headings = not first[0] or not all(_is_count(cell) for cell in first[1:] or first)
    head = lines.pop(0) if headings else None
    if not lines:
        raise _fault(file, 1, None, "only headings", "a table of counts", "Put counts below the headings.")
    labelled = not all(_is_count(row[0]) for _line, row in lines)
    width = len(lines[0][1])
    header = head[1] if head else [""] * labelled + [str(n + 1) for n in range(width - labelled)]
    if len(header) == width - 1 and labelled:
        header = ["", *header]
    columns = header[labelled:]
    counts = np.array([_row(row, header, labelled=labelled, at=(file, line)) for line, row in lines], dtype=np.int64)
    labels = [row[0] if labelled else str(n + 1) for n, (_line, row) in enumerate(lines)]
    counts, labels = _without_total_row(counts, labels, columns, [line for line, _row in lines], file)
    counts, columns = _without_total_column(counts, columns, [line for line, _row in lines], file)
    return CountFile(
        counts=counts[:, 0] if counts.shape[1] == 1 else counts,
        row_labels=tuple(labels),
        column_labels=tuple(columns),
        corner=header[0] if labelled else "",
    )


def _is_count(text: str) -> bool:
    return text.replace(",", "").isascii() and text.replace(",", "").isdigit()


def _row(row: list[str], header: list[str], *, labelled: bool, at: tuple[str, int]) -> list[int]:
    file, line = at
    if len(row) != len(header):
        raise _fault(file, line, None, f"{len(row)} cells", f"{len(header)} cells", "Give every row as many cells.")
    values = []
    for text, name in zip(row[labelled:], header[labelled:], strict=True):
        if not _is_count(text):
            raise _fault(
                file, line, name, repr(text), "a whole number of persons, 0 or more", "Put one count in each cell."
            )
        values.append(int(text.replace(",", "")))
    return values


def _without_total_row(
    counts: NDArray[np.int64], labels: list[str], columns: list[str], lines: list[int], file: str
) -> tuple[NDArray[np.int64], list[str]]:
    if len(labels) < 2 or labels[-1].lower() not in TOTALS:
        return counts, labels
    sums = counts[:-1].sum(axis=0)
    for name, stated, found in zip(columns, counts[-1].tolist(), sums.tolist(), strict=True):
        if stated != found:
            raise _unsummed(file, lines[-1], name, stated, found)
    return counts[:-1], labels[:-1]


def _without_total_column(
    counts: NDArray[np.int64], columns: list[str], lines: list[int], file: str
) -> tuple[NDArray[np.int64], list[str]]:
    if len(columns) < 2 or columns[-1].lower() not in TOTALS:
        return counts, columns
    for row, line in zip(counts, lines, strict=False):
        if row[-1] != row[:-1].sum():
            raise _unsummed(file, line, columns[-1], int(row[-1]), int(row[:-1].sum()))
    return counts[:, :-1], columns[:-1]


def _unsummed(file: str, line: int, name: str, stated: int, found: int) -> InputError:
    return _fault(
        file, line, name, f"a total of {stated}", f"{found}, the sum of its cells", "Correct the total or a cell."
    )


def _fault(file: str, line: int, field: str | None, found: str, expected: str, mend: str) -> InputError:
    return InputError(
        "counts_unreadable",
        Place(file=file, line=line, field=field),
        found=found,
        expected=expected,
        mend=mend,
    )


def write_counts(table: CountFile, cells: NDArray[np.float64], *, mark: str) -> str:
    """Return a guarded table with its margins as CSV, the mark standing in every withheld cell (NaN)."""
    grid = cells.reshape(-1, 1) if cells.ndim == 1 else cells
    many = cells.ndim > 1
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([table.corner, *table.column_labels, *(["total"] if many else [])])
    for label, row in zip((*table.row_labels, "total"), grid, strict=True):
        writer.writerow([label, *(mark if np.isnan(cell) else int(cell) for cell in row)])
    return buffer.getvalue()
