"""What waits on an officer's desk: what is new, what is open, and what is late."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.autonomy.engine.agenda import State, Transition, days_late, due_on, moves_from
from madang.rooms.autonomy.models import AgendaItem, Issue
from madang.rooms.autonomy.selectors.agenda import item_get
from madang.yard.audit.authority import Action, Actor, Role, may, require
from madang.yard.evidence.models import Signal, SignalState
from madang.yard.places.models import Dong

LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that waits.

    Attributes
    ----------
    matter : Issue or AgendaItem
        The thing.
    since : date
        From when it waits.
    due : date or None
        Until when it is in time.
    late : int
        Days past that.
    """

    matter: Issue | AgendaItem
    since: date
    due: date | None
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An officer's desk.

    Attributes
    ----------
    reports : list of Waiting
        Reports that nobody has taken up, the latest first; empty for who may not read them.
    items : list of Waiting
        Items that wait for a decision, an answer or delivery, the latest first.
    signals : list of Signal
        Signals of the rooms that are not on the agenda.
    """

    reports: list[Waiting]
    items: list[Waiting]
    signals: list[Signal]

    @property
    def late_count(self) -> int:
        """How many are late."""
        return sum(1 for waiting in (*self.reports, *self.items) if waiting.late)


def desk_of(actor: Actor) -> Desk:
    """Return the desk of an officer or council member within their reach.

    Raises
    ------
    PermissionDenied
        If the actor takes nothing up anywhere.
    """
    require(actor, Action.AGENDA_TAKE)
    today = timezone.localdate()
    reports: list[Waiting] = []
    if may(actor, Action.ISSUE_READ):
        rows = Issue.objects.filter(state=State.RECEIVED.value).defer("text", "receipt", "receipt_index")
        reports = [
            _waiting(issue, State.RECEIVED, timezone.localdate(issue.reported_at), today)
            for issue in _within(rows, actor).order_by("reported_at", "pk")[:LIMIT]
        ]
    open_items = AgendaItem.objects.filter(state__in=(State.ON_AGENDA.value, State.DECIDED.value))
    items = [
        _waiting(item, item.matter_state, item.state_since, today)
        for item in _within(open_items, actor).order_by("state_since", "pk")[:LIMIT]
    ]
    items.sort(key=lambda waiting: (-waiting.late, waiting.due or date.max))
    return Desk(reports=reports, items=items, signals=list(_signals(actor)[:LIMIT]))


def item_for_desk(actor: Actor, item_id: int) -> tuple[AgendaItem, tuple[Transition, ...]]:
    """Return an item with the moves that an actor may make of it.

    Raises
    ------
    NotFound, PermissionDenied
        If there is no such item, or it is not in the actor's reach.
    """
    item = item_get(item_id)
    require(actor, Action.AGENDA_TAKE, place=item.dong_id)
    open_moves = moves_from(item.matter_state, item.matter_said)
    return item, tuple(move for move in open_moves if may(actor, Action(move.action), item.dong_id))


def signal_for_desk(actor: Actor, signal_id: int) -> Signal:
    """Return a signal that is not on the agenda yet and lies in an actor's reach.

    Raises
    ------
    NotFound, PermissionDenied
        If there is no such signal, or it is not in the actor's reach.
    """
    signal = _signals(actor).filter(pk=signal_id).first()
    if signal is None:
        raise NotFound("signal_unknown", _("There is no such signal, or you may not see it."))
    require(actor, Action.AGENDA_TAKE, place=signal.place)
    return signal


def merge_choices(dong: str, *, without: int | None = None) -> list[tuple[int, str]]:
    """Return key and title of the items of a dong that another matter can be joined with."""
    rows = AgendaItem.objects.filter(dong_id=dong, merged_into=None).order_by("-state_since", "-pk")
    if without is not None:
        rows = rows.exclude(pk=without)
    return list(rows.values_list("pk", "title")[:LIMIT])


def _signals(actor: Actor) -> QuerySet[Signal]:
    """Return the signals of dongs that wait to be taken up; those of the whole district have no dong's agenda."""
    rows = Signal.objects.filter(
        state__in=(SignalState.RAISED, SignalState.SEEN), place__in=Dong.objects.values("code")
    )
    return rows if actor.role is Role.SYSTEM else rows.filter(place__startswith=actor.place)


def _within(rows: QuerySet, actor: Actor) -> QuerySet:  # type: ignore[type-arg]  # either of two models
    rows = rows.select_related("dong").defer("dong__boundary", "dong__outline")
    return rows if actor.role is Role.SYSTEM else rows.filter(dong__code__startswith=actor.place)


def _waiting(matter: Issue | AgendaItem, state: State, since: date, today: date) -> Waiting:
    return Waiting(matter=matter, since=since, due=due_on(state, since), late=days_late(state, since, today))
