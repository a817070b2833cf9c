"""Reading pledges and projects."""

from madang.rooms.projects.selectors.board import (
    STATE_TONES,
    BoardRow,
    board,
    board_row,
    pledge_find,
    pledge_get,
    pledge_of_room,
)
from madang.rooms.projects.selectors.pledge import (
    IndicatorView,
    PledgeView,
    assessments_list,
    assessments_of,
    indicator_views,
    pledge_view,
)
from madang.rooms.projects.selectors.projects import (
    project_get,
    project_of_origin,
    projects_of_dong,
    projects_of_pledge,
)
from madang.rooms.projects.selectors.reasons import Sentence, sentences

__all__ = [
    "STATE_TONES",
    "BoardRow",
    "IndicatorView",
    "PledgeView",
    "Sentence",
    "assessments_list",
    "assessments_of",
    "board",
    "board_row",
    "indicator_views",
    "pledge_find",
    "pledge_get",
    "pledge_of_room",
    "pledge_view",
    "project_get",
    "project_of_origin",
    "projects_of_dong",
    "projects_of_pledge",
    "sentences",
]
