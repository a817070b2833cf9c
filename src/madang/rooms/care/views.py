"""The care room's page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from madang.rooms.care.bridge import ELDERS_ALONE_CODE
from madang.ui.pagecache import public_page
from madang.yard.evidence.models import Room
from madang.yard.evidence.views.rooms import room_page


@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Show the room's signals, its map and what it measures."""
    return room_page(request, Room.CARE, ELDERS_ALONE_CODE)
