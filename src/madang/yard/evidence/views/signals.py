"""What the rooms found, and what became of it."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from madang.numerics.errors import DomainError, NotFound, PermissionDenied
from madang.ui.downloads import csv_response
from madang.ui.listing import Column, ListingRules, listing_of, page_of
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import ROLE_NAMES, Actor, Role, actor_in
from madang.yard.evidence.forms import MoveForm
from madang.yard.evidence.models import Document, Indicator, Observation, Room, Signal, SignalMove, SignalState
from madang.yard.evidence.selectors import SignalFilter, place_names, signal_get, signal_list
from madang.yard.evidence.services import SignalMoveDraft, signal_move, signal_moves_open
from madang.yard.evidence.views.words import SIGNAL_TONES

COLUMNS = (
    Column(label=gettext_lazy("What was found")),
    Column(label=gettext_lazy("Place"), key="place"),
    Column(label=gettext_lazy("Room"), key="room"),
    Column(label=gettext_lazy("Severity"), key="severity"),
    Column(label=gettext_lazy("State"), key="state"),
    Column(label=gettext_lazy("When"), key="when"),
)
RULES = ListingRules(
    sortable={"place": "place", "room": "room", "severity": "severity", "state": "state", "when": "raised_at"},
    default="-when",
    filters={"room": Room.values, "state": SignalState.values},
)
HEADER = ("signal", "room", "place", "topic", "text_ko", "text_en", "severity", "state", "raised_at")


def _wanted(request: HttpRequest) -> SignalFilter:
    listing = listing_of(request, RULES)
    place = request.GET.get("place", "")
    return SignalFilter(
        q=listing.q,
        room=listing.chosen["room"],
        state=listing.chosen["state"],
        place=place if place.isascii() and place.isdigit() and len(place) <= 10 else "",
    )


@require_safe
@public_page
def signals(request: HttpRequest) -> HttpResponse:
    """List what the rooms found."""
    listing = listing_of(request, RULES)
    wanted = _wanted(request)
    names = place_names()
    page = page_of(signal_list(wanted).order_by(*listing.ordering), listing.page)
    context = {
        "listing": listing,
        "page": page,
        "columns": COLUMNS,
        "names": names,
        "tones": SIGNAL_TONES,
        "place": wanted.place,
        "place_choices": list(names.items()),
        "room_choices": Room.choices,
        "state_choices": SignalState.choices,
        "query": request.GET.urlencode(),
    }
    return render(request, "evidence/signals.html", context)


@require_safe
def signals_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Return the same list as CSV."""
    columns = ("pk", *HEADER[1:])
    rows = signal_list(_wanted(request)).order_by("pk").values_list(*columns)
    return csv_response("signals", HEADER, ([*row[:-1], row[-1].isoformat()] for row in rows.iterator()))


@require_safe
@public_page
def signal(request: HttpRequest, key: int) -> HttpResponse:
    """Show one signal, what it rests on, and its life so far."""
    found, moves = signal_get(key)
    return _page(request, found, moves, None)


@require_POST
def move(request: HttpRequest, key: int) -> HttpResponse:
    """Move a signal, or show what has to be mended first."""
    actor = actor_in(request)
    found, moves = signal_get(key)
    form = MoveForm(signal_moves_open(actor, found), request.POST)
    if form.is_valid():
        draft = SignalMoveDraft(signal=found.pk, to=form.cleaned_data["to"], reason=form.cleaned_data["reason"])
        try:
            signal_move(actor, draft)
        except (NotFound, PermissionDenied):
            raise
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("evidence:signal", key=found.pk)
    elif not signal_moves_open(actor, found):
        # Nothing is open to this role or in this state: the service says which of the two.
        signal_move(actor, SignalMoveDraft(signal=found.pk, to=request.POST.get("to", ""), reason=""))
    response = _page(request, found, moves, form)
    response.status_code = 422
    return response


def _page(request: HttpRequest, found: Signal, moves: list[SignalMove], form: MoveForm | None) -> HttpResponse:
    actor = actor_in(request)
    states = signal_moves_open(actor, found)
    context = {
        "signal": found,
        "place": place_names().get(found.place, found.place),
        "tone": SIGNAL_TONES[found.state],
        "steps": [_step(found, step, last=step is moves[-1]) for step in moves],
        "evidence": _evidence(found),
        "form": form or (MoveForm(states) if states else None),
        "waits": _waits(found, actor),
    }
    return render(request, "evidence/signal.html", context)


def _waits(found: Signal, actor: Actor) -> bool:
    """Return whether to tell an officer that the way onto the agenda leads over the dong's desk."""
    return found.state in {SignalState.RAISED, SignalState.SEEN} and actor.role is not Role.PUBLIC


def _step(found: Signal, step: SignalMove, *, last: bool) -> dict[str, object]:
    role = ROLE_NAMES[Role(step.role)]
    return {
        "label": SignalState(step.to_state).label,
        "when": step.at,
        # The first step's reason is the finding, which is kept in both languages.
        "why": found.text if not step.from_state else step.reason,
        "who": _("by: %(role)s") % {"role": role},
        "tone": SIGNAL_TONES[step.to_state],
        "status": "now" if last else "reached",
    }


def _evidence(found: Signal) -> dict[str, list[object]]:
    keys = found.evidence.get("observations", [])
    seen = Observation.objects.filter(pk__in=keys).values_list("indicator_id", flat=True)
    return {
        "indicators": list(Indicator.objects.filter(pk__in=seen)) if keys else [],
        "runs": found.evidence.get("runs", []),
        "documents": _documents(found.evidence.get("documents", [])),
    }


def _documents(keys: list[str]) -> list[object]:
    return list(Document.objects.filter(pk__in=keys)) if keys else []
