"""Who lives with whom: ages and sexes, the part each person takes, couples, children, elders, households."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from madang.numerics.streams import stream
from madang.yard.people.engine import marginals
from madang.yard.people.engine.families import Families, children_of, couples_of, elders_of
from madang.yard.people.engine.shares import Floats, Ints, fit, whole_counts, whole_table

_OLDEST_DECLINE = 0.83
_ADULT = 19
_AGES = marginals.OLDEST + 1


class Sex(IntEnum):
    """Sex as registered."""

    MALE = 0
    FEMALE = 1


class Relation(IntEnum):
    """What a person is in the household."""

    HEAD = 0
    SPOUSE = 1
    CHILD = 2
    PARENT = 3
    OTHER = 4
    RESIDENT = 5  # of a care home; belongs to no household


class Part(IntEnum):
    """The part that a person takes in a household; the columns of the table that assigns them."""

    PARTNER_MAN = 0
    PARTNER_WOMAN = 1
    CHILD = 2
    LONE_PARENT = 3
    ELDER_PARENT = 4
    OTHER = 5
    ALONE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of household: how many of each part.

    Attributes
    ----------
    size : int
        Persons.
    couple, lone : bool
        Whether a couple or a lone parent leads it; neither: adults who are no family of this kind.
    children : int
        Children of any age who live with their parents.
    elder : bool
        Whether a parent of the couple lives with them.
    count : int
        Households of this kind.
    """

    size: int
    couple: bool
    lone: bool
    children: int
    elder: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Living:
    """Persons and the households they live in; persons of a household stand together, its head first.

    Attributes
    ----------
    age : ndarray of int8, shape (n_persons,)
        [year]
    sex : ndarray of int8, shape (n_persons,)
        `Sex`.
    household : ndarray of int32, shape (n_persons,)
        Household of each person, ascending; -1 for residents of care homes, who come last.
    relation : ndarray of int8, shape (n_persons,)
        `Relation`.
    size : ndarray of int8, shape (n_households,)
        Persons.
    """

    age: npt.NDArray[np.int8]
    sex: npt.NDArray[np.int8]
    household: npt.NDArray[np.int32]
    relation: npt.NDArray[np.int8]
    size: npt.NDArray[np.int8]


def age_sex_counts(persons: int) -> Ints:
    """Return how many persons there are of each sex and year of age, shape (2, 105)."""
    men = marginals.MALE.column()
    share = marginals.AGE.column()
    by_group: Floats = np.vstack((share * men, share * (1 - men)))
    groups = whole_counts(by_group.ravel(), persons).reshape(by_group.shape)
    found = np.zeros((2, _AGES), np.int64)
    for sex in Sex:
        for index, low in enumerate(marginals.AGE_LOW):
            high = low + 5 if index + 1 < len(marginals.AGE_LOW) else _AGES
            decline = 1.0 if high - low == 5 else _OLDEST_DECLINE
            weights: Floats = decline ** np.arange(high - low, dtype=np.float64)
            found[sex, low:high] = whole_counts(weights, int(groups[sex, index]))
    return found


def kinds_of(persons: int) -> tuple[Kind, ...]:
    """Return how many households of each kind there are so that all have exactly this many persons."""
    sizes = np.arange(1, 7)
    shares = marginals.HOUSEHOLD_SIZE.column()
    counts = whole_counts(shares, round(persons / float(sizes @ shares)))
    counts[0] += persons - int(sizes @ counts)  # a handful, by rounding
    if counts[0] < 0:
        counts = np.array([persons, 0, 0, 0, 0, 0])
    kinds = [Kind(size=1, couple=False, lone=False, children=0, elder=False, count=int(counts[0]))]
    for column, size in enumerate(sizes[1:]):
        within = whole_counts(marginals.HOUSEHOLD_KIND.values[:, column], int(counts[column + 1]))
        for name, count in zip(marginals.HOUSEHOLD_KIND.rows, within, strict=True):
            if count:
                kinds.append(_kind(name, int(size), int(count)))
    return tuple(kinds)


def _kind(name: str, size: int, count: int) -> Kind:
    couple, lone, elder = name.startswith("couple"), name.startswith("lone"), name.endswith("elder parent")
    children = size - 2 * couple - lone - elder if couple or lone else 0
    return Kind(size=size, couple=couple, lone=lone, children=children, elder=elder, count=count)


def alone_counts(private: Ints, total: int) -> Ints:
    """Return how many of each sex and age live alone, shape (2, 105).

    Parameters
    ----------
    private : ndarray of int64, shape (2, 105)
        Persons in households.
    total : int
        One-person households.
    """
    by_group = whole_counts(marginals.ALONE_AGE.column(), total)
    edges = [*marginals.ALONE_LOW.tolist(), _AGES]
    found = np.zeros_like(private)
    for index, count in enumerate(by_group):
        men = round(float(count * marginals.ALONE_MALE.column()[index]))
        for sex, share in ((Sex.MALE, men), (Sex.FEMALE, int(count) - men)):
            ages = slice(edges[index], edges[index + 1])
            room = private[sex, ages].astype(np.float64)
            if share and room.sum():
                found[sex, ages] = np.minimum(whole_counts(room, share), private[sex, ages])
    # What small groups had no room for lives alone at the next best age.
    missing = total - int(found.sum())
    for sex, age in sorted(np.ndindex(private.shape), key=lambda cell: abs(cell[1] - 60)):
        if missing <= 0:
            break
        extra = min(missing, int(private[sex, age] - found[sex, age])) if age >= _ADULT else 0
        found[sex, age] += extra
        missing -= extra
    return found


def part_table(private: Ints, kinds: tuple[Kind, ...]) -> Ints:
    """Return how many of each sex and age take each part, shape (2 * 105, 7).

    Parameters
    ----------
    private : ndarray of int64, shape (2, 105)
        Persons in households.
    kinds : tuple of Kind
        What the households need.
    """
    needed = np.zeros(len(Part), np.int64)
    for kind in kinds:
        needed[[Part.PARTNER_MAN, Part.PARTNER_WOMAN]] += kind.count * kind.couple
        needed[Part.CHILD] += kind.count * kind.children
        needed[Part.LONE_PARENT] += kind.count * kind.lone
        needed[Part.ELDER_PARENT] += kind.count * kind.elder
        needed[Part.OTHER] += kind.count * kind.size * (kind.size > 1 and not kind.couple and not kind.lone)
    alone = alone_counts(private, sum(kind.count for kind in kinds if kind.size == 1))
    rest = (private - alone).ravel()
    seed = _chances() * rest[:, None]
    together = whole_table(fit(seed, rest.astype(np.float64), needed[:6].astype(np.float64)), rest, needed[:6])
    return np.column_stack((together, alone.ravel()))


def _chances() -> Floats:
    """Return the relative chance of each part by sex and age, shape (2 * 105, 6)."""
    ages = np.arange(_AGES)
    chances = [
        np.where(ages < _ADULT, 0.0, np.interp(ages, marginals.ROLE_MIDDLE, column))
        for column in marginals.ROLE_CHANCE.values.T
    ]
    husband, wife, child, lone, elder, other = chances
    child = np.where(ages < _ADULT, 1.0, child)
    men, women = marginals.LONE_PARENT_MEN, marginals.WIDOWED_ELDERS_MEN
    none = np.zeros(_AGES)
    male = np.column_stack((husband, none, child, lone * 2 * men, elder * 2 * women, other))
    female = np.column_stack((none, wife, child, lone * 2 * (1 - men), elder * 2 * (1 - women), other))
    return np.vstack((male, female))


def households(persons: int, in_homes: Ints, seed: int) -> Living:
    """Make persons and put them into households.

    Parameters
    ----------
    persons : int
        How many in all.
    in_homes : ndarray of int64, shape (2, 105)
        How many of each sex and age live in care homes.
    seed : int
        Seed of the streams.

    Notes
    -----
    Ages and sexes are dealt out exactly, and so is the number of households of each kind; who takes which part in them
    follows from a table of age and sex by part, fitted to both totals. Then couples are matched by age, children to
    parents by a mother's age at birth, elders to families a generation younger.
    """
    private = age_sex_counts(persons) - in_homes
    kinds = kinds_of(int(private.sum()))
    table = part_table(private, kinds)
    # One row a person, in order of sex, age and part.
    cell = np.repeat(np.arange(table.size), table.ravel())
    age = (cell // len(Part) % _AGES).astype(np.int64)
    part = cell % len(Part)
    sex = cell // (len(Part) * _AGES)
    families = _families(age, sex, part, kinds, seed)
    order = np.lexsort((families.rank, families.household))
    resident = np.repeat(np.arange(in_homes.size), in_homes.ravel())
    count = len(resident)
    return Living(
        age=np.concatenate((age[order], resident % _AGES)).astype(np.int8),
        sex=np.concatenate((sex[order], resident // _AGES)).astype(np.int8),
        household=np.concatenate((families.household[order], np.full(count, -1))).astype(np.int32),
        relation=np.concatenate((families.relation[order], np.full(count, Relation.RESIDENT))).astype(np.int8),
        size=np.bincount(families.household).astype(np.int8),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Placed:
    """Household, relation and order within the household of each person."""

    household: Ints
    relation: Ints
    rank: Ints


def _families(age: Ints, sex: Ints, part: Ints, kinds: tuple[Kind, ...], seed: int) -> _Placed:
    household = np.full(len(age), -1, np.int64)
    relation = np.full(len(age), Relation.HEAD, np.int64)
    parts = {member: np.flatnonzero(part == member) for member in Part}
    random = stream(seed, "population", "families")
    couples = couples_of(age, parts[Part.PARTNER_MAN], parts[Part.PARTNER_WOMAN], random)
    families = Families(age=age, sex=sex, couples=couples, lone=parts[Part.LONE_PARENT])
    count = len(couples) + len(parts[Part.LONE_PARENT])

    unit, children = children_of(
        families, parts[Part.CHILD], _counts(kinds, lone=False), _counts(kinds, lone=True), random
    )
    household[couples] = np.arange(len(couples))[:, None]
    household[families.lone] = len(couples) + np.arange(len(families.lone))
    household[children] = unit
    relation[children] = Relation.CHILD
    _lead(relation, couples, random)

    wanted = {kind.children: kind.count for kind in kinds if kind.elder}
    elder_unit, elders = elders_of(
        families, parts[Part.ELDER_PARENT], np.bincount(unit, minlength=count), wanted, random
    )
    household[elders] = elder_unit
    relation[elders] = Relation.PARENT

    others = parts[Part.OTHER]
    others = others[np.argsort(age[others] + random.normal(0, 5, len(others)), kind="stable")]
    sizes = np.concatenate(
        [np.full(kind.count, kind.size) for kind in kinds if kind.size > 1 and not kind.couple and not kind.lone]
        or [np.zeros(0, np.int64)]
    )
    random.shuffle(sizes)
    household[others] = count + np.repeat(np.arange(len(sizes)), sizes)
    first = np.cumsum(sizes) - sizes
    relation[others] = Relation.OTHER
    relation[others[first]] = Relation.HEAD
    count += len(sizes)
    household[parts[Part.ALONE]] = count + np.arange(len(parts[Part.ALONE]))
    return _Placed(household=household, relation=relation, rank=relation)


def _counts(kinds: tuple[Kind, ...], *, lone: bool) -> Ints:
    """Return how many couples (or lone parents) have 0, 1, 2, ... children."""
    found = np.zeros(5, np.int64)
    for kind in kinds:
        if kind.lone if lone else kind.couple:
            found[kind.children] += kind.count
    return found


def _lead(relation: Ints, couples: Ints, random: np.random.Generator) -> None:
    """Make one of each couple the head, the man in seven of ten."""
    woman_leads = random.random(len(couples)) < 0.3
    relation[couples[:, 1]] = np.where(woman_leads, Relation.HEAD, Relation.SPOUSE)
    relation[couples[:, 0]] = np.where(woman_leads, Relation.SPOUSE, Relation.HEAD)
