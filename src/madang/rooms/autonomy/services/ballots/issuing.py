"""Giving somebody the right to vote, once: a blindly signed token for a phone, or a sheet of paper."""

import functools
import json
import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.digests import sha256_hex
from madang.numerics.errors import Conflict, DomainError, EngineInputError
from madang.rooms.autonomy.engine.ballots.encoding import b64, unb64
from madang.rooms.autonomy.engine.ballots.tokens import PrivateKey, blind_sign
from madang.rooms.autonomy.engine.phases import Deed, Phase
from madang.rooms.autonomy.engine.receipt import ALPHABET
from madang.rooms.autonomy.models import PaperSheet, Poll, PollState, TokenIssued, VoteChannel
from madang.rooms.autonomy.selectors.ballots import poll_get
from madang.rooms.autonomy.services.assembly import open_required, speaker_required
from madang.rooms.autonomy.services.ballots.codes import BallotCode, poll_locked, state_required
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.people.models import Person

SHEET_SYMBOLS, SHEET_GROUP = 12, 4
MOST_SHEETS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDraft:
    """A blinded token to be signed.

    Attributes
    ----------
    poll : str
        Code of the poll.
    blinded : str
        The blinded message in base64url, as long as the key.
    person : UUID or None
        For whom the system speaks when it plays the residents of a sample; nobody else may say it.
    """

    poll: str
    blinded: str
    person: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperIssueDraft:
    """A resident who takes a sheet at the dong office.

    Attributes
    ----------
    poll : str
        Code of the poll.
    person : UUID
        Who; the number of the sheet is nobody's business.
    """

    poll: str
    person: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetsDraft:
    """Sheets to be printed."""

    poll: str
    count: int


def token_issue(actor: Actor, draft: TokenDraft) -> str:
    """Sign a resident's blinded token; the same blinded token again is signed again, another one is refused.

    Returns
    -------
    str
        The blind signature in base64url.

    Raises
    ------
    NotFound
        If there is no such poll.
    Conflict
        If voting is not open, the account belongs to nobody who lives here, or the right to vote was given already.
    DomainError
        If the blinded token is not one, or the resident is too young.

    Notes
    -----
    Nothing of this is written to the audit log, whose moment would tell when somebody began to vote: the list of
    issued tokens, which only grows, is its own record, and its length is published when the vote closes.
    """
    poll = poll_get(draft.poll)
    person = speaker_required(actor, Action.BALLOT_TOKEN, poll.assembly, draft.person)
    state_required(poll, PollState.FROZEN)
    open_required(poll.assembly, Deed.TAKE_TOKEN)
    _eligible(poll, person)
    try:
        blinded = unb64(draft.blinded)
        signature = blind_sign(_token_key(poll.token_secret or ""), blinded, secrets.token_bytes)
    except EngineInputError as error:
        message = _("This is not a token that can be signed. Open the page again and try once more.")
        raise DomainError(error.code, message, field="blinded") from error
    wanted = TokenIssued(poll=poll, person=person, channel=VoteChannel.PHONE.value, blinded=sha256_hex(blinded))
    with transaction.atomic():
        state_required(poll_locked(draft.poll), PollState.FROZEN)
        first = _issued(wanted)
    if (first.channel, first.blinded) != (wanted.channel, wanted.blinded):
        raise _taken(first)
    return b64(signature)


@transaction.atomic
def paper_issue(actor: Actor, draft: PaperIssueDraft) -> TokenIssued:
    """Note that a resident has taken a sheet of paper, and with it their right to vote.

    Raises
    ------
    NotFound
        If there is no such poll.
    Conflict
        If voting is not open, or the right to vote was given already.
    DomainError
        If the person does not live in this dong or is too young.
    """
    hold()
    poll = poll_locked(draft.poll)
    require(actor, Action.PAPER_ISSUE, place=poll.assembly.dong_id)
    state_required(poll, PollState.FROZEN)
    open_required(poll.assembly, Deed.TAKE_TOKEN)
    person = Person.objects.filter(pk=draft.person, dong__code=poll.assembly.dong_id).first()
    if person is None:
        raise DomainError(BallotCode.PERSON_ELSEWHERE, _("This person does not live in this dong."), field="person")
    _eligible(poll, person)
    wanted = TokenIssued(poll=poll, person=person, channel=VoteChannel.PAPER.value)
    issued = _issued(wanted)
    if issued.pk != wanted.pk:
        raise _taken(issued)
    # Whoever it was stands in the list and not in the log, whose entries have a time.
    record(actor, Action.PAPER_ISSUE, target=poll)
    return issued


@transaction.atomic
def paper_print(actor: Actor, draft: SheetsDraft) -> list[PaperSheet]:
    """Draw numbers for sheets of paper to be printed; which resident takes which is written nowhere.

    Raises
    ------
    NotFound
        If there is no such poll.
    Conflict
        If the vote is not fixed, or closed.
    DomainError
        If so many cannot be printed at once.
    """
    hold()
    poll = poll_locked(draft.poll)
    require(actor, Action.PAPER_ISSUE, place=poll.assembly.dong_id)
    state_required(poll, PollState.FROZEN)
    if not 1 <= draft.count <= MOST_SHEETS:
        message = _("Enter a number from 1 to %(most)d.") % {"most": MOST_SHEETS}
        raise DomainError(BallotCode.NUMBERS_NOT_VALID, message, field="count")
    sheets = PaperSheet.objects.bulk_create(
        [PaperSheet(poll=poll, number=_sheet_number()) for _sheet in range(draft.count)], batch_size=500
    )
    record(actor, Action.PAPER_ISSUE, target=poll, detail={"printed": len(sheets)})
    return sheets


def _issued(wanted: TokenIssued) -> TokenIssued:
    """Return the row that stands for the person: the one that is wanted, or one from before."""
    try:
        with transaction.atomic():
            first = TokenIssued.objects.filter(poll=wanted.poll_id, person=wanted.person_id).first()
            if first is None:
                wanted.save(force_insert=True)
            return first or wanted
    except IntegrityError:
        return TokenIssued.objects.get(poll=wanted.poll_id, person=wanted.person_id)


def _taken(first: TokenIssued) -> Conflict:
    if first.channel == VoteChannel.PAPER.value:
        message = _("You have taken a paper ballot at the dong office, and with it your right to vote.")
    else:
        message = _("Your right to vote was given to a phone already. Vote with that phone.")
    return Conflict(BallotCode.TOKEN_TAKEN, message, {"channel": first.channel})


def _eligible(poll: Poll, person: Person) -> None:
    least = poll.manifest["eligibility"].get("min_age", 0)
    if not least:
        return
    age = person.age_on(_first_day(poll))
    if age is None:
        message = _("Your date of birth is not known here. The dong office enters it at the counter in a minute.")
        raise Conflict(BallotCode.AGE_UNKNOWN, message)
    if age < least:
        message = _("You can vote from the age of %(age)d.") % {"age": least}
        raise DomainError(BallotCode.TOO_YOUNG, message, {"min_age": least})


def _first_day(poll: Poll) -> date:
    voting = [span.begins_at for span in poll.assembly.spans if span.phase is Phase.VOTE]
    return timezone.localdate(voting[0] if voting else None)


@functools.lru_cache(maxsize=4)
def _token_key(secret: str) -> PrivateKey:
    return PrivateKey.from_json(json.loads(secret))


def _sheet_number() -> str:
    symbols = "".join(secrets.choice(ALPHABET) for _symbol in range(SHEET_SYMBOLS))
    return "-".join(symbols[at : at + SHEET_GROUP] for at in range(0, SHEET_SYMBOLS, SHEET_GROUP))
