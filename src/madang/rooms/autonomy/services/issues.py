"""What residents report: taken in once, read by staff with a purpose, and answered where no agenda item is needed."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.rooms.autonomy.engine.agenda import Outcome, State
from madang.rooms.autonomy.engine.receipt import ENTROPY_BITS, receipt_number
from madang.rooms.autonomy.models import MAX_TEXT, AgendaItem, Category, Channel, Issue
from madang.rooms.autonomy.services.moves import AgendaCode, Step, step_taken, text_checked
from madang.rooms.autonomy.services.photos import KeptPhoto, photo_settle
from madang.yard.audit.authority import STAFF_ROLES, Action, Actor, Role, require
from madang.yard.audit.services import hold, record
from madang.yard.places.selectors import dong_at, dong_get

READING = "agenda: handling a report"
MIN_KEY, MAX_KEY = 16, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDraft:
    """A report as it comes in; never shown in an error or a log.

    Attributes
    ----------
    key : str
        The sender's own number of this report, 16 to 200 characters: sent twice, it is one report.
    text : str
        What the resident wrote.
    category : str
        A `Category`.
    dong : str
        Code of the dong; may be empty where the point tells.
    lon, lat : float or None
        The point, which decides about the dong [degree].
    photo : KeptPhoto or None
        A photo that was taken in before.
    channel : str
        A `Channel`.
    reported_at : datetime or None
        When it came in, for what staff enter later from paper; now if None.
    """

    key: str
    text: str
    category: str
    dong: str = ""
    lon: float | None = None
    lat: float | None = None
    photo: KeptPhoto | None = None
    channel: str = Channel.PAGE.value
    reported_at: datetime | None = None

    def __repr__(self) -> str:
        return "<IssueDraft>"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAnswerDraft:
    """An answer to a report that does not become an agenda item.

    Attributes
    ----------
    issue : int
        Key of the report.
    outcome : Outcome
        What the answer says; `MERGED` joins the report to an item.
    reason : str
        The answer itself, which the person who reported reads.
    item : int or None
        Key of the item that the report joins.
    on : date or None
        The day of the answer; today if None.
    """

    issue: int
    outcome: Outcome
    reason: str
    item: int | None = None
    on: date | None = None


@transaction.atomic
def issue_report(actor: Actor, draft: IssueDraft) -> Issue:
    """Take in a report and give it a receipt number; the same report sent again returns the first one.

    Raises
    ------
    DomainError
        If the text, the category, the place or the key is not acceptable.
    Conflict
        If the key was used for another report.

    Notes
    -----
    Two that arrive at once are told apart by the unique column, whatever else happens: the second to be written is
    turned away by the database and finds the first.
    """
    require(actor, Action.ISSUE_REPORT)
    wanted = _checked(actor, draft)
    hold()
    first = Issue.objects.filter(idempotency_key=wanted.idempotency_key).first()
    if first is not None:
        return _same(first, wanted)
    if draft.photo is not None:
        photo_settle(draft.photo)
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        first = Issue.objects.filter(idempotency_key=wanted.idempotency_key).first()
        if first is None:
            raise
        return _same(first, wanted)
    detail = {
        "dong": wanted.dong_id, "category": wanted.category, "channel": wanted.channel, "photo": bool(wanted.photo),
    }  # fmt: skip
    record(actor, Action.ISSUE_REPORT, target=wanted, detail=detail)
    return wanted


@transaction.atomic
def issue_read(actor: Actor, issue_id: int) -> Issue:
    """Open a report for an officer; the reading is written to the log with its purpose.

    Raises
    ------
    NotFound
        If there is no such report, or not in the actor's reach.
    """
    issue = Issue.objects.select_related("item").filter(pk=issue_id).first()
    if issue is None:
        raise issue_unknown()
    reader = actor if actor.purpose else actor.for_purpose(READING)
    require(reader, Action.ISSUE_READ, place=issue.dong_id)
    record(reader, Action.ISSUE_READ, target=issue, detail={"dong": issue.dong_id})
    return issue


@transaction.atomic
def issue_answer(actor: Actor, draft: IssueAnswerDraft) -> Issue:
    """Answer a report without an agenda item of its own: explained, joined with another, or not taken up.

    Raises
    ------
    NotFound
        If there is no such report, or no such item to join.
    Conflict
        If the report has been taken up or answered meanwhile.
    """
    hold()
    issue = Issue.objects.select_for_update().filter(pk=draft.issue).first()
    if issue is None:
        raise issue_unknown()
    require(actor, Action.AGENDA_ANSWER, place=issue.dong_id)
    item = _joined(draft, issue)
    step = Step(target=State.ANSWERED, reason=draft.reason, said=draft.outcome, on=draft.on)
    move = step_taken(actor, issue, step)
    issue.state, issue.said, issue.item = State.ANSWERED.value, draft.outcome.value, item
    issue.save(update_fields=["state", "said", "item"])
    detail = {"from": move.source, "to": move.state, "said": move.said, "item": item.pk if item else None}
    record(actor, Action.AGENDA_ANSWER, target=issue, detail=detail)
    return issue


def issue_unknown() -> NotFound:
    """Return the error for a report that is not there, or that the actor may not know of."""
    return NotFound("issue_unknown", _("There is no such report, or you may not see it."))


def _joined(draft: IssueAnswerDraft, issue: Issue) -> AgendaItem | None:
    if draft.outcome is not Outcome.MERGED:
        return None
    item = AgendaItem.objects.filter(pk=draft.item, dong_id=issue.dong_id).first() if draft.item else None
    if item is None:
        message = _("Choose the matter on this dong's agenda that the report is joined with.")
        raise DomainError(AgendaCode.MERGE_TARGET, message, field="item")
    return item


def _checked(actor: Actor, draft: IssueDraft) -> Issue:
    key = draft.key.strip()
    if not MIN_KEY <= len(key) <= MAX_KEY:
        message = _("The request number must have 16 to 200 characters. Open the form again, or send another.")
        raise DomainError(AgendaCode.KEY_LENGTH, message, field="key")
    if draft.category not in Category.values:
        raise DomainError(AgendaCode.CATEGORY_UNKNOWN, _("Choose what it is about from the list."), field="category")
    text = text_checked(draft.text, field="text", most=MAX_TEXT, missing=_("Write in a few words what it is about."))
    lon, lat, dong = _placed(draft)
    photo = draft.photo
    return Issue(
        receipt=receipt_number(secrets.randbits(ENTROPY_BITS)),
        idempotency_key=key,
        dong_id=dong,
        category=draft.category,
        text=text,
        lon=lon,
        lat=lat,
        photo=photo.name if photo else "",
        photo_width=photo.width if photo else None,
        photo_height=photo.height if photo else None,
        channel=draft.channel,
        reported_at=_reported_at(actor, draft.reported_at),
    )


def _placed(draft: IssueDraft) -> tuple[float | None, float | None, str]:
    if draft.lon is not None and draft.lat is not None:
        inside = -180 <= draft.lon <= 180 and -90 <= draft.lat <= 90
        found = dong_at(draft.lon, draft.lat) if inside else None
        if found is None:
            message = _("This point lies outside the district. Choose the dong from the list instead.")
            raise DomainError(AgendaCode.OUTSIDE_DISTRICT, message, field="dong")
        return draft.lon, draft.lat, found.code
    if not draft.dong:
        raise DomainError(AgendaCode.DONG_MISSING, _("Choose the dong where it is."), field="dong")
    try:
        return None, None, dong_get(draft.dong).code
    except NotFound as error:
        raise DomainError(AgendaCode.DONG_MISSING, _("Choose the dong where it is."), field="dong") from error


def _reported_at(actor: Actor, moment: datetime | None) -> datetime:
    now = timezone.now()
    if moment is None:
        return now
    if actor.role not in STAFF_ROLES | {Role.SYSTEM} or moment > now:
        message = _("Only the dong office enters an earlier day, and never one that is still to come.")
        raise DomainError(AgendaCode.DAY_NOT_VALID, message, field="reported_at")
    return moment


_COMPARED = ("dong_id", "category", "text", "lon", "lat", "photo", "channel")


def _same(first: Issue, wanted: Issue) -> Issue:
    """Return the report that stands, if it says the same: a number that is guessed opens nobody's report."""
    if all(getattr(first, name) == getattr(wanted, name) for name in _COMPARED):
        return first
    message = _("This request number was used for another report. Open the form again and send it anew.")
    raise Conflict(AgendaCode.KEY_USED, message, field="key")
