"""The exports of Polis: votes as a list or as a table of participants, and the statements.

References
----------
Computational Democracy Project, open data: https://github.com/compdemocracy/openData
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.rooms.autonomy.engine.opinion.votes import Votes, votes_gathered
from madang.rooms.autonomy.formats.table import Table

_VALUES = {"1": 1, "0": 0, "-1": -1}
_LIST = ("comment-id", "voter-id", "vote")
_MATRIX = "participant"
_GROUP = "group-id"
_TIME = "timestamp"
_OUT = "-1"
_COMMA, _NEWLINE, _MINUS, _ZERO, _ONE, _QUOTE, _RETURN = (ord(each) for each in ',\n-01"\r')


@dataclass(frozen=True, slots=True, kw_only=True)
class PolisExport:
    """A conversation as Polis exports it.

    Attributes
    ----------
    votes : Votes
        Last votes.
    groups : dict of str to int
        Group that Polis gave a participant; empty where the file does not say.
    cast : int
        Votes in the file, those that were changed later included.
    """

    votes: Votes
    groups: dict[str, int]
    cast: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of a conversation.

    Attributes
    ----------
    text : str
        What it says.
    moderated : bool
        Whether moderators took it out.
    """

    text: str
    moderated: bool


def statements_read(file: str, data: bytes) -> dict[str, Statement]:
    """Read `comments.csv`: the statements by id.

    Parameters
    ----------
    file : str
        Name that errors say.
    data : bytes
        The file; needs `comment-id`, takes `moderated` (-1 is out) and `comment-body`.

    Raises
    ------
    InputError
        With the line and field of what cannot be accepted.
    """
    table = Table(file, data)
    (identifier,) = table.columns(["comment-id"])
    moderated = table.header.index("moderated") if "moderated" in table.header else None
    body = table.header.index("comment-body") if "comment-body" in table.header else None
    found: dict[str, Statement] = {}
    for line, row in table.rows():
        key = row[identifier].strip()
        if not key:
            raise table.wrong("polis_id", line, "comment-id", found="nothing", expected="the id of a statement")
        if key in found:
            raise table.wrong("polis_twice", line, "comment-id", found=f"{key} again", expected="each statement once")
        state = row[moderated].strip() if moderated is not None else ""
        if state not in {"", "-1", "0", "1"}:
            raise table.wrong("polis_moderated", line, "moderated", found=repr(state), expected="-1, 0 or 1")
        found[key] = Statement(text=row[body] if body is not None else "", moderated=state == _OUT)
    return found


def export_read(file: str, data: bytes, statements: dict[str, Statement] | None = None) -> PolisExport:
    """Read `votes.csv` or `participants-votes.csv`, whichever it is.

    Parameters
    ----------
    file : str
        Name that errors say.
    data : bytes
        The file. A list of votes needs `comment-id`, `voter-id` and `vote`, and takes `timestamp`: the last vote by
        time, and by place in the file where times tie, is the one that counts. A table of participants needs
        `participant`, takes `group-id`, and has one column a statement, named by its id.
    statements : dict, optional
        From :func:`statements_read`.

    Raises
    ------
    InputError
        With the line and field of what cannot be accepted.
    """
    moderated = {key: statement.moderated for key, statement in (statements or {}).items()}
    table = Table(file, data)
    if _MATRIX in table.header:
        return _matrix(table, data, moderated)
    return _list(table, moderated)


def _list(table: Table, moderated: dict[str, bool]) -> PolisExport:
    statement, person, vote = table.columns(_LIST)
    time = table.header.index(_TIME) if _TIME in table.header else None
    people: list[str] = []
    topics: list[str] = []
    values: list[int] = []
    times: list[int] = []
    for line, row in table.rows():
        value = _VALUES.get(row[vote])
        if value is None or not row[person] or not row[statement]:
            raise _bad_vote(table, line, row)
        people.append(row[person])
        topics.append(row[statement])
        values.append(value)
        if time is not None:
            times.append(_whole(table, line, row[time]))
    if times and any(later < earlier for earlier, later in itertools.pairwise(times)):
        order = sorted(range(len(times)), key=times.__getitem__)
        people, topics = [people[at] for at in order], [topics[at] for at in order]
        values = [values[at] for at in order]
    return PolisExport(votes=votes_gathered(people, topics, values, moderated), groups={}, cast=len(values))


def _whole(table: Table, line: int, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise table.wrong(
            "polis_time", line, _TIME, found=repr(text), expected="a whole number of milliseconds"
        ) from None


def _bad_vote(table: Table, line: int, row: Sequence[str]) -> Exception:
    for name in ("voter-id", "comment-id"):
        if not row[table.header.index(name)]:
            return table.wrong("polis_id", line, name, found="nothing", expected="an id")
    found = row[table.header.index("vote")]
    return table.wrong("polis_vote", line, "vote", found=repr(found), expected="1 (agree), -1 (disagree) or 0 (pass)")


def _matrix(table: Table, data: bytes, moderated: dict[str, bool]) -> PolisExport:
    known = {_MATRIX, _GROUP, "n-comments", "n-votes", "n-agree", "n-disagree", "xid"}
    columns = [at for at, name in enumerate(table.header) if name and name not in known]
    person = table.header.index(_MATRIX)
    group = table.header.index(_GROUP) if _GROUP in table.header else None
    cells = _cells(data, len(table.header), columns)
    people: list[str] = []
    seen: set[str] = set()
    groups: dict[str, int] = {}
    rows: list[NDArray[np.int64]] = []
    places: list[NDArray[np.int64]] = []
    values: list[NDArray[np.int64]] = []
    for line, row in table.rows() if cells is None else _heads(data, max(person, group or 0) + 1):
        name = row[person].strip()
        if not name:
            raise table.wrong("polis_id", line, _MATRIX, found="nothing", expected="the id of a participant")
        if name in seen:
            raise table.wrong("polis_twice", line, _MATRIX, found=f"{name} again", expected="each participant once")
        seen.add(name)
        if group is not None and row[group].strip():
            groups[name] = _group(table, line, row[group])
        if cells is None:
            place, value = _votes_in(table, line, row, columns)
            rows.append(np.full(place.size, len(people)))
            places.append(place)
            values.append(value)
        people.append(name)
    row_of, place_of, value_of = cells if cells is not None else _joined(rows, places, values)
    topics = [table.header[at] for at in columns]
    votes = _ordered((people, row_of), (topics, place_of), value_of, moderated)
    return PolisExport(votes=votes, groups=groups, cast=int(value_of.size))


def _joined(*lists: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    one, two, three = (np.concatenate([*each, np.zeros(0, dtype=np.int64)]) for each in lists)
    return one, two, three


def _group(table: Table, line: int, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise table.wrong("polis_group", line, _GROUP, found=repr(text), expected="a whole number or nothing") from None


def _votes_in(
    table: Table, line: int, row: Sequence[str], columns: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    places, values = [], []
    for place, at in enumerate(columns):
        cell = row[at].strip()
        if cell:
            value = _VALUES.get(cell)
            if value is None:
                raise table.wrong(
                    "polis_vote",
                    line,
                    table.header[at],
                    found=repr(cell),
                    expected="1 (agree), -1 (disagree), 0 (pass) or nothing",
                )
            places.append(place)
            values.append(value)
    return np.array(places, dtype=np.int64), np.array(values, dtype=np.int64)


def _cells(
    data: bytes, width: int, columns: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None:
    """Return the votes of a plain table (row, place, value), or None where it must be read with care.

    A plain one has no quotes, the same number of commas on each line, and nothing but -1, 0, 1 or nothing in the cells
    of statements. It is found by looking at all bytes at once, which is twenty times faster than row by row.
    """
    raw = np.frombuffer(
        data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n", dtype=np.uint8
    )
    if np.any((raw == _QUOTE) | (raw == _RETURN)):
        return None
    ends = np.flatnonzero((raw == _COMMA) | (raw == _NEWLINE))
    lines = np.flatnonzero(raw[ends] == _NEWLINE)
    if ends.size != width * lines.size or np.any(lines != np.arange(width - 1, ends.size, width)):
        return None
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1] + 1])
    chosen = (np.arange(1, lines.size)[:, None] * width + np.array(columns, dtype=np.int64)[None, :]).ravel()
    starts, size = starts[chosen], (ends - starts)[chosen]
    filled = np.flatnonzero(size > 0)
    starts, size = starts[filled], size[filled]
    last = raw[starts + size - 1]
    plain = ((size == 1) & ((last == _ONE) | (last == _ZERO))) | (
        (size == 2) & (raw[starts] == _MINUS) & (last == _ONE)
    )
    if not plain.all():
        return None
    value = np.where(size == 2, -1, last.astype(np.int64) - _ZERO)
    return filled // max(1, len(columns)), filled % max(1, len(columns)), value


def _heads(data: bytes, cells: int) -> list[tuple[int, list[str]]]:
    """Return the first cells of each line of a plain table."""
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    return [(at, [cell.decode() for cell in row.split(b",", cells)]) for at, row in enumerate(lines[1:], start=2)]


def _ordered(
    people: tuple[list[str], NDArray[np.int64]],
    topics: tuple[list[str], NDArray[np.int64]],
    value: NDArray[np.int64],
    moderated: dict[str, bool],
) -> Votes:
    """Return votes whose people and statements stand in natural order, given each in the order of the file."""
    names, row = people
    titles, place = topics
    empty = votes_gathered([], [], [], {**dict.fromkeys(names, False)}).statements
    listed = votes_gathered([], [], [], {**dict.fromkeys(titles, False), **moderated})
    to_row = {name: at for at, name in enumerate(empty)}
    to_column = {title: at for at, title in enumerate(listed.statements)}
    rows = np.array([to_row[name] for name in names], dtype=np.int64)[row] if row.size else row
    columns = np.array([to_column[title] for title in titles], dtype=np.int64)[place] if row.size else place
    order = np.argsort(rows * len(listed.statements) + columns, kind="stable")
    return Votes(
        participants=empty,
        statements=listed.statements,
        moderated=listed.moderated,
        row=rows[order],
        column=columns[order],
        value=value[order].astype(np.int8),
    )
