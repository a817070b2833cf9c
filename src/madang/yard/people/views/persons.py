"""Persons, as staff see them: masked in lists, in clear only with a stated purpose."""

import time
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.numerics.errors import DomainError
from madang.ui.listing import Column, ListingRules, listing_of, page_of
from madang.yard.audit.authority import Action, Actor, may, require
from madang.yard.people.forms import PersonEditForm, PersonForm, PersonSearchForm, PurposeForm
from madang.yard.people.selectors import (
    PersonRecord,
    accesses_of,
    name_masked,
    person_get,
    person_rows,
    persons_visible,
    request_actor,
)
from madang.yard.people.selectors.persons import Purpose
from madang.yard.people.services import (
    PurposeDraft,
    person_add,
    person_edit,
    person_read,
    persons_search,
)
from madang.yard.people.views.support import blame, dong_choices

SESSION_OPENED = "opened"
OPEN_SECONDS = 15 * 60
OPENED_MAX = 20
_ACCESSES_SHOWN = 20


def _columns() -> list[Column]:
    return [
        Column(label=gettext_lazy("Name")),
        Column(label=gettext_lazy("Dong")),
        Column(label=gettext_lazy("Registered sex")),
    ]


@login_required
@never_cache
@require_GET
def persons(request: HttpRequest) -> HttpResponse:
    """List the persons within the actor's reach, masked."""
    actor = request_actor(request)
    require(actor, Action.PERSON_READ)
    dongs = dong_choices(actor)
    rules = ListingRules(
        sortable={"when": "created_at"}, default="when", filters={"dong": [code for code, _n in dongs]}
    )
    listing = listing_of(request, rules)
    found = persons_visible(actor)
    if listing.chosen["dong"]:
        found = found.filter(dong__code=listing.chosen["dong"])
    page = page_of(found.order_by(*listing.ordering), listing.page)
    context = {
        "page": page,
        "listing": listing,
        "columns": _columns(),
        "rows": person_rows(page.object_list),  # type: ignore[arg-type]  # a sliced queryset
        "dongs": dongs,
        "search": PersonSearchForm(),
        "may_search": may(actor, Action.PERSON_SEARCH),
        "may_add": may(actor, Action.PERSON_ADD),
    }
    return render(request, "people/persons.html", context)


@login_required
@never_cache
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """Find persons by exact name or number; the answer to a POST, so that neither stands in an address."""
    form = PersonSearchForm(request.POST)
    rows = None
    if form.is_valid():
        try:
            rows = persons_search(request_actor(request), form.query())
        except DomainError as error:
            blame(form, error)
    context = {"search": form, "rows": rows, "columns": _columns()}
    return render(request, "people/search.html", context, status=422 if form.errors else 200)


def _grant(request: HttpRequest, actor: Actor, person_id: uuid.UUID) -> PurposeDraft | None:
    """Return the purpose for which this session opened a person in this role, if that was just now."""
    opened: dict[str, Any] = request.session.get(SESSION_OPENED, {})
    entry = opened.get(str(person_id))
    if entry is None or entry["until"] < time.time() or entry["as"] != [actor.role.value, actor.place]:
        return None
    return PurposeDraft(kind=Purpose(entry["kind"]), text=entry["text"])


def _remember(request: HttpRequest, actor: Actor, person_id: uuid.UUID, purpose: PurposeDraft) -> None:
    now = time.time()
    opened: dict[str, Any] = request.session.get(SESSION_OPENED, {})
    kept = sorted((entry["until"], key) for key, entry in opened.items() if entry["until"] > now)[-OPENED_MAX + 1 :]
    request.session[SESSION_OPENED] = {
        **{key: opened[key] for _until, key in kept},
        str(person_id): {
            "kind": purpose.kind.value,
            "text": purpose.text,
            "until": now + OPEN_SECONDS,
            "as": [actor.role.value, actor.place],
        },
    }


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
    """Ask for the purpose, then show the person; within 15 minutes it is not asked again, but every look is logged."""
    actor = request_actor(request)
    require(actor, Action.PERSON_READ)
    purpose = _grant(request, actor, person_id)
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        purpose = form.draft()
    if purpose is None:
        return _gate(request, actor, person_id, form)
    try:
        record = person_read(actor, person_id, purpose)
    except DomainError as error:
        blame(form, error)
        return _gate(request, actor, person_id, form)
    _remember(request, actor, person_id, purpose)
    return _opened(request, actor, record, purpose)


def _gate(request: HttpRequest, actor: Actor, person_id: uuid.UUID, form: PurposeForm) -> HttpResponse:
    known = person_get(actor, person_id)
    context = {"person_id": person_id, "masked": name_masked(known.name or ""), "dong": known.dong.name, "form": form}
    return render(request, "people/person_gate.html", context, status=422 if form.errors else 200)


def _opened(request: HttpRequest, actor: Actor, record: PersonRecord, purpose: PurposeDraft) -> HttpResponse:
    context = {
        "record": record,
        "purpose": purpose,
        "purpose_label": purpose.kind.label,
        "minutes": OPEN_SECONDS // 60,
        "accesses": accesses_of(person_get(actor, record.id), limit=_ACCESSES_SHOWN),
        "may_edit": may(actor, Action.PERSON_EDIT, place=record.dong_code),
    }
    return render(request, "people/person.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Enter a person."""
    actor = request_actor(request)
    require(actor, Action.PERSON_ADD)
    form = PersonForm(request.POST or None, dongs=dong_choices(actor), initial={"sex": "unknown"})
    if request.method == "POST" and form.is_valid():
        try:
            made = person_add(actor, form.draft())
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("The person is entered."))
            return redirect("people:person", made.pk)
    return render(request, "people/person_add.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
    """Correct a person's data, once it was opened with a purpose."""
    actor = request_actor(request)
    require(actor, Action.PERSON_EDIT)
    purpose = _grant(request, actor, person_id)
    if purpose is None:
        return redirect("people:person", person_id)
    dongs = dong_choices(actor)
    if request.method == "POST":
        form = PersonEditForm(request.POST, dongs=dongs)
        if form.is_valid() and _edited(actor, person_id, form):
            messages.success(request, _("The record is corrected."))
            return redirect("people:person", person_id)
    else:
        record = person_read(actor, person_id, purpose)
        initial = {**PersonEditForm.initial_of(record), "version": record.version}
        form = PersonEditForm(initial=initial, dongs=dongs)
    context = {"form": form, "person_id": person_id}
    return render(request, "people/person_edit.html", context, status=422 if form.errors else 200)


def _edited(actor: Actor, person_id: uuid.UUID, form: PersonEditForm) -> bool:
    household = person_get(actor, person_id).household
    try:
        person_edit(actor, person_id, form.draft(household), form.cleaned_data["version"])
    except DomainError as error:
        blame(form, error)
        return False
    return True
