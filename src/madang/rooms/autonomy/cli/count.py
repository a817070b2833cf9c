"""`madang autonomy count`: the winners of Pabulib elections, by any rule, for anybody who wants to check."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.ui.terminal import ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.rooms.autonomy.engine.manifest import Manifest
    from madang.rooms.autonomy.formats.pabulib import PabulibFile

Files = Annotated[list[Path], typer.Argument(metavar="FILE.pb...", help=_("Pabulib files of elections."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
RULES = "greedy|equal-shares|exact-equal-shares|bos|phragmen"
SATISFACTIONS = "cost|cardinality|additive|borda|score"
COMPLETIONS = "none|greedy|add1|add1-greedy|add-opt|add-opt-greedy"


def count(  # noqa: PLR0913  # the options of a command
    files: Files,
    rule: Annotated[
        str, typer.Option("--rule", metavar=RULES, help=_("How the budget is given away."))
    ] = "equal-shares",
    satisfaction: Annotated[
        str,
        typer.Option(
            "--satisfaction", metavar=SATISFACTIONS, help=_("What a voter gains from a project; by default what fits.")
        ),
    ] = "",
    completion: Annotated[
        str, typer.Option("--completion", metavar=COMPLETIONS, help=_("What is done with money left unspent."))
    ] = "none",
    stop: Annotated[
        str, typer.Option("--stop", metavar="first-exhaustive|run-on", help=_("When the raising of shares ends."))
    ] = "first-exhaustive",
    step: Annotated[str, typer.Option("--step", help=_("How much each share is raised at a time."))] = "1",
    ties: Annotated[
        str, typer.Option("--ties", metavar="id|cost|costly|votes|listed,...", help=_("The order of equals."))
    ] = "id",
    misfit: Annotated[
        str, typer.Option("--misfit", metavar="skip|stop", help=_("What greedy does at a project that does not fit."))
    ] = "skip",
    min_votes: Annotated[int, typer.Option("--min-votes", min=0, help=_("Fewest supporters, under greedy."))] = 0,
    *,
    as_json: Json = False,
) -> None:
    """Count elections."""
    with exit_codes(as_json=as_json):
        parameters = {
            "rule": rule,
            "completion": completion,
            "stop": stop,
            "step": step,
            "ties": [tie for tie in ties.split(",") if tie],
            "misfit": misfit,
            "min_votes": min_votes,
            **({"satisfaction": satisfaction} if satisfaction else {}),
        }
        results = [*_counted(files, parameters, quiet=as_json)]
        answer(results if len(results) > 1 else results[0], lambda: _lines(results), as_json=as_json)


def _counted(files: list[Path], parameters: dict[str, Any], *, quiet: bool) -> Iterator[dict[str, Any]]:
    from madang.rooms.autonomy.engine.allocation.rule import allocate, result_json
    from madang.rooms.autonomy.formats.pabulib import pabulib_read

    bar = ProgressLine(quiet=quiet)
    for number, path in enumerate(files):
        begun = time.perf_counter()
        file = pabulib_read(path.read_bytes(), path.name)
        manifest = _manifest(file, parameters)

        def progress(part: float, _step: str, number: int = number, path: Path = path) -> None:
            bar((number + min(part, 0.99)) / len(files), path.name)

        outcome = allocate(file.election, manifest, progress)
        result = {"file": path.name, **result_json(file.election, manifest, outcome)}
        result["names"] = {project.id: project.name for project in file.election.projects}
        result["seconds"] = round(time.perf_counter() - begun, 6)
        result["notices"] = [str(notice) for notice in file.notices]
        yield result
        bar((number + 1) / len(files), path.name)


def _manifest(file: "PabulibFile", parameters: dict[str, Any]) -> "Manifest":
    from madang.rooms.autonomy.engine.manifest import Manifest

    return Manifest.from_json({**parameters, "ballot": {"type": str(file.election.ballots.type)}})


def _lines(results: list[dict[str, Any]]) -> Iterator[str]:
    for result in results:
        yield _("%(file)s: %(winners)s winners, %(cost)s of %(budget)s") % {
            "file": result["file"],
            "winners": len(result["winners"]),
            "cost": f"{result['total_cost']}",
            "budget": f"{result['budget']}",
        }
        for place, id_ in enumerate(result["winners"], 1):
            yield f"{place:>4}  {id_:<12} {result['names'][id_]}"
        for notice in result["notices"]:
            yield f"  ! {notice}"
