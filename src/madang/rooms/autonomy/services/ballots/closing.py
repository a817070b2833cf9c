"""Closing a vote, collecting the shares of its key, opening the ballots and counting them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, EngineInputError
from madang.rooms.autonomy.engine.ballots.box import Header, close_body, receipt
from madang.rooms.autonomy.engine.ballots.count import (
    COUNT_ENGINE,
    VERSION,
    count_inputs,
    count_json,
    result_stated,
)
from madang.rooms.autonomy.engine.ballots.encoding import b64, canonical, unb64
from madang.rooms.autonomy.engine.ballots.opening import opened
from madang.rooms.autonomy.engine.ballots.seal import SCALAR_BYTES, private_key, public_point, scalar_bytes
from madang.rooms.autonomy.engine.ballots.shares import combine, share_holds
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.models import (
    BallotOpening,
    BoxEntry,
    HeadSignature,
    Poll,
    PollState,
    PostedShare,
    SheetState,
    TokenIssued,
    VoteChannel,
    WaitingBallot,
)
from madang.rooms.autonomy.selectors.ballots import CLOSE, ballots_counted, box_state, poll_header, sheets_of
from madang.rooms.autonomy.services.assembly import open_required
from madang.rooms.autonomy.services.ballots.casting import entries_append, waiting_flush, writes_forget
from madang.rooms.autonomy.services.ballots.codes import BallotCode, poll_locked, state_required
from madang.rooms.autonomy.services.ballots.watching import trustee_acting
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import Computation, hold, record, run_perform

Progress = Callable[[float, str], None]
MOST_KEPT = 20_000
"""How many different ballots a run keeps; of more, the box itself is the record."""

_CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareDraft:
    """A trustee's share of the key, opened by the trustee.

    Attributes
    ----------
    poll : str
        Code of the poll.
    share : str
        32 bytes in base64url.
    trustee : int or None
        For which trustee the system speaks when it plays the council of a sample; nobody else may say it.
    """

    poll: str
    share: str
    trustee: int | None = None

    def __repr__(self) -> str:
        return "<ShareDraft>"


@transaction.atomic
def poll_close(actor: Actor, code: str) -> Poll:
    """Close a vote: the last ballots enter the box, and its last entry says how many rights to vote were given.

    Raises
    ------
    NotFound
        If there is no such poll.
    Conflict
        If its time is not now, or a sheet was keyed by one person only.

    Notes
    -----
    The key that signs tokens is forgotten here: nobody can give another right to vote afterwards.
    """
    hold()
    poll = poll_locked(code)
    require(actor, Action.POLL_CLOSE, place=poll.assembly.dong_id)
    state_required(poll, PollState.FROZEN)
    open_required(poll.assembly, Deed.CLOSE_POLL)
    half = sheets_of(poll, SheetState.KEYED).count()
    if half:
        message = _("%(count)d sheets were keyed by one person only. Key them a second time, then close the vote.")
        raise Conflict(BallotCode.PAPER_HALF_KEYED, message % {"count": half}, {"count": half})
    waiting_flush(poll)
    issued = {channel: TokenIssued.objects.filter(poll=poll, channel=channel.value).count() for channel in VoteChannel}
    body = close_body(box_state(poll).entries, issued[VoteChannel.PHONE], issued[VoteChannel.PAPER])
    row = WaitingBallot(digest=receipt(body), voter=CLOSE, turn=0, body=canonical(body).decode(), sealed=b"")
    entries_append(poll, [row])
    poll.state, poll.closed_at, poll.token_secret = PollState.CLOSED.value, timezone.now(), None
    poll.save(update_fields=["state", "closed_at", "token_secret"])
    state = box_state(poll)
    detail = {"entries": state.entries, "head": state.head, "issued": body["issued"]}
    record(actor, Action.POLL_CLOSE, target=poll, detail=detail)
    transaction.on_commit(writes_forget)
    return poll


@transaction.atomic
def share_post(actor: Actor, draft: ShareDraft) -> PostedShare:
    """Take a trustee's share after closing; checked against its public point, so that a wrong one is never used.

    Raises
    ------
    NotFound
        If there is no such poll.
    PermissionDenied
        If the actor is no trustee of it.
    Conflict
        If its time is not now, or the vote is not closed.
    DomainError
        If it is not the share that was dealt to the trustee.
    """
    hold()
    poll = poll_locked(draft.poll)
    require(actor, Action.POLL_OPEN, place=poll.assembly.dong_id)
    trustee = trustee_acting(actor, poll, draft.trustee)
    state_required(poll, PollState.CLOSED)
    open_required(poll.assembly, Deed.OPEN_BALLOTS)
    public = poll_header(poll).share_publics[trustee.number - 1]
    try:
        held = share_holds(int.from_bytes(unb64(draft.share, SCALAR_BYTES), "big"), public)
    except EngineInputError:
        held = False
    if not held:
        message = _("This is not the share that was given to you. Use the key file that you kept.")
        raise DomainError(BallotCode.SHARE_NOT_VALID, message, field="share")
    posted, made = PostedShare.objects.get_or_create(trustee=trustee, defaults={"share": draft.share})
    if made:
        record(actor, Action.POLL_OPEN, target=trustee, detail={"poll": poll.code, "trustee": trustee.number})
    return posted


@transaction.atomic
def poll_open(actor: Actor, code: str, progress: Progress | None = None) -> Poll:
    """Open the ballots with the shares that were given, count them by the frozen rule, and publish the result.

    Raises
    ------
    NotFound
        If there is no such poll.
    Conflict
        If its time is not now, the vote is not closed, shares are missing, or too few trustees signed the closed box.

    Notes
    -----
    About 150 microseconds a ballot; the same twice gives the same.
    """
    poll, header, scalar, signatures = _openable(actor, code)
    _open_all(poll, header, scalar, progress or _silent)
    inputs = count_inputs(header, ballots_counted(poll))
    computation = Computation(
        engine=COUNT_ENGINE,
        version=VERSION,
        inputs=inputs,
        parameters=poll.manifest,
        keep=len(inputs["ballots"]) <= MOST_KEPT,
    )
    run, result = run_perform(actor, computation, count_json)
    state = box_state(poll)
    invalid = BallotOpening.objects.filter(entry__poll=poll).exclude(reason="").order_by("entry__seq")
    closing = {
        "head": state.head,
        "seq": state.entries,
        "seal_private": b64(scalar_bytes(scalar)),
        "signatures": signatures,
        "invalid": [{"seq": seq, "reason": reason} for seq, reason in invalid.values_list("entry__seq", "reason")],
        "result": result_stated(result),
    }
    poll.closing = canonical({"closing": closing}).decode()
    poll.state, poll.opened_at, poll.run = PollState.OPENED.value, timezone.now(), run
    poll.save(update_fields=["closing", "state", "opened_at", "run"])
    detail = {"winners": result["winners"], "head": state.head, "run": str(run.pk)}
    record(actor, Action.POLL_OPEN, target=poll, detail=detail)
    return poll


@transaction.atomic
def poll_open_check(actor: Actor, code: str) -> Poll:
    """Return a closed vote whose ballots whoever acts may open now; nothing is opened.

    Raises
    ------
    NotFound, Conflict
        As `poll_open` does.
    """
    return _openable(actor, code)[0]


def _openable(actor: Actor, code: str) -> tuple[Poll, Header, int, list[dict[str, Any]]]:
    """Return a closed vote that the actor may open now: locked, with its header, its key and the heads' signatures."""
    hold()
    poll = poll_locked(code)
    require(actor, Action.POLL_OPEN, place=poll.assembly.dong_id)
    state_required(poll, PollState.CLOSED)
    open_required(poll.assembly, Deed.OPEN_BALLOTS)
    header = poll_header(poll)
    return poll, header, _combined(poll, header), _signatures(poll)


def _silent(_fraction: float, _step: str) -> None:
    return


def _combined(poll: Poll, header: Header) -> int:
    shares = {
        number: int.from_bytes(unb64(share), "big")
        for number, share in PostedShare.objects.filter(trustee__poll=poll).values_list("trustee__number", "share")
    }
    if len(shares) < header.threshold:
        message = _("%(have)d of %(threshold)d shares were given. The others are still needed to open the ballots.")
        data = {"have": len(shares), "threshold": header.threshold}
        raise Conflict(BallotCode.SHARES_MISSING, message % data, data)
    scalar = combine(shares, header.threshold)
    if public_point(scalar) != header.seal:
        raise AssertionError("shares that hold one by one do not give the key")
    return scalar


def _signatures(poll: Poll) -> list[dict[str, Any]]:
    rows = HeadSignature.objects.filter(trustee__poll=poll).order_by("seq", "trustee__number")
    found = [
        {"trustee": number, "seq": seq, "head": head, "signature": signature}
        for number, seq, head, signature in rows.values_list("trustee__number", "seq", "head", "signature")
    ]
    last = box_state(poll).entries
    signed = sum(row["seq"] == last for row in found)
    if signed < poll.threshold:
        message = _("%(have)d of %(threshold)d council members signed the closed box. The others must sign it first.")
        data = {"have": signed, "threshold": poll.threshold}
        raise Conflict(BallotCode.HEAD_UNSIGNED, message % data, data)
    return found


def _open_all(poll: Poll, header: Header, scalar: int, progress: Progress) -> None:
    key = private_key(scalar)
    total = max(1, BoxEntry.objects.filter(poll=poll).count())
    done = 0
    for chunk in _chunks(poll):
        openings = []
        for pk, body, sealed in chunk:
            found = opened(header, json.loads(body), sealed, key)
            text = canonical(found.opening).decode() if found.opening is not None else ""
            openings.append(BallotOpening(entry_id=pk, opening=text, reason=found.reason))
        BallotOpening.objects.bulk_create(openings, batch_size=_CHUNK)
        done += len(chunk)
        progress(done / total, _("opening the ballots"))


def _chunks(poll: Poll) -> Iterator[list[tuple[int, str, bytes]]]:
    """Yield the ballots of a box in pieces, so that a large one never lies in memory whole."""
    after = 0
    rows = BoxEntry.objects.filter(poll=poll).exclude(voter=CLOSE).order_by("seq")
    while True:
        found = list(rows.filter(seq__gt=after).values_list("seq", "pk", "body", "sealed")[:_CHUNK])
        if not found:
            return
        after = found[-1][0]
        yield [(pk, body, bytes(sealed)) for _seq, pk, body, sealed in found]
