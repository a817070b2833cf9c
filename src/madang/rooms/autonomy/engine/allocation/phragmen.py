"""Sequential Phragmen: money trickles to everyone alike, and a project is bought when its supporters can pay for it.

References
----------
Los, Christoff, Grossi (2022), Proportional Budget Allocations: Towards a Systematization, IJCAI.
"""

import heapq
from collections.abc import Sequence
from typing import Any

import numpy as np
from gmpy2 import mpq

from madang.rooms.autonomy.engine.allocation.outcome import Outcome
from madang.rooms.autonomy.engine.allocation.support import Support
from madang.rooms.autonomy.engine.election import Election

NEAR = 1e-9


class Phragmen:
    """The rule on one election.

    Parameters
    ----------
    election : Election
        Projects, costs and ballots.
    support : Support
        Who supports what; gains are not looked at.
    ranks : sequence of int
        The order of equals.
    """

    def __init__(self, election: Election, support: Support, ranks: Sequence[int]) -> None:
        self._election = election
        self._support = support
        self._ranks = ranks
        self._loads = np.zeros(support.classes)
        self._last = np.full(support.classes, -1, dtype=np.int32)
        self._levels: list[Any] = []

    def outcome(self) -> Outcome:
        """Return what is bought, in order.

        Notes
        -----
        The rule ends when any of the projects that are due, ties included, would overspend. Projects without supporters
        are due last, all at once. The load of a voter is the level at which the voter last bought, so that a sum of
        loads is settled exactly from the number of voters at each level.
        """
        costs, budget = self._election.costs_units, self._election.budget_units
        fitting = [p for p in range(len(costs)) if costs[p] <= budget]
        backed = [p for p in fitting if self._support.backers[p]]
        heap = [(self._level(p) * (1 - NEAR), p) for p in backed]
        heapq.heapify(heap)
        winners: list[int] = []
        left = budget
        while heap:
            due = self._due(heap)
            if any(costs[p] > left for p in due):
                return Outcome(winners=tuple(winners), stopped="overspend")
            winner = min(due, key=lambda p: self._ranks[p])
            for project in due:
                if project != winner:
                    heapq.heappush(heap, (self._level(project) * (1 - NEAR), project))
            left -= costs[winner]
            winners.append(winner)
            self._raise(winner)
        return self._unsupported([p for p in fitting if not self._support.backers[p]], winners, left)

    def _unsupported(self, projects: list[int], winners: list[int], left: int) -> Outcome:
        costs = self._election.costs_units
        queue = sorted(projects, key=lambda p: self._ranks[p])
        while queue and all(costs[p] <= left for p in queue):
            left -= costs[queue[0]]
            winners.append(queue.pop(0))
        return Outcome(winners=tuple(winners), stopped="overspend" if queue else "done")

    def _due(self, heap: list[tuple[float, int]]) -> list[int]:
        """Take the projects with the lowest level off the heap, all of them where they are tied."""
        seen: list[tuple[float, int]] = []
        ceiling = float("inf")
        while heap and heap[0][0] <= ceiling:
            _, project = heapq.heappop(heap)
            level = self._level(project)
            seen.append((level, project))
            ceiling = min(ceiling, level * (1 + NEAR))
        close = [project for level, project in seen if level * (1 - NEAR) <= ceiling]
        if len(close) > 1:
            exact = {project: self._level_exact(project) for project in close}
            lowest = min(exact.values())
            close = [project for project in close if exact[project] == lowest]
        for level, project in seen:
            if project not in close:
                heapq.heappush(heap, (level * (1 - NEAR), project))
        return close

    def _level(self, project: int) -> float:
        where = self._support.column(project)
        loads = float(self._support.counts[where] @ self._loads[self._support.rows[where]])
        return (loads + self._election.costs_units[project]) / self._support.backers[project]

    def _level_exact(self, project: int) -> Any:  # noqa: ANN401  # mpq
        where = self._support.column(project)
        last, counts = self._last[self._support.rows[where]], self._support.counts[where]
        voters = np.bincount(last + 1, weights=counts, minlength=len(self._levels) + 1).tolist()
        loads = sum((self._levels[k] * int(number) for k, number in enumerate(voters[1:]) if number), mpq(0))
        return (loads + self._election.costs_units[project]) / self._support.backers[project]

    def _raise(self, project: int) -> None:
        level = self._level_exact(project)
        rows = self._support.rows[self._support.column(project)]
        self._last[rows] = len(self._levels)
        self._loads[rows] = float(level)
        self._levels.append(level)
