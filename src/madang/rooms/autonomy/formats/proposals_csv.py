"""Proposals in a comma-separated file: `id`, `title` (may be missing or empty) and `text`."""

from dataclasses import dataclass

from madang.rooms.autonomy.formats.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """One proposal of a file.

    Attributes
    ----------
    id, title, text : str
        As they stand there.
    line : int
        Line on which it ends.
    """

    id: str
    title: str
    text: str
    line: int


def proposals_read(file: str, data: bytes) -> list[ProposalRow]:
    """Read proposals.

    Parameters
    ----------
    file : str
        Name that errors say.
    data : bytes
        The file; needs the columns `id` and `text`, takes `title`; others are passed over.

    Raises
    ------
    InputError
        With the line and field of what cannot be accepted: a missing or repeated id, a proposal without words.
    """
    table = Table(file, data)
    identifier, text = table.columns(["id", "text"])
    title = table.header.index("title") if "title" in table.header else None
    found: list[ProposalRow] = []
    seen: dict[str, int] = {}
    for line, row in table.rows():
        key = row[identifier].strip()
        if not key:
            raise table.wrong("proposal_id", line, "id", found="nothing", expected="an id")
        if key in seen:
            raise table.wrong(
                "proposal_twice", line, "id", found=f"{key}, which line {seen[key]} has", expected="each id once"
            )
        entry = ProposalRow(
            id=key, title=row[title].strip() if title is not None else "", text=row[text].strip(), line=line
        )
        if not entry.title and not entry.text:
            raise table.wrong("proposal_empty", line, "text", found="nothing", expected="what is proposed")
        seen[key] = line
        found.append(entry)
    return found
