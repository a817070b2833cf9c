"""The evidence, for programs. Small counts are withheld here as on the pages."""

import datetime as dt
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.pagination import LimitOffsetPagination, paginate

from madang.yard.evidence.models import Document, Indicator, Room, Signal, SignalMove, SignalState
from madang.yard.evidence.selectors import (
    SignalFilter,
    document_list,
    indicator_get,
    indicator_list,
    signal_get,
    signal_list,
)
from madang.yard.evidence.selectors.observations import PublishedRows, observations_current

router = Router()


class IndicatorOut(Schema):
    """What is measured, how, and the path that it should take."""

    code: str
    room: str
    name_ko: str
    name_en: str
    unit: str
    definition_ko: str
    definition_en: str
    source_ko: str
    source_en: str
    direction: str
    frequency: str
    aggregation: str
    sensitive: bool
    threshold: int
    target_path: list[tuple[str, float]]


class ObservationOut(Schema):
    """A value of an indicator; `value` and `numerator` are null where `withheld`."""

    indicator: str
    place: str
    period: str
    value: float | None
    numerator: float | None
    denominator: float | None
    withheld: bool
    status: str
    revision: int
    run: UUID | None


class SignalOut(Schema):
    """What a room found."""

    id: int
    room: str
    place: str
    topic: str
    text_ko: str
    text_en: str
    severity: int
    state: str
    raised_at: dt.datetime


class MoveOut(Schema):
    """A step of a signal."""

    from_state: str
    to_state: str
    reason: str
    role: str
    at: dt.datetime


class SignalWhole(SignalOut):
    """A signal with its evidence and its life."""

    evidence: dict[str, list[str]]
    steps: list[MoveOut]


class DocumentOut(Schema):
    """A document that evidence rests on."""

    sha256: str
    title: str
    size_bytes: int
    media_type: str
    place: str
    filed_at: dt.datetime


class ObservationQuery(Schema):
    """Which observations; a district's code finds its own values, `dongs=true` those of its dongs too."""

    indicator: str = ""
    place: str = Field("", max_length=10)
    dongs: bool = False
    since: str = Field("", max_length=10, description="First period, spelled as the indicator spells it.")
    until: str = Field("", max_length=10, description="Last period.")


@router.get("/indicators", response=list[IndicatorOut], summary="Indicators")
@paginate(LimitOffsetPagination)
def indicators(request: HttpRequest, q: str = "", room: Room | None = None) -> QuerySet[Indicator]:  # noqa: ARG001  # ninja's signature
    """List indicators by code."""
    return indicator_list(q, room.value if room else "")


@router.get("/indicators/{code}", response=IndicatorOut, summary="One indicator")
def indicator(request: HttpRequest, code: str) -> Indicator:  # noqa: ARG001
    """Return one indicator."""
    return indicator_get(code)


@router.get("/observations", response=list[ObservationOut], summary="Observations, small counts withheld")
@paginate(LimitOffsetPagination)
def observations(request: HttpRequest, wanted: Query[ObservationQuery]) -> PublishedRows:  # noqa: ARG001
    """List the newest revision of every value by indicator, period and place."""
    rows = observations_current()
    if wanted.indicator:
        rows = rows.filter(indicator=indicator_get(wanted.indicator))
    if wanted.place:
        rows = rows.filter(place__startswith=wanted.place) if wanted.dongs else rows.filter(place=wanted.place)
    if wanted.since:
        rows = rows.filter(period__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(period__lte=wanted.until)
    return PublishedRows(rows)


@router.get("/signals", response=list[SignalOut], summary="Signals")
@paginate(LimitOffsetPagination)
def signals(
    request: HttpRequest,  # noqa: ARG001
    q: str = "",
    room: Room | None = None,
    place: str = "",
    state: SignalState | None = None,
) -> QuerySet[Signal]:
    """List signals, the most urgent first; a district's code finds those of its dongs too."""
    return signal_list(
        SignalFilter(q=q, room=room.value if room else "", place=place, state=state.value if state else "")
    )


@router.get("/signals/{int:key}", response=SignalWhole, summary="One signal and its life")
def signal(request: HttpRequest, key: int) -> dict[str, object]:  # noqa: ARG001
    """Return one signal."""
    found, steps = signal_get(key)
    return {**SignalOut.from_orm(found).dict(), "evidence": found.evidence, "steps": [_step(step) for step in steps]}


def _step(step: SignalMove) -> dict[str, object]:
    return {name: getattr(step, name) for name in ("from_state", "to_state", "reason", "role", "at")}


@router.get("/documents", response=list[DocumentOut], summary="Documents, without their content")
@paginate(LimitOffsetPagination)
def documents(request: HttpRequest, q: str = "") -> QuerySet[Document]:  # noqa: ARG001
    """List documents, newest first."""
    return document_list(q)
