"""The pledge file: a district's pledges, programmes, indicators, milestones, asks and money, as TOML.

The format is described in ``docs/reference/pledges-file.md``. A fault is named by file, line and field.
"""

import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from madang.numerics.errors import EngineInputError, InputError, Place
from madang.rooms.projects.engine.pledge_state import Funding, Indicator
from madang.rooms.projects.engine.pledge_tree import (
    ROOMS,
    AskEntry,
    IndicatorEntry,
    MilestoneEntry,
    PledgeEntry,
    PledgeTree,
    ProgrammeEntry,
    Words,
    month_after,
)

FORMAT = 1
DIRECTIONS = ("up", "down")
FREQUENCIES = ("month", "quarter", "year", "week", "day")
MOST_DECIMALS = 6
MAX_BYTES = 1_000_000

T = TypeVar("T")
_CODE = re.compile(r"^[a-z0-9][a-z0-9._-]{0,39}$")
_SYNTAX = re.compile(r"\(at line (\d+), column (\d+)\)")
_HEADER = re.compile(r"^\s*\[\[?\s*([a-z_.]+)\s*\]\]?", re.IGNORECASE)


def pledges_read(data: bytes, name: str, *, starts_on: date | None = None) -> PledgeTree:
    """Read a pledge file.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for messages.
    starts_on : date, optional
        First day of the term in place of the file's own; the file's `month` points move with it.

    Raises
    ------
    InputError
        Where it is not a pledge file; says line, field, what was found and how to mend it.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            "pledges_too_large", Place(file=name), found=f"{len(data)} bytes", expected=f"at most {MAX_BYTES}",
            mend="Give a pledge file.",
        )  # fmt: skip
    text = _decoded(data, name)
    root = _Table(file=name, path="", line=None, values=_parsed(text, name))
    lines = _Lines(text)
    if root.whole("format") != FORMAT:
        raise root.fault("format", f"{root.values['format']}", f"{FORMAT}", "Write the file for this format.")
    term = root.table("term", lines)
    start = starts_on or term.day("starts_on", None)
    reader = _Reader(start=start, lines=lines)
    pledges = tuple(reader.pledge(table) for table in root.tables("pledge", lines))
    if not pledges:
        raise root.fault("pledge", "no pledge", "at least one [[pledge]]", "Add a [[pledge]] table.")
    tree = _checked(
        root,
        "pledge",
        lambda: PledgeTree(
            district=root.text("district"),
            source=root.words("source"),
            starts_on=start,
            months=term.whole("months"),
            pledges=pledges,
        ),
    )
    term.finish("starts_on")
    root.finish()
    return tree


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            "pledges_not_utf8", Place(file=name, line=line), found=f"byte {data[error.start]:#04x}",
            expected="UTF-8 text", mend="Save the file as UTF-8.",
        ) from error  # fmt: skip


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _SYNTAX.search(str(error))
        line = int(at.group(1)) if at else text.count("\n") + 1
        what = _SYNTAX.sub("", str(error)).strip()
        raise InputError(
            "pledges_not_toml", Place(file=name, line=line), found=what or "a syntax error", expected="TOML",
            mend="Correct the line; strings stand in double quotes.",
        ) from error  # fmt: skip


class _Lines:
    """On which line the n-th table of a name inside the m-th pledge begins."""

    def __init__(self, text: str) -> None:
        self._at: dict[str, int] = {}
        counts: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            header = _HEADER.match(line)
            if header is None:
                continue
            name = header.group(1)
            if name == "pledge":
                counts = {"pledge": counts.get("pledge", -1) + 1}
                key = f"pledge[{counts['pledge']}]"
            elif name.startswith("pledge."):
                counts[name] = counts.get(name, -1) + 1
                key = f"pledge[{counts.get('pledge', 0)}].{name.partition('.')[2]}[{counts[name]}]"
            else:
                key = name
            self._at.setdefault(key, number)
            self._at.setdefault(key.removesuffix("[0]"), number)

    def of(self, path: str) -> int | None:
        """Return the line, None for what does not stand under a header of its own."""
        return self._at.get(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """One table of the file, which knows where it stands; every key that is read is crossed off."""

    file: str
    path: str
    line: int | None
    values: dict[str, Any]
    used: set[str] = field(default_factory=set, init=False)

    def fault(self, key: str, found: str, expected: str, mend: str) -> InputError:
        """Return the error that a key of this table is wrong."""
        at = Place(file=self.file, line=self.line, field=f"{self.path}.{key}" if self.path else key)
        return InputError("pledges_bad_field", at, found=found, expected=expected, mend=mend)

    def finish(self, *also: str) -> None:
        """Refuse keys that nobody read: a misspelt key must not be passed over."""
        if unknown := sorted(set(self.values) - self.used - set(also)):
            raise self.fault(unknown[0], "an unknown key", "a key of the format", "Correct or remove it.")

    def get(self, key: str, kind: type[T] | tuple[type[T], ...], expected: str, default: T | None = None) -> T:
        """Return a value of a kind, or the default where one is given and the key is absent."""
        self.used.add(key)
        if key not in self.values:
            if default is not None:
                return default
            raise self.fault(key, "nothing", expected, f"Add `{key}`.")
        value = self.values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fault(key, f"{value!r}", expected, "Correct the value.")
        return value

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.get(key, str, "text").strip()
        if not value:
            raise self.fault(key, "an empty text", "text", "Write the text.")
        return value

    def code(self, key: str = "code") -> str:
        """Return a code: small letters, digits, dots, hyphens."""
        value = self.text(key)
        if not _CODE.match(value):
            expected = "up to 40 small letters, digits, '.', '-', '_'"
            raise self.fault(key, f"{value!r}", expected, "Choose another code.")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return one of some words."""
        value = self.text(key)
        if value not in choices:
            raise self.fault(key, f"{value!r}", f"one of {', '.join(choices)}", "Choose one of these.")
        return value

    def words(self, key: str) -> Words:
        """Return a text in both languages."""
        return Words(ko=self.text(f"{key}_ko"), en=self.text(f"{key}_en"))

    def whole(self, key: str) -> int:
        """Return a whole number."""
        return self.get(key, int, "a whole number")

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number."""
        value = float(self.get(key, (int, float), "a number", default))
        if not math.isfinite(value):
            raise self.fault(key, f"{value}", "a finite number", "Correct the value.")
        return value

    def day(self, key: str, start: date | None, *, month: str = "month") -> date:
        """Return a day: a date under the key, or so many months after the term's start under `month`."""
        if start is not None and key not in self.values and month in self.values:
            self.used.add(month)
            return month_after(start, self.whole(month))
        value = self.get(key, date, "a date such as 2026-12-31")
        if isinstance(value, datetime):
            raise self.fault(key, f"{value}", "a date without a time", "Leave the time out.")
        return value

    def day_or_none(self, key: str, start: date, *, month: str) -> date | None:
        """Return a day as :meth:`day` does, or None where neither key stands."""
        return self.day(key, start, month=month) if key in self.values or month in self.values else None

    def codes(self, key: str) -> tuple[str, ...]:
        """Return a list of codes, empty where the key is absent."""
        values = self.get(key, list, "a list of codes", [])
        if any(not isinstance(value, str) for value in values):
            raise self.fault(key, f"{values!r}", "a list of codes", "Put each code in double quotes.")
        return tuple(values)

    def table(self, key: str, lines: _Lines) -> "_Table":
        """Return a table inside this one."""
        path = f"{self.path}.{key}" if self.path else key
        values = self.get(key, dict, f"a table [{key}]")
        return _Table(file=self.file, path=path, line=lines.of(path) or self.line, values=values)

    def tables(self, key: str, lines: _Lines) -> Iterator["_Table"]:
        """Yield the tables of a list inside this one, none where the key is absent."""
        rows = self.get(key, list, f"a list of [[{key}]] tables", [])
        for index, values in enumerate(rows):
            path = f"{self.path}.{key}[{index}]" if self.path else f"{key}[{index}]"
            if not isinstance(values, Mapping):
                raise self.fault(key, f"{values!r}", f"a [[{key}]] table", "Write it as a table.")
            yield _Table(file=self.file, path=path, line=lines.of(path) or self.line, values=dict(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads the tables of a pledge, which name days by date or by months from the term's start."""

    start: date
    lines: _Lines

    def pledge(self, table: _Table) -> PledgeEntry:
        entry = PledgeEntry(
            code=table.code(),
            room=table.choice("room", ROOMS),
            name=table.words("name"),
            promise=table.words("promise"),
            programmes=self._all(table, "programme", self._programme),
            indicators=self._all(table, "indicator", self._indicator),
            milestones=self._all(table, "milestone", self._milestone),
            asks=self._all(table, "ask", self._ask),
            funding=self._funding(table),
        )
        if not entry.indicators and not entry.milestones:
            raise table.fault("indicator", "nothing to judge it by", "an indicator or a milestone", "Add one.")
        known = {ask.code for ask in entry.asks}
        subjects: tuple[IndicatorEntry | MilestoneEntry, ...] = (*entry.indicators, *entry.milestones)
        for subject in subjects:
            if missing := sorted(set(subject.waits_for) - known):
                raise table.fault("ask", f"no ask {missing[0]!r}", f"the ask that {subject.code} waits for", "Add it.")
        table.finish()
        return entry

    def _all(self, table: _Table, key: str, read: Callable[[_Table], T]) -> tuple[T, ...]:
        entries = []
        for row in table.tables(key, self.lines):
            entries.append(read(row))
            row.finish()
        return tuple(entries)

    def _programme(self, row: _Table) -> ProgrammeEntry:
        return ProgrammeEntry(code=row.code(), name=row.words("name"), summary=row.words("summary"))

    def _indicator(self, row: _Table) -> IndicatorEntry:
        entry = IndicatorEntry(
            code=row.code(),
            name=row.words("name"),
            definition=row.words("definition"),
            source=row.words("source"),
            unit=row.text("unit"),
            direction=row.choice("direction", DIRECTIONS),
            frequency=row.choice("frequency", FREQUENCIES) if "frequency" in row.values else FREQUENCIES[0],
            decimals=_decimals(row),
            baseline=self._point(row.table("baseline", self.lines)),
            targets=tuple(self._point(point) for point in row.tables("targets", self.lines)),
            weight=row.number("weight", 1.0),
            waits_for=row.codes("waits_for"),
        )
        path = _checked(
            row,
            "targets",
            lambda: Indicator(
                code=entry.code, baseline=entry.baseline, targets=entry.targets, weight=entry.weight
            ),
        )  # fmt: skip
        rises = path.targets[-1][1] > path.baseline[1]
        if rises != (entry.direction == "up"):
            mend = "Correct the direction or the targets."
            raise row.fault("direction", entry.direction, "up" if rises else "down", mend)
        return entry

    def _point(self, table: _Table) -> tuple[date, float]:
        point = (table.day("on", self.start), table.number("value"))
        table.finish()
        return point

    def _milestone(self, row: _Table) -> MilestoneEntry:
        weight = row.number("weight", 1.0)
        if weight <= 0:
            raise row.fault("weight", f"{weight}", "a positive number", "Correct the value.")
        return MilestoneEntry(
            code=row.code(),
            name=row.words("name"),
            due_on=row.day("due_on", self.start, month="due_month"),
            weight=weight,
            waits_for=row.codes("waits_for"),
        )

    def _ask(self, row: _Table) -> AskEntry:
        return AskEntry(
            code=row.code(),
            name=row.words("name"),
            body=row.words("body"),
            asked_on=row.day_or_none("asked_on", self.start, month="asked_month"),
            due_on=row.day_or_none("due_on", self.start, month="due_month"),
            answered_on=row.day_or_none("answered_on", self.start, month="answered_month"),
        )

    def _funding(self, table: _Table) -> Funding:
        table.used.add("funding")
        if "funding" not in table.values:
            return Funding()
        money = table.table("funding", self.lines)
        plan = []
        for point in money.tables("plan", self.lines):
            plan.append((point.day("by", self.start), point.whole("won")))
            point.finish()
        weight = money.number("weight", 1.0)
        money.finish()
        return _checked(money, "plan", lambda: Funding(plan=tuple(plan), weight=weight))


def _decimals(row: _Table) -> int:
    decimals = row.whole("decimals") if "decimals" in row.values else 1
    if not 0 <= decimals <= MOST_DECIMALS:
        raise row.fault("decimals", f"{decimals}", f"0 to {MOST_DECIMALS}", "Correct the value.")
    return decimals


def _checked(table: _Table, key: str, build: Callable[[], T]) -> T:
    try:
        return build()
    except EngineInputError as error:
        raise table.fault(key, str(error), "a tree that can be judged", "Correct it.") from error
