"""Matching by age: partners to each other, children to parents, elders to their children's families."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from madang.yard.people.engine import marginals
from madang.yard.people.engine.shares import Floats, Ints, whole_table

_FATHER_YOUNGEST = 16
_REPAIR_ROUNDS = 400
_SIBLING_STEP, _SIBLING_NOISE = 0.13, 0.03
_CHILDREN_ROUNDS = 300
_ELDER_GAP = (18, 46)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Families:
    """Couples and lone parents, before their children are known.

    Attributes
    ----------
    age, sex : ndarray of int64, shape (n_persons,)
        Of every person.
    couples : ndarray of int64, shape (n_couples, 2)
        Man and woman.
    lone : ndarray of int64, shape (n_lone,)
        Lone parents; a family's number is its couple's, then its lone parent's.
    """

    age: Ints
    sex: Ints
    couples: Ints
    lone: Ints

    @property
    def mother_age(self) -> Ints:
        """Age that children are matched to: the woman's, or a lone father's less two years."""
        lone = self.age[self.lone] - 2 * (self.sex[self.lone] == 0)
        return np.concatenate((self.age[self.couples[:, 1]], lone))

    @property
    def father_age(self) -> Ints:
        """Age of the man of a couple; of a lone parent, the parent's own."""
        return np.concatenate((self.age[self.couples[:, 0]], self.age[self.lone]))


def couples_of(age: Ints, men: Ints, women: Ints, random: np.random.Generator) -> Ints:
    """Match men and women in order of their ages, blurred; shape (n_couples, 2)."""
    blur = float(marginals.FAMILY.rows["noise of a partner's age in matching"][1])
    man = men[np.argsort(age[men] + random.normal(0, blur, len(men)), kind="stable")]
    woman = women[np.argsort(age[women] + random.normal(0, blur, len(women)), kind="stable")]
    return np.column_stack((man, woman))


def children_of(
    families: Families, children: Ints, couple_counts: Ints, lone_counts: Ints, random: np.random.Generator
) -> tuple[Ints, Ints]:
    """Give every child a family whose mother was of a likely age when it was born.

    Parameters
    ----------
    families : Families
        Couples and lone parents.
    children : ndarray of int64, shape (n_children,)
        The persons who live with their parents, of any age.
    couple_counts, lone_counts : ndarray of int64, shape (5,)
        How many couples, and how many lone parents, have 0, 1, 2, 3, 4 children.
    random : Generator
        Where chance comes from.

    Returns
    -------
    (family, child)
        Equally long: the family's number, and the person.

    Notes
    -----
    Each child draws the age its mother would have. How many children the families with mothers of each age have is
    fitted to these, then children and families are matched in order of the mother's age, and the few that came out of
    bounds exchange places.
    """
    mean, deviation = marginals.FAMILY.rows["mother's age at birth"]
    low, high = marginals.MOTHER_AGE_AT_BIRTH
    wished = families.age[children] + np.clip(np.round(random.normal(mean, deviation, len(children))), low, high)
    number = _children_a_family(families, wished.astype(np.int64), (couple_counts, lone_counts), random)
    family = np.repeat(np.arange(len(number)), number)
    family = family[np.argsort(families.mother_age[family], kind="stable")]
    child = _siblings_apart(children, families.age[children], wished.astype(np.int64), random)
    return family, _within_bounds(families, family, child, random)


def _children_a_family(
    families: Families, wished: Ints, counts: tuple[Ints, Ints], random: np.random.Generator
) -> Ints:
    """Choose how many children each family has."""
    mother_age = families.mother_age
    is_lone = np.arange(len(mother_age)) >= len(families.couples)
    oldest = int(max(wished.max(initial=0), mother_age.max(initial=0))) + 1
    number = np.zeros(len(mother_age), np.int64)
    mothers = [np.bincount(mother_age[is_lone == lone], minlength=oldest) for lone in (False, True)]
    tables = _expected(np.bincount(wished, minlength=oldest), mothers, counts)
    for lone in (False, True):
        whole = whole_table(tables[lone], mothers[lone], counts[lone])
        members = np.flatnonzero(is_lone == lone)
        members = members[np.lexsort((random.random(len(members)), mother_age[members]))]
        number[members] = np.repeat(np.tile(np.arange(5), oldest), whole.ravel())
    return number


def _expected(wished: Ints, mothers: list[Ints], counts: tuple[Ints, Ints]) -> list[Floats]:
    """Fit families by mother's age and number of children to three totals at once.

    Totals: families by age, families by number of children, and children by mother's age (as near as can be). Cell
    (a, k) is proportional to row(a) * column(k) * fertility(a) ** k / k!.
    """
    k = np.arange(5)
    factorial = np.array([1.0, 1.0, 2.0, 6.0, 24.0])
    all_mothers = mothers[0] + mothers[1]
    fertility = np.clip(wished / np.maximum(all_mothers, 1), 0.01, 4.0)
    columns = [np.where(count > 0, 1.0, 0.0) for count in counts]
    tables = [np.zeros((len(wished), 5))] * 2
    for _ in range(_CHILDREN_ROUNDS):
        base = fertility[:, None] ** k / factorial
        tables = []
        for kind in range(2):
            chance = base * columns[kind]
            chance *= (mothers[kind] / np.maximum(chance.sum(axis=1), 1e-300))[:, None]
            columns[kind] = columns[kind] * np.where(
                counts[kind] > 0, counts[kind] / np.maximum(chance.sum(axis=0), 1e-9), 0
            )
            columns[kind] /= max(columns[kind].max(), 1e-300)
            tables.append(chance)
        children = (tables[0] + tables[1]) @ k
        fertility = np.clip(fertility * np.sqrt((wished + 0.05) / (children + 0.05)), 1e-4, 1e4)
    return tables


def _siblings_apart(children: Ints, age: Ints, wished: Ints, random: np.random.Generator) -> Ints:
    """Put children in order of the wished mother's age so that those who stand together differ in age.

    Within each wished age the place of a child by its own age goes up and down evenly along the order, by a quarter of
    all a step: siblings, who will stand together, are some three years apart.
    """
    by_age = np.lexsort((random.random(len(children)), age, wished))
    group = wished[by_age]
    starts = np.searchsorted(group, group)
    turn = _SIBLING_STEP * (np.arange(len(children)) - starts) + random.normal(0, _SIBLING_NOISE, len(children))
    height = np.abs(turn % 1.0 - 0.5)
    found = np.empty(len(children), np.int64)
    found[np.lexsort((height, group))] = children[by_age]
    return found


def _within_bounds(families: Families, family: Ints, child: Ints, random: np.random.Generator) -> Ints:
    """Exchange children between families until every parent was of a possible age at birth."""
    mother, father, age = families.mother_age, families.father_age, families.age
    low, high = marginals.MOTHER_AGE_AT_BIRTH

    def wrong(position: Ints, person: Ints) -> npt.NDArray[np.bool_]:
        gap = mother[family[position]] - age[person]
        return (gap < low) | (gap > high) | (father[family[position]] - age[person] < _FATHER_YOUNGEST)

    child = child.copy()
    for round_number in range(_REPAIR_ROUNDS):
        faulty = np.flatnonzero(wrong(np.arange(len(child)), child))
        if not len(faulty):
            break
        # Families stand in order of the mother's age, so a good exchange is near; each round looks a little farther.
        reach = 20 + round_number * len(child) // _REPAIR_ROUNDS
        other = np.clip(faulty + random.integers(-reach, reach + 1, len(faulty)), 0, len(child) - 1)
        # One exchange a partner and round, and none among the faulty themselves.
        _, first = np.unique(other, return_index=True)
        faulty, other = faulty[first], other[first]
        apart = ~np.isin(other, faulty)
        faulty, other = faulty[apart], other[apart]
        good = ~wrong(faulty, child[other]) & ~wrong(other, child[faulty])
        faulty, other = faulty[good], other[good]
        child[faulty], child[other] = child[other], child[faulty]
    return child


def elders_of(
    families: Families, elders: Ints, children: Ints, wanted: Mapping[int, int], random: np.random.Generator
) -> tuple[Ints, Ints]:
    """Let parents of a couple live with it.

    Parameters
    ----------
    families : Families
        Couples and lone parents.
    elders : ndarray of int64, shape (n_elders,)
        The persons.
    children : ndarray of int64, shape (n_families,)
        Children of each family.
    wanted : mapping of int to int
        How many couples with this many children take an elder in.
    random : Generator
        Where chance comes from.

    Returns
    -------
    (family, elder)
        Equally long.
    """
    middle = (families.mother_age + families.father_age) / 2
    couples = np.arange(len(families.couples))
    picked = []
    for number, count in sorted(wanted.items()):
        candidates = couples[children[couples] == number]
        # Those in their fifties first: their parents are the age at which one moves in.
        distance = np.abs(middle[candidates] - 50 + random.normal(0, 5, len(candidates)))
        picked.append(candidates[np.argsort(distance, kind="stable")[:count]])
    family = np.concatenate(picked) if picked else np.zeros(0, np.int64)
    family = family[np.argsort(middle[family], kind="stable")]
    elder = elders[np.argsort(families.age[elders] + random.normal(0, 2, len(elders)), kind="stable")]
    return family, elder[: len(family)]
