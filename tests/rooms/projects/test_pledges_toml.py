from datetime import date
from pathlib import Path

import pytest

import madang.rooms.projects
from madang.numerics.errors import InputError
from madang.rooms.projects.engine.pledge_tree import ROOMS, month_after
from madang.rooms.projects.formats.pledges_toml import pledges_read

FOLDER = Path(madang.rooms.projects.__file__).parent / "data" / "pledges"
FILES = sorted(FOLDER.glob("*.toml"))

SMALL = """
format = 1
district = "11440"
source_ko = "출처"
source_en = "source"

[term]
starts_on = 2026-07-01
months = 48

[[pledge]]
code = "care"
room = "care"
name_ko = "돌봄"
name_en = "Care"
promise_ko = "약속"
promise_en = "promise"

[[pledge.indicator]]
code = "care.days"
name_ko = "날"
name_en = "Days"
definition_ko = "뜻"
definition_en = "meaning"
source_ko = "출처"
source_en = "source"
unit = "days"
direction = "down"
baseline = { on = 2026-07-01, value = 14 }
targets = [{ month = 24, value = 5 }]
waits_for = ["consent"]

[[pledge.milestone]]
code = "desk"
name_ko = "창구"
name_en = "Desk"
due_month = 6
weight = 2

[[pledge.ask]]
code = "consent"
name_ko = "동의"
name_en = "Consent"
body_ko = "시"
body_en = "City"
asked_on = 2026-08-01

[pledge.funding]
plan = [{ month = 12, won = 1_000_000 }]
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_that_comes_along_is_sound(path: Path) -> None:
    tree = pledges_read(path.read_bytes(), path.name)
    assert [pledge.room for pledge in tree.pledges] == list(ROOMS)
    assert tree.district in {"*", path.stem}
    assert all(pledge.programmes for pledge in tree.pledges)
    assert all(any("가" <= letter <= "힣" for letter in pledge.name.ko) for pledge in tree.pledges)


def test_a_file_read_by_hand() -> None:
    tree = pledges_read(SMALL.encode(), "mapo.toml")
    (pledge,) = tree.pledges
    assert (tree.district, tree.starts_on, tree.months) == ("11440", date(2026, 7, 1), 48)
    assert pledge.indicators[0].baseline == (date(2026, 7, 1), 14.0)
    assert pledge.indicators[0].targets == ((date(2028, 7, 1), 5.0),)
    assert (pledge.milestones[0].due_on, pledge.milestones[0].weight) == (date(2027, 1, 1), 2.0)
    assert (pledge.asks[0].asked_on, pledge.asks[0].due_on) == (date(2026, 8, 1), None)
    assert pledge.funding.plan == ((date(2027, 7, 1), 1_000_000),)


def test_a_term_that_starts_elsewhere_moves_what_is_given_in_months() -> None:
    moved = pledges_read(
        SMALL.replace("on = 2026-07-01, value", "month = 0, value").encode(), "x", starts_on=date(2028, 1, 31)
    )
    assert moved.pledges[0].indicators[0].baseline[0] == date(2028, 1, 31)
    assert moved.pledges[0].milestones[0].due_on == date(2028, 7, 31)
    assert moved.pledges[0].asks[0].asked_on == date(2026, 8, 1)


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(SMALL.splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "header", "field"),
    [
        ('unit = "days"', 'units = "days"', "[[pledge.indicator]]", "pledge[0].indicator[0].unit"),
        ('unit = "days"', 'unit = "days"\nunits = "d"', "[[pledge.indicator]]", "pledge[0].indicator[0].units"),
        ("value = 14", "value = true", "[[pledge.indicator]]", "pledge[0].indicator[0].baseline.value"),
        ("value = 14", "value = nan", "[[pledge.indicator]]", "pledge[0].indicator[0].baseline.value"),
        ('direction = "down"', 'direction = "up"', "[[pledge.indicator]]", "pledge[0].indicator[0].direction"),
        ("month = 24", "month = -1", "[[pledge.indicator]]", "pledge[0].indicator[0].targets"),
        ('waits_for = ["consent"]', 'waits_for = ["other"]', "[[pledge]]", "pledge[0].ask"),
        ('waits_for = ["consent"]', "waits_for = [1]", "[[pledge.indicator]]", "pledge[0].indicator[0].waits_for"),
        ("due_month = 6", "", "[[pledge.milestone]]", "pledge[0].milestone[0].due_on"),
        ("weight = 2", "weight = 0", "[[pledge.milestone]]", "pledge[0].milestone[0].weight"),
        ("asked_on = 2026-08-01", "asked_on = 2026-08-01T10:00:00", "[[pledge.ask]]", "pledge[0].ask[0].asked_on"),
        ('room = "care"', 'room = "cure"', "[[pledge]]", "pledge[0].room"),
        ('code = "care"', 'code = "Care plan"', "[[pledge]]", "pledge[0].code"),
        ('name_ko = "돌봄"', 'name_ko = "  "', "[[pledge]]", "pledge[0].name_ko"),
        ("won = 1_000_000", "won = 0", "[pledge.funding]", "pledge[0].funding.plan"),
        ("months = 48", "months = 4.5", "[term]", "term.months"),
        ("format = 1", "format = 2", None, "format"),
        ('district = "11440"', "district = 11440", None, "district"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_line_and_field(old: str, new: str, header: str | None, field: str) -> None:
    with pytest.raises(InputError) as fault:
        pledges_read(SMALL.replace(old, new, 1).encode(), "mapo.toml")
    assert (fault.value.at.file, fault.value.at.field) == ("mapo.toml", field)
    assert fault.value.at.line == (line_of(header) if header else None)
    assert fault.value.mend


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "pledges_bad_field", None),
        (b"a = \n", "pledges_not_toml", 1),
        (SMALL.replace("[[pledge.ask]]", "[[pledge.ask]").encode(), "pledges_not_toml", line_of("[[pledge.ask]]")),
        ("\n# 서구".encode("cp949"), "pledges_not_utf8", 2),
        (b"#" * 1_000_001, "pledges_too_large", None),
        (SMALL.split("[[pledge]]")[0].encode(), "pledges_bad_field", None),
    ],
)
def test_what_is_no_pledge_file_is_refused(data: bytes, code: str, line: int | None) -> None:
    with pytest.raises(InputError) as fault:
        pledges_read(data, "x.toml")
    assert (fault.value.code, fault.value.at.line) == (code, line)


def test_a_code_that_stands_twice_is_refused() -> None:
    second = SMALL[SMALL.index("[[pledge]]") :].replace('code = "care"', 'code = "again"', 1)
    with pytest.raises(InputError, match=r"care\.days stands more than once"):
        pledges_read((SMALL + second).encode(), "x.toml")


@pytest.mark.parametrize(
    ("start", "months", "day"),
    [
        (date(2026, 7, 1), 48, date(2030, 7, 1)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 1, 31), -1, date(2025, 12, 31)),
        (date(2026, 12, 15), 0, date(2026, 12, 15)),
    ],
)
def test_months_after_a_day(start: date, months: int, day: date) -> None:
    assert month_after(start, months) == day
