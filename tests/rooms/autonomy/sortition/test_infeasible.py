"""Quotas that no council meets: which conflict, and the least change that mends it."""

import pytest
from tests.rooms.autonomy.sortition.test_leximin import problem_of

from madang.numerics.errors import EngineInfeasible
from madang.rooms.autonomy.engine.sortition.feasibility import relaxation, require_feasible


def test_a_group_of_which_too_few_applied_is_named_alone() -> None:
    problem = problem_of(["a", "b", "b", "b"], {"a": (2, 3), "b": (0, 3)}, 3)
    with pytest.raises(EngineInfeasible) as refused:
        require_feasible(problem)
    assert refused.value.code == "quotas_conflict"
    assert refused.value.data["conflict"] == [
        {"category": "0", "value": "a", "side": "least", "count": 2, "in_pool": 1}
    ]
    assert refused.value.data["relaxation"] == [{"category": "0", "value": "a", "side": "least", "now": 2, "then": 1}]


def test_bounds_of_two_categories_that_exclude_each_other_are_named_together() -> None:
    # Whoever is "a" is "x" as well: three of "a" and at most one "x" cannot be.
    problem = problem_of(["ax", "ax", "ax", "by", "by"], {"a": (3, 3), "b": (0, 3), "x": (0, 1), "y": (0, 3)}, 3)
    with pytest.raises(EngineInfeasible) as refused:
        require_feasible(problem)
    named = {(bound["value"], bound["side"]) for bound in refused.value.data["conflict"]}
    assert named in ({("a", "least"), ("x", "most")}, {("b", "most"), ("x", "most")})
    assert sum(abs(change["now"] - change["then"]) for change in refused.value.data["relaxation"]) == 2


def test_the_least_change_is_enough() -> None:
    problem = problem_of(["ax", "ay", "bx", "by"], {"a": (3, 4), "b": (0, 4), "x": (0, 4), "y": (0, 1)}, 3)
    changes = relaxation(problem)
    assert changes is not None
    limits = {"a": [3, 4], "b": [0, 4], "x": [0, 4], "y": [0, 1]}
    for change in changes:
        limits[change.value][change.side == "most"] = change.then
    require_feasible(problem_of(["ax", "ay", "bx", "by"], {k: (v[0], v[1]) for k, v in limits.items()}, 3))
