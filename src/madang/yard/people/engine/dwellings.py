"""Buildings and the dwellings in them: where, of what type, how old, how large."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from madang.numerics.streams import stream
from madang.yard.people.engine import marginals
from madang.yard.people.engine.ground import Ground
from madang.yard.people.engine.shares import Floats, Ints, quantiles, ranked, spread

_BUILDINGS_A_CLUSTER = 40
_CLUSTER_SPREAD_M = 140.0


class Dwelling(IntEnum):
    """Type of a building and of the dwellings in it."""

    APARTMENT = 0
    DETACHED = 1
    MULTI_FAMILY = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Buildings:
    """Residential buildings, ordered by dong.

    Attributes
    ----------
    dong : ndarray of int16, shape (n_buildings,)
        Index of the dong.
    kind : ndarray of int8, shape (n_buildings,)
        `Dwelling`.
    lon, lat : ndarray of float64, shape (n_buildings,)
        Inside the dong's polygon. [degree]
    built : ndarray of int16, shape (n_buildings,)
        [year]
    floors : ndarray of int8, shape (n_buildings,)
        Above ground.
    """

    dong: npt.NDArray[np.int16]
    kind: npt.NDArray[np.int8]
    lon: Floats
    lat: Floats
    built: npt.NDArray[np.int16]
    floors: npt.NDArray[np.int8]


def dwelling_kinds(newness: Floats, size: Ints, head_age: Ints, seed: int) -> npt.NDArray[np.int8]:
    """Choose the type of each household's dwelling.

    Parameters
    ----------
    newness : ndarray of float64, shape (n_households,)
        Of the dong it lives in.
    size, head_age : ndarray of int64, shape (n_households,)
        Persons; age of the head. [year]
    seed : int
        Seed of the streams.

    Notes
    -----
    Apartments go to families and new dongs first, detached houses to the old and to old dongs; the shares come out
    exactly.
    """
    random = stream(seed, "population", "dwellings", "kinds")
    latent = -1.3 * newness - 0.9 * np.log(size) + 0.012 * (head_age - 50) + random.logistic(0, 1, len(size))
    shares = marginals.DWELLING.column()
    is_house = ranked(latent, np.array([shares[Dwelling.APARTMENT], 1 - shares[Dwelling.APARTMENT]])) == 1
    houses = np.flatnonzero(is_house)
    found = np.full(len(size), Dwelling.APARTMENT, np.int8)
    within = shares[[Dwelling.MULTI_FAMILY, Dwelling.DETACHED]] / shares[1:].sum()
    among = ranked(-newness[houses] + random.normal(0, 1, len(houses)), within)
    found[houses] = np.where(among == 0, Dwelling.MULTI_FAMILY, Dwelling.DETACHED)
    return found


def house(
    grounds: tuple[Ground, ...], newness: Floats, dong: Ints, kind: npt.NDArray[np.int8], seed: int
) -> tuple[Buildings, Ints]:
    """Put the households of each dong into buildings on its ground.

    Parameters
    ----------
    grounds : tuple of Ground
        The dongs.
    newness : ndarray of float64, shape (n_dongs,)
        From -1 to 1.
    dong : ndarray of int64, shape (n_households,)
        Dong of each household.
    kind : ndarray of int8, shape (n_households,)
        `Dwelling` of each household.
    seed : int
        Seed of the streams.

    Returns
    -------
    (Buildings, ndarray of int64)
        The buildings, and the building of each household.

    Notes
    -----
    Buildings stand in clusters of some forty, a cluster's buildings within a few hundred metres.
    """
    random = stream(seed, "population", "dwellings", "buildings")
    per_building = marginals.HOUSEHOLDS_PER_BUILDING.column()
    group = dong * len(Dwelling) + kind
    count = np.bincount(group, minlength=len(grounds) * len(Dwelling))
    room = np.maximum(1, np.round(count / np.tile(per_building, len(grounds)))).astype(np.int64)
    start = np.cumsum(room) - room
    slot = start[group] + (random.random(len(group)) * room[group]).astype(np.int64)
    used, building = np.unique(slot, return_inverse=True)
    of_group = np.searchsorted(start, used, side="right") - 1
    in_dong, in_kind = of_group // len(Dwelling), (of_group % len(Dwelling)).astype(np.int8)
    points = np.empty((len(used), 2))
    for index, ground in enumerate(grounds):
        mine = np.flatnonzero(in_dong == index)
        if len(mine):
            centres = ground.draw(max(1, len(mine) // _BUILDINGS_A_CLUSTER), random)
            points[mine] = ground.draw_near(
                centres[random.integers(0, len(centres), len(mine))], _CLUSTER_SPREAD_M, random
            )
    built = _built(newness[in_dong], in_kind, np.bincount(building, minlength=len(used)), random)
    buildings = Buildings(
        dong=in_dong.astype(np.int16),
        kind=in_kind,
        lon=points[:, 0],
        lat=points[:, 1],
        built=built,
        floors=_floors(in_kind, built, random),
    )
    return buildings, building


def _built(
    newness: Floats, kind: npt.NDArray[np.int8], households: Ints, random: np.random.Generator
) -> npt.NDArray[np.int16]:
    """Date buildings so that households by decade come out as stated, new dongs and apartments later."""
    latent = newness + np.array([0.3, -0.9, -0.3])[kind] + random.normal(0, 0.8, len(kind))
    order = np.argsort(latent, kind="stable")
    weight = households[order].astype(np.float64)
    quantile = np.empty(len(kind))
    quantile[order] = (np.cumsum(weight) - weight / 2) / weight.sum()
    year = spread(quantile, marginals.BUILT.column(), marginals.BUILT_LOW.astype(np.float64))
    return np.asarray(np.minimum(year, marginals.BUILT_LOW[-1] - 1), np.int16)


def _floors(
    kind: npt.NDArray[np.int8], built: npt.NDArray[np.int16], random: np.random.Generator
) -> npt.NDArray[np.int8]:
    low = np.array([5, 12, 15, 18])[np.digitize(built, [1990, 2000, 2010])]
    high = np.array([13, 20, 25, 35])[np.digitize(built, [1990, 2000, 2010])]
    apartment = random.integers(low, high + 1)
    detached = random.integers(1, 4, len(kind))
    multi = random.integers(3, 5, len(kind))
    return np.choose(kind, [apartment, detached, multi]).astype(np.int8)


def floor_areas(
    size: Ints, kind: npt.NDArray[np.int8], income: npt.NDArray[np.int8], seed: int
) -> npt.NDArray[np.float32]:
    """Return the floor area of each household's dwelling, larger for more persons and more income [m2]."""
    noise = stream(seed, "population", "dwellings", "areas").normal(0, 0.55, len(size))
    latent = 0.75 * np.log(size) + 0.18 * income + np.array([0.1, 0.1, -0.4])[kind] + noise
    return spread(quantiles(latent), marginals.FLOOR.column(), marginals.FLOOR_LOW).astype(np.float32)
