"""Reports: what a receipt opens, and what the public may know of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import DomainError, NotFound
from madang.rooms.autonomy.engine.agenda import State
from madang.rooms.autonomy.engine.receipt import receipt_read, receipt_valid
from madang.rooms.autonomy.models import AgendaMove, Issue
from madang.rooms.autonomy.selectors.steps import Step, steps_of
from madang.yard.people.fields import BlindIndexField

# Whatever was sealed stays unopened where only the public's part of a report is wanted.
_SEALED = ("text", "receipt", "receipt_index")
_CLOSED = (State.ANSWERED.value, State.DELIVERED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFilter:
    """Which reports the public asks for.

    Attributes
    ----------
    ids : sequence of int or None
        These alone; overrides everything else.
    categories : sequence of str
        Of these kinds; of any if empty.
    start, end : datetime or None
        Reported in this span.
    open, closed : bool
        Which of the two states are wanted.
    dong : str
        Of this dong; of any if empty.
    """

    ids: Sequence[int] | None = None
    categories: Sequence[str] = ()
    start: datetime | None = None
    end: datetime | None = None
    open: bool = True
    closed: bool = True
    dong: str = ""


def issue_by_receipt(text: str) -> Issue:
    """Return the report that a receipt number opens.

    Raises
    ------
    DomainError
        If the number is mistyped (its check symbol does not hold).
    NotFound
        If no report has it.
    """
    number = receipt_read(text)
    if not receipt_valid(number):
        message = _(
            "This number has a slip in it. Compare it with your receipt: 12 letters and digits, no I, L, O or U."
        )
        raise DomainError("receipt_mistyped", message, field="receipt")
    index = Issue._meta.get_field("receipt_index")
    assert isinstance(index, BlindIndexField)  # noqa: S101  # narrows Django's type
    issue = _placed(Issue.objects.all()).filter(index.matches(number)).first()
    if issue is None:
        raise NotFound("receipt_unknown", _("No report has this number."), field="receipt")
    return issue


def issue_timeline(issue: Issue) -> list[Step]:
    """Return the steps of a report: its own, then those of the item it led to."""
    own = Q(issue=issue)
    moves = list(AgendaMove.objects.filter(own | Q(item=issue.item_id) if issue.item_id else own).order_by("pk"))
    merged = [move for move in moves if move.issue_id is not None]
    # A report that joined a matter later shows the joining first, then where the matter is.
    ordered = merged + [move for move in moves if move.issue_id is None and (not merged or move.pk > merged[-1].pk)]
    return steps_of(timezone.localdate(issue.reported_at), "", ordered)


def issues_public(wanted: PublicFilter, limit: int) -> list[Issue]:
    """Return reports as the public may know them, newest first; nothing sealed is opened.

    Each carries `moved_at`, the moment of its own last move (None without one).
    """
    rows = _placed(Issue.objects.defer(*_SEALED)).annotate(moved_at=Max("moves__made_at"))
    rows = rows.order_by("-reported_at", "-pk")
    if wanted.ids is not None:
        return list(rows.filter(pk__in=wanted.ids)[:limit])
    if wanted.categories:
        rows = rows.filter(category__in=wanted.categories)
    if wanted.dong:
        rows = rows.filter(dong_id=wanted.dong)
    if wanted.start is not None:
        rows = rows.filter(reported_at__gte=wanted.start)
    if wanted.end is not None:
        rows = rows.filter(reported_at__lte=wanted.end)
    closed = Q(item__state__in=_CLOSED) | Q(item=None, state=State.ANSWERED.value)
    if wanted.open != wanted.closed:
        rows = rows.filter(closed) if wanted.closed else rows.exclude(closed)
    return list(rows[:limit])


def issue_public(issue_id: int) -> Issue:
    """Return one report as the public may know it.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = issues_public(PublicFilter(ids=[issue_id]), 1)
    if not found:
        raise NotFound("issue_unknown", _("There is no such report."))
    return found[0]


def waiting_counts() -> dict[str, int]:
    """Return of each dong how many reports nobody has taken up or answered yet."""
    rows = Issue.objects.filter(state=State.RECEIVED.value).order_by().values_list("dong").annotate(Count("pk"))
    return dict(rows)


def _placed(rows: QuerySet[Issue]) -> QuerySet[Issue]:
    return rows.select_related("dong", "item").defer("dong__boundary", "dong__outline")
