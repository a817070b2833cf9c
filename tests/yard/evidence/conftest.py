"""A small district with indicators, some of which count persons."""

from dataclasses import replace

import numpy as np
import pytest

from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.evidence.models import Indicator, Severity, Signal
from madang.yard.evidence.services import (
    IndicatorDraft,
    ObservationBatch,
    SignalDraft,
    indicator_define,
    observation_enter_many,
    signal_raise,
)
from madang.yard.places.models import District, Dong

DISTRICT = "29140"
DONGS = ("2914010100", "2914010200", "2914010300", "2914010400")
PLACES = (DISTRICT, *DONGS)


@pytest.fixture
def district(db: None) -> District:
    """Return a district of four dongs."""
    found = District.objects.create(
        code=DISTRICT,
        name_ko="서구",
        name_en="Seo-gu",
        sido_ko="광주광역시",
        sido_en="Gwangju",
        source="test",
        boundary_digest="0" * 64,
        area_m2=1.0,
        map_width=100,
        map_height=100,
    )
    names = (
        ("양동", "Yang-dong"),
        ("농성동", "Nongseong-dong"),
        ("광천동", "Gwangcheon-dong"),
        ("유촌동", "Yuchon-dong"),
    )
    Dong.objects.bulk_create(
        Dong(
            district=found,
            code=code,
            name_ko=korean,
            name_en=english,
            boundary=b"",
            outline="M0,0",
            label_x=1.0,
            label_y=1.0,
            lon=126.8,
            lat=35.1,
            area_m2=1.0,
        )
        for code, (korean, english) in zip(DONGS, names, strict=True)
    )
    return found


RATE = IndicatorDraft(
    code="autonomy.heard-in-time",
    room="autonomy",
    name_ko="7일 안에 다룬 주민 의견",
    name_en="Reports answered within seven days",
    unit="percent",
    definition_ko="받은 날부터 7일 안에 답을 받은 의견의 비율",
    definition_en="Share of reports answered within seven days",
    source_ko="의제 기록",
    source_en="Agenda records",
    direction="up",
    targets=(("2026-01", 0.0), ("2026-12", 80.0)),
)
PERSONS = replace(
    RATE,
    code="health.cases",
    room="health",
    name_ko="감염병 환자",
    name_en="Infectious disease cases",
    unit="persons",
    definition_ko="신고된 환자 수",
    definition_en="Reported cases",
    source_ko="보건소",
    source_en="Public health centre",
    direction="down",
    aggregation="sum",
    decimals=0,
    sensitive=True,
    targets=(),
)


@pytest.fixture
def rate(district: District) -> Indicator:
    """Return an indicator that anyone may see."""
    return indicator_define(SYSTEM, RATE)


@pytest.fixture
def persons(district: District) -> Indicator:
    """Return an indicator that counts persons, shown from five on."""
    return indicator_define(SYSTEM, PERSONS)


@pytest.fixture
def officer() -> Actor:
    """Return an officer of the first dong."""
    return Actor(role=Role.DONG_OFFICER, place=DONGS[0], user="officer")


@pytest.fixture
def health_officer() -> Actor:
    """Return a health officer of the whole district."""
    return Actor(role=Role.HEALTH_OFFICER, place=DISTRICT, user="health")


def line(indicator: Indicator, period: str, counts: list[int], *, places: tuple[str, ...] = PLACES) -> None:
    """Enter one period: the district first, then its dongs."""
    observation_enter_many(
        SYSTEM,
        ObservationBatch(
            indicator=indicator.code,
            places=list(places),
            periods=[period] * len(places),
            values=np.array(counts, dtype=float),
        ),
    )


SIGNAL = SignalDraft(
    key="heat:2026-07:2914010100",
    room="climate",
    place=DONGS[0],
    topic="heat-exposed-block",
    text_ko="폭염에 노출된 구역이 있습니다.",
    text_en="A block is exposed to heat.",
    severity=Severity.WARNING,
)


@pytest.fixture
def signal(district: District) -> Signal:
    """Return a signal about the first dong."""
    return signal_raise(SYSTEM, SIGNAL)
