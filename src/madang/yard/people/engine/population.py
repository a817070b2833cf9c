"""A deterministic synthetic district: everyone who lives in it, as arrays."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from madang.numerics.digests import arrays_digest, canonical_json, sha256_hex
from madang.numerics.errors import EngineInputError
from madang.numerics.streams import stream
from madang.yard.people.engine import marginals
from madang.yard.people.engine.activity import Homes, Schools, Workplaces, schools_of, workplaces_of, works
from madang.yard.people.engine.dwellings import Buildings, dwelling_kinds, floor_areas, house
from madang.yard.people.engine.electricity import electricity_of
from madang.yard.people.engine.ground import Ground
from madang.yard.people.engine.health import health_of, in_care_homes
from madang.yard.people.engine.households import Living, Relation, age_sex_counts, households
from madang.yard.people.engine.settlement import (
    Settlement,
    district_size,
    household_class,
    place_households,
    settle,
)
from madang.yard.people.engine.shares import Floats, Ints, ranked, whole_counts
from madang.yard.places.engine.boundaries import Boundaries
from madang.yard.places.engine.plane import plane_of

VERSION = "1"
"""Raised whenever an equal seed would give other people."""

REFERENCE_DATE = "2026-01-01"
"""The day on which ages are completed years."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Persons:
    """Everyone, ordered by household (its head first), residents of care homes last.

    Attributes
    ----------
    age : ndarray of int8, shape (n_persons,)
        Completed years on the reference date. [year]
    sex : ndarray of int8, shape (n_persons,)
        0 men, 1 women.
    household : ndarray of int32, shape (n_persons,)
        -1 for residents of care homes.
    relation : ndarray of int8, shape (n_persons,)
        `Relation`.
    dong : ndarray of int16, shape (n_persons,)
        Index into the population's `dong_codes`.
    school, workplace, care_home : ndarray of int32, shape (n_persons,)
        -1 where there is none; who works elsewhere has no workplace.
    work : ndarray of int8, shape (n_persons,)
        `Work`.
    conditions : ndarray of int16, shape (n_persons,)
        Bit k stands for `health.CONDITIONS[k]`.
    grade : ndarray of int8, shape (n_persons,)
        Long-term care: 0 none, 1 to 5, 6 the cognitive support grade.
    adl : ndarray of int8, shape (n_persons,)
        Basic activities of daily living that need help, of six.
    """

    age: npt.NDArray[np.int8]
    sex: npt.NDArray[np.int8]
    household: npt.NDArray[np.int32]
    relation: npt.NDArray[np.int8]
    dong: npt.NDArray[np.int16]
    school: npt.NDArray[np.int32]
    work: npt.NDArray[np.int8]
    workplace: npt.NDArray[np.int32]
    care_home: npt.NDArray[np.int32]
    conditions: npt.NDArray[np.int16]
    grade: npt.NDArray[np.int8]
    adl: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Households:
    """Households, ordered by dong; each lives in a dwelling of its own, which is described with it.

    Attributes
    ----------
    size : ndarray of int8, shape (n_households,)
        Persons.
    kind : ndarray of int8, shape (n_households,)
        Class, an index into `settlement.HOUSEHOLD_TILT`.
    dong : ndarray of int16, shape (n_households,)
        Index into the population's `dong_codes`.
    building : ndarray of int32, shape (n_households,)
        Building that its dwelling is in.
    dwelling : ndarray of int8, shape (n_households,)
        `Dwelling`: the type.
    floor_m2 : ndarray of float32, shape (n_households,)
        Floor area of the dwelling. [m2]
    income : ndarray of int8, shape (n_households,)
        Row of `marginals.INCOME`: 0 recipient of basic livelihood to 4 high.
    electricity_kwh : ndarray of float32, shape (n_households, 12)
        Use in each month of a year. [kWh]
    """

    size: npt.NDArray[np.int8]
    kind: npt.NDArray[np.int8]
    dong: npt.NDArray[np.int16]
    building: npt.NDArray[np.int32]
    dwelling: npt.NDArray[np.int8]
    floor_m2: npt.NDArray[np.float32]
    income: npt.NDArray[np.int8]
    electricity_kwh: npt.NDArray[np.float32]

    @property
    def is_elder_alone(self) -> npt.NDArray[np.bool_]:
        """Whether it is one person of 65 or older."""
        return np.asarray(self.kind == 2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CareHomes:
    """Care homes and long-stay hospitals.

    Attributes
    ----------
    dong : ndarray of int16, shape (n_homes,)
        Index into the population's `dong_codes`.
    lon, lat : ndarray of float64, shape (n_homes,)
        [degree]
    beds : ndarray of int16, shape (n_homes,)
        A tenth more than residents.
    """

    dong: npt.NDArray[np.int16]
    lon: Floats
    lat: Floats
    beds: npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """A synthetic district.

    Attributes
    ----------
    district : str
        Code.
    dong_codes : tuple of str
        Codes of the dongs that indices point to.
    seed : int
        Seed it was made from.
    scale : float
        Size relative to the district.
    boundaries : str
        Digest of the boundaries it lies in.
    version : str
        Version of the generator.
    persons, households, buildings, schools, workplaces, care_homes
        The tables.
    """

    district: str
    dong_codes: tuple[str, ...]
    seed: int
    scale: float
    boundaries: str
    version: str
    persons: Persons
    households: Households
    buildings: Buildings
    schools: Schools
    workplaces: Workplaces
    care_homes: CareHomes

    def tables(self) -> Iterator[tuple[str, dict[str, npt.NDArray[Any]]]]:
        """Yield each table's name and its columns."""
        for table in TABLES:
            value = getattr(self, table)
            yield table, {field.name: getattr(value, field.name) for field in fields(value)}

    @property
    def header(self) -> dict[str, Any]:
        """What the population was made from."""
        return {
            "district": self.district,
            "dong_codes": list(self.dong_codes),
            "seed": self.seed,
            "scale": self.scale,
            "boundaries": self.boundaries,
            "version": self.version,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the header and every array; equal seeds, scales and boundaries have equal digests."""
        arrays = {f"{table}.{name}": array for table, columns in self.tables() for name, array in columns.items()}
        return sha256_hex(canonical_json([self.header, arrays_digest(arrays)]))

    @property
    def origin(self) -> dict[str, Any]:
        """What it can be made from again, to be kept with a run whose counts are too small to keep."""
        return {"population": self.digest, "seed": self.seed, "scale": self.scale, "generator": self.version}

    @property
    def persons_by_dong(self) -> dict[str, int]:
        """Persons of each dong, by code."""
        counts = np.bincount(self.persons.dong, minlength=len(self.dong_codes))
        return dict(zip(self.dong_codes, counts.tolist(), strict=True))

    def position(self) -> Floats:
        """Return where each person lives, shape (n_persons, 2): longitude and latitude [degree]."""
        at_home = self.persons.household >= 0
        building = self.households.building[self.persons.household[at_home]]
        found = np.empty((len(self.persons.age), 2))
        found[at_home] = np.column_stack((self.buildings.lon[building], self.buildings.lat[building]))
        home = self.persons.care_home[~at_home]
        found[~at_home] = np.column_stack((self.care_homes.lon[home], self.care_homes.lat[home]))
        return found


TABLES = ("persons", "households", "buildings", "schools", "workplaces", "care_homes")


def synthesise(
    boundaries: Boundaries, seed: int, scale: float = 1.0, *, progress: Progress | None = None
) -> Population:
    """Make a synthetic district.

    Parameters
    ----------
    boundaries : Boundaries
        The district's dongs, a clean coverage.
    seed : int
        Equal seeds give equal populations.
    scale : float, optional
        Size relative to the district's.
    progress : callable, optional
        Is told how far the work is (0 to 1) and what it does.

    Raises
    ------
    EngineInputError
        If the seed is negative, or the scale not above zero.

    Notes
    -----
    Every assumed marginal stands in `marginals`, with its source or the word "assumed"; the shares are dealt out
    exactly wherever they can be, so a small sample has them too. The parts draw from independent streams. Linear in
    persons.
    """
    if seed < 0:
        raise EngineInputError("seed", "the seed must not be negative", {"seed": seed})
    report = progress or (lambda _fraction, _step: None)
    size = district_size(boundaries, scale)
    report(0.0, "persons and households")
    counts = age_sex_counts(size)
    living = households(size, in_care_homes(counts), seed)
    report(0.15, "dongs and dwellings")
    grounds = tuple(Ground(polygon) for polygon in boundaries.polygons)
    settlement = settle(boundaries, seed)
    living, household_kind, household_dong = _by_dong(living, settlement, seed)
    housed = _housed(living, household_kind, household_dong, (grounds, settlement), seed)
    care_homes, care_home = _care_homes(living, grounds, settlement, seed)
    homes = _homes(boundaries, living, housed, (care_homes, care_home))
    report(0.4, "schools and work")
    schools, school = schools_of(homes, seed)
    work = np.where(care_home >= 0, np.int8(0), works(homes, seed))
    workplaces, workplace = workplaces_of(homes, work, seed)
    report(0.7, "health and care needs")
    health = health_of(homes.age, homes.sex, care_home >= 0, seed)
    report(0.85, "incomes and electricity")
    persons = Persons(
        age=living.age, sex=living.sex, household=living.household, relation=living.relation,
        dong=homes.dong.astype(np.int16), school=school, work=work, workplace=workplace, care_home=care_home,
        conditions=health.conditions, grade=health.grade, adl=health.adl,
    )  # fmt: skip
    return Population(
        district=boundaries.district.code,
        dong_codes=boundaries.codes,
        seed=seed,
        scale=scale,
        boundaries=boundaries.digest,
        version=VERSION,
        persons=persons,
        households=_households(living, housed, work, seed),
        buildings=housed.buildings,
        schools=schools,
        workplaces=workplaces,
        care_homes=care_homes,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Housed:
    """Households with their dong and dwelling."""

    kind: Ints
    dong: Ints
    dwelling: npt.NDArray[np.int8]
    buildings: Buildings
    building: Ints


def _by_dong(living: Living, settlement: Settlement, seed: int) -> tuple[Living, Ints, Ints]:
    """Give households their dongs and number them anew in order of these."""
    at_home = living.household >= 0
    household = living.household[at_home].astype(np.int64)
    size = living.size.astype(np.int64)
    head_age = living.age[at_home][np.cumsum(size) - size].astype(np.int64)
    minors = np.bincount(household, living.age[at_home] < 19, len(size)).astype(np.int64)
    kind = household_class(size, head_age, minors)
    dong = place_households(settlement, size, kind, seed)
    order = np.lexsort((stream(seed, "population", "order").random(len(size)), dong))
    number = np.empty(len(size), np.int64)
    number[order] = np.arange(len(size))
    person = np.argsort(number[household], kind="stable")
    residents = np.flatnonzero(~at_home)
    everyone = np.concatenate((person, residents))
    numbered = np.concatenate((number[household][person], np.full(len(residents), -1)))
    moved = Living(
        age=living.age[everyone],
        sex=living.sex[everyone],
        household=numbered.astype(np.int32),
        relation=living.relation[everyone],
        size=living.size[order],
    )
    return moved, kind[order], dong[order]


def _housed(living: Living, kind: Ints, dong: Ints, place: tuple[tuple[Ground, ...], Settlement], seed: int) -> _Housed:
    grounds, settlement = place
    size = living.size.astype(np.int64)
    head_age = living.age[np.cumsum(size) - size].astype(np.int64)
    dwelling = dwelling_kinds(settlement.newness[dong], size, head_age, seed)
    buildings, building = house(grounds, settlement.newness, dong, dwelling, seed)
    return _Housed(kind=kind, dong=dong, dwelling=dwelling, buildings=buildings, building=building)


def _care_homes(
    living: Living, grounds: tuple[Ground, ...], settlement: Settlement, seed: int
) -> tuple[CareHomes, npt.NDArray[np.int32]]:
    """Place care homes, and divide the residents among them."""
    random = stream(seed, "population", "care homes")
    residents = np.flatnonzero(living.relation == Relation.RESIDENT)
    number = max(1, round(len(residents) / marginals.CARE_HOME_RESIDENTS)) if len(residents) else 0
    dong = np.sort(random.choice(len(grounds), number, p=settlement.shares)) if number else np.zeros(0, np.int64)
    points = [grounds[index].draw(1, random)[0] for index in dong]
    places = np.array(points).reshape(-1, 2)
    found = np.full(len(living.age), -1, np.int32)
    beds = np.zeros(0, np.int64)
    if number:
        filled = whole_counts(random.uniform(0.4, 1.6, number), len(residents))
        found[random.permutation(residents)] = np.repeat(np.arange(number), filled)
        beds = np.ceil(filled * 1.1).astype(np.int64)
    homes = CareHomes(dong=dong.astype(np.int16), lon=places[:, 0], lat=places[:, 1], beds=beds.astype(np.int16))
    return homes, found


def _homes(
    boundaries: Boundaries, living: Living, housed: _Housed, care: tuple[CareHomes, npt.NDArray[np.int32]]
) -> Homes:
    care_homes, care_home = care
    at_home = living.household >= 0
    household = living.household[at_home]
    building = housed.building[household]
    dong = np.empty(len(living.age), np.int64)
    lonlat = np.empty((len(living.age), 2))
    dong[at_home] = housed.dong[household]
    lonlat[at_home] = np.column_stack((housed.buildings.lon[building], housed.buildings.lat[building]))
    resident = care_home[~at_home]
    dong[~at_home] = care_homes.dong[resident]
    lonlat[~at_home] = np.column_stack((care_homes.lon[resident], care_homes.lat[resident]))
    return Homes(
        age=living.age.astype(np.int64),
        sex=living.sex.astype(np.int64),
        dong=dong,
        lonlat=lonlat,
        metres=plane_of(boundaries.polygons).scale,
    )


def _households(living: Living, housed: _Housed, work: npt.NDArray[np.int8], seed: int) -> Households:
    size = living.size.astype(np.int64)
    at_home = living.household >= 0
    earners = np.bincount(living.household[at_home], work[at_home] > 0, len(size))
    noise = stream(seed, "population", "income").normal(0.0, 0.7, len(size))
    elder_alone = housed.kind == 2
    latent = 1.2 * np.log1p(earners) - 0.25 * np.log(size) - 0.5 * elder_alone + noise
    income = ranked(latent, marginals.INCOME.column())
    floor = floor_areas(size, housed.dwelling, income, seed)
    return Households(
        size=living.size,
        kind=housed.kind.astype(np.int8),
        dong=housed.dong.astype(np.int16),
        building=housed.building.astype(np.int32),
        dwelling=housed.dwelling,
        floor_m2=floor,
        income=income,
        electricity_kwh=electricity_of(size, floor, seed),
    )
