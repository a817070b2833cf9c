"""`madang autonomy agenda`: what the dongs have before them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from madang.ui.terminal import answer, exit_codes
from madang.ui.terminal import translate as _

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
LIMIT = 50


def agenda(
    data: Data = None,
    dong: Annotated[str, typer.Option("--dong", metavar="CODE", help=_("Only this dong."))] = "",
    state: Annotated[
        str, typer.Option("--state", help=_("Only this state: on_agenda, decided, answered or delivered."))
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("How many at most."))] = LIMIT,
    *,
    as_json: Json = False,
) -> None:
    """List what is on the agenda."""
    with exit_codes(as_json=as_json):
        from madang.ops.installation import open_installation

        open_installation(data)
        from madang.rooms.autonomy.selectors import agenda_items

        found = [
            {
                "id": item.pk,
                "dong": item.dong_id,
                "dong_name": item.dong.name,
                "title": item.title,
                "room": item.room,
                "state": item.state,
                "said": item.said,
                "since": item.state_since.isoformat(),
            }
            for item in agenda_items(dong=dong, state=state)[:limit]
        ]

        def lines() -> Iterator[str]:
            for row in found:
                yield f"{row['id']:>5}  {row['since']}  {row['state']:<10} {row['dong_name']}  {row['title']}"
            if not found:
                yield _("Nothing is on the agenda.")

        answer(found, lines, as_json=as_json)
