"""Hiding words that break the rules: one page for arguments and statements."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from madang.rooms.autonomy.forms.assembly import HideForm
from madang.rooms.autonomy.models import Argument, Assembly, Statement
from madang.rooms.autonomy.services import HideDraft
from madang.rooms.autonomy.views.acting import tried
from madang.yard.audit.authority import Actor
from madang.yard.people.selectors import request_actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Where the page leads back to: what it is called, the name of its address, and its key."""

    label: str
    name: str
    key: int
    assembly: Assembly


def hide_words(
    request: HttpRequest, words: Argument | Statement, hide: Callable[[Actor, HideDraft], object], back: Back
) -> HttpResponse:
    """Take the reason in and hide the words; show the page until that is done."""
    actor = request_actor(request)
    form = HideForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        draft = HideDraft(words=words.pk, reason=form.cleaned_data["reason"])
        if tried(form, lambda: hide(actor, draft)) is not None:
            messages.success(request, _("It is hidden. The reason stands in its place."))
            return redirect(back.name, back.key)
    context = {
        "form": form,
        "words": words.text,
        "back_label": back.label,
        "back_name": back.name,
        "back_key": back.key,
        "assembly": back.assembly,
    }
    return render(request, "autonomy/assembly_hide.html", context)
