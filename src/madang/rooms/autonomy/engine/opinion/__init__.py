"""Opinion groups in the manner of Polis: exact, without chance, and with a word on how firmly they stand."""

from madang.rooms.autonomy.engine.opinion.grouping import (
    VERSION,
    OpinionGroups,
    OpinionParameters,
    OpinionState,
    Stability,
    opinion_groups,
    opinion_stability,
    state_of,
)
from madang.rooms.autonomy.engine.opinion.replay import ENGINE, opinion_json, opinion_report, votes_of_json
from madang.rooms.autonomy.engine.opinion.statements import Side
from madang.rooms.autonomy.engine.opinion.votes import Votes, votes_gathered

__all__ = [
    "ENGINE",
    "VERSION",
    "OpinionGroups",
    "OpinionParameters",
    "OpinionState",
    "Side",
    "Stability",
    "Votes",
    "opinion_groups",
    "opinion_json",
    "opinion_report",
    "opinion_stability",
    "state_of",
    "votes_gathered",
    "votes_of_json",
]
