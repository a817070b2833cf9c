"""Entering observations from a file: all of it, or nothing."""

from collections import defaultdict

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import DomainError, InputError, Place
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.evidence.formats.observations_csv import ObservationLine, read_observations
from madang.yard.evidence.services.observations import Entered, ObservationBatch, observation_enter_many


@transaction.atomic
def observation_import(actor: Actor, content: bytes, *, file: str) -> Entered:
    """Enter every line of a CSV of observations.

    Raises
    ------
    InputError
        Naming the line and field of the first fault; nothing is entered then.
    PermissionDenied
        If a line's place is out of the actor's reach.
    """
    require(actor, Action.OBSERVATION_ENTER)
    groups: defaultdict[tuple[str, str], list[ObservationLine]] = defaultdict(list)
    for line in read_observations(content, file=file):
        groups[line.indicator, line.status].append(line)
    found = [_entered(actor, lines, file) for lines in groups.values()]
    return Entered(
        new=sum(entered.new for entered in found),
        revised=sum(entered.revised for entered in found),
        same=sum(entered.same for entered in found),
        unprotected=sum(entered.unprotected for entered in found),
    )


def _entered(actor: Actor, lines: list[ObservationLine], file: str) -> Entered:
    try:
        return observation_enter_many(actor, _batch(lines))
    except DomainError as error:
        raise _placed(error, lines, file) from error


def _batch(lines: list[ObservationLine]) -> ObservationBatch:
    return ObservationBatch(
        indicator=lines[0].indicator,
        places=[line.place for line in lines],
        periods=[line.period for line in lines],
        values=np.array([line.value for line in lines]),
        numerators=np.array([np.nan if line.numerator is None else line.numerator for line in lines]),
        denominators=np.array([np.nan if line.denominator is None else line.denominator for line in lines]),
        status=lines[0].status,
    )


def _placed(error: DomainError, lines: list[ObservationLine], file: str) -> Exception:
    """Return the refusal as a fault of the line that it speaks of, where one can be told."""
    if error.field not in {"indicator", "place", "period", "status", "value", "numerator", "denominator"}:
        return error
    wanted = {name: error.data[name] for name in ("place", "period") if name in error.data}
    guilty = [line for line in lines if all(getattr(line, name) == value for name, value in wanted.items())]
    line = guilty[-1] if guilty else lines[0]
    return InputError(
        error.code,
        Place(file=file, line=line.line, field=error.field),
        found=repr(getattr(line, error.field)),
        expected=str(error),
        mend=_("Correct this line and import the file again; nothing of it was entered."),
    )
