"""The officer's desk: what waits, and the moves that can be made of it."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.numerics.errors import DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.engine.agenda import Outcome, State, Transition, moves_from
from madang.rooms.autonomy.forms import AnswerForm, DecideForm, DeliverForm, TakeForm
from madang.rooms.autonomy.models import AgendaItem, Category, Issue
from madang.rooms.autonomy.selectors import desk_of, item_for_desk, item_timeline, merge_choices, signal_for_desk
from madang.rooms.autonomy.services import (
    AnswerDraft,
    DecisionDraft,
    DeliveryDraft,
    IssueAnswerDraft,
    TakeDraft,
    agenda_answer,
    agenda_decide,
    agenda_deliver,
    agenda_take,
    issue_answer,
    issue_read,
)
from madang.rooms.autonomy.views.report import photo_response, private
from madang.yard.audit.authority import Actor, Role
from madang.yard.evidence.models import Room
from madang.yard.people.selectors import request_actor

_View = Callable[..., HttpResponse]
_T = TypeVar("_T")

# Whose subject a report most often is; the officer may choose another.
ROOM_OF = {
    Category.SENIORS: Room.CARE,
    Category.HEALTH: Room.HEALTH,
    Category.HEAT_COLD: Room.CLIMATE,
}


def for_staff(view: _View) -> _View:
    """Send visitors to the login, and keep the page out of every cache.

    Whoever signed in without the role is told that there is nothing here, by the view's own services.
    """

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: int) -> HttpResponse:
        if request_actor(request).role is Role.PUBLIC and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return private(view(request, **kwargs))

    return guarded


@require_safe
@for_staff
def desk(request: HttpRequest) -> HttpResponse:
    """Show what waits for this officer."""
    return render(request, "autonomy/desk.html", {"desk": desk_of(request_actor(request))})


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def desk_issue(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Open a report: take it up, or answer it."""
    actor = request_actor(request)
    issue = issue_read(actor, issue_id)
    open_moves = moves_from(State(issue.state)) if issue.state == State.RECEIVED.value else ()
    answers = next((move.outcomes for move in open_moves if move.target is State.ANSWERED), ())
    room = ROOM_OF.get(Category(issue.category), Room.AUTONOMY)
    initial = {"room": room.value, "reason": _("A resident reported it.")}
    take = _take_form(request, initial, has_point=issue.lon is not None)
    answer = AnswerForm(
        _posted(request, "answer"), auto_id="answer_%s", outcomes=answers, items=merge_choices(issue.dong_id)
    )
    if _sent(request, "take", take):
        item = _tried(take, lambda: agenda_take(actor, _take_draft(take, issues=(issue.pk,))))
        if item is not None:
            messages.success(request, _("It is on the agenda now. Everybody can see it."))
            return redirect("desk_item", item.pk)
    if _sent(request, "answer", answer) and _done(answer, lambda: issue_answer(actor, _issue_answer(issue, answer))):
        messages.success(request, _("The answer has been given."))
        return redirect("desk")
    context = {"issue": issue, "take": take, "answer": answer, "is_open": bool(open_moves)}
    return render(request, "autonomy/desk_issue.html", context)


@require_safe
@for_staff
def desk_photo(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Return a report's photo to an officer who may read the report."""
    return photo_response(issue_read(request_actor(request), issue_id).photo)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def desk_signal(request: HttpRequest, signal_id: int) -> HttpResponse:
    """Open a signal: take it up."""
    actor = request_actor(request)
    signal = signal_for_desk(actor, signal_id)
    initial = {"title": signal.text[:120], "room": signal.room, "reason": _("A room's evidence calls for it.")}
    take = _take_form(request, initial, has_point=False)
    if _sent(request, "take", take):
        item = _tried(take, lambda: agenda_take(actor, _take_draft(take, signal=signal.pk)))
        if item is not None:
            messages.success(request, _("It is on the agenda now. Everybody can see it."))
            return redirect("desk_item", item.pk)
    return render(request, "autonomy/desk_signal.html", {"signal": signal, "take": take})


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def desk_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Open an item: decide, answer, deliver."""
    actor = request_actor(request)
    item, open_moves = item_for_desk(actor, item_id)
    drawn = {move.target: _move_form(request, item, move) for move in open_moves}
    for target, form in drawn.items():
        if _sent(request, target.value, form) and _done(form, lambda: _make(actor, item, target, form)):  # noqa: B023  # called at once
            messages.success(request, _("Done. Everybody can see it."))
            return redirect("desk_item", item.pk)
    context = {
        "item": item,
        "steps": item_timeline(item),
        "forms": {target.value: form for target, form in drawn.items()},
        "moves": _moves(),
    }
    return render(request, "autonomy/desk_item.html", context)


def _moves() -> list[tuple[str, str, str, str]]:
    """Return of each move: state, heading, button, and what will happen."""
    return [
        (
            State.DECIDED.value,
            _("Record a decision"),
            _("Record this decision"),
            _("The decision becomes public at once, with its reason and votes. It cannot be changed or taken back."),
        ),
        (
            State.ANSWERED.value,
            _("Answer it"),
            _("Give this answer"),
            _("The answer becomes public at once and stands for ever. It cannot be changed or taken back."),
        ),
        (
            State.DELIVERED.value,
            _("Say that it is done"),
            _("It is done"),
            _("Everybody sees at once that this has been delivered. It cannot be taken back."),
        ),
    ]


def _take_form(request: HttpRequest, initial: dict[str, str], *, has_point: bool) -> TakeForm:
    form = TakeForm(_posted(request, "take"), auto_id="take_%s", initial=initial)
    if not has_point:
        del form.fields["shows_point"]
    return form


def _move_form(request: HttpRequest, item: AgendaItem, move: Transition) -> forms.Form:
    posted = _posted(request, move.target.value)
    if move.target is State.DECIDED:
        return DecideForm(posted, auto_id="decide_%s", initial={"title": item.title})
    if move.target is State.DELIVERED:
        return DeliverForm(posted, auto_id="deliver_%s")
    items = merge_choices(item.dong_id, without=item.pk)
    return AnswerForm(posted, auto_id="answer_%s", outcomes=move.outcomes, items=items)


def _make(actor: Actor, item: AgendaItem, target: State, form: forms.Form) -> object:
    data = form.cleaned_data
    if target is State.DECIDED:
        return agenda_decide(actor, DecisionDraft(item=item.pk, **data))
    if target is State.DELIVERED:
        return agenda_deliver(actor, DeliveryDraft(item=item.pk, **data))
    draft = AnswerDraft(item=item.pk, outcome=Outcome(data["outcome"]), reason=data["reason"], merged_into=data["item"])
    return agenda_answer(actor, draft)


def _take_draft(form: TakeForm, *, issues: tuple[int, ...] = (), signal: int | None = None) -> TakeDraft:
    return TakeDraft(issues=issues, signal=signal, **form.cleaned_data)


def _issue_answer(issue: Issue, form: AnswerForm) -> IssueAnswerDraft:
    data = form.cleaned_data
    return IssueAnswerDraft(issue=issue.pk, outcome=Outcome(data["outcome"]), reason=data["reason"], item=data["item"])


def _posted(request: HttpRequest, name: str) -> QueryDict | None:
    return request.POST if request.POST.get("move") == name else None


def _sent(request: HttpRequest, name: str, form: forms.Form) -> bool:
    return request.POST.get("move") == name and form.is_valid()


def _tried(form: forms.Form, act: Callable[[], _T]) -> _T | None:
    """Return what a service did, or None with what was wrong written at its field."""
    try:
        return act()
    except (NotFound, PermissionDenied):
        raise
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None


def _done(form: forms.Form, act: Callable[[], object]) -> bool:
    return _tried(form, act) is not None
