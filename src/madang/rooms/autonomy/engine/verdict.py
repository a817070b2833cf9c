"""A counted vote explained as a whole: every project, the money of the voters, and how fair the outcome is."""

from collections.abc import Mapping
from typing import Any

from madang.rooms.autonomy.engine.allocation.outcome import Outcome, Progress
from madang.rooms.autonomy.engine.allocation.properties import properties_json
from madang.rooms.autonomy.engine.allocation.rule import allocate, election_from_json
from madang.rooms.autonomy.engine.election import Election
from madang.rooms.autonomy.engine.explanation import Explainer, explanation_json, money_histogram
from madang.rooms.autonomy.engine.manifest import Manifest

VERDICT_ENGINE = "madang.rooms.autonomy.engine.verdict:verdict_json"
VERSION = "1"


def verdict(
    election: Election, manifest: Manifest, outcome: Outcome, progress: Progress | None = None
) -> dict[str, Any]:
    """Explain an outcome.

    Parameters
    ----------
    election : Election
        What was counted.
    manifest : Manifest
        The rule.
    outcome : Outcome
        What it decided.
    progress : callable, optional
        Told the fraction done and the project in hand.

    Returns
    -------
    dict
        `projects`: of each why it won or lost and what would have changed it; `money`: how much was paid by how many
        voters; `properties`: what can be said of the outcome.
    """
    explainer = Explainer(election, manifest, outcome)
    return {
        "projects": [explanation_json(election, one) for one in explainer.all(progress)],
        "money": money_histogram(election, outcome),
        "properties": properties_json(election, manifest, outcome),
    }


def verdict_json(
    inputs: Any,  # noqa: ANN401  # JSON
    parameters: Mapping[str, Any],
    _seed: int | None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Explain an election given as JSON, for runs that anybody can repeat.

    Parameters
    ----------
    inputs : JSON
        Projects and ballots, as `madang.rooms.autonomy.engine.allocation.rule.count_json` takes them.
    parameters : mapping
        The JSON form of the manifest.
    progress : callable, optional
        Told the fraction done and the project in hand.

    Returns
    -------
    dict
        As :func:`verdict` returns it.

    Raises
    ------
    EngineInputError
        If they are not the inputs of a count.
    """
    manifest = Manifest.from_json(dict(parameters))
    election = election_from_json(inputs, manifest.ballot.type, manifest.budget)
    return verdict(election, manifest, allocate(election, manifest), progress)
