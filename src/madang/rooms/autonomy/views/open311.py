"""Open311 GeoReport v2: the same reports and answers for any city app."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import wraps
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from madang.numerics.errors import DomainError, EngineInputError, NotFound
from madang.rooms.autonomy.engine.agenda import State, due_on
from madang.rooms.autonomy.engine.receipt import receipt_shown
from madang.rooms.autonomy.formats.open311 import (
    JSON_TYPE,
    XML_TYPE,
    Endpoint,
    Entry,
    ErrorEntry,
    Format,
    RequestEntry,
    RequestMade,
    ServiceEntry,
    Status,
    TokenEntry,
    definition_written,
    discovery_written,
    entries_written,
    moment_read,
    moment_written,
)
from madang.rooms.autonomy.models import Category, Channel, Issue
from madang.rooms.autonomy.selectors import PublicFilter, issue_by_receipt, issue_public, issues_public, state_label
from madang.rooms.autonomy.services import IssueDraft, issue_report
from madang.yard.audit.authority import VISITOR, Actor
from madang.yard.people.selectors import token_actor, token_find
from madang.yard.places.models import Dong
from madang.yard.places.selectors import district_current, dongs_of

SPAN = timedelta(days=90)
MOST = 1000
_CHANGED = "2026-11-23T00:00:00Z"

_View = Callable[..., HttpResponse]


class Refused(Exception):  # noqa: N818  # the answer is a refusal, spoken in the interface's own form
    """What the interface answers when it does not do what was asked."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


def _spoken(view: _View) -> _View:
    """Give a view its format, check the jurisdiction, and turn refusals into the interface's errors."""

    @wraps(view)
    def answered(request: HttpRequest, form: str, **kwargs: str) -> HttpResponse:
        try:
            wanted = Format(form)
        except ValueError:
            return _errors(404, _("Ask for .json or .xml."), Format.XML)
        try:
            _check_jurisdiction(request)
            return view(request, wanted, **kwargs)
        except Refused as refusal:
            return _errors(refusal.status, refusal.description, wanted)
        except NotFound as error:
            return _errors(404, str(error), wanted)
        except (DomainError, EngineInputError) as error:
            return _errors(400, str(error), wanted)

    return answered


def _check_jurisdiction(request: HttpRequest) -> None:
    asked = request.GET.get("jurisdiction_id") or request.POST.get("jurisdiction_id") or ""
    if asked and asked != district_current().code:
        raise Refused(404, _("jurisdiction_id %(id)s was not found.") % {"id": asked})


def _errors(status: int, description: str, form: Format) -> HttpResponse:
    return _list(ErrorEntry, [ErrorEntry(code=status, description=description)], form, status)


def _list(kind: type[Entry], entries: Sequence[Entry], form: Format, status: int = 200) -> HttpResponse:
    return _body(entries_written(kind, entries, form), form, status)


def _body(content: bytes, form: Format, status: int = 200) -> HttpResponse:
    response = HttpResponse(content, content_type=JSON_TYPE if form is Format.JSON else XML_TYPE, status=status)
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@_spoken
def discovery(request: HttpRequest, form: Format) -> HttpResponse:
    """Say where the interface is and what it speaks."""
    endpoint = Endpoint(
        changeset=_CHANGED,
        contact=_("Ask the district office."),
        key_service=_("No key is needed."),
        url=request.build_absolute_uri("/open311/v2"),
    )
    return _body(discovery_written(endpoint, form), form)


@require_safe
@_spoken
def services(_request: HttpRequest, form: Format) -> HttpResponse:
    """List what can be reported."""
    return _list(ServiceEntry, [_service(category) for category in Category], form)


def _service(category: Category) -> ServiceEntry:
    label = str(category.label)
    return ServiceEntry(service_code=category.value, service_name=label, description=label, group=_("Dong agenda"))


@require_safe
@_spoken
def service(_request: HttpRequest, form: Format, code: str) -> HttpResponse:
    """Say what a kind of report asks for beyond the common fields: nothing."""
    _category(code)
    return _body(definition_written(code, form), form)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """List reports, or take one in."""
    return _post(request, form=form) if request.method == "POST" else _listed(request, form=form)


@_spoken
def _listed(request: HttpRequest, form: Format) -> HttpResponse:
    rows = issues_public(_filter(request), MOST)
    return _list(RequestEntry, [_entry(issue) for issue in rows], form)


@_spoken
def _post(request: HttpRequest, form: Format) -> HttpResponse:
    data = request.POST
    code = data.get("service_code", "")
    if not code:
        raise Refused(400, _("service_code was not provided."))
    _category(code)
    lon, lat, dong = _place(request)
    draft = IssueDraft(
        key=request.headers.get("Idempotency-Key") or uuid4().hex,
        text=data.get("description", ""),
        category=code,
        dong=dong,
        lon=lon,
        lat=lat,
        channel=Channel.OPEN311.value,
    )
    issue = issue_report(_actor(request), draft)
    notice = _("Receipt number %(receipt)s. Whoever has it can see what becomes of the report.")
    made = RequestMade(
        service_request_id=str(issue.pk), service_notice=notice % {"receipt": receipt_shown(issue.receipt or "")}
    )
    return _list(RequestMade, [made], form, 201)


@require_safe
@_spoken
def request_one(_request: HttpRequest, form: Format, request_id: str) -> HttpResponse:
    """Show one report."""
    number = _number(request_id)
    if number is None:
        raise Refused(404, _("service_request_id %(id)s was not found.") % {"id": request_id})
    return _list(RequestEntry, [_entry(issue_public(number))], form)


@require_safe
@_spoken
def token(_request: HttpRequest, form: Format, token: str) -> HttpResponse:
    """Return the report that a receipt number stands for."""
    try:
        issue = issue_by_receipt(token)
    except DomainError as error:
        raise Refused(404, str(error)) from error
    return _list(TokenEntry, [TokenEntry(service_request_id=str(issue.pk), token=token)], form)


def _category(code: str) -> Category:
    if code not in Category.values:
        raise Refused(404, _("service_code %(code)s was not found.") % {"code": code})
    return Category(code)


def _actor(request: HttpRequest) -> Actor:
    key = request.POST.get("api_key", "")
    if not key:
        return VISITOR
    found = token_find(key)
    if found is None:
        raise Refused(403, _("This api_key is not valid. Send none, or a valid one."))
    return token_actor(found)


def _place(request: HttpRequest) -> tuple[float | None, float | None, str]:
    """Return point and dong of a posted report: `lat` and `long`, else the dong that the address names."""
    lat, lon = request.POST.get("lat", ""), request.POST.get("long", "")
    if lat or lon:
        try:
            return float(lon), float(lat), ""
        except ValueError as error:
            raise Refused(400, _("lat and long must both be numbers.")) from error
    code, address = request.POST.get("address_id", ""), request.POST.get("address_string", "")
    dongs = dongs_of(district_current())
    named = [dong for dong in dongs if dong.code == code or (not code and _names(address, dong))]
    if not named:
        text = _("Send lat and long, or an address_id or address_string that names a dong of the district.")
        raise Refused(400, text)
    return None, None, max(named, key=lambda dong: len(dong.name_ko)).code


def _names(address: str, dong: Dong) -> bool:
    return dong.name_ko in address or (bool(dong.name_en) and dong.name_en.casefold() in address.casefold())


def _filter(request: HttpRequest) -> PublicFilter:
    asked = request.GET.get
    if asked("service_request_id"):
        numbers = [_number(part.strip()) for part in asked("service_request_id", "").split(",")]
        return PublicFilter(ids=[number for number in numbers if number is not None])
    states = {part.strip() for part in asked("status", "").split(",") if part.strip()}
    if states - {status.value for status in Status}:
        raise Refused(400, _("status must be open, closed or both."))
    start, end = _span(asked("start_date", ""), asked("end_date", ""))
    return PublicFilter(
        categories=[part.strip() for part in asked("service_code", "").split(",") if part.strip()],
        start=start,
        end=end,
        open=not states or Status.OPEN.value in states,
        closed=not states or Status.CLOSED.value in states,
    )


def _span(start_text: str, end_text: str) -> tuple[datetime, datetime]:
    start = moment_read(start_text, "start_date") if start_text else None
    end = moment_read(end_text, "end_date") if end_text else None
    if start is None:
        end = end or timezone.now()
        start = end - SPAN
    end = end or min(start + SPAN, timezone.now())
    if end - start > SPAN:
        raise Refused(400, _("start_date and end_date may not be more than 90 days apart."))
    return start, end


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _entry(issue: Issue) -> RequestEntry:
    item = issue.item
    state = issue.matter_state
    said = item.said if item is not None else issue.said
    closed = state in {State.ANSWERED, State.DELIVERED}
    moved_at = item.updated_at if item is not None else getattr(issue, "moved_at", None)
    since = item.state_since if item is not None else timezone.localdate(issue.reported_at)
    due = due_on(state, since)
    return RequestEntry(
        service_request_id=str(issue.pk),
        status=Status.CLOSED if closed else Status.OPEN,
        status_notes=state_label(state.value, said),
        service_name=str(Category(issue.category).label),
        service_code=issue.category,
        description="\n".join(part for part in (item.title, item.summary) if part) if item is not None else None,
        agency_responsible=_("%(dong)s office") % {"dong": issue.dong.name},
        service_notice=None,
        requested_datetime=moment_written(issue.reported_at),
        updated_datetime=moment_written(moved_at or issue.reported_at),
        expected_datetime=moment_written(datetime.combine(due, time(9), tzinfo=UTC)) if due else None,
        address=issue.dong.name,
        address_id=issue.dong_id,
        zipcode=None,
        lat=item.lat if item is not None else None,
        long=item.lon if item is not None else None,
        media_url=None,
    )
