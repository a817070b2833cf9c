"""Opinion groups from JSON to JSON: what a `Run` stores and anybody can compute again."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.opinion.grouping import (
    OpinionGroups,
    OpinionParameters,
    OpinionState,
    opinion_groups,
    state_of,
)
from madang.rooms.autonomy.engine.opinion.statements import Pick, Side
from madang.rooms.autonomy.engine.opinion.votes import Votes, votes_gathered

ENGINE = "madang.rooms.autonomy.engine.opinion:opinion_json"
_DECIMALS = 6

Identifier = str | int


def opinion_json(inputs: Any, parameters: Mapping[str, Any], seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Find the opinion groups of a conversation that is given as JSON.

    Parameters
    ----------
    inputs : mapping
        `{"statements": [{"id", "moderated"}, ...], "votes": [[participant, statement, value], ...]}` with the votes in
        order of time, values 1, 0, -1, ids strings or whole numbers; and optionally `"previous"`, the `"state"` of an
        earlier answer.
    parameters : mapping
        Fields of :class:`OpinionParameters`.
    seed : int or None
        Of the stability's resamples; None counts as 0.

    Returns
    -------
    dict
        See `docs/reference/opinion-groups.md`. Ids come back as they were given.

    Raises
    ------
    EngineInputError
        If the inputs or parameters are not of this form.
    """
    try:
        chosen = OpinionParameters(**parameters)
        votes, names = votes_of_json(inputs)
        previous = _state(inputs.get("previous"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EngineInputError("opinion_inputs", f"not the inputs of opinion groups: {error!r}") from error
    return opinion_report(votes, opinion_groups(votes, chosen, seed or 0, previous), names)


def votes_of_json(inputs: Mapping[str, Any]) -> tuple[Votes, dict[str, Identifier]]:
    """Return the votes of a JSON value, and its ids as they were given by their text."""
    moderated: dict[str, bool] = {}
    names: dict[str, Identifier] = {}
    for entry in inputs["statements"]:
        moderated[_name(entry["id"], names)] = bool(entry.get("moderated", False))
    people: dict[str, Identifier] = {}
    columns: tuple[list[str], list[str], list[int]] = ([], [], [])
    for participant, statement, value in inputs["votes"]:
        columns[0].append(_name(participant, people))
        columns[1].append(_name(statement, names))
        columns[2].append(value)
    # Participants and statements are different things that may bear the same id; both keep the kind they came in.
    return votes_gathered(*columns, moderated), {**{f"p{key}": value for key, value in people.items()}, **names}


def _name(identifier: object, names: dict[str, Identifier]) -> str:
    if isinstance(identifier, bool) or not isinstance(identifier, str | int):
        raise TypeError(f"an id is text or a whole number, not {identifier!r}")
    text = str(identifier)
    names.setdefault(text, identifier)
    return text


def _state(value: Mapping[str, Any] | None) -> OpinionState | None:
    if value is None:
        return None
    return OpinionState(
        components={str(key): (float(pair[0]), float(pair[1])) for key, pair in value["components"].items()},
        groups={str(key): int(number) for key, number in value["groups"].items()},
    )


def opinion_report(votes: Votes, found: OpinionGroups, names: Mapping[str, Identifier] | None = None) -> dict[str, Any]:
    """Return groups as a JSON value.

    Parameters
    ----------
    votes : Votes
        What they were found in.
    found : OpinionGroups
        The groups.
    names : Mapping, optional
        Ids as they are to be given: of statements by their text, of participants by "p" and their text; ids are text by
        default.
    """
    known = names or {}
    people = [known.get(f"p{each}", each) for each in votes.participants]
    statements = [known.get(each, each) for each in votes.statements]
    members: list[list[Identifier]] = [[] for _ in found.numbers]
    for at, label in zip(found.clustered.tolist(), found.labels.tolist(), strict=True):
        members[label].append(people[at])
    state = state_of(votes, found)
    stability = found.stability
    return {
        "participants": len(people),
        "clustered": int(found.clustered.size),
        "statements_standing": int((~votes.moderated).sum()),
        "votes": int(votes.row.size),
        "group_count": len(found.numbers) if found.clustered.size else 0,
        "silhouette": found.silhouette,
        "silhouettes": {str(count): score for count, score in found.tried.items()},
        "stability": None
        if stability is None
        else {
            "mean": _short(stability.mean),
            "low": _short(stability.low),
            "same_count": _short(stability.same_count),
            "resamples": stability.resamples,
        },
        "explained": [_short(share) for share in found.plane.explained],
        "groups": [
            {
                "group": number,
                "size": len(members[row]),
                "members": members[row],
                "centre": [_short(each) for each in found.centres[row]],
                "representative": [_picked(pick, statements) for pick in found.representative[row]],
            }
            for row, number in enumerate(found.numbers)
            if members[row]
        ],
        "positions": [
            [person, _short(position[0]), _short(position[1])]
            for person, position in zip(people, found.plane.positions, strict=True)
        ],
        "statements": _statements(votes, found, statements),
        "consensus": {
            "agree": [_picked(pick, statements) for pick in found.agreed],
            "disagree": [_picked(pick, statements) for pick in found.rejected],
        },
        "bridging": [
            {
                "statement": statements[bridge.statement],
                "for": bridge.side.value,
                "least": _short(bridge.least),
                "shares": [_short(share) for share in bridge.shares],
            }
            for bridge in found.bridging
        ],
        "state": {
            "components": {key: [_short(one), _short(two)] for key, (one, two) in state.components.items()},
            "groups": dict(state.groups),
        },
    }


def _statements(votes: Votes, found: OpinionGroups, names: list[Identifier]) -> list[dict[str, Any]]:
    agree, disagree, seen = found.everybody.agree[0], found.everybody.disagree[0], found.everybody.seen[0]
    return [
        {
            "id": name,
            "moderated": bool(votes.moderated[at]),
            "agree": int(agree[at]),
            "disagree": int(disagree[at]),
            "pass": int(seen[at] - agree[at] - disagree[at]),
            "groups": [
                {"group": number, "agree": int(one), "disagree": int(two), "pass": int(all_ - one - two)}
                for number, one, two, all_ in zip(
                    found.numbers,
                    found.counts.agree[:, at],
                    found.counts.disagree[:, at],
                    found.counts.seen[:, at],
                    strict=True,
                )
            ],
            "consensus_agree": _short(found.consensus[Side.AGREE][at]),
            "consensus_disagree": _short(found.consensus[Side.DISAGREE][at]),
            "component": [_short(each) for each in found.plane.components[at]],
        }
        for at, name in enumerate(names)
    ]


def _picked(pick: Pick, names: list[Identifier]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "statement": names[pick.statement],
        "for": pick.side.value,
        "votes": pick.votes,
        "seen": pick.seen,
        "share": _short(pick.share),
        "share_z": _short(pick.share_z),
    }
    if pick.ratio is not None and pick.ratio_z is not None:
        row |= {"ratio": _short(pick.ratio), "ratio_z": _short(pick.ratio_z), "best_agree": pick.best_agree}
    return row


def _short(value: float | np.floating[Any]) -> float:
    return round(float(value), _DECIMALS) + 0.0
