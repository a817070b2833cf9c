"""What the health room puts into the evidence now: a first line of each dong's health profile."""

import numpy as np
from django.db import transaction
from django.utils import timezone

from madang.rooms.health.bridge import SEVERAL_CODE, profile_inputs
from madang.rooms.health.engine.profile import (
    ENGINE,
    PUBLISHED_ENGINE,
    VERSION,
    published_share_json,
    several_conditions_json,
)
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.models import Run
from madang.yard.audit.services import Computation, run_perform
from madang.yard.evidence.models import FrequencyChoice, Indicator, ObservationStatus, Room, Severity
from madang.yard.evidence.selectors import indicator_get, latest_by_place
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
from madang.yard.places.selectors import district_current, dong_get

SEVERAL = IndicatorDraft(
    code=SEVERAL_CODE,
    room=Room.HEALTH.value,
    name_ko="만성질환이 둘 이상인 성인",
    name_en="Adults with two or more chronic conditions",
    unit="percent",
    definition_ko="20세 이상 주민 가운데 만성질환이 둘 이상인 사람의 비율",
    definition_en="Share of residents of 20 and over who have two or more chronic conditions",
    source_ko="예시 인구에서 계산",
    source_en="Computed from the sample population",
    direction="down",
    frequency=FrequencyChoice.YEAR.value,
    sensitive=True,
)
PROFILES = "health.profiles"


@transaction.atomic
def profile_observe(actor: Actor, population: Population) -> Run:
    """Enter the share of adults with several conditions in each dong of a sample; signal what age does not explain.

    Returns
    -------
    Run
        The computation; it keeps what the population was made from, not the small counts.
    """
    require(actor, Action.OBSERVATION_ENTER, place=population.district)
    inputs = profile_inputs(population)
    computation = Computation(engine=ENGINE, version=VERSION, inputs=inputs, parameters=population.origin, keep=False)
    run, result = run_perform(actor, computation, several_conditions_json)
    indicator_define(actor, SEVERAL)
    rows = [(code, sum(cases), sum(persons)) for code, persons, cases in inputs["dongs"]]
    rows.append((population.district, sum(row[1] for row in rows), sum(row[2] for row in rows)))
    rows = [row for row in rows if row[2] > 0]
    cases, persons = (np.array([row[column] for row in rows], np.float64) for column in (1, 2))
    batch = ObservationBatch(
        indicator=SEVERAL.code,
        places=[row[0] for row in rows],
        periods=[REFERENCE_DATE[:4]] * len(rows),
        values=100 * cases / persons,
        numerators=cases,
        denominators=persons,
        status=ObservationStatus.SAMPLE.value,
        run=run,
    )
    observation_enter_many(actor, batch)
    for found in result["dongs"]:
        if found["code"] in result["above"]:
            _raise(actor, run, found)
    return run


def _raise(actor: Actor, run: Run, found: dict[str, float | str]) -> None:
    code, more = str(found["code"]), round(100 * (float(found["ratio"]) - 1))
    dong = dong_get(code)
    signal_raise(
        actor,
        SignalDraft(
            key=f"health:several-conditions:{code}:{REFERENCE_DATE[:4]}",
            room=Room.HEALTH.value,
            place=code,
            topic="several-conditions",
            text_ko=f"{dong.name_ko}: 나이를 고려해도 만성질환이 둘 이상인 주민이 {more} % 더 많음",
            text_en=f"{dong.name_en}: {more}% more residents with several chronic conditions than their ages explain",
            severity=Severity.NOTICE,
            evidence={"runs": [str(run.pk)]},
        ),
    )


@transaction.atomic
def profiles_count(actor: Actor) -> Run | None:
    """Enter in how many dongs the profile is published, for the pledge that promises it; None where nothing asks."""
    district = district_current()
    require(actor, Action.OBSERVATION_ENTER, place=district.code)
    if not Indicator.objects.filter(code=PROFILES).exists():
        return None
    values = latest_by_place(indicator_get(SEVERAL.code))
    codes = list(district.dongs.values_list("code", flat=True))
    published = [code for code in codes if code in values and not values[code].withheld]
    computation = Computation(engine=PUBLISHED_ENGINE, version=VERSION, inputs={"dongs": codes, "published": published})
    run, result = run_perform(actor, computation, published_share_json)
    draft = ObservationDraft(
        indicator=PROFILES,
        place=district.code,
        period=f"{timezone.localdate():%Y-%m}",
        value=result["percent"],
        numerator=result["part"],
        denominator=result["whole"],
        status=(ObservationStatus.SAMPLE if district.is_sample else ObservationStatus.MEASURED).value,
        run=run,
    )
    observation_enter(actor, draft)
    return run
