"""The `madang ledger` commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from madang.ui.terminal import EXIT_FAULT, ProgressLine, answer, exit_codes, language
from madang.ui.terminal import translate as _

app = typer.Typer(no_args_is_help=True, help=_("Money: where every won came from and where it went."))

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]


class Table(StrEnum):
    """What can be exported."""

    ENTRIES = "entries"
    LINES = "lines"
    BALANCES = "balances"


@contextmanager
def _opened(data: Path | None, *, as_json: bool) -> Iterator[None]:
    """Open the installation, and let the services speak the language of the terminal too."""
    with exit_codes(as_json=as_json):
        from madang.ops.installation import open_installation

        open_installation(data)
        from django.utils import translation

        with translation.override(language()):
            yield


@app.command("import", help=_("Read a budget from a CSV file: all of it or nothing."))
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("CSV file of a budget."))],
    data: Data = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Check and count, but keep nothing."))] = False,
    as_json: Json = False,
) -> None:
    """Read a budget from a CSV file."""
    with _opened(data, as_json=as_json):
        content = file.read_bytes()
        from madang.yard.audit.authority import SYSTEM
        from madang.yard.ledger.services import ImportDraft, ledger_import

        report = ledger_import(SYSTEM, ImportDraft(file=file.name, data=content, dry_run=dry_run))

        def lines() -> Iterator[str]:
            values = asdict(report)
            if report.repeated:
                yield _("%(file)s was read in before; nothing was entered again.") % values
                return
            yield _(
                "%(rows)d rows: %(funds)d funds, %(programmes)d programmes, %(lines)d lines, %(entries)d entries"
            ) % (values)
            yield _("Revenue: %(won)s won") % {"won": f"{report.revenue_won:,}"}
            yield _("Appropriated: %(won)s won") % {"won": f"{report.appropriated_won:,}"}
            yield _("Transferred: %(won)s won") % {"won": f"{report.transferred_won:,}"}
            if report.dry_run:
                yield _("This was a rehearsal: nothing was kept.")

        answer(asdict(report), lines, as_json=as_json)


@app.command(help=_("Write entries, lines or balances to a CSV file."))
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("File to write."))],
    data: Data = None,
    table: Annotated[Table, typer.Option("--table", help=_("What to write."))] = Table.ENTRIES,
    year: Annotated[int, typer.Option("--year", help=_("Fiscal year; all years if 0."))] = 0,
    *,
    as_json: Json = False,
) -> None:
    """Write entries, lines or balances to a CSV file."""
    with _opened(data, as_json=as_json):
        from madang.yard.ledger.formats.ledger_csv import BALANCE_COLUMNS, ENTRY_COLUMNS, LINE_COLUMNS, csv_write
        from madang.yard.ledger.selectors import EntryFilter, LineFilter, balance_rows, entry_rows, line_rows

        chosen = year or None
        if table is Table.ENTRIES:
            count = csv_write(file, ENTRY_COLUMNS, entry_rows(EntryFilter(year=chosen)))
        elif table is Table.LINES:
            count = csv_write(file, LINE_COLUMNS, line_rows(LineFilter(year=chosen)))
        else:
            count = csv_write(file, BALANCE_COLUMNS, balance_rows(chosen))
        body = {"file": str(file), "table": table.value, "rows": count}
        answer(body, lambda: iter([_("%(rows)d rows written to %(file)s") % body]), as_json=as_json)


@app.command(help=_("Compute every balance again from the entries; name the first that differs (exit code 1)."))
def verify(data: Data = None, *, as_json: Json = False) -> None:
    """Compute every balance again from the entries."""
    with _opened(data, as_json=as_json):
        from madang.yard.audit.authority import SYSTEM
        from madang.yard.ledger.selectors import ledger_verify
        from madang.yard.ledger.services import ledger_recompute

        line = ProgressLine(quiet=as_json)
        verdict = ledger_verify(lambda fraction: line(fraction, _("checking")))
        run = ledger_recompute(SYSTEM) if verdict.sound else None
        body = {**asdict(verdict), "text": verdict.text, "run": str(run.pk) if run else None}
        answer(body, lambda: iter([verdict.text]), as_json=as_json)
        if not verdict.sound:
            raise typer.Exit(EXIT_FAULT)


@app.command(help=_("Compute the balances from a published file of entries; needs no installation."))
def recompute(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("CSV file of all entries."))], *, as_json: Json = False
) -> None:
    """Compute the balances from a published file of entries."""
    with exit_codes(as_json=as_json):
        from madang.yard.ledger.engine.replay import recompute as compute
        from madang.yard.ledger.formats.entries_csv import entries_read

        inputs = entries_read(file.name, file.read_bytes())
        result = compute(inputs, {}, None)
        counts = {"accounts": len(inputs["accounts"]), "entries": len(inputs["entries"])}

        def lines() -> Iterator[str]:
            yield _("%(entries)d entries between %(accounts)d accounts") % counts
            for kind, won in result["kinds"].items():
                yield f"  {kind:<12}{won:>24,}"
            if result["sound"]:
                yield _("Every entry keeps the rules, and the balances add up to zero.")
            else:
                yield _("Entry %(fault_at)s breaks the rule %(fault)s.") % result

        answer({**counts, **result}, lines, as_json=as_json)
        if not result["sound"]:
            raise typer.Exit(EXIT_FAULT)
