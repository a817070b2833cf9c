"""Filing documents under their digest."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.digests import sha256_hex
from madang.numerics.errors import DomainError
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.evidence.models import Document
from madang.yard.evidence.selectors.catalogue import document_path
from madang.yard.evidence.selectors.refusals import EvidenceCode
from madang.yard.evidence.services import checks

MAX_BYTES = 10 * 1024 * 1024

# What a file is, by its first bytes and not by what its sender says; text is what has no zero byte and reads as UTF-8.
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDraft:
    """A document to be filed: title, content, and the district or dong it belongs to."""

    title: str
    content: bytes
    place: str


def kept(path: Path, content: bytes) -> None:
    """Write a file so that it is either whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        partial = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            partial.unlink(missing_ok=True)
            raise
    partial.chmod(0o640)
    partial.replace(path)


@transaction.atomic
def document_file(actor: Actor, draft: DocumentDraft) -> Document:
    """File a document; a content that is filed already is not filed again.

    Raises
    ------
    DomainError
        If it is empty, larger than 10 MB, of a kind that is not kept, or has no title.
    """
    require(actor, Action.DOCUMENT_FILE, place=draft.place)
    title = checks.text(draft.title, field="title", most=200)
    checks.places_known([draft.place])
    media_type = _media_type(draft.content)
    digest = sha256_hex(draft.content)
    hold()
    existing = Document.objects.filter(sha256=digest).first()
    if existing is not None:
        return existing
    kept(document_path(digest), draft.content)
    document = Document.objects.create(
        title=title,
        sha256=digest,
        size_bytes=len(draft.content),
        media_type=media_type,
        place=draft.place,
        filed_by=actor.user or "",
        filed_role=actor.role.value,
    )
    record(actor, Action.DOCUMENT_FILE, target=document, detail={"sha256": digest, "size_bytes": document.size_bytes})
    return document


def _media_type(content: bytes) -> str:
    if not content:
        raise DomainError(EvidenceCode.FILE_EMPTY, _("This file is empty. Choose another."), field="file")
    if len(content) > MAX_BYTES:
        message = _("This file is larger than 10 MB. Make it smaller or divide it.")
        raise DomainError(EvidenceCode.FILE_TOO_LARGE, message, {"size_bytes": len(content)}, field="file")
    for begin, media_type in _KINDS:
        if content.startswith(begin):
            return media_type
    try:
        content.decode()
    except UnicodeDecodeError:
        pass
    else:
        if b"\x00" not in content:
            return "text/plain"
    message = _("This kind of file cannot be kept. Use PDF, PNG, JPEG, text, CSV, or an office document.")
    raise DomainError(EvidenceCode.FILE_KIND_UNKNOWN, message, field="file")
