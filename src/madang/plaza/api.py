"""The API under `/api/v1`: every router, one form of error, one rate limit, and the page that lists it all."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.throttling import AnonRateThrottle, AuthRateThrottle

from madang import __version__
from madang.numerics.errors import MadangError, NotFound
from madang.rooms.autonomy.api import router as autonomy
from madang.rooms.projects.api import router as projects
from madang.ui.listing import Column
from madang.ui.pagecache import public_page
from madang.ui.problems import problem, problem_response, unavailable_detail
from madang.yard.audit.api import router as audit
from madang.yard.evidence.api import router as evidence
from madang.yard.ledger.api import router as ledger
from madang.yard.people.api import router as people
from madang.yard.places.api import router as places

# Per address without a token, per token with one. Loose enough for a hall full of phones behind one address.
ANONYMOUS_RATE, TOKEN_RATE = "1200/m", "3000/m"

log = logging.getLogger("madang.api")

COLUMNS = tuple(
    Column(label=label)
    for label in (
        gettext_lazy("Path"),
        gettext_lazy("HTTP method"),
        gettext_lazy("What it does"),
        gettext_lazy("Access"),
    )
)

api = NinjaAPI(
    title="Madang",
    version=__version__,
    description="What a district publishes and what a resident can do, for programs.",
    urls_namespace="api-1",
    docs_url=None,
    throttle=[AnonRateThrottle(ANONYMOUS_RATE), AuthRateThrottle(TOKEN_RATE)],
)
for path, router, tag in (
    ("/places", places, "places"),
    ("/audit", audit, "audit"),
    ("/people", people, "people"),
    ("/ledger", ledger, "ledger"),
    ("/evidence", evidence, "evidence"),
    ("/autonomy", autonomy, "autonomy"),
    ("/projects", projects, "projects"),
):
    api.add_router(path, router, tags=[tag])


def _plain(status: int, code: str, detail: str, request: HttpRequest) -> dict[str, Any]:
    return {
        "type": f"urn:madang:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": detail,
        "instance": request.path,
    }


@api.exception_handler(MadangError)
def _refused(request: HttpRequest, error: MadangError) -> HttpResponse:
    return problem_response(problem(error, request.path))


@api.exception_handler(Http404)
def _absent(request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem_response(problem(NotFound("not_found", _("There is nothing at this address.")), request.path))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    body = _plain(422, "invalid", _("Some fields cannot be accepted; see errors."), request)
    body["errors"] = [
        {"field": ".".join(str(part) for part in fault["loc"]), "detail": fault["msg"]} for fault in error.errors
    ]
    return problem_response(body)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    detail = _("A token with the right scope is needed: Authorization: Bearer TOKEN.")
    response = problem_response(_plain(401, "token_needed", detail, request))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Throttled)
def _throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    detail = _("Too many requests. Wait and try again.")
    response = problem_response(_plain(429, "too_many_requests", detail, request))
    if error.wait:
        response["Retry-After"] = str(int(error.wait) + 1)
    return response


@api.exception_handler(HttpError)
def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem_response(_plain(error.status_code, "request_refused", str(error), request))


@api.exception_handler(OperationalError)
def _unavailable(request: HttpRequest, error: OperationalError) -> HttpResponse:
    log.error("the database did not take a request", exc_info=error)
    response = problem_response(_plain(503, "unavailable", unavailable_detail(), request))
    response["Retry-After"] = "30"
    return response


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One line of the API's page."""

    method: str
    path: str
    summary: str
    tag: str
    needs_token: bool


def endpoints() -> Iterator[Endpoint]:
    """Yield every endpoint in the order of its parts."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield Endpoint(
                method=method.upper(),
                path=path,
                summary=operation.get("summary", ""),
                tag=(operation.get("tags") or [""])[0],
                needs_token=bool(operation.get("security")),
            )


@require_safe
@public_page
def reference(request: HttpRequest) -> HttpResponse:
    """Show what the API offers."""
    return render(request, "plaza/api.html", {"endpoints": list(endpoints()), "columns": COLUMNS})
