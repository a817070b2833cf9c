"""The `madang autonomy` commands: one file a subject, each adding its commands to the group."""

import typer

from madang.rooms.autonomy.cli import agenda, count
from madang.ui.terminal import translate as _

app = typer.Typer(no_args_is_help=True, help=_("Resident autonomy: the dong's agenda, council, vote and money."))
app.command("agenda", help=_("List what is on the agenda of the dongs, the newest first."))(agenda.agenda)
app.command("count", help=_("Count Pabulib elections by an exact rule that anybody can check."))(count.count)
