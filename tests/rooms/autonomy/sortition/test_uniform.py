"""Every council with the same chance."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from tests.rooms.autonomy.sortition.test_leximin import problem_of

from madang.rooms.autonomy.engine.sortition import uniform
from madang.rooms.autonomy.engine.sortition.chance import Chance
from madang.rooms.autonomy.engine.sortition.pool import Problem
from madang.rooms.autonomy.engine.sortition.uniform import Uniform

ROWS = ["apx", "apy", "aqx", "bpx", "bqy", "bqy", "aqy", "bpy", "apx"]
LIMITS = {"a": (1, 2), "b": (1, 2), "p": (1, 2), "q": (1, 2), "x": (1, 2), "y": (1, 2)}


def councils(problem: Problem) -> list[tuple[str, ...]]:
    kind_of = {lot: kind for kind, lots in enumerate(problem.members) for lot in lots}
    found = []
    for chosen in combinations(sorted(kind_of), problem.size):
        sums = problem.incidence @ np.bincount([kind_of[lot] for lot in chosen], minlength=len(problem.types))
        if all(quota.least <= had <= quota.most for quota, had in zip(problem.quotas, sums.tolist(), strict=True)):
            found.append(chosen)
    return found


def chance(purpose: str = "draw") -> Chance:
    return Chance(seed="07" * 32, public_value="1 2 3", digest="", purpose=purpose)


def test_it_counts_every_council_and_gives_each_person_their_share() -> None:
    problem = problem_of(ROWS, LIMITS, 3)
    every = councils(problem)
    drawer = Uniform(problem)
    assert drawer.is_exact
    assert drawer.councils == len(every)
    levels, exact = drawer.levels()
    assert exact
    held = Counter(lot for council in every for lot in council)
    for lots, level in zip(problem.members, levels.tolist(), strict=True):
        assert level == pytest.approx(held[lots[0]] / len(every), abs=1e-12)


@pytest.mark.parametrize("steps", [500_000, 12])
def test_every_council_comes_equally_often(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uniform, "MAX_STEPS", steps)
    problem = problem_of(ROWS, LIMITS, 3)
    every = councils(problem)
    drawer, stream = Uniform(problem), chance()
    assert drawer.is_exact == (steps > 12)
    rounds = 60 * len(every)
    seen = Counter(tuple(drawer.draw(stream)) for _round in range(rounds))
    assert set(seen) == set(every)
    # The seed is fixed, so this is a fact and not a gamble: chi-squared within five deviations of its mean.
    statistic = sum((count - 60) ** 2 / 60 for count in seen.values())
    free = len(every) - 1
    assert abs(statistic - free) < 5 * (2 * free) ** 0.5


def test_without_quotas_everybody_has_the_same_chance() -> None:
    problem = problem_of(ROWS, {}, 3)
    levels, exact = Uniform(problem).levels()
    assert exact
    assert levels.tolist() == pytest.approx([3 / 9] * len(problem.types))
    assert len(Uniform(problem).draw(chance())) == 3
