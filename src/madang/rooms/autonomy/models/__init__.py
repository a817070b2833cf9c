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
from madang.rooms.autonomy.models.proposals import (
    MAX_ARGUMENT,
    Argument,
    MergeOffer,
    OfferState,
    Proposal,
    ProposalMove,
    ProposalStateName,
    Side,
)

__all__ = [
    "MAX_ARGUMENT",
    "MAX_TEXT",
    "AgendaItem",
    "AgendaMove",
    "AnswerOutcome",
    "Argument",
    "Assembly",
    "AssemblyPhase",
    "Category",
    "Channel",
    "Decision",
    "Issue",
    "MatterState",
    "MergeOffer",
    "OfferState",
    "PhaseName",
    "Proposal",
    "ProposalMove",
    "ProposalStateName",
    "Side",
]
