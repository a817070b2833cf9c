"""Pages that belong to the interface itself."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from madang.ui.gallery import gallery_context
from madang.ui.pagecache import public_page
from madang.ui.preferences import preferences_remember


@require_safe
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember type size, colour scheme or language, and go back to where the reader was.

    A GET, so that it is a plain link; it changes nothing but the reader's own cookies.
    """
    response = HttpResponseRedirect(_local(request.GET.get("next", "")))
    response["Cache-Control"] = "no-store"
    preferences_remember(request, response)
    return response


@public_page
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component."""
    return render(request, "ui/gallery.html", {**gallery_context(request)})


def _local(address: str) -> str:
    """Return an address if it is a path on this host, else the home page."""
    safe = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if safe else "/"
