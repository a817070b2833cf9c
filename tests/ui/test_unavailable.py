"""A database that takes nothing is answered with a page that says so, not with a fault."""

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from madang.ui.problems import ProblemMiddleware


@pytest.mark.parametrize("fault", ["database or disk is full", "database is locked"])
def test_a_full_disk_is_said_in_words(fault: str) -> None:
    middleware = ProblemMiddleware(lambda _request: (_ for _ in ()).throw(AssertionError))
    answer = middleware.process_exception(RequestFactory().get("/"), OperationalError(fault))
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert fault not in answer.content.decode()
    assert "<h1" in answer.content.decode()
