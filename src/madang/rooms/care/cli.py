"""The `madang care` commands."""

from pathlib import Path
from typing import Annotated

import typer

from madang.ui.terminal import translate as _
from madang.yard.evidence.cli import signals_answer

app = typer.Typer(no_args_is_help=True, help=_("Integrated care at home."))

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]


@app.callback()
def group() -> None:
    """Keep the commands in a group though there is only one."""


@app.command(help=_("List the open signals of this room: what it found and no dong has taken up yet."))
def signals(data: Data = None, *, as_json: Json = False) -> None:
    """List the open signals of this room."""
    signals_answer("care", data, as_json=as_json)
