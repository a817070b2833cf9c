"""Reading indicators, documents, and what was published."""

from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from madang.numerics.digests import sha256_hex
from madang.numerics.errors import NotFound
from madang.yard.evidence.models import Document, Indicator, Observation, Publication
from madang.yard.evidence.selectors.refusals import EvidenceCode
from madang.yard.places.models import District, Dong


def indicator_list(q: str = "", room: str = "") -> QuerySet[Indicator]:
    """Return indicators by code, with `last_period`, whose name, code or definition holds a text."""
    # Said here, because a model's own order does not apply to grouped rows.
    found = Indicator.objects.annotate(last_period=Max("observations__period")).order_by("code")
    if room:
        found = found.filter(room=room)
    if q:
        found = found.filter(
            Q(code__icontains=q)
            | Q(name_ko__icontains=q)
            | Q(name_en__icontains=q)
            | Q(definition_ko__icontains=q)
            | Q(definition_en__icontains=q)
        )
    return found


def has_values(indicators: QuerySet[Indicator]) -> QuerySet[Indicator]:
    """Return those of some indicators that have been observed."""
    return indicators.filter(Exists(Observation.objects.filter(indicator=OuterRef("pk"))))


def place_names() -> Mapping[str, str]:
    """Return the names of the district and its dongs in the reader's language, by code. Two queries."""
    names = {district.code: district.name for district in District.objects.only("code", "name_ko", "name_en")}
    names |= {dong.code: dong.name for dong in Dong.objects.only("code", "name_ko", "name_en")}
    return names


def document_get(sha256: str) -> Document:
    """Return one document.

    Raises
    ------
    NotFound
        If none with this digest was filed.
    """
    document = Document.objects.filter(sha256=sha256).first()
    if document is None:
        raise NotFound(EvidenceCode.DOCUMENT_UNKNOWN, _("No document with this digest was filed."), {"sha256": sha256})
    return document


def document_list(q: str = "") -> QuerySet[Document]:
    """Return documents whose title or digest holds a text."""
    found = Document.objects.all()
    return found.filter(Q(title__icontains=q) | Q(sha256__startswith=q.lower())) if q else found


def document_intact(document: Document) -> bool:
    """Return whether the kept file is there and still has the digest under which it was filed."""
    path = document_path(document.sha256)
    return path.is_file() and sha256_hex(path.read_bytes()) == document.sha256


def document_path(sha256: str) -> Path:
    """Return where the document with a digest lies."""
    return Path(settings.MEDIA_ROOT) / "documents" / sha256[:2] / sha256


def open_folder() -> Path:
    """Return where published files lie."""
    return Path(settings.MEDIA_ROOT) / "open"


def publication_path(publication: Publication) -> Path:
    """Return where a published file lies."""
    return open_folder() / f"{publication.dataset}-{publication.sha256[:16]}.{publication.media}"


def publication_get(dataset: str, media: str) -> Publication:
    """Return the newest publication of a dataset in a format.

    Raises
    ------
    NotFound
        If it was never published.
    """
    found = Publication.objects.filter(dataset=dataset, media=media).order_by("-pk").first()
    if found is None:
        message = _("This dataset has not been published in this format.")
        raise NotFound(EvidenceCode.DATASET_UNKNOWN, message, {"dataset": dataset, "format": media})
    return found


def publications_latest() -> list[Publication]:
    """Return the newest publication of every dataset and format. One query."""
    newest = Publication.objects.values("dataset", "media").annotate(last=Max("pk")).values("last")
    return list(Publication.objects.filter(pk__in=newest).order_by("dataset", "media"))
