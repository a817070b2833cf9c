"""What officers enter; the rules stand in the services, and nothing typed is lost."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madang.numerics.errors import DomainError, PermissionDenied
from madang.yard.audit.authority import Action, actor_in, require
from madang.yard.audit.jobs import JobDraft, job_start
from madang.yard.ledger.forms import CommitmentForm, ExpenditureForm, ReleaseForm, ReversalForm
from madang.yard.ledger.models import Entry
from madang.yard.ledger.selectors import commitments_open, entry_get, line_get
from madang.yard.ledger.services import commitment_enter, commitment_release, entry_reverse, expenditure_enter
from madang.yard.ledger.tasks import ledger_recompute_whole


def _entered(form: forms.Form, work: Callable[[], Entry]) -> Entry | None:
    """Carry out what a form asks for; where it is refused, put the reason beside the field that can mend it."""
    if not form.is_valid():
        return None
    try:
        return work()
    except PermissionDenied:
        raise
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None


def _answer(request: HttpRequest, form: forms.Form, context: dict[str, Any]) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "ledger/enter.html", {"form": form, **context}, status=status)


def _said(request: HttpRequest, entry: Entry, text: str) -> None:
    messages.success(request, text % {"won": f"{entry.amount_won:,}"})


@require_http_methods(["GET", "POST"])
def commit(request: HttpRequest, line_id: int) -> HttpResponse:
    """Promise money of a line."""
    line, actor = line_get(line_id), actor_in(request)
    require(actor, Action.COMMITMENT_ENTER, place=line.place)
    form = CommitmentForm(request.POST or None)
    entry = _entered(form, lambda: commitment_enter(actor, form.draft(line)))
    if entry is not None:
        _said(request, entry, _("%(won)s won are promised. If that was a mistake, undo it in the list below."))
        return redirect("ledger_line", line_id=line.pk)
    context = {
        "line": line,
        "title": _("Promise money"),
        "lead": _(
            "For a contract or a decision: the money is set aside and can no longer be promised to anything else."
        ),
        "submit": _("Promise this amount"),
    }
    return _answer(request, form, context)


@require_http_methods(["GET", "POST"])
def spend(request: HttpRequest, line_id: int) -> HttpResponse:
    """Pay money of a line."""
    line, actor = line_get(line_id), actor_in(request)
    require(actor, Action.EXPENDITURE_ENTER, place=line.place)
    form = ExpenditureForm(request.POST or None, commitments=commitments_open(line))
    entry = _entered(form, lambda: expenditure_enter(actor, form.draft(line)))
    if entry is not None:
        _said(request, entry, _("%(won)s won are entered as paid. If that was a mistake, undo it in the list below."))
        return redirect("ledger_line", line_id=line.pk)
    context = {
        "line": line,
        "title": _("Enter a payment"),
        "lead": _("For money that has been paid out."),
        "submit": _("Enter this payment"),
    }
    return _answer(request, form, context)


@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, line_id: int) -> HttpResponse:
    """Make available again what a commitment no longer needs."""
    line, actor = line_get(line_id), actor_in(request)
    require(actor, Action.COMMITMENT_RELEASE, place=line.place)
    form = ReleaseForm(request.POST or None, commitments=commitments_open(line))
    entry = _entered(form, lambda: commitment_release(actor, form.draft(line)))
    if entry is not None:
        _said(request, entry, _("%(won)s won are available again."))
        return redirect("ledger_line", line_id=line.pk)
    context = {
        "line": line,
        "title": _("Release money"),
        "lead": _("For what a commitment no longer needs: the money is available again."),
        "submit": _("Release this amount"),
    }
    return _answer(request, form, context)


@require_http_methods(["GET", "POST"])
def reverse_entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Undo an entry by its mirror."""
    entry, actor = entry_get(entry_id), actor_in(request)
    for place in (entry.debit.place, entry.credit.place):
        require(actor, Action.ENTRY_REVERSE, place=place)
    line = entry.debit.line or entry.credit.line
    form = ReversalForm(request.POST or None)
    undone = _entered(form, lambda: entry_reverse(actor, form.draft(entry)))
    if undone is not None:
        _said(request, undone, _("The entry of %(won)s won is undone. Both stay in the ledger."))
        return redirect("ledger_line", line_id=line.pk) if line else redirect("ledger")
    context = {
        "line": line,
        "entry": entry,
        "title": _("Undo an entry"),
        "lead": _("The entry stays for everyone to see, and its exact opposite is entered beside it."),
        "submit": _("Undo this entry"),
    }
    return _answer(request, form, context)


@require_POST
def recompute(request: HttpRequest) -> HttpResponse:
    """Start computing every balance again."""
    draft = JobDraft(task=ledger_recompute_whole, title=_("Compute every balance again"))
    return redirect("job", job_id=str(job_start(actor_in(request), draft).pk))
