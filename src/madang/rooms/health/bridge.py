"""The door between the sample population and what the health room computes."""

from typing import Any

import numpy as np

from madang.yard.people.engine.population import Population

SEVERAL_CODE = "health.several-conditions"

AGE_LOW = (20, 30, 40, 50, 60, 65, 70, 75, 80, 85)
"""Adults, by the lower ends of their age groups."""
SEVERAL = 2


def profile_inputs(population: Population) -> dict[str, Any]:
    """Return adults and those with several chronic conditions of each dong, by age and sex."""
    persons = population.persons
    adult = persons.age >= AGE_LOW[0]
    group = (np.searchsorted(AGE_LOW, persons.age[adult], side="right") - 1) * 2 + persons.sex[adult]
    conditions = persons.conditions[adult].astype(np.int64)
    many = sum((conditions >> bit) & 1 for bit in range(16)) >= SEVERAL
    dong = persons.dong[adult].astype(np.int64)
    shape = (len(population.dong_codes), 2 * len(AGE_LOW))
    cell = dong * shape[1] + group
    counted = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    cases = np.bincount(cell[many], minlength=shape[0] * shape[1]).reshape(shape)
    rows = zip(population.dong_codes, counted.tolist(), cases.tolist(), strict=True)
    return {"dongs": [list(row) for row in rows]}
