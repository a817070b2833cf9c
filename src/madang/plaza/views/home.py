"""The district's home."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madang.plaza.selectors import home_view
from madang.plaza.views.words import ROOM_PROMISES, due_words
from madang.ui.pagecache import public_page


@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Show the district: its map, its rooms, its agenda and its promises."""
    shown = home_view()
    dues = {item.pk: due_words(item) for item in shown.agenda}
    return render(request, "plaza/home.html", {"home": shown, "dues": dues, "room_promises": ROOM_PROMISES})
