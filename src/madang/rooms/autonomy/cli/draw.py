"""`madang autonomy draw`: a council by public lottery, from files alone, as anybody can repeat it."""

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.ui.terminal import ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.rooms.autonomy.engine.sortition.pool import Problem

Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
LARGEST_LOTTERY = 64 * 2**20


def seed(
    *,
    as_json: Json = False,
) -> None:
    """Make a secret seed and the commitment to publish before the draw."""
    with exit_codes(as_json=as_json):
        from madang.rooms.autonomy.engine.sortition.chance import SEED_BYTES, commitment_of

        secret = secrets.token_hex(SEED_BYTES)
        found = {"seed": secret, "commitment": commitment_of(secret)}

        def lines() -> Iterator[str]:
            yield _("Keep secret until the draw:  %(seed)s") % found
            yield _("Publish now:                 %(commitment)s") % found

        answer(found, lines, as_json=as_json)


def draw(  # noqa: PLR0913  # one option a fact of the draw
    pool: Annotated[Path, typer.Argument(metavar="POOL.csv", help=_("Lots with their categories, a line a person."))],
    quotas: Annotated[Path, typer.Argument(metavar="QUOTAS.csv", help=_("Groups with min and max, a line a group."))],
    size: Annotated[int, typer.Option("--size", min=1, help=_("Members of the council."))],
    method: Annotated[str, typer.Option("--method", metavar="leximin|uniform", help=_("How it is drawn."))] = "leximin",
    commitment: Annotated[
        str, typer.Option("--seed-commitment", metavar="HEX", help=_("SHA-256 of the seed, published beforehand."))
    ] = "",
    secret: Annotated[str, typer.Option("--seed", metavar="HEX", help=_("The seed, once it is revealed."))] = "",
    public_value: Annotated[
        str, typer.Option("--public-value", metavar="TEXT", help=_("The public value that was named beforehand."))
    ] = "",
    lottery: Annotated[
        Path | None, typer.Option("--lottery", metavar="FILE", help=_("Draw from this published lottery."))
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--write-lottery", metavar="FILE", help=_("Write the lottery for publication."))
    ] = None,
    tickets: Annotated[int, typer.Option("--tickets", min=1, help=_("Tickets in all."))] = 10**9,
    *,
    as_json: Json = False,
) -> None:
    """Check a lottery before the seed is revealed, or draw with it."""
    with exit_codes(as_json=as_json):
        from madang.numerics.errors import EngineInputError
        from madang.rooms.autonomy.engine.sortition.lottery import Method
        from madang.rooms.autonomy.formats.pool_csv import problem_of_files

        begun = time.perf_counter()
        if method not in {member.value for member in Method}:
            raise EngineInputError("method_unknown", f"no method {method!r}; choose leximin or uniform", field="method")
        problem = problem_of_files((pool.name, pool.read_bytes()), (quotas.name, quotas.read_bytes()), size)
        report: dict[str, Any] = {
            "method": method,
            "size": size,
            "pool": len(problem.pool.lots),
            "types": len(problem.types),
            "pool_digest": problem.digest,
            "commitment": commitment.strip().lower(),
        }
        bar = ProgressLine(quiet=as_json)
        published = None
        if method == Method.LEXIMIN:
            published = _lottery(problem, lottery, tickets, bar, report)
            if out is not None:
                out.write_text(json.dumps(published, separators=(",", ":")), encoding="utf-8")
        else:
            _uniform(problem, report, sure=not secret)
        if secret:
            _draw(problem, published, (commitment, secret, public_value), report)
        report["seconds"] = round(time.perf_counter() - begun, 3)
        answer(report, lambda: _lines(report), as_json=as_json)


def _lottery(
    problem: "Problem", file: Path | None, tickets: int, bar: ProgressLine, report: dict[str, Any]
) -> dict[str, Any]:
    from madang.numerics.errors import InputError, Place
    from madang.rooms.autonomy.engine.sortition.lottery import fair_tickets, tickets_read

    words = {
        "feasible": _("trying the quotas"),
        "fractions": _("looking for the fairest probabilities"),
        "councils": _("finding councils"),
        "weights": _("weighing the councils"),
        "levels": _("raising the smallest probabilities"),
    }
    if file is None:
        found = fair_tickets(problem, tickets, lambda part, step: bar(part, words[step]))
        bar(1.0, words["levels"])
    else:
        try:
            data = json.loads(file.read_bytes()[:LARGEST_LOTTERY])
        except ValueError as error:
            raise InputError(
                "lottery_json",
                Place(file=file.name),
                found=f"no JSON ({error})",
                expected="a lottery as --write-lottery writes it",
                mend="Take the file as it was published.",
            ) from error
        found = tickets_read(problem, data)
    by_type = [float(found.probability(kind)) for kind in range(len(problem.types))]
    report |= {
        "lottery_digest": found.digest,
        "tickets": found.total,
        "councils": len(found.councils),
        **_probabilities(problem, by_type, exact=True),
    }
    return found.as_json()


def _uniform(problem: "Problem", report: dict[str, Any], *, sure: bool) -> None:
    from madang.rooms.autonomy.engine.sortition.uniform import Uniform

    if sure:
        levels, exact = Uniform(problem).levels()
        report |= _probabilities(problem, levels.tolist(), exact=exact)


def _probabilities(problem: "Problem", by_type: list[float], *, exact: bool) -> dict[str, Any]:
    by_lot = {lot: round(p, 12) for lots, p in zip(problem.members, by_type, strict=True) for lot in lots}
    return {
        "probability_min": min(by_lot.values()),
        "probability_mean": round(problem.size / len(by_lot), 12),
        "probability_max": max(by_lot.values()),
        "probabilities_exact": exact,
        "probabilities": {lot: by_lot[lot] for lot in sorted(by_lot)},
    }


def _draw(
    problem: "Problem", published: dict[str, Any] | None, chance: tuple[str, str, str], report: dict[str, Any]
) -> None:
    from madang.rooms.autonomy.engine.sortition.lottery import draw_json
    from madang.rooms.autonomy.engine.sortition.pool import problem_json

    commitment, secret, public_value = chance
    inputs = {
        "problem": problem_json(problem),
        "lottery": published,
        "commitment": commitment,
        "seed": secret,
        "public_value": public_value,
    }
    found = draw_json(inputs, {"method": report["method"]}, None)
    drawn = set(found["drawn"])
    here = [len(drawn & set(lots)) for lots in problem.members]
    council = [
        {
            "category": quota.category,
            "value": quota.value,
            "min": quota.least,
            "max": quota.most,
            "drawn": int(problem.incidence[row] @ here),
            "pool": int(problem.incidence[row] @ problem.counts),
        }
        for row, quota in enumerate(problem.quotas)
    ]
    report |= {"public_value": public_value.strip(), "ticket": found["ticket"], "drawn": found["drawn"]}
    report["council"] = council


def _lines(report: dict[str, Any]) -> Iterator[str]:
    yield _("Pool: %(pool)s persons of %(types)s kinds; council of %(size)s") % report
    yield _("Pool digest:    %(pool_digest)s") % report
    if "lottery_digest" in report:
        yield _("Lottery digest: %(lottery_digest)s (%(councils)s councils, %(tickets)s tickets)") % report
    if report["commitment"]:
        yield _("Commitment:     %(commitment)s") % report
    if "probability_min" in report:
        values = {name: 100 * report[f"probability_{name}"] for name in ("min", "mean", "max")}
        yield (
            _("Probability of being drawn: %(min).2f %% at least, %(mean).2f %% on average, %(max).2f %% at most")
            % values
        )
        if not report["probabilities_exact"]:
            yield _("(estimated from random councils)")
    if "drawn" not in report:
        yield _("The quotas can be met. Nothing is drawn without the seed and the public value.")
        return
    yield ""
    yield _("Drawn: %(drawn)s") % {"drawn": ", ".join(report["drawn"])}
    for row in report["council"]:
        yield "  " + _("%(category)s: %(value)s  %(drawn)s (%(min)s to %(max)s; %(pool)s in the pool)") % row
