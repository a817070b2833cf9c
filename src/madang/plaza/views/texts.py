"""Texts about the site itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madang.plaza.views.cycle import cycle
from madang.plaza.views.words import ROOM_PROMISES
from madang.rooms.projects.models import Pledge
from madang.ui.pagecache import public_page


@require_safe
@public_page
def about(request: HttpRequest) -> HttpResponse:
    """Say what Madang is, what it promises, and how anyone can check it."""
    pledges = {pledge.room: pledge for pledge in Pledge.objects.filter(is_current=True).order_by("-position")}
    context = {"pledges": pledges, "room_promises": ROOM_PROMISES, "cycle": cycle()}
    return render(request, "plaza/about.html", context)


@require_safe
@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept about persons, how, and who sees it."""
    return render(request, "plaza/privacy.html")


@require_safe
@public_page
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say what was done so that everyone can use the site, and whom to tell where it fails."""
    return render(request, "plaza/accessibility.html")
