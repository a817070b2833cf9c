"""`madang autonomy opinions`: the opinion groups of a Polis export, and what they say."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.ui.terminal import ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.rooms.autonomy.engine.opinion import OpinionGroups, OpinionParameters, Votes
    from madang.rooms.autonomy.formats.polis import PolisExport, Statement

Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
BESIDE = "comments.csv"


def opinions(
    votes: Annotated[
        Path, typer.Argument(metavar="VOTES.csv", help=_("votes.csv or participants-votes.csv of a Polis export."))
    ],
    statements: Annotated[
        Path | None,
        typer.Option(
            "--statements", metavar="COMMENTS.csv", help=_("The statements; by default comments.csv beside the votes.")
        ),
    ] = None,
    resamples: Annotated[
        int, typer.Option("--resamples", min=0, help=_("Resamples behind the stability; 0 leaves it out."))
    ] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help=_("Seed of the resamples."))] = 0,
    *,
    as_json: Json = False,
) -> None:
    """Find opinion groups."""
    with exit_codes(as_json=as_json):
        from madang.rooms.autonomy.engine.opinion import OpinionParameters, opinion_report
        from madang.rooms.autonomy.formats.polis import export_read, statements_read

        begun = time.perf_counter()
        beside = votes.parent / BESIDE
        source = statements or (beside if beside.is_file() else None)
        texts = statements_read(source.name, source.read_bytes()) if source else {}
        export = export_read(votes.name, votes.read_bytes(), texts)
        read = time.perf_counter()
        found, seconds = _found(export.votes, OpinionParameters(resamples=resamples), seed, quiet=as_json)
        report = {
            "file": votes.name,
            "statements_file": source.name if source else None,
            "votes_cast": export.cast,
            "seed": seed,
            "seconds": {"reading": round(read - begun, 6), **seconds},
            "polis": _compared(export, found),
            **opinion_report(export.votes, found, _numbers(export.votes)),
        }
        answer(report, lambda: _lines(report, texts), as_json=as_json)


def _found(
    votes: "Votes", parameters: "OpinionParameters", seed: int, *, quiet: bool
) -> "tuple[OpinionGroups, dict[str, float]]":
    from dataclasses import replace

    from madang.rooms.autonomy.engine.opinion import opinion_groups, opinion_stability

    begun = time.perf_counter()
    found = opinion_groups(votes, replace(parameters, resamples=0))
    grouped = time.perf_counter()
    bar = ProgressLine(quiet=quiet)
    stability = opinion_stability(votes, found, parameters, seed, lambda part: bar(part, _("drawing people again")))
    seconds = {"groups": round(grouped - begun, 6), "stability": round(time.perf_counter() - grouped, 6)}
    return replace(found, stability=stability), seconds


def _numbers(votes: "Votes") -> dict[str, str | int]:
    """Return the ids that are numbers as numbers, as Polis has them."""
    names: dict[str, str | int] = {}
    for prefix, ids in (("p", votes.participants), ("", votes.statements)):
        names |= {prefix + each: int(each) for each in ids if each.isdigit() and str(int(each)) == each}
    return names


def _compared(export: "PolisExport", found: "OpinionGroups") -> dict[str, Any] | None:
    """Return how far the groups are those that the export holds, by those who are in both."""
    if not export.groups:
        return None
    import numpy as np

    from madang.rooms.autonomy.engine.opinion.clusters import adjusted_rand

    both = [
        (label, export.groups[export.votes.participants[at]])
        for at, label in zip(found.clustered.tolist(), found.labels.tolist(), strict=True)
        if export.votes.participants[at] in export.groups
    ]
    ours, theirs = np.array(both, dtype=np.int64).reshape(-1, 2).T
    named = np.unique(theirs, return_inverse=True)[1]
    return {"participants": len(both), "adjusted_rand": round(adjusted_rand(ours, named), 6)}


def _lines(report: dict[str, Any], texts: "dict[str, Statement]") -> Iterator[str]:
    yield _("%(file)s: %(clustered)s of %(participants)s people with enough votes, %(votes)s votes") % report
    if report["group_count"] < 2:
        yield _("No groups can be told apart.")
    else:
        yield _("%(group_count)s groups, silhouette %(silhouette).3f") % report
    if report["stability"]:
        yield _("Stability: %(mean).2f (1 = the same groups each time people are drawn again)") % report["stability"]
    if report["polis"]:
        yield (
            _("Agreement with the groups of Polis in the file: %(adjusted_rand).3f (adjusted Rand index)")
            % (report["polis"])
        )
    for group in report["groups"] if report["group_count"] > 1 else []:
        yield ""
        yield _("Group %(group)s: %(size)s people") % group
        for pick in group["representative"]:
            yield _picked(pick, texts)
    if report["bridging"]:
        yield ""
        yield _("What every group is of one mind on:")
        for bridge in report["bridging"]:
            yield _picked({**bridge, "share": bridge["least"]}, texts)


def _picked(pick: dict[str, Any], texts: "dict[str, Statement]") -> str:
    key = str(pick["statement"])
    side = _("for") if pick["for"] == "agree" else _("against")
    text = " ".join(texts[key].text.split()) if key in texts else ""
    return f"  {round(pick['share'] * 100):>3} %  {side:<8} {key:>5}  {text}".rstrip()
