"""Polls as everybody sees them, a receipt as whoever holds it sees it, and what waits for trustees and keyers."""

import functools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.autonomy.engine.ballots.box import Header, header_read
from madang.rooms.autonomy.engine.ballots.count import latest_turns
from madang.rooms.autonomy.engine.ballots.encoding import b64
from madang.rooms.autonomy.engine.ballots.verification import Counted
from madang.rooms.autonomy.formats.box import pabulib_text
from madang.rooms.autonomy.models import (
    BoxEntry,
    HeadSignature,
    PaperSheet,
    Poll,
    PollProject,
    PollState,
    PostedShare,
    SheetState,
    TokenIssued,
    Trustee,
    WaitingBallot,
)
from madang.rooms.autonomy.selectors.assembly import resident_here
from madang.yard.audit.authority import Actor

SHEET = "sheet:"
CLOSE = "close"
RECEIPT_LEAST = 20
_HEX = frozenset("0123456789abcdef")


class ReceiptState(StrEnum):
    """What has become of a ballot."""

    WAITING = "waiting"
    IN_BOX = "in_box"
    REPLACED = "replaced"
    COUNTED = "counted"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A ballot by its receipt.

    Attributes
    ----------
    receipt : str
        The whole digest.
    state : ReceiptState
        What has become of it.
    seq : int or None
        Its number in the box.
    replaced_by : int or None
        Number of the later ballot of the same voter; None while that one waits.
    reason : str
        Why it does not count.
    body : dict
        The ballot as it is published.
    """

    receipt: str
    state: ReceiptState
    seq: int | None
    replaced_by: int | None
    reason: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadSigned:
    """A head of the box and who signed it."""

    seq: int
    head: str
    trustees: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxState:
    """How far a public box is; nothing here changes with a single ballot.

    Attributes
    ----------
    poll : str
        Code of the poll.
    state : str
        A `PollState`.
    entries : int
        How many are in the box.
    head : str
        Hash of the last one, or of the header.
    signed : tuple of HeadSigned
        The heads that trustees signed, the newest first.
    threshold, trustees, shares : int
        How many open the ballots, how many there are, how many have given their share.
    """

    poll: str
    state: str
    entries: int
    head: str
    signed: tuple[HeadSigned, ...]
    threshold: int
    trustees: int
    shares: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Winner:
    """A project that the vote decided to fund.

    Attributes
    ----------
    rank : int
        In the order of selection, from 1.
    project : PollProject
        As it was voted on, with the proposal that it came from.
    votes : int
        How many ballots that count named it.
    """

    rank: int
    project: PollProject
    votes: int


def polls_list(dong: str = "") -> QuerySet[Poll]:
    """Return the polls of all dongs, or of one, the newest first."""
    rows = Poll.objects.select_related("assembly__dong").defer("assembly__dong__boundary", "assembly__dong__outline")
    return rows.filter(assembly__dong_id=dong) if dong else rows


def poll_get(code: str) -> Poll:
    """Return a poll by its code, with its assembly and calendar.

    Raises
    ------
    NotFound
        If there is none.
    """
    poll = polls_list().prefetch_related("assembly__phases").filter(code=code).first()
    if poll is None:
        raise poll_unknown()
    return poll


def poll_of_assembly(assembly_id: int) -> Poll | None:
    """Return the poll of an assembly, or None where none is prepared."""
    return polls_list().prefetch_related("assembly__phases").filter(assembly=assembly_id).first()


def poll_unknown() -> NotFound:
    """Return the error for a poll that is not there."""
    return NotFound("poll_unknown", _("There is no such vote."))


def poll_header(poll: Poll) -> Header:
    """Return what was frozen.

    Raises
    ------
    NotFound
        If nothing is yet.
    """
    if not poll.header:
        raise NotFound("poll_not_frozen", _("The rules of this vote are not fixed yet."))
    return _header(poll.header)


@functools.lru_cache(maxsize=32)
def _header(text: str) -> Header:
    # Every ballot asks for it.
    return header_read(json.loads(text))


def box_state(poll: Poll) -> BoxState:
    """Return how far a poll's box is."""
    last = BoxEntry.objects.filter(poll=poll).order_by("-seq").values_list("seq", "hash").first()
    seq, head = last or (0, poll_header(poll).genesis)
    signed: dict[tuple[int, str], list[int]] = {}
    rows = HeadSignature.objects.filter(trustee__poll=poll).order_by("-seq", "trustee__number")
    for signed_seq, signed_head, number in rows.values_list("seq", "head", "trustee__number"):
        signed.setdefault((signed_seq, signed_head), []).append(number)
    return BoxState(
        poll=poll.code,
        state=poll.state,
        entries=seq,
        head=head,
        signed=tuple(HeadSigned(seq=at, head=hash_, trustees=tuple(by)) for (at, hash_), by in signed.items()),
        threshold=poll.threshold,
        trustees=Trustee.objects.filter(poll=poll).count(),
        shares=PostedShare.objects.filter(trustee__poll=poll).count(),
    )


def receipt_find(poll: Poll, text: str) -> Receipt:
    """Return what has become of a ballot, by its receipt or the receipt's first twenty digits.

    Raises
    ------
    NotFound
        If no such ballot was acknowledged.
    """
    digits = "".join(text.split()).replace("-", "").lower()
    if not RECEIPT_LEAST <= len(digits) <= 64 or not set(digits) <= _HEX:
        raise _receipt_unknown()
    # A range, which an index serves on every database: "g" follows every hexadecimal digit.
    entry = (
        BoxEntry.objects.select_related("opening")
        .defer("sealed")
        .filter(poll=poll, receipt__gte=digits, receipt__lt=f"{digits}g")
        .first()
    )
    if entry is not None and entry.voter != CLOSE:
        return _in_box(poll, entry)
    waiting = WaitingBallot.objects.filter(poll=poll, digest__gte=digits, digest__lt=f"{digits}g").first()
    if waiting is None:
        raise _receipt_unknown()
    later = WaitingBallot.objects.filter(poll=poll, voter=waiting.voter, turn__gt=waiting.turn).exists()
    return Receipt(
        receipt=waiting.digest,
        state=ReceiptState.REPLACED if later else ReceiptState.WAITING,
        seq=None,
        replaced_by=None,
        reason="",
        body=json.loads(waiting.body),
    )


def _receipt_unknown() -> NotFound:
    return NotFound(
        "receipt_unknown", _("There is no ballot with this receipt number. Look at the number again."), field="receipt"
    )


def _in_box(poll: Poll, entry: BoxEntry) -> Receipt:
    opening = getattr(entry, "opening", None)
    later = BoxEntry.objects.filter(poll=poll, voter=entry.voter, turn__gt=entry.turn).order_by("-turn")
    by = later.values_list("seq", flat=True).first()
    waits = WaitingBallot.objects.filter(poll=poll, voter=entry.voter, turn__gt=entry.turn).exists()
    if by is not None or waits:
        state = ReceiptState.REPLACED
    elif opening is None:
        state = ReceiptState.IN_BOX
    else:
        state = ReceiptState.INVALID if opening.reason else ReceiptState.COUNTED
    return Receipt(
        receipt=entry.receipt,
        state=state,
        seq=entry.seq,
        replaced_by=by,
        reason=opening.reason if opening is not None else "",
        body=json.loads(entry.body),
    )


def box_file_lines(poll: Poll) -> Iterator[bytes]:
    """Yield the lines of a poll's public box as its file has them: header, entries, and the closing line once opened.

    Notes
    -----
    A body is stored in the form in which it was hashed, so lines are put together and not written anew. Only what was
    sealed in ballots that do not count is read; nobody needs the rest.
    """
    yield poll.header.encode() + b"\n"
    unreadable = BoxEntry.objects.filter(poll=poll, opening__reason__gt="").values_list("seq", "sealed")
    refused = {seq: b64(bytes(sealed)) for seq, sealed in unreadable}
    rows = BoxEntry.objects.filter(poll=poll).order_by("seq").values_list("seq", "body", "hash", "opening__opening")
    for seq, body, digest, opening in rows.iterator(chunk_size=2000):
        sealed = f',"sealed":"{refused[seq]}"' if seq in refused else ""
        # Keys in their order, so that the line is canonical: body, hash, opening, sealed, seq.
        yield f'{{"body":{body},"hash":"{digest}","opening":{opening or "null"}{sealed},"seq":{seq}}}\n'.encode()
    if poll.closing:
        yield poll.closing.encode() + b"\n"


def ballots_counted(poll: Poll) -> list[Counted]:
    """Return the ballots that count, in the order of the box; none before they are opened."""
    rows = BoxEntry.objects.filter(poll=poll, opening__isnull=False).order_by("seq")
    values = rows.values_list("seq", "voter", "turn", "opening__opening").iterator(chunk_size=2000)
    return latest_turns(
        (seq, voter, turn, json.loads(opening)["choice"] if opening else None) for seq, voter, turn, opening in values
    )


def poll_result(poll: Poll) -> dict[str, Any] | None:
    """Return the closing line of an opened poll (head, signatures, invalid ballots, result); None before."""
    if not poll.closing:
        return None
    closing: dict[str, Any] = json.loads(poll.closing)["closing"]
    return closing


def winners_of(poll: Poll) -> list[Winner]:
    """Return what an opened poll decided to fund, in the order of selection; empty before."""
    closing = poll_result(poll)
    if closing is None:
        return []
    votes = votes_of(poll)
    projects = {row.code: row for row in PollProject.objects.filter(poll=poll).select_related("proposal")}
    return [
        Winner(rank=rank, project=projects[code], votes=votes[code])
        for rank, code in enumerate(closing["result"]["winners"], 1)
    ]


def votes_of(poll: Poll) -> Counter[str]:
    """Return how many ballots that count name each project of an opened poll, by its code; empty before."""
    return _votes(poll.pk, poll.closing) if poll.closing else Counter()


@functools.lru_cache(maxsize=16)
def _votes(pk: int, _closing: str) -> Counter[str]:
    # What is opened never changes, and a large box takes seconds to read.
    poll = Poll.objects.get(pk=pk)
    key = poll_header(poll).rules.key
    votes: Counter[str] = Counter()
    for row in ballots_counted(poll):
        votes.update(list(row.choice[key]))
    return votes


def poll_pabulib(poll: Poll) -> str:
    """Return the ballots that count, with the winners, as a Pabulib file.

    Raises
    ------
    NotFound
        Before the ballots are opened.
    """
    closing = poll_result(poll)
    if closing is None:
        raise NotFound("poll_not_opened", _("The ballots of this vote are not opened yet."))
    return pabulib_text(poll_header(poll), ballots_counted(poll), closing["result"]["winners"])


def token_was_issued(actor: Actor, poll: Poll) -> bool:
    """Return whether whoever acts has been given their right to vote, by phone or on paper."""
    person = resident_here(actor, poll.assembly.dong_id)
    return person is not None and TokenIssued.objects.filter(poll=poll, person=person).exists()


def trustee_of(actor: Actor, poll: Poll) -> Trustee | None:
    """Return the trustee who acts, or None for who is none."""
    return Trustee.objects.filter(poll=poll, user=actor.user).first() if actor.user else None


def trustees_of(poll: Poll) -> QuerySet[Trustee]:
    """Return a poll's trustees in order, each with whether the share was posted (`posted`)."""
    return Trustee.objects.filter(poll=poll).select_related("posted").order_by("number")


def sheets_of(poll: Poll, state: SheetState | None = None) -> QuerySet[PaperSheet]:
    """Return a poll's paper sheets in order of number."""
    rows = PaperSheet.objects.filter(poll=poll).order_by("number")
    return rows.filter(state=state.value) if state is not None else rows


def is_frozen(poll: Poll) -> bool:
    """Return whether ballots may come in as far as the poll itself goes; the calendar says when."""
    return poll.state == PollState.FROZEN.value
