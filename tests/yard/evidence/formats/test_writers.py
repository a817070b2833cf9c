"""Writers of open data, without a database."""

import io
import json
from datetime import UTC, datetime, timedelta, timezone

import pyarrow.parquet as pq
import pytest

from madang.yard.evidence.formats.declaration import DATASETS, Dataset, Field, Kind
from madang.yard.evidence.formats.dictionary import PublishedFile, dictionary_html, dictionary_json
from madang.yard.evidence.formats.writers import WRITERS, write_csv, write_json, write_parquet

NOTES = Dataset(
    code="notes",
    title_ko="메모",
    title_en="Notes",
    about_ko="시험용",
    about_en="For a <test>",
    key=("id",),
    fields=(
        Field(name="id", kind=Kind.INTEGER, ko="번호", en="Number"),
        Field(name="text", kind=Kind.TEXT, ko="글", en="Text", nullable=True),
        Field(name="amount", kind=Kind.NUMBER, ko="양", en="Amount", unit="kWh", nullable=True),
        Field(name="done", kind=Kind.TRUTH, ko="됨", en="Done"),
        Field(name="at", kind=Kind.MOMENT, ko="때", en="When"),
    ),
)
AT = datetime(2026, 11, 23, 15, 5, tzinfo=timezone(timedelta(hours=9)))
ROWS = [
    (1, '한글, "quoted"', 12.0, True, AT),
    (2, None, 0.1 + 0.2, False, AT.astimezone(UTC)),
    (3, "=SUM(A1)", None, True, AT),
]


def test_csv_by_hand() -> None:
    file = io.BytesIO()
    assert write_csv(file, NOTES, ROWS) == 3
    assert file.getvalue().decode("utf-8-sig") == (
        "id,text,amount,done,at\r\n"
        '1,"한글, ""quoted""",12,true,2026-11-23T06:05:00Z\r\n'
        "2,,0.30000000000000004,false,2026-11-23T06:05:00Z\r\n"
        "3,'=SUM(A1),,true,2026-11-23T06:05:00Z\r\n"
    )


def test_json_by_hand() -> None:
    file = io.BytesIO()
    assert write_json(file, NOTES, ROWS) == 3
    body = json.loads(file.getvalue())
    assert body["dataset"] == "notes"
    assert body["rows"][1] == {
        "id": 2,
        "text": None,
        "amount": 0.30000000000000004,
        "done": False,
        "at": "2026-11-23T06:05:00Z",
    }
    assert body["rows"][2]["text"] == "=SUM(A1)"


def test_parquet_carries_types_and_meanings() -> None:
    file = io.BytesIO()
    assert write_parquet(file, NOTES, ROWS) == 3
    table = pq.read_table(io.BytesIO(file.getvalue()))
    assert [str(field.type) for field in table.schema] == [
        "int64", "string", "double", "bool", "timestamp[ms, tz=UTC]",
    ]  # fmt: skip
    assert table.schema.field("amount").metadata[b"unit"] == b"kWh"
    assert table.schema.metadata[b"dataset"] == b"notes"
    assert table.column("amount").to_pylist() == [12.0, 0.30000000000000004, None]


@pytest.mark.parametrize("media", list(WRITERS))
def test_the_same_rows_give_the_same_bytes_and_none_is_a_file_too(media: str) -> None:
    writer, _media_type = WRITERS[media]
    first, second, empty = io.BytesIO(), io.BytesIO(), io.BytesIO()
    writer(first, NOTES, ROWS)
    writer(second, NOTES, iter(ROWS))
    assert first.getvalue() == second.getvalue()
    assert writer(empty, NOTES, []) == 0
    assert empty.getvalue()


def test_many_rows_go_in_groups() -> None:
    file = io.BytesIO()
    rows = ((number, "x", 1.0, True, AT) for number in range(45_000))
    assert write_parquet(file, NOTES, rows) == 45_000
    assert pq.ParquetFile(io.BytesIO(file.getvalue())).num_row_groups == 3


def test_the_dictionary_escapes_what_it_says() -> None:
    files = [PublishedFile(dataset="notes", name="notes.csv", sha256="ab" * 32, size_bytes=9, rows=3)]
    page = dictionary_html(files, [NOTES]).decode()
    assert "For a &lt;test&gt;" in page
    assert "<test>" not in page
    body = json.loads(dictionary_json(files, [NOTES]))
    assert body["datasets"][0]["files"][0]["sha256"] == "ab" * 32


def test_every_field_is_explained_in_both_languages() -> None:
    for dataset in DATASETS.values():
        names = [field.name for field in dataset.fields]
        assert len(set(names)) == len(names)
        assert set(dataset.key) <= set(names)
        for field in dataset.fields:
            assert field.ko
            assert field.en
            assert field.ko != field.en
