"""The door between the sample population and what the climate room computes."""

from typing import Any

import numpy as np

from madang.rooms.climate.engine.homes import is_uncooled
from madang.yard.people.engine.population import Population

UNCOOLED_CODE = "climate.uncooled-elders"


def homes_inputs(population: Population) -> dict[str, Any]:
    """Return of each dong the homes of older residents living alone, all and uncooled."""
    households = population.households
    alone = households.is_elder_alone
    dongs = len(population.dong_codes)
    homes = np.bincount(households.dong[alone], minlength=dongs)
    uncooled = alone & is_uncooled(households.electricity_kwh)
    few = np.bincount(households.dong[uncooled], minlength=dongs)
    rows = zip(population.dong_codes, homes.tolist(), few.tolist(), strict=True)
    return {"dongs": [list(row) for row in rows]}


def use_inputs(population: Population) -> dict[str, Any]:
    """Return residents of homes and the electricity of a year, as `use_json` takes them."""
    households = population.households
    return {
        "persons": int(households.size.sum(dtype=np.int64)),
        "electricity_kwh": round(float(households.electricity_kwh.sum(dtype=np.float64)), 3),
    }
