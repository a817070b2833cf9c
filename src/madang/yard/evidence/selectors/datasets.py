"""The rows of the open data, in the order and the columns of their declaration."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from madang.yard.evidence.formats.declaration import DOCUMENTS, INDICATORS, MOVES, OBSERVATIONS, SIGNALS
from madang.yard.evidence.models import Document, Indicator, Signal, SignalMove
from madang.yard.evidence.selectors.observations import published_all
from madang.yard.places.models import District, Dong

Rows = Iterator[Sequence[object]]

_CHUNK = 5000


def _indicators() -> Rows:
    for row in Indicator.objects.order_by("code"):
        yield (
            row.code,
            row.room,
            row.name_ko,
            row.name_en,
            row.unit,
            row.definition_ko,
            row.definition_en,
            row.source_ko,
            row.source_en,
            row.direction,
            row.frequency,
            row.aggregation,
            row.sensitive,
            row.threshold if row.sensitive else None,
            ";".join(f"{period}={value:g}" for period, value in row.target_path) or None,
        )


def _observations() -> Rows:
    codes = dict(Indicator.objects.values_list("pk", "code"))
    names = dict(District.objects.values_list("code", "name_ko")) | dict(Dong.objects.values_list("code", "name_ko"))
    for value in published_all(_CHUNK):
        yield (
            codes[value.indicator],
            value.period,
            value.place,
            names.get(value.place),
            value.value,
            value.numerator,
            value.denominator,
            value.withheld,
            value.status,
            value.revision,
            str(value.run) if value.run else None,
        )


def _signals() -> Rows:
    columns = ("pk", "room", "place", "topic", "text_ko", "text_en", "severity", "state", "raised_at")
    yield from Signal.objects.order_by("pk").values_list(*columns).iterator(chunk_size=_CHUNK)


def _moves() -> Rows:
    columns = ("pk", "signal_id", "from_state", "to_state", "reason", "role", "at")
    for key, signal, before, *rest in SignalMove.objects.order_by("pk").values_list(*columns).iterator(_CHUNK):
        yield (key, signal, before or None, *rest)


def _documents() -> Rows:
    columns = ("sha256", "title", "size_bytes", "media_type", "place", "filed_at")
    yield from Document.objects.order_by("sha256").values_list(*columns).iterator(chunk_size=_CHUNK)


# What each dataset holds now; small counts withheld, nobody named.
DATASET_ROWS: Mapping[str, Callable[[], Rows]] = MappingProxyType(
    {
        INDICATORS.code: _indicators,
        OBSERVATIONS.code: _observations,
        SIGNALS.code: _signals,
        MOVES.code: _moves,
        DOCUMENTS.code: _documents,
    }
)
