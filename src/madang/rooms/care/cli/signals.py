"""`madang care signals`: what the room found and no dong has taken up yet."""

from pathlib import Path
from typing import Annotated

import typer

from madang.ui.terminal import translate as _
from madang.yard.evidence.cli import signals_answer

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]


def signals(data: Data = None, *, as_json: Json = False) -> None:
    """List the open signals of this room."""
    signals_answer("care", data, as_json=as_json)
