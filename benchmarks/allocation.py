"""Counting votes on a budget: ours against pabutools, the same files in one run, then half a million voters.

Usage: python benchmarks/allocation.py [FOLDER_OF_PABULIB_FILES] [NAME ...]

pabutools (GPL) is not a dependency: install it where this runs, or its lines are skipped. It is started in a process of
its own for each file, so that times and peak memory are each side's own. Winners are compared.
"""

import json
import os
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

NAMES = ("Poland_Lodz_2022", "Poland_Warszawa_2026", "Poland_Krakow_2024", "Poland_Wieliczka_2023_Green_Budget")
PEER = """
import json, resource, sys, time
from fractions import Fraction
from pabutools.election import Additive_Borda_Sat, Additive_Cardinal_Sat, Cost_Sat, parse_pabulib
from pabutools.rules import greedy_utilitarian_welfare, method_of_equal_shares, sequential_phragmen
name, rule = sys.argv[1:]
begun = time.process_time()
instance, profile = parse_pabulib(name)
parsed = time.process_time() - begun
sat = {"cumulative": Additive_Cardinal_Sat, "ordinal": Additive_Borda_Sat}.get(instance.meta["vote_type"], Cost_Sat)
if rule == "greedy":
    found = greedy_utilitarian_welfare(instance, profile, sat_class=sat)
elif rule == "phragmen":
    found = sequential_phragmen(instance, profile)
else:
    step = 1 if rule == "add1" else None
    found = method_of_equal_shares(instance, profile, sat_class=sat, voter_budget_increment=step)
print(json.dumps({"parse": parsed, "all": time.process_time() - begun, "winners": [p.name for p in found],
                  "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""
OURS = """
import json, resource, sys, time
begun = time.process_time()
from madang.rooms.autonomy.engine.allocation.rule import allocate, winners_of
from madang.rooms.autonomy.engine.manifest import Manifest
from madang.rooms.autonomy.formats.pabulib import pabulib_read
name, rule = sys.argv[1:]
election = pabulib_read(open(name, "rb").read(), name).election
parsed = time.process_time() - begun
usual = {"cumulative": "additive", "ordinal": "borda"}.get(str(election.ballots.type), "cost")
manifest = Manifest.from_json({"rule": "equal-shares" if rule in ("mes", "add1") else rule, "satisfaction": usual,
    "completion": "add1" if rule == "add1" else "none", "ballot": {"type": str(election.ballots.type)}})
found = winners_of(election, allocate(election, manifest).winners)
print(json.dumps({"parse": parsed, "all": time.process_time() - begun, "winners": found,
                  "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def run(python: str, script: str, path: Path, rule: str) -> dict[str, Any] | None:
    """Return what one side found, with its CPU seconds and peak memory; None where it did not end in ten minutes."""
    try:
        done = subprocess.run([python, "-c", script, str(path), rule], capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def compare(folder: Path, names: list[str], peer: str | None) -> None:
    """Count each file by each rule on both sides."""
    print(f"{'file':<38} {'rule':<9} {'ours s':>8} {'MiB':>6} {'pabutools s':>12} {'MiB':>6} {'ratio':>7}  winners")
    for name in names:
        for rule in ("greedy", "mes", "phragmen", "add1"):
            path = folder / f"{name}.pb"
            if rule == "phragmen" and "ordinal" in path.read_text(encoding="utf-8-sig")[:2000]:
                continue
            ours = run(sys.executable, OURS, path, rule)
            theirs = None if peer is None else run(peer, PEER, path, rule)
            if ours is None:
                raise SystemExit("ours did not end")
            line = f"{name:<38} {rule:<9} {ours['all']:8.2f} {ours['mib']:6.0f}"
            if theirs is None:
                print(line + ("  pabutools skipped" if peer is None else "  pabutools: more than 600 s"))
                continue
            same = (sorted if rule == "phragmen" else list)(ours["winners"]) == theirs["winners"]
            ratio = theirs["all"] / ours["all"]
            print(f"{line} {theirs['all']:12.2f} {theirs['mib']:6.0f} {ratio:7.0f}  {'equal' if same else 'DIFFER'}")


def synthetic(voters: int, projects: int) -> None:
    """Count a drawn election: about five approvals a voter, popularity of projects unequal."""
    from madang.rooms.autonomy.engine.allocation.completion import equal_share
    from madang.rooms.autonomy.engine.allocation.equal_shares import EqualShares
    from madang.rooms.autonomy.engine.allocation.support import Satisfaction, support_of
    from madang.rooms.autonomy.engine.allocation.ties import tie_ranks
    from madang.rooms.autonomy.engine.election import Ballots, BallotType, Election, Project

    random = np.random.default_rng(20261124)
    rows = np.repeat(np.arange(voters), random.integers(1, 10, voters))
    drawn = random.choice(projects, len(rows), p=random.dirichlet(np.full(projects, 0.7)))
    cells = np.unique(rows * projects + drawn)
    starts = np.zeros(voters + 1, dtype=np.int64)
    np.cumsum(np.bincount(cells // projects, minlength=voters), out=starts[1:])
    costs = random.integers(10, 2000, projects) * 100_000
    election = Election(
        projects=tuple(Project(id=str(number), cost=Fraction(int(cost))) for number, cost in enumerate(costs)),
        ballots=Ballots(
            type=BallotType.APPROVAL,
            counts=np.ones(voters, dtype=np.int64),
            starts=starts,
            choices=(cells % projects).astype(np.int32),
        ),
        budget=Fraction(int(costs.sum()) // 4),
    )
    begun = time.perf_counter()
    rule = EqualShares(election, support_of(election, Satisfaction.COST), tie_ranks(election, ()))
    share = equal_share(election)
    rule.run(share)
    first = time.perf_counter() - begun
    begun, cpu = time.perf_counter(), time.process_time()
    for step in range(56):
        outcome = rule.run(share * (1 + Fraction(step, 100)))
    many, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(f"{voters:,} voters x {projects} projects, {len(cells):,} approvals: equal shares {first:.2f} s")
    last = f"{len(outcome.winners)} winners in the last"
    print(f"56 runs with shares raised by 1 % each: {many:.2f} s ({cpu:.2f} s of CPU), {last}")


def main() -> None:
    """Compare on real files, then count the drawn election."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "shared/data/pabulib")
    peer = os.environ.get("PABUTOOLS_PYTHON", sys.executable)
    there = subprocess.run([peer, "-c", "import pabutools"], capture_output=True).returncode == 0
    if not there:
        print(
            "pabutools is not installed here (or name a Python that has it in PABUTOOLS_PYTHON): its lines are skipped"
        )
    if folder.is_dir():
        compare(folder, sys.argv[2:] or list(NAMES), peer if there else None)
    else:
        print(f"no folder {folder}: real elections are skipped")
    synthetic(500_000, 300)


if __name__ == "__main__":
    main()
