"""Every council that meets the quotas with the same chance."""

from dataclasses import dataclass
from fractions import Fraction
from math import comb

import numpy as np
from numpy.typing import NDArray

from madang.numerics.errors import EngineNotConverged
from madang.rooms.autonomy.engine.sortition.chance import Chance
from madang.rooms.autonomy.engine.sortition.feasibility import require_feasible
from madang.rooms.autonomy.engine.sortition.pool import Problem

MAX_STEPS = 500_000
MAX_TRIES = 100_000
SAMPLES = 500
SAMPLE_TRIES = 20_000

_State = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Persons who are alike in the categories that are counted exactly: their lots, sorted, and their quotas."""

    lots: tuple[str, ...]
    quotas: tuple[int, ...]


class Uniform:
    """Draws councils uniformly: among all sets of `size` persons that meet the quotas, each is equally likely.

    Parameters
    ----------
    problem : Problem
        Pool, quotas and size.

    Raises
    ------
    EngineInfeasible
        With code `quotas_conflict`.

    Notes
    -----
    The sets of persons that meet the quotas of some categories are counted exactly, in whole numbers, by a walk over
    the cells of those categories; a set is drawn by walking back with the counts as odds. As many categories are taken
    as half a million steps allow, those that fewest random sets meet first. A set that fails a quota of the others is
    thrown away and another drawn, which keeps all that pass equally likely. No floating point takes part.
    """

    def __init__(self, problem: Problem) -> None:
        require_feasible(problem)
        self.problem = problem
        self.tries = 0
        exact = sorted(problem.used, key=lambda name: (self._passing(name), name)) if problem.quotas else []
        while True:
            # The category with most values varies slowest: its quotas close one after the other and are forgotten.
            values = {name: len({kind[problem.used.index(name)] for kind in problem.types}) for name in exact}
            self.exact = tuple(sorted(exact, key=lambda name: (-values[name], name)))
            self._cells = self._cells_of(self.exact)
            layers = self._layers()
            if layers is not None:
                break
            exact.pop()
        self._layers_kept = layers
        self._ways = self._counted(layers)

    @property
    def is_exact(self) -> bool:
        """Whether no set is ever thrown away."""
        return not self.problem.quotas or len(self.exact) == len(self.problem.used)

    @property
    def councils(self) -> int:
        """Sets of persons that meet the quotas of the categories counted exactly."""
        return self._ways[0][next(iter(self._ways[0]))]

    def draw(self, chance: Chance) -> list[str]:
        """Return the lots of a council, sorted.

        Raises
        ------
        EngineNotConverged
            With code `uniform_out_of_reach` if 100,000 sets in a row fail the quotas that are not counted exactly.
        """
        kind_of = {lot: kind for kind, lots in enumerate(self.problem.members) for lot in lots}
        least = np.array([quota.least for quota in self.problem.quotas])
        most = np.array([quota.most for quota in self.problem.quotas])
        for _try in range(MAX_TRIES):
            self.tries += 1
            lots = self._walk(chance)
            council = np.bincount([kind_of[lot] for lot in lots], minlength=len(self.problem.types))
            sums = self.problem.incidence @ council
            if np.all((least <= sums) & (sums <= most)):
                return sorted(lots)
        raise EngineNotConverged(
            "uniform_out_of_reach",
            f"none of {MAX_TRIES} random councils met every quota, so equal chances cannot be had this way; "
            "widen the quotas or draw by the leximin method",
            {"exact": list(self.exact), "tries": MAX_TRIES},
        )

    def levels(self) -> tuple[NDArray[np.float64], bool]:
        """Return the probability of a person of each type, and whether it is exact.

        Where it is not, it is the mean of at most 500 councils, and of no more than 20,000 tries.
        """
        if self.is_exact and self.problem.quotas:
            return self._exact_levels(), True
        if not self.problem.quotas:
            return np.full(len(self.problem.types), self.problem.size / self.problem.counts.sum()), True
        chance = Chance(seed="", public_value="", digest=self.problem.digest, purpose="estimate")
        kind_of = {lot: kind for kind, lots in enumerate(self.problem.members) for lot in lots}
        total = np.zeros(len(self.problem.types))
        begun, samples = self.tries, 0
        while samples == 0 or (samples < SAMPLES and self.tries - begun < SAMPLE_TRIES):
            total += np.bincount([kind_of[lot] for lot in self.draw(chance)], minlength=total.size)
            samples += 1
        return total / samples / self.problem.counts, False

    def _passing(self, category: str) -> Fraction:
        """Return the part of all sets of `size` persons that meet the quotas of a category."""
        place = self.problem.used.index(category)
        ways = {0: 1}
        for quota in (quota for quota in self.problem.quotas if quota.category == category):
            pairs = zip(self.problem.types, self.problem.members, strict=True)
            people = sum(len(lots) for kind, lots in pairs if kind[place] == quota.value)
            then: dict[int, int] = {}
            for total, number in ways.items():
                for count in range(quota.least, min(quota.most, people, self.problem.size - total) + 1):
                    then[total + count] = then.get(total + count, 0) + number * comb(people, count)
            ways = then
        return Fraction(ways.get(self.problem.size, 0), comb(len(self.problem.pool.lots), self.problem.size))

    def _cells_of(self, exact: tuple[str, ...]) -> list[Cell]:
        places = [self.problem.used.index(category) for category in exact]
        groups: dict[tuple[str, ...], list[str]] = {}
        for kind, lots in zip(self.problem.types, self.problem.members, strict=True):
            groups.setdefault(tuple(kind[place] for place in places), []).extend(lots)
        return [
            Cell(
                lots=tuple(sorted(lots)),
                quotas=tuple(
                    row
                    for row, quota in enumerate(self.problem.quotas)
                    if quota.category in exact and group[exact.index(quota.category)] == quota.value
                ),
            )
            for group, lots in sorted(groups.items())
        ]

    def _layers(self) -> list[dict[_State, list[tuple[int, _State]]]] | None:
        """Return, cell by cell, every state that can occur with its choices; None if there are too many.

        A state is the number chosen so far and, for each quota that is open, the number chosen of its group.
        """
        last = {row: place for place, cell in enumerate(self._cells) for row in cell.quotas}
        rows = sorted(last)
        absent = [
            row for row, quota in enumerate(self.problem.quotas) if quota.category in self.exact and row not in last
        ]
        if any(self.problem.quotas[row].least for row in absent):
            return []
        layers: list[dict[_State, list[tuple[int, _State]]]] = []
        states: set[_State] = {(0, *(0 for _row in rows))}
        left, steps = sum(len(cell.lots) for cell in self._cells), 0
        for place, cell in enumerate(self._cells):
            left -= len(cell.lots)
            layer = {}
            for state in sorted(states):
                layer[state] = self._choices(state, cell, (place, left), (rows, last))
                steps += len(layer[state])
                if steps > MAX_STEPS:
                    return None
            layers.append(layer)
            states = {after for choices in layer.values() for _count, after in choices}
        return layers

    def _choices(
        self, state: _State, cell: Cell, where: tuple[int, int], quotas: tuple[list[int], dict[int, int]]
    ) -> list[tuple[int, _State]]:
        (place, left), (rows, last) = where, quotas
        size = self.problem.size
        mine = [n + 1 for n, row in enumerate(rows) if row in cell.quotas]
        most = min([len(cell.lots), size - state[0], *(self.problem.quotas[rows[n - 1]].most - state[n] for n in mine)])
        closing = [n for n in mine if last[rows[n - 1]] == place]
        least = max([0, size - state[0] - left, *(self.problem.quotas[rows[n - 1]].least - state[n] for n in closing)])
        found = []
        for count in range(least, most + 1):
            after = list(state)
            after[0] += count
            for n in mine:
                # A quota that is closed has been checked: forgetting its count lets states fall together.
                after[n] = 0 if n in closing else after[n] + count
            found.append((count, tuple(after)))
        return found

    def _counted(self, layers: list[dict[_State, list[tuple[int, _State]]]]) -> list[dict[_State, int]]:
        """Return of each state of each layer in how many ways it can be completed."""
        ways: list[dict[_State, int]] = [{} for _layer in layers]
        after: dict[_State, int] | None = None
        for place in range(len(layers) - 1, -1, -1):
            people = len(self._cells[place].lots)
            for state, choices in layers[place].items():
                ways[place][state] = sum(
                    comb(people, count) * (1 if after is None else after[then]) for count, then in choices
                )
            after = ways[place]
        return ways

    def _walk(self, chance: Chance) -> list[str]:
        state = next(iter(self._layers_kept[0]))
        lots: list[str] = []
        for place, cell in enumerate(self._cells):
            number = chance.below(self._ways[place][state])
            for count, then in self._layers_kept[place][state]:
                share = comb(len(cell.lots), count) * (
                    self._ways[place + 1][then] if place + 1 < len(self._cells) else 1
                )
                if number < share:
                    break
                number -= share
            lots += chance.choose(cell.lots, count)
            state = then
        return lots

    def _exact_levels(self) -> NDArray[np.float64]:
        """Return the probabilities from the counts of ways before and after each cell (cells are types here)."""
        total = self.councils
        before: dict[_State, int] = {next(iter(self._layers_kept[0])): 1}
        levels = np.zeros(len(self._cells))
        for place, cell in enumerate(self._cells):
            ahead: dict[_State, int] = {}
            expected = 0
            for state, reached in before.items():
                for count, then in self._layers_kept[place][state]:
                    share = reached * comb(len(cell.lots), count)
                    ahead[then] = ahead.get(then, 0) + share
                    completed = self._ways[place + 1][then] if place + 1 < len(self._cells) else 1
                    expected += count * share * completed
            levels[self._kind(cell)] = expected / (total * len(cell.lots))
            before = ahead
        return levels

    def _kind(self, cell: Cell) -> int:
        return next(kind for kind, lots in enumerate(self.problem.members) if lots[0] == cell.lots[0])
