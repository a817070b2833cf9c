"""How well and how fast the publication guard works, on tables of a district's size.

Run `python benchmarks/suppression.py [--seeds N] [--json]`. For each table: small counts, cells withheld with them, how
far the first choice is from the best, the proven gap, and the seconds of each step. The peer is the rule that is common
in practice (in every line at least two withheld cells, the smallest first): what it withholds, and how many small
counts an attacker still narrows.
"""

import argparse
import json
import platform
import time
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from madang.yard.evidence.engine.disclosure import attack
from madang.yard.evidence.engine.line import guard_line
from madang.yard.evidence.engine.optimum import Search
from madang.yard.evidence.engine.rules import Loss, Rule
from madang.yard.evidence.engine.suppression import guard_table
from madang.yard.evidence.engine.tables import margin_table

TABLES = {
    "18 dongs x 6 age bands": (18, 6),
    "18 dongs x 12 months": (18, 12),
    "6 dongs x 4 age bands x 2 sexes": (6, 4, 2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one table gave."""

    table: str
    mean: float
    loss: str
    seed: int
    small: int
    others: int
    first: int
    best: int
    gap: float
    rounds: int
    first_s: float
    whole_s: float
    audit_s: float
    naive: int
    naive_betrays: int


def counts(shape: tuple[int, ...], mean: float, seed: int) -> NDArray[np.int64]:
    """Return counts as uneven as a district's: gamma-mixed Poisson."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(1.2, mean / 1.2, size=shape)).astype(np.int64)


def naive(inner: NDArray[np.int64], rule: Rule) -> NDArray[np.bool_]:
    """Withhold the smallest further cell of every line that has a lone withheld one, until none has."""
    table = margin_table(inner)
    withheld = rule.small(table.counts)
    changed = True
    while changed:
        changed = False
        for relation in table.relations:
            cells = np.array([*relation.parts, relation.total])
            if withheld[cells].sum() == 1:
                free = cells[~withheld[cells] & (table.counts[cells] > 0)]
                if free.size:
                    withheld[free[np.argmin(table.counts[free])]] = True
                    changed = True
    return withheld


def measure(name: str, shape: tuple[int, ...], mean: float, loss: Loss, seed: int) -> Row:
    """Guard one table in every way."""
    inner = counts(shape, mean, seed)
    table, rule = margin_table(inner), Rule(loss=loss)
    begun = time.perf_counter()
    first = guard_table(table, rule, search=Search(rounds=0))
    first_s = time.perf_counter() - begun
    begun = time.perf_counter()
    best = guard_table(table, rule)
    whole_s = time.perf_counter() - begun
    begun = time.perf_counter()
    attack(table, ~best.published, at_least=1)
    audit_s = time.perf_counter() - begun
    pattern = naive(inner, rule)
    seen = attack(table, pattern, at_least=1)
    small = rule.small(table.counts)
    betrayed = (seen.low > best.required_low) | (seen.high < best.required_high)
    weights = np.maximum(table.counts, 1)
    return Row(
        table=name,
        mean=mean,
        loss=loss.value,
        seed=seed,
        small=int((best.status == 1).sum()),
        others=int((best.status == 2).sum()),
        first=first.loss,
        best=best.loss,
        gap=best.gap,
        rounds=best.rounds,
        first_s=first_s,
        whole_s=whole_s,
        audit_s=audit_s,
        naive=int(weights[pattern].sum()) if loss is Loss.VALUES else -1,
        naive_betrays=int((betrayed & small).sum()),
    )


def lines(number: int = 1000) -> float:
    """Return the seconds that the closed form takes for a line of 18 dongs."""
    rng = np.random.default_rng(1)
    rows = [rng.poisson(9, size=18) for _ in range(number)]
    begun = time.perf_counter()
    for row in rows:
        guard_line(row, Rule())
    return (time.perf_counter() - begun) / number


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = [
        measure(name, shape, mean, loss, seed)
        for name, shape in TABLES.items()
        for mean in ((10.0, 25.0) if len(shape) == 2 else (25.0,))
        for loss in Loss
        for seed in range(asked.seeds)
    ]
    line_s = lines()
    if asked.json:
        print(json.dumps({"machine": platform.processor(), "line_s": line_s, "rows": [asdict(row) for row in rows]}))
        return
    print(f"{'table':32} mean loss   seed small others first  best  gap% rounds first_s whole_s audit_s naive betrays")
    for row in rows:
        print(
            f"{row.table:32} {row.mean:4.0f} {row.loss:6} {row.seed:4d} {row.small:5d} {row.others:6d} {row.first:5d}"
            f" {row.best:5d} {100 * row.gap:5.1f} {row.rounds:6d} {row.first_s:8.2f} {row.whole_s:7.2f}"
            f" {row.audit_s:7.2f} {row.naive:5d} {row.naive_betrays:7d}"
        )
    print(f"line of 18 dongs: {1e6 * line_s:.0f} microseconds")


if __name__ == "__main__":
    main()
