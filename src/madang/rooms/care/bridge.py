"""The door between the sample population and what the care room computes."""

from typing import Any

import numpy as np

from madang.yard.people.engine.population import Population

ELDERS_ALONE_CODE = "care.elders-alone"

ELDER_AGE = 65


def elders_inputs(population: Population) -> dict[str, Any]:
    """Return the older residents of each dong, and those living alone, as `elders_alone_json` takes them."""
    persons, households = population.persons, population.households
    dongs = len(population.dong_codes)
    elders = np.bincount(persons.dong[persons.age >= ELDER_AGE], minlength=dongs)
    alone = np.bincount(households.dong[households.is_elder_alone], minlength=dongs)
    rows = zip(population.dong_codes, elders.tolist(), alone.tolist(), strict=True)
    return {"dongs": [list(row) for row in rows]}
