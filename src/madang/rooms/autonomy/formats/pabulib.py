"""Pabulib `.pb` files: elections of participatory budgets, read and written without losing a field.

A file has the sections META, PROJECTS and VOTES, each a table with a header and cells between semicolons.

References
----------
Stolicki, Szufa, Talmon (2020), Pabulib: A Participatory Budgeting Library, arXiv:2012.06539.
Faliszewski et al. (2023), Participatory Budgeting: Data, Tools, and Analysis, arXiv:2305.11035.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from madang.numerics.errors import InputError, Place
from madang.rooms.autonomy.engine.election import BallotType, Election, Project
from madang.rooms.autonomy.formats.pabulib_head import Head, Row, Table, missing
from madang.rooms.autonomy.formats.pabulib_votes import VoteColumns, ballots_read

_VOTES = re.compile(r'^[ \t]*"?votes"?[ \t;]*\r?$', re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]{0,30})?([eE]\+?[0-9]{1,2})?|\.[0-9]{1,30}")
_PLACES = ("dong", "neighborhood", "neighbourhood", "district", "subunit", "location")
_ABSENT = ("", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something in a file that is odd, though the file can be read.

    Attributes
    ----------
    code : str
        Stable identifier.
    at : Place
        Where.
    found, expected : str
        What stands there, and what was to be expected.
    """

    code: str
    at: Place
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.at}: found {self.found}; expected {self.expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PabulibFile:
    """A file with everything that stands in it.

    Attributes
    ----------
    name : str
        File name.
    meta, projects : Table
        The first two sections.
    vote_columns : tuple of str
        Header of the third.
    vote_text : str
        Its rows as text; :meth:`vote_rows` reads them.
    mark : bool
        Whether the file begins with a byte-order mark.
    newline : str
        How its lines end.
    notices : tuple of Notice
        What was odd.
    election : Election
        What the rules count.
    """

    name: str
    meta: Table
    projects: Table
    vote_columns: Row
    vote_text: str
    mark: bool = False
    newline: str = "\n"
    notices: tuple[Notice, ...] = ()
    election: Election

    @property
    def values(self) -> dict[str, str]:
        """The META section by key."""
        return {row[0].strip(): row[1].strip() for row in self.meta.rows if len(row) > 1}

    def vote_rows(self) -> Iterator[Row]:
        """Yield the cells of each ballot."""
        for row in csv.reader(io.StringIO(self.vote_text, newline=""), delimiter=";"):
            if any(cell.strip() for cell in row):
                yield tuple(row)


def pabulib_read(data: bytes, name: str) -> PabulibFile:
    """Read a file.

    Parameters
    ----------
    data : bytes
        Its content.
    name : str
        Its name, for messages.

    Raises
    ------
    InputError
        If it cannot be read; says line, field, what stands there and how to mend it.
    """
    text = _text(data, name)
    mark, text = text.startswith("\ufeff"), text.removeprefix("\ufeff")
    head, votes_line, body = _split(text, name)
    sections = Head(name)
    sections.read(head)
    meta, projects = sections.table("meta"), sections.table("projects")
    values = {row[0].strip(): (line, row) for line, row in sections.numbered("meta")}
    listed = _projects(sections, name)
    header, body, body_line = _vote_header(body, votes_line, name)
    kind = _kind(values, name)
    columns = VoteColumns(name=name, columns=header, type=kind, line=body_line)
    index = {project.id: number for number, project in enumerate(listed)}
    ballots, rows = ballots_read(body, columns, index)
    budget = _number(_meta(values, "budget", name), Place(file=name, line=values["budget"][0], field="budget"))
    counted = {"num_projects": len(listed), "num_votes": rows}
    if _cut(body, len(header)) and rows < _stated(values, "num_votes", rows):
        raise InputError(
            "pabulib_truncated",
            Place(file=name, line=body_line + body.count("\n"), field="num_votes"),
            found=f"{rows} ballots, the last of them cut",
            expected=f"{values['num_votes'][1][1].strip()} ballots",
            mend="The file was cut off: fetch it again.",
        )
    return PabulibFile(
        name=name,
        meta=meta,
        projects=projects,
        vote_columns=header,
        vote_text=body,
        mark=mark,
        newline="\r\n" if "\r\n" in head else "\n",
        notices=tuple(_notices(values, counted, name)),
        election=Election(
            projects=tuple(listed), ballots=ballots, budget=budget, title=values.get("description", (0, ("", "")))[1][1]
        ),
    )


def pabulib_write(file: PabulibFile) -> bytes:
    """Return the bytes of a file: what :func:`pabulib_read` reads, unchanged."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator=file.newline)
    for title, table in (("META", file.meta), ("PROJECTS", file.projects)):
        writer.writerow([title])
        writer.writerow(table.columns)
        writer.writerows(table.rows)
    writer.writerow(["VOTES"])
    writer.writerow(file.vote_columns)
    return (("\ufeff" if file.mark else "") + out.getvalue() + file.vote_text).encode()


def pabulib_make(
    meta: Mapping[str, str], projects: Sequence[Mapping[str, str]], votes: Iterable[Mapping[str, str]], name: str = ""
) -> PabulibFile:
    """Return the file of an election that was held here.

    Parameters
    ----------
    meta : Mapping
        META by key, `budget` and `vote_type` among them; the numbers of projects and votes are added.
    projects : sequence of Mapping
        `project_id`, `cost` and whatever else is known, the same keys in each.
    votes : iterable of Mapping
        `voter_id`, `vote` (identifiers between commas) and, where the type has them, `points`; the same keys in each.
    name : str
        Its name, for messages.

    Raises
    ------
    InputError
        If what was given is not an election.
    """
    rows = [dict(vote) for vote in votes]
    full = {**meta, "num_projects": str(len(projects)), "num_votes": str(len(rows))}
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerows([["META"], ["key", "value"], *full.items()])
    project_columns = list(projects[0]) if projects else ["project_id", "cost"]
    writer.writerows([["PROJECTS"], project_columns, *([p[c] for c in project_columns] for p in projects)])
    vote_columns = list(rows[0]) if rows else ["voter_id", "vote"]
    writer.writerows([["VOTES"], vote_columns, *([vote[c] for c in vote_columns] for vote in rows)])
    return pabulib_read(out.getvalue().encode(), name)


def _text(data: bytes, name: str) -> str:
    if not data.strip():
        raise InputError(
            "pabulib_empty",
            Place(file=name),
            found="nothing",
            expected="the sections META, PROJECTS and VOTES",
            mend="Choose a Pabulib file.",
        )
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            "pabulib_encoding",
            Place(file=name, line=data.count(b"\n", 0, error.start) + 1),
            found=f"the byte 0x{data[error.start]:02x}",
            expected="UTF-8 text",
            mend="Save the file as UTF-8.",
        ) from None


def _split(text: str, name: str) -> tuple[str, int, str]:
    """Return what stands before the VOTES section, the line of its title, and what follows."""
    found = _VOTES.search(text)
    if found is None:
        missing("VOTES", name, text.count("\n") + 1)
    after = found.end()
    after += text[after : after + 1] == "\n"
    return text[: found.start()], text.count("\n", 0, found.start()) + 1, text[after:]


def _projects(head: Head, name: str) -> list[Project]:
    line, columns = head.header()
    for needed in ("project_id", "cost"):
        if needed not in columns:
            head.refuse("pabulib_column_missing", (line, needed), f"the columns {', '.join(columns)}", needed)
    found: dict[str, int] = {}
    projects = []
    for at, row in head.numbered("projects"):
        if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
            head.refuse("pabulib_cell_count", (at, columns[-1]), f"{len(row)} cells", f"{len(columns)} cells")
        cells = {key: cell.strip() for key, cell in zip(columns, row, strict=False)}
        id_ = cells["project_id"]
        if not id_ or "," in id_:
            head.refuse("pabulib_project_id", (at, "project_id"), repr(id_), "an identifier without a comma")
        if id_ in found:
            head.refuse("pabulib_project_twice", (at, "project_id"), f"{id_} again, after line {found[id_]}", "it once")
        if "cost" not in cells:
            head.refuse("pabulib_cell_count", (at, "cost"), f"{len(row)} cells", f"{len(columns)} cells")
        found[id_] = at
        projects.append(_project(cells, _number(cells["cost"], Place(file=name, line=at, field="cost"))))
    return projects


def _project(cells: Mapping[str, str], cost: Fraction) -> Project:
    known = {key: cell for key, cell in cells.items() if cell.lower() not in _ABSENT}
    return Project(
        id=cells["project_id"],
        cost=cost,
        name=known.get("name", ""),
        categories=_words(known.get("category") or known.get("categories") or ""),
        targets=_words(known.get("target") or known.get("targets") or ""),
        place=next((known[key] for key in _PLACES if key in known), ""),
        coordinates=_coordinates(known),
    )


def _words(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in cell.split(",") if word.strip()))


def _coordinates(cells: Mapping[str, str]) -> tuple[float, float] | None:
    try:
        return float(cells["latitude"]), float(cells["longitude"])
    except (KeyError, ValueError):
        return None


def _number(text: str, at: Place) -> Fraction:
    clean = text.strip().replace(",", ".")
    if not _NUMBER.fullmatch(clean):
        raise InputError(
            "pabulib_number", at, found=repr(text), expected="a number that is not negative", mend="Correct the number."
        )
    return Fraction(clean)


def _meta(values: Mapping[str, tuple[int, Row]], key: str, name: str) -> str:
    if key not in values:
        raise InputError(
            "pabulib_meta_missing",
            Place(file=name, field=key),
            found=f"no {key} in META",
            expected=f"a line {key};...",
            mend="Add the line to the section META.",
        )
    return values[key][1][1].strip()


def _kind(values: Mapping[str, tuple[int, Row]], name: str) -> BallotType:
    text = _meta(values, "vote_type", name)
    if text not in [str(kind) for kind in BallotType]:
        raise InputError(
            "pabulib_vote_type",
            Place(file=name, line=values["vote_type"][0], field="vote_type"),
            found=repr(text),
            expected="one of " + ", ".join(BallotType),
            mend="Correct the type of the ballots.",
        )
    return BallotType(text)


def _vote_header(body: str, line: int, name: str) -> tuple[Row, str, int]:
    """Return the header of VOTES, the rows as text, and the line of the first of them."""
    while True:
        first, end, body = body.partition("\n")
        line += 1
        header = tuple(next(csv.reader([first.rstrip("\r")], delimiter=";"), ()))
        if any(cell.strip() for cell in header):
            return header, body, line + 1
        if not end:
            missing("VOTES", name, line)


def _cut(body: str, width: int) -> bool:
    """Return whether the last line has neither an end nor all its cells."""
    last = body[body.rfind("\n") + 1 :]
    return bool(last) and last.count(";") < width - 1


def _stated(values: Mapping[str, tuple[int, Row]], key: str, otherwise: int) -> int:
    text = values[key][1][1].strip() if key in values else ""
    return int(text) if text.isdecimal() else otherwise


def _notices(values: Mapping[str, tuple[int, Row]], counted: Mapping[str, int], name: str) -> Iterator[Notice]:
    for key, number in counted.items():
        if _stated(values, key, number) != number:
            yield Notice(
                code=f"pabulib_{key}",
                at=Place(file=name, line=values[key][0], field=key),
                found=f"{values[key][1][1].strip()}",
                expected=f"{number}, as many as the file holds",
            )
