"""Who may be drawn, and what a council must look like: pools, quotas, and persons who differ in nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.numerics.digests import json_digest
from madang.numerics.errors import EngineInputError

MAX_SIZE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many members of a council a group must and may have.

    Attributes
    ----------
    category, value : str
        The group, such as "age" and "60+".
    least, most : int
        Bounds, both inclusive [persons].
    """

    category: str
    value: str
    least: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The persons among whom a council is drawn.

    Attributes
    ----------
    lots : tuple of str
        A lot number of each person; never a name.
    categories : tuple of str
        What is known of each person.
    values : tuple of tuple of str
        One row a person, one value a category.

    Raises
    ------
    EngineInputError
        With code `pool_empty`, `lot_twice` or `pool_ragged`.
    """

    lots: tuple[str, ...]
    categories: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if not self.lots:
            raise EngineInputError("pool_empty", "nobody is in the pool")
        if len(set(self.lots)) != len(self.lots):
            seen: set[str] = set()
            twice = next(lot for lot in self.lots if lot in seen or seen.add(lot))  # type: ignore[func-returns-value]  # `add` returns None on purpose
            raise EngineInputError("lot_twice", f"lot {twice!r} stands in the pool twice", {"lot": twice}, field="lot")
        if len(self.values) != len(self.lots) or any(len(row) != len(self.categories) for row in self.values):
            raise EngineInputError("pool_ragged", "every person needs one value in each category")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A pool, the quotas, and the size of the council.

    Attributes
    ----------
    pool : Pool
        Who may be drawn.
    quotas : tuple of Quota
        One for every group that occurs; a group of which nobody applied may stand there too.
    size : int
        Members of the council [persons].

    Raises
    ------
    EngineInputError
        With code `size_outside`, `quota_twice`, `quota_unknown_category`, `quota_bounds` or `quota_missing`.

    Notes
    -----
    Persons with the same value in every category are of one *type*. Every quota treats them alike, so a leximin-fair
    lottery gives them the same probability: averaging a lottery over their permutations keeps every quota and never
    makes the sorted probabilities worse. The methods therefore count members by type, which takes a pool of thousands
    down to some hundreds of whole numbers. Types are numbered in the order of their values.
    """

    pool: Pool
    quotas: tuple[Quota, ...]
    size: int

    def __post_init__(self) -> None:
        if not 1 <= self.size <= min(MAX_SIZE, len(self.pool.lots)):
            raise EngineInputError(
                "size_outside",
                f"a council of {self.size} cannot be drawn from {len(self.pool.lots)} persons (and at most {MAX_SIZE})",
                {"size": self.size, "pool": len(self.pool.lots)},
                field="size",
            )
        groups = [(quota.category, quota.value) for quota in self.quotas]
        for group in groups:
            if groups.count(group) > 1:
                raise _quota_error("quota_twice", f"{group[0]}: {group[1]} has two quotas", group)
        for quota in self.quotas:
            group = (quota.category, quota.value)
            if quota.category not in self.pool.categories:
                raise _quota_error("quota_unknown_category", f"the pool has no category {quota.category!r}", group)
            if not 0 <= quota.least <= quota.most:
                raise _quota_error(
                    "quota_bounds", f"{quota.category}: {quota.value} asks for {quota.least} to {quota.most}", group
                )
        self._check_every_value_has_one(set(groups))

    def _check_every_value_has_one(self, groups: set[tuple[str, str]]) -> None:
        limited = {category for category, _value in groups}
        for place, category in enumerate(self.pool.categories):
            if category not in limited:
                continue
            for value in sorted({row[place] for row in self.pool.values}):
                if (category, value) not in groups:
                    message = f"{category}: {value!r} stands in the pool and has no quota"
                    raise _quota_error("quota_missing", message, (category, value))

    @cached_property
    def used(self) -> tuple[str, ...]:
        """Categories that a quota speaks of, in the order of their names; all of them where there are no quotas."""
        limited = {quota.category for quota in self.quotas} or set(self.pool.categories)
        return tuple(sorted(limited))

    @cached_property
    def types(self) -> tuple[tuple[str, ...], ...]:
        """The values of each type in the categories that are used, sorted."""
        return tuple(sorted(set(self._vectors)))

    @cached_property
    def _vectors(self) -> list[tuple[str, ...]]:
        places = [self.pool.categories.index(category) for category in self.used]
        return [tuple(row[place] for place in places) for row in self.pool.values]

    @cached_property
    def members(self) -> tuple[tuple[str, ...], ...]:
        """The lots of each type, sorted as text."""
        found: dict[tuple[str, ...], list[str]] = {kind: [] for kind in self.types}
        for lot, vector in zip(self.pool.lots, self._vectors, strict=True):
            found[vector].append(lot)
        return tuple(tuple(sorted(found[kind])) for kind in self.types)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Persons of each type; shape (n_types,)."""
        return np.array([len(lots) for lots in self.members], dtype=np.int64)

    @cached_property
    def incidence(self) -> NDArray[np.int64]:
        """Whether a quota counts a type; shape (n_quotas, n_types), 0 or 1."""
        place = {category: n for n, category in enumerate(self.used)}
        rows = [[kind[place[quota.category]] == quota.value for kind in self.types] for quota in self.quotas]
        return np.array(rows, dtype=np.int64).reshape(len(self.quotas), len(self.types))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides who can be drawn: lots with their values, quotas and size."""
        return json_digest(problem_json(self))


def _quota_error(code: str, message: str, group: tuple[str, str]) -> EngineInputError:
    return EngineInputError(code, message, {"category": group[0], "value": group[1]}, field="quotas")


def problem_json(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON in one form, whatever order its rows came in; only used categories are kept."""
    lots = {lot: list(kind) for kind, lots in zip(problem.types, problem.members, strict=True) for lot in lots}
    quotas = sorted((quota.category, quota.value, quota.least, quota.most) for quota in problem.quotas)
    return {
        "categories": list(problem.used),
        "pool": [[lot, *lots[lot]] for lot in sorted(lots)],
        "quotas": [list(quota) for quota in quotas],
        "size": problem.size,
    }


def problem_read(data: Mapping[str, Any]) -> Problem:
    """Return the problem of a JSON value as :func:`problem_json` writes it.

    Raises
    ------
    EngineInputError
        With code `problem_form` if it has another form, or the codes of :class:`Pool` and :class:`Problem`.
    """
    try:
        rows: Sequence[Sequence[str]] = data["pool"]
        pool = Pool(
            lots=tuple(str(row[0]) for row in rows),
            categories=tuple(str(name) for name in data["categories"]),
            values=tuple(tuple(str(value) for value in row[1:]) for row in rows),
        )
        quotas = tuple(
            Quota(category=str(category), value=str(value), least=int(least), most=int(most))
            for category, value, least, most in data["quotas"]
        )
        size = int(data["size"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise EngineInputError("problem_form", f"not a pool with quotas: {error!r}") from error
    return Problem(pool=pool, quotas=quotas, size=size)
