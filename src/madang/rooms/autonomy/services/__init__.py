"""The agenda's use cases: report, take up, decide, answer, deliver."""

from madang.rooms.autonomy.services.agenda import (
    AnswerDraft,
    DecisionDraft,
    DeliveryDraft,
    TakeDraft,
    agenda_answer,
    agenda_decide,
    agenda_deliver,
    agenda_take,
)
from madang.rooms.autonomy.services.issues import (
    IssueAnswerDraft,
    IssueDraft,
    issue_answer,
    issue_read,
    issue_report,
)
from madang.rooms.autonomy.services.measures import agenda_measure
from madang.rooms.autonomy.services.photos import KeptPhoto, photo_bytes, photo_keep, photo_kept

__all__ = [
    "AnswerDraft",
    "DecisionDraft",
    "DeliveryDraft",
    "IssueAnswerDraft",
    "IssueDraft",
    "KeptPhoto",
    "TakeDraft",
    "agenda_answer",
    "agenda_decide",
    "agenda_deliver",
    "agenda_measure",
    "agenda_take",
    "issue_answer",
    "issue_read",
    "issue_report",
    "photo_bytes",
    "photo_keep",
    "photo_kept",
]
