"""`madang care visits`, `visits-check` and `replan`: the planner of home visits on files."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.numerics.errors import InputError, Place
from madang.ui.terminal import EXIT_FAULT, ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.rooms.care.engine.visits.checker import Verdict
    from madang.rooms.care.engine.visits.plan import Plan
    from madang.rooms.care.engine.visits.problem import Problem
    from madang.rooms.care.formats.entries import Entry

Instance = Annotated[Path, typer.Argument(metavar="INSTANCE.json", help=_("The day: patients, carers, ways."))]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.json", help=_("Plan that `madang care visits --out` wrote."))]
Form = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help=_("mankowska or uhhc; seen from the file without it."))
]
Seed = Annotated[int, typer.Option("--seed", min=0, help=_("Same seed and steps, same plan."))]
Out = Annotated[Path | None, typer.Option("--out", metavar="PLAN.json", help=_("File to write the plan to."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
FORMS = ("mankowska", "uhhc")
SECONDS, REPLAN_SECONDS = 10.0, 1.2


def visits(  # noqa: PLR0913  # one argument an option of the command line
    instance: Instance,
    form: Form = "",
    seconds: Annotated[
        float,
        typer.Option("--seconds", min=0.01, help=_("Processor time to search; the plan so far is kept on Ctrl-C.")),
    ] = SECONDS,
    steps: Annotated[int, typer.Option("--steps", min=0, help=_("Plans to try instead of a time."))] = 0,
    seed: Seed = 1,
    out: Out = None,
    *,
    as_json: Json = False,
) -> None:
    """Plan a day of home visits."""
    with exit_codes(as_json=as_json):
        name, document, problem = _read(instance, form)
        from madang.rooms.care.engine.visits.search import Effort, plan_visits

        line = ProgressLine(quiet=as_json)
        _warm_up(line)
        stop = _Stop()
        effort = Effort(
            steps=steps or None, seconds=None if steps else seconds, clock=time.process_time, seed=seed,
            progress=lambda share, cost: line(share, _("cost %(cost)s") % {"cost": f"{cost:g}"} if share >= 1 else ""),
            cancelled=stop.asked,
        )  # fmt: skip
        began = time.process_time()
        with stop:
            plan = plan_visits(problem, effort)
        used = time.process_time() - began
        verdict = _check(name, document, problem, plan)
        _write(out, problem, plan)
        answer({**_told(verdict), "seconds": round(used, 3), "steps": plan.steps, "seed": seed}, as_json=as_json)


def visits_check(instance: Instance, plan: PlanFile, form: Form = "", *, as_json: Json = False) -> None:
    """Check a plan against its instance."""
    with exit_codes(as_json=as_json):
        name, document, _problem = _read(instance, form)
        from madang.rooms.care.engine.visits.checker import check_plan
        from madang.rooms.care.formats.visit_plan import read_stops

        verdict = check_plan(name, document.value, read_stops(_load(plan)))

        def lines() -> Iterator[str]:
            yield _("cost: %(cost)s") % {"cost": f"{verdict.cost:g}"}
            for part, value in verdict.parts.items():
                yield f"  {part}: {value:g} (x {verdict.weights[part]})"
            for violation in verdict.violations:
                yield f"✗ {violation.code}: {violation.text}"
            if verdict.feasible:
                yield _("Every rule holds.")

        answer(_told(verdict), lines, as_json=as_json)
        if not verdict.feasible:
            raise typer.Exit(EXIT_FAULT)


def replan(  # noqa: PLR0913  # one argument an option of the command line
    instance: Instance,
    plan: PlanFile,
    absent: Annotated[
        list[str] | None,
        typer.Option("--absent", metavar="CARER", help=_("Carer who does not come; may be given again.")),
    ] = None,
    form: Form = "",
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.01, help=_("Processor time to search."))
    ] = REPLAN_SECONDS,
    seed: Seed = 1,
    out: Out = None,
    *,
    as_json: Json = False,
) -> None:
    """Plan a day again; visits that the plan does not have yet are added."""
    with exit_codes(as_json=as_json):
        name, document, problem = _read(instance, form)
        from madang.rooms.care.engine.visits.replan import replan_visits
        from madang.rooms.care.engine.visits.search import Effort
        from madang.rooms.care.formats.visit_plan import previous_plan

        gone = frozenset(_carer(problem, carer) for carer in absent or [])
        previous = previous_plan(_load(plan), problem)
        _warm_up(ProgressLine(quiet=as_json))
        began = time.process_time()
        effort = Effort(seconds=seconds, clock=time.process_time, seed=seed)
        found = replan_visits(problem, previous, gone, effort)
        used = time.process_time() - began
        verdict = _check(name, document, problem, found.plan)
        _write(out, problem, found.plan)
        body: dict[str, Any] = {
            **_told(verdict), "seconds": round(used, 3), "others": found.others, "others_moved": found.others_moved,
            "changes": [{"code": change.code, "text": change.text, **change.data} for change in found.changes],
        }  # fmt: skip

        def lines() -> Iterator[str]:
            for change in found.changes:
                yield change.text
            yield _("%(moved)d of %(others)d other visits pass to another carer; cost %(cost)s.") % {
                "moved": found.others_moved, "others": found.others, "cost": f"{verdict.cost:g}",
            }  # fmt: skip

        answer(body, lines, as_json=as_json)


class _Stop:
    """Lets Ctrl-C end the search with the best plan so far."""

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None

    def asked(self) -> bool:
        return self._asked

    def __enter__(self) -> None:
        import signal

        def ask(_number: int, _frame: object) -> None:
            self._asked = True

        self._before = signal.signal(signal.SIGINT, ask)

    def __exit__(self, *_: object) -> None:
        import signal

        signal.signal(signal.SIGINT, self._before)


def _load(path: Path) -> "Entry":
    from madang.rooms.care.formats.entries import load_json

    return load_json(path.read_bytes(), path.name)


def _read(path: Path, form: str) -> "tuple[str, Entry, Problem]":
    from madang.rooms.care.formats.visit_plan import read_instance

    if form and form not in FORMS:
        raise InputError(
            "visits_format", Place(file=path.name, field="--format"), found=form, expected="mankowska or uhhc",
            mend="Leave --format out to see it from the file.",
        )  # fmt: skip
    document = _load(path)
    name, problem = read_instance(document, form or None)
    return name, document, problem


def _warm_up(line: ProgressLine) -> None:
    """Compile the core, or load what was compiled, before the time counts."""
    from madang.rooms.care.engine.visits.search import warm_up

    line(0.0, _("loading the planner (the first time it is compiled)"))
    warm_up()


def _check(name: str, document: "Entry", problem: "Problem", plan: "Plan") -> "Verdict":
    from madang.rooms.care.engine.visits.checker import check_plan
    from madang.rooms.care.formats.visit_plan import plan_stops

    return check_plan(name, document.value, plan_stops(problem, plan))


def _told(verdict: "Verdict") -> dict[str, Any]:
    return {
        "cost": round(float(verdict.cost), 6),
        "cost_parts": {part: round(float(value), 6) for part, value in verdict.parts.items()},
        "weights": verdict.weights,
        "feasible": verdict.feasible,
        "violations": [{"code": one.code, "text": one.text, **one.data} for one in verdict.violations],
    }


def _write(out: Path | None, problem: "Problem", plan: "Plan") -> None:
    from madang.rooms.care.formats.visit_plan import plan_json

    if out is not None:
        out.write_text(json.dumps(plan_json(problem, plan), ensure_ascii=False, indent=1), encoding="utf-8")


def _carer(problem: "Problem", name: str) -> int:
    if name not in problem.carers.ids:
        known = ", ".join(problem.carers.ids[:5])
        raise InputError(
            "visits_carer", Place(file=problem.name, field="--absent"), found=name,
            expected=f"a carer of the instance ({known}, ...)", mend="See `caregivers` in the instance.",
        )  # fmt: skip
    return problem.carers.ids.index(name)
