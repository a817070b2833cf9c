"""The pages of a vote: what it is about, voting, the receipt, and the files with which anybody checks it."""

import base64
import functools
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.numerics.errors import NotFound
from madang.rooms.autonomy.bridge import place_on_map
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.forms.polls import ReceiptForm
from madang.rooms.autonomy.models import Category, Poll, PollState
from madang.rooms.autonomy.selectors.assembly import calendar_of, resident_here
from madang.rooms.autonomy.selectors.ballots import (
    Receipt,
    ReceiptState,
    box_state,
    poll_header,
    receipt_find,
    token_was_issued,
    trustees_of,
)
from madang.rooms.autonomy.selectors.polls import (
    ballot_sentence,
    category_name,
    choice_lines,
    dong_drawing,
    opening_of,
    poll_by_id,
    poll_projects,
    rule_sentences,
)
from madang.rooms.autonomy.views.report import private
from madang.ui.downloads import csv_response
from madang.ui.listing import Column, ListingRules, listing_of
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import Role
from madang.yard.people.selectors import request_actor
from madang.yard.places.selectors import district_current

_VERIFIER = Path(__file__).parent.parent / "static" / "autonomy" / "verifier.html"
_PART = re.compile(r"<(script|style)[^>]*>(.*?)</\1>", re.DOTALL)


@require_safe
@public_page
def poll(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Show a vote: what is decided, by which rule, until when, and how anybody can check it."""
    found = poll_by_id(poll_id)
    rules = ListingRules(
        sortable={"code": "code", "name": "name", "cost": "cost_won"},
        default="code",
        filters={"category": Category.values},
    )
    listing = listing_of(request, rules)
    projects = list(poll_projects(found, listing))
    calendar = calendar_of(found.assembly)
    frozen = found.state != PollState.DRAFT.value
    context = {
        "poll": found,
        "calendar": calendar,
        "is_open": found.state == PollState.FROZEN.value and calendar.opens(Deed.CAST),
        "rule": rule_sentences(found.manifest),
        "limit": ballot_sentence(poll_header(found).rules) if frozen else "",
        "box": box_state(found) if frozen else None,
        "fingerprint": poll_header(found).genesis[:12] if frozen else "",
        "trustees": list(trustees_of(found)),
        "projects": projects,
        "has_map": any(row.proposal is not None and row.proposal.lon is not None for row in projects),
        "listing": listing,
        "columns": [
            Column(label=_("Code"), key="code"), Column(label=_("Proposal"), key="name"), Column(label=_("Subject")),
            Column(label=_("Cost"), key="cost", numeric=True),
        ],
        "rows": [[row.code, _linked(row), category_name(row.category), row.cost_won] for row in projects],
        "selects": [
            {"name": "category", "label": _("Subject"), "value": listing.chosen["category"],
             "choices": Category.choices},
        ],
    }  # fmt: skip
    return render(request, "autonomy/poll.html", context)


def _linked(row: Any) -> str:  # noqa: ANN401  # PollProject
    if row.proposal_id is None:
        return str(row.name)
    return format_html('<a href="{}">{}</a>', reverse("proposal", args=[row.proposal_id]), row.name)


@require_safe
def poll_projects_csv(request: HttpRequest, poll_id: int) -> HttpResponseBase:  # noqa: ARG001  # Django's signature
    """Return what is voted on as a file."""
    found = poll_by_id(poll_id)
    rows = [(row.code, row.name, row.category, row.cost_won) for row in poll_projects(found)]
    return csv_response(f"{found.code}-projects", ("code", "name", "category", "cost_won"), rows)


@require_safe
@public_page
def poll_map(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Draw the dong with the places of the proposals that have one, by code."""
    found = poll_by_id(poll_id)
    district, drawing = district_current(), dong_drawing(found.assembly.dong_id)
    points = [
        (row.code, *place_on_map(district, row.proposal.lon, row.proposal.lat))
        for row in poll_projects(found)
        if row.proposal is not None and row.proposal.lon is not None and row.proposal.lat is not None
    ]
    context = {"drawing": drawing, "points": points, "unit": max(drawing.width, drawing.height) / 100}
    return render(request, "autonomy/poll_map.svg", context, content_type="image/svg+xml")


@require_safe
def poll_vote(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Show the page on which a ballot is made; the making itself happens in the voter's browser."""
    found, actor = poll_by_id(poll_id), request_actor(request)
    header = poll_header(found)
    calendar = calendar_of(found.assembly)
    names = {row.code: row for row in poll_projects(found)}
    context = {
        "poll": found,
        "calendar": calendar,
        "is_open": found.state == PollState.FROZEN.value and calendar.opens(Deed.CAST),
        "limit": ballot_sentence(header.rules),
        "projects": [(row, category_name(row.category)) for row in names.values()],
        "is_resident": resident_here(actor, found.assembly.dong_id) is not None,
        "is_public": actor.role is Role.PUBLIC and not request.user.is_authenticated,
        "has_token": token_was_issued(actor, found),
        "data": {
            "signed_in": actor.role is not Role.PUBLIC,
            "header": header.value,
            "words": vote_words(),
            "urls": {
                "token": reverse("poll_token", args=[found.code]),
                "cast": reverse("ballot_cast", args=[found.code]),
                "receipt": reverse("poll_receipt", args=[found.pk]),
            },
        },
    }
    return private(render(request, "autonomy/vote.html", context))


@require_safe
def poll_receipt(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Look for a ballot by its receipt number."""
    found = poll_by_id(poll_id)
    poll_header(found)
    asked = "number" in request.GET
    form = ReceiptForm(request.GET if asked else None)
    context: dict[str, Any] = {"poll": found, "form": form, "receipt": None}
    if asked and form.is_valid():
        try:
            receipt = receipt_find(found, form.cleaned_data["number"])
        except NotFound as error:
            form.add_error("number", str(error))
        else:
            context |= _receipt_said(found, receipt)
    return private(render(request, "autonomy/receipt.html", context))


def _receipt_said(found: Poll, receipt: Receipt) -> dict[str, Any]:
    said = {
        ReceiptState.WAITING: (
            _("Your ballot has been received"),
            _("It waits for others and goes into the box together with them, so that nobody can tell when you voted."),
            "going",
        ),
        ReceiptState.IN_BOX: (
            _("Your ballot is in the box"), _("It is sealed and will be opened and counted after the vote."), "going",
        ),
        ReceiptState.REPLACED: (
            _("A later ballot has taken its place"), _("You voted again; only the last one counts."), "held",
        ),
        ReceiptState.COUNTED: (_("Your ballot was counted"), _("This is what was counted:"), "done"),
        ReceiptState.INVALID: (
            _("Your ballot could not be counted"),
            _("When it was opened it did not say what a ballot of this vote may say."),
            "late",
        ),
    }  # fmt: skip
    title, why, tone = said[receipt.state]
    lines: list[str] = []
    if receipt.state is ReceiptState.COUNTED and receipt.seq is not None:
        names = {row.code: row.name for row in poll_projects(found)}
        lines = choice_lines(opening_of(found, receipt.seq) or {"approve": []}, names) or [_("nothing chosen")]
    shown = json.dumps(receipt.body, indent=1, ensure_ascii=False)
    return {"receipt": receipt, "title": title, "why": why, "tone": tone, "lines": lines, "body": shown}


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """Return the verifier, to be used here or to be taken away; it runs nothing but itself and asks nobody."""
    text, policy = _verifier()
    response = HttpResponse(text, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = policy
    if "download" in request.GET:
        response["Content-Disposition"] = 'attachment; filename="madang-verifier.html"'
    return response


@functools.lru_cache(maxsize=1)
def _verifier() -> tuple[str, str]:
    text = _VERIFIER.read_text(encoding="utf-8")
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, part in _PART.findall(text):
        hashes[kind].append(f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'")
    policy = (
        f"default-src 'none'; script-src {' '.join(hashes['script'])} blob:; worker-src blob:;"
        f" style-src {' '.join(hashes['style'])}; img-src data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    return text, policy


def vote_words() -> dict[str, str]:
    """Return what the voting page's script says, in the reader's language."""
    return {
        "add": _("Add"),
        "added": _("Added ✓"),
        "ranked": _("Place {place} ✓"),
        "less": _("One point less for {name}"),
        "more": _("One point more for {name}"),
        "up": _("Move {name} up"),
        "down": _("Move {name} down"),
        "remove": _("Take {name} out"),
        "moved": _("{name} now stands in place {place}."),
        "chosen": _("{count} chosen"),
        "sum": _("{cost} in all"),
        "points_left": _("{left} points left"),
        "money_left": _("{left} left"),
        "choices_left": _("{left} more can be chosen"),
        "share": _("{percent}% of the budget"),
        "full": _("You can choose {most} at most. Take one out first."),
        "too_dear": _("It does not fit any more: {left} are left."),
        "no_points": _("No points are left. Take some from another proposal first."),
        "too_few": _("Choose {least} at least."),
        "few_points": _("Give {least} points at least."),
        "found": _("{count} found"),
        "with_points": _("{name}: {points} points"),
        "sign_in": _("Sign in first, then send it. What you chose is kept on this device."),
        "empty": _("You have chosen nothing. An empty ballot counts as a vote for none of them."),
        "token": _("Getting your right to vote. Your device hides it first, so that nobody can recognise it later."),
        "sealing": _("Sealing your choice. Only the residents' council together can open it, after the vote."),
        "sending": _("Putting it into the ballot box, without your name."),
        "again": _("The network does not answer. Trying again; your vote cannot be counted twice."),
        "network": _("The network does not answer."),
        "refused": _("The vote was not accepted."),
        "wrong_receipt": _("The receipt that came back is not the one of this ballot. Try again."),
        "turns_gone": _("This right to vote has been used as often as it can be."),
        "broken": _("Something went wrong on this device."),
        "safe": _("Your ballot is kept on this device. Sending it again is safe: the same ballot counts once."),
        "voted": _("You have voted from this device {times} times. The last receipt: {number}."),
        "kept": _("This device remembers it until you delete it."),
        "not_kept": _("This browser keeps nothing. Download the receipt now: without it you cannot vote again."),
        "no_receipt": _("This is no receipt file of this vote."),
        "loaded": _("The receipt was loaded. You can vote again from this device."),
    }
