"""What is generated is what is stated."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import shapely
from scipy import stats

from madang.numerics.errors import EngineInputError
from madang.yard.people.engine import marginals, settlement
from madang.yard.people.engine.activity import SchoolLevel, Work, school_level
from madang.yard.people.engine.health import CONDITIONS, has
from madang.yard.people.engine.marginals_table import replaced
from madang.yard.people.engine.population import Population, synthesise
from madang.yard.people.engine.settlement import district_size, settle
from madang.yard.places.engine.boundaries import Boundaries
from madang.yard.places.formats.bundle import district_read

ROOT = Path(__file__).resolve().parents[4]


def fits(found: np.ndarray, shares: np.ndarray) -> None:
    """Accept counts only if a chi-square test at 1 % would, and each share is within a tenth of a percentage point."""
    expected = shares / shares.sum() * found.sum()
    assert stats.chisquare(found, expected).pvalue > 0.01
    assert np.abs(found / found.sum() - shares).max() < 1e-3


def test_the_measure_itself_can_fail() -> None:
    with pytest.raises(AssertionError):
        fits(np.array([52_000, 48_000]), np.array([0.5, 0.5]))


def test_size_age_and_sex(population: Population) -> None:
    persons = population.persons
    assert len(persons.age) == 285_000
    group = np.minimum(persons.age // 5, 17)
    fits(np.bincount(group, minlength=18), marginals.AGE.column())
    for index, share in enumerate(marginals.MALE.column()):
        assert (persons.sex[group == index] == 0).mean() == pytest.approx(share, abs=2e-3)
    assert persons.age.max() <= marginals.OLDEST


def test_households_by_size_kind_and_those_alone(population: Population) -> None:
    households, persons = population.households, population.persons
    fits(np.bincount(households.size, minlength=7)[1:], marginals.HOUSEHOLD_SIZE.column())
    at_home = persons.household >= 0
    alone = at_home & (households.size[persons.household] == 1)
    group = np.digitize(persons.age[alone], marginals.ALONE_LOW) - 1
    fits(np.bincount(group, minlength=6), marginals.ALONE_AGE.column())
    for index, share in enumerate(marginals.ALONE_MALE.column()):
        assert (persons.sex[alone][group == index] == 0).mean() == pytest.approx(share, abs=2e-3)
    elder = persons.age >= 65
    assert (alone & elder).sum() == households.is_elder_alone.sum()
    # Not stated but implied: about a quarter of the older persons live alone, a tenth of all households are such.
    assert 0.20 < (alone & elder).sum() / elder.sum() < 0.27
    assert 0.08 < households.is_elder_alone.mean() < 0.12


def test_dwellings_by_type_decade_and_floor_area(population: Population) -> None:
    households, buildings = population.households, population.buildings
    fits(np.bincount(households.dwelling, minlength=3), marginals.DWELLING.column())
    assert (buildings.kind[households.building] == households.dwelling).all()
    assert (buildings.dong[households.building] == households.dong).all()
    decade = np.digitize(buildings.built[households.building], marginals.BUILT_LOW) - 1
    shares = np.bincount(decade, minlength=6) / len(decade)
    assert np.abs(shares - marginals.BUILT.column()).max() < 0.01  # whole buildings, not households, have a year
    fits(np.bincount(np.digitize(households.floor_m2, marginals.FLOOR_LOW) - 1), marginals.FLOOR.column())
    used = np.unique(households.building)
    assert used.tolist() == list(range(len(buildings.dong)))
    for kind, mean in enumerate(marginals.HOUSEHOLDS_PER_BUILDING.column()):
        homes = (households.dwelling == kind).sum() / (buildings.kind == kind).sum()
        assert homes == pytest.approx(mean, rel=0.35)
    assert buildings.floors.min() >= 1


def test_every_building_school_workplace_and_care_home_lies_in_its_dong(
    population: Population, seo_gu: Boundaries
) -> None:
    for table in (population.buildings, population.schools, population.workplaces, population.care_homes):
        for index, polygon in enumerate(seo_gu.polygons):
            mine = table.dong == index
            assert shapely.contains_xy(polygon, table.lon[mine], table.lat[mine]).all()
    distinct = {*zip(population.buildings.lon.tolist(), population.buildings.lat.tolist(), strict=True)}
    assert len(distinct) > 0.999 * len(population.buildings.lon)


def test_dongs_have_their_share_of_persons(population: Population, seo_gu: Boundaries) -> None:
    counts = np.array(list(population.persons_by_dong.values()))
    wanted = settle(seo_gu, 2026).shares * counts.sum()
    assert (np.abs(counts - wanted) <= np.maximum(0.02 * wanted, 120)).all()  # a care home is a lump
    households = population.households
    assert np.bincount(households.dong).tolist() == np.bincount(households.dong, minlength=18).tolist()


def test_families_live_in_dense_dongs_and_older_persons_in_sparse_ones(
    population: Population, seo_gu: Boundaries
) -> None:
    newness = settle(seo_gu, 2026).newness
    persons = population.persons
    old = np.array([(persons.age[persons.dong == dong] >= 65).mean() for dong in range(18)])
    assert np.corrcoef(newness, old)[0, 1] < -0.8
    flats = np.array([(population.households.dwelling[population.households.dong == d] == 0).mean() for d in range(18)])
    assert np.corrcoef(newness, flats)[0, 1] > 0.8


def test_incomes_and_electricity(population: Population) -> None:
    households = population.households
    fits(np.bincount(households.income, minlength=5), marginals.INCOME.column())
    for size, mean in enumerate(marginals.ELECTRICITY.column(), start=1):
        assert households.electricity_kwh[households.size == size].mean() == pytest.approx(mean, rel=1e-3)
    month = households.electricity_kwh.mean(axis=0, dtype=np.float64)
    index = marginals.ELECTRICITY_MONTH.column()
    assert month / month.mean() == pytest.approx(index / index.mean(), abs=5e-3)
    assert households.electricity_kwh.min() > 0
    # The poor live smaller and older persons who live alone are poorer.
    assert households.floor_m2[households.income == 0].mean() < households.floor_m2[households.income == 4].mean()
    assert households.income[households.is_elder_alone].mean() < households.income.mean() - 0.5


def test_pupils_go_to_schools_of_their_age(population: Population) -> None:
    persons, schools = population.persons, population.schools
    pupils = persons.school >= 0
    level = school_level(persons.age.astype(np.int64))
    assert (schools.level[persons.school[pupils]] == level[pupils]).all()
    for name, (enrolled, mean) in zip(SchoolLevel, marginals.SCHOOL.values, strict=True):
        mine = level == name
        assert (pupils & mine).sum() / mine.sum() == pytest.approx(enrolled, abs=1e-3)
        sizes = np.bincount(persons.school[pupils & mine] - np.flatnonzero(schools.level == name)[0])
        assert sizes.mean() == pytest.approx(mean, rel=0.1)
        assert sizes.min() > 0.05 * mean
        assert sizes.max() < 4 * mean


def test_work_by_age_and_sex_and_where(population: Population) -> None:
    persons = population.persons
    at_home = persons.care_home < 0
    group = np.digitize(persons.age, marginals.WORK_LOW) - 1
    for row, rates in enumerate(marginals.WORK.values):
        for sex, rate in enumerate(rates):
            mine = (group == row) & (persons.sex == sex) & at_home
            assert (persons.work[mine] > 0).mean() == pytest.approx(rate, abs=0.006)
    inside, outside = (persons.work == Work.INSIDE).sum(), (persons.work == Work.OUTSIDE).sum()
    assert inside / (inside + outside) == pytest.approx(marginals.WORKS_INSIDE.column()[0], abs=2e-3)
    assert ((persons.workplace >= 0) == (persons.work == Work.INSIDE)).all()
    sizes = np.bincount(persons.workplace[persons.workplace >= 0])
    workers = np.bincount(np.digitize(sizes, marginals.WORKPLACE_LOW[1:-1]), weights=sizes, minlength=5)
    assert np.abs(workers / workers.sum() - marginals.WORKPLACE.column()).max() < 0.01
    fits(np.bincount(population.workplaces.sector, minlength=10), marginals.SECTOR.column())


def test_conditions_by_age_and_sex_and_together(population: Population) -> None:
    persons = population.persons
    group = np.digitize(persons.age, marginals.CONDITION_LOW) - 1
    for name in CONDITIONS:
        for sex, table in enumerate((marginals.CONDITION_MEN, marginals.CONDITION_WOMEN)):
            for index, rate in enumerate(table.rows[name]):
                mine = (group == index) & (persons.sex == sex)
                assert has(persons.conditions, name)[mine].sum() == pytest.approx(rate * mine.sum(), abs=1.01)
    seventies = (group == 6) & (persons.sex == 1)
    diabetes, pressure = (
        has(persons.conditions, "diabetes")[seventies],
        has(persons.conditions, "hypertension")[seventies],
    )
    assert (diabetes & pressure).mean() > 1.15 * diabetes.mean() * pressure.mean()


def test_care_grades_and_homes(population: Population) -> None:
    persons = population.persons
    elder = persons.age >= 65
    group = np.digitize(persons.age, marginals.ELDER_LOW) - 1
    for sex in range(2):
        for row in range(5):
            mine = elder & (group == row) & (persons.sex == sex)
            assert (persons.grade[mine] > 0).sum() == pytest.approx(
                marginals.LONG_TERM_CARE.values[row, sex] * mine.sum(), abs=1.01
            )
            assert (persons.care_home[mine] >= 0).sum() == pytest.approx(
                marginals.CARE_HOME.values[row, sex] * mine.sum(), abs=5
            )
    grades = persons.grade[persons.grade > 0]
    fits(np.bincount(grades, minlength=7)[1:], marginals.CARE_GRADE.column())
    assert not (persons.grade[~elder] > 0).any()
    assert not (persons.adl[~elder] > 0).any()
    assert has(persons.conditions, "dementia")[persons.grade > 0].mean() > 0.3
    residents = np.bincount(persons.care_home[persons.care_home >= 0])
    assert (residents <= population.care_homes.beds).all()
    assert residents.mean() == pytest.approx(marginals.CARE_HOME_RESIDENTS, rel=0.1)


def test_equal_seeds_have_equal_digests_and_nothing_else_has(seo_gu: Boundaries) -> None:
    small = synthesise(seo_gu, 7, 0.02)
    assert small.digest == synthesise(seo_gu, 7, 0.02).digest
    others = {
        synthesise(seo_gu, 8, 0.02).digest,
        synthesise(seo_gu, 7, 0.021).digest,
        synthesise(district_read("29110"), 7, 0.05).digest,
    }
    assert len(others | {small.digest}) == 4
    program = (
        "from madang.yard.places.formats.bundle import district_read as r;"
        "from madang.yard.people.engine.population import synthesise as s;"
        "import sys; print(s(r('29140'), 7, 0.02).digest, 'django' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "src")},
    ).stdout.split()
    assert said == [small.digest, "False"]


@pytest.mark.parametrize("scale", [0.0005, 0.003, 0.1])
def test_any_scale_keeps_shares_and_sense(seo_gu: Boundaries, scale: float) -> None:
    steps: list[float] = []
    small = synthesise(seo_gu, 5, scale, progress=lambda fraction, _step: steps.append(fraction))
    count = round(285_000 * scale)
    assert len(small.persons.age) == count
    assert (small.persons.age >= 65).mean() == pytest.approx(0.18, abs=1 / np.sqrt(count))
    assert (small.households.size == 1).mean() == pytest.approx(0.365, abs=3 / np.sqrt(count))
    assert small.persons.age[small.persons.relation == 0].min() >= 19
    assert steps == sorted(steps)


@pytest.mark.parametrize("code", ["46910", "47940", "11140", "36110"])
def test_any_district_can_be_populated(code: str) -> None:
    boundaries = district_read(code)
    people = synthesise(boundaries, 1, 0.1)
    for index, polygon in enumerate(boundaries.polygons):
        mine = people.buildings.dong == index
        assert shapely.contains_xy(polygon, people.buildings.lon[mine], people.buildings.lat[mine]).all()
    assert min(people.persons_by_dong.values()) > 0


def test_size_by_rule_and_bad_input(seo_gu: Boundaries) -> None:
    assert district_size(district_read("11440")) == settlement.DISTRICT_THOUSANDS["11440"] * 1000
    assert district_size(district_read("26110")) < 45_000  # two square kilometres
    for seed, scale in ((-1, 1.0), (1, 0.0), (1, -1.0), (1, 5.0), (1, 1e-6)):
        with pytest.raises(EngineInputError):
            synthesise(seo_gu, seed, scale)


def test_a_whole_district_is_made_in_a_third_of_the_time_allowed(seo_gu: Boundaries) -> None:
    begun = time.perf_counter()
    synthesise(seo_gu, 3)
    assert time.perf_counter() - begun < 5


def test_the_page_states_what_the_generator_assumes() -> None:
    page = (ROOT / "docs" / "reference" / "sample.md").read_text(encoding="utf-8")
    assert replaced(page) == page, "run: python tools/sample_tables.py"
    assert all("assumed" in marginal.source for marginal in marginals.ALL)


def test_every_marginal_is_listed() -> None:
    held = {id(value) for value in vars(marginals).values() if isinstance(value, marginals.Marginal)}
    assert held == {id(value) for value in marginals.ALL}
    with pytest.raises(EngineInputError):
        marginals.Marginal(title="x", source="assumed", columns=("a",), rows={"b": (0.4,), "c": (0.5,)})
    with pytest.raises(EngineInputError):
        marginals.Marginal(title="x", source="assumed", columns=("a",), rows={"b": (0.4, 0.6)})
