"""A formula of devolution as a TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from madang.numerics.errors import EngineInputError, InputError, Place
from madang.rooms.autonomy.engine.apportionment import Rounding
from madang.rooms.autonomy.engine.devolution import exact, formula_read

POTS = {"budget": "won", "posts": "posts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaFile:
    """A formula as it was read.

    Attributes
    ----------
    title : str
        What it is called; empty if it says nothing.
    names : tuple of str
        Name of each dong, its code where the file has none.
    inputs : mapping
        The JSON value that the engine takes.
    """

    title: str
    names: tuple[str, ...]
    inputs: Mapping[str, Any]


def formula_toml(
    file: str, data: bytes, known: Mapping[str, Mapping[str, int | float | str]] | None = None
) -> FormulaFile:
    """Read a formula.

    Parameters
    ----------
    file : str
        Name that errors say.
    data : bytes
        TOML: `title`, `rounding`; tables `budget` and `posts` with `total`, `floor`, `cap`, `unit`; `[[criteria]]` with
        `name`, `weight` and, for equal parts, `equal = true`; `[[dongs]]` with `code`, `name`, a number for each
        criterion, and `floor_budget`, `cap_budget`, `floor_posts`, `cap_posts` where a dong has bounds of its own.
    known : mapping, optional
        By code, numbers of dongs that the file need not repeat.

    Raises
    ------
    InputError
        With the key at fault, or the line where it is no TOML.
    """
    table = _parsed(file, data)
    dongs = _dongs(file, table, known or {})
    criteria = _criteria(file, table, dongs)
    pots = [_pot(file, name, table[name], dongs) for name in POTS if name in table]
    if not pots:
        raise _wrong(file, "budget", "neither budget nor posts", "a table [budget], [posts] or both")
    rounding = table.get("rounding", Rounding.SAINTE_LAGUE.value)
    if rounding not in {member.value for member in Rounding}:
        raise _wrong(file, "rounding", repr(rounding), ", ".join(member.value for member in Rounding))
    inputs = {
        "dongs": [dong["code"] for dong in dongs],
        "criteria": criteria,
        "pots": pots,
        "rounding": rounding,
    }
    try:
        formula_read(inputs)
    except EngineInputError as error:
        raise _wrong(file, error.field or "criteria", str(error), "a formula that can be computed") from error
    names = tuple(str(dong.get("name", dong["code"])) for dong in dongs)
    return FormulaFile(title=str(table.get("title", "")), names=names, inputs=inputs)


def _parsed(file: str, data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise _wrong(file, None, "bytes that are not UTF-8", "text in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _wrong(file, None, f"no TOML ({error})", "keys and tables as TOML 1.0 has them") from error


def _wrong(file: str, field: str | None, found: str, expected: str) -> InputError:
    return InputError(
        "formula_file",
        Place(file=file, field=field),
        found=found,
        expected=expected,
        mend="Correct the file and read it again.",
    )


def _tables(file: str, table: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = table.get(name)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _wrong(file, name, "nothing" if rows is None else repr(rows)[:40], f"one [[{name}]] or more")
    return rows


def _dongs(
    file: str, table: Mapping[str, Any], known: Mapping[str, Mapping[str, int | float | str]]
) -> list[dict[str, Any]]:
    if "dongs" not in table and known:
        return [{"code": code, **values} for code, values in sorted(known.items())]
    rows = _tables(file, table, "dongs")
    found: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        code = row.get("code")
        if not isinstance(code, str) or not code:
            raise _wrong(file, f"dongs[{place}].code", repr(code), "the code of the dong, in quotes")
        if any(other["code"] == code for other in found):
            raise _wrong(file, f"dongs[{place}].code", f"{code} again", "each dong once")
        found.append({**known.get(code, {}), **row})
    return found


def _criteria(file: str, table: Mapping[str, Any], dongs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for place, row in enumerate(_tables(file, table, "criteria")):
        name = row.get("name")
        if not isinstance(name, str) or not name:
            raise _wrong(file, f"criteria[{place}].name", repr(name), "a name")
        weight = _number(file, f"criteria[{place}].weight", row.get("weight"))
        if row.get("equal") is True:
            values = ["1"] * len(dongs)
        else:
            values = [_number(file, f"{dong['code']}.{name}", dong.get(name)) for dong in dongs]
        found.append({"name": name, "weight": weight, "values": values})
    return found


def _number(file: str, field: str, value: object) -> str:
    try:
        number = exact(value)
    except EngineInputError as error:
        raise _wrong(file, field, "nothing" if value is None else repr(value), "a number, 0 or more") from error
    if number < 0:
        raise _wrong(file, field, str(value), "a number, 0 or more")
    return str(value)


def _pot(file: str, name: str, table: object, dongs: list[dict[str, Any]]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise _wrong(file, name, repr(table)[:40], f"a table [{name}]")
    total = _whole(file, f"{name}.total", table.get("total"))
    floor, cap = table.get("floor", 0), table.get("cap", total)
    return {
        "name": name,
        "total": total,
        "unit": _whole(file, f"{name}.unit", table.get("unit", 1)),
        "floors": [_whole(file, f"{name}.floor", dong.get(f"floor_{name}", floor)) for dong in dongs],
        "caps": [_whole(file, f"{name}.cap", dong.get(f"cap_{name}", cap)) for dong in dongs],
    }


def _whole(file: str, field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(file, field, "nothing" if value is None else repr(value), "a whole number, 0 or more")
    return value
