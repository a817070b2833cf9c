"""The errors that engines, formats, services and the command line raise.

Every error that a person can cause is a :class:`MadangError`: it has a stable ``code``, a message a person can read and
the ``data`` that the message speaks of. Callers branch on the type or the code, never on the text. Faces (pages, API,
command line) map these errors in one place each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class MadangError(Exception):
    """Something a person asked for cannot be done, and why.

    Parameters
    ----------
    code : str
        Stable identifier in snake_case (a ``StrEnum`` member where a room has one).
    message : object
        What happened and how to mend it; a string, or a lazy translation that becomes one.
    data : Mapping, optional
        The values the message speaks of, for programs.
    field : str, optional
        Name of the input field at fault, so that a page can put the message beside it.
    """

    def __init__(
        self, code: str, message: object, data: Mapping[str, Any] | None = None, *, field: str | None = None
    ) -> None:
        super().__init__(code, message)
        self.code = str(code)
        self.message = message
        self.data = dict(data or {})
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class EngineError(MadangError):
    """A computation could not be carried out."""


class EngineInputError(EngineError):
    """The arrays or parameters given to an engine are not what it accepts."""


class EngineInfeasible(EngineError):  # noqa: N818  # the name is the field's term for the outcome
    """No solution satisfies the constraints; proven, not merely not found."""


class EngineNotConverged(EngineError):  # noqa: N818
    """An iterative method stopped at its limit before reaching its tolerance."""


class DomainError(MadangError):
    """A service refused a request by a rule of the domain."""


class PermissionDenied(DomainError):  # noqa: N818
    """The actor's role may not do this at this place."""


class NotFound(DomainError):  # noqa: N818
    """The thing asked for does not exist, or the actor may not know that it does."""


class Conflict(DomainError):  # noqa: N818
    """The thing has changed, or its state does not allow what was asked."""


class InstallationError(MadangError):
    """The installation (data directory, database, keys, port) is not fit for what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in an input a fault was found.

    Attributes
    ----------
    file : str
        File name as the person gave it.
    line : int or None
        Line number from 1; None where the format has no lines.
    field : str or None
        Column, key or path inside the record.
    """

    file: str
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.field is not None:
            parts.append(f"field {self.field!r}")
        return ", ".join(parts)


class InputError(MadangError):
    """A file or form holds something that cannot be accepted; says where, what was found and how to mend it.

    Parameters
    ----------
    code : str
        Stable identifier.
    at : Place
        File, line and field.
    found, expected, mend : str
        What stands there, what should, and what the person can do.
    """

    def __init__(self, code: str, at: Place, *, found: str, expected: str, mend: str) -> None:
        super().__init__(
            code,
            f"{at}: found {found}; expected {expected}. {mend}",
            {
                "file": at.file,
                "line": at.line,
                "field": at.field,
                "found": found,
                "expected": expected,
                "mend": mend,
            },
            field=at.field,
        )
        self.at = at
        self.found = found
        self.expected = expected
        self.mend = mend
