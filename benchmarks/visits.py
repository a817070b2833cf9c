"""How good and how fast home visits are planned: against published plans, and against PyVRP where it can say the case.

Run `python benchmarks/visits.py [--seconds S] [--only TEXT] [--json]`, with `MADANG_REFERENCE_DATA` or `shared/data`
holding the `hhcrsp` instances. For each instance: cost, gap to the best published, whether the independent check finds
every rule kept, steps a second. Then replanning: seconds and how many others move when the busiest carer is absent. The
peer, PyVRP (a hybrid genetic search for vehicle routing), knows no double visits, lunch, preferences or tardiness: it
is run where a day has none of these, with the same seconds in the same run.
"""

import argparse
import csv
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from madang.rooms.care.engine.visits.checker import check_plan
from madang.rooms.care.engine.visits.plan import Plan
from madang.rooms.care.engine.visits.problem import Problem
from madang.rooms.care.engine.visits.replan import Previous, replan_visits
from madang.rooms.care.engine.visits.search import Effort, plan_visits, warm_up
from madang.rooms.care.formats.entries import load_json
from madang.rooms.care.formats.visit_plan import plan_stops, read_instance

DATA = Path(os.environ.get("MADANG_REFERENCE_DATA", Path(__file__).resolve().parents[1] / "shared" / "data")) / "hhcrsp"
CHOSEN = (
    "mankowska/InstanzCPLEX_HCSRP_10_1", "mankowska/InstanzCPLEX_HCSRP_25_2", "mankowska/InstanzCPLEX_HCSRP_50_2",
    "mankowska/InstanzCPLEX_HCSRP_75_4", "mankowska/InstanzVNS_HCSRP_100_2", "mankowska/InstanzVNS_HCSRP_200_1",
    "mankowska/InstanzVNS_HCSRP_300_5", "uhhc/bazirha/A1", "uhhc/bazirha/B1", "uhhc/bazirha/C2", "uhhc/bazirha/D1",
    "uhhc/bazirha/F6", "uhhc/bazirha-caie/K4", "uhhc/validation/i-134", "uhhc/validation/i-247",
    "uhhc/validation/i-054",
)  # fmt: skip
REPLAN_SECONDS = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one instance gave."""

    instance: str
    visits: int
    cost: float
    published: float | None
    gap_percent: float | None
    kept: bool
    seconds: float
    million_steps_a_second: float
    replan_seconds: float
    others: int
    others_moved: int
    peer: float | None


def published() -> dict[str, float]:
    """Return the best published cost of each instance."""
    best = {}
    for name, column in (("mankowska_best_known.csv", "best_value"), ("uhhc_reported.csv", "objective")):
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            best.update({row["instance"]: float(row[column]) for row in csv.DictReader(file) if row[column]})
    return best


def measure(name: str, seconds: float, best: dict[str, float]) -> Row:
    """Plan, check and replan one instance."""
    root = load_json((DATA / f"{name}.json").read_bytes(), name)
    form, problem = read_instance(root)
    began = time.process_time()
    plan = plan_visits(problem, Effort(seconds=seconds, clock=time.process_time))
    used = time.process_time() - began
    verdict = check_plan(form, root.value, plan_stops(problem, plan))
    again, others, moved = replanned(problem, plan)
    known = best.get(name)
    return Row(
        instance=name, visits=problem.n_visits, cost=round(verdict.cost, 3), published=known,
        gap_percent=None if known is None else round(100 * (verdict.cost / known - 1), 2),
        kept=verdict.feasible and abs(verdict.cost - plan.cost) < 1e-6, seconds=round(used, 2),
        million_steps_a_second=round(plan.steps / used / 1e6, 2), replan_seconds=again, others=others,
        others_moved=moved,
        peer=peer(problem, seconds),
    )  # fmt: skip


def replanned(problem: Problem, plan: Plan) -> tuple[float, int, int]:
    """Return the seconds, the other visits and how many of them move when the busiest carer who can be is absent."""
    for absent in np.argsort(-np.bincount(plan.carer[plan.carer >= 0], minlength=len(problem.carers.ids))).tolist():
        left = problem.visits.allowed.sum(axis=1) - problem.visits.allowed[:, absent]
        if (left > len(problem.visits_of(0))).all():
            began = time.process_time()
            previous = Previous(carer=plan.carer, start=plan.start)
            effort = Effort(seconds=REPLAN_SECONDS, clock=time.process_time)
            found = replan_visits(problem, previous, frozenset({absent}), effort)
            return round(time.process_time() - began, 2), found.others, found.others_moved
    return 0.0, 0, 0


def peer(problem: Problem, seconds: float) -> float | None:
    """Return PyVRP's cost where it can say the case: single visits, one window, travel alone, whole minutes."""
    rules, patients = problem.rules, problem.patients
    alone = len(patients.ids) == problem.n_visits == len(patients.window_start) and set(rules.weights) == {
        "travel_time"
    }
    try:
        import pyvrp  # type: ignore[import-not-found,unused-ignore]  # a peer, installed by hand
        from pyvrp.stop import MaxRuntime  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    if not alone or patients.optional.any() or problem.carers.lunch.any():
        return None
    model: Any = pyvrp.Model()
    far = 10_000
    spots = [model.add_location(p, 0) for p in range(len(patients.ids) + 1)]
    depot = model.add_depot(spots[0])
    for p in range(len(patients.ids)):
        long = int(problem.visits.duration[p])
        early = int(patients.window_start[p])
        late = int(patients.window_end[p]) - (long if rules.met_at_end else 0)
        model.add_client(spots[p + 1], service_duration=long, tw_early=early, tw_late=late)
    rows = [int(problem.carers.departs[0]), *patients.place.tolist()]
    for k in range(len(problem.carers.ids)):
        profile = model.add_profile()
        model.add_vehicle_type(
            1, start_depot=depot, end_depot=depot, profile=profile, tw_early=int(problem.carers.shift_start[k]),
            tw_late=int(problem.carers.shift_end[k]),
        )  # fmt: skip
        for i, one in enumerate(spots):
            for j, other in enumerate(spots):
                if i == j:
                    continue
                way = int(problem.travel[0, rows[i], rows[j]])
                barred = j > 0 and not problem.visits.allowed[j - 1, k]
                model.add_edge(one, other, distance=far if barred else way, duration=way, profile=profile)
    found = model.solve(stop=MaxRuntime(seconds), display=False)
    return float(found.cost()) if found.is_feasible() else float("nan")


def lines(rows: list[Row]) -> Iterator[str]:
    """Yield a table of the rows."""
    head = f"{'instance':<36} {'visits':>6} {'cost':>10} {'gap %':>7} {'kept':>5} {'s':>6} {'M/s':>5}"
    yield f"{head}   replan s  moved   PyVRP"
    for row in rows:
        gap = "-" if row.gap_percent is None else f"{row.gap_percent:.2f}"
        other = "-" if row.peer is None else f"{row.peer:g}"
        yield (
            f"{row.instance:<36} {row.visits:>6} {row.cost:>10.2f} {gap:>7} {row.kept!s:>5} {row.seconds:>6.1f} "
            f"{row.million_steps_a_second:>5.2f}   {row.replan_seconds:>8.2f}  "
            f"{row.others_moved}/{row.others}   {other}"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="processor time for each instance")
    parser.add_argument("--only", default="", help="only instances whose name holds this")
    parser.add_argument("--json", action="store_true")
    wish = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit("The instances are not here: set MADANG_REFERENCE_DATA to the folder that holds hhcrsp.")
    warm_up()
    best = published()
    rows = [measure(name, wish.seconds, best) for name in CHOSEN if wish.only in name]
    if wish.json:
        print(json.dumps([asdict(row) for row in rows]))
        return
    print("\n".join(lines(rows)))
    gaps = [row.gap_percent for row in rows if row.gap_percent is not None]
    print(
        f"mean gap to published: {np.mean(gaps):.2f} % over {len(gaps)}; better on {sum(gap < -0.005 for gap in gaps)}"
    )
    try:
        import pyvrp  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    except ImportError:
        print("PyVRP is not installed: its column is empty (pip install pyvrp)")


if __name__ == "__main__":
    main()
