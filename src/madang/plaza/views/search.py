"""Search over everything public."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madang.plaza.selectors import found_everywhere, words_of
from madang.ui.pagecache import public_page


@require_safe
@public_page
def search(request: HttpRequest) -> HttpResponse:
    """Find dongs, agenda items, pledges, projects and indicators by their words."""
    words = words_of(request.GET.get("q", ""))
    found = found_everywhere(words)
    count = sum(len(group.hits) for group in found)
    more = any(group.more for group in found)
    return render(
        request, "plaza/search.html", {"words": " ".join(words), "found": found, "count": count, "more": more}
    )
