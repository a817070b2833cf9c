"""`madang autonomy count`: the winners of Pabulib elections, by any rule, for anybody who wants to check."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.ui.terminal import ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.rooms.autonomy.engine.allocation.outcome import Outcome
    from madang.rooms.autonomy.engine.election import Election
    from madang.rooms.autonomy.engine.manifest import Manifest

Files = Annotated[list[Path], typer.Argument(metavar="FILE.pb...", help=_("Pabulib files of elections."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
RULES = "greedy|equal-shares|exact-equal-shares|bos|phragmen"
SATISFACTIONS = "cost|cardinality|additive|borda|score"
COMPLETIONS = "none|greedy|add1|add1-greedy|add-opt|add-opt-greedy"


def count(  # noqa: PLR0913  # one argument an option of the command line
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
    step: Annotated[
        str, typer.Option("--step", metavar="MONEY", help=_("How much each share is raised at a time."))
    ] = "1",
    ties: Annotated[
        str, typer.Option("--ties", metavar="id|cost|costly|votes|listed,...", help=_("The order of equals."))
    ] = "id",
    misfit: Annotated[
        str, typer.Option("--misfit", metavar="skip|stop", help=_("What greedy does at a project that does not fit."))
    ] = "skip",
    min_votes: Annotated[int, typer.Option("--min-votes", min=0, help=_("Fewest supporters, under greedy."))] = 0,
    *,
    explain: Annotated[bool, typer.Option("--explain", help=_("Say of each project why it won or lost."))] = False,
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
        results = [*_counted(files, parameters, explain=explain, quiet=as_json)]
        answer(results if len(results) > 1 else results[0], lambda: _lines(results), as_json=as_json)


def _counted(files: list[Path], parameters: dict[str, Any], *, explain: bool, quiet: bool) -> Iterator[dict[str, Any]]:
    from madang.rooms.autonomy.engine.allocation.rule import allocate, result_json
    from madang.rooms.autonomy.engine.manifest import Manifest
    from madang.rooms.autonomy.formats.pabulib import pabulib_read

    bar = ProgressLine(quiet=quiet)
    for number, path in enumerate(files):

        def progress(part: float, _step: str, number: int = number, path: Path = path) -> None:
            bar((number + min(part, 0.99)) / len(files), path.name)

        begun = time.perf_counter()
        progress(0.0, "")
        file = pabulib_read(path.read_bytes(), path.name)
        election = file.election
        manifest = Manifest.from_json({**parameters, "ballot": {"type": str(election.ballots.type)}})
        outcome = allocate(election, manifest, progress)
        result = {
            "file": path.name,
            **result_json(election, manifest, outcome),
            "seconds": round(time.perf_counter() - begun, 6),
            "notices": [str(notice) for notice in file.notices],
            "names": {project.id: project.name for project in election.projects},
        }
        if explain:
            result.update(_explained(election, manifest, outcome, progress))
        yield result
    bar(1.0, f"{len(files)} / {len(files)}")


def _explained(election: "Election", manifest: "Manifest", outcome: "Outcome", progress: Any) -> dict[str, Any]:  # noqa: ANN401
    from madang.rooms.autonomy.engine.verdict import verdict

    told = verdict(election, manifest, outcome, progress)
    return {"explanation": told["projects"], "properties": told["properties"], "money": told["money"]}


def _lines(results: list[dict[str, Any]]) -> Iterator[str]:
    for result in results:
        yield _("%(file)s: winners: %(number)s; money: %(cost)s of %(budget)s; %(seconds)s s") % {
            "file": result["file"],
            "number": len(result["winners"]),
            "cost": _money(result["total_cost"]),
            "budget": _money(result["budget"]),
            "seconds": f"{result['seconds']:.2f}",
        }
        for notice in result["notices"]:
            yield f"  ! {notice}"
        if "explanation" in result:
            yield from _explanation_lines(result)
            yield from _property_lines(result["properties"])
        else:
            for place, id_ in enumerate(result["winners"], 1):
                yield f"{place:>4}  {id_:<12} {result['names'][id_]}"


def _money(value: float | str) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _explanation_lines(result: dict[str, Any]) -> Iterator[str]:
    for one in result["explanation"]:
        place = f"{one['place']:>4}" if one["won"] else "   -"
        yield f"{place}  {one['id']:<12} {result['names'][one['id']]}"
        yield "      " + _sentence(one)
        for line in _changes(one):
            yield "      " + line


def _sentence(one: dict[str, Any]) -> str:
    """Say why a project won or lost."""
    payers, effective = one["payers"] or {}, one["effective_support"]
    said = {
        "won_free": _("Won: it costs nothing, and %(supporters)s named it."),
        "won_bought": _(
            "Won: %(full)s of its %(supporters)s supporters paid up to %(paid)s each, %(rest)s all they had."
        ),
        "won_ranked": _("Won: with %(supporters)s supporters its turn came while it fitted."),
        "won_completed": _("Won: it had %(supporters)s supporters and was paid from money left over."),
        "lost_alone": _("Lost: nobody gains from it."),
        "lost_dear": _("Lost: it costs more than the whole budget."),
        "lost_poor": _("Lost: its %(supporters)s supporters could pay at most %(part)s %% of its cost in any round."),
        "lost_ranked": _("Lost: others came before its %(supporters)s supporters, and the rest did not fit."),
        "lost_few": _("Lost: %(supporters)s supporters are fewer than the rule asks for."),
    }
    poor = one["code"] == "lost_poor" and effective is None
    return (_("Lost: its %(supporters)s supporters had too little money.") if poor else said[one["code"]]) % {
        "supporters": f"{one['supporters']:,}",
        "full": f"{payers.get('full', 0):,}",
        "rest": f"{payers.get('rest', 0):,}",
        "paid": f"{payers.get('full_paid', 0):,.2f}",
        "part": f"{int(1000 * (effective or 0)) / 10:.1f}",
    }


def _changes(one: dict[str, Any]) -> Iterator[str]:
    """Say what would have made a loser win."""
    more, cheaper = one["more_supporters"], one["lower_cost"]
    if more is not None:
        yield _("Supporters it lacks: %(number)s; with them it would have won%(instead)s.") % {
            "number": f"{more['amount']:,}",
            "instead": _instead(more),
        }
    if cheaper is not None:
        yield _("At a cost of %(cost)s it would have won%(instead)s.") % {
            "cost": f"{cheaper['amount']:,}",
            "instead": _instead(cheaper),
        }


def _instead(change: dict[str, Any]) -> str:
    return _(" instead of %(rivals)s") % {"rivals": ", ".join(change["displaced"])} if change["displaced"] else ""


def _property_lines(properties: dict[str, Any]) -> Iterator[str]:
    states = {"holds": _("holds"), "fails": _("fails"), "not_refuted": _("not refuted")}
    names = {
        "exhaustive": _("No project with supporters fits the money left"),
        "ejr1": _("Groups get their share (EJR up to one project)"),
        "priceable": _("Equal purses explain the outcome (priceability)"),
    }
    for key, name in names.items():
        yield f"  {name}: {states[properties[key]['status']]} ({properties[key]['method']})"
    out = properties["left_out"]
    yield _("  %(nothing)s of %(voters)s voters see nothing funded that they named.") % {
        "nothing": f"{out['nothing']:,}",
        "voters": f"{out['voters']:,}",
    }
