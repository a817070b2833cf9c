"""Votes on statements, gathered: who said what last, as arrays in an order that does not depend on how they came."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.numerics.errors import EngineInputError

AGREE, PASS, DISAGREE = 1, 0, -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """The last vote of every participant on every statement that he or she voted on.

    Attributes
    ----------
    participants, statements : tuple of str
        Ids in natural order ("2" before "10", numbers before words).
    moderated : ndarray of bool, shape (n_statements,)
        Statements that moderators took out.
    row, column : ndarray of int64, shape (n_votes,)
        Positions of participant and statement, by row and then by column, each pair once.
    value : ndarray of int8, shape (n_votes,)
        1 agree, 0 pass, -1 disagree.

    Raises
    ------
    EngineInputError
        If the arrays do not fit each other.
    """

    participants: tuple[str, ...]
    statements: tuple[str, ...]
    moderated: NDArray[np.bool_]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    value: NDArray[np.int8]

    def __post_init__(self) -> None:
        count = self.row.size
        if not (self.column.size == self.value.size == count) or self.moderated.shape != (len(self.statements),):
            raise EngineInputError("votes_shapes", "the arrays of the votes do not fit each other")
        if count == 0:
            return
        if self.row.max() >= len(self.participants) or self.column.max() >= len(self.statements):
            raise EngineInputError("votes_positions", "a vote points at nobody or at no statement")
        key = self.row * len(self.statements) + self.column
        if self.row.min() < 0 or self.column.min() < 0 or np.any(np.diff(key) <= 0):
            raise EngineInputError("votes_order", "the votes must stand by row and column, each pair once")
        if np.any(np.abs(self.value) > 1):
            raise EngineInputError("votes_values", "a vote is 1 (agree), 0 (pass) or -1 (disagree)")

    @property
    def seen(self) -> NDArray[np.int64]:
        """How many statements each participant voted on, passes and moderated statements included."""
        return np.bincount(self.row, minlength=len(self.participants))


def natural_key(identifier: str) -> tuple[int, int, str]:
    """Return the key that puts numbers first and in their own order.

    Examples
    --------
    >>> sorted(["10", "b", "2", "a"], key=natural_key)
    ['2', '10', 'a', 'b']
    """
    if identifier.isascii() and identifier.isdigit():
        return (0, int(identifier), identifier)
    return (1, 0, identifier)


def votes_gathered(
    participants: Sequence[str], statements: Sequence[str], values: Sequence[int], moderated: Mapping[str, bool]
) -> Votes:
    """Gather votes in the order in which they were cast; of votes on the same statement the last one counts.

    Parameters
    ----------
    participants, statements : sequence of str
        Who voted on what, in order of time.
    values : sequence of int
        1 agree, 0 pass, -1 disagree.
    moderated : Mapping of str to bool
        Whether a statement is moderated out; also names statements that nobody has voted on yet. Statements that have
        votes and are not named stand.

    Raises
    ------
    EngineInputError
        If a value is none of the three, or the lists differ in length.

    Examples
    --------
    >>> votes = votes_gathered(["10", "2", "10"], ["1", "1", "1"], [1, 0, -1], {"2": True})
    >>> votes.participants, votes.statements, votes.value.tolist(), votes.moderated.tolist()
    (('2', '10'), ('1', '2'), [0, -1], [False, True])
    """
    if not len(participants) == len(statements) == len(values):
        raise EngineInputError("votes_shapes", "every vote needs a participant, a statement and a value")
    people, who = _coded(participants, ())
    topics, what = _coded(statements, moderated)
    value = _checked(values)
    key = who * max(1, len(topics)) + what
    # The first of the reversed list is the last that was cast.
    kept, place = np.unique(key[::-1], return_index=True)
    return Votes(
        participants=people,
        statements=topics,
        moderated=np.array([bool(moderated.get(topic, False)) for topic in topics], dtype=np.bool_),
        row=kept // max(1, len(topics)),
        column=kept % max(1, len(topics)),
        value=value[::-1][place],
    )


def _checked(values: Sequence[int]) -> NDArray[np.int8]:
    for position, value in enumerate(values):
        if isinstance(value, bool) or value not in (AGREE, PASS, DISAGREE):
            raise EngineInputError(
                "votes_values",
                f"vote {position}: a vote is 1 (agree), 0 (pass) or -1 (disagree), not {value!r}",
                {"position": position, "value": repr(value)},
            )
    return np.array(values, dtype=np.int8)


def _coded(names: Sequence[str], more: Iterable[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the distinct names in natural order, and the position of each given name among them."""
    ordered = sorted({*names, *more}, key=natural_key)
    position = {name: place for place, name in enumerate(ordered)}
    codes = np.fromiter((position[name] for name in names), dtype=np.int64, count=len(names))
    return tuple(ordered), codes
