"""The `madang care` commands: one file a subject, each adding its commands to the group."""

import typer

from madang.rooms.care.cli import signals, visits
from madang.ui.terminal import translate as _

app = typer.Typer(no_args_is_help=True, help=_("Integrated care at home."))
app.command(help=_("List the open signals of this room: what it found and no dong has taken up yet."))(signals.signals)
app.command("visits", help=_("Plan a day of home visits: who goes to whom, and when."))(visits.visits)
app.command(
    "visits-check", help=_("Check a plan of visits against its instance, rule by rule (exit code 1 if one is broken).")
)(visits.visits_check)
app.command(
    "replan", help=_("Plan a day again when a carer is absent or a visit is added; few others move, each is explained.")
)(visits.replan)
