"""A population survives being written, and a changed file is refused."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from madang.numerics.errors import InputError
from madang.yard.people.engine.population import Population, synthesise
from madang.yard.people.formats.population_parquet import read_population, write_population
from madang.yard.places.formats.bundle import district_read


@pytest.fixture(scope="module")
def population() -> Population:
    return synthesise(district_read("29140"), 3, 0.01)


def test_what_is_read_is_what_was_written(population: Population) -> None:
    data = write_population(population)
    again = read_population(data, "population.parquet")
    assert again.digest == population.digest
    assert again.header == population.header
    for (name, left), (same, right) in zip(population.tables(), again.tables(), strict=True):
        assert name == same
        for column, array in left.items():
            assert array.dtype == right[column].dtype, column
            assert (array == right[column]).all()
    assert write_population(again) == data


def test_any_parquet_reader_takes_one_table(population: Population) -> None:
    table = pq.read_table(io.BytesIO(write_population(population)), columns=["table", "persons.age"])
    ages = table.filter(pa.compute.equal(table["table"].cast(pa.string()), "persons"))["persons.age"]
    assert np.asarray(ages).tolist() == population.persons.age.tolist()


def test_a_population_without_care_homes_is_whole(population: Population) -> None:
    tiny = synthesise(district_read("29140"), 3, 0.0002)
    assert len(tiny.care_homes.beds) == 0
    assert read_population(write_population(tiny), "tiny").digest == tiny.digest


def test_broken_foreign_and_changed_files_are_refused(population: Population) -> None:
    data = write_population(population)
    plain = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), plain)
    for bad, code in (
        (b"", "not_a_population"),
        (b"PAR1 nonsense PAR1", "not_a_population"),
        (data[: len(data) // 2], "not_a_population"),
        (plain.getvalue(), "not_a_population"),
        (data.replace(b'"version": "1"', b'"version": "0"'), "other_version"),
        (data.replace(b'"seed": 3', b'"seed": 4'), "digest_differs"),
    ):
        with pytest.raises(InputError) as refused:
            read_population(bad, "p.parquet")
        assert refused.value.code == code, bad[:20]
        assert "p.parquet" in str(refused.value)
