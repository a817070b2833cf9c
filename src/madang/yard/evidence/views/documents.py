"""Files that evidence rests on."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from madang.numerics.errors import DomainError, NotFound, PermissionDenied
from madang.ui.listing import Column, ListingRules, listing_of, page_of
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import ROLE_NAMES, Action, Role, actor_in, may, require
from madang.yard.evidence.forms import DocumentForm
from madang.yard.evidence.selectors import (
    document_get,
    document_intact,
    document_list,
    document_path,
    place_names,
)
from madang.yard.evidence.services import DocumentDraft, EvidenceCode, document_file
from madang.yard.places.models import District

COLUMNS = (
    Column(label=gettext_lazy("Title"), key="title"),
    Column(label=gettext_lazy("Kind")),
    Column(label=gettext_lazy("Size (bytes)"), key="size", numeric=True),
    Column(label=gettext_lazy("Digest")),
    Column(label=gettext_lazy("Filed"), key="when"),
)
RULES = ListingRules(sortable={"title": "title", "size": "size_bytes", "when": "filed_at"}, default="-when")
_ENDINGS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "text/plain": "txt",
    "application/zip": "zip",
    "application/x-ole-storage": "hwp",
}


@require_safe
@public_page
def documents(request: HttpRequest) -> HttpResponse:
    """List the documents."""
    listing = listing_of(request, RULES)
    page = page_of(document_list(listing.q).order_by(*listing.ordering), listing.page)
    context = {
        "listing": listing,
        "page": page,
        "columns": COLUMNS,
        "may_file": may(actor_in(request), Action.DOCUMENT_FILE),
    }
    return render(request, "evidence/documents.html", context)


@require_safe
def document(request: HttpRequest, sha256: str) -> HttpResponse:
    """Show one document, and whether the kept file still is what was filed."""
    found = document_get(sha256)
    context = {
        "document": found,
        "intact": document_intact(found),
        "place": place_names().get(found.place, found.place),
        "role": ROLE_NAMES[Role(found.filed_role)],
    }
    return render(request, "evidence/document.html", context)


@require_safe
def document_download(request: HttpRequest, sha256: str) -> FileResponse:  # noqa: ARG001  # Django's signature
    """Send a document, always to be saved and never shown as part of this site."""
    found = document_get(sha256)
    path = document_path(found.sha256)
    if not path.is_file():
        message = _("The file of this document is gone.")
        raise NotFound(EvidenceCode.DOCUMENT_UNKNOWN, message, {"sha256": sha256})
    name = f"{found.title}.{_ENDINGS.get(found.media_type, 'bin')}"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=found.media_type)
    response["ETag"] = f'"{found.sha256}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def document_new(request: HttpRequest) -> HttpResponse:
    """File a document."""
    actor = actor_in(request)
    require(actor, Action.DOCUMENT_FILE)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        district = District.objects.only("code").first()
        place = actor.place or (district.code if district else "")
        draft = DocumentDraft(title=form.cleaned_data["title"], content=form.cleaned_data["file"].read(), place=place)
        try:
            filed = document_file(actor, draft)
        except (NotFound, PermissionDenied):
            raise
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("evidence:document", sha256=filed.sha256)
    return render(request, "evidence/document_new.html", {"form": form}, status=422 if form.errors else 200)
