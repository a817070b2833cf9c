"""What the climate room puts into the evidence now: electricity in homes, and homes that are not cooled in summer."""

import numpy as np
from django.db import transaction

from madang.rooms.climate.bridge import UNCOOLED_CODE, homes_inputs, use_inputs
from madang.rooms.climate.engine.homes import ENGINE, USE_ENGINE, VERSION, uncooled_homes_json, use_json
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.models import Run
from madang.yard.audit.services import Computation, run_perform
from madang.yard.evidence.models import FrequencyChoice, Indicator, ObservationStatus, Room, Severity
from madang.yard.evidence.services import (
    IndicatorDraft,
    ObservationBatch,
    ObservationDraft,
    SignalDraft,
    indicator_define,
    observation_enter,
    observation_enter_many,
    signal_raise,
)
from madang.yard.people.engine.population import REFERENCE_DATE, Population
from madang.yard.places.selectors import dong_get

UNCOOLED = IndicatorDraft(
    code=UNCOOLED_CODE,
    room=Room.CLIMATE.value,
    name_ko="여름에 냉방을 거의 하지 않는 홀로 사는 어르신 집",
    name_en="Homes of older residents living alone that are hardly cooled in summer",
    unit="households",
    definition_ko="홀로 사는 65세 이상 주민의 집 가운데 7·8월 전기 사용이 4·5월보다 25 % 넘게 늘지 않는 집의 수",
    definition_en="Homes of residents of 65 and over living alone whose use of electricity in July and August is less"
    " than 25% above that of April and May",
    source_ko="예시 인구의 전기 사용량에서 계산",
    source_en="Computed from the sample population's electricity use",
    direction="down",
    frequency=FrequencyChoice.YEAR.value,
    decimals=0,
    sensitive=True,
)
USE = "climate.household-electricity"
FOUND = 1


@transaction.atomic
def homes_observe(actor: Actor, population: Population) -> Run:
    """Enter how many homes of older residents living alone are not cooled in each dong of a sample; signal the most.

    Returns
    -------
    Run
        The computation; it keeps what the population was made from, not the small counts.
    """
    require(actor, Action.OBSERVATION_ENTER, place=population.district)
    inputs = homes_inputs(population)
    parameters = {"found": FOUND, "threshold": UNCOOLED.threshold, **population.origin}
    computation = Computation(engine=ENGINE, version=VERSION, inputs=inputs, parameters=parameters, keep=False)
    run, result = run_perform(actor, computation, uncooled_homes_json)
    indicator_define(actor, UNCOOLED)
    rows = [(code, few) for code, _homes, few in inputs["dongs"]]
    rows.append((population.district, result["uncooled"]))
    batch = ObservationBatch(
        indicator=UNCOOLED.code,
        places=[row[0] for row in rows],
        periods=[REFERENCE_DATE[:4]] * len(rows),
        values=np.array([row[1] for row in rows], np.float64),
        status=ObservationStatus.SAMPLE.value,
        run=run,
    )
    observation_enter_many(actor, batch)
    counts = dict(rows)
    for code in result["most"]:
        dong = dong_get(code)
        signal_raise(
            actor,
            SignalDraft(
                key=f"climate:uncooled-elders:{code}:{REFERENCE_DATE[:4]}",
                room=Room.CLIMATE.value,
                place=code,
                topic="uncooled-elders",
                text_ko=f"{dong.name_ko}: 여름에도 냉방을 거의 하지 않는 홀로 사는 어르신 집 {counts[code]:,}곳",
                text_en=f"{dong.name_en}: {counts[code]:,} homes of older people living alone, hardly cooled in summer",
                severity=Severity.WARNING,
                evidence={"runs": [str(run.pk)]},
            ),
        )
    return run


@transaction.atomic
def use_observe(actor: Actor, population: Population) -> Run | None:
    """Enter the electricity a resident uses at home, for the pledge that promises less; None where nothing asks."""
    require(actor, Action.OBSERVATION_ENTER, place=population.district)
    inputs = use_inputs(population)
    if not inputs["persons"] or not Indicator.objects.filter(code=USE).exists():
        return None
    computation = Computation(engine=USE_ENGINE, version=VERSION, inputs=inputs, parameters=population.origin)
    run, result = run_perform(actor, computation, use_json)
    draft = ObservationDraft(
        indicator=USE,
        place=population.district,
        period=REFERENCE_DATE[:4],
        value=result["kwh_a_resident"],
        status=ObservationStatus.SAMPLE.value,
        run=run,
    )
    observation_enter(actor, draft)
    return run
