"""`madang autonomy similar`: proposals of a file that say nearly the same, and what they are about."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.ui.terminal import ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.rooms.autonomy.formats.proposals_csv import ProposalRow

Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
FLOOR = 0.25


def similar(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help=_("Proposals: a table with the columns id, title and text."))
    ],
    floor: Annotated[
        float, typer.Option("--floor", min=0.0, max=1.0, help=_("Least similarity of a pair, 0 to 1."))
    ] = FLOOR,
    words: Annotated[
        str, typer.Option("--words", metavar="morphemes|characters", help=_("What is compared."))
    ] = "morphemes",
    *,
    as_json: Json = False,
) -> None:
    """Find near-duplicates and topics."""
    with exit_codes(as_json=as_json):
        from madang.rooms.autonomy.engine.similarity import similar_report, titled, tokeniser_of
        from madang.rooms.autonomy.formats.proposals_csv import proposals_read

        begun = time.perf_counter()
        rows = proposals_read(file.name, file.read_bytes())
        bar = ProgressLine(quiet=as_json)
        ids = [row.id for row in rows]
        texts = [titled(row.title, row.text) for row in rows]
        found = similar_report(
            ids, texts, tokeniser_of(words), floor, lambda part: bar(part, _("comparing the proposals"))
        )
        report = {
            "file": file.name,
            "proposals": len(rows),
            "words": words,
            "seconds": round(time.perf_counter() - begun, 6),
            **found,
        }
        answer(report, lambda: _lines(report, {row.id: row for row in rows}), as_json=as_json)


def _lines(report: dict[str, Any], rows: "dict[str, ProposalRow]") -> Iterator[str]:
    def named(key: str) -> str:
        row = rows[key]
        return f"{key}  {row.title or row.text.splitlines()[0]}"

    yield _("%(file)s: %(proposals)s proposals") % report
    if not report["pairs"]:
        yield _("No two of them say nearly the same.")
    for pair in report["pairs"]:
        yield f"{pair['score']:.2f}  {named(pair['one'])}"
        yield f"      {named(pair['other'])}"
    for topic in report["topics"]:
        if len(topic["members"]) > 1:
            yield ""
            yield f"{topic['label'] or '-'} ({len(topic['members'])})"
            for key in topic["members"]:
                yield f"  {named(key)}"
