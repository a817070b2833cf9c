"""Where people go by day: schools and their pupils, workplaces and their workers."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from madang.numerics.streams import stream
from madang.yard.people.engine import marginals
from madang.yard.people.engine.shares import Floats, Ints, chosen, ranked, whole_counts

_SETTLING_ROUNDS = 3
_NEAREST = 3
_CHOICE = np.array([0.8, 0.95, 1.0])
_COMMERCE_SPREAD = 0.8


class SchoolLevel(IntEnum):
    """Level of a school."""

    NURSERY = 0
    KINDERGARTEN = 1
    ELEMENTARY = 2
    MIDDLE = 3
    HIGH = 4


class Work(IntEnum):
    """Whether and where a person works."""

    NO = 0
    INSIDE = 1
    OUTSIDE = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Homes:
    """Where persons sleep.

    Attributes
    ----------
    age, sex : ndarray of int64, shape (n_persons,)
        Of each person.
    dong : ndarray of int64, shape (n_persons,)
        Index of the dong.
    lonlat : ndarray of float64, shape (n_persons, 2)
        [degree]
    metres : tuple of float
        Metres of a degree of longitude and of latitude here.
    """

    age: Ints
    sex: Ints
    dong: Ints
    lonlat: Floats
    metres: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schools:
    """Schools, ordered by level.

    Attributes
    ----------
    level : ndarray of int8, shape (n_schools,)
        `SchoolLevel`.
    dong : ndarray of int16, shape (n_schools,)
        Index of the dong it stands in.
    lon, lat : ndarray of float64, shape (n_schools,)
        [degree]
    """

    level: npt.NDArray[np.int8]
    dong: npt.NDArray[np.int16]
    lon: Floats
    lat: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workplaces:
    """Workplaces in the district at which its residents work.

    Attributes
    ----------
    sector : ndarray of int8, shape (n_workplaces,)
        Row of `marginals.SECTOR`.
    dong : ndarray of int16, shape (n_workplaces,)
        Index of the dong it stands in.
    lon, lat : ndarray of float64, shape (n_workplaces,)
        [degree]
    """

    sector: npt.NDArray[np.int8]
    dong: npt.NDArray[np.int16]
    lon: Floats
    lat: Floats


def school_level(age: Ints) -> Ints:
    """Return the level that an age belongs to, and -1 from 18 on."""
    level = np.searchsorted(marginals.SCHOOL_AGES, age, side="right") - 1
    return np.where(level < len(SchoolLevel), level, -1)


def schools_of(homes: Homes, seed: int) -> tuple[Schools, npt.NDArray[np.int32]]:
    """Place schools among their pupils, and send every pupil to one of the nearest.

    Returns
    -------
    (Schools, ndarray of int32, shape (n_persons,))
        The schools, and each person's school or -1.

    Notes
    -----
    As many schools of a level as its pupils need at the stated mean size; they settle in the middle of their pupils
    (Lloyd's method), each at a pupil's address. Four of five go to the nearest, the rest to the second or third.
    """
    found = np.full(len(homes.age), -1, np.int32)
    level_of = school_level(homes.age)
    made: list[tuple[SchoolLevel, Ints]] = []
    for level in SchoolLevel:
        random = stream(seed, "population", "schools", level.name)
        enrolled, mean_size = marginals.SCHOOL.values[level]
        members = np.flatnonzero(level_of == level)
        if not len(members):
            continue
        goes = chosen(random.random(len(members)), np.zeros(len(members), np.int64), np.array([enrolled]))
        pupils = members[goes]
        if not len(pupils):
            continue
        points = homes.lonlat[pupils] * homes.metres
        sites = _sites(points, max(1, round(len(pupils) / mean_size)), random)
        start = sum(len(earlier) for _, earlier in made)
        found[pupils] = start + _one_of_the_nearest(points, points[sites], random)
        made.append((level, pupils[sites]))
    address = np.concatenate([sites for _, sites in made]) if made else np.zeros(0, np.int64)
    schools = Schools(
        level=np.repeat([level for level, _ in made], [len(sites) for _, sites in made]).astype(np.int8),
        dong=homes.dong[address].astype(np.int16),
        lon=homes.lonlat[address, 0],
        lat=homes.lonlat[address, 1],
    )
    return schools, found


def _sites(points: Floats, count: int, random: np.random.Generator) -> Ints:
    """Choose which pupils' addresses become schools, spread as the pupils are."""
    sites: Ints = random.choice(len(points), min(count, len(points)), replace=False).astype(np.int64)
    everyone = KDTree(points)
    for _ in range(_SETTLING_ROUNDS):
        nearest = np.asarray(KDTree(points[sites]).query(points)[1])
        pupils = np.bincount(nearest, minlength=len(sites))
        middle = np.column_stack([np.bincount(nearest, points[:, axis], len(sites)) for axis in range(2)])
        sites = np.asarray(everyone.query(middle / np.maximum(pupils, 1)[:, None])[1], np.int64)
    return sites


def _one_of_the_nearest(points: Floats, sites: Floats, random: np.random.Generator) -> Ints:
    reach = min(_NEAREST, len(sites))
    nearest = np.asarray(KDTree(sites).query(points, k=np.arange(1, reach + 1))[1])
    choice = np.searchsorted(_CHOICE, random.random(len(points)), side="right")
    return np.asarray(nearest[np.arange(len(points)), np.minimum(choice, reach - 1)], np.int64)


def works(homes: Homes, seed: int) -> npt.NDArray[np.int8]:
    """Choose who works, and whether in the district; `Work` of each person."""
    random = stream(seed, "population", "work")
    group = (np.searchsorted(marginals.WORK_LOW, homes.age, side="right") - 1) * 2 + homes.sex
    employed = np.flatnonzero(chosen(random.random(len(group)), group, marginals.WORK.values.ravel()))
    found = np.full(len(group), Work.NO, np.int8)
    outside = ranked(random.random(len(employed)), marginals.WORKS_INSIDE.column())
    found[employed] = np.where(outside == 0, Work.INSIDE, Work.OUTSIDE)
    return found


def workplaces_of(homes: Homes, work: npt.NDArray[np.int8], seed: int) -> tuple[Workplaces, npt.NDArray[np.int32]]:
    """Make workplaces for those who work in the district, and give each person one.

    Returns
    -------
    (Workplaces, ndarray of int32, shape (n_persons,))
        The workplaces, and each person's workplace or -1.

    Notes
    -----
    Sizes are drawn within the stated classes; workplaces stand at residents' addresses in dongs that draw more or less
    commerce; who works where does not depend on where they live.
    """
    random = stream(seed, "population", "workplaces")
    workers = random.permutation(np.flatnonzero(work == Work.INSIDE))
    sizes = _workplace_sizes(len(workers), random)
    found = np.full(len(work), -1, np.int32)
    found[workers] = np.repeat(np.arange(len(sizes)), sizes)
    pull = np.exp(random.normal(0, _COMMERCE_SPREAD, int(homes.dong.max(initial=0)) + 1))[homes.dong]
    address = random.choice(len(pull), len(sizes), p=pull / pull.sum())
    workplaces = Workplaces(
        sector=ranked(random.random(len(sizes)), marginals.SECTOR.column()),
        dong=homes.dong[address].astype(np.int16),
        lon=homes.lonlat[address, 0],
        lat=homes.lonlat[address, 1],
    )
    return workplaces, found


def _workplace_sizes(workers: int, random: np.random.Generator) -> Ints:
    """Draw sizes until each class has its workers; what is over in a class is its last workplace's."""
    if not workers:
        return np.zeros(0, np.int64)
    sizes: list[Ints] = []
    low = marginals.WORKPLACE_LOW
    for index, total in enumerate(whole_counts(marginals.WORKPLACE.column(), workers)):
        # Log-uniform within the class: small ones are many.
        lowest, highest = float(np.log(low[index])), float(np.log(low[index + 1]))
        drawn = np.exp(random.uniform(lowest, highest, int(total // low[index]) + 1)).astype(np.int64)
        reached = np.cumsum(drawn)
        kept = drawn[: int(np.searchsorted(reached, total, side="right"))].copy()
        left = int(total - kept.sum())
        if left and len(kept) and left < low[index]:
            kept[-1] += left
        elif left:
            kept = np.append(kept, left)
        sizes.append(kept)
    return np.concatenate(sizes)
