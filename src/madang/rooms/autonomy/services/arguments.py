"""Arguments for and against a proposal, and hiding one that breaks the rules, with the reason in its place."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.engine.proposals import LIVE_STATES
from madang.rooms.autonomy.models import MAX_ARGUMENT, Argument, Proposal, Side, Statement
from madang.rooms.autonomy.services.assembly import open_required, speaker_required
from madang.rooms.autonomy.services.moves import public_text
from madang.rooms.autonomy.services.proposals import ProposalCode, key_checked, moved_meanwhile, proposal_unknown
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record

MAX_HIDDEN_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentDraft:
    """An argument as it comes in; `key` makes one that is sent twice one argument, `author` is the system's alone."""

    proposal: int
    key: str
    side: str
    text: str
    author: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HideDraft:
    """Words to be hidden (by their key) and the rule that they break; everybody reads the reason in their place."""

    words: int
    reason: str


@transaction.atomic
def argument_make(actor: Actor, draft: ArgumentDraft) -> Argument:
    """Say something for or against a proposal; the same argument sent again returns the first one.

    Raises
    ------
    NotFound
        If there is no such proposal.
    Conflict
        If it is no longer discussed, the calendar allows no arguments now, or the key was used for another one.
    DomainError
        If the side, the text or the key is not acceptable.
    """
    proposal = Proposal.objects.select_related("assembly").filter(pk=draft.proposal).first()
    if proposal is None:
        raise proposal_unknown()
    author = speaker_required(actor, Action.ARGUMENT_MAKE, proposal.assembly, draft.author)
    if draft.side not in Side.values:
        raise DomainError("side_unknown", _("Choose whether it speaks for or against."), field="side")
    key = key_checked(draft.key)
    text = public_text(draft.text, field="text", most=MAX_ARGUMENT, missing=_("Write your argument in a sentence."))
    hold()
    first = Argument.objects.filter(idempotency_key=key).first()
    if first is not None:
        return _same(first, (proposal.pk, author.pk, draft.side, text))
    open_required(proposal.assembly, Deed.ARGUE)
    proposal.refresh_from_db(fields=["state"])
    if proposal.proposal_state not in LIVE_STATES:
        raise moved_meanwhile(proposal)
    wanted = Argument(proposal=proposal, idempotency_key=key, side=draft.side, text=text, author=author)
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        first = Argument.objects.filter(idempotency_key=key).first()
        if first is None:
            raise
        return _same(first, (proposal.pk, author.pk, draft.side, text))
    record(actor, Action.ARGUMENT_MAKE, target=wanted, detail={"proposal": proposal.pk, "side": wanted.side})
    return wanted


@transaction.atomic
def argument_hide(actor: Actor, draft: HideDraft) -> Argument:
    """Hide an argument that breaks the rules; the reason stands in its place.

    Raises
    ------
    NotFound, Conflict, DomainError
        If there is no such argument, it is hidden already, or the reason is not acceptable.
    """
    hold()
    argument = Argument.objects.select_for_update().filter(pk=draft.words).first()
    if argument is None:
        raise NotFound("argument_unknown", _("There is no such argument."))
    require(actor, Action.WORDS_HIDE, place=argument.proposal.assembly.dong_id)
    words_hidden(argument, draft.reason)
    record(actor, Action.WORDS_HIDE, target=argument, detail={"proposal": argument.proposal_id})
    return argument


def words_hidden(words: Argument | Statement, reason: str) -> None:
    """Write the reason over words that the caller has locked and may hide.

    Raises
    ------
    Conflict
        If they are hidden already.
    DomainError
        If the reason is missing or not acceptable.
    """
    if words.hidden_at is not None:
        raise Conflict("hidden_already", _("This has been hidden already."))
    missing = _("Write which rule it breaks: the reason stands where the words stood.")
    words.hidden_reason = public_text(reason, field="reason", most=MAX_HIDDEN_REASON, missing=missing)
    words.hidden_at = timezone.now()
    words.save(update_fields=["hidden_at", "hidden_reason"])


def _same(first: Argument, wanted: tuple[object, ...]) -> Argument:
    if (first.proposal_id, first.author_id, first.side, first.text) == wanted:
        return first
    message = _("This request number was used for another argument. Open the page again and send it anew.")
    raise Conflict(ProposalCode.KEY_USED, message, field="key")
