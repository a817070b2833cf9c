"""How many milestones were reached by their day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from madang.numerics.errors import EngineInputError

ENGINE = "madang.rooms.projects.engine.punctuality:in_time_json"
VERSION = "1"


def in_time(milestones: Sequence[tuple[date, date | None]], as_of: date) -> tuple[int, int]:
    """Return how many milestones were reached by their day, of how many that are due or reached.

    Parameters
    ----------
    milestones : sequence of (date, date or None)
        The day each is due, and the day it was reached.
    as_of : date
        The day that is looked at; what happened later is not known yet.

    Notes
    -----
    A milestone that is neither reached nor past its day is left out: nothing can be said of it yet.

    Examples
    --------
    >>> days = [(date(2026, 9, 1), date(2026, 8, 30)), (date(2026, 9, 1), date(2026, 9, 2)), (date(2027, 1, 1), None)]
    >>> in_time(days, date(2026, 11, 23))
    (1, 2)
    """
    part = whole = 0
    for due, reached in milestones:
        known = reached is not None and reached <= as_of
        if known or due < as_of:
            whole += 1
            part += known and reached is not None and reached <= due
    return part, whole


def in_time_json(inputs: Any, _parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Compute :func:`in_time` of JSON: `{"as_of", "milestones": [[due, reached or null], ...]}`."""
    try:
        milestones = [
            (date.fromisoformat(due), date.fromisoformat(reached) if reached else None)
            for due, reached in inputs["milestones"]
        ]
        part, whole = in_time(milestones, date.fromisoformat(inputs["as_of"]))
    except (KeyError, TypeError, ValueError) as error:
        raise EngineInputError("measure_inputs", f"not the inputs of this measure: {error!r}") from error
    return {"percent": round(100 * part / whole, 6) if whole else None, "part": part, "whole": whole}
