"""Families are possible families."""

import numpy as np
import pytest

from madang.yard.people.engine import marginals
from madang.yard.people.engine.health import in_care_homes
from madang.yard.people.engine.households import Relation, age_sex_counts, households, kinds_of
from madang.yard.people.engine.population import Population


@pytest.mark.parametrize("persons", [1, 7, 50, 333, 2850, 285_000])
def test_households_hold_exactly_everyone(persons: int) -> None:
    assert age_sex_counts(persons).sum() == persons
    kinds = kinds_of(persons)
    assert sum(kind.size * kind.count for kind in kinds) == persons
    assert all(kind.size == 2 * kind.couple + kind.lone + kind.children + kind.elder
               for kind in kinds if kind.couple or kind.lone)  # fmt: skip


def test_no_child_lives_alone_or_leads_a_household(population: Population) -> None:
    persons = population.persons
    minor = persons.age < 19
    assert set(persons.relation[minor].tolist()) == {Relation.CHILD}
    alone = population.households.size[persons.household] == 1
    assert persons.age[alone & (persons.household >= 0)].min() >= 19


def test_every_household_has_one_head_who_comes_first_and_at_most_one_spouse(population: Population) -> None:
    persons, size = population.persons, population.households.size.astype(np.int64)
    home = persons.household >= 0
    assert np.bincount(persons.household[home]).tolist() == size.tolist()
    assert (np.diff(persons.household[home]) >= 0).all()
    first = np.cumsum(size) - size
    assert (persons.relation[first] == Relation.HEAD).all()
    for relation, most in ((Relation.HEAD, 1), (Relation.SPOUSE, 1), (Relation.PARENT, 1), (Relation.CHILD, 4)):
        held = np.bincount(persons.household[home & (persons.relation == relation)], minlength=len(size))
        assert held.max() == most


def parents(population: Population) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return head, spouse or -1, and the household's sex of the head, by household."""
    persons = population.persons
    count = len(population.households.size)
    head, spouse = np.full(count, -1), np.full(count, -1)
    at = np.flatnonzero(persons.relation == Relation.HEAD)
    head[persons.household[at]] = at
    at = np.flatnonzero(persons.relation == Relation.SPOUSE)
    spouse[persons.household[at]] = at
    return head, spouse, persons.sex[head]


def test_spouses_are_a_man_and_a_woman_of_like_age(population: Population) -> None:
    persons = population.persons
    head, spouse, _ = parents(population)
    pairs = np.flatnonzero(spouse >= 0)
    left, right = head[pairs], spouse[pairs]
    assert (persons.sex[left] != persons.sex[right]).all()
    man = np.where(persons.sex[left] == 0, left, right)
    woman = np.where(persons.sex[left] == 0, right, left)
    gap = persons.age[man].astype(int) - persons.age[woman]
    assert 0.8 < gap.mean() < 3
    assert gap.std() < 4
    assert np.abs(gap).max() <= 18
    assert persons.age[man].min() >= 19
    assert persons.age[woman].min() >= 19


def test_mothers_bore_at_an_age_when_they_could(population: Population) -> None:
    persons = population.persons
    head, spouse, _ = parents(population)
    child = np.flatnonzero(persons.relation == Relation.CHILD)
    home = persons.household[child]
    mother = np.where(persons.sex[head[home]] == 1, head[home], spouse[home])
    has_mother = mother >= 0
    gap = persons.age[mother[has_mother]].astype(int) - persons.age[child[has_mother]]
    low, high = marginals.MOTHER_AGE_AT_BIRTH
    assert gap.min() >= low
    assert gap.max() <= high
    mean, deviation = marginals.FAMILY.rows["mother's age at birth"]
    assert gap.mean() == pytest.approx(mean, abs=0.3)
    assert gap.std() == pytest.approx(deviation, abs=0.4)
    father = np.where(persons.sex[head[home]] == 0, head[home], spouse[home])
    gap = persons.age[father[father >= 0]].astype(int) - persons.age[child[father >= 0]]
    assert gap.min() >= 16


def test_siblings_are_seldom_twins_and_elders_are_a_generation_older(population: Population) -> None:
    persons = population.persons
    child = np.flatnonzero(persons.relation == Relation.CHILD)
    order = np.lexsort((persons.age[child], persons.household[child]))
    age, home = persons.age[child][order].astype(int), persons.household[child][order]
    apart = np.diff(age)[home[1:] == home[:-1]]
    assert (apart == 0).mean() < 0.06
    assert np.median(apart) == 3
    elder = np.flatnonzero(persons.relation == Relation.PARENT)
    head, _, _ = parents(population)
    gap = persons.age[elder].astype(int) - persons.age[head[persons.household[elder]]]
    assert persons.age[elder].min() >= 60
    assert gap.min() >= 15
    assert gap.max() <= 55


def test_equal_seeds_give_equal_people_and_others_do_not() -> None:
    counts = in_care_homes(age_sex_counts(3000))
    one, same, other = households(3000, counts, 1), households(3000, counts, 1), households(3000, counts, 2)
    assert one.age.tobytes() == same.age.tobytes()
    assert one.household.tobytes() == same.household.tobytes()
    assert one.age.tobytes() != other.age.tobytes()
