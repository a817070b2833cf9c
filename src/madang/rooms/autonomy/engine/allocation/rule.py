"""A manifest applied to an election."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.allocation.bos import Bos
from madang.rooms.autonomy.engine.allocation.completion import Shared, add_jumps, add_steps, equal_share
from madang.rooms.autonomy.engine.allocation.equal_shares import EqualShares
from madang.rooms.autonomy.engine.allocation.exact_equal_shares import ExactEqualShares
from madang.rooms.autonomy.engine.allocation.greedy import greedy
from madang.rooms.autonomy.engine.allocation.outcome import Outcome, Progress
from madang.rooms.autonomy.engine.allocation.phragmen import Phragmen
from madang.rooms.autonomy.engine.allocation.properties import properties_json
from madang.rooms.autonomy.engine.allocation.support import Satisfaction, Support, support_of
from madang.rooms.autonomy.engine.allocation.ties import tie_ranks
from madang.rooms.autonomy.engine.election import Ballots, BallotType, Election, Project, ballots_merged, exact_number
from madang.rooms.autonomy.engine.manifest import Completion, Manifest, Rule

COUNT_ENGINE = "madang.rooms.autonomy.engine.allocation.rule:count_json"
VERSION = "1"


def allocate(election: Election, manifest: Manifest, progress: Progress | None = None) -> Outcome:
    """Return the winners of an election under a manifest.

    Parameters
    ----------
    election : Election
        Projects and ballots; the manifest's budget, where it states one, stands above the election's.
    manifest : Manifest
        The rule.
    progress : callable, optional
        Told how far a completion is.

    Raises
    ------
    EngineInputError
        If the manifest does not fit the ballots.
    """
    if manifest.ballot.type.has_points != election.ballots.type.has_points:
        raise EngineInputError(
            "manifest_ballots", f"the manifest is for {manifest.ballot.type} ballots, these are {election.ballots.type}"
        )
    if manifest.budget is not None and manifest.budget != election.budget:
        election = replace(election, budget=manifest.budget)
    counter = Counter(election, manifest)
    return counter.outcome(progress)


class Counter:
    """An election made ready to be counted under a manifest.

    Parameters
    ----------
    election : Election
        Projects and ballots.
    manifest : Manifest
        The rule.
    support : Support, optional
        Who gains what, where it is known already.
    """

    def __init__(self, election: Election, manifest: Manifest, support: Support | None = None) -> None:
        self.election = election
        self.manifest = manifest
        self.ranks = tie_ranks(election, manifest.ties)
        gained = Satisfaction.CARDINALITY if manifest.rule is Rule.PHRAGMEN else manifest.satisfaction
        self.support = support or support_of(election, gained)

    def outcome(self, progress: Progress | None = None) -> Outcome:
        """Return the winners."""
        manifest = self.manifest
        if manifest.rule is Rule.GREEDY:
            return greedy(self.election, self.support, self.ranks, misfit=manifest.misfit, least=manifest.min_votes)
        if manifest.rule is Rule.PHRAGMEN:
            found = Phragmen(self.election, self.support, self.ranks).outcome()
        elif manifest.rule is Rule.BOS:
            found = Bos(self.election, self.support, self.ranks).outcome()
        else:
            found = self._shared(progress)
        return self._greedily(found) if manifest.completion.ends_greedily else found

    def _shared(self, progress: Progress | None) -> Outcome:
        exact = self.manifest.rule is Rule.EXACT_EQUAL_SHARES
        rule: Shared = (ExactEqualShares if exact else EqualShares)(self.election, self.support, self.ranks)
        if self.manifest.completion.raises:
            return add_steps(rule, self.manifest.step, self.manifest.stop, progress)
        if isinstance(rule, ExactEqualShares) and self.manifest.completion.jumps:
            return add_jumps(rule, self.manifest.stop, progress)
        return rule.run(equal_share(self.election))

    def _greedily(self, found: Outcome) -> Outcome:
        ended = greedy(self.election, self.support, self.ranks, first=found.winners)
        return replace(found, winners=ended.winners, completed=len(ended.winners) - len(found.winners))


def election_from_json(inputs: Mapping[str, Any], type_: BallotType, budget: Fraction | None) -> Election:
    """Read an election from JSON; see :func:`count_json` for its form.

    Raises
    ------
    EngineInputError
        If it is not an election.
    """
    try:
        projects = tuple(
            Project(
                id=project["id"],
                cost=exact_number(project["cost"]),
                name=project.get("name", ""),
                categories=tuple(filter(None, (project.get("category"),))),
                place=project.get("dong") or "",
            )
            for project in inputs["projects"]
        )
        index = {project.id: number for number, project in enumerate(projects)}
        ballots: Ballots = ballots_merged(type_, map(_ballot, inputs["ballots"]), index)
        money = exact_number(inputs["budget"]) if budget is None else budget
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise EngineInputError("count_inputs", f"not the inputs of a count: {error!r}") from error
    return Election(projects=projects, ballots=ballots, budget=money)


def _ballot(value: Any) -> tuple[Any, int]:  # noqa: ANN401  # JSON
    if isinstance(value, list):
        return value, 1
    for key in ("approve", "order", "points", "choice"):
        if key in value:
            return value[key], int(value.get("count", 1))
    raise EngineInputError("count_inputs", f"not a ballot: {value!r}")


def count_json(inputs: Any, parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Count an election given as JSON, for runs that anybody can repeat.

    Parameters
    ----------
    inputs : JSON
        `{"projects": [{"id", "cost", "name"?, "category"?, "dong"?}], "ballots": [...], "budget"?}`; a ballot is a list
        of identifiers, or `{"approve": [...]}`, `{"order": [...]}`, `{"points": {id: n}}`, each with an optional
        `"count"`; costs are whole numbers or text.
    parameters : Mapping
        The JSON form of the manifest.

    Returns
    -------
    dict
        `winners` in the order of selection, `total_cost`, `budget`, what was paid and the properties of the outcome.

    Raises
    ------
    EngineInputError
        If they are not the inputs of a count.
    """
    manifest = Manifest.from_json(dict(parameters))
    election = election_from_json(inputs, manifest.ballot.type, manifest.budget)
    outcome = allocate(election, manifest)
    return {
        **result_json(election, manifest, outcome),
        "payments": payments_json(election, outcome),
        "properties": properties_json(election, manifest, outcome),
    }


def payments_json(election: Election, outcome: Outcome) -> list[dict[str, Any]]:
    """Return of each winner that was bought how many voters paid, and the most that one of them paid."""
    counts = election.ballots.counts
    return [
        {
            "id": election.projects[purchase.project].id,
            "payers": int(counts[purchase.rows][purchase.paid > 0].sum()),
            "most": round(float(purchase.paid.max(initial=0.0)) / election.unit, 6),
        }
        for purchase in outcome.purchases
    ]


def money_json(units: int | Fraction, unit: int) -> int | str:
    """Return money as JSON: a whole number where it is one, else a decimal or fraction as text."""
    value = Fraction(units) / unit
    if value.denominator == 1:
        return int(value)
    scaled = value * 10**6
    return f"{float(value):.6f}".rstrip("0") if scaled.denominator == 1 else str(value)


def result_json(election: Election, manifest: Manifest, outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as JSON."""
    costs, unit = election.costs_units, election.unit
    return {
        "rule": str(manifest.rule),
        "satisfaction": str(manifest.satisfaction),
        "completion": str(manifest.completion),
        "manifest_hash": manifest.hash,
        "winners": [election.projects[p].id for p in outcome.winners],
        "completed": [election.projects[p].id for p in outcome.winners[len(outcome.winners) - outcome.completed :]]
        if manifest.completion is not Completion.NONE
        else [],
        "total_cost": money_json(sum(costs[p] for p in outcome.winners), unit),
        "budget": money_json(election.budget_units, unit),
        "voters": election.voters,
        "share": money_json(outcome.share, unit),
        "runs": outcome.runs,
        "stopped": outcome.stopped,
    }


def winners_of(election: Election, winners: Sequence[int]) -> list[str]:
    """Return identifiers of winners, in order."""
    return [election.projects[p].id for p in winners]
