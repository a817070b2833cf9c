"""Reading the agenda: what the public sees, what a receipt opens, and what waits on an officer's desk."""

from madang.rooms.autonomy.selectors.agenda import (
    agenda_items,
    agenda_page,
    agenda_recent,
    agenda_rows,
    agenda_rules,
    decisions_recent,
    item_get,
    item_timeline,
    items_of_dong,
    open_counts,
)
from madang.rooms.autonomy.selectors.desk import Desk, desk_of, item_for_desk, merge_choices, signal_for_desk
from madang.rooms.autonomy.selectors.issues import (
    PublicFilter,
    issue_by_receipt,
    issue_public,
    issue_timeline,
    issues_public,
    waiting_counts,
)
from madang.rooms.autonomy.selectors.steps import Step, state_label

__all__ = [
    "Desk",
    "PublicFilter",
    "Step",
    "agenda_items",
    "agenda_page",
    "agenda_recent",
    "agenda_rows",
    "agenda_rules",
    "decisions_recent",
    "desk_of",
    "issue_by_receipt",
    "issue_public",
    "issue_timeline",
    "issues_public",
    "item_for_desk",
    "item_get",
    "item_timeline",
    "items_of_dong",
    "merge_choices",
    "open_counts",
    "signal_for_desk",
    "state_label",
    "waiting_counts",
]
