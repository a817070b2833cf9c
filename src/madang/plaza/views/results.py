"""The result of a dong's vote: what won, why, and how anybody counts again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from madang.rooms.autonomy.selectors.ballots import poll_get
from madang.ui.pagecache import public_page


@public_page
def result(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a counted vote decided."""
    poll = poll_get(code)
    return render(request, "plaza/result.html", {"poll": poll})
