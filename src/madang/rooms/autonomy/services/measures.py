"""Measuring the agenda itself, for the pledge that promises it: computed from records by rule, never typed in."""

from django.db import transaction
from django.utils import timezone

from madang.rooms.autonomy.bridge import deciding_dongs, report_days
from madang.rooms.autonomy.engine.measures import (
    DECIDING_ENGINE,
    HEARD_ENGINE,
    VERSION,
    dongs_deciding_json,
    heard_in_time_json,
)
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.models import Run
from madang.yard.audit.services import Computation, run_perform
from madang.yard.evidence.models import Indicator, ObservationStatus
from madang.yard.evidence.services import ObservationDraft, observation_enter
from madang.yard.places.selectors import district_current

HEARD, DECIDING = "autonomy.heard-in-time", "autonomy.dongs-deciding"


@transaction.atomic
def agenda_measure(actor: Actor) -> list[Run]:
    """Enter this month's values of the agenda's two indicators, as far as they are defined and can be said.

    Returns
    -------
    list of Run
        One for each that was computed.
    """
    district = district_current()
    require(actor, Action.OBSERVATION_ENTER, place=district.code)
    today = timezone.localdate()
    computations = {
        HEARD: (
            Computation(
                engine=HEARD_ENGINE, version=VERSION, inputs={"as_of": today.isoformat(), "reports": report_days()}
            ),
            heard_in_time_json,
        ),
        DECIDING: (
            Computation(
                engine=DECIDING_ENGINE,
                version=VERSION,
                inputs={
                    "dongs": list(district.dongs.order_by("code").values_list("code", flat=True)),
                    "deciding": deciding_dongs(),
                },
            ),
            dongs_deciding_json,
        ),
    }
    defined = set(Indicator.objects.filter(code__in=computations).values_list("code", flat=True))
    runs = []
    for code, (computation, function) in computations.items():
        if code not in defined:
            continue
        run, result = run_perform(actor, computation, function)
        runs.append(run)
        if result["percent"] is not None:
            draft = ObservationDraft(
                indicator=code,
                place=district.code,
                period=f"{today:%Y-%m}",
                value=result["percent"],
                numerator=result["part"],
                denominator=result["whole"],
                status=(ObservationStatus.SAMPLE if district.is_sample else ObservationStatus.MEASURED).value,
                run=run,
            )
            observation_enter(actor, draft)
    return runs
