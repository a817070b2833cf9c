"""The secret vote's use cases: prepare, freeze, issue, cast, key paper, sign heads, close, open."""

from madang.rooms.autonomy.services.ballots.casting import BallotDraft, ballot_cast, batch_enter
from madang.rooms.autonomy.services.ballots.closing import (
    ShareDraft,
    poll_close,
    poll_open,
    poll_open_check,
    share_post,
)
from madang.rooms.autonomy.services.ballots.codes import BallotCode
from madang.rooms.autonomy.services.ballots.explaining import poll_explain
from madang.rooms.autonomy.services.ballots.issuing import (
    PaperIssueDraft,
    SheetsDraft,
    TokenDraft,
    paper_issue,
    paper_print,
    token_issue,
)
from madang.rooms.autonomy.services.ballots.paper import Keyed, PaperDraft, paper_key
from madang.rooms.autonomy.services.ballots.polls import (
    PollDraft,
    TrusteeDraft,
    poll_freeze,
    poll_prepare,
    trustee_register,
)
from madang.rooms.autonomy.services.ballots.watching import HeadDraft, head_sign

__all__ = [
    "BallotCode",
    "BallotDraft",
    "HeadDraft",
    "Keyed",
    "PaperDraft",
    "PaperIssueDraft",
    "PollDraft",
    "ShareDraft",
    "SheetsDraft",
    "TokenDraft",
    "TrusteeDraft",
    "ballot_cast",
    "batch_enter",
    "head_sign",
    "paper_issue",
    "paper_key",
    "paper_print",
    "poll_close",
    "poll_explain",
    "poll_freeze",
    "poll_open",
    "poll_open_check",
    "poll_prepare",
    "share_post",
    "token_issue",
    "trustee_register",
]
