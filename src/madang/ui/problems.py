"""One mapping from errors to pages, API problems (RFC 9457) and status codes."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from madang.numerics.errors import (
    Conflict,
    DomainError,
    EngineError,
    InputError,
    InstallationError,
    MadangError,
    NotFound,
    PermissionDenied,
)

# First match decides; the order is from special to general. Who may not see a thing may not learn that it exists.
STATUS: tuple[tuple[type[MadangError], int], ...] = (
    (NotFound, 404),
    (PermissionDenied, 404),
    (Conflict, 409),
    (InputError, 422),
    (DomainError, 422),
    (EngineError, 422),
    (InstallationError, 503),
    (MadangError, 422),
)


def status_of(error: MadangError) -> int:
    """Return the HTTP status of an error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def problem(error: MadangError, instance: str = "") -> dict[str, Any]:
    """Return an error as problem details (RFC 9457)."""
    status = status_of(error)
    if isinstance(error, PermissionDenied):
        error = NotFound("not_found", _("There is nothing here, or you may not see it."))
    body: dict[str, Any] = {
        "type": f"urn:madang:problem:{error.code}",
        "title": error.code.replace("_", " "),
        "status": status,
        "detail": str(error),
        "instance": instance,
    }
    if error.data:
        body["data"] = error.data
    if error.field:
        body["errors"] = [{"field": error.field, "detail": str(error)}]
    return body


def problem_response(body: dict[str, Any]) -> JsonResponse:
    """Return problem details as a response of their own media type."""
    return JsonResponse(
        body,
        status=body["status"],
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False, "default": str},
    )


def error_page(request: HttpRequest, *, status: int, detail: str) -> HttpResponse:
    """Return the page that says what went wrong and what to do next."""
    return render(request, "ui/problem.html", {"status": status, "detail": detail}, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django's
    """Handle an address that leads nowhere."""
    return error_page(request, status=404, detail=_("There is nothing here, or you may not see it."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Handle a fault of ours."""
    detail = _("Something failed on our side. It was noted. Please try again in a minute.")
    return error_page(request, status=500, detail=detail)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Handle a form that came without its token."""
    detail = _("This form has expired. Go back, reload the page and send it again.")
    return error_page(request, status=403, detail=detail)


class ProblemMiddleware:
    """Turns errors that a person can cause into an answer a person can read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a `MadangError`, a missing page or a refused one; leave everything else to Django."""
        if isinstance(exception, MadangError):
            body = problem(exception, request.path)
            return error_page(request, status=body["status"], detail=body["detail"])
        if isinstance(exception, Http404 | DjangoPermissionDenied):
            return not_found(request)
        return None
