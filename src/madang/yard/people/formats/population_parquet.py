"""A synthetic population as one Parquet file.

Each table is a row group of its own; the column `table` names it, the columns `persons.age`, `households.size` and so
on hold it, and what a table does not have is null (which Parquet stores for nothing). So any Parquet reader can take
one table: `select * from 'population.parquet' where "table" = 'persons'`. What the population was made from stands in
the file's metadata as JSON, with the digest of all arrays, which reading checks.
"""

import io
import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from madang.numerics.errors import InputError, Place
from madang.yard.people.engine.activity import Schools, Workplaces
from madang.yard.people.engine.dwellings import Buildings
from madang.yard.people.engine.population import VERSION, CareHomes, Households, Persons, Population

_HEADER = b"madang.population"
_KINDS = {
    "persons": Persons, "households": Households, "buildings": Buildings, "schools": Schools,
    "workplaces": Workplaces, "care_homes": CareHomes,
}  # fmt: skip
_TABLE = pa.field("table", pa.dictionary(pa.int8(), pa.string()), nullable=False)


def write_population(population: Population) -> bytes:
    """Write a population.

    Returns
    -------
    bytes
        The same for the same population and version of pyarrow.
    """
    columns = {
        table: {f"{table}.{name}": _arrow(array) for name, array in arrays.items()}
        for table, arrays in population.tables()
    }
    fields = [pa.field(name, array.type) for arrays in columns.values() for name, array in arrays.items()]
    lengths = {table: len(next(iter(arrays.values()))) for table, arrays in columns.items()}
    header = {**population.header, "rows": lengths, "digest": population.digest}
    schema = pa.schema([_TABLE, *fields], metadata={_HEADER: json.dumps(header, ensure_ascii=False).encode()})
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for table, own in columns.items():
            length = lengths[table]
            if not length:
                continue
            name = pa.DictionaryArray.from_arrays(np.zeros(length, np.int8), [table])
            arrays = [name, *(own.get(field.name, pa.nulls(length, field.type)) for field in fields)]
            writer.write_table(pa.table(arrays, schema=schema), row_group_size=length)
    return sink.getvalue()


def _arrow(array: npt.NDArray[Any]) -> "pa.Array[Any]":
    flat: pa.Array[Any] = pa.array(array.ravel())
    return flat if array.ndim == 1 else pa.FixedSizeListArray.from_arrays(flat, array.shape[1])


def read_population(data: bytes, file_name: str) -> Population:
    """Read a population.

    Raises
    ------
    InputError
        If the file is no Parquet, holds no population or one of another version, or was changed.
    """
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        metadata = file.metadata.metadata or {}
        if _HEADER not in metadata:
            raise _refused("not_a_population", file_name, "a Parquet file without the population's header")
        header = json.loads(metadata[_HEADER])
        if header["version"] != VERSION:
            raise _refused("other_version", file_name, f"version {header['version']}; this is version {VERSION}")
        population = _population(file, header)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise _refused("not_a_population", file_name, "bytes that cannot be read as a population") from error
    if population.digest != header["digest"]:
        raise _refused("digest_differs", file_name, "content that its own digest does not fit")
    return population


def _refused(code: str, file_name: str, found: str) -> InputError:
    return InputError(
        code, Place(file=file_name), found=found, expected="a population that `madang sample` or `madang up` wrote",
        mend="Make it again: `madang sample --out FILE`.",
    )  # fmt: skip


def _population(file: pq.ParquetFile, header: dict[str, Any]) -> Population:
    present = [table for table in _KINDS if header["rows"][table]]
    tables: dict[str, Any] = {}
    for table, kind in _KINDS.items():
        names = [name for name in file.schema_arrow.names if name.startswith(f"{table}.")]
        if table in present:
            group = file.read_row_group(present.index(table), columns=names)
        else:
            group = file.schema_arrow.empty_table().select(names)
        tables[table] = kind(**{name.split(".")[1]: _numpy(group.column(name)) for name in names})
    return Population(
        district=header["district"],
        dong_codes=tuple(header["dong_codes"]),
        seed=header["seed"],
        scale=header["scale"],
        boundaries=header["boundaries"],
        version=header["version"],
        **tables,
    )


def _numpy(column: "pa.ChunkedArray[Any]") -> npt.NDArray[Any]:
    array = column.combine_chunks()
    if isinstance(array, pa.FixedSizeListArray):
        return np.asarray(array.flatten()).reshape(-1, array.type.list_size)
    return np.asarray(array)
