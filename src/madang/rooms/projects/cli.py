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

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
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


@pledges.command("load", help=_("Load a pledge file into an installation; the same file again changes nothing."))
def load(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.toml", help=_("Pledge file; by default the one that comes along."))
    ] = None,
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Load a pledge file into an installation and judge every pledge."""
    with exit_codes(as_json=as_json):
        content = file.read_bytes() if file is not None else None
        _opened(data)
        from madang.rooms.projects.services import PledgesFile, pledges_assess, pledges_file_of, pledges_load
        from madang.yard.audit.authority import SYSTEM
        from madang.yard.places.selectors import district_current

        if file is None or content is None:
            chosen = pledges_file_of(district_current().code)
        else:
            chosen = PledgesFile(name=file.name, data=content)
        loaded = pledges_load(SYSTEM, chosen)
        pledges_assess(SYSTEM, chosen.name)
        found = {"file": chosen.name, "pledges": [pledge.code for pledge in loaded]}

        def lines() -> Iterator[str]:
            yield _("%(file)s is loaded: %(number)d pledges.") % {"file": chosen.name, "number": len(loaded)}

        answer(found, lines, as_json=as_json)


@pledges.command("assess", help=_("Judge every pledge of an installation by the rule, as of today."))
def assess(data: Data = None, *, as_json: Json = False) -> None:
    """Measure what the rooms can, and judge every pledge of an installation."""
    with exit_codes(as_json=as_json):
        _opened(data)
        from madang.rooms.projects.selectors import board
        from madang.rooms.projects.services import pledges_assess, projects_measure
        from madang.yard.audit.authority import SYSTEM

        projects_measure(SYSTEM)
        pledges_assess(SYSTEM, "madang projects pledges assess")
        rows = [(row.pledge.code, row.assessment.state if row.assessment else "", row.why) for row in board()]

        def lines() -> Iterator[str]:
            yield from (f"{code:<10} {state:<12} {why}" for code, state, why in rows)

        answer([{"pledge": code, "state": state, "why": why} for code, state, why in rows], lines, as_json=as_json)


def _opened(data: Path | None) -> None:
    from madang.ops.installation import open_installation

    open_installation(data)
