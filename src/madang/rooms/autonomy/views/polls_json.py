"""What a voter's browser, a trustee's and everybody's verifier ask for: JSON and files, no pages.

The right to vote is given to whoever is signed in. A ballot comes from nobody: what takes it reads no cookie, sets
none, and counts no requests by address, since its token alone says whether it may be cast.
"""

import json
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from madang.numerics.errors import DomainError, MadangError
from madang.rooms.autonomy.selectors.ballots import (
    Receipt,
    box_file_lines,
    box_state,
    poll_get,
    poll_header,
    poll_pabulib,
    poll_result,
    receipt_find,
)
from madang.rooms.autonomy.services.ballots import BallotDraft, TokenDraft, ballot_cast, token_issue
from madang.ui.problems import problem, problem_response
from madang.yard.audit.authority import VISITOR, Role
from madang.yard.people.selectors import request_actor

MOST_BYTES = 64 * 1024
_CHUNK = 64 * 1024
_View = Callable[..., HttpResponseBase]


def _answering(view: _View) -> _View:
    """Answer an error with problem details, whose `code` a program reads."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except MadangError as error:
            body = problem(error, request.path)
            return problem_response({**body, "code": body["type"].rpartition(":")[2]})

    return wrapped


@require_POST
@never_cache
@_answering
def token(request: HttpRequest, code: str) -> HttpResponseBase:
    """Sign the blinded token of whoever is signed in."""
    actor = request_actor(request)
    if actor.role is Role.PUBLIC:
        detail = _("Sign in first. Your ballot itself will not be tied to your account.")
        return problem_response({"type": "urn:madang:problem:sign_in", "title": "sign in", "status": 403,
                                 "detail": detail, "instance": request.path, "code": "sign_in"})  # fmt: skip
    blinded = _text(_posted(request), "blinded")
    return JsonResponse({"signature": token_issue(actor, TokenDraft(poll=code, blinded=blinded))})


@csrf_exempt
@require_POST
@never_cache
@_answering
def cast(request: HttpRequest, code: str) -> HttpResponseBase:
    """Take a ballot in and answer with its receipt; safe to send again."""
    posted = _posted(request)
    body = posted.get("body")
    if not isinstance(body, dict):
        raise _unreadable("body")
    draft = BallotDraft(poll=code, body=body, sealed=_text(posted, "sealed"))
    return JsonResponse(_receipt(ballot_cast(VISITOR, draft)), status=201)


@require_safe
@_answering
def header(request: HttpRequest, code: str) -> HttpResponseBase:  # noqa: ARG001  # Django's signature
    """Return the header of a poll's box, in the bytes that its first hash is made of."""
    poll = poll_get(code)
    poll_header(poll)
    return HttpResponse(poll.header, content_type="application/json")


@require_safe
@never_cache
@_answering
def state(request: HttpRequest, code: str) -> HttpResponseBase:  # noqa: ARG001
    """Return how far the box is: entries, head, and who signed which head."""
    found = box_state(poll_get(code))
    signed = [{"seq": row.seq, "head": row.head, "trustees": list(row.trustees)} for row in found.signed]
    return JsonResponse(
        {
            "poll": found.poll,
            "state": found.state,
            "entries": found.entries,
            "head": found.head,
            "signed": signed,
            "threshold": found.threshold,
            "trustees": found.trustees,
            "shares": found.shares,
        }
    )


@require_safe
@never_cache
@_answering
def receipt(request: HttpRequest, code: str, digits: str) -> HttpResponseBase:  # noqa: ARG001
    """Return what has become of a ballot, by its receipt."""
    return JsonResponse(_receipt(receipt_find(poll_get(code), digits)))


@require_safe
@_answering
def box_file(request: HttpRequest, code: str) -> HttpResponseBase:  # noqa: ARG001
    """Return the whole public box as a file."""
    poll = poll_get(code)
    poll_header(poll)
    response = StreamingHttpResponse(_pieces(box_file_lines(poll)), content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{poll.code}.box.jsonl"'
    return response


@require_safe
@_answering
def pabulib_file(request: HttpRequest, code: str) -> HttpResponseBase:  # noqa: ARG001
    """Return the ballots that count as a Pabulib file."""
    poll = poll_get(code)
    response = HttpResponse(poll_pabulib(poll), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{poll.code}.pb"'
    return response


@require_safe
@_answering
def result(request: HttpRequest, code: str) -> HttpResponseBase:  # noqa: ARG001
    """Return the closing line of a box, null before the ballots are opened."""
    return JsonResponse({"closing": poll_result(poll_get(code))})


def _pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines in pieces that are worth sending."""
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= _CHUNK:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _receipt(found: Receipt) -> dict[str, Any]:
    return {
        "receipt": found.receipt,
        "state": found.state.value,
        "seq": found.seq,
        "replaced_by": found.replaced_by,
        "reason": found.reason,
        "body": found.body,
    }


def _posted(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json" or len(request.body) > MOST_BYTES:
        raise _unreadable("")
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise _unreadable("") from error
    if not isinstance(value, dict):
        raise _unreadable("")
    return value


def _text(posted: dict[str, Any], name: str) -> str:
    value = posted.get(name)
    if not isinstance(value, str):
        raise _unreadable(name)
    return value


def _unreadable(field: str) -> DomainError:
    message = _("This request cannot be read. Open the page again and try once more.")
    return DomainError("request_unreadable", message, field=field or None)
