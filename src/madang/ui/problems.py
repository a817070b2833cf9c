"""One mapping from errors to pages, API problems (RFC 9457) and status codes."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import OperationalError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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

log = logging.getLogger("madang.problems")

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
    """Return the page that says what went wrong and what to do next; for htmx, only the part that replaces."""
    if request.headers.get("HX-Request") == "true":
        response = render(
            request, "ui/problem_part.html", {"title": problem_title(status), "detail": detail}, status=status
        )
        # Without these htmx would throw the answer away, or put it into a corner of the page.
        response["HX-Retarget"] = "#main"
        response["HX-Reswap"] = "innerHTML"
        return response
    return render(request, "ui/problem.html", {"title": problem_title(status), "detail": detail}, status=status)


def problem_title(status: int) -> str:
    """Return what happened, in a few words."""
    titles = {
        400: _("This request could not be understood"),
        403: _("This form has expired"),
        404: _("There is nothing here"),
        409: _("Something has changed meanwhile"),
        413: _("This is too large"),
        422: _("This could not be done"),
        429: _("Too many tries"),
        500: _("Something failed on our side"),
        503: _("Not ready yet"),
    }
    return titles.get(status, titles[422])


def form_problem(form: BaseForm, error: MadangError) -> None:
    """Put an error beside the form field it belongs to, or above the form where it belongs to none.

    Parameters
    ----------
    form : BaseForm
        A bound form; it stops being valid.
    error : MadangError
        What a service refused.
    """
    form.add_error(error.field if error.field in form.fields else None, str(error))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django's
    """Handle a request that is not one."""
    return error_page(request, status=400, detail=_("Go back, reload the page and try again."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django's
    """Handle an address that leads nowhere."""
    detail = _("The address leads nowhere, or you may not see what is there. Start from the home page.")
    return error_page(request, status=404, detail=detail)


def too_many(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """Answer someone who tries too often."""
    minutes = max(1, -(-seconds // 60))
    detail = ngettext("Wait %(count)s minute, then try again.", "Wait %(count)s minutes, then try again.", minutes) % {
        "count": minutes
    }
    response = error_page(request, status=429, detail=detail)
    response["Retry-After"] = str(seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Handle a fault of ours: without any context, because what makes the context may be what failed."""
    detail = _("It was noted. Please try again in a minute.")
    page = render_to_string("ui/problem.html", {"title": problem_title(500), "detail": detail, "bare": True})
    response = HttpResponse(page, status=500)
    response["Cache-Control"] = "no-store"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Handle a form that came without its token."""
    detail = _("Go back, reload the page and send it again. What you typed is still in the page you came from.")
    return error_page(request, status=403, detail=detail)


def unavailable_detail() -> str:
    """Say that nothing can be written for the moment, and that nothing was lost."""
    return _(
        "It cannot be kept just now, and nothing was kept. Your text is still in the page you came from; try again."
    )


def unavailable(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # every handler's signature
    """Handle a database that is away, too busy or out of room; no context is asked for, since that reads it too."""
    page = render_to_string(
        "ui/problem.html", {"title": problem_title(503), "detail": unavailable_detail(), "bare": True}
    )
    response = HttpResponse(page, status=503)
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = "30"
    return response


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
        if isinstance(exception, OperationalError):
            log.error("the database did not take a request", exc_info=exception)
            return unavailable(request)
        return None
