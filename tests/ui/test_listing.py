"""Lists in the URL, and files to take away."""

import csv
import io

import pytest
from django.test import RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from madang.ui.downloads import csv_response
from madang.ui.environment import query_with
from madang.ui.listing import ListingRules, listing_of, page_of

RULES = ListingRules(
    sortable={"when": "created_at", "title": "title"}, default="-when", filters={"state": ("new", "done")}
)
FACTORY = RequestFactory()


@pytest.mark.parametrize(
    ("query", "ordering", "chosen", "page"),
    [
        ("", ("-created_at", "pk"), "", 1),
        ("sort=title&page=3&state=done", ("title", "pk"), "done", 3),
        ("sort=-title", ("-title", "pk"), "", 1),
        ("sort=password&state=secret&page=-1", ("-created_at", "pk"), "", 1),
        ("page=99999999999999999999", ("-created_at", "pk"), "", 1),
        ("page=²", ("-created_at", "pk"), "", 1),
    ],
)
def test_the_url_asks_and_rules_decide(query: str, ordering: tuple[str, ...], chosen: str, page: int) -> None:
    listing = listing_of(FACTORY.get(f"/?{query}"), RULES)
    assert (listing.ordering, listing.chosen["state"], listing.page) == (ordering, chosen, page)


@given(st.text(max_size=300))
@example("0\x000")
def test_a_search_is_bounded(words: str) -> None:
    listing = listing_of(FACTORY.get("/", {"q": words}), RULES)
    assert len(listing.q) <= 100
    # No database takes a NUL.
    assert listing.q in words.replace("\x00", "")


def test_a_page_beyond_the_last_is_the_last() -> None:
    page = page_of(list(range(30)), 99, 25)
    assert list(page) == [25, 26, 27, 28, 29]


def test_a_change_of_sort_keeps_the_filter_and_goes_to_the_first_page() -> None:
    request = FACTORY.get("/?state=done&page=4&q=%EC%96%91%EB%8F%99")
    assert query_with(request, sort="-when") == "?state=done&q=%EC%96%91%EB%8F%99&sort=-when"
    assert query_with(request, page=5) == "?state=done&q=%EC%96%91%EB%8F%99&page=5"
    assert query_with(request, state=None) == "?q=%EC%96%91%EB%8F%99"


def test_csv_opens_in_korean_and_runs_nothing() -> None:
    rows = [["양동", 1_000, None], ["=HYPERLINK(1)", -5, "+82"], ['with "quotes", commas', 0.5, "@x"]]
    response = csv_response("예산 2026", ["이름", "금액", "비고"], rows)
    body = b"".join(response).decode()  # type: ignore[arg-type]  # a synchronous stream
    assert body.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(body.removeprefix("\ufeff"))))
    assert read[1] == ["양동", "1000", ""]
    assert read[2] == ["'=HYPERLINK(1)", "-5", "'+82"]
    assert read[3][0] == 'with "quotes", commas'
    assert response["Content-Disposition"] == "attachment; filename*=UTF-8''%EC%98%88%EC%82%B0%202026.csv"
    assert response["Content-Type"] == "text/csv; charset=utf-8"
