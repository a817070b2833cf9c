"""Tables of administrative dongs as unions of legal dongs: CSV with `code,name,legal_codes[,name_en]`."""

import csv
import io
from collections.abc import Sequence

from madang.numerics.errors import InputError, Place
from madang.yard.places.engine.boundaries import Boundaries
from madang.yard.places.engine.regroup import Regrouping
from madang.yard.places.engine.romanise import romanise_place

_COLUMNS = ("code", "name", "legal_codes")
_CODE_LENGTHS = (8, 10)


def read_regrouping(data: bytes, file_name: str, legal: Boundaries) -> Regrouping:
    """Read a table of administrative dongs.

    Parameters
    ----------
    data : bytes
        UTF-8 CSV with a header; `legal_codes` are separated by spaces or semicolons.
    file_name : str
        Name to speak of in errors.
    legal : Boundaries
        The legal dongs of the district that the codes must be of.

    Raises
    ------
    InputError
        With the line and the column at fault.
    """
    rows = _rows(data, file_name)
    used: dict[str, int] = {}
    groups: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for line, row in rows:
        code = _code(row["code"], groups, legal.district.code, Place(file=file_name, line=line, field="code"))
        members = tuple(sorted(row["legal_codes"].replace(";", " ").split()))
        at = Place(file=file_name, line=line, field="legal_codes")
        _check_members(members, used, legal.codes, at)
        used.update(dict.fromkeys(members, line))
        name = row["name"]
        if not name:
            raise InputError(
                "name_missing", Place(file=file_name, line=line, field="name"), found="nothing",
                expected="the dong's Korean name", mend="Fill in the name.",
            )  # fmt: skip
        groups[code] = (name, row.get("name_en") or romanise_place(name), members)
    left = [code for code in legal.codes if code not in used]
    if left:
        raise InputError(
            "legal_code_unused", Place(file=file_name, field="legal_codes"), found=f"no row with {', '.join(left[:5])}",
            expected="every legal dong of the district in one row", mend="Add the code to the dong it belongs to.",
        )  # fmt: skip
    codes = tuple(sorted(groups))
    return Regrouping(
        codes=codes,
        names_ko=tuple(groups[code][0] for code in codes),
        names_en=tuple(groups[code][1] for code in codes),
        members=tuple(groups[code][2] for code in codes),
    )


def _rows(data: bytes, file_name: str) -> list[tuple[int, dict[str, str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            "not_utf8", Place(file=file_name, line=line), found="bytes that are not UTF-8", expected="UTF-8 text",
            mend="Save the table as 'CSV UTF-8'.",
        ) from error  # fmt: skip
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise InputError(
            "column_missing", Place(file=file_name, line=1, field=missing[0]), found=f"no column {missing[0]!r}",
            expected="the columns code, name, legal_codes", mend="Name the columns in the first line.",
        )  # fmt: skip
    rows = []
    for row in reader:
        values = {key: (value or "").strip() for key, value in row.items() if key and not isinstance(value, list)}
        if any(values.values()):
            rows.append((reader.line_num, values))
    return rows


def _code(code: str, taken: dict[str, tuple[str, str, tuple[str, ...]]], district: str, at: Place) -> str:
    if not (code.isascii() and code.isdigit() and len(code) in _CODE_LENGTHS and code.startswith(district)):
        raise InputError(
            "code_wrong", at, found=repr(code), expected=f"8 or 10 digits that begin with {district}",
            mend="Use the official code of the administrative dong.",
        )  # fmt: skip
    if code in taken:
        raise InputError("code_twice", at, found=f"{code} again", expected="each dong once", mend="Remove one row.")
    return code


def _check_members(members: Sequence[str], used: dict[str, int], known: Sequence[str], at: Place) -> None:
    if not members:
        raise InputError(
            "legal_codes_missing", at, found="nothing", expected="one legal code or more",
            mend="List the legal dongs that make up this dong.",
        )  # fmt: skip
    for index, member in enumerate(members):
        if member not in known:
            raise InputError(
                "legal_code_unknown", at, found=repr(member), expected="the code of a legal dong of this district",
                mend="`madang places export` lists the codes.",
            )  # fmt: skip
        if member in used or member in members[:index]:
            raise InputError(
                "legal_code_twice", at, found=f"{member}, which line {used.get(member, at.line)} has too",
                expected="each legal dong in one row only", mend="Remove it from one of the rows.",
            )  # fmt: skip
