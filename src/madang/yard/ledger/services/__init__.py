"""Everything that can be written to the ledger: one function a use case."""

from madang.yard.ledger.services.drafts import (
    AppropriationDraft,
    CommitmentDraft,
    ExpenditureDraft,
    FundDraft,
    ImportDraft,
    LineDraft,
    MoneyDraft,
    ProgrammeDraft,
    ReleaseDraft,
    RevenueDraft,
    ReversalDraft,
    TransferDraft,
)
from madang.yard.ledger.services.funds import fund_open, programme_open, revenue_enter
from madang.yard.ledger.services.imports import ImportReport, ledger_import
from madang.yard.ledger.services.lines import appropriation_enter, line_open, transfer_enter
from madang.yard.ledger.services.recomputing import ledger_recompute
from madang.yard.ledger.services.refusals import LedgerCode
from madang.yard.ledger.services.spending import (
    commitment_enter,
    commitment_release,
    entry_reverse,
    expenditure_enter,
)

__all__ = [
    "AppropriationDraft",
    "CommitmentDraft",
    "ExpenditureDraft",
    "FundDraft",
    "ImportDraft",
    "ImportReport",
    "LedgerCode",
    "LineDraft",
    "MoneyDraft",
    "ProgrammeDraft",
    "ReleaseDraft",
    "RevenueDraft",
    "ReversalDraft",
    "TransferDraft",
    "appropriation_enter",
    "commitment_enter",
    "commitment_release",
    "entry_reverse",
    "expenditure_enter",
    "fund_open",
    "ledger_import",
    "ledger_recompute",
    "line_open",
    "programme_open",
    "revenue_enter",
    "transfer_enter",
]
