"""The public box as a file: one canonical JSON object a line, `<poll>.box.jsonl`; and its ballots as Pabulib votes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madang.numerics.errors import EngineInputError, InputError, Place
from madang.rooms.autonomy.engine.ballots.box import Header, header_read
from madang.rooms.autonomy.engine.ballots.encoding import canonical
from madang.rooms.autonomy.engine.ballots.verification import Counted

MOST_LINE_BYTES = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxFile:
    """A box that is being read.

    Attributes
    ----------
    header : Header
        Its first line.
    lines : iterator of JSON value
        What follows, in order; read as it is asked for.
    """

    header: Header
    lines: Iterator[Any]


def box_read(lines: Iterable[bytes], name: str) -> BoxFile:
    """Return a box from the lines of its file.

    Parameters
    ----------
    lines : iterable of bytes
        As an open file yields them.
    name : str
        The file's name, for errors.

    Raises
    ------
    InputError
        If the first line is no header, or, while `lines` is read, if a line is not JSON in its canonical form: whoever
        wrote the file did not write a box.
    """
    numbered = enumerate(lines, 1)
    first = next(numbered, None)
    if first is None:
        raise InputError(
            "box_empty",
            Place(file=name, line=1),
            found="nothing",
            expected="the header of a box",
            mend="Download the file again.",
        )
    try:
        header = header_read(_parsed(first[1], name, 1))
    except EngineInputError as error:
        raise InputError(
            str(error.code),
            Place(file=name, line=1, field=error.field),
            found="something else",
            expected="the header of a box, version 1",
            mend=f"{error}. See docs/reference/ballot-box.md.",
        ) from error
    return BoxFile(header=header, lines=(_parsed(line, name, number) for number, line in numbered))


def _parsed(line: bytes, name: str, number: int) -> Any:  # noqa: ANN401  # any JSON value
    bare = line[:-1] if line.endswith(b"\n") else line
    try:
        if len(bare) > MOST_LINE_BYTES:
            raise ValueError("too long")
        value = json.loads(bare)
        written = canonical(value)
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, number, "something that is not JSON") from error
    if written != bare:
        raise _unreadable(name, number, "JSON written in another way")
    return value


def _unreadable(name: str, number: int, found: str) -> InputError:
    return InputError(
        "box_line",
        Place(file=name, line=number),
        found=found,
        expected="one JSON object in canonical form (sorted keys, no spaces)",
        mend="Download the file again, and do not open and save it with an editor.",
    )


def box_lines(values: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield the lines of a box's file, each with its end of line."""
    for value in values:
        yield canonical(value) + b"\n"


def pabulib_text(header: Header, counted: Sequence[Counted], winners: Iterable[str] = ()) -> str:
    """Return the ballots that count as a Pabulib file, which every tool of the field reads.

    Parameters
    ----------
    header : Header
        Of the box.
    counted : sequence of Counted
        In the order of the box; its number is the voter's id, and nothing else is said of a voter.
    winners : iterable of str
        Projects that were chosen, marked in the column `selected`; the column is left out where there are none.

    References
    ----------
    Stolicki, D., Szufa, S. & Talmon, N. (2020), Pabulib, arXiv:2012.06539.
    """
    chosen = set(winners)
    return "\n".join([*_meta(header, len(counted)), *_projects(header, chosen), *_votes(header, counted), ""])


def _meta(header: Header, votes: int) -> Iterator[str]:
    value, rules = header.value, header.rules
    yield "META"
    yield "key;value"
    rows: dict[str, object] = {
        "description": _cell(value["title"]),
        "country": "South Korea",
        "unit": _cell(value["poll"]),
        "instance": _cell(value["title"]),
        "num_projects": len(rules.costs),
        "num_votes": votes,
        "budget": value["budget"],
        "vote_type": rules.type,
        "rule": _cell(value["manifest"].get("rule", "")),
        "currency": "KRW",
        "min_length": rules.min_length,
        "max_length": rules.max_length,
    }
    if rules.key == "points":
        rows |= {"min_points": rules.min_points, "max_points": rules.most_points}
        if rules.max_sum_points is not None:
            rows["max_sum_points"] = rules.max_sum_points
    if rules.max_sum_cost is not None:
        rows["max_sum_cost"] = rules.max_sum_cost
    yield from (f"{key};{cell}" for key, cell in rows.items() if cell != "")


def _projects(header: Header, chosen: set[str]) -> Iterator[str]:
    votes = ["selected"] if chosen else []
    yield "PROJECTS"
    yield ";".join(["project_id", "cost", "name", "category", *votes])
    for row in header.value["projects"]:
        marks = [str(int(row["id"] in chosen))] if chosen else []
        yield ";".join([row["id"], str(row["cost"]), _cell(row["name"]), _cell(row.get("category", "")), *marks])


def _votes(header: Header, counted: Sequence[Counted]) -> Iterator[str]:
    yield "VOTES"
    if header.rules.key != "points":
        yield "voter_id;vote"
        yield from (f"{row.seq};{','.join(row.choice[header.rules.key])}" for row in counted)
        return
    yield "voter_id;vote;points"
    for row in counted:
        given = row.choice["points"]
        yield f"{row.seq};{','.join(given)};{','.join(map(str, given.values()))}"


def _cell(text: object) -> str:
    """Return a text that fits between two semicolons."""
    return " ".join(str(text).replace(";", ",").replace('"', "'").split())
