"""The records of resident autonomy: one file a subject."""

from madang.rooms.autonomy.models.agenda import (
    MAX_TEXT,
    AgendaItem,
    AgendaMove,
    AnswerOutcome,
    Category,
    Channel,
    Decision,
    Issue,
    MatterState,
)
from madang.rooms.autonomy.models.assembly import Assembly, AssemblyPhase, PhaseName

__all__ = [
    "MAX_TEXT",
    "AgendaItem",
    "AgendaMove",
    "AnswerOutcome",
    "Assembly",
    "AssemblyPhase",
    "Category",
    "Channel",
    "Decision",
    "Issue",
    "MatterState",
    "PhaseName",
]
