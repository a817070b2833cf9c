"""Is there a price system that explains an outcome? A linear programme."""

from collections.abc import Sequence

import numpy as np

from madang.rooms.autonomy.engine.allocation.support import Satisfaction, support_of
from madang.rooms.autonomy.engine.election import Election

LARGEST = 30_000


def price_system(election: Election, winners: Sequence[int]) -> bool | None:
    """Return whether payments from equal purses explain the winners; None where the programme is too large.

    Notes
    -----
    Variables: the purse, and what each ballot class pays for each winner that it names. Money is scaled by the equal
    share, so that the answer does not depend on the currency.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, vstack

    support = support_of(election, Satisfaction.CARDINALITY)
    sold = [p for p in winners if election.costs_units[p] > 0]
    if any(not support.backers[p] for p in sold):
        return False
    columns = [support.rows[support.column(p)] for p in sold]
    variables = 1 + sum(len(rows) for rows in columns)
    if variables > LARGEST or not election.budget_units or not election.voters:
        return None
    share = election.budget_units / election.voters
    payer = np.concatenate([np.zeros(0, dtype=np.int64), *columns]).astype(np.int64)
    bought = np.repeat(np.arange(len(sold)), [len(rows) for rows in columns])
    number = np.arange(1, variables)
    counts = election.ballots.counts[payer].astype(float)
    full = coo_array((counts, (bought, number)), shape=(len(sold), variables))
    purse = coo_array(
        (
            np.concatenate((np.ones(len(payer)), -np.ones(support.classes))),
            (
                np.concatenate((payer, np.arange(support.classes))),
                np.concatenate((number, np.zeros(support.classes, dtype=np.int64))),
            ),
        ),
        shape=(support.classes, variables),
    )
    lost = [p for p in range(len(election.projects)) if p not in set(winners) and support.backers[p]]
    dense = np.zeros((len(lost), variables))
    for place, project in enumerate(lost):
        backs = np.zeros(support.classes, dtype=bool)
        backs[support.rows[support.column(project)]] = True
        dense[place, 0] = support.backers[project]
        dense[place, 1:] = -counts * backs[payer]
    limits = np.array([election.costs_units[p] / share for p in lost])
    answer = linprog(  # type: ignore[call-overload]  # the stubs do not know sparse matrices
        np.zeros(variables),
        A_ub=vstack([purse, coo_array(dense)]).tocsr(),
        b_ub=np.concatenate((np.zeros(support.classes), limits)),
        A_eq=full.tocsr() if sold else None,
        b_eq=np.array([election.costs_units[p] / share for p in sold]) if sold else None,
        bounds=[(1.0, None)] + [(0.0, None)] * (variables - 1),
        method="highs",
    )
    return bool(answer.status == 0)
