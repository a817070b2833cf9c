"""Opinion groups: how well the groups of Polis are met and how fast, against red-dwarf on the same files in one run.

Run `python benchmarks/opinion.py FOLDER... [--peer PYTHON] [--json]`; a FOLDER holds the export of one conversation
(`participants-votes.csv`, and `votes.csv` and `comments.csv` where there are any). `--peer` names an interpreter that
has red-dwarf; without one, or where it has none, that column is left out with a word. Reading files is not timed for
either; the peer gets its list of votes ready-made, and the best of three runs counts for both. Seconds are those of the
processor, so that what else the machine does hardly matters.
"""

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from madang.rooms.autonomy.engine.opinion import (
    OpinionGroups,
    OpinionParameters,
    Votes,
    opinion_groups,
    opinion_stability,
    votes_gathered,
)
from madang.rooms.autonomy.engine.opinion.clusters import adjusted_rand
from madang.rooms.autonomy.formats.polis import PolisExport, export_read, statements_read

TABLE = "participants-votes.csv"
RUNS = 3
PEER = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
from reddwarf.implementations.polis import run_pipeline
given = json.load(sys.stdin)
votes = [{"participant_id": p, "statement_id": s, "vote": v} for p, s, v in given["votes"]]
times = []
for _ in range(given["runs"]):
    begun = time.process_time()
    found = run_pipeline(votes=votes, mod_out_statement_ids=given["out"], random_state=42)
    times.append(time.process_time() - begun)
labels = found.participants_df["cluster_id"].dropna()
print(json.dumps({"seconds": min(times), "labels": {str(k): int(v) for k, v in labels.items()}}))
"""


def triples(votes: Votes) -> list[tuple[str, str, int]]:
    """Return votes as the peer takes them."""
    return [
        (votes.participants[row], votes.statements[column], int(value))
        for row, column, value in zip(votes.row, votes.column, votes.value, strict=True)
    ]


def best(work: Callable[[], Any]) -> float:
    """Return the least time of a few runs [s]."""
    times = []
    for _ in range(RUNS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def against(labels: dict[str, int], groups: dict[str, int]) -> float | None:
    """Return the adjusted Rand index with the groups of Polis, over those who are in both."""
    both = sorted(set(labels) & set(groups))
    if not both:
        return None
    one, other = (np.unique([each[key] for key in both], return_inverse=True)[1] for each in (labels, groups))
    return round(adjusted_rand(one, other), 4)


def ours(votes: Votes) -> tuple[OpinionGroups, dict[str, float]]:
    """Find the groups, gathering and stability timed apart."""
    rows = triples(votes)
    people, topics, values = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    out = dict(zip(votes.statements, votes.moderated.tolist(), strict=True))
    plain = OpinionParameters(resamples=0)

    def whole() -> OpinionGroups:
        return opinion_groups(votes_gathered(people, topics, values, out), plain)

    seconds = {"groups": best(whole)}
    found = whole()
    begun = time.process_time()
    opinion_stability(votes, found)
    return found, seconds | {"stability": time.process_time() - begun}


def peer(interpreter: str, votes: Votes) -> dict[str, Any] | None:
    """Let red-dwarf find the groups in a process of its own, or return None where it is not installed."""
    rows = [(int(person), int(topic), value) for person, topic, value in triples(votes)]
    out = [int(topic) for topic, gone in zip(votes.statements, votes.moderated, strict=True) if gone]
    run = subprocess.run(
        [interpreter, "-c", PEER],
        input=json.dumps({"votes": rows, "out": out, "runs": RUNS}),
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        print(f"peer left out: {run.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def export_of(folder: Path) -> tuple[PolisExport, Votes]:
    """Return the table with the groups of Polis, and the votes (from the list, where there is one)."""
    comments = folder / "comments.csv"
    statements = statements_read(comments.name, comments.read_bytes()) if comments.is_file() else {}
    table = export_read(TABLE, (folder / TABLE).read_bytes(), statements)
    listed = folder / "votes.csv"
    if listed.is_file():
        return table, export_read(listed.name, listed.read_bytes(), statements).votes
    return table, table.votes


def measure(folder: Path, interpreter: str) -> dict[str, Any]:
    """Measure one conversation."""
    table, votes = export_of(folder)
    found, seconds = ours(votes)
    labels = {votes.participants[at]: int(group) for at, group in zip(found.clustered, found.labels, strict=True)}
    row: dict[str, Any] = {
        "conversation": folder.name,
        "people": len(votes.participants),
        "votes": int(votes.row.size),
        "groups": len(found.numbers),
        "ari": against(labels, table.groups),
        "seconds": round(seconds["groups"], 4),
        "stability": round(found_stability(votes, found), 3),
        "stability_s": round(seconds["stability"], 3),
    }
    other = peer(interpreter, votes)
    if other is not None:
        row |= {
            "peer_ari": against(other["labels"], table.groups),
            "peer_seconds": round(other["seconds"], 4),
            "times_faster": round(other["seconds"] / seconds["groups"], 1),
            "same_groups": against(labels, other["labels"]),
        }
    return row


def found_stability(votes: Votes, found: OpinionGroups) -> float:
    """Return the mean stability; 0 where there are no groups."""
    stability = opinion_stability(votes, found)
    return stability.mean if stability else 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--peer", default=sys.executable)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = [measure(folder, chosen.peer) for folder in chosen.folders]
    if chosen.json:
        print(json.dumps({"machine": platform.processor(), "rows": rows}, ensure_ascii=False))
        return
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
