"""From a fair lottery to a council: whole tickets that are published, and the draw that anybody repeats."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np

from madang.numerics.digests import json_digest
from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.sortition.chance import Chance, commitment_check
from madang.rooms.autonomy.engine.sortition.leximin import Progress, leximin
from madang.rooms.autonomy.engine.sortition.pool import Pool, Problem, problem_read
from madang.rooms.autonomy.engine.sortition.uniform import Uniform

FAIR_ENGINE = "madang.rooms.autonomy.engine.sortition.lottery:fair_json"
DRAW_ENGINE = "madang.rooms.autonomy.engine.sortition.lottery:draw_json"
VERSION = "1"
TICKETS = 1_000_000_000


class Method(StrEnum):
    """How a council is drawn."""

    LEXIMIN = "leximin"
    UNIFORM = "uniform"


@dataclass(frozen=True, kw_only=True)
class Tickets:
    """A lottery in whole numbers, as it is published.

    Attributes
    ----------
    problem : Problem
        What it is a lottery of.
    councils : tuple of (int, tuple of int)
        Of each council the tickets it holds, and its members of each type; in the order in which tickets are numbered.
    """

    problem: Problem
    councils: tuple[tuple[int, tuple[int, ...]], ...]

    def __post_init__(self) -> None:
        if not self.councils or any(tickets <= 0 for tickets, _members in self.councils):
            raise EngineInputError("lottery_empty", "every council of a lottery holds at least one ticket")
        counts = self.problem.counts
        for number, (_tickets, members) in enumerate(self.councils):
            council = np.array(members, dtype=np.int64)
            right = council.shape == counts.shape and np.all((council >= 0) & (council <= counts))
            if not right or council.sum() != self.problem.size:
                raise EngineInputError(
                    "council_wrong", f"council {number} is not {self.problem.size} persons of this pool", {"n": number}
                )
            for quota, had in zip(self.problem.quotas, (self.problem.incidence @ council).tolist(), strict=True):
                if not quota.least <= had <= quota.most:
                    raise EngineInputError(
                        "council_breaks_quota",
                        f"council {number} has {had} of {quota.category}: {quota.value}",
                        {"n": number, "category": quota.category, "value": quota.value, "has": had},
                    )

    @property
    def total(self) -> int:
        """Tickets in all."""
        return sum(tickets for tickets, _members in self.councils)

    def probability(self, kind: int) -> Fraction:
        """Return the exact probability of a person of a type."""
        expected = sum(tickets * members[kind] for tickets, members in self.councils)
        return Fraction(expected, self.total * int(self.problem.counts[kind]))

    def drawn(self, chance: Chance) -> tuple[int, list[str]]:
        """Return the number of the ticket that was drawn, from 0, and the lots of the council, sorted."""
        ticket = left = chance.below(self.total)
        place = 0
        while left >= self.councils[place][0]:
            left -= self.councils[place][0]
            place += 1
        members = self.councils[place][1]
        lots = [
            lot
            for kind, count in enumerate(members)
            if count
            for lot in chance.choose(self.problem.members[kind], count)
        ]
        return ticket, sorted(lots)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is published: `[tickets, [[type, members], ...]]` of each council, types numbered from 0."""
        return {
            "digest": self.problem.digest,
            "tickets": self.total,
            "councils": [
                [tickets, [[kind, count] for kind, count in enumerate(members) if count]]
                for tickets, members in self.councils
            ],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of what is published."""
        return json_digest(self.as_json())


def tickets_read(problem: Problem, data: Mapping[str, Any]) -> Tickets:
    """Return the lottery of a JSON value as :meth:`Tickets.as_json` writes it, every council checked.

    Raises
    ------
    EngineInputError
        With code `lottery_form`, `lottery_of_other_pool`, or those of :class:`Tickets`.
    """
    types = len(problem.types)
    try:
        councils = []
        for tickets, members in data["councils"]:
            row = [0] * types
            for kind, count in members:
                row[kind] = int(count)
            councils.append((int(tickets), tuple(row)))
        digest = str(data["digest"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise EngineInputError("lottery_form", f"not a lottery: {error!r}", field="lottery") from error
    if digest != problem.digest:
        raise EngineInputError(
            "lottery_of_other_pool", "this lottery is of another pool, other quotas or another size", field="lottery"
        )
    return Tickets(problem=problem, councils=tuple(councils))


def fair_tickets(problem: Problem, tickets: int = TICKETS, progress: Progress | None = None) -> Tickets:
    """Return the leximin-fair lottery in whole tickets.

    Parameters
    ----------
    problem : Problem
        Pool, quotas and size.
    tickets : int
        How many there are in all; a thousand can be drawn with three ten-sided dice.
    progress : callable, optional
        Told the fraction done and the step.

    Notes
    -----
    Weights become tickets by largest remainders, so each council's probability moves by less than one ticket. From here
    on there are only whole numbers.
    """
    if not 1 <= tickets <= 10**12:
        raise EngineInputError("tickets_outside", "a lottery has from 1 to 10^12 tickets", field="tickets")
    fair = leximin(problem, progress)
    order = sorted(range(len(fair.weights)), key=lambda n: fair.councils[n].tolist(), reverse=True)
    exact = [Fraction(float(fair.weights[n])) for n in order]
    scale = Fraction(tickets) / sum(exact)
    shares = [weight * scale for weight in exact]
    whole = [int(share) for share in shares]
    by_rest = sorted(range(len(shares)), key=lambda n: (whole[n] - shares[n], n))
    for n in by_rest[: tickets - sum(whole)]:
        whole[n] += 1
    councils = ((count, tuple(fair.councils[n].tolist())) for count, n in zip(whole, order, strict=True) if count)
    return Tickets(problem=problem, councils=tuple(councils))


def hidden(lottery: Tickets, chance: Chance) -> Tickets:
    """Return the same lottery over a pool whose types are numbers in random order, for publication.

    Notes
    -----
    Whoever knows a neighbour's age, sex and street could find in a pool with its values whether the neighbour applied.
    Numbers without values let anybody repeat the draw and tell nobody that.
    """
    problem = lottery.problem
    names = [f"T{number + 1:04d}" for number in range(len(problem.types))]
    new = [names.index(name) for name in chance.choose(tuple(names), len(names))]
    pairs = sorted((lot, names[new[kind]]) for kind, lots in enumerate(problem.members) for lot in lots)
    pool = Pool(
        lots=tuple(lot for lot, _name in pairs), categories=("type",), values=tuple((name,) for _lot, name in pairs)
    )
    old = {place: kind for kind, place in enumerate(new)}
    councils = tuple(
        (tickets, tuple(members[old[place]] for place in range(len(names)))) for tickets, members in lottery.councils
    )
    return Tickets(problem=Problem(pool=pool, quotas=(), size=problem.size), councils=councils)


def fair_json(inputs: Any, parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Compute the fair lottery of JSON: a problem as `problem_json` writes it; parameter `tickets`."""
    lottery = fair_tickets(problem_read(inputs), int(parameters.get("tickets", TICKETS)))
    return {**lottery.as_json(), "levels": levels_json(lottery)}


def levels_json(lottery: Tickets) -> list[list[Any]]:
    """Return `[persons, probability]` of each type, the probability rounded to 12 digits."""
    return [
        [int(count), round(float(lottery.probability(kind)), 12)] for kind, count in enumerate(lottery.problem.counts)
    ]


def draw_json(inputs: Any, parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Draw a council of JSON.

    Parameters
    ----------
    inputs : mapping
        `problem` (as `problem_json` writes it), `lottery` (as `Tickets.as_json`; None for the uniform method),
        `commitment`, `seed`, `public_value`.
    parameters : mapping
        `method`.

    Returns
    -------
    dict
        `digest`, `ticket` (None for the uniform method) and `drawn`, the lots in order of their text.
    """
    try:
        problem, method = problem_read(inputs["problem"]), Method(parameters["method"])
        seed, public_value, commitment = (str(inputs[name]) for name in ("seed", "public_value", "commitment"))
        published = inputs["lottery"]
    except (KeyError, ValueError, TypeError) as error:
        raise EngineInputError("draw_inputs", f"not the inputs of a draw: {error!r}") from error
    commitment_check(seed, commitment)
    if not public_value.strip():
        raise EngineInputError("public_value_missing", "the public value is empty", field="public_value")
    chance = Chance(seed=seed, public_value=public_value, digest=problem.digest)
    ticket = None
    if method is Method.UNIFORM:
        drawn = Uniform(problem).draw(chance)
    else:
        ticket, drawn = tickets_read(problem, published).drawn(chance)
    return {"digest": problem.digest, "ticket": ticket, "drawn": drawn}
