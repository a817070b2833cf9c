"""The `madang audit` commands."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from madang.ui.terminal import EXIT_FAULT, ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

app = typer.Typer(no_args_is_help=True, help=_("The log of who did what, and what was computed."))

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]


def _opened(data: Path | None) -> None:
    from madang.ops.installation import open_installation

    open_installation(data)


@app.command(help=_("Check every link of the log; name the first that does not hold (exit code 1)."))
def verify(data: Data = None, *, as_json: Json = False) -> None:
    """Check every link of the log."""
    with exit_codes(as_json=as_json):
        _opened(data)
        from madang.yard.audit.selectors import audit_verify

        line = ProgressLine(quiet=as_json)
        verdict = audit_verify(lambda fraction: line(fraction, _("checking")))

        def lines() -> Iterator[str]:
            if verdict.sound:
                yield _("The log is whole: %(count)d records, head %(head)s.") % asdict(verdict)
            else:
                broken = _("The log does not hold at record %(broken_at)s (%(fault)s); %(count)d records before it do.")
                yield broken % asdict(verdict)

        answer(asdict(verdict), lines, as_json=as_json)
        if not verdict.sound:
            raise typer.Exit(EXIT_FAULT)


@app.command(help=_("Print the sealed head of the log, to publish elsewhere."))
def head(data: Data = None, *, as_json: Json = False) -> None:
    """Print the sealed head of the log."""
    with exit_codes(as_json=as_json):
        _opened(data)
        from madang.yard.audit.selectors import head_export

        answer(head_export(), as_json=as_json)


@app.command(help=_("Compute a stored run again and compare the results (exit code 1 if they differ)."))
def rerun(
    run: Annotated[str, typer.Argument(help=_("Number of the run, or its first characters."))],
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Compute a stored run again."""
    with exit_codes(as_json=as_json):
        _opened(data)
        from madang.yard.audit.replay import run_replay
        from madang.yard.audit.selectors import run_get

        replay = run_replay(run_get(run))
        answer(asdict(replay), as_json=as_json)
        if not replay.equal:
            raise typer.Exit(EXIT_FAULT)
