"""Why the evidence refuses; programs branch on these codes."""

from enum import StrEnum


class EvidenceCode(StrEnum):
    """Stable codes of refusals."""

    CODE_NOT_VALID = "code_not_valid"
    CHOICE_UNKNOWN = "choice_unknown"
    TEXT_MISSING = "text_missing"
    TEXT_TOO_LONG = "text_too_long"
    PERSONAL_DATA = "personal_data"
    INDICATOR_UNKNOWN = "indicator_unknown"
    GUARD_LOOSENED = "guard_loosened"
    FREQUENCY_FIXED = "frequency_fixed"
    TARGETS_NOT_VALID = "targets_not_valid"
    PLACE_UNKNOWN = "place_unknown"
    PERIOD_NOT_VALID = "period_not_valid"
    VALUE_NOT_FINITE = "value_not_finite"
    COUNT_NOT_WHOLE = "count_not_whole"
    DENOMINATOR_NOT_POSITIVE = "denominator_not_positive"
    SHAPE_UNFIT = "shape_unfit"
    ENTERED_TWICE = "entered_twice"
    WRITTEN_MEANWHILE = "written_meanwhile"
    SIGNAL_UNKNOWN = "signal_unknown"
    SIGNAL_KEY_TAKEN = "signal_key_taken"
    MOVE_NOT_ALLOWED = "move_not_allowed"
    EVIDENCE_UNKNOWN = "evidence_unknown"
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    FILE_KIND_UNKNOWN = "file_kind_unknown"
    DOCUMENT_UNKNOWN = "document_unknown"
    DATASET_UNKNOWN = "dataset_unknown"
