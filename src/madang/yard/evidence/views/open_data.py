"""What anyone may take away."""

from dataclasses import dataclass

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from madang.numerics.errors import NotFound
from madang.ui.listing import Column
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import Action, actor_in, may, require
from madang.yard.audit.jobs import JobDraft, job_start
from madang.yard.evidence.formats.declaration import DATASETS, LICENCE, LICENCE_KO, LICENCE_URL
from madang.yard.evidence.formats.writers import WRITERS
from madang.yard.evidence.models import Publication
from madang.yard.evidence.selectors import publication_get, publication_path, publications_latest
from madang.yard.evidence.services import EvidenceCode
from madang.yard.evidence.tasks import datasets_publish_all
from madang.yard.evidence.views.words import language

COLUMNS = (
    Column(label=gettext_lazy("File")),
    Column(label=gettext_lazy("Rows"), numeric=True),
    Column(label=gettext_lazy("Size (bytes)"), numeric=True),
    Column(label=gettext_lazy("Digest")),
    Column(label=gettext_lazy("Published")),
)
_MEDIA_TYPES = {"html": "text/html; charset=utf-8"} | {media: kind for media, (_writer, kind) in WRITERS.items()}

# Open data of other parts: what it is, and the name of its address.
_ELSEWHERE = (
    (gettext_lazy("Boundaries of the dongs (GeoJSON)"), "boundaries"),
    (gettext_lazy("Entries of the ledger (CSV)"), "ledger_entries_csv"),
    (gettext_lazy("Budget lines (CSV)"), "ledger_lines_csv"),
    (gettext_lazy("Accounts with their balances (CSV)"), "ledger_balances_csv"),
    (gettext_lazy("The sealed head of the audit log (JSON)"), "audit_head"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A dataset on the page: its words in the reader's language, and its files."""

    code: str
    title: str
    about: str
    files: list[Publication]


@require_safe
@public_page
def overview(request: HttpRequest) -> HttpResponse:
    """List what anyone may take away, each file with its size and digest."""
    latest = publications_latest()
    korean = language().startswith("ko")
    shown = [
        Shown(
            code=dataset.code,
            title=dataset.title_ko if korean else dataset.title_en,
            about=dataset.about_ko if korean else dataset.about_en,
            files=[publication for publication in latest if publication.dataset == dataset.code],
        )
        for dataset in DATASETS.values()
    ]
    context = {
        "datasets": shown,
        "published": bool(latest),
        "dictionary": [publication for publication in latest if publication.dataset == "dictionary"],
        "columns": COLUMNS,
        "licence": (LICENCE_KO if korean else LICENCE, LICENCE_URL),
        "elsewhere": list(_elsewhere()),
        "may_publish": may(actor_in(request), Action.DATASET_PUBLISH),
    }
    return render(request, "evidence/open.html", context)


def _elsewhere() -> list[tuple[object, str]]:
    found: list[tuple[object, str]] = []
    for label, name in _ELSEWHERE:
        try:
            found.append((label, reverse(name)))
        except NoReverseMatch:
            continue
    return found


@require_safe
def download(request: HttpRequest, dataset: str, media: str) -> HttpResponseBase:
    """Send the newest published file of a dataset, in pieces; its tag is its digest."""
    publication = publication_get(dataset, media)
    tag = f'"{publication.sha256}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": tag})
    path = publication_path(publication)
    if not path.is_file():
        message = _("This file is gone. It will be there again after the next publication.")
        raise NotFound(EvidenceCode.DATASET_UNKNOWN, message, {"dataset": dataset, "format": media})
    response = FileResponse(
        path.open("rb"),
        as_attachment=media != "html",
        filename=f"{dataset}.{media}",
        content_type=_MEDIA_TYPES[media],
    )
    response["ETag"] = tag
    return response


@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Start publishing everything."""
    actor = actor_in(request)
    require(actor, Action.DATASET_PUBLISH)
    draft = JobDraft(task=datasets_publish_all, title=_("Publish the open data"))
    return redirect("job", job_id=str(job_start(actor, draft).pk))
