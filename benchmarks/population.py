"""How long a synthetic district takes, and how much memory.

Usage: python benchmarks/population.py [DISTRICT_CODE]
"""

import resource
import sys
import time

from madang.yard.people.engine.population import synthesise
from madang.yard.people.formats.population_parquet import read_population, write_population
from madang.yard.places.formats.bundle import district_read


def main() -> None:
    """Make one district three times, write it and read it."""
    boundaries = district_read(sys.argv[1] if len(sys.argv) > 1 else "29140")
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        population = synthesise(boundaries, 2026)
        seconds.append(time.perf_counter() - begun)
    persons = len(population.persons.age)
    begun = time.perf_counter()
    data = write_population(population)
    written = time.perf_counter() - begun
    begun = time.perf_counter()
    read_population(data, "population.parquet")
    read = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{persons:,} persons: first {seconds[0]:.2f} s, best {min(seconds):.2f} s, peak memory {peak:.0f} MB")
    print(f"Parquet {len(data) / 1e6:.1f} MB: written in {written:.2f} s, read and checked in {read:.2f} s")


if __name__ == "__main__":
    main()
