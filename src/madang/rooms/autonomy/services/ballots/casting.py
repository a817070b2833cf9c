"""Taking a ballot in: kept at once, acknowledged by its receipt, and let into the box in company."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, EngineInputError
from madang.rooms.autonomy.engine.ballots.box import Header, body_fault, link, receipt, sealed_hash
from madang.rooms.autonomy.engine.ballots.encoding import canonical, unb64
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.models import BoxEntry, Poll, PollState, WaitingBallot
from madang.rooms.autonomy.selectors.ballots import (
    Receipt,
    ReceiptState,
    box_state,
    is_frozen,
    poll_header,
    poll_unknown,
    receipt_find,
)
from madang.rooms.autonomy.services.assembly import open_required
from madang.rooms.autonomy.services.ballots.codes import BallotCode, poll_locked, state_required
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotDraft:
    """A ballot as it comes in; from nobody.

    Attributes
    ----------
    poll : str
        Code of the poll.
    body : mapping
        What is published of it, as `docs/reference/ballot-box.md` says.
    sealed : str
        The sealed choice in base64url.
    """

    poll: str
    body: Mapping[str, Any]
    sealed: str


def ballot_cast(actor: Actor, draft: BallotDraft) -> Receipt:
    """Keep a ballot and return its receipt; the same ballot again gives the same receipt.

    Raises
    ------
    NotFound
        If there is no such poll.
    DomainError
        With code `ballot_form`, `ballot_turn`, `ballot_signature` or `ballot_sealed` if the ballot is not sound.
    Conflict
        If voting is not open, or the token has voted with this turn (`turn_taken`) or a later one (`turn_old`).

    Notes
    -----
    Durable when it returns. Nothing of who asks is read, and no moment is written: not here, and not in the audit log,
    which gets one record for each batch that enters the box.
    """
    require(actor, Action.BALLOT_CAST)
    poll = _poll_taking(draft.poll)
    header = poll_header(poll)
    wanted = _checked(poll, header, draft)
    with transaction.atomic():
        locked = poll_locked(draft.poll)
        if _stands(wanted):
            return receipt_find(locked, wanted.digest)
        state_required(locked, PollState.FROZEN)
        open_required(poll.assembly, Deed.CAST)
        wanted.save(force_insert=True)
        full = locked.waiting.count() >= locked.batch
    if full:
        batch_enter(actor, draft.poll)
        return receipt_find(poll, wanted.digest)
    # What was just written needs not be read again.
    return Receipt(
        receipt=wanted.digest,
        state=ReceiptState.WAITING,
        seq=None,
        replaced_by=None,
        reason="",
        body=dict(draft.body),
    )


def batch_enter(actor: Actor, code: str) -> int:
    """Let the waiting ballots into the box if there are enough of them; return how many went in.

    Raises
    ------
    NotFound
        If there is no such poll.

    Notes
    -----
    They enter in the order of their digests, which says nothing of the order in which they came. The log of writes is
    cut afterwards, because it holds them one by one.
    """
    require(actor, Action.BALLOT_CAST)
    with transaction.atomic():
        hold()
        poll = poll_locked(code)
        if not is_frozen(poll) or poll.waiting.count() < poll.batch:
            return 0
        entered = waiting_flush(poll)
        state = box_state(poll)
        detail = {"entries": state.entries, "head": state.head, "entered": entered}
        record(actor, Action.BALLOT_CAST, target=poll, detail=detail)
        transaction.on_commit(writes_forget)
    return entered


def waiting_flush(poll: Poll) -> int:
    """Move every waiting ballot of a locked poll into its box; return how many there were."""
    if connection.vendor == "sqlite":
        # What is deleted is overwritten, so that nothing of a waiting ballot stays behind in the file.
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    rows = list(WaitingBallot.objects.filter(poll=poll).order_by("digest"))
    entries_append(poll, rows)
    WaitingBallot.objects.filter(poll=poll, digest__in=[row.digest for row in rows]).delete()
    return len(rows)


def entries_append(poll: Poll, rows: list[WaitingBallot]) -> None:
    """Append ballots to the box of a locked poll in the order given."""
    last = BoxEntry.objects.filter(poll=poll).order_by("-seq").values_list("seq", "hash").first()
    seq, previous = last or (0, poll_header(poll).genesis)
    entries = []
    for row in rows:
        seq += 1
        previous = link(previous, seq, json.loads(row.body))
        entries.append(
            BoxEntry(
                poll=poll, seq=seq, receipt=row.digest, voter=row.voter, turn=row.turn, body=row.body, hash=previous,
                sealed=row.sealed,
            )
        )  # fmt: skip
    BoxEntry.objects.bulk_create(entries, batch_size=100)


def writes_forget() -> None:
    """Cut SQLite's log of writes, in which ballots and tokens stand in the order in which they came.

    Where somebody is reading it cannot be cut now; the next batch tries again.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (patience,) = cursor.fetchone()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")


def _checked(poll: Poll, header: Header, draft: BallotDraft) -> WaitingBallot:
    body = dict(draft.body)
    fault = "form" if body.get("kind") != "ballot" else body_fault(header, body)
    if fault:
        messages = {
            "form": _("This ballot cannot be read. Open the page again and vote once more."),
            "turn": _("This ballot does not belong to its token."),
            "signature": _("The right to vote in this ballot was not given by the dong office for this vote."),
        }
        codes = {
            "form": BallotCode.BALLOT_FORM,
            "turn": BallotCode.BALLOT_TURN,
            "signature": BallotCode.BALLOT_SIGNATURE,
        }
        raise DomainError(codes[fault], messages[fault], field="body")
    try:
        sealed = unb64(draft.sealed, header.sealed_bytes)
    except EngineInputError as error:
        raise _unsealed() from error
    if sealed_hash(sealed) != body["sealed_hash"]:
        raise _unsealed()
    return WaitingBallot(
        digest=receipt(body),
        poll=poll,
        voter=body["token"],
        turn=body["turn"],
        body=canonical(body).decode(),
        sealed=sealed,
    )


def _unsealed() -> DomainError:
    message = _("What was sealed is not what the ballot says. Open the page again and vote once more.")
    return DomainError(BallotCode.BALLOT_SEALED, message, field="sealed")


def _poll_taking(code: str) -> Poll:
    poll = Poll.objects.select_related("assembly").prefetch_related("assembly__phases").filter(code=code).first()
    if poll is None:
        raise poll_unknown()
    return poll


def _stands(wanted: WaitingBallot) -> bool:
    """Return whether this very ballot was taken before, and refuse it where another one of its turn or a later was."""
    same = {"poll": wanted.poll_id, "voter": wanted.voter}
    before = [
        *WaitingBallot.objects.filter(**same).order_by().values_list("digest", "turn"),
        *BoxEntry.objects.filter(**same).order_by().values_list("receipt", "turn"),
    ]
    if any(digest == wanted.digest for digest, _turn in before):
        return True
    highest = max((turn for _digest, turn in before), default=0)
    data = {"turn": highest}
    if any(turn == wanted.turn for _digest, turn in before):
        raise Conflict(BallotCode.TURN_TAKEN, _("This token has voted with this turn already."), data, field="turn")
    if wanted.turn < highest:
        raise Conflict(BallotCode.TURN_OLD, _("A later ballot of this token stands already."), data, field="turn")
    return False
