"""Real elections: the winners that pabutools and the cities themselves found."""

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from madang.rooms.autonomy.engine.allocation.rule import allocate, winners_of
from madang.rooms.autonomy.engine.manifest import Manifest
from madang.rooms.autonomy.formats.pabulib import PabulibFile, pabulib_read, pabulib_write

pytestmark = pytest.mark.peer

SATISFACTIONS = {"cost": "cost", "card": "cardinality", "add": "additive", "borda": "borda"}
RULES = {"greedy": "greedy", "mes": "equal-shares", "mes_add1": "equal-shares", "phragmen": "phragmen"}


@pytest.fixture(scope="module")
def folder(reference_data: Path) -> Path:
    found = reference_data / "pabulib"
    if not found.is_dir():
        pytest.skip("no Pabulib reference data")
    return found


def read(path: Path) -> PabulibFile:
    return pabulib_read(path.read_bytes(), path.name)


def winners(file: PabulibFile, **parameters: Any) -> list[str]:
    election = file.election
    manifest = Manifest.from_json({**parameters, "ballot": {"type": str(election.ballots.type)}})
    return winners_of(election, allocate(election, manifest).winners)


def results(folder: Path) -> list[tuple[Path, str, list[str]]]:
    """All stored results of exact counts that were finished."""
    found = []
    for path in sorted((folder / "expected").glob("*.json")):
        for name, result in json.loads(path.read_text())["rules"].items():
            if result["status"] == "ok" and "@" not in name:
                found.append((folder / f"{path.stem}.pb", name, result["selected_in_order"]))
    return found


def test_every_file_reads_and_comes_back_unchanged(folder: Path) -> None:
    paths = sorted(folder.glob("*.pb"))
    assert len(paths) == 64
    same = 0
    for path in paths:
        file = read(path)
        again = pabulib_read(pabulib_write(file), path.name)
        assert (again.meta, again.projects, again.vote_columns) == (file.meta, file.projects, file.vote_columns)
        assert list(again.vote_rows()) == list(file.vote_rows())
        assert int(file.values["num_votes"]) == file.election.voters
        assert not file.notices
        same += pabulib_write(file) == path.read_bytes()
    # Two files end a line or two otherwise than the rest of theirs.
    assert same >= 62


@pytest.mark.parametrize("rule", ["greedy", "mes", "phragmen"])
def test_winners_and_their_order_equal_those_of_pabutools(folder: Path, rule: str) -> None:
    checked = 0
    for path, name, expected in results(folder):
        if name.partition(":")[0] != rule:
            continue
        satisfaction = SATISFACTIONS.get(name.partition(":")[2], "cardinality")
        found = winners(read(path), rule=RULES[rule], satisfaction=satisfaction)
        # The stored outcome of Phragmen is sorted.
        assert (sorted(found) if rule == "phragmen" else found) == expected, (path.name, name)
        checked += 1
    assert checked == {"greedy": 77, "mes": 104, "phragmen": 40}[rule]


@pytest.mark.slow
def test_completed_winners_equal_those_of_pabutools(folder: Path) -> None:
    checked = 0
    for path, name, expected in results(folder):
        if name.startswith("mes_add1"):
            satisfaction = SATISFACTIONS[name.partition(":")[2]]
            found = winners(read(path), rule="equal-shares", satisfaction=satisfaction, completion="add1")
            assert found == expected, (path.name, name)
            checked += 1
    assert checked == 50


def selected(file: PabulibFile) -> set[str]:
    columns = [column.strip() for column in file.projects.columns]
    place, id_ = columns.index("selected"), columns.index("project_id")
    return {row[id_].strip() for row in file.projects.rows if row[place].strip() == "1"}


@pytest.mark.parametrize(
    "name", ["Netherlands_Assen_2024", "Poland_Swiecie_2023", "Poland_Wieliczka_2023_Green_Budget"]
)
def test_official_equal_shares_outcomes_come_from_running_on(folder: Path, name: str) -> None:
    path = folder / f"{name}.pb"
    if not path.exists():
        pytest.skip(f"{name} is not among the reference data")
    file = read(path)
    found = winners(file, rule="equal-shares", satisfaction="cost", completion="add1", stop="run-on")
    official = selected(file)
    assert set(found) == official


def test_stopping_early_changes_the_winners_of_wieliczka(folder: Path) -> None:
    file = read(folder / "Poland_Wieliczka_2023_Green_Budget.pb")
    early = set(winners(file, rule="equal-shares", satisfaction="cost", completion="add1"))
    assert early - selected(file) == {"66", "67"}
    assert selected(file) - early == {"46"}


def test_greedy_gives_the_official_outcome_where_the_city_used_it(folder: Path) -> None:
    checked = 0
    for row in csv.DictReader((folder / "INDEX.csv").read_text(encoding="utf-8").splitlines()):
        file = read(folder / row["file"])
        if "selected" not in file.projects.columns or row["rule"] not in ("greedy", "greedy-threshold"):
            continue
        least = int(Fraction(file.values.get("min_project_score_threshold", "0")))
        assert set(winners(file, rule="greedy", satisfaction="score", min_votes=least)) == selected(file), row["file"]
        checked += 1
    assert checked == 33
