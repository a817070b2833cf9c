"""What households use: electricity by month."""

import numpy as np
import numpy.typing as npt

from madang.numerics.streams import stream
from madang.yard.people.engine import marginals
from madang.yard.people.engine.shares import Floats, Ints

_MONTH_NOISE = 0.08
_SUMMER_SPREAD = 0.25


def electricity_of(size: Ints, floor_m2: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.float32]:
    """Return the electricity of each household in each month of a year.

    Parameters
    ----------
    size : ndarray of int64, shape (n_households,)
        Persons.
    floor_m2 : ndarray of float32, shape (n_households,)
        Floor area. [m2]
    seed : int
        Seed of the streams.

    Returns
    -------
    ndarray of float32, shape (n_households, 12)
        January to December; the mean over households of one size is the stated one. [kWh]

    Notes
    -----
    A household's level is lognormal and grows with the square root of its floor area; its months follow the stated
    index with a summer peak of its own, since not everyone cools.
    """
    random = stream(seed, "population", "electricity")
    level: Floats = np.sqrt(floor_m2 / 70.0) * random.lognormal(0.0, marginals.ELECTRICITY_SPREAD, len(size))
    index = marginals.ELECTRICITY_MONTH.column() / marginals.ELECTRICITY_MONTH.column().mean()
    cooling = np.maximum(index - 1.0, 0.0) * np.isin(np.arange(12), (6, 7, 8))
    months = index + cooling * random.normal(0.0, _SUMMER_SPREAD, (len(size), 1))
    months *= 1.0 + random.normal(0.0, _MONTH_NOISE, months.shape)
    use = level[:, None] * np.maximum(months, 0.05)
    total = np.bincount(size, use.mean(axis=1), minlength=7)[1:7]
    count = np.bincount(size, minlength=7)[1:7]
    wanted = marginals.ELECTRICITY.column()
    factor = np.divide(wanted * count, total, out=np.ones(6), where=total > 0)
    return np.asarray(use * factor[size - 1][:, None], np.float32)
