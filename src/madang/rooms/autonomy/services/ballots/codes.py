"""What a service of the vote can refuse for, and how every one of them finds its poll."""

from enum import StrEnum

from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict
from madang.rooms.autonomy.models import Poll, PollState
from madang.rooms.autonomy.selectors.ballots import poll_unknown


class BallotCode(StrEnum):
    """What a service of the vote can refuse for."""

    AGE_UNKNOWN = "age_unknown"
    BALLOT_FORM = "ballot_form"
    BALLOT_SEALED = "ballot_sealed"
    BALLOT_SIGNATURE = "ballot_signature"
    BALLOT_TURN = "ballot_turn"
    BUDGET_DIFFERS = "budget_differs"
    CHOICE_NOT_VALID = "choice_not_valid"
    HEAD_UNKNOWN = "head_unknown"
    HEAD_UNSIGNED = "head_unsigned"
    KEY_NOT_VALID = "key_not_valid"
    MANIFEST_NOT_VALID = "manifest_not_valid"
    NO_PROJECTS = "no_projects"
    NOT_A_TRUSTEE = "not_a_trustee"
    NUMBERS_NOT_VALID = "numbers_not_valid"
    PAPER_HALF_KEYED = "paper_half_keyed"
    PERSON_ELSEWHERE = "person_elsewhere"
    POLL_STATE = "poll_state"
    PROJECTS_CHANGED = "projects_changed"
    RESULT_NOT_READY = "result_not_ready"
    SECOND_PERSON_NEEDED = "second_person_needed"
    SHARE_NOT_VALID = "share_not_valid"
    SHARES_MISSING = "shares_missing"
    SHEET_ENTERED = "sheet_entered"
    SHEET_UNKNOWN = "sheet_unknown"
    SHEETS_OVER_ISSUED = "sheets_over_issued"
    SIGNATURE_NOT_VALID = "signature_not_valid"
    TOKEN_TAKEN = "token_taken"  # noqa: S105  # the name of a refusal
    TOO_YOUNG = "too_young"
    TRUSTEES_MISSING = "trustees_missing"
    TURN_OLD = "turn_old"
    TURN_TAKEN = "turn_taken"


def poll_locked(code: str) -> Poll:
    """Return a poll that nobody else changes until the transaction ends."""
    poll = Poll.objects.select_for_update().filter(code=code).first()
    if poll is None:
        raise poll_unknown()
    return poll


def state_required(poll: Poll, *states: PollState) -> None:
    """Refuse where a poll is not in one of the states.

    Raises
    ------
    Conflict
        With the state as data.
    """
    if poll.state in {state.value for state in states}:
        return
    messages = {
        PollState.DRAFT.value: _("The rules of this vote are not fixed yet."),
        PollState.FROZEN.value: _("The rules of this vote are fixed and it is not closed yet."),
        PollState.CLOSED.value: _("This vote is closed."),
        PollState.OPENED.value: _("This vote is counted; nothing of it changes any more."),
    }
    raise Conflict(BallotCode.POLL_STATE, messages[poll.state], {"state": poll.state})
