"""Point to dong: the grid against shapely's STRtree, the same points in the same run.

Usage: python benchmarks/place_index.py [DISTRICT_CODE]
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import shapely

from madang.yard.places.engine.place_index import PlaceIndex
from madang.yard.places.formats.bundle import district_read

_REPEATS = 5


def best_ns(work: Callable[[], object], lookups: int) -> float:
    """Return the best time of a few runs, for one lookup [ns]."""
    times = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times) / lookups * 1e9


def main() -> None:
    """Time both ways, one point at a time and a million at once, and check that they agree."""
    boundaries = district_read(sys.argv[1] if len(sys.argv) > 1 else "29140")
    polygons = np.array(boundaries.polygons, dtype=object)
    west, south, east, north = boundaries.bounds
    random = np.random.default_rng(1)
    lon, lat = random.uniform(west, east, 1_000_000), random.uniform(south, north, 1_000_000)

    begun = time.perf_counter()
    index = PlaceIndex(boundaries.polygons)
    built = time.perf_counter() - begun
    tree = shapely.STRtree(polygons)
    shapely.prepare(polygons)
    few = list(zip(lon[:20_000].tolist(), lat[:20_000].tolist(), strict=True))

    def tree_one() -> list[int]:
        return [min(tree.query(shapely.Point(x, y), predicate="intersects").tolist(), default=-1) for x, y in few]

    def tree_many() -> np.ndarray:
        points, found = tree.query(shapely.points(lon, lat), predicate="intersects")
        answer = np.full(len(lon), len(polygons))
        np.minimum.at(answer, points, found)
        return np.where(answer == len(polygons), -1, answer)

    if tree_one() != [index.find(x, y) for x, y in few] or (tree_many() != index.find_many(lon, lat)).any():
        raise SystemExit("the two disagree")
    one, tree_one_ns = best_ns(lambda: [index.find(x, y) for x, y in few], len(few)), best_ns(tree_one, len(few))
    many, tree_many_ns = best_ns(lambda: index.find_many(lon, lat), len(lon)), best_ns(tree_many, len(lon))
    print(f"{boundaries.district.code}, {len(polygons)} dongs, index built in {built * 1e3:.0f} ms; answers equal")
    print(f"one at a time   grid {one:8.0f} ns   STRtree {tree_one_ns:8.0f} ns   ratio {tree_one_ns / one:6.1f}")
    print(f"a million       grid {many:8.1f} ns   STRtree {tree_many_ns:8.1f} ns   ratio {tree_many_ns / many:6.1f}")


if __name__ == "__main__":
    main()
