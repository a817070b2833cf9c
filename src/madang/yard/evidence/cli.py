"""The command group `madang evidence`: the publication guard on files, and the installation's evidence in and out."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.ui.terminal import ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.yard.evidence.engine.rules import Guarded
    from madang.yard.evidence.formats.counts_csv import CountFile

app = typer.Typer(no_args_is_help=True, help=_("Indicators, observations, and what may be published of them."))

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]


@app.command(
    "guard", help=_("Withhold small counts of a table, and those that would give them away; needs no database.")
)
def guard(  # noqa: PLR0913  # one argument an option of the command line
    file: Annotated[Path, typer.Argument(metavar="TABLE.csv", help=_("Counts; labels and totals may stand there."))],
    threshold: Annotated[int, typer.Option("--threshold", help=_("Smallest count that may be shown."))] = 5,
    loss: Annotated[str, typer.Option("--loss", help=_("What is kept least: cells or values."))] = "values",
    mark: Annotated[str, typer.Option("--mark", help=_("What stands in a withheld cell."))] = "*",
    rounds: Annotated[int, typer.Option("--rounds", min=0, help=_("Rounds of the search for the best choice."))] = 60,
    *,
    zeros: Annotated[bool, typer.Option("--zeros", help=_("Zeros are small too."))] = False,
    headings: Annotated[
        bool | None,
        typer.Option("--headings/--no-headings", help=_("The first line holds headings; else it is guessed.")),
    ] = None,
    as_json: Json = False,
) -> None:
    """Withhold small counts of a table, and those that would give them away."""
    with exit_codes(as_json=as_json):
        from madang.numerics.errors import InputError, Place
        from madang.yard.evidence.engine.optimum import Search
        from madang.yard.evidence.engine.rules import Loss, Rule
        from madang.yard.evidence.engine.suppression import guard_table
        from madang.yard.evidence.engine.tables import margin_table
        from madang.yard.evidence.formats.counts_csv import read_counts

        if loss not in set(Loss):
            choices = ", ".join(Loss)
            raise InputError(
                "option_unknown", Place(file="--loss"), found=loss, expected=choices, mend="Choose one of them."
            )
        table = read_counts(file.read_bytes(), file=file.name, headings=headings)
        rule = Rule(threshold=threshold, zeros=zeros, loss=Loss(loss))
        progress = ProgressLine(quiet=as_json)
        found = guard_table(margin_table(table.counts), rule, search=Search(rounds=rounds), progress=progress)
        answer(_guard_json(table, found), lambda: _guard_lines(table, found, mark), as_json=as_json)


def _guard_json(table: "CountFile", found: "Guarded") -> dict[str, Any]:
    shape = tuple(size + 1 for size in table.counts.shape)
    cells = [
        {
            "cell": [int(index) for index in position],
            "status": found.status[number].item(),
            "low": int(found.low[number]),
            "high": None if found.high[number] == float("inf") else int(found.high[number]),
        }
        for number, position in enumerate(_positions(shape))
        if not found.published[number]
    ]
    return {
        "shape": list(shape),
        "published": found.published.reshape(shape).tolist(),
        "withheld": cells,
        "loss": found.loss,
        "bound": found.bound,
        "gap": found.gap,
        "optimal": found.optimal,
        "threshold": found.rule.threshold,
        "zeros": found.rule.zeros,
        "version": found.version,
    }


def _positions(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    import numpy as np

    yield from np.ndindex(*shape)


def _guard_lines(table: "CountFile", found: "Guarded", mark: str) -> Iterator[str]:
    import numpy as np

    from madang.yard.evidence.engine.tables import margin_table
    from madang.yard.evidence.formats.counts_csv import write_counts

    full = margin_table(table.counts)
    cells = np.where(found.published, full.counts, np.nan).reshape(full.shape)
    yield write_counts(table, cells, mark=mark).rstrip("\n")
    primary, secondary = int((found.status == 1).sum()), int((found.status == 2).sum())
    typer.echo(
        _("%(primary)d small counts and %(secondary)d others are withheld; at most %(gap)s %% of that could be saved.")
        % {"primary": primary, "secondary": secondary, "gap": f"{100 * found.gap:.1f}"},
        err=True,
    )


@app.command("export", help=_("Write the open data of the evidence and its data dictionary into a folder."))
def export(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=_("Folder to write into."))],
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Write the open data into a folder."""
    with exit_codes(as_json=as_json):
        from madang.ops.installation import open_installation

        open_installation(data)
        from dataclasses import asdict

        from madang.yard.evidence.services import dataset_export

        files = dataset_export(out)

        def lines() -> Iterator[str]:
            for file in files:
                yield f"{file.sha256}  {out / file.name}"

        answer([asdict(file) for file in files], lines, as_json=as_json)


@app.command(
    "import", help=_("Enter observations from a CSV: indicator,place,period,value[,numerator,denominator,status].")
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="OBS.csv", help=_("File to read."))],
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Enter observations from a CSV."""
    with exit_codes(as_json=as_json):
        content = file.read_bytes()
        from madang.ops.installation import open_installation

        open_installation(data)
        from dataclasses import asdict

        from madang.yard.audit.authority import SYSTEM
        from madang.yard.evidence.services import observation_import

        entered = observation_import(SYSTEM, content, file=file.name)

        def lines() -> Iterator[str]:
            yield _("%(new)d new, %(revised)d corrected, %(same)d there already.") % asdict(entered)
            if entered.unprotected:
                yield _("Warning: in %(unprotected)d periods a small count follows from what was public before.") % {
                    "unprotected": entered.unprotected
                }

        answer(asdict(entered), lines, as_json=as_json)


def signals_answer(room: str, data: Path | None, *, as_json: bool) -> None:
    """Answer a room's own command with its signals that no dong has taken up yet, the most urgent first."""
    with exit_codes(as_json=as_json):
        from madang.ops.installation import open_installation

        open_installation(data)
        from madang.yard.evidence.selectors import signals_open

        found = [
            {
                "id": signal.pk, "place": signal.place, "topic": signal.topic, "severity": signal.severity,
                "text_ko": signal.text_ko, "text_en": signal.text_en, "raised_at": signal.raised_at.isoformat(),
                "runs": signal.evidence.get("runs", []),
            }
            for signal in signals_open()
            if signal.room == room
        ]  # fmt: skip

        def lines() -> Iterator[str]:
            yield from (f"{row['severity']}  {row['place']}  {row['text_ko']} / {row['text_en']}" for row in found)
            if not found:
                yield _("No signal is open.")

        answer(found, lines, as_json=as_json)
