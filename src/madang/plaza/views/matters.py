"""One matter on the agenda."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madang.plaza.selectors import matter_view
from madang.plaza.views.words import due_words, project_words
from madang.ui.pagecache import public_page


@require_safe
@public_page
def agenda_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show a matter from the day it came in to the day it was delivered, with its money and its pledge."""
    shown = matter_view(item_id)
    context = {
        "view": shown,
        "item": shown.item,
        "standing": due_words(shown.item),
        "decision": getattr(shown.item, "decision", None),
        "works": project_words(shown.project) if shown.project is not None else None,
    }
    return render(request, "plaza/matter.html", context)
