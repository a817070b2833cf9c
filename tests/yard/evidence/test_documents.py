"""Filing documents."""

import pytest
from django.db import DatabaseError, transaction

from madang.numerics.digests import sha256_hex
from madang.numerics.errors import DomainError, NotFound, PermissionDenied
from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.evidence import selectors
from madang.yard.evidence.models import Document
from madang.yard.evidence.services import DocumentDraft, EvidenceCode, document_file
from madang.yard.evidence.services.documents import MAX_BYTES

from .conftest import DISTRICT, DONGS

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 minutes of the meeting"


def draft(content: bytes = PDF, title: str = "Minutes of June") -> DocumentDraft:
    return DocumentDraft(title=title, content=content, place=DONGS[0])


def test_a_document_is_kept_under_its_digest(district: object) -> None:
    document = document_file(SYSTEM, draft())
    assert document.sha256 == sha256_hex(PDF)
    assert selectors.document_path(document.sha256).read_bytes() == PDF
    assert (document.size_bytes, document.media_type) == (len(PDF), "application/pdf")
    assert selectors.document_intact(document)
    assert Record.objects.order_by("-sequence")[0].detail["sha256"] == document.sha256


def test_the_same_content_is_filed_once(district: object) -> None:
    first = document_file(SYSTEM, draft())
    before = Record.objects.count()
    assert document_file(SYSTEM, draft(title="Another title")) == first
    assert Document.objects.count() == 1
    assert Record.objects.count() == before


def test_a_file_that_was_changed_or_lost_is_found_out(district: object) -> None:
    document = document_file(SYSTEM, draft(PDF + b" (2)"))
    path = selectors.document_path(document.sha256)
    path.write_bytes(PDF + b" (3)")
    assert not selectors.document_intact(document)
    path.unlink()
    assert not selectors.document_intact(document)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"PK\x03\x04 office", "application/zip"),
        ("회의록".encode(), "text/plain"),
        (b"<script>alert(1)</script>", "text/plain"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(district: object, content: bytes, media_type: str) -> None:
    assert document_file(SYSTEM, draft(content)).media_type == media_type


@pytest.mark.parametrize(
    ("content", "title", "code"),
    [
        (b"", "Minutes", EvidenceCode.FILE_EMPTY),
        (b"%PDF-" + b"x" * MAX_BYTES, "Minutes", EvidenceCode.FILE_TOO_LARGE),
        (b"MZ\x90\x00\xff program", "Minutes", EvidenceCode.FILE_KIND_UNKNOWN),
        (b"text with a \x00 in it", "Minutes", EvidenceCode.FILE_KIND_UNKNOWN),
        (PDF, " ", EvidenceCode.TEXT_MISSING),
        (PDF, "t" * 201, EvidenceCode.TEXT_TOO_LONG),
    ],
)
def test_what_cannot_be_kept_is_refused(district: object, content: bytes, title: str, code: EvidenceCode) -> None:
    with pytest.raises(DomainError) as caught:
        document_file(SYSTEM, draft(content, title))
    assert caught.value.code == code
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("role", "place", "allowed"),
    [
        (Role.ADMINISTRATOR, DISTRICT, True),
        (Role.DONG_OFFICER, DONGS[0], True),
        (Role.DONG_OFFICER, DONGS[1], False),
        (Role.RESIDENT, DONGS[0], False),
        (Role.AUDITOR, DISTRICT, False),
    ],
)
def test_who_may_file(district: object, role: Role, place: str, allowed: bool) -> None:
    actor = Actor(role=role, place=place, user="somebody")
    if allowed:
        assert document_file(actor, draft()).filed_role == role
    else:
        with pytest.raises(PermissionDenied):
            document_file(actor, draft())


def test_the_database_refuses_to_rewrite_a_document(district: object) -> None:
    document_file(SYSTEM, draft())
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.update(title="Something else")


def test_documents_are_found_by_title_and_digest(district: object, django_assert_num_queries: object) -> None:
    document = document_file(SYSTEM, draft())
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture of pytest-django
        assert list(selectors.document_list("minutes")) == [document]
    assert list(selectors.document_list(document.sha256[:10].upper())) == [document]
    assert not selectors.document_list("july").exists()
    assert selectors.document_get(document.sha256) == document
    with pytest.raises(NotFound):
        selectors.document_get("0" * 64)
