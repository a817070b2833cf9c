"""The room's use cases, one file a subject: the agenda, the assembly, its proposals and its conversation."""

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
from madang.rooms.autonomy.services.arguments import ArgumentDraft, HideDraft, argument_hide, argument_make
from madang.rooms.autonomy.services.assembly import AssemblyDraft, CalendarDraft, assembly_call, assembly_reschedule
from madang.rooms.autonomy.services.conversation import (
    OpinionDraft,
    OpinionsDraft,
    StatementDraft,
    opinion_give,
    opinions_load,
    opinions_refresh,
    statement_hide,
    statement_make,
)
from madang.rooms.autonomy.services.issues import (
    IssueAnswerDraft,
    IssueDraft,
    issue_answer,
    issue_read,
    issue_report,
)
from madang.rooms.autonomy.services.measures import agenda_measure
from madang.rooms.autonomy.services.merging import MergeAnswerDraft, MergeOfferDraft, merge_answer, merge_offer
from madang.rooms.autonomy.services.photos import KeptPhoto, photo_bytes, photo_keep, photo_kept
from madang.rooms.autonomy.services.proposals import (
    EstimateDraft,
    ProposalAnswerDraft,
    ProposalDraft,
    proposal_answer,
    proposal_estimate,
    proposal_submit,
    proposal_withdraw,
)

__all__ = [
    "AnswerDraft",
    "ArgumentDraft",
    "AssemblyDraft",
    "CalendarDraft",
    "DecisionDraft",
    "DeliveryDraft",
    "EstimateDraft",
    "HideDraft",
    "IssueAnswerDraft",
    "IssueDraft",
    "KeptPhoto",
    "MergeAnswerDraft",
    "MergeOfferDraft",
    "OpinionDraft",
    "OpinionsDraft",
    "ProposalAnswerDraft",
    "ProposalDraft",
    "StatementDraft",
    "TakeDraft",
    "agenda_answer",
    "agenda_decide",
    "agenda_deliver",
    "agenda_measure",
    "agenda_take",
    "argument_hide",
    "argument_make",
    "assembly_call",
    "assembly_reschedule",
    "issue_answer",
    "issue_read",
    "issue_report",
    "merge_answer",
    "merge_offer",
    "opinion_give",
    "opinions_load",
    "opinions_refresh",
    "photo_bytes",
    "photo_keep",
    "photo_kept",
    "proposal_answer",
    "proposal_estimate",
    "proposal_submit",
    "proposal_withdraw",
    "statement_hide",
    "statement_make",
]
