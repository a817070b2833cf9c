"""Everything that can be written to the evidence: one function a use case."""

from madang.yard.evidence.selectors.refusals import EvidenceCode
from madang.yard.evidence.services.datasets import dataset_export, dataset_publish
from madang.yard.evidence.services.documents import DocumentDraft, document_file
from madang.yard.evidence.services.imports import observation_import
from madang.yard.evidence.services.indicators import IndicatorDraft, indicator_define
from madang.yard.evidence.services.observations import (
    Entered,
    ObservationBatch,
    ObservationDraft,
    observation_enter,
    observation_enter_many,
)
from madang.yard.evidence.services.signals import (
    TRANSITIONS,
    SignalDraft,
    SignalMoveDraft,
    signal_move,
    signal_moves_open,
    signal_raise,
    signal_take,
)

__all__ = [
    "TRANSITIONS",
    "DocumentDraft",
    "Entered",
    "EvidenceCode",
    "IndicatorDraft",
    "ObservationBatch",
    "ObservationDraft",
    "SignalDraft",
    "SignalMoveDraft",
    "dataset_export",
    "dataset_publish",
    "document_file",
    "indicator_define",
    "observation_enter",
    "observation_enter_many",
    "observation_import",
    "signal_move",
    "signal_moves_open",
    "signal_raise",
    "signal_take",
]
