"""How fair and how fast a council is drawn by lot, beside sortition-algorithms on the same pools in the same run.

Run `python benchmarks/sortition.py [--json] [--limit SECONDS]`. Pools are drawn from fixed seeds; the quotas follow a
population from which the applicants differ. For each pool: persons, types, seconds, the smallest probability, the
proven gap, and the largest distance of a probability from its level after rounding to tickets. The peer runs its
maximin method on HiGHS (its leximin needs a commercial solver; where `gurobipy` is installed it is tried as well), in a
process of its own that is stopped after the limit. Where it is not installed, a line says so.
"""

import argparse
import json
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from madang.rooms.autonomy.engine.sortition.leximin import leximin
from madang.rooms.autonomy.engine.sortition.lottery import fair_tickets
from madang.rooms.autonomy.engine.sortition.pool import Pool, Problem, Quota

Category = tuple[str, Sequence[str], Sequence[float], Sequence[float]]
# Name, values, shares among applicants, shares in the population.
FOUR: tuple[Category, ...] = (
    ("age", ["19-29", "30-44", "45-59", "60-69", "70+"], [0.08, 0.17, 0.3, 0.25, 0.2], [0.15, 0.22, 0.26, 0.18, 0.19]),
    ("sex", ["female", "male"], [0.6, 0.4], [0.5, 0.5]),
    ("part", ["A", "B", "C", "D"], [0.4, 0.3, 0.2, 0.1], [0.3, 0.25, 0.25, 0.2]),
    ("first", ["yes", "no"], [0.55, 0.45], [0.7, 0.3]),
)
SIX = (*FOUR, ("school", list("123"), [0.1, 0.3, 0.6], [0.3, 0.4, 0.3]), ("home", list("or"), [0.7, 0.3], [0.55, 0.45]))
EIGHT = (
    *SIX,
    ("work", list("abcde"), [0.3, 0.1, 0.1, 0.2, 0.3], [0.25, 0.15, 0.2, 0.25, 0.15]),
    ("children", list("yn"), [0.3, 0.7], [0.4, 0.6]),
)
POOLS = ((60, 10, FOUR), (200, 20, FOUR), (500, 30, FOUR), (2000, 40, FOUR), (2000, 40, SIX), (2000, 40, EIGHT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one method made of one pool."""

    method: str
    persons: int
    size: int
    categories: int
    types: int
    seconds: float | None
    smallest: float | None
    gap: float | None = None
    rounding: float | None = None
    councils: int | None = None
    note: str = ""


def pool_of(persons: int, size: int, categories: Sequence[Category], seed: int = 1) -> Problem:
    """Return a pool with quotas of one person about the population's share."""
    rng = np.random.default_rng(seed)
    columns = [rng.choice(values, p=shares, size=persons) for _name, values, shares, _population in categories]
    quotas = [
        Quota(category=name, value=value, least=int(np.floor(share * size)), most=int(np.ceil(share * size)))
        for name, values, _shares, population in categories
        for value, share in zip(values, population, strict=True)
    ]
    pool = Pool(
        lots=tuple(f"{number:05d}" for number in range(persons)),
        categories=tuple(name for name, *_rest in categories),
        values=tuple(tuple(str(column[number]) for column in columns) for number in range(persons)),
    )
    return Problem(pool=pool, quotas=tuple(quotas), size=size)


def ours(problem: Problem) -> Row:
    """Return what the leximin method of this project makes of a pool."""
    begun = time.perf_counter()
    lottery = leximin(problem)
    seconds = time.perf_counter() - begun
    tickets = fair_tickets(problem)
    exact = np.array([float(tickets.probability(kind)) for kind in range(len(problem.types))])
    return Row(
        method="madang leximin",
        persons=len(problem.pool.lots),
        size=problem.size,
        categories=len(problem.used),
        types=len(problem.types),
        seconds=round(seconds, 3),
        smallest=float(lottery.levels.min()),
        gap=lottery.gap,
        rounding=float(np.abs(exact - lottery.levels).max()),
        councils=len(lottery.weights),
    )


def _peer(problem: Problem, method: str, answer: Any) -> None:  # noqa: ANN401  # a queue
    from sortition_algorithms.committee_generation.leximin import find_distribution_leximin
    from sortition_algorithms.committee_generation.maximin import find_distribution_maximin
    from sortition_algorithms.features import read_in_features
    from sortition_algorithms.people import read_in_people
    from sortition_algorithms.settings import Settings

    quotas = problem.quotas
    rows = [
        {"feature": q.category, "value": q.value, "min": str(q.least), "max": str(q.most)} for q in quotas
    ]  # fmt: skip
    features, *_rest = read_in_features(["feature", "value", "min", "max"], rows)
    settings = Settings(id_column="lot", columns_to_keep=[])
    body = [
        {"lot": lot, **dict(zip(problem.pool.categories, values, strict=True))}
        for lot, values in zip(problem.pool.lots, problem.pool.values, strict=True)
    ]
    people, *_rest = read_in_people(["lot", *problem.pool.categories], body, features, settings)
    find = find_distribution_leximin if method == "leximin" else find_distribution_maximin
    begun = time.perf_counter()
    committees, weights, _report = find(features, people, problem.size, [])
    seconds = time.perf_counter() - begun
    chance = dict.fromkeys(problem.pool.lots, 0.0)
    for committee, weight in zip(committees, weights, strict=True):
        for lot in committee:
            chance[lot] += weight
    answer.put((seconds, min(chance.values()), len(committees)))


def peer(problem: Problem, method: str, limit: float) -> Row:
    """Return what sortition-algorithms makes of a pool within a time limit."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=_peer, args=(problem, method, answer))
    process.start()
    process.join(limit)
    note, found = "", (None, None, None)
    if process.is_alive():
        process.terminate()
        process.join()
        note = f"stopped after {limit:g} s"
    elif process.exitcode != 0 or answer.empty():
        note = "failed"
    else:
        found = answer.get()
    return Row(
        method=f"sortition-algorithms {method}",
        persons=len(problem.pool.lots),
        size=problem.size,
        categories=len(problem.used),
        types=len(problem.types),
        seconds=None if found[0] is None else round(found[0], 3),
        smallest=found[1],
        councils=found[2],
        note=note,
    )


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for the peer on one pool")
    arguments = parser.parse_args()
    rows = []
    has_peer = find_spec("sortition_algorithms") is not None
    for persons, size, categories in POOLS:
        problem = pool_of(persons, size, categories)
        rows.append(ours(problem))
        if has_peer:
            rows.append(peer(problem, "maximin", arguments.limit))
            if find_spec("gurobipy") is not None:
                rows.append(peer(problem, "leximin", arguments.limit))
        if not arguments.json:
            for row in rows[-3 if has_peer else -1 :]:
                if row.persons == persons and row.categories == len(categories):
                    _print(row)
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows]))
    elif not has_peer:
        print("sortition-algorithms is not installed here: its rows are left out")


def _print(row: Row) -> None:
    seconds = f"{row.seconds:9.2f} s" if row.seconds is not None else f"{row.note:>11}"
    smallest = f"smallest {row.smallest:.9f}" if row.smallest is not None else ""
    more = f"gap {row.gap:.1e}, tickets off by {row.rounding:.1e}" if row.rounding is not None else ""
    print(
        f"{row.persons:5d} persons, {row.types:4d} types, council of {row.size:3d}: {row.method:30s} {seconds}  "
        f"{smallest}  {row.councils or '-'} councils  {more}",
        flush=True,
    )


if __name__ == "__main__":
    main()
