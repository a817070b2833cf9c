"""Records are plain to see as made up, and agree with the arrays."""

from datetime import date

import numpy as np
import pytest

from madang.numerics.errors import EngineInputError
from madang.yard.people.engine.households import Relation
from madang.yard.people.engine.population import REFERENCE_DATE, Population
from madang.yard.people.engine.records import ROAD, sample_records
from madang.yard.places.engine.boundaries import Boundaries
from madang.yard.places.engine.place_index import PlaceIndex
from madang.yard.places.formats.bundle import district_read


def test_records_agree_with_the_arrays_and_lie_in_their_dong(population: Population, seo_gu: Boundaries) -> None:
    records = sample_records(population, seo_gu, 2000, 1)
    assert 2000 <= len(records) < 2006
    persons = population.persons
    reference = date.fromisoformat(REFERENCE_DATE)
    index = PlaceIndex(seo_gu.polygons)
    for record in records:
        years = (
            reference.year
            - record.birth_date.year
            - ((reference.month, reference.day) < (record.birth_date.month, record.birth_date.day))
        )
        assert years == persons.age[record.person]
        assert record.sex == persons.sex[record.person]
        assert seo_gu.codes[index.find(record.lon, record.lat)] == record.dong_code
        assert seo_gu.names_ko[seo_gu.codes.index(record.dong_code)] in record.address
        assert record.lives_alone == (record.household >= 0 and population.households.size[record.household] == 1)
    by_dong = np.bincount([seo_gu.codes.index(record.dong_code) for record in records], minlength=18) / len(records)
    assert np.corrcoef(by_dong, np.bincount(persons.dong) / len(persons.dong))[0, 1] > 0.98


def test_whole_households_with_one_surname_for_father_and_children(population: Population, seo_gu: Boundaries) -> None:
    records = sample_records(population, seo_gu, 1000, 1)
    homes: dict[int, list[int]] = {}
    for position, record in enumerate(records):
        homes.setdefault(record.household, []).append(position)
    for home, positions in homes.items():
        if home < 0:
            continue
        assert len(positions) == population.households.size[home]
        family = [records[position] for position in positions]
        assert len({record.address for record in family}) == 1
        children = {record.name[0] for record in family if record.relation == Relation.CHILD}
        fathers = {
            record.name[0] for record in family
            if record.sex == 0 and record.relation in {Relation.HEAD, Relation.SPOUSE}
        }  # fmt: skip
        assert len(children) <= 1
        if children and fathers:
            assert children == fathers


def test_numbers_and_addresses_cannot_be_anybody_s(population: Population, seo_gu: Boundaries) -> None:
    records = sample_records(population, seo_gu, 3000, 1)
    assert all(record.phone.startswith("010-0000-") and len(record.phone) == 13 for record in records)
    assert len({record.phone for record in records}) == len(records)
    assert all(f" {ROAD} " in record.address for record in records)
    assert all(2 <= len(record.name) <= 4 for record in records)
    assert records == sample_records(population, seo_gu, 3000, 1)
    assert records != sample_records(population, seo_gu, 3000, 2)
    many = sample_records(population, seo_gu, 12_000, 1)
    assert all(record.phone.startswith("010-0") for record in many)
    assert len({record.phone for record in many}) == len(many)


def test_wrong_boundaries_and_counts_are_refused(population: Population, seo_gu: Boundaries) -> None:
    with pytest.raises(EngineInputError):
        sample_records(population, district_read("29110"), 10, 1)
    for count in (0, 285_001):
        with pytest.raises(EngineInputError):
            sample_records(population, seo_gu, count, 1)
