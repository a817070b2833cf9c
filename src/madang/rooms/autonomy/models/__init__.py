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
from madang.rooms.autonomy.models.conversation import (
    MAX_STATEMENT,
    Opinion,
    OpinionView,
    Statement,
    StatementVote,
)
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
    "MAX_STATEMENT",
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
    "Opinion",
    "OpinionView",
    "PhaseName",
    "Proposal",
    "ProposalMove",
    "ProposalStateName",
    "Side",
    "Statement",
    "StatementVote",
]
