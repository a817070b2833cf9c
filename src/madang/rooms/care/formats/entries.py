"""Walk a JSON document and say exactly where it is not what it should be."""

import json
import math
from collections.abc import Iterator
from typing import Any

from madang.numerics.errors import InputError, Place

CODE = "visits_file"
MEND = "Correct the file, or ask whoever made it for a whole one."


def load_json(data: bytes, file: str) -> "Entry":
    """Return the root of a JSON document.

    Raises
    ------
    InputError
        If the bytes are not JSON; it names the line.
    """
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise InputError(
            CODE,
            Place(file=file),
            found=f"a byte at {error.start} that is not UTF-8",
            expected="JSON in UTF-8",
            mend=MEND,
        ) from error
    except json.JSONDecodeError as error:
        raise InputError(
            CODE, Place(file=file, line=error.lineno), found=error.msg, expected="a JSON document", mend=MEND
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            CODE, Place(file=file), found=str(error), expected="a JSON document of finite numbers", mend=MEND
        ) from error
    return Entry(file, "", value)


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


class Entry:
    """One value of a document, with the path that leads to it."""

    def __init__(self, file: str, path: str, value: Any) -> None:  # noqa: ANN401  # any JSON value
        self.file = file
        self.path = path
        self.value = value

    def fail(self, expected: str, found: str | None = None, mend: str = MEND) -> InputError:
        """Return the error that says what stands here and what should."""
        shown = found if found is not None else _shown(self.value)
        return InputError(
            CODE, Place(file=self.file, field=self.path or None), found=shown, expected=expected, mend=mend
        )

    def has(self, key: str) -> bool:
        """Say whether a member is there and not null."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def at(self, key: str) -> "Entry":
        """Return a member that has to be there."""
        if not isinstance(self.value, dict):
            raise self.fail("an object { }")
        path = f"{self.path}.{key}" if self.path else key
        if key not in self.value:
            raise Entry(self.file, path, None).fail(f"a member {key!r}", found="nothing")
        return Entry(self.file, path, self.value[key])

    def each(self, *, least: int = 0) -> Iterator["Entry"]:
        """Yield the elements of a list that has at least so many."""
        if not isinstance(self.value, list) or len(self.value) < least:
            raise self.fail(f"a list of {least} or more" if least else "a list [ ]")
        for position, value in enumerate(self.value):
            yield Entry(self.file, f"{self.path}[{position}]", value)

    def members(self) -> Iterator[tuple[str, "Entry"]]:
        """Yield the members of an object."""
        if not isinstance(self.value, dict):
            raise self.fail("an object { }")
        for key in self.value:
            yield key, self.at(key)

    def text(self) -> str:
        """Return a text that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            raise self.fail("a text")
        return self.value

    def number(self, least: float = 0.0) -> float:
        """Return a finite number that is not below a least."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not math.isfinite(self.value):
            raise self.fail("a number")
        if self.value < least:
            raise self.fail(f"a number of {least:g} or more")
        return float(self.value)

    def whole(self, below: int) -> int:
        """Return a whole number from 0 to before a limit."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 0 <= self.value < below:
            raise self.fail(f"a whole number from 0 to {below - 1}")
        return self.value

    def flag(self) -> bool:
        """Return a truth value."""
        if not isinstance(self.value, bool):
            raise self.fail("true or false")
        return self.value

    def one_of(self, names: tuple[str, ...]) -> str:
        """Return a text that is one of some."""
        if self.value not in names:
            raise self.fail("one of " + ", ".join(names))
        return str(self.value)


def known(entry: Entry, names: dict[str, int], what: str) -> int:
    """Return the position of what an entry names."""
    name = entry.text()
    if name not in names:
        raise entry.fail(f"the id of {what} of this file")
    return names[name]


def positions(entries: list[Entry]) -> dict[str, int]:
    """Return the position of each entry by its `id`; an id that stands twice is refused."""
    found: dict[str, int] = {}
    for entry in entries:
        name = entry.at("id").text()
        if name in found:
            raise entry.at("id").fail("an id that stands once")
        found[name] = len(found)
    return found


def _shown(value: Any) -> str:  # noqa: ANN401  # any JSON value
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
