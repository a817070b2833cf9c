"""Reading a budget and writing the ledger, as files."""

import csv
import io
from pathlib import Path

import pytest

from madang.numerics.errors import InputError
from madang.yard.ledger.formats.ledger_csv import (
    BUDGET_COLUMNS,
    ENTRY_COLUMNS,
    budget_read,
    cell_text,
    csv_chunks,
    csv_write,
)

ENGLISH = """\
row,code,fund,place,year,level,programme,name,name_en,room,pledge,owner,origin,source,from,to,amount_won,date,memo
fund,SEO,,29140,2026,district,,서구 일반회계,Seo-gu general account,,,,,,,,,,
programme,P1,,,,,,주민참여예산,Participatory budget,autonomy,1,,,,,,,,
revenue,,SEO,,,,,,,,,,,local_tax,,,"7,000,000",2026-01-02,본예산
line,L1,SEO,2914010100,,,P1,그늘막,,,,교통과,agenda:12,,,,2000000,,
transfer,,,,,,,,,,,,,,SEO,YANG,300 원,,
"""
KOREAN = """\
구분,코드,회계,지역,회계연도,수준,사업,이름,영문이름,방,공약,담당,근거,재원,보내는 곳,받는 곳,금액,날짜,적요
회계,SEO,,29140,2026,구,,서구 일반회계,Seo-gu general account,,,,,,,,,,
사업,P1,,,,,,주민참여예산,Participatory budget,autonomy,1,,,,,,,,
세입,,SEO,,,,,,,,,,,지방세,,,"7,000,000원",2026-01-02,본예산
예산,L1,SEO,2914010100,,,P1,그늘막,,,,교통과,agenda:12,,,,2000000,,
이전,,,,,,,,,,,,,,SEO,YANG,300,,
"""


@pytest.mark.parametrize(
    "data",
    [
        ENGLISH.encode(),
        ENGLISH.encode("utf-8-sig"),
        ENGLISH.replace("\n", "\r\n").encode(),
        ENGLISH.encode("cp949"),
        KOREAN.encode("utf-8-sig"),
        KOREAN.encode("cp949"),
        ("\n,,\n" + ENGLISH + "\n ,\n").encode(),
    ],
    ids=["utf8", "bom", "crlf", "cp949", "korean", "korean-cp949", "blank-lines"],
)
def test_a_budget_is_read_however_a_spreadsheet_saved_it(data: bytes) -> None:
    budget = budget_read("b.csv", data)
    assert [row.row for row in budget.rows] == ["fund", "programme", "revenue", "line", "transfer"]
    fund, programme, revenue, line, transfer = budget.rows
    assert (fund.values["code"], fund.values["level"], fund.year) == ("SEO", "district", 2026)
    assert fund.values["name"] == "서구 일반회계"
    assert programme.values["room"] == "autonomy"
    assert (revenue.values["source"], revenue.amount_won) == ("local_tax", 7_000_000)
    assert revenue.date is not None
    assert revenue.date.isoformat() == "2026-01-02"
    assert (line.values["origin"], line.amount_won, line.date) == ("agenda:12", 2_000_000, None)
    assert (transfer.values["from"], transfer.values["to"], transfer.amount_won) == ("SEO", "YANG", 300)
    assert len(budget.digest) == 64


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("fund,SEO", "purse,SEO", 2, "row"),
        ("fund,SEO", "fund,", 2, "code"),
        ("fund,SEO", "fund,서구", 2, "code"),
        ("29140,2026,district", "29140,26,district", 2, "year"),
        ("29140,2026,district", "29140,,district", 2, "year"),
        ("29140,2026,district", "29140,2026,village", 2, "level"),
        ("local_tax", "lottery", 4, "source"),
        ('"7,000,000"', "-5", 4, "amount_won"),
        ('"7,000,000"', "1.5", 4, "amount_won"),
        ('"7,000,000"', "7.0E+06", 4, "amount_won"),
        ('"7,000,000"', "0", 4, "amount_won"),
        ('"7,000,000"', "", 4, "amount_won"),
        ('"7,000,000"', "9" * 16, 4, "amount_won"),
        ('"7,000,000"', "9" * 5000, 4, "amount_won"),
        ('"7,000,000"', "７００", 4, "amount_won"),
        ("2026-01-02", "2026.1.2", 4, "date"),
        ("2026-01-02", "2026-02-30", 4, "date"),
        ("2914010100,,,P1", "2914010100,,,", 5, "programme"),
        ("row,code", "row,colour", 1, "colour"),
        ("row,code,fund", "row,fund,fund", 1, "fund"),
        ("row,code", "row", 2, None),
        ("본예산\n", "본예산,too,many\n", 4, None),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_column(old: str, new: str, line: int, field: str | None) -> None:
    with pytest.raises(InputError) as refused:
        budget_read("b.csv", ENGLISH.replace(old, new, 1).encode())
    assert refused.value.at.file == "b.csv"
    assert refused.value.at.line == line
    if field is not None:
        assert refused.value.at.field == field
    assert refused.value.found
    assert refused.value.expected
    assert refused.value.mend


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b"row\n", b"\xff\xfe\x00\x81", b"PK\x03\x04\x00\x00", b'row\n"fund', b"code\nSEO\n", b"a" * 200_000],
)
def test_what_is_no_budget_is_refused_without_a_crash(data: bytes) -> None:
    with pytest.raises(InputError):
        budget_read("b.csv", data)


def test_what_a_spreadsheet_would_run_is_written_as_text_and_read_back() -> None:
    for text in ("=1+1", "+82", "-5 is text", "@x", "\tx"):
        assert cell_text(text) == "'" + text
    assert (cell_text(-5), cell_text(None), cell_text("a=b")) == ("-5", "", "a=b")
    memo = cell_text("=HYPERLINK(1)")
    row = ENGLISH.replace("본예산", memo)
    assert budget_read("b.csv", row.encode()).rows[2].values["memo"] == "=HYPERLINK(1)"


def test_chunks_are_one_csv_file() -> None:
    rows = [(number, f"말,{number}", None) for number in range(7)]
    chunks = list(csv_chunks(("a", "b", "c"), rows, size=3))
    assert len(chunks) == 3
    text = "".join(chunks)
    assert text.startswith("\ufeffa,b,c\r\n")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read[1:] == [[str(number), f"말,{number}", ""] for number in range(7)]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "e.csv"
    target.write_text("before")

    def failing() -> object:
        yield (1, 2)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        csv_write(target, ("a", "b"), failing())  # type: ignore[arg-type]
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["e.csv"]
    assert csv_write(target, ("a",), [(1,), (2,)]) == 2


def test_columns_are_documented() -> None:
    folder = next(parent for parent in Path(__file__).parents if (parent / "docs").is_dir())
    text = (folder / "docs/reference/ledger-csv.md").read_text(encoding="utf-8")
    assert [name for name in (*BUDGET_COLUMNS, *ENTRY_COLUMNS) if f"`{name}`" not in text] == []
