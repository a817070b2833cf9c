"""Writing a dataset as CSV, JSON or Parquet: the same rows give the same bytes."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType
from typing import IO

from madang.yard.evidence.formats.declaration import LICENCE, LICENCE_URL, Dataset, Kind

Row = Sequence[object]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A spreadsheet runs a text that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_A_GROUP = 20_000


def write_csv(file: IO[bytes], dataset: Dataset, rows: Iterable[Row]) -> int:
    """Write RFC 4180 CSV in UTF-8 with a byte order mark (spreadsheets then read Korean); return the number of rows.

    Notes
    -----
    Whole numbers have no point, other numbers the shortest spelling that reads back the same, truth is `true` or
    `false`, what is empty is empty. Text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    kinds = [field.kind for field in dataset.fields]
    file.write(_BYTE_ORDER_MARK)
    count = -1
    for line in _lines([[field.name for field in dataset.fields]], _spelled(rows, kinds)):
        file.write(line)
        count += 1
    return count


def _lines(*parts: Iterable[Sequence[str]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for part in parts:
        for cells in part:
            writer.writerow(cells)
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()


def _spelled(rows: Iterable[Row], kinds: Sequence[Kind]) -> Iterator[list[str]]:
    for row in rows:
        yield [_cell(value, kind) for value, kind in zip(row, kinds, strict=True)]


def _cell(value: object, kind: Kind) -> str:
    if value is None:
        return ""
    if kind is Kind.NUMBER:
        number = float(str(value))
        return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
    if kind is Kind.TRUTH:
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _moment(value)
    text = str(value)
    return f"'{text}" if kind is Kind.TEXT and text.startswith(_FORMULA) else text


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def write_json(file: IO[bytes], dataset: Dataset, rows: Iterable[Row]) -> int:
    """Write one JSON object with the dataset's name, licence and rows, one row a line; return the number of rows."""
    head = {"dataset": dataset.code, "licence": LICENCE, "licence_url": LICENCE_URL, "key": list(dataset.key)}
    opening = json.dumps(head, ensure_ascii=False)[:-1]
    file.write(f'{opening}, "rows": ['.encode())
    names = [field.name for field in dataset.fields]
    count = 0
    for row in rows:
        values = dict(zip(names, (_json_value(value) for value in row), strict=True))
        text = json.dumps(values, ensure_ascii=False, allow_nan=False)
        file.write(f"{',' if count else ''}\n{text}".encode())
        count += 1
    file.write(b"\n]}\n")
    return count


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def write_parquet(file: IO[bytes], dataset: Dataset, rows: Iterable[Row]) -> int:
    """Write Parquet whose schema carries the data dictionary; return the number of rows.

    Notes
    -----
    The bytes depend on the version of pyarrow, which writes its own name into the file; the rows do not.
    """
    # Heavy; a web worker that only hands out files never loads it.
    import pyarrow as pa
    import pyarrow.parquet as pq

    types: Mapping[Kind, pa.DataType] = {
        Kind.TEXT: pa.string(),
        Kind.INTEGER: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.TRUTH: pa.bool_(),
        Kind.MOMENT: pa.timestamp("ms", tz="UTC"),
    }
    schema = pa.schema(
        [
            pa.field(
                field.name,
                types[field.kind],
                nullable=field.nullable,
                metadata={"ko": field.ko, "en": field.en, "unit": field.unit},
            )
            for field in dataset.fields
        ],
        metadata={"dataset": dataset.code, "licence": LICENCE, "licence_url": LICENCE_URL},
    )
    count = 0
    source = iter(rows)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(source, _ROWS_A_GROUP)):
            columns = [pa.array(column, type=field.type) for column, field in zip(_turned(group), schema, strict=True)]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            count += len(group)
    return count


def _turned(group: list[Row]) -> list[list[object]]:
    return [list(column) for column in zip(*group, strict=True)]


Writer = Callable[[IO[bytes], Dataset, Iterable[Row]], int]

# Each format with its media type.
WRITERS: Mapping[str, tuple[Writer, str]] = MappingProxyType(
    {
        "csv": (write_csv, "text/csv; charset=utf-8"),
        "json": (write_json, "application/json"),
        "parquet": (write_parquet, "application/vnd.apache.parquet"),
    }
)
