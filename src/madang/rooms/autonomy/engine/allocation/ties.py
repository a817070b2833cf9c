"""The order in which equals are served."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np

from madang.rooms.autonomy.engine.election import Election, Integers


class Tie(StrEnum):
    """One key of a tie order; what is still equal goes to the next key, and in the end by string order of identifiers.

    ID: identifiers in string order ("10" before "2"). COST: cheaper first. COSTLY: dearer first. VOTES: more supporters
    first. LISTED: as listed in the file.
    """

    ID = "id"
    COST = "cost"
    COSTLY = "costly"
    VOTES = "votes"
    LISTED = "listed"


def tie_ranks(election: Election, ties: tuple[Tie, ...]) -> tuple[int, ...]:
    """Return the rank of each project among equals: 0 is served first."""
    votes = _votes(election) if Tie.VOTES in ties else np.zeros(len(election.projects), dtype=np.int64)
    keys: dict[Tie, Callable[[int], Any]] = {
        Tie.ID: lambda p: election.projects[p].id,
        Tie.COST: lambda p: election.costs_units[p],
        Tie.COSTLY: lambda p: -election.costs_units[p],
        Tie.VOTES: lambda p: -int(votes[p]),
        Tie.LISTED: lambda p: p,
    }
    chosen = [keys[tie] for tie in (*ties, Tie.ID)]
    order = sorted(range(len(election.projects)), key=lambda p: tuple(key(p) for key in chosen))
    ranks = [0] * len(order)
    for rank, project in enumerate(order):
        ranks[project] = rank
    return tuple(ranks)


def _votes(election: Election) -> Integers:
    ballots = election.ballots
    votes = np.zeros(len(election.projects), dtype=np.int64)
    np.add.at(votes, ballots.choices, np.repeat(ballots.counts, np.diff(ballots.starts)))
    return votes
