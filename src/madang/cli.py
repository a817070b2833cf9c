"""The `madang` command: bring a district up, keep it, and use every room's engines on files.

Each group stands in its own part of the house; engines and Django load only inside the command that needs them.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from madang import __version__
from madang.rooms.autonomy.cli import app as autonomy
from madang.rooms.care.cli import app as care
from madang.rooms.climate.cli import app as climate
from madang.rooms.health.cli import app as health
from madang.rooms.projects.cli import app as projects
from madang.ui.terminal import EXIT_FAULT, ProgressLine, answer, exit_codes, library_speaks
from madang.ui.terminal import translate as _
from madang.yard.audit.cli import app as audit
from madang.yard.evidence.cli import app as evidence
from madang.yard.ledger.cli import app as ledger
from madang.yard.people.cli import keys, user
from madang.yard.places.cli import districts, places

app = typer.Typer(
    name="madang",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=_("The open platform on which a district and its dongs keep five promises to their residents."),
)

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
Database = Annotated[
    str, typer.Option("--database", metavar="URL", help=_("postgresql://user:password@host/name; SQLite without it."))
]

app.command("districts", help=_("List the districts of Korea whose code or name holds TEXT."))(districts)
for name, group in (
    ("places", places),
    ("user", user),
    ("keys", keys),
    ("audit", audit),
    ("ledger", ledger),
    ("evidence", evidence),
    ("autonomy", autonomy),
    ("care", care),
    ("health", health),
    ("climate", climate),
    ("projects", projects),
):
    app.add_typer(group, name=name)


@app.callback(invoke_without_command=True)
def root(
    *,
    version: Annotated[bool, typer.Option("--version", help=_("Print the version and leave."), is_eager=True)] = False,
) -> None:
    """Answer to options that belong to no command."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command(help=_("Bring a district up and serve it; what is done already is not done again."))
def up(  # noqa: PLR0913  # one argument an option of the command line
    district: Annotated[str, typer.Option("--district", metavar="CODE", help=_("Five-digit code."))] = "",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help=_("Where to listen."))] = 8000,
    address: Annotated[str, typer.Option("--address", help=_("Address to listen on."))] = "127.0.0.1",
    database: Database = "",
    data: Data = None,
    scale: Annotated[float, typer.Option("--scale", help=_("Size of the sample; 1 is the whole district."))] = 0.0,
    *,
    no_serve: Annotated[bool, typer.Option("--no-serve", help=_("Prepare everything, then leave."))] = False,
    no_sample: Annotated[bool, typer.Option("--no-sample", help=_("A real district: nothing is generated."))] = False,
    as_json: Json = False,
) -> None:
    """Bring a district up and serve it."""
    with exit_codes(as_json=as_json):
        from madang.ops.up import Wish, bring_up, serve_installation

        wish = Wish(
            data=data, district=district, database_url=database, scale=scale, sample=not no_sample,
            port=None if no_serve else port, address=address,
        )  # fmt: skip
        result = bring_up(wish, ProgressLine(quiet=as_json))
        answer(result.as_json(), result.lines, as_json=as_json)
        if not no_serve:
            serve_installation(wish)


@app.command(help=_("Work on the queue of long tasks until stopped."))
def worker(data: Data = None) -> None:
    """Work on the queue of long tasks."""
    with exit_codes():
        from madang.ops.installation import open_installation
        from madang.ops.server import work_until_stopped

        open_installation(data)
        work_until_stopped()


@app.command(help=_("Generate a district's synthetic population, describe it, and write it to a Parquet file."))
def sample(
    district: Annotated[str, typer.Option("--district", metavar="CODE", help=_("Five-digit code."))] = "29140",
    scale: Annotated[float, typer.Option("--scale", help=_("Size of the sample; 1 is the whole district."))] = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help=_("Same seed, same people."))] = 2026,
    out: Annotated[Path | None, typer.Option("--out", help=_("Parquet file to write."))] = None,
    *,
    as_json: Json = False,
) -> None:
    """Generate a district's synthetic population."""
    with exit_codes(as_json=as_json):
        from madang.ops.sample import describe, generate

        population = generate(district, scale=scale, seed=seed, out=out)
        answer(describe(population, district), as_json=as_json)


@app.command(help=_("Write a backup of the running installation; its keys go into a second file."))
def backup(
    file: Annotated[Path, typer.Argument(help=_("File to write, such as seo-gu.tar.gz."))],
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Write a backup."""
    with exit_codes(as_json=as_json):
        from madang.ops.backup import backup_make, keys_file
        from madang.ops.installation import open_installation

        manifest = backup_make(open_installation(data), file, ProgressLine(quiet=as_json))

        def lines() -> Iterator[str]:
            yield _("Backup: %(file)s") % {"file": file}
            yield _("Its keys, to be kept elsewhere: %(file)s") % {"file": keys_file(file)}

        answer({"file": str(file), "keys": str(keys_file(file)), **manifest}, lines, as_json=as_json)


@app.command(help=_("Make an installation from a backup, and compare every table with it."))
def restore(
    file: Annotated[Path, typer.Argument(help=_("File that `madang backup` wrote."))],
    data: Data = None,
    keys_path: Annotated[Path | None, typer.Option("--keys", help=_("Its keys; by default FILE.keys."))] = None,
    database: Database = "",
    *,
    as_json: Json = False,
) -> None:
    """Make an installation from a backup."""
    with exit_codes(as_json=as_json):
        from madang.ops.backup import backup_restore
        from madang.ops.installation import Installation, data_directory

        target = Installation(data=data_directory(data), database_url=database)
        manifest = backup_restore(file, keys_path, target, ProgressLine(quiet=as_json))

        def lines() -> Iterator[str]:
            rows = sum(table["rows"] for table in manifest["tables"].values())
            yield _("Restored into %(data)s: %(tables)d tables, %(rows)d rows, all equal to the backup.") % {
                "data": target.data, "tables": len(manifest["tables"]), "rows": rows,
            }  # fmt: skip

        answer({"data": str(target.data), **manifest}, lines, as_json=as_json)


@app.command(help=_("Check the installation and say how to mend it (exit code 1 if anything is at fault)."))
def doctor(data: Data = None, *, as_json: Json = False) -> None:
    """Check the installation."""
    with exit_codes(as_json=as_json):
        from madang.ops.doctor import Verdict, examine

        marks = {Verdict.GOOD: "✓", Verdict.WARNING: "!", Verdict.FAULT: "✗"}
        findings = []
        for finding in examine(data):
            findings.append(finding)
            if not as_json:
                typer.echo(f"{marks[finding.verdict]} {finding.check}: {finding.text}")
                if finding.mend:
                    typer.echo(f"    → {finding.mend}")
        if as_json:
            typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
        if any(finding.verdict is Verdict.FAULT for finding in findings):
            raise typer.Exit(EXIT_FAULT)


def main() -> None:
    """Run the command line."""
    library_speaks()
    app()
