"""The dong office's and the council's side of a vote: paper, keyed by two people, and the trustees' keys."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madang.numerics.errors import NotFound, PermissionDenied
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.forms.polls import HeadForm, PaperForm, ShareForm, SheetsForm, TrusteeKeyForm
from madang.rooms.autonomy.models import Poll, PollState, SheetState
from madang.rooms.autonomy.selectors.assembly import calendar_of
from madang.rooms.autonomy.selectors.ballots import box_state, poll_header, sheets_of, trustee_of, trustees_of
from madang.rooms.autonomy.selectors.polls import ballot_sentence, poll_by_id, poll_projects, sheet_choice
from madang.rooms.autonomy.services.ballots import (
    HeadDraft,
    PaperDraft,
    PaperIssueDraft,
    ShareDraft,
    SheetsDraft,
    TrusteeDraft,
    head_sign,
    paper_issue,
    paper_key,
    paper_print,
    poll_close,
    poll_freeze,
    share_post,
    trustee_register,
)
from madang.rooms.autonomy.tasks import poll_count_start
from madang.rooms.autonomy.views.acting import signed_in, tried
from madang.yard.audit.authority import Action, Actor, may, require
from madang.yard.people.forms import PersonSearchForm
from madang.yard.people.selectors import request_actor
from madang.yard.people.services import persons_search

MOST_SHOWN = 50
_Act = Callable[[], object]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def poll_paper(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Give out sheets of paper, and key them, each by two people."""
    found, actor = poll_by_id(poll_id), request_actor(request)
    place = found.assembly.dong_id
    require(actor, Action.PAPER_KEY, place=place)
    header = poll_header(found)
    named = [(row.code, row.name) for row in poll_projects(found)]
    key_form = PaperForm(_posted(request, "key"), auto_id="key_%s", rules=header.rules, projects=named)
    find_form = PersonSearchForm(_posted(request, "find"), auto_id="find_%s")
    sheets_form = SheetsForm(_posted(request, "print"), auto_id="print_%s")
    deed, rows, calendar = request.POST.get("deed", ""), None, calendar_of(found.assembly)
    if deed == "key" and key_form.is_valid() and _key(request, actor, found, key_form):
        return redirect("poll_paper", found.pk)
    if deed == "find" and find_form.is_valid():
        rows = tried(find_form, lambda: persons_search(actor, find_form.query()))
    if deed == "print" and sheets_form.is_valid():
        sheets = tried(sheets_form, lambda: paper_print(actor, _sheets_draft(found, sheets_form)))
        if sheets is not None:
            context = {"poll": found, "sheets": sheets, "named": named, "type": header.rules.type,
                       "limit": ballot_sentence(header.rules)}  # fmt: skip
            return render(request, "autonomy/paper_sheets.html", context)
    given = _office_deed(request, actor, found, find_form)
    if given:
        return redirect("poll_paper", found.pk)
    context = {
        "poll": found,
        "key_form": key_form,
        "find_form": find_form,
        "sheets_form": sheets_form,
        "rows": rows,
        "may_issue": may(actor, Action.PAPER_ISSUE, place=place),
        "may_close": may(actor, Action.POLL_CLOSE, place=place)
        and found.state == PollState.FROZEN.value
        and calendar.opens(Deed.CLOSE_POLL),
        "half": list(sheets_of(found, SheetState.KEYED)[:MOST_SHOWN]),
        "counts": {state: sheets_of(found, state).count() for state in SheetState},
        "limit": ballot_sentence(header.rules),
        "is_ordinal": header.rules.type == "ordinal",
    }
    return render(request, "autonomy/paper.html", context)


def _posted(request: HttpRequest, deed: str) -> Any:  # noqa: ANN401  # QueryDict or None
    return request.POST if request.method == "POST" and request.POST.get("deed") == deed else None


def _sheets_draft(found: Poll, form: SheetsForm) -> SheetsDraft:
    return SheetsDraft(poll=found.code, count=form.cleaned_data["count"])


def _key(request: HttpRequest, actor: Actor, found: Poll, form: PaperForm) -> bool:
    """Key a sheet; says what became of it."""
    choice = sheet_choice(poll_header(found).rules, form.given())
    draft = PaperDraft(poll=found.code, sheet=form.cleaned_data["sheet"], choice=choice)
    try:
        keyed = tried(form, lambda: paper_key(actor, draft))
    except NotFound as error:
        if error.field != "sheet":
            raise
        form.add_error("sheet", str(error))
        return False
    if keyed is None:
        return False
    said = {
        "first": _("The sheet was keyed once. Somebody else has to key it again before it goes into the box."),
        "entered": _("Both people read the same. The sheet is in the box."),
        "different": _(
            "The two readings differ, so neither counts. Look at the sheet together and let two people key it again."
        ),
    }
    level = messages.WARNING if keyed.outcome.value == "different" else messages.SUCCESS
    messages.add_message(request, level, said[keyed.outcome.value])
    return True


def _office_deed(request: HttpRequest, actor: Actor, found: Poll, form: PersonSearchForm) -> bool:
    """Give a sheet to a resident, or close the vote; returns whether it was done."""
    deed = request.POST.get("deed", "")
    if deed == "issue":
        person = _uuid(request.POST.get("person", ""))
        draft = PaperIssueDraft(poll=found.code, person=person)
        done = _said(request, form, lambda: paper_issue(actor, draft))
        if done:
            messages.success(request, _("Noted. Hand over any sheet from the stack; its number stays unwritten."))
        return True
    if deed == "close":
        if _said(request, form, lambda: poll_close(actor, found.code)):
            messages.success(request, _("The vote is closed. The council members now sign the box and open it."))
        return True
    return False


def _said(request: HttpRequest, form: forms.Form, act: _Act) -> bool:
    """Do something; what is refused is said above the page that follows."""
    unbound = type(form)({})
    unbound.is_valid()
    unbound.errors.clear()
    if tried(unbound, act) is not None:
        return True
    for problems in unbound.errors.values():
        for text in problems:
            messages.error(request, str(text))
    return False


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("person_unknown", _("There is no such person.")) from error


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def poll_trustee(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Let a council member make keys, sign the box and give the share; the keys never leave the browser."""
    found, actor = poll_by_id(poll_id), request_actor(request)
    place = found.assembly.dong_id
    if not (may(actor, Action.TRUSTEE_SIGN, place=place) or may(actor, Action.POLL_PREPARE, place=place)):
        raise PermissionDenied("not_permitted", _("This page is for the residents' council of the dong."))
    mine = trustee_of(actor, found)
    drawn: dict[str, forms.Form] = {
        "register": TrusteeKeyForm(
            _posted(request, "register"), auto_id="register_%s", initial={"name": mine.name if mine else ""}
        ),
        "sign": HeadForm(_posted(request, "sign"), auto_id="sign_%s"),
        "share": ShareForm(_posted(request, "share"), auto_id="share_%s"),
    }
    deed = request.POST.get("deed", "")
    if deed in drawn:
        form = drawn[deed]
        if form.is_valid() and tried(form, _trustee_act(actor, found, deed, form)) is not None:
            messages.success(request, _trustee_said(deed))
            return redirect("poll_trustee", found.pk)
    elif deed in {"freeze", "open"}:
        act: _Act = (
            (lambda: poll_freeze(actor, found.code))
            if deed == "freeze"
            else lambda: poll_count_start(actor, found.code)
        )
        if _said(request, drawn["sign"], act):
            messages.success(request, _trustee_said(deed))
        return redirect("poll_trustee", found.pk)
    return render(request, "autonomy/trustee.html", _trustee_context(actor, found, drawn))


def _trustee_act(actor: Actor, found: Poll, deed: str, form: forms.Form) -> _Act:
    data = form.cleaned_data
    if deed == "register":
        keys = TrusteeDraft(poll=found.code, sign=data["sign"], box=data["box"], name=data["name"])
        return lambda: trustee_register(actor, keys)
    if deed == "sign":
        head = HeadDraft(poll=found.code, seq=data["seq"], head=data["head"], signature=data["signature"])
        return lambda: head_sign(actor, head)
    return lambda: share_post(actor, ShareDraft(poll=found.code, share=data["share"]))


def _trustee_said(deed: str) -> str:
    return {
        "register": _("Your keys are registered. Keep the key file: without it you can neither sign nor open."),
        "sign": _("Your signature stands beside the box. Nobody can show another box now without being found out."),
        "share": _("Your share was taken. The ballots open as soon as enough members have given theirs."),
        "freeze": _("The rules are fixed and published. Nothing of them can be changed any more."),
        "open": _("The ballots are opened and counted. Everybody can see the result."),
    }[deed]


def _trustee_context(actor: Actor, found: Poll, drawn: dict[str, forms.Form]) -> dict[str, Any]:
    place = found.assembly.dong_id
    mine, trustees = trustee_of(actor, found), list(trustees_of(found))
    frozen = found.state != PollState.DRAFT.value
    box = box_state(found) if frozen else None
    signers = next((set(row.trustees) for row in box.signed if row.seq == box.entries), set()) if box else set()
    ready = box is not None and box.shares >= box.threshold and len(signers) >= box.threshold
    is_closed = found.state == PollState.CLOSED.value
    return {
        "poll": found,
        "mine": mine,
        "forms": drawn,
        "box": box,
        "trustees": [(row, row.number in signers, getattr(row, "posted", None) is not None) for row in trustees],
        "may_register": may(actor, Action.TRUSTEE_SIGN, place=place) and not frozen,
        "may_freeze": may(actor, Action.POLL_PREPARE, place=place) and not frozen and len(trustees) >= found.threshold,
        "may_sign": mine is not None and found.state in {"frozen", "closed"} and bool(box and box.entries)
        and mine.number not in signers,
        "may_share": mine is not None and is_closed and getattr(mine, "posted", None) is None,
        "may_open": may(actor, Action.POLL_OPEN, place=place) and is_closed and ready,
        "data": {
            "poll": found.code,
            "trustee": mine.number if mine else 0,
            "sealed": mine.sealed_share if mine else "",
            "seq": box.entries if box else 0,
            "head": box.head if box else "",
            "words": {
                "made": _("The key file was saved on this device. Now register its public half."),
                "no_key": _("This is no key file of this vote."),
                "wrong_key": _("This key file does not open your share. Choose the one that you made for this vote."),
                "ready": _("Done on this device. Now send it."),
            },
        },
    }  # fmt: skip
