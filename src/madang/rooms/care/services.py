"""What the care room puts into the evidence now: older residents who live alone, and a signal where most do."""

import numpy as np
from django.db import transaction

from madang.rooms.care.bridge import ELDERS_ALONE_CODE, elders_inputs
from madang.rooms.care.engine.elders import ENGINE, VERSION, elders_alone_json
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.models import Run
from madang.yard.audit.services import Computation, run_perform
from madang.yard.evidence.models import FrequencyChoice, ObservationStatus, Room, Severity
from madang.yard.evidence.services import (
    IndicatorDraft,
    ObservationBatch,
    SignalDraft,
    indicator_define,
    observation_enter_many,
    signal_raise,
)
from madang.yard.people.engine.population import REFERENCE_DATE, Population
from madang.yard.places.selectors import dong_get

ELDERS_ALONE = IndicatorDraft(
    code=ELDERS_ALONE_CODE,
    room=Room.CARE.value,
    name_ko="홀로 사는 65세 이상 주민",
    name_en="Residents of 65 and over who live alone",
    unit="persons",
    definition_ko="한 사람 가구인 65세 이상 주민의 수",
    definition_en="Residents of 65 and over in households of one person",
    source_ko="예시 인구에서 계산",
    source_en="Computed from the sample population",
    direction="down",
    frequency=FrequencyChoice.YEAR.value,
    decimals=0,
    sensitive=True,
)
FOUND = 1


@transaction.atomic
def elders_observe(actor: Actor, population: Population) -> Run:
    """Enter how many older residents live alone in each dong of a sample, and raise a signal where most do.

    Returns
    -------
    Run
        The computation; it keeps what the population was made from, not the small counts.
    """
    require(actor, Action.OBSERVATION_ENTER, place=population.district)
    inputs = elders_inputs(population)
    parameters = {"found": FOUND, "threshold": ELDERS_ALONE.threshold, **population.origin}
    computation = Computation(engine=ENGINE, version=VERSION, inputs=inputs, parameters=parameters, keep=False)
    run, result = run_perform(actor, computation, elders_alone_json)
    indicator_define(actor, ELDERS_ALONE)
    rows = [*((code, alone, elders) for code, elders, alone in inputs["dongs"])]
    rows.append((population.district, result["alone"], result["elders"]))
    batch = ObservationBatch(
        indicator=ELDERS_ALONE.code,
        places=[row[0] for row in rows],
        periods=[REFERENCE_DATE[:4]] * len(rows),
        values=np.array([row[1] for row in rows], np.float64),
        status=ObservationStatus.SAMPLE.value,
        run=run,
    )
    observation_enter_many(actor, batch)
    counts = {code: alone for code, _elders, alone in inputs["dongs"]}
    for code in result["most"]:
        dong = dong_get(code)
        signal_raise(
            actor,
            SignalDraft(
                key=f"care:elders-alone:{code}:{REFERENCE_DATE[:4]}",
                room=Room.CARE.value,
                place=code,
                topic="elders-alone",
                text_ko=f"{dong.name_ko}: 홀로 사는 어르신 {counts[code]:,}명, 구에서 가장 많음",
                text_en=f"{dong.name_en}: {counts[code]:,} older residents live alone, the most in the district",
                severity=Severity.WARNING,
                evidence={"runs": [str(run.pk)]},
            ),
        )
    return run
