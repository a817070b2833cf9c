"""Paper ballots enter through two people: only what both read alike on a sheet goes into the box."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.engine.ballots.box import Header, paper_body, receipt
from madang.rooms.autonomy.engine.ballots.choice import NONCE_BYTES, choice_fault, commitment, plaintext
from madang.rooms.autonomy.engine.ballots.encoding import canonical
from madang.rooms.autonomy.engine.ballots.seal import sealed
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.models import (
    BoxEntry,
    PaperKeying,
    PaperSheet,
    Poll,
    PollState,
    SheetState,
    TokenIssued,
    VoteChannel,
    WaitingBallot,
)
from madang.rooms.autonomy.selectors.ballots import SHEET, poll_header
from madang.rooms.autonomy.services.assembly import open_required
from madang.rooms.autonomy.services.ballots.casting import batch_enter
from madang.rooms.autonomy.services.ballots.codes import BallotCode, poll_locked, state_required
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record


class Outcome(StrEnum):
    """What keying a sheet led to."""

    FIRST = "first"
    ENTERED = "entered"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDraft:
    """A sheet as somebody reads it; never shown in an error or a log.

    Attributes
    ----------
    poll : str
        Code of the poll.
    sheet : str
        The number printed on it.
    choice : mapping
        What it says, in the one form of a choice.
    """

    poll: str
    sheet: str
    choice: Mapping[str, Any]

    def __repr__(self) -> str:
        return "<PaperDraft>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """What keying led to; the receipt only where the sheet is now in the box or waits to enter it."""

    outcome: Outcome
    receipt: str = ""


def paper_key(actor: Actor, draft: PaperDraft) -> Keyed:
    """Key a sheet: the first reading is kept sealed, the second lets the ballot in if both agree.

    Raises
    ------
    NotFound
        If there is no such poll or sheet.
    DomainError
        If the choice is against the rules of the vote.
    Conflict
        If its time is not now, the sheet is in the box already, the same person would key it twice, or more sheets
        would enter than residents took.
    """
    with transaction.atomic():
        hold()
        poll = poll_locked(draft.poll)
        require(actor, Action.PAPER_KEY, place=poll.assembly.dong_id)
        keyed = _keyed(actor, poll, draft)
        detail = {"outcome": keyed.outcome.value, "poll": poll.code}
        record(actor, Action.PAPER_KEY, target=f"autonomy.papersheet:{_number(draft)}", detail=detail)
        full = poll.waiting.count() >= poll.batch
    if full:
        batch_enter(actor, draft.poll)
    return keyed


def _keyed(actor: Actor, poll: Poll, draft: PaperDraft) -> Keyed:
    state_required(poll, PollState.FROZEN)
    open_required(poll.assembly, Deed.KEY_PAPER)
    if not actor.user:
        raise PermissionDenied(BallotCode.SECOND_PERSON_NEEDED, _("Sign in to key a sheet."))
    sheet = _sheet(poll, draft)
    header = poll_header(poll)
    choice = json.loads(json.dumps(dict(draft.choice)))
    fault = choice_fault(choice, header.rules)
    if fault:
        raise DomainError(BallotCode.CHOICE_NOT_VALID, _fault_said(fault), {"fault": fault}, field="choice")
    first = PaperKeying.objects.filter(sheet=sheet).first()
    if first is None:
        PaperKeying.objects.create(sheet=sheet, user=actor.user, choice=canonical(choice).decode())
        _moved(sheet, SheetState.KEYED)
        return Keyed(outcome=Outcome.FIRST)
    if first.user == actor.user:
        message = _("You have keyed this sheet. Somebody else must key it a second time.")
        raise Conflict(BallotCode.SECOND_PERSON_NEEDED, message)
    same = first.choice == canonical(choice).decode()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    first.delete()
    sheet.rounds += 1
    _moved(sheet, SheetState.ENTERED if same else SheetState.PRINTED)
    if not same:
        return Keyed(outcome=Outcome.DIFFERENT)
    return Keyed(outcome=Outcome.ENTERED, receipt=_entered(poll, header, sheet, choice))


def _number(draft: PaperDraft) -> str:
    return "".join(draft.sheet.split()).upper()


def _sheet(poll: Poll, draft: PaperDraft) -> PaperSheet:
    sheet = PaperSheet.objects.select_for_update().filter(poll=poll, number=_number(draft)).first()
    if sheet is None:
        message = _("There is no sheet of this number in this vote. Look at the number again.")
        raise NotFound(BallotCode.SHEET_UNKNOWN, message, field="sheet")
    if sheet.state == SheetState.ENTERED.value:
        raise Conflict(BallotCode.SHEET_ENTERED, _("This sheet has entered the box already."), field="sheet")
    return sheet


def _moved(sheet: PaperSheet, state: SheetState) -> None:
    sheet.state = state.value
    sheet.save(update_fields=["state", "rounds"])


def _entered(poll: Poll, header: Header, sheet: PaperSheet, choice: dict[str, Any]) -> str:
    taken = TokenIssued.objects.filter(poll=poll, channel=VoteChannel.PAPER.value).count()
    inside = sum(
        rows.filter(poll=poll, voter__startswith=SHEET).count() for rows in (BoxEntry.objects, WaitingBallot.objects)
    )
    if inside >= taken:
        message = _("More sheets would enter than residents took. Look for the resident who is missing in the list.")
        raise Conflict(BallotCode.SHEETS_OVER_ISSUED, message, {"issued": taken, "entered": inside})
    nonce = secrets.token_bytes(NONCE_BYTES)
    closed = sealed(
        plaintext(choice, nonce, header.pad),
        header.seal,
        poll=header.poll,
        associated=sheet.number.encode(),
        random_bytes=secrets.token_bytes,
    )
    body = paper_body(sheet.number, commitment(choice, nonce), closed)
    digest = receipt(body)
    WaitingBallot.objects.create(
        digest=digest,
        poll=poll,
        voter=f"{SHEET}{sheet.number}",
        turn=1,
        body=canonical(body).decode(),
        sealed=closed,
    )
    return digest


def _fault_said(fault: str) -> str:
    return {
        "form": _("This is not a choice of this vote."),
        "project": _("One of the projects does not stand in this vote."),
        "order": _("A project is named twice, or they are not in their order."),
        "length": _("There are too many or too few projects on this sheet."),
        "points": _("One project has too many or too few points."),
        "sum_points": _("There are too many or too few points on this sheet."),
        "sum_cost": _("The projects cost more than the budget."),
    }[fault]
