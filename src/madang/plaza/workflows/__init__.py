"""What reaches into several rooms at once: the one place of the plaza that writes."""

from madang.plaza.workflows.delivery import (
    Delivered,
    FundingDraft,
    ProjectDelivery,
    decision_fund,
    project_deliver,
)
from madang.plaza.workflows.first_cycle import first_cycle

__all__ = [
    "Delivered",
    "FundingDraft",
    "ProjectDelivery",
    "decision_fund",
    "first_cycle",
    "project_deliver",
]
