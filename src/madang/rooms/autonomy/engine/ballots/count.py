"""From the ballots that count to the winners, by the frozen rule; the same for the office and for everybody."""

from collections.abc import Iterable
from typing import Any

from madang.rooms.autonomy.engine.allocation.rule import (
    COUNT_ENGINE,
    VERSION,
    allocate,
    count_json,
    election_from_json,
    result_json,
)
from madang.rooms.autonomy.engine.ballots.box import Header
from madang.rooms.autonomy.engine.ballots.encoding import canonical
from madang.rooms.autonomy.engine.ballots.verification import Counted
from madang.rooms.autonomy.engine.manifest import Manifest

__all__ = [
    "COUNT_ENGINE",
    "VERSION",
    "count_inputs",
    "count_json",
    "latest_turns",
    "recount",
    "result_differs",
    "result_stated",
]

_STATED = ("rule", "satisfaction", "completion", "winners", "total_cost", "budget", "voters")
_COMPARED = ("winners", "total_cost", "voters")


def latest_turns(rows: Iterable[tuple[int, str, int, dict[str, Any] | None]]) -> list[Counted]:
    """Return the ballots that count: of each voter the one of the highest turn, if it could be opened and read.

    Parameters
    ----------
    rows : iterable of (seq, voter, turn, choice)
        Choice is None where the ballot does not count.
    """
    latest: dict[str, tuple[int, int, dict[str, Any] | None]] = {}
    for seq, voter, turn, choice in rows:
        if voter not in latest or turn > latest[voter][0]:
            latest[voter] = (turn, seq, choice)
    counted = [Counted(seq=seq, choice=choice) for _turn, seq, choice in latest.values() if choice is not None]
    return sorted(counted, key=lambda row: row.seq)


def count_inputs(header: Header, counted: Iterable[Counted]) -> dict[str, Any]:
    """Return what a count reads: projects, budget, and each different ballot once with its number, in one order."""
    merged: dict[bytes, dict[str, Any]] = {}
    for row in counted:
        ballot = merged.setdefault(canonical(row.choice), {**row.choice, "count": 0})
        ballot["count"] += 1
    value = header.value
    return {
        "budget": value["budget"],
        "projects": [dict(project) for project in value["projects"]],
        "ballots": [ballot for _key, ballot in sorted(merged.items())],
    }


def recount(header: Header, counted: Iterable[Counted]) -> dict[str, Any]:
    """Return the result of the ballots that count under the box's own manifest.

    Raises
    ------
    EngineInputError
        If the manifest cannot be applied to such ballots.
    """
    manifest = Manifest.from_json(dict(header.value["manifest"]))
    election = election_from_json(count_inputs(header, counted), manifest.ballot.type, manifest.budget)
    return result_json(election, manifest, allocate(election, manifest))


def result_stated(result: dict[str, Any]) -> dict[str, Any]:
    """Return what the closing line of a box says of a result: winners in their order, their cost, how many voted."""
    return {key: result[key] for key in _STATED if key in result}


def result_differs(stated: Any, computed: dict[str, Any]) -> list[str]:  # noqa: ANN401  # any JSON value
    """Return the names of what a stated result has otherwise than a computed one."""
    if not isinstance(stated, dict):
        return ["result"]
    return [key for key in _COMPARED if stated.get(key) != computed[key] and (key in stated or key != "voters")]
