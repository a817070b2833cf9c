"""What the agenda says about itself: two shares that the pledge of resident autonomy is judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.agenda import CLOCK_DAYS, State

HEARD_ENGINE = "madang.rooms.autonomy.engine.measures:heard_in_time_json"
DECIDING_ENGINE = "madang.rooms.autonomy.engine.measures:dongs_deciding_json"
VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with the numbers behind it.

    Attributes
    ----------
    part, whole : int
        How many, of how many.
    """

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """The share [percent]; None of nothing."""
        return round(100 * self.part / self.whole, 6) if self.whole else None


def heard_in_time(
    reports: Sequence[tuple[date, date | None]], as_of: date, *, limit_days: int = CLOCK_DAYS[State.RECEIVED]
) -> Share:
    """Return how many reports were taken up or answered within a limit.

    Parameters
    ----------
    reports : sequence of (date, date or None)
        Day a report came in, and day of its first move.
    as_of : date
        The day that is looked at; what came in or happened later is not known yet.
    limit_days : int
        The limit [days].

    Notes
    -----
    A report that nobody has moved yet and whose days are not over is left out: nothing can be said of it.

    Examples
    --------
    >>> days = [(date(2026, 11, 1), date(2026, 11, 5)), (date(2026, 11, 1), None), (date(2026, 11, 20), None)]
    >>> heard_in_time(days, date(2026, 11, 23))
    Share(part=1, whole=2)
    """
    part = whole = 0
    for came, moved in reports:
        if came > as_of:
            continue
        known = moved is not None and moved <= as_of
        if known or (as_of - came).days > limit_days:
            whole += 1
            part += known and moved is not None and (moved - came).days <= limit_days
    return Share(part=part, whole=whole)


def heard_in_time_json(inputs: Any, parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Compute :func:`heard_in_time` of JSON: `{"as_of", "reports": [[came, moved or null], ...]}`."""
    try:
        reports = [
            (date.fromisoformat(came), date.fromisoformat(moved) if moved else None)
            for came, moved in inputs["reports"]
        ]
        share = heard_in_time(reports, date.fromisoformat(inputs["as_of"]), **parameters)
    except (KeyError, TypeError, ValueError) as error:
        raise EngineInputError("measure_inputs", f"not the inputs of this measure: {error!r}") from error
    return {"percent": share.percent, "part": share.part, "whole": share.whole}


def dongs_deciding(dongs: Sequence[str], deciding: Sequence[str]) -> Share:
    """Return how many dongs decided on money of their own.

    Parameters
    ----------
    dongs : sequence of str
        Codes of every dong.
    deciding : sequence of str
        Dong of each decision to which money was appropriated; a dong may stand there often.

    Examples
    --------
    >>> dongs_deciding(["a", "b", "c"], ["b", "b"])
    Share(part=1, whole=3)
    """
    return Share(part=len(set(dongs) & set(deciding)), whole=len(set(dongs)))


def dongs_deciding_json(inputs: Any, _parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Compute :func:`dongs_deciding` of JSON: `{"dongs": [...], "deciding": [...]}`."""
    try:
        share = dongs_deciding(inputs["dongs"], inputs["deciding"])
    except (KeyError, TypeError) as error:
        raise EngineInputError("measure_inputs", f"not the inputs of this measure: {error!r}") from error
    return {"percent": share.percent, "part": share.part, "whole": share.whole}
