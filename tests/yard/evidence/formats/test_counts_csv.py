"""Tables of counts as CSV."""

import numpy as np
import pytest

from madang.numerics.errors import InputError
from madang.yard.evidence.formats.counts_csv import read_counts, write_counts


@pytest.mark.parametrize(
    "text",
    [
        "dong,young,old\nYang,3,9\nNongseong,20,1\n",
        "dong,young,old,total\nYang,3,9,12\nNongseong,20,1,21\ntotal,23,10,33\n",
        "동,young,old,합계\nYang,3,9,12\nNongseong,20,1,21\n합계,23,10,33\n",
        "dong,young,old\nYang,3,9\nNongseong,20,1\nTotal,23,10\n",
        "\ufeffdong,young,old\r\nYang,3,9\r\n\r\nNongseong,20,1\r\n",
        ",young,old\nYang,3,9\nNongseong,20,1\n",
    ],
)
def test_labels_and_margins_are_told_from_counts(text: str) -> None:
    table = read_counts(text.encode(), file="t.csv")
    assert table.counts.tolist() == [[3, 9], [20, 1]]
    assert table.row_labels == ("Yang", "Nongseong")
    assert table.column_labels == ("young", "old")


def test_bare_numbers_are_counts() -> None:
    table = read_counts(b"3,9\n20,1\n", file="t.csv")
    assert table.counts.tolist() == [[3, 9], [20, 1]]
    assert table.row_labels == ("1", "2")
    assert table.column_labels == ("1", "2")


def test_headings_that_are_numbers_are_named_by_the_caller() -> None:
    data = b"dong,1,2\nYang,3,9\n"
    assert read_counts(data, file="t.csv").counts.tolist() == [[1, 2], [3, 9]]
    assert read_counts(data, file="t.csv", headings=True).counts.tolist() == [[3, 9]]


def test_one_column_is_a_line() -> None:
    table = read_counts(b"dong,cases\nYang,3\nNongseong,20\ntotal,23\n", file="t.csv")
    assert table.counts.tolist() == [3, 20]


def test_korean_spreadsheets_are_read() -> None:
    table = read_counts("동,환자\n양동,3\n농성동,1200\n".encode("cp949"), file="t.csv")
    assert table.row_labels == ("양동", "농성동")
    assert table.counts.tolist() == [3, 1200]


def test_thousands_separators_are_read() -> None:
    assert read_counts(b'dong,cases\nYang,"1,200"\n', file="t.csv").counts.tolist() == [1200]


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("dong,young,old\nYang,3,few\n", 2, "old"),
        ("dong,young,old\nYang,3,-1\n", 2, "old"),
        ("dong,young,old\nYang,3,1.5\n", 2, "old"),
        ("dong,young,old\nYang,3,\n", 2, "old"),
        ("dong,young,old\nYang,3\n", 2, None),
        ("dong,young,old\nYang,3,9\nNongseong,20,1\ntotal,23,11\n", 4, "old"),
        ("dong,young,old,total\nYang,3,9,13\n", 2, "total"),
        ("", 1, None),
        ("dong,young\n", 1, None),
    ],
)
def test_a_fault_is_named_with_its_line_and_column(text: str, line: int, field: str | None) -> None:
    with pytest.raises(InputError) as caught:
        read_counts(text.encode(), file="t.csv")
    assert (caught.value.at.file, caught.value.at.line, caught.value.at.field) == ("t.csv", line, field)
    assert caught.value.mend


def test_other_encodings_are_refused() -> None:
    with pytest.raises(InputError, match="UTF-8"):
        read_counts(b"\xff\xfe\x00", file="t.csv")


def test_a_guarded_table_is_written_with_its_margins() -> None:
    table = read_counts(b"dong,young,old\nYang,3,9\nNongseong,20,1\n", file="t.csv")
    cells = np.array([[np.nan, 9, 12], [20, np.nan, 21], [23, 10, 33]])
    text = write_counts(table, cells, mark="*")
    assert text == "dong,young,old,total\nYang,*,9,12\nNongseong,20,*,21\ntotal,23,10,33\n"
    line = read_counts(b"dong,cases\nYang,3\nNongseong,20\n", file="t.csv")
    assert write_counts(line, np.array([np.nan, np.nan, 23]), mark="-") == "dong,cases\nYang,-\nNongseong,-\ntotal,23\n"
