from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from tests.rooms.autonomy.test_photo import JPEG
from tests.rooms.conftest import SeoGu, draft

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.bridge import place_on_map, point_on_map, report_days
from madang.rooms.autonomy.engine.agenda import Outcome
from madang.rooms.autonomy.models import AgendaItem, AgendaMove, Issue
from madang.rooms.autonomy.selectors import PublicFilter, issue_by_receipt, issue_timeline, issues_public
from madang.rooms.autonomy.services import (
    IssueAnswerDraft,
    IssueDraft,
    TakeDraft,
    agenda_take,
    issue_answer,
    issue_read,
    issue_report,
    photo_bytes,
    photo_keep,
    photo_kept,
)
from madang.yard.audit.authority import VISITOR, Role
from madang.yard.audit.models import Record
from madang.yard.places.selectors import dong_at

pytestmark = pytest.mark.django_db


def test_a_report_gets_a_receipt_that_opens_it(seo_gu: SeoGu) -> None:
    issue = issue_report(VISITOR, draft(seo_gu.dong.code))
    assert issue.receipt is not None
    assert len(issue.receipt) == 12
    written = f" {issue.receipt_groups.lower().replace('0', 'o')} "
    found = issue_by_receipt(written)
    assert (found.pk, found.text) == (issue.pk, issue.text)
    (entry,) = Record.objects.filter(action="issue.report")
    assert entry.detail == {"dong": seo_gu.dong.code, "category": "light", "channel": "page", "photo": False}


def test_a_wrong_receipt_is_told_from_an_unknown_one(reported: Issue) -> None:
    receipt = reported.receipt or ""
    slip = receipt[:-1] + ("2" if receipt[-1] == "3" else "3")
    with pytest.raises(DomainError) as mistyped:
        issue_by_receipt(slip)
    assert (mistyped.value.code, mistyped.value.field) == ("receipt_mistyped", "receipt")
    with pytest.raises(NotFound) as unknown:
        issue_by_receipt("000000000012")
    assert unknown.value.code == "receipt_unknown"


def test_nothing_of_a_report_stands_in_the_database_in_clear(reported: Issue) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM autonomy_issue")
        stored = repr(cursor.fetchall())
    assert "가로등" not in stored
    assert (reported.receipt or "?") not in stored
    assert "1234-5678" not in repr(list(Record.objects.values()))
    assert "가로등" not in repr(draft("x"))


def test_the_same_report_sent_again_is_one_report(seo_gu: SeoGu) -> None:
    sent = draft(seo_gu.dong.code)
    first, again = issue_report(VISITOR, sent), issue_report(VISITOR, sent)
    assert (first.pk, first.receipt) == (again.pk, again.receipt)
    assert Issue.objects.count() == Record.objects.filter(action="issue.report").count() == 1


def test_a_key_that_comes_with_another_report_opens_nothing(seo_gu: SeoGu) -> None:
    sent = draft(seo_gu.dong.code)
    issue_report(VISITOR, sent)
    for other in (
        draft(seo_gu.dong.code, text="다른 글", key=sent.key),
        draft(seo_gu.other.code, key=sent.key),
        draft(seo_gu.dong.code, key=sent.key, category="other"),
    ):
        with pytest.raises(Conflict) as refusal:
            issue_report(VISITOR, other)
        assert refusal.value.code == "key_used"
    assert Issue.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"text": "  \n "}, "text_missing", "text"),
        ({"text": "가" * 4001}, "text_too_long", "text"),
        ({"category": "weather"}, "category_unknown", "category"),
        ({"dong": ""}, "dong_missing", "dong"),
        ({"dong": "99999"}, "dong_missing", "dong"),
        ({"lon": 0.0, "lat": 0.0}, "outside_district", "dong"),
        ({"lon": 500.0, "lat": 0.0}, "outside_district", "dong"),
        ({"key": "short"}, "key_length", "key"),
        ({"reported_at": timezone.now() - timedelta(days=1)}, "day_not_valid", "reported_at"),
    ],
)
def test_what_cannot_be_accepted_is_named(seo_gu: SeoGu, changes: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        issue_report(VISITOR, draft(**{"dong": seo_gu.dong.code, **changes}))  # type: ignore[arg-type]
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not Issue.objects.exists()


def test_the_point_decides_about_the_dong(seo_gu: SeoGu) -> None:
    issue = issue_report(VISITOR, draft(seo_gu.other.code, lon=seo_gu.dong.lon, lat=seo_gu.dong.lat))
    assert issue.dong_id == seo_gu.dong.code


def test_every_point_of_the_map_is_where_it_is_drawn(seo_gu: SeoGu) -> None:
    for dong in seo_gu.dongs:
        found = dong_at(*point_on_map(seo_gu.district, dong.label_x, dong.label_y))
        assert found is not None
        assert found.code == dong.code
        x, y = place_on_map(seo_gu.district, *point_on_map(seo_gu.district, 123.0, 456.0))
        assert (x, y) == pytest.approx((123.0, 456.0))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_whoever_lives_here_may_report_anywhere(seo_gu: SeoGu, role: Role) -> None:
    actor = VISITOR if role is Role.PUBLIC else seo_gu.actor(role, seo_gu.other.code)
    assert issue_report(actor, draft(seo_gu.dong.code)).pk


def test_staff_enter_what_came_on_paper_with_its_day(seo_gu: SeoGu) -> None:
    day = timezone.now() - timedelta(days=3)
    assert issue_report(seo_gu.officer, draft(seo_gu.dong.code, reported_at=day, channel="counter")).reported_at == day


def test_a_reading_by_staff_is_written_down_with_its_purpose(seo_gu: SeoGu, reported: Issue) -> None:
    assert issue_read(seo_gu.officer, reported.pk).text == reported.text
    (entry,) = Record.objects.filter(action="issue.read")
    assert entry.purpose == "agenda: handling a report"
    assert entry.target == f"autonomy.issue:{reported.pk}"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.DONG_OFFICER, Role.ADMINISTRATOR, Role.SYSTEM}))
def test_nobody_else_reads_a_report(seo_gu: SeoGu, reported: Issue, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        issue_read(seo_gu.actor(role, seo_gu.district.code), reported.pk)
    assert not Record.objects.filter(action="issue.read").exists()


def test_an_officer_of_another_dong_does_not_read_it(seo_gu: SeoGu, reported: Issue) -> None:
    with pytest.raises(PermissionDenied):
        issue_read(seo_gu.actor(Role.DONG_OFFICER, seo_gu.other.code), reported.pk)
    with pytest.raises(NotFound):
        issue_read(seo_gu.officer, reported.pk + 1)


@pytest.mark.parametrize("outcome", [Outcome.EXPLAINED, Outcome.DECLINED])
def test_a_report_is_answered_without_an_agenda_item(seo_gu: SeoGu, reported: Issue, outcome: Outcome) -> None:
    answered = issue_answer(
        seo_gu.officer, IssueAnswerDraft(issue=reported.pk, outcome=outcome, reason="한전 소관입니다.")
    )
    assert (answered.state, answered.said, answered.item_id) == ("answered", outcome.value, None)
    steps = issue_timeline(answered)
    assert [step.status for step in steps] == ["reached", "now"]
    assert steps[-1].why == "한전 소관입니다."
    with pytest.raises(Conflict):
        issue_answer(seo_gu.officer, IssueAnswerDraft(issue=reported.pk, outcome=outcome, reason="다시"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"outcome": Outcome.PROMISED}, "outcome_not_valid"),
        ({"reason": " "}, "text_missing"),
        ({"reason": "전화 주세요 010-1234-5678"}, "personal_data"),
        ({"outcome": Outcome.MERGED}, "merge_target"),
        ({"on": timezone.localdate() + timedelta(days=1)}, "day_not_valid"),
        ({"on": timezone.localdate() - timedelta(days=1)}, "day_not_valid"),
    ],
)
def test_an_answer_that_cannot_stand(seo_gu: SeoGu, reported: Issue, changes: dict[str, object], code: str) -> None:
    values = {"issue": reported.pk, "outcome": Outcome.EXPLAINED, "reason": "까닭", **changes}
    with pytest.raises(DomainError) as refusal:
        issue_answer(seo_gu.officer, IssueAnswerDraft(**values))  # type: ignore[arg-type]
    assert refusal.value.code == code
    assert not AgendaMove.objects.exists()


def test_a_report_joins_a_matter_and_follows_it(seo_gu: SeoGu, reported: Issue) -> None:
    take = TakeDraft(title="가로등", room="autonomy", reason="여럿이 알림", issues=[reported.pk])
    item = agenda_take(seo_gu.officer, take)
    second = issue_report(VISITOR, draft(seo_gu.dong.code))
    joined = IssueAnswerDraft(issue=second.pk, outcome=Outcome.MERGED, reason="같은 가로등입니다.", item=item.pk)
    issue_answer(seo_gu.officer, joined)
    found = issue_by_receipt(second.receipt or "")
    assert found.item_id == item.pk
    assert found.matter_state.value == "on_agenda"
    elsewhere = issue_report(VISITOR, draft(seo_gu.other.code))
    with pytest.raises(DomainError):
        issue_answer(
            seo_gu.administrator, IssueAnswerDraft(issue=elsewhere.pk, outcome=Outcome.MERGED, reason="x", item=item.pk)
        )


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("autonomy_agendamove", "UPDATE autonomy_agendamove SET reason = 'x'"),
        ("autonomy_agendamove", "DELETE FROM autonomy_agendamove"),
    ],
)
def test_moves_only_grow(seo_gu: SeoGu, reported: Issue, table: str, statement: str) -> None:
    issue_answer(seo_gu.officer, IssueAnswerDraft(issue=reported.pk, outcome=Outcome.EXPLAINED, reason="까닭"))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_public_list_opens_nothing_sealed(
    seo_gu: SeoGu, reported: Issue, django_assert_num_queries: Callable[..., object]
) -> None:
    issue_report(VISITOR, draft(seo_gu.other.code))
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        rows = issues_public(PublicFilter(), 10)
        assert [row.dong.name for row in rows] == [seo_gu.other.name, seo_gu.dong.name]
    assert rows[0].get_deferred_fields() >= {"text", "receipt"}
    assert issues_public(PublicFilter(open=False), 10) == []
    assert len(issues_public(PublicFilter(dong=seo_gu.dong.code), 10)) == 1


def test_days_of_reports_are_read_for_the_measure(seo_gu: SeoGu, reported: Issue) -> None:
    today = timezone.localdate().isoformat()
    issue_report(VISITOR, draft(seo_gu.dong.code))
    issue_answer(seo_gu.officer, IssueAnswerDraft(issue=reported.pk, outcome=Outcome.EXPLAINED, reason="까닭"))
    taken = issue_report(VISITOR, draft(seo_gu.dong.code))
    agenda_take(seo_gu.officer, TakeDraft(title="t", room="care", reason="r", issues=[taken.pk]))
    assert report_days() == [[today, today], [today, None], [today, today]]
    assert report_days(seo_gu.other.code) == []


def test_a_photo_waits_for_its_report_and_is_kept_with_it(seo_gu: SeoGu) -> None:
    kept = photo_keep(JPEG, "a.jpg")
    assert photo_kept(kept.token) == kept
    assert photo_kept(kept.token[:-1] + "x") is None
    with pytest.raises(NotFound):
        photo_bytes(kept.name)
    issue = issue_report(VISITOR, draft(seo_gu.dong.code, photo=kept))
    assert (issue.photo, issue.photo_width, issue.photo_height) == (kept.name, 16, 8)
    assert photo_bytes(issue.photo).startswith(b"\xff\xd8")
    # The same photo again, in another report.
    again = photo_keep(JPEG, "b.jpg")
    assert issue_report(VISITOR, draft(seo_gu.dong.code, photo=again)).photo == issue.photo


def test_a_photo_that_nobody_sent_is_thrown_away(seo_gu: SeoGu) -> None:
    import os
    import time

    kept = photo_keep(JPEG, "a.jpg")
    path = Path(settings.MEDIA_ROOT) / "issues-waiting" / kept.name
    long_ago = time.time() - 100_000
    os.utime(path, (long_ago, long_ago))
    photo_keep(JPEG + b"", "b.jpg")
    assert path.stat().st_mtime > long_ago
    os.utime(path, (long_ago, long_ago))
    with pytest.raises(DomainError) as refusal:
        photo_keep(b"GIF89a", "c.gif")
    assert refusal.value.field == "photo"


@pytest.mark.parametrize("name", ["../secret.key", "nothing.jpg", ""])
def test_no_other_file_is_read_as_a_photo(name: str) -> None:
    with pytest.raises(NotFound):
        photo_bytes(name)


def test_a_draft_without_key_is_refused_by_the_database_too(seo_gu: SeoGu) -> None:
    sent = draft(seo_gu.dong.code)
    issue_report(VISITOR, sent)
    first = Issue.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.create(
            receipt="x", idempotency_key=first.idempotency_key, dong=seo_gu.dong, category="other", text="x"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.create(
            receipt="y", idempotency_key=uuid4().hex, dong=seo_gu.dong, category="other", text="x", state="on_agenda"
        )
    assert IssueDraft.__repr__(sent) == "<IssueDraft>"
    assert not AgendaItem.objects.exists()
