"""The `madang projects` commands: the pledge rule and the pledge file, without a database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from madang.ui.terminal import answer, exit_codes
from madang.ui.terminal import translate as _

app = typer.Typer(no_args_is_help=True, help=_("Pledges, their programmes, and the projects that deliver them."))
pledges = typer.Typer(no_args_is_help=True, help=_("The pledge file."))
app.add_typer(pledges, name="pledges")

Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]


@app.command("pledge-state", help=_("Judge a pledge by the rule, from a JSON file (such as the inputs of a run)."))
def pledge_state(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help=_("What was planned and what is known."))],
    tolerance: Annotated[
        float, typer.Option("--tolerance", min=0.0, max=0.99, help=_("Shortfall that still counts as on track."))
    ] = 0.05,
    *,
    as_json: Json = False,
) -> None:
    """Judge a pledge from a file."""
    with exit_codes(as_json=as_json):
        from madang.rooms.projects.engine.pledge_state import pledge_state_json

        verdict = pledge_state_json(_read(file), {"tolerance": tolerance}, None)

        def lines() -> Iterator[str]:
            yield f"{verdict['pledge']}  {verdict['as_of']}  {verdict['state']}"
            shares = "  ".join(f"{name} {verdict[name]:.1%}" for name in ("progress", "plan", "shortfall"))
            yield f"  {shares}"
            for reason in verdict["reasons"]:
                values = "  ".join(f"{key}={value}" for key, value in reason["values"].items() if value is not None)
                yield f"  {reason['code']:<22} {reason['subject']:<28} {values}"

        answer(verdict, lines, as_json=as_json)


def _read(file: Path) -> Any:  # noqa: ANN401  # JSON
    from madang.numerics.errors import InputError, Place

    try:
        return json.loads(file.read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise InputError(
            "not_json", Place(file=str(file), line=line), found=str(error), expected="JSON",
            mend=_("Correct the line, or take the inputs of a run as they were exported."),
        ) from error  # fmt: skip


@pledges.callback()
def pledges_group() -> None:
    """Keep the commands in a group though there is only one."""


@pledges.command("check", help=_("Check a pledge file; names the line and field of a fault (exit code 2)."))
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help=_("Pledge file."))], *, as_json: Json = False
) -> None:
    """Check a pledge file."""
    with exit_codes(as_json=as_json):
        from madang.rooms.projects.formats.pledges_toml import pledges_read

        tree = pledges_read(file.read_bytes(), str(file))
        counts = {
            kind: sum(len(getattr(pledge, kind)) for pledge in tree.pledges)
            for kind in ("programmes", "indicators", "milestones", "asks")
        }
        found = {
            "file": str(file),
            "district": tree.district,
            "starts_on": tree.starts_on.isoformat(),
            "months": tree.months,
            "pledges": [pledge.code for pledge in tree.pledges],
            **counts,
        }

        def lines() -> Iterator[str]:
            yield _(
                "%(file)s is sound: %(number)d pledges, %(programmes)d programmes, %(indicators)d indicators,"
                " %(milestones)d milestones, %(asks)d asks."
            ) % {**found, "number": len(tree.pledges)}

        answer(found, lines, as_json=as_json)
