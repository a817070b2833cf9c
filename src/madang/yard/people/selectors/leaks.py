"""Looking for personal values in clear where none may be: in the bytes of files, whoever wrote them."""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from madang.yard.people.models import Person

_PREFIX = 6
_CHUNK = 1 << 20
_BITS = 22
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

_Bytes = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A personal value that stands in clear in a file; the value itself is not repeated.

    Attributes
    ----------
    file : Path
        The file.
    offset : int
        Where in it.
    length : int
        How many bytes.
    """

    file: Path
    offset: int
    length: int


def personal_values() -> set[str]:
    """Return every name, phone number, address, birth date and note of every person, in clear."""
    found: set[str] = set()
    columns = ("name", "phone", "address", "birth_date", "notes")
    for row in Person.objects.order_by().values_list(*columns).iterator(chunk_size=2000):
        found.update(str(value) for value in row if value)
    return found


def disguises(value: str) -> Iterator[bytes]:
    """Yield the forms in which a text may stand in a file: plain, in JSON's escapes, UTF-16, base64 at any offset."""
    plain = value.encode()
    yield plain
    yield json.dumps(value)[1:-1].encode()
    yield value.encode("utf-16-le")
    for shift in range(3):
        # Characters that share a byte with the neighbours depend on them; those between do not.
        coded = base64.b64encode(b"\x00" * shift + plain + b"\x00\x00")
        yield coded[-(-shift * 8 // 6) : (shift + len(plain)) * 8 // 6]


def leaks_find(files: Iterable[Path], values: Iterable[str]) -> list[Leak]:
    """Return where values stand in clear in files; values of fewer than six bytes are not looked for.

    Notes
    -----
    One pass a file: the first six bytes at every offset are looked up in a hash table of all values at once, about 50
    MB a second whatever their number.
    """
    needles: dict[bytes, set[bytes]] = {}
    for value in values:
        for form in disguises(value):
            if len(form) >= _PREFIX:
                needles.setdefault(form[:_PREFIX], set()).add(form)
    table = np.zeros(1 << _BITS, dtype=bool)
    if needles:
        starts = np.frombuffer(b"".join(needles), dtype=np.uint8).reshape(-1, _PREFIX)
        table[_slots(np.ascontiguousarray(starts.T))] = True
    return [leak for file in files if file.is_file() for leak in _in_file(file, needles, table)]


def _slots(columns: _Bytes) -> npt.NDArray[np.intp]:
    """Return the table slot of each column of six bytes."""
    words: _Words = np.zeros(columns.shape[1], dtype=np.uint64)
    for position in range(_PREFIX):
        words |= columns[position].astype(np.uint64) << np.uint64(8 * position)
    return ((words * _MULTIPLIER) >> np.uint64(64 - _BITS)).astype(np.intp)


def _in_file(file: Path, needles: dict[bytes, set[bytes]], table: npt.NDArray[np.bool_]) -> Iterator[Leak]:
    body = file.read_bytes()
    everything = np.frombuffer(body, dtype=np.uint8)
    for start in range(0, max(0, len(body) - _PREFIX + 1), _CHUNK):
        stop = min(start + _CHUNK, len(body) - _PREFIX + 1)
        columns = np.stack([everything[start + position : stop + position] for position in range(_PREFIX)])
        for index in np.flatnonzero(table[_slots(columns)]):
            offset = start + int(index)
            for form in needles.get(body[offset : offset + _PREFIX], ()):
                if body.startswith(form, offset):
                    yield Leak(file=file, offset=offset, length=len(form))
