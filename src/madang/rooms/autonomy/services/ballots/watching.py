"""Trustees sign what the box looks like, so that nobody can show another one later."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, EngineInputError, PermissionDenied
from madang.rooms.autonomy.engine.ballots.box import head_message
from madang.rooms.autonomy.engine.ballots.encoding import unb64
from madang.rooms.autonomy.engine.ballots.seal import SIGNATURE_BYTES, signature_holds
from madang.rooms.autonomy.models import BoxEntry, HeadSignature, Poll, PollState, Trustee
from madang.rooms.autonomy.selectors.ballots import trustee_of
from madang.rooms.autonomy.services.ballots.codes import BallotCode, poll_locked, state_required
from madang.yard.audit.authority import Action, Actor, Role, require
from madang.yard.audit.services import hold, record


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadDraft:
    """A trustee's signature on a head of the box.

    Attributes
    ----------
    poll : str
        Code of the poll.
    seq : int
        Number of the entry at which the box ended.
    head : str
        Its hash.
    signature : str
        64 bytes in base64url.
    trustee : int or None
        For which trustee the system signs when it plays the council of a sample; nobody else may say it.
    """

    poll: str
    seq: int
    head: str
    signature: str
    trustee: int | None = None


@transaction.atomic
def head_sign(actor: Actor, draft: HeadDraft) -> HeadSignature:
    """Keep a trustee's signature on a head; the same again changes nothing.

    Raises
    ------
    NotFound
        If there is no such poll.
    PermissionDenied
        If the actor is no trustee of it.
    Conflict
        If the box did not end so at that entry, or nothing is in it yet.
    DomainError
        If the signature does not hold.
    """
    hold()
    poll = poll_locked(draft.poll)
    require(actor, Action.TRUSTEE_SIGN, place=poll.assembly.dong_id)
    trustee = trustee_acting(actor, poll, draft.trustee)
    state_required(poll, PollState.FROZEN, PollState.CLOSED)
    if not BoxEntry.objects.filter(poll=poll, seq=draft.seq, hash=draft.head).exists():
        message = _("The box never ended so. Load the page again; if it says this once more, tell the others.")
        raise Conflict(BallotCode.HEAD_UNKNOWN, message, {"seq": draft.seq}, field="head")
    if not _holds(poll, trustee, draft):
        message = _("This signature was not made with the key that you registered.")
        raise DomainError(BallotCode.SIGNATURE_NOT_VALID, message, field="signature")
    first = HeadSignature.objects.filter(trustee=trustee, seq=draft.seq).first()
    if first is not None:
        return first
    signed = HeadSignature.objects.create(trustee=trustee, seq=draft.seq, head=draft.head, signature=draft.signature)
    detail = {"poll": poll.code, "trustee": trustee.number, "seq": signed.seq, "head": signed.head}
    record(actor, Action.TRUSTEE_SIGN, target=signed, detail=detail)
    return signed


def trustee_acting(actor: Actor, poll: Poll, stand_in: int | None) -> Trustee:
    """Return the trustee who acts.

    Raises
    ------
    PermissionDenied
        If the actor is none.
    """
    if actor.role is Role.SYSTEM and stand_in is not None:
        trustee = Trustee.objects.filter(poll=poll, number=stand_in).first()
    else:
        trustee = trustee_of(actor, poll) if stand_in is None else None
    if trustee is None:
        raise PermissionDenied(BallotCode.NOT_A_TRUSTEE, _("You hold no share of this vote's key."))
    return trustee


def _holds(poll: Poll, trustee: Trustee, draft: HeadDraft) -> bool:
    try:
        signature = unb64(draft.signature, SIGNATURE_BYTES)
    except EngineInputError:
        return False
    return signature_holds(head_message(poll.code, draft.seq, draft.head), signature, unb64(trustee.sign_public))
