"""A changed day: who has to move does, hardly anybody else, and each change says why."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.rooms.care.visits.conftest import carer, day, line, patient, solved
from typer.testing import CliRunner

from madang.cli import app
from madang.numerics.errors import EngineInfeasible, EngineInputError
from madang.rooms.care.engine.visits.checker import check_plan
from madang.rooms.care.engine.visits.replan import Previous, replan_visits
from madang.rooms.care.engine.visits.search import Effort
from madang.rooms.care.formats.entries import Entry
from madang.rooms.care.formats.visit_plan import plan_json, plan_stops, previous_plan, read_instance

EFFORT = Effort(steps=30_000)


def town(patients: int = 30, carers: int = 6, seed: int = 0) -> dict[str, Any]:
    """Return a day in a town: every fourth patient has a double visit."""
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 40, (patients + 1, 2))
    ways = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1)).round().astype(int).tolist()
    people = []
    for position in range(patients):
        start = int(rng.integers(0, 300))
        more: dict[str, Any] = {"synchronization": {"type": "simultaneous"}} if position % 4 == 0 else {}
        services = "ab" if position % 4 == 0 else ["a", "b"][position % 2]
        people.append(patient(f"p{position}", position + 1, [(start, start + 60)], services, **more))
    costs = {"travel_time": 1, "total_tardiness": 1, "total_extra_time": 1}
    return day(people, [carer(f"c{k}", "ab", (0, 600)) for k in range(carers)], ways, cost_components=costs)


def previous_of(document: dict[str, Any], steps: int = 60_000) -> tuple[Any, Previous]:
    problem, plan, verdict = solved(document, steps=steps)
    assert verdict.feasible
    return problem, previous_plan(Entry("plan.json", "", plan_json(problem, plan)), problem)


@pytest.mark.parametrize("seed", range(3))
def test_an_absent_carer_is_replaced_and_few_others_move(seed: int) -> None:
    document = town(seed=seed)
    problem, previous = previous_of(document)
    absent = int(np.argmax(np.bincount(previous.carer)))
    found = replan_visits(problem, previous, frozenset({absent}), EFFORT)
    verdict = check_plan("uhhc", document, plan_stops(problem, found.plan))
    assert verdict.feasible
    assert verdict.cost == pytest.approx(found.plan.cost)
    assert absent not in found.plan.carer
    moved = np.flatnonzero((previous.carer != found.plan.carer) & (previous.carer != absent))
    assert (found.others, found.others_moved) == (int((previous.carer != absent).sum()), len(moved))
    assert len(moved) <= 0.1 * found.others
    # Every change is told, with its reason, and nothing else.
    told = [change for change in found.changes if not change.code.startswith("time")]
    assert len(told) == int((previous.carer != found.plan.carer).sum())
    gone = [change for change in told if change.code == "carer_absent"]
    assert len(gone) == int((previous.carer == absent).sum())
    assert all(f"because {problem.carers.ids[absent]} is absent" in change.text for change in gone)
    assert all(change.text.endswith(".") and change.text.count(". ") == 0 for change in found.changes)


def test_nothing_changes_where_nothing_has_changed() -> None:
    problem, previous = previous_of(town(patients=12, carers=3), steps=200_000)
    found = replan_visits(problem, previous, frozenset(), EFFORT)
    assert found.others_moved == 0
    assert found.plan.carer.tolist() == previous.carer.tolist()


def test_an_added_visit_is_put_in_and_told() -> None:
    document = town(patients=20, carers=4)
    smaller = {**document, "patients": document["patients"][:-1]}
    problem, plan, _verdict = solved(smaller, steps=60_000)
    written = Entry("plan.json", "", plan_json(problem, plan))
    _form, larger = read_instance(Entry("day.json", "", document))
    found = replan_visits(larger, previous_plan(written, larger), frozenset(), EFFORT)
    assert check_plan("uhhc", document, plan_stops(larger, found.plan)).feasible
    (added,) = [change for change in found.changes if change.code == "added"]
    assert added.data["patient"] == "p19"
    assert added.data["from"] is None
    assert found.others_moved <= 1


def test_the_same_seed_replans_alike() -> None:
    problem, previous = previous_of(town(patients=15, carers=4))
    one = replan_visits(problem, previous, frozenset({0}), EFFORT)
    other = replan_visits(problem, previous, frozenset({0}), EFFORT)
    assert [change.text for change in one.changes] == [change.text for change in other.changes]


def test_what_nobody_else_may_do_is_refused() -> None:
    document = day([patient("p1", 1, [(0, 60)], "b")], [carer("c1", "a"), carer("c2", "b")], line(2))
    problem, previous = previous_of(document, steps=100)
    with pytest.raises(EngineInfeasible) as refused:
        replan_visits(problem, previous, frozenset({1}), EFFORT)
    assert refused.value.data == {"patient": "p1"}
    with pytest.raises(EngineInputError):
        replan_visits(problem, Previous(carer=np.zeros(3, np.int64), start=np.zeros(3)), frozenset(), EFFORT)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return CliRunner()


def test_a_day_is_planned_checked_and_replanned_on_files(run: CliRunner, tmp_path: Path) -> None:
    instance, plan, again = tmp_path / "day.json", tmp_path / "plan.json", tmp_path / "again.json"
    instance.write_text(json.dumps(town(patients=12, carers=4)))
    base = ["care", "visits", str(instance), "--steps", "20000", "--out", str(plan), "--json"]
    made = run.invoke(app, base)
    answer = json.loads(made.stdout)
    assert (made.exit_code, answer["feasible"], answer["violations"]) == (0, True, [])
    assert {"cost", "cost_parts", "feasible", "seconds", "seed"} <= set(answer)
    assert json.loads(run.invoke(app, base).stdout)["cost"] == answer["cost"]
    checked = run.invoke(app, ["care", "visits-check", str(instance), str(plan), "--json"])
    assert (checked.exit_code, json.loads(checked.stdout)["cost"]) == (0, answer["cost"])
    assert "Every rule holds." in run.invoke(app, ["care", "visits-check", str(instance), str(plan)]).stdout
    changed = ["care", "replan", str(instance), str(plan), "--absent", "c1", "--seconds", "0.2", "--out", str(again)]
    body = json.loads(run.invoke(app, [*changed, "--json"]).stdout)
    assert body["feasible"]
    assert all(change["text"] and change["code"] for change in body["changes"])
    assert "c1" not in {stop["to"] for stop in body["changes"]}
    assert json.loads(again.read_text())["routes"]
    assert "other visits pass to another carer" in run.invoke(app, changed).stdout


def test_a_broken_plan_ends_with_one_and_a_bad_file_with_two(run: CliRunner, tmp_path: Path) -> None:
    instance, plan = tmp_path / "day.json", tmp_path / "plan.json"
    instance.write_text(json.dumps(town(patients=4, carers=2)))
    plan.write_text(json.dumps({"routes": []}))
    broken = run.invoke(app, ["care", "visits-check", str(instance), str(plan), "--json"])
    assert broken.exit_code == 1
    assert {one["code"] for one in json.loads(broken.stdout)["violations"]} == {"not_served"}
    for arguments in (
        ["visits", str(tmp_path / "absent.json")],
        ["visits", str(plan)],
        ["visits", str(instance), "--format", "other"],
        ["visits", str(instance), "--format", "mankowska"],
        ["visits-check", str(instance), str(instance)],
        ["replan", str(instance), str(plan), "--absent", "nobody"],
    ):
        refused = run.invoke(app, ["care", *arguments])
        assert refused.exit_code == 2, arguments
        assert "Traceback" not in refused.output
