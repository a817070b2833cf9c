"""The `madang autonomy` commands: one file a subject, each adding its commands to the group."""

import typer

from madang.rooms.autonomy.cli import agenda, count, devolve, draw, opinions, recount, similar
from madang.ui.terminal import translate as _

app = typer.Typer(no_args_is_help=True, help=_("Resident autonomy: the dong's agenda, council, vote and money."))
app.command("agenda", help=_("List what is on the agenda of the dongs, the newest first."))(agenda.agenda)
app.command("count", help=_("Count Pabulib elections by an exact rule that anybody can check."))(count.count)
app.command("opinions", help=_("Find the opinion groups of a Polis export, and what they say."))(opinions.opinions)
app.command("similar", help=_("Find proposals that say nearly the same, and what a file of them is about."))(
    similar.similar
)
app.command("recount", help=_("Check a public ballot box from end to end and count it again."))(recount.recount)
app.command("draw", help=_("Draw a council by public lottery, or check one before it is drawn."))(draw.draw)
app.command("draw-seed", help=_("Make a secret seed and the commitment to publish before a draw."))(draw.seed)
app.command("devolve", help=_("Share money and posts over the dongs by a published formula."))(devolve.devolve)
