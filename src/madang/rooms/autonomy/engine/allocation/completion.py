"""Completion of equal shares: raise everybody's share until the budget is used, and what greedy then still fits.

Three parts make the heuristic called Add1, and each changes winners: the step (how much each share is raised), the stop
rule, and what is done with the rest.

References
----------
Faliszewski et al. (2023), Participatory Budgeting: Data, Tools, and Analysis, arXiv:2305.11035, section 5.
"""

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from madang.rooms.autonomy.engine.allocation.outcome import Outcome, Progress
from madang.rooms.autonomy.engine.election import Election


class Stop(StrEnum):
    """When the raising ends.

    FIRST_EXHAUSTIVE: at the first outcome to which no supported project can be added, as pabutools does. RUN_ON: when a
    run overspends; the last outcome that fits is kept, as in the official counts of Wieliczka 2023, Swiecie 2023 and
    Assen 2024. Either ends when a run overspends, or when every supported project is funded.
    """

    FIRST_EXHAUSTIVE = "first-exhaustive"
    RUN_ON = "run-on"


class Shared(Protocol):
    """A rule that begins with a share for each voter."""

    @property
    def election(self) -> Election:
        """Projects, costs and ballots."""

    @property
    def costs(self) -> tuple[int, ...]:
        """Costs [1/unit of currency]."""

    @property
    def free(self) -> tuple[int, ...]:
        """Supported projects that cost nothing, in the order of equals."""

    @property
    def sold(self) -> tuple[int, ...]:
        """Supported projects that cost something."""

    def run(self, share: Fraction) -> Outcome:
        """Return what is bought when each voter begins with this share."""


def equal_share(election: Election) -> Fraction:
    """Return the budget for each ballot, empty ones included [1/unit of currency]; 0 without ballots."""
    return Fraction(election.budget_units, election.voters) if election.voters else Fraction(0)


def add_steps(
    rule: Shared, step: Fraction, stop: Stop = Stop.FIRST_EXHAUSTIVE, progress: Progress | None = None
) -> Outcome:
    """Return the outcome of a rule completed by raising each share in steps.

    Parameters
    ----------
    rule : Shared
        The rule.
    step : Fraction
        How much each share is raised at a time [currency unit], greater than 0.
    stop : Stop
        When the raising ends.
    progress : callable, optional
        Told the part of the budget that is used, and which run it is.
    """
    return _complete(rule, _steps(rule, step * rule.election.unit), stop, progress)


def _steps(rule: Shared, step: Fraction) -> Iterator[Outcome]:
    share = equal_share(rule.election)
    while True:
        yield rule.run(share)
        share += step


def _complete(rule: Shared, outcomes: Iterator[Outcome], stop: Stop, progress: Progress | None) -> Outcome:
    budget = rule.election.budget_units
    kept = Outcome(winners=rule.free, share=equal_share(rule.election), runs=0)
    for runs, outcome in enumerate(outcomes, 1):
        cost = sum(rule.costs[p] for p in outcome.winners)
        if progress is not None and budget:
            progress(min(cost / budget, 1.0), f"{runs}")
        if cost > budget:
            return replace(kept, runs=runs, stopped="overspend")
        kept = replace(outcome, runs=runs)
        taken = set(outcome.winners)
        rest = [p for p in rule.sold if p not in taken]
        if not rest:
            return replace(kept, stopped="all_funded")
        if stop is Stop.FIRST_EXHAUSTIVE and all(rule.costs[p] + cost > budget for p in rest):
            return replace(kept, stopped="exhaustive")
    return replace(kept, stopped="no_change")


def add_jumps(rule: "Jumping", stop: Stop = Stop.FIRST_EXHAUSTIVE, progress: Progress | None = None) -> Outcome:
    """Return the outcome of a rule completed by raising each share straight to the next one that changes the outcome.

    References
    ----------
    Kraiczy, Robinson, Elkind (2025), Streamlining Equal Shares, arXiv:2502.11797 (ADD-OPT).
    """
    return _complete(rule, _jumps(rule), stop, progress)


class Jumping(Shared, Protocol):
    """A rule that knows the next share at which its outcome changes."""

    def next_share(self, outcome: Outcome) -> Fraction | None:
        """Return the least greater share with another outcome, or None where there is none."""


def _jumps(rule: Jumping) -> Iterator[Outcome]:
    share: Fraction | None = equal_share(rule.election)
    while share is not None:
        outcome = rule.run(share)
        yield outcome
        share = rule.next_share(outcome)
