"""A few of the synthetic persons as records with made-up names, telephone numbers and addresses."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from madang.numerics.errors import EngineInputError
from madang.numerics.streams import stream
from madang.yard.people.engine.dwellings import Dwelling
from madang.yard.people.engine.health import CONDITIONS
from madang.yard.people.engine.households import Relation
from madang.yard.people.engine.names import given_name, surnames
from madang.yard.people.engine.population import REFERENCE_DATE, Population
from madang.yard.people.engine.shares import Ints
from madang.yard.places.engine.boundaries import Boundaries

ROAD = "예시로"
"""The road of every made-up address: 'example road', which no district has."""

# Mobile numbers begin with 010 and then 2 to 9; what begins with 0100 has never been given to a subscriber.
_PHONE_BLOCK = "010-0"
_PHONES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """One synthetic person in words.

    Attributes
    ----------
    person : int
        Index into the population's persons.
    name, phone, address : str
        Made up.
    birth_date : date
        In accord with the age on the reference date.
    sex : int
        0 men, 1 women.
    dong_code : str
        Where the person lives.
    household : int
        Index of the household; -1 for residents of care homes.
    relation : int
        `Relation`.
    lon, lat : float
        Where the person lives. [degree]
    conditions : tuple of str
        Names of chronic conditions.
    grade : int
        Long-term care: 0 none, 1 to 5, 6 the cognitive support grade.
    adl : int
        Basic activities of daily living that need help, of six.
    lives_alone : bool
        Whether nobody else is in the household.
    """

    person: int
    name: str
    phone: str
    address: str
    birth_date: date
    sex: int
    dong_code: str
    household: int
    relation: int
    lon: float
    lat: float
    conditions: tuple[str, ...]
    grade: int
    adl: int
    lives_alone: bool


def sample_records(population: Population, boundaries: Boundaries, count: int, seed: int) -> tuple[PersonRecord, ...]:
    """Choose whole households by chance, spread over the dongs as the people are, and describe their members.

    Parameters
    ----------
    population : Population
        The synthetic district.
    boundaries : Boundaries
        What it lies in.
    count : int
        About how many persons: households are added until there are at least so many.
    seed : int
        Seed of the choice and of the names.

    Raises
    ------
    EngineInputError
        If the boundaries are not those the population was made in, or more persons are asked for than there are.

    Notes
    -----
    Telephone numbers are all different and begin with 010-0, which no subscriber has; addresses lie on a road called
    'example road'; children bear their father's surname, or their lone parent's.
    """
    if population.boundaries != boundaries.digest:
        raise EngineInputError("other_boundaries", "the population was made in other boundaries than these")
    if not 0 < count <= min(len(population.persons.age), _PHONES):
        raise EngineInputError("count", f"there are {len(population.persons.age)} persons", {"count": count})
    members = _members(population, count, seed)
    return tuple(_described(population, boundaries, members, seed))


def _members(population: Population, count: int, seed: int) -> Ints:
    """Return the persons of enough households, in order."""
    random = stream(seed, "records", "households")
    household = population.persons.household.astype(np.int64)
    at_home = household >= 0
    # A resident of a care home counts as a household of one.
    unit = np.where(at_home, household, len(population.households.size) + np.arange(len(household)))
    units, sizes = np.unique(unit, return_counts=True)
    order = random.permutation(len(units))
    enough = int(np.searchsorted(np.cumsum(sizes[order]), count)) + 1
    return np.flatnonzero(np.isin(unit, units[order[:enough]]))


def _described(population: Population, boundaries: Boundaries, members: Ints, seed: int) -> list[PersonRecord]:
    random = stream(seed, "records", "words")
    persons = population.persons
    position = population.position()
    names = _names(population, members, random)
    numbers = _phone_numbers(len(members), random)
    reference = date.fromisoformat(REFERENCE_DATE)
    days = random.integers(1, 365, len(members)).tolist()
    addresses: dict[int, str] = {}
    found = []
    for row, person in enumerate(members.tolist()):
        household = int(persons.household[person])
        key = household if household >= 0 else -1 - int(persons.care_home[person])
        if key not in addresses:
            addresses[key] = _address(population, boundaries, person, random)
        held = int(persons.conditions[person])
        found.append(
            PersonRecord(
                person=person,
                name=names[row],
                phone=f"{_PHONE_BLOCK}{numbers[row] // 10_000:03d}-{numbers[row] % 10_000:04d}",
                address=addresses[key],
                birth_date=_years_before(reference, int(persons.age[person])) - timedelta(days=days[row]),
                sex=int(persons.sex[person]),
                dong_code=population.dong_codes[persons.dong[person]],
                household=household,
                relation=int(persons.relation[person]),
                lon=float(position[person, 0]),
                lat=float(position[person, 1]),
                conditions=tuple(name for bit, name in enumerate(CONDITIONS) if held >> bit & 1),
                grade=int(persons.grade[person]),
                adl=int(persons.adl[person]),
                lives_alone=household >= 0 and int(population.households.size[household]) == 1,
            )
        )
    return found


def _phone_numbers(count: int, random: np.random.Generator) -> list[int]:
    """Return different numbers, all in the first block of ten thousand while it has room."""
    room = 10_000 if count <= 10_000 else _PHONES
    return [int(number) for number in random.choice(room, count, replace=False)]


def _years_before(day: date, years: int) -> date:
    """Return the same day years earlier; the reference day is never a leap day."""
    return day.replace(year=day.year - years)


def _names(population: Population, members: Ints, random: np.random.Generator) -> list[str]:
    persons = population.persons
    own = surnames(len(members), random)
    born = int(REFERENCE_DATE[:4]) - 1
    family: dict[int, str] = {}
    for row, person in enumerate(members.tolist()):
        household, relation = int(persons.household[person]), int(persons.relation[person])
        leads = relation == Relation.HEAD or (relation == Relation.SPOUSE and persons.sex[person] == 0)
        if household >= 0 and leads and (relation == Relation.SPOUSE or household not in family):
            family[household] = own[row]
    found = []
    for row, person in enumerate(members.tolist()):
        household, relation = int(persons.household[person]), int(persons.relation[person])
        surname = family[household] if household >= 0 and relation == Relation.CHILD else own[row]
        found.append(surname + given_name(int(persons.sex[person]), born - int(persons.age[person]), random))
    return found


def _address(population: Population, boundaries: Boundaries, person: int, random: np.random.Generator) -> str:
    persons = population.persons
    names = boundaries.district
    place = f"{names.sido_ko} {names.name_ko} {boundaries.names_ko[persons.dong[person]]} {ROAD}"
    household = int(persons.household[person])
    if household < 0:
        return f"{place} {int(persons.care_home[person]) + 1}, 예시요양원"
    building = int(population.households.building[household])
    street = f"{place} {building + 1}"
    if population.households.dwelling[household] == Dwelling.DETACHED:
        return street
    floor = int(random.integers(1, int(population.buildings.floors[building]) + 1))
    return f"{street}, {floor}{int(random.integers(1, 7)):02d}호"
