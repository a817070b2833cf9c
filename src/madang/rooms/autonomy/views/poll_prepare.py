"""Preparing a vote: the officer chooses the rule; it is fixed later, before the first ballot."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.forms.rule import RuleForm
from madang.rooms.autonomy.selectors.assembly import assembly_get, calendar_of
from madang.rooms.autonomy.selectors.ballots import poll_of_assembly
from madang.rooms.autonomy.selectors.polls import rule_sentences
from madang.rooms.autonomy.services.ballots import PollDraft, poll_prepare
from madang.rooms.autonomy.views.acting import signed_in, tried
from madang.yard.audit.authority import Action, require
from madang.yard.people.selectors import request_actor


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def prepare(request: HttpRequest, assembly_id: int) -> HttpResponse:
    """Take the rule of an assembly's vote in, and prepare the vote on what was admitted."""
    actor, assembly = request_actor(request), assembly_get(assembly_id)
    require(actor, Action.POLL_PREPARE, place=assembly.dong_id)
    form = RuleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        draft = PollDraft(
            assembly=assembly.pk,
            manifest=form.manifest(assembly.dong_id),
            threshold=form.cleaned_data["threshold"],
            batch=form.cleaned_data["batch"],
        )
        poll = tried(form, lambda: poll_prepare(actor, draft))
        if poll is not None:
            messages.success(request, _("The vote is prepared. Council members register their keys next."))
            return redirect("poll_trustee", poll.pk)
    calendar, standing = calendar_of(assembly), poll_of_assembly(assembly.pk)
    context = {
        "assembly": assembly,
        "form": form,
        "calendar": calendar,
        "is_open": calendar.opens(Deed.PREPARE_POLL),
        "poll": standing,
        "rule": rule_sentences(standing.manifest) if standing is not None else [],
    }
    return render(request, "autonomy/poll_prepare.html", context)
