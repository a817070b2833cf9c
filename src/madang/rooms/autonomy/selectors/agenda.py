"""The agenda as everybody sees it."""

from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.autonomy.engine.agenda import State
from madang.rooms.autonomy.models import AgendaItem, Decision, MatterState
from madang.rooms.autonomy.selectors.steps import Step, steps_of
from madang.ui.listing import Listing, ListingRules, page_of
from madang.yard.evidence.models import Room
from madang.yard.places.models import Dong

_OPEN = (State.ON_AGENDA.value, State.DECIDED.value)
_STATES = tuple(value for value in MatterState.values if value != State.RECEIVED.value)


def agenda_rules(dongs: list[Dong]) -> ListingRules:
    """Return what the list of the agenda may be asked for."""
    return ListingRules(
        sortable={"when": "state_since", "title": "title", "dong": "dong"},
        default="-when",
        filters={"state": _STATES, "room": Room.values, "dong": [dong.code for dong in dongs]},
    )


def agenda_page(listing: Listing) -> Page[AgendaItem]:
    """Return one page of the agenda as the URL asks for it."""
    return page_of(agenda_rows(listing), listing.page)


def agenda_rows(listing: Listing) -> QuerySet[AgendaItem]:
    """Return every item that the URL asks for."""
    rows = _items()
    if listing.q:
        rows = rows.filter(Q(title__icontains=listing.q) | Q(summary__icontains=listing.q))
    chosen = {name: value for name, value in listing.chosen.items() if value}
    return rows.filter(**chosen).order_by(*listing.ordering)


def agenda_items(*, dong: str = "", state: str = "", room: str = "") -> QuerySet[AgendaItem]:
    """Return items, the one that moved last first; an empty value asks for nothing."""
    chosen = {name: value for name, value in (("dong__code", dong), ("state", state), ("room", room)) if value}
    return _items().filter(**chosen).order_by("-state_since", "-pk")


def agenda_recent(limit: int) -> list[AgendaItem]:
    """Return the open items that moved last."""
    return list(_items().filter(state__in=_OPEN).order_by("-state_since", "-pk")[:limit])


def items_of_dong(dong: str, limit: int) -> list[AgendaItem]:
    """Return a dong's items, open ones first, each group by its last move."""
    rows = _items().filter(dong_id=dong).annotate(open=Count("pk", filter=Q(state__in=_OPEN)))
    return list(rows.order_by("-open", "-state_since", "-pk")[:limit])


def open_counts() -> dict[str, int]:
    """Return of each dong how many items are open on its agenda."""
    rows = AgendaItem.objects.filter(state__in=_OPEN).order_by().values_list("dong").annotate(Count("pk"))
    return dict(rows)


def item_get(item_id: int) -> AgendaItem:
    """Return one item with its dong, its decision and what it was merged into.

    Raises
    ------
    NotFound
        If there is none.
    """
    item = _items().select_related("decision", "merged_into", "signal").filter(pk=item_id).first()
    if item is None:
        raise NotFound("item_unknown", _("There is no such matter on the agenda."))
    return item


def item_timeline(item: AgendaItem) -> list[Step]:
    """Return the steps of an item, beginning with the day its first source came in."""
    moves = list(item.moves.all())
    sources = [_("%(count)d reports") % {"count": count}] if (count := item.issues.count()) else []
    if item.signal_id is not None:
        sources.append(_("a signal"))
    first = item.issues.order_by("reported_at").values_list("reported_at", flat=True).first()
    received_on = timezone.localdate(first) if first else moves[0].on if moves else item.opened_on
    return steps_of(min(received_on, item.opened_on), ", ".join(sources), moves)


def decisions_recent(limit: int) -> list[Decision]:
    """Return the newest decisions with their items."""
    rows = Decision.objects.select_related("item__dong").defer("item__dong__boundary", "item__dong__outline")
    return list(rows[:limit])


def _items() -> QuerySet[AgendaItem]:
    return AgendaItem.objects.select_related("dong").defer("dong__boundary", "dong__outline")
