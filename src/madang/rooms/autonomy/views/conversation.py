"""The opinion conversation: one statement at a time, then what has been found."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.numerics.errors import Conflict, DomainError
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.forms.assembly import StatementForm
from madang.rooms.autonomy.models import Opinion
from madang.rooms.autonomy.selectors.assembly import assembly_get, calendar_of, resident_here
from madang.rooms.autonomy.selectors.conversation import (
    Said,
    conversation_shown,
    opinion_rows,
    progress_of,
    statement_for_desk,
    statement_get,
    statements_of,
)
from madang.rooms.autonomy.services import (
    OpinionDraft,
    StatementDraft,
    opinion_give,
    statement_hide,
    statement_make,
)
from madang.rooms.autonomy.tasks import opinions_refresh_when_due
from madang.rooms.autonomy.views.acting import signed_in, tried
from madang.rooms.autonomy.views.hiding import Back, hide_words
from madang.rooms.autonomy.views.report import private
from madang.ui.downloads import csv_response
from madang.ui.formats import percent
from madang.ui.listing import Column
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import Action, may
from madang.yard.people.selectors import request_actor


@require_safe
@public_page
def discuss(request: HttpRequest, assembly_id: int) -> HttpResponse:
    """Show the conversation of an assembly: a resident's next statement, the groups, and every statement."""
    actor, assembly = request_actor(request), assembly_get(assembly_id)
    calendar = calendar_of(assembly)
    person = resident_here(actor, assembly.dong_id)
    opinions_open = calendar.opens(Deed.OPINE)
    found = conversation_shown(assembly)
    names = [group.name for group in found.groups] if found else []
    context = {
        "assembly": assembly,
        "calendar": calendar,
        "columns": [
            Column(label=_("Sentence")),
            Column(label=_("All who answered")),
            *(Column(label=_("%(group)s: agree") % {"group": name}, numeric=True) for name in names),
        ],
        "agreement": _agreement,
        "open": opinions_open,
        "signed_in": request.user.is_authenticated,
        "progress": progress_of(assembly, person) if person is not None and opinions_open else None,
        "found": found,
        "statements": statements_of(assembly),
        "may_hide": may(actor, Action.WORDS_HIDE, assembly.dong_id),
        "answers": [(Opinion.AGREE.value, Opinion.AGREE.label), (Opinion.DISAGREE.value, Opinion.DISAGREE.label),
                    (Opinion.PASS.value, Opinion.PASS.label)],
    }  # fmt: skip
    response = render(request, "autonomy/discuss.html", context)
    return private(response) if request.user.is_authenticated else response


@require_POST
@signed_in
def opine(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Take an opinion in and go on to the next statement."""
    statement = statement_get(statement_id)
    value = request.POST.get("value", "")
    try:
        opinion_give(request_actor(request), OpinionDraft(statement=statement.pk, value=_value(value)))
    except Conflict as error:
        messages.error(request, str(error))
    opinions_refresh_when_due(statement.assembly_id)
    response = redirect("discuss", statement.assembly_id)
    response["Location"] += "#now"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def state(request: HttpRequest, assembly_id: int) -> HttpResponse:
    """Take a statement in."""
    actor, assembly = request_actor(request), assembly_get(assembly_id)
    form = StatementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        draft = StatementDraft(assembly=assembly.pk, text=form.cleaned_data["text"])
        if tried(form, lambda: statement_make(actor, draft)) is not None:
            messages.success(request, _("Your sentence stands among the others. Your neighbours can answer it now."))
            return redirect("discuss", assembly.pk)
    speaks = resident_here(actor, assembly.dong_id) is not None
    return render(request, "autonomy/discuss_state.html", {"assembly": assembly, "form": form, "speaks": speaks})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def hide_statement(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Hide a statement that breaks the rules."""
    statement = statement_for_desk(request_actor(request), statement_id)
    back = Back(label=_("Conversation"), name="discuss", key=statement.assembly_id, assembly=statement.assembly)
    return hide_words(request, statement, statement_hide, back)


@require_safe
def opinions_csv(request: HttpRequest, assembly_id: int) -> HttpResponseBase:  # noqa: ARG001  # Django's signature
    """Return what is published of every statement as CSV."""
    assembly = assembly_get(assembly_id)
    rows = opinion_rows(assembly)
    groups = max((len(row) - 5 for row in rows), default=0)
    header = ("id", "statement", "agree", "disagree", "pass", *(f"agree_group_{n + 1}" for n in range(groups)))
    return csv_response(f"opinions-{assembly.pk}", header, rows)


def _agreement(said: Said) -> list[str]:
    """Return the cells of a statement's agreement by group."""
    language = get_language() or "ko"
    return [_("too few answered") if share is None else percent(share, language, decimals=0) for share in said.groups]


def _value(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise DomainError("opinion_unknown", _("Choose one of the three answers."), field="value") from error
