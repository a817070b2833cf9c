"""The cheapest cells to withhold: a 0-1 programme, sharpened by cuts until no demand is violated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from madang.yard.evidence.engine.protection import Cover, Demand, Problem, change, cover
from madang.yard.evidence.engine.rules import Mask

# Room lent, in all, to shown cells when a cut is sought: it picks, among all cuts, one that few shown cells satisfy,
# and is too little to pass for a whole person.
_LENT = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How long to look for the best choice.

    Attributes
    ----------
    rounds : int
        Rounds of cuts at most; 0 keeps the first choice.
    nodes : int
        Nodes of each 0-1 programme at most.
    """

    rounds: int = 60
    nodes: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The best choice found, a proven lower bound of every choice's cost, and the rounds it took."""

    withheld: Mask
    bound: int
    rounds: int


@dataclass(slots=True)
class _Cuts:
    """Rows `coefficients @ withheld >= 1`."""

    rows: list[NDArray[np.float64]]
    seen: set[bytes]

    def add(self, row: NDArray[np.float64]) -> bool:
        key = np.round(row, 9).tobytes()
        if key in self.seen:
            return False
        self.seen.add(key)
        self.rows.append(row)
        return True


def optimum(problem: Problem, first: Cover, search: Search) -> Optimum:
    """Return the cheapest choice that meets every demand, or the best found and how good it is.

    Parameters
    ----------
    problem : Problem
        The table.
    first : Cover
        A choice that meets every demand.
    search : Search
        When to stop.

    Notes
    -----
    Each round solves the 0-1 programme of the cuts so far (a lower bound), asks the attacker's problem of its answer
    for violated cuts, and repairs the answer into a choice (an upper bound). It ends when they meet.
    """
    best, cost = first.withheld, int(problem.weights[first.withheld].sum())
    floor = int(problem.weights[problem.must].sum())
    cuts = _Cuts(rows=[], seen=set())
    for row in _first_cuts(problem):
        cuts.add(row)
    done = 0
    while done < search.rounds and floor < cost:
        done += 1
        chosen, lower = _master(problem, cuts, cost, search.nodes)
        floor = max(floor, min(lower, cost))
        if chosen is None:
            break
        violated = _violated(problem, chosen, cuts)
        repaired = cover(problem, chosen) if violated else Cover(withheld=chosen, moves={})
        price = int(problem.weights[repaired.withheld].sum())
        if price < cost:
            best, cost = repaired.withheld, price
        if not violated:
            break
    return Optimum(withheld=best, bound=min(floor, cost), rounds=done)


def _first_cuts(problem: Problem) -> list[NDArray[np.float64]]:
    """Return, for each demand and each sum it stands in, that the other cells of the sum must be able to follow."""
    rows = []
    signs = problem.matrix.toarray()
    for demand in problem.demands:
        for step in problem.steps(demand):
            for relation in np.flatnonzero(signs[:, demand.cell]):
                ray = np.zeros(signs.shape[0])
                ray[relation] = 1.0 / signs[relation, demand.cell]
                rows.append(_cut(problem, demand, step, ray))
    return rows


def _cut(problem: Problem, demand: Demand, step: int, ray: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inequality that multipliers of the sums give: withheld cells must be able to follow the step."""
    size, sign = abs(step), 1.0 if step > 0 else -1.0
    down, up = problem.room(size)
    rest = -sign * (problem.matrix.T @ ray)
    rest[demand.cell] = 0.0
    reach = np.where(rest > 0, rest * up, -rest * down)
    row = np.minimum(reach / size, 1.0)
    row[row < 1e-9] = 0.0
    return row


def _violated(problem: Problem, chosen: Mask, cuts: _Cuts) -> bool:
    """Add the cuts that a choice violates, and return whether any demand is not met."""
    met = True
    for demand in problem.demands:
        for step in problem.steps(demand):
            ray, reach = _ray(problem, demand, step, chosen)
            if reach > abs(step) - 0.5 and (problem.network or _whole(problem, demand, step, chosen)):
                continue
            met = False
            row = _cut(problem, demand, step, ray)
            # Where no multipliers cut the choice off, it is at least certain that one more cell must be withheld.
            cuts.add(row if row @ chosen < 1 - 1e-6 else (problem.may & ~chosen).astype(float))
    return not met


def _whole(problem: Problem, demand: Demand, step: int, chosen: Mask) -> bool:
    return change(problem, demand.cell, step, np.where(chosen, 1.0, np.inf)) is not None


def _ray(problem: Problem, demand: Demand, step: int, chosen: Mask) -> tuple[NDArray[np.float64], float]:
    """Return the multipliers of the sums at the attacker's optimum, and how far the withheld cells let the cell go."""
    sign = 1.0 if step > 0 else -1.0
    down, up = problem.room(abs(step))
    share = np.where(chosen, 1.0, _LENT / max(1.0, float((up + down).sum())))
    low, high = -down * share, up * share
    low[demand.cell], high[demand.cell] = (0.0, abs(step)) if step > 0 else (-abs(step), 0.0)
    objective = np.zeros(problem.table.size)
    objective[demand.cell] = -sign
    zero = np.zeros(problem.matrix.shape[0])
    bounds = list(zip(low.tolist(), high.tolist(), strict=True))
    answer = linprog(objective, A_eq=problem.matrix.toarray(), b_eq=zero, bounds=bounds, method="highs-ds")
    return -sign * np.asarray(answer.eqlin.marginals, dtype=float), -float(answer.fun or 0.0)


def _master(problem: Problem, cuts: _Cuts, cost: int, nodes: int) -> tuple[Mask | None, int]:
    """Return the cheapest choice by the cuts so far, if one below `cost` exists, and a lower bound."""
    size = problem.table.size
    weights = problem.weights.astype(float)
    rows = sparse.csr_array(np.array(cuts.rows)) if cuts.rows else sparse.csr_array((0, size))
    company = _company(problem)
    parts = sparse.vstack([rows, company, sparse.csr_array(weights[None, :])], format="csr")
    low = np.concatenate([np.ones(rows.shape[0]), np.zeros(company.shape[0]), [-np.inf]])
    high = np.concatenate([np.full(rows.shape[0] + company.shape[0], np.inf), [cost - 1.0]])
    answer = milp(
        weights,
        integrality=np.ones(size, dtype=int),
        bounds=Bounds(problem.must.astype(float), (problem.may | problem.must).astype(float)),
        constraints=LinearConstraint(parts, low, high),
        options={"node_limit": nodes, "mip_rel_gap": 0.0},
    )
    if answer.status == 2:
        return None, cost
    bound = answer.mip_dual_bound
    lower = int(np.ceil(bound - 1e-6)) if bound is not None and np.isfinite(bound) else 0
    return (None if answer.x is None else answer.x > 0.5), lower


def _company(problem: Problem) -> sparse.csr_array:
    """Return rows that say: no withheld cell is alone in its sum (it would be known, so need not be withheld)."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    count = 0
    for relation in problem.table.relations:
        cells = [cell for cell in (relation.total, *relation.parts) if problem.may[cell] or problem.must[cell]]
        for cell in cells:
            if problem.must[cell]:
                continue
            rows += [count] * len(cells)
            columns += cells
            values += [-1.0 if other == cell else 1.0 for other in cells]
            count += 1
    return sparse.csr_array((values, (rows, columns)), (count, problem.table.size))
