"""Errors as pages: in both languages, for htmx, and even when nothing else works."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from madang.numerics.errors import (
    Conflict,
    DomainError,
    EngineInfeasible,
    InputError,
    InstallationError,
    MadangError,
    NotFound,
    PermissionDenied,
    Place,
)
from madang.ui.problems import ProblemMiddleware, problem, server_error, too_many

INPUT = InputError("bad", Place(file="a.csv", line=3), found="x", expected="a number", mend="Write digits.")


def answer(error: Exception, **headers: str) -> HttpResponse | None:
    def get_response(_request: HttpRequest) -> HttpResponse:
        raise error

    request = RequestFactory().get("/", headers=headers)
    request.user = AnonymousUser()
    return ProblemMiddleware(get_response).process_exception(request, error)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("x", "Gone."), 404),
        (PermissionDenied("x", "Not yours."), 404),
        (Conflict("x", "Changed."), 409),
        (DomainError("x", "Refused."), 422),
        (EngineInfeasible("x", "Impossible."), 422),
        (INPUT, 422),
        (InstallationError("x", "Disk full."), 503),
        (Http404(), 404),
        (DjangoPermissionDenied(), 404),
    ],
)
def test_every_error_has_a_page(error: Exception, status: int, language: str) -> None:
    with translation.override(language):
        response = answer(error)
    assert response is not None
    assert response.status_code == status
    page = response.content.decode()
    assert f'<html lang="{language}"' in page
    assert "<h1>" in page
    assert 'href="/"' in page


@pytest.mark.django_db
def test_who_may_not_see_it_learns_nothing() -> None:
    with translation.override("en"):
        refused = answer(PermissionDenied("x", "This person exists.", {"place": "2914010100"}))
        missing = answer(NotFound("not_found", "There is nothing here, or you may not see it."))
    assert refused is not None
    assert missing is not None
    assert refused.content == missing.content
    assert "data" not in problem(PermissionDenied("x", "m", {"place": "2914010100"}))


@pytest.mark.django_db
def test_htmx_gets_the_part_that_replaces() -> None:
    response = answer(DomainError("x", "Refused <here>."), **{"hx-request": "true"})
    assert response is not None
    assert response["HX-Retarget"] == "#main"
    assert "<html" not in response.content.decode()
    assert "Refused &lt;here&gt;." in response.content.decode()


def test_faults_of_ours_are_left_to_the_log() -> None:
    assert answer(ZeroDivisionError()) is None


def test_the_page_of_last_resort_needs_no_database() -> None:
    """Without the mark of the database a query would raise."""
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "<h1>" in response.content.decode()


@pytest.mark.django_db
def test_an_address_that_leads_nowhere() -> None:
    client = Client(raise_request_exception=False)
    for language in ("ko", "en"):
        response = client.get("/no/such/page/", headers={"accept-language": language})
        assert response.status_code == 404
        assert f'<html lang="{language}"' in response.content.decode()


@pytest.mark.django_db
def test_who_tries_too_often_is_told_when_to_come_back() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with translation.override("en"):
        response = too_many(request, seconds=61)
    assert (response.status_code, response["Retry-After"]) == (429, "61")
    assert "Wait 2 minutes" in response.content.decode()


@pytest.mark.parametrize("error", [DomainError("x", "m", field="title"), INPUT])
def test_problem_details_name_the_field(error: MadangError) -> None:
    body = problem(error, "/api/v1/x")
    assert body["type"].startswith("urn:madang:problem:")
    assert body["instance"] == "/api/v1/x"
    assert ("errors" in body) == bool(error.field)
