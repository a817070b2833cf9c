"""The `madang climate` commands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from madang.ui.terminal import answer, exit_codes
from madang.ui.terminal import translate as _

app = typer.Typer(no_args_is_help=True, help=_("A carbon-neutral city by 2045."))

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]


@app.callback()
def group() -> None:
    """Keep the commands in a group though there is only one."""


@app.command(help=_("List the open signals of this room: what it found and no dong has taken up yet."))
def signals(data: Data = None, *, as_json: Json = False) -> None:
    """List the open signals of this room."""
    with exit_codes(as_json=as_json):
        from madang.ops.installation import open_installation

        open_installation(data)
        from madang.rooms.climate.selectors import signals_waiting

        found = [
            {
                "id": signal.pk, "place": signal.place, "topic": signal.topic, "severity": signal.severity,
                "text_ko": signal.text_ko, "text_en": signal.text_en, "raised_at": signal.raised_at.isoformat(),
                "runs": signal.evidence.get("runs", []),
            }
            for signal in signals_waiting()
        ]  # fmt: skip

        def lines() -> Iterator[str]:
            yield from (f"{row['severity']}  {row['place']}  {row['text_ko']} / {row['text_en']}" for row in found)
            if not found:
                yield _("No signal is open.")

        answer(found, lines, as_json=as_json)
