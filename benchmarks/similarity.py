"""Near-duplicates: average precision and times of our two tokenisers against TF-IDF over characters.

Run `python benchmarks/similarity.py [FILE.csv] [--size N] [--json]`. FILE has the columns `issue`, `family` and `text`
(by default the labelled proposals of the tests); texts of one issue are near-duplicates. Times are taken on N texts
made by joining those of the file. Loading the dictionary of morphemes is measured in processes of its own.
"""

import argparse
import csv
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.rooms.autonomy.engine.similarity import SimilarityIndex, Tokeniser, characters, morphemes
from madang.rooms.autonomy.engine.topics import topics_of

LABELLED = Path(__file__).resolve().parents[1] / "tests" / "rooms" / "autonomy" / "similarity" / "proposals_ko.csv"
MODELS = {
    "everything": "",
    "without phrases (used)": "load_multi_dict=False, load_typo_dict=False",
    "without phrases and names": "load_multi_dict=False, load_typo_dict=False, load_default_dict=False",
}
LOAD = """
import time
def resident():
    return int(next(line for line in open('/proc/self/status') if line.startswith('VmRSS')).split()[1]) // 1024
before, begun = resident(), time.perf_counter()
import kiwipiepy
kiwi = kiwipiepy.Kiwi({options})
kiwi.tokenize('밤길이 어두워서 가로등을 더 세워 주세요')
print(round(time.perf_counter() - begun, 2), resident() - before)
"""


def plain(text: str) -> dict[str, float]:
    """Pairs and triples of characters with their counts: the usual TF-IDF over characters."""
    return dict(Counter(text[at : at + size] for size in (2, 3) for at in range(len(text) - size + 1)))


def average_precision(found: NDArray[np.float64], issue: list[str], kind: list[str] | None = None) -> float:
    """Return the average precision over all pairs, or over those of one kind."""
    one, other = np.triu_indices(len(found), 1)
    names = np.array(issue)
    same = names[one] == names[other]
    if kind is not None:
        kinds = np.array(kind)
        hard = kinds[one] == kinds[other]
        one, other, same = one[hard], other[hard], same[hard]
    right = same[np.argsort(-found[one, other], kind="stable")]
    return float((np.cumsum(right) / np.arange(1, right.size + 1))[right].mean())


def measure(name: str, tokeniser: Tokeniser, rows: list[dict[str, str]], size: int) -> dict[str, Any]:
    """Measure one tokeniser."""
    texts, issue, family = ([row[key] for row in rows] for key in ("text", "issue", "family"))
    index = SimilarityIndex(texts, tokeniser)
    found = np.vstack([block for _begin, block in index.similarities()])
    near = np.argsort(-(found - 2 * np.eye(len(found))), axis=1, kind="stable")[:, :3]
    shown = np.mean([any(issue[other] == issue[at] for other in row) for at, row in enumerate(near)])
    many = [f"{texts[at % len(texts)]} {texts[(at * 7 + 3) % len(texts)]}" for at in range(size)]
    begun = time.perf_counter()
    large = SimilarityIndex(many, tokeniser)
    large.matrix()
    built = time.perf_counter() - begun
    times = []
    for text in texts[:100]:
        begun = time.perf_counter()
        large.nearest(text)
        times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    large.add(["마을버스를 늘려 주세요"])
    large.nearest("마을버스")
    added = time.perf_counter() - begun
    begun = time.perf_counter()
    topics = topics_of(index)
    return {
        "words": name,
        "average_precision": round(average_precision(found, issue), 4),
        "hard_pairs": round(average_precision(found, issue, family), 4),
        "shown_among_three": round(float(shown), 3),
        "texts": size,
        "build_s": round(built, 2),
        "nearest_ms_median": round(1000 * float(np.median(times)), 2),
        "nearest_ms_worst": round(1000 * max(times), 2),
        "add_then_nearest_ms": round(1000 * added, 1),
        "topics": len(topics),
        "topics_s": round(time.perf_counter() - begun, 3),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=LABELLED)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with chosen.file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    loads = {}
    for name, options in MODELS.items():
        run = subprocess.run(
            [sys.executable, "-c", LOAD.format(options=options)], capture_output=True, text=True, check=True
        )
        seconds, megabytes = run.stdout.split()
        loads[name] = {"seconds": float(seconds), "megabytes": int(megabytes)}
    results = [
        measure("plain characters", plain, rows, chosen.size),
        measure("characters", characters, rows, chosen.size),
        measure("morphemes", morphemes(), rows, chosen.size),
    ]
    if chosen.json:
        print(json.dumps({"results": results, "loads": loads}, ensure_ascii=False))
        return
    for row in results:
        print("  ".join(f"{key} {value}" for key, value in row.items()))
    for name, load in loads.items():
        print(f"loading {name}: {load['seconds']} s, {load['megabytes']} MB")


if __name__ == "__main__":
    main()
