"""Entering observations, one or a whole array of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from madang.numerics.digests import arrays_digest
from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.models import Run
from madang.yard.audit.seal import keyed_digest
from madang.yard.audit.services import hold, record
from madang.yard.evidence.models import Indicator, Observation, ObservationStatus
from madang.yard.evidence.selectors.refusals import EvidenceCode
from madang.yard.evidence.services import checks
from madang.yard.evidence.services.withholding import Cells, lines_withhold

_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationDraft:
    """One value to be entered; see `ObservationBatch`."""

    indicator: str
    place: str
    period: str
    value: float
    numerator: float | None = None
    denominator: float | None = None
    status: str = ObservationStatus.MEASURED.value
    run: Run | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationBatch:
    """Values of one indicator to be entered together.

    Attributes
    ----------
    indicator : str
        Code of the indicator.
    places, periods : sequence of str, length n
        Where and when.
    values : ndarray of float64, shape (n,)
        In the indicator's unit.
    numerators, denominators : ndarray of float64, shape (n,), or None
        What a rate or share was made of; NaN where one is not known. A sensitive indicator that is no count needs its
        numerators: they are what the guard looks at.
    status : str
        Measured, estimated, or sample data.
    run : Run or None
        The computation that they come from.
    """

    indicator: str
    places: Sequence[str]
    periods: Sequence[str]
    values: NDArray[np.float64]
    numerators: NDArray[np.float64] | None = None
    denominators: NDArray[np.float64] | None = None
    status: str = ObservationStatus.MEASURED.value
    run: Run | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What came of entering values.

    Attributes
    ----------
    new, revised, same : int
        How many were new, corrected, and there already.
    unprotected : int
        Lines of a sensitive indicator in which a count that became small can be worked out from what was public before.
    """

    new: int
    revised: int
    same: int
    unprotected: int = 0


def observation_enter(actor: Actor, draft: ObservationDraft) -> Entered:
    """Enter one value; see :func:`observation_enter_many`."""
    return observation_enter_many(
        actor,
        ObservationBatch(
            indicator=draft.indicator,
            places=[draft.place],
            periods=[draft.period],
            values=np.array([draft.value]),
            numerators=None if draft.numerator is None else np.array([draft.numerator]),
            denominators=None if draft.denominator is None else np.array([draft.denominator]),
            status=draft.status,
            run=draft.run,
        ),
    )


@transaction.atomic
def observation_enter_many(actor: Actor, batch: ObservationBatch) -> Entered:
    """Enter values: a new one as its first revision, a changed one as the next, an unchanged one not at all.

    Raises
    ------
    NotFound
        If there is no such indicator.
    PermissionDenied
        If one of the places is out of the actor's reach.
    DomainError
        If a place, period or value is not acceptable, or one place and period stand there twice.
    Conflict
        If someone else entered one of them in the same moment.

    Notes
    -----
    A fixed number of queries, and one insert per thousand rows. Enter all places of a sensitive indicator's period in
    one call: what is withheld is decided from the line as it stands, and what is public once limits later choices.
    """
    # What is withheld is decided from the whole line, so nobody may add to it meanwhile.
    hold()
    indicator = Indicator.objects.select_for_update().filter(code=batch.indicator).first()
    if indicator is None:
        message = _("There is no indicator with the code %(code)s.") % {"code": batch.indicator}
        raise NotFound(EvidenceCode.INDICATOR_UNKNOWN, message, {"indicator": batch.indicator}, field="indicator")
    for place in sorted(set(batch.places)):
        require(actor, Action.OBSERVATION_ENTER, place=place)
    rows = _rows(indicator, batch)
    before = _current(indicator, set(batch.periods))
    fresh = [row for row in rows if not _same(row, before.get((row.place, row.period)))]
    for row in fresh:
        old = before.get((row.place, row.period))
        row.revision = old.revision + 1 if old else 1
    revised = sum(1 for row in fresh if row.revision > 1)
    try:
        with transaction.atomic():
            Observation.objects.bulk_create(fresh, batch_size=_BATCH)
            unprotected = lines_withhold(indicator, before, fresh) if indicator.sensitive else 0
    except IntegrityError as error:
        message = _("Someone else entered one of these values in the same moment. Look again and repeat.")
        raise Conflict(EvidenceCode.WRITTEN_MEANWHILE, message, {"indicator": indicator.code}) from error
    if fresh:
        _record(actor, indicator, batch, {"rows": len(fresh), "revised": revised, "unprotected": unprotected})
    return Entered(new=len(fresh) - revised, revised=revised, same=len(rows) - len(fresh), unprotected=unprotected)


def _same(row: Observation, old: Observation | None) -> bool:
    return old is not None and all(
        getattr(row, name) == getattr(old, name) for name in ("value", "numerator", "denominator", "status")
    )


def _current(indicator: Indicator, periods: set[str]) -> Cells:
    rows = Observation.objects.filter(indicator=indicator, period__in=periods).order_by("revision")
    return {(row.place, row.period): row for row in rows}


def _rows(indicator: Indicator, batch: ObservationBatch) -> list[Observation]:
    size = len(batch.places)
    columns = {"values": batch.values, "numerators": batch.numerators, "denominators": batch.denominators}
    arrays = {
        name: np.full(size, np.nan) if array is None else np.asarray(array, float) for name, array in columns.items()
    }
    if len(batch.periods) != size or any(array.shape != (size,) for array in arrays.values()):
        raise DomainError(EvidenceCode.SHAPE_UNFIT, _("Every value needs one place and one period."))
    checks.choice(batch.status, ObservationStatus.values, field="status")
    checks.places_known(batch.places)
    for text in sorted(set(batch.periods)):
        _check_period(indicator, text)
    _check_numbers(indicator, batch, arrays)
    keys = list(zip(batch.places, batch.periods, strict=True))
    if len(set(keys)) != size:
        twice = next(key for position, key in enumerate(keys) if key in keys[:position])
        message = _("%(place)s, %(period)s stands there twice.") % {"place": twice[0], "period": twice[1]}
        raise DomainError(EvidenceCode.ENTERED_TWICE, message, {"place": twice[0], "period": twice[1]}, field="period")
    return [
        Observation(
            indicator=indicator,
            place=place,
            period=period,
            value=float(value),
            numerator=None if np.isnan(numerator) else float(numerator),
            denominator=None if np.isnan(denominator) else float(denominator),
            status=batch.status,
            run=batch.run,
        )
        for (place, period), value, numerator, denominator in zip(
            keys, arrays["values"], arrays["numerators"], arrays["denominators"], strict=True
        )
    ]


def _check_period(indicator: Indicator, text: str) -> None:
    if checks.period(text).frequency.value != indicator.frequency:
        message = _("%(indicator)s is observed %(frequency)s; %(text)s is another kind of period.") % {
            "indicator": indicator.name,
            "frequency": indicator.get_frequency_display(),
            "text": text,
        }
        raise DomainError(EvidenceCode.PERIOD_NOT_VALID, message, {"period": text}, field="period")


def _check_numbers(indicator: Indicator, batch: ObservationBatch, numbers: Mapping[str, NDArray[np.float64]]) -> None:
    values, numerators, denominators = numbers["values"], numbers["numerators"], numbers["denominators"]
    _refuse_where(
        ~np.isfinite(values) | np.isinf(numerators) | np.isinf(denominators),
        batch,
        (EvidenceCode.VALUE_NOT_FINITE, _("Every value must be a number."), "value"),
    )
    message = _("A denominator must be above zero.")
    _refuse_where(denominators <= 0, batch, (EvidenceCode.DENOMINATOR_NOT_POSITIVE, message, "denominator"))
    if not indicator.sensitive:
        return
    counts = np.where(np.isnan(numerators), values, numerators)
    message = _("%(indicator)s counts persons, so each value, or its numerator, must be a whole number.") % {
        "indicator": indicator.name
    }
    _refuse_where((counts < 0) | (counts != np.floor(counts)), batch, (EvidenceCode.COUNT_NOT_WHOLE, message, "value"))


def _refuse_where(wrong: NDArray[np.bool_], batch: ObservationBatch, refusal: tuple[EvidenceCode, str, str]) -> None:
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        code, message, field = refusal
        raise DomainError(code, message, {"place": batch.places[first], "period": batch.periods[first]}, field=field)


def _record(actor: Actor, indicator: Indicator, batch: ObservationBatch, figures: dict[str, int]) -> None:
    """Write what was entered to the log; small counts only under a keyed digest, since a plain one can be guessed."""
    digest = arrays_digest(
        {
            "place": np.array(batch.places, dtype=object),
            "period": np.array(batch.periods, dtype=object),
            "value": np.asarray(batch.values, dtype=float),
        }
    )
    if indicator.sensitive:
        digest = keyed_digest(digest)
    record(
        actor,
        Action.OBSERVATION_ENTER,
        target=indicator,
        detail={
            "indicator": indicator.code,
            **figures,
            "keyed": indicator.sensitive,
            "digest": digest,
            "run": str(batch.run.pk) if batch.run else None,
        },
    )
