"""The agenda's pages: reporting without JavaScript, tracking, the list, and the officer's desk."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.rooms.autonomy.test_photo import JPEG
from tests.rooms.conftest import SeoGu
from tests.yard.people.conftest import enter

from madang.rooms.autonomy.models import AgendaItem, AgendaMove, Decision, Issue
from madang.rooms.autonomy.services import TakeDraft, agenda_take
from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.audit.models import Record
from madang.yard.evidence.services import SignalDraft, signal_raise

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")
WIDTH = 300


def filled(seo_gu: SeoGu, **changes: object) -> dict[str, object]:
    return {
        "dong": seo_gu.dong.code, "category": "light", "text": "가로등이 꺼져 있어요.", "key": uuid4().hex, "lon": "",
        "lat": "", "kept_photo": "", **changes,
    }  # fmt: skip


def press(seo_gu: SeoGu, dong: int) -> dict[str, int]:
    """Return where the map is pressed for a dong: CSS pixels of a picture 300 wide."""
    scale = WIDTH / seo_gu.district.map_width
    return {"map.x": round(seo_gu.dongs[dong].label_x * scale), "map.y": round(seo_gu.dongs[dong].label_y * scale)}


def hidden(page: str, name: str) -> str:
    """Return what a hidden field of a page holds."""
    field = next(tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in tag)
    value = re.search(r'value="([^"]*)"', field)
    return value.group(1) if value else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_sent_and_tracked_without_script_or_account(client: Client, seo_gu: SeoGu, language: str) -> None:
    headers = {"accept-language": language}
    form = client.get("/report/", headers=headers)
    assert form.status_code == 200
    assert f'lang="{language}"'.encode() in form.content
    assert "no-store" in form.headers["Cache-Control"]
    sent = client.post("/report/", filled(seo_gu), headers=headers)
    issue = Issue.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (302, f"/report/done/{issue.receipt}/")
    done = client.get(sent.headers["Location"], headers=headers)
    assert issue.receipt_groups.encode() in done.content
    asked = client.post("/track/", {"receipt": issue.receipt_groups.lower()}, headers=headers)
    tracked = client.get(asked.headers["Location"], headers=headers)
    assert "가로등이 꺼져 있어요." in tracked.content.decode()
    assert tracked.headers["X-Robots-Tag"] == "noindex"
    assert len(form.content) < 100_000


def test_the_form_sent_twice_is_one_report(client: Client, seo_gu: SeoGu) -> None:
    data = filled(seo_gu)
    first, again = client.post("/report/", data), client.post("/report/", data)
    assert first.headers["Location"] == again.headers["Location"]
    assert Issue.objects.count() == 1


def test_nothing_typed_is_lost(client: Client, seo_gu: SeoGu) -> None:
    answer = client.post("/report/", filled(seo_gu, category="", text="줄\n둘째 <줄>"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "줄\n둘째 &lt;줄&gt;" in page
    assert f'value="{seo_gu.dong.code}" selected' in page
    assert 'id="id_category_error"' in page
    assert not Issue.objects.exists()


def test_a_place_is_pressed_on_the_map(client: Client, seo_gu: SeoGu) -> None:
    answer = client.post("/report/", filled(seo_gu, dong="", text="여기예요", **press(seo_gu, 3)))
    page = answer.content.decode()
    assert f'value="{seo_gu.dongs[3].code}" selected' in page
    assert "여기예요" in page
    assert "error" not in page
    sent = filled(seo_gu, dong=seo_gu.dongs[3].code, lon=hidden(page, "lon"), lat=hidden(page, "lat"))
    client.post("/report/", sent)
    issue = Issue.objects.get()
    assert issue.dong_id == seo_gu.dongs[3].code
    assert issue.lon == pytest.approx(seo_gu.dongs[3].lon, abs=0.002)


def test_the_list_has_the_last_word_over_the_map(client: Client, seo_gu: SeoGu) -> None:
    there = {"lon": str(seo_gu.dongs[3].lon), "lat": str(seo_gu.dongs[3].lat)}
    client.post("/report/", filled(seo_gu, **there))
    issue = Issue.objects.get()
    assert (issue.dong_id, issue.lon) == (seo_gu.dong.code, None)


def test_a_press_outside_the_district_says_so(client: Client, seo_gu: SeoGu) -> None:
    answer = client.post("/report/", filled(seo_gu, **{"map.x": 1, "map.y": 1}), headers={"accept-language": "en"})
    assert "lies outside the district" in answer.content.decode()
    assert not Issue.objects.exists()


def test_a_photo_outlives_a_form_that_has_to_be_mended(client: Client, seo_gu: SeoGu) -> None:
    file = SimpleUploadedFile("IMG_1.jpg", JPEG, content_type="image/jpeg")
    first = client.post("/report/", filled(seo_gu, category="", photo=file), headers={"accept-language": "en"})
    assert "Your photo is kept." in first.content.decode()
    token = hidden(first.content.decode(), "kept_photo")
    pressed = client.post("/report/", filled(seo_gu, kept_photo=token, **press(seo_gu, 2)))
    # The same photo; the signature bears the second in which it was made.
    assert hidden(pressed.content.decode(), "kept_photo").partition(":")[0] == token.partition(":")[0]
    forgotten = client.post("/report/", filled(seo_gu, kept_photo=token, forget="photo"))
    assert hidden(forgotten.content.decode(), "kept_photo") == ""
    assert 'type="file"' in forgotten.content.decode()
    sent = client.post("/report/", filled(seo_gu, kept_photo=token))
    issue = Issue.objects.get()
    photo = client.get(f"/track/{issue.receipt}/photo/")
    assert (sent.status_code, photo.headers["Content-Type"]) == (302, "image/jpeg")
    assert photo.content.startswith(b"\xff\xd8")
    assert photo.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_no_photo_is_named_at_its_field(client: Client, seo_gu: SeoGu) -> None:
    file = SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")
    answer = client.post("/report/", filled(seo_gu, photo=file))
    assert 'id="id_photo_error"' in answer.content.decode()
    assert not Issue.objects.exists()


def test_the_map_is_a_picture_of_every_dong(client: Client, seo_gu: SeoGu) -> None:
    picture = client.get("/report/map.svg", {"lon": seo_gu.dong.lon, "lat": seo_gu.dong.lat})
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.content.count(b"<path") == len(seo_gu.dongs)
    assert b"<circle" in picture.content
    for odd in ("?lon=x&lat=1", "?lon=900&lat=1", ""):
        assert b"<circle" not in client.get(f"/report/map.svg{odd}").content


@pytest.mark.parametrize("path", ["/report/done/000000000012/", "/track/000000000012/", "/track/000000000012/photo/"])
def test_an_unknown_receipt_opens_a_page_that_says_so(client: Client, seo_gu: SeoGu, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert b'<main id="main"' in answer.content


def test_a_mistyped_receipt_is_named_at_its_field(client: Client, seo_gu: SeoGu) -> None:
    answer = client.post("/track/", {"receipt": "000000000013"}, headers={"accept-language": "en"})
    assert "has a slip in it" in answer.content.decode()
    assert 'value="000000000013"' in answer.content.decode()


@pytest.fixture
def item(seo_gu: SeoGu, reported: Issue) -> AgendaItem:
    return agenda_take(SYSTEM, TakeDraft(title="밝은 골목", room="autonomy", reason="까닭", issues=[reported.pk]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_agenda_is_listed_filtered_and_taken_away(
    client: Client, seo_gu: SeoGu, item: AgendaItem, language: str
) -> None:
    headers = {"accept-language": language}
    page = client.get("/agenda/", headers=headers)
    text = page.content.decode()
    assert "밝은 골목" in text
    assert "csrf" not in text
    assert "sessionid" not in page.cookies
    assert "밝은 골목" in client.get("/agenda/?q=골목&state=on_agenda&room=autonomy", headers=headers).content.decode()
    assert "밝은 골목" not in client.get(f"/agenda/?dong={seo_gu.other.code}", headers=headers).content.decode()
    assert "밝은 골목" in client.get("/agenda/?state=nonsense&sort=-dong&page=99", headers=headers).content.decode()
    lines = b"".join(client.get("/agenda.csv?q=골목")).decode().splitlines()  # type: ignore[call-overload]
    assert lines[1].startswith(f"{item.pk},{seo_gu.dong.code},밝은 골목,autonomy,on_agenda")


def test_the_list_takes_few_queries(
    client: Client, item: AgendaItem, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    # One of them is the cache's: the calendars of assemblies, read once after each write.
    with django_assert_max_num_queries(7):
        client.get("/agenda/")


def test_the_desk_sends_visitors_to_the_login(client: Client, seo_gu: SeoGu, item: AgendaItem) -> None:
    for path in ("/desk/", "/desk/reports/1/", f"/desk/items/{item.pk}/"):
        answer = client.get(path)
        assert (answer.status_code, "next=" in answer.headers["Location"]) == (302, True)


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.CARE_WORKER, Role.AUDITOR])
def test_the_desk_is_not_there_for_others(seo_gu: SeoGu, item: AgendaItem, role: Role) -> None:
    client = enter(role, seo_gu.dong.code)
    for path in ("/desk/", f"/desk/items/{item.pk}/"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_takes_a_report_up(seo_gu: SeoGu, reported: Issue, language: str) -> None:
    client = enter(Role.DONG_OFFICER, seo_gu.dong.code)
    headers = {"accept-language": language}
    desk = client.get("/desk/", headers=headers)
    assert f"/desk/reports/{reported.pk}/" in desk.content.decode()
    assert "김민준" not in desk.content.decode()
    page = client.get(f"/desk/reports/{reported.pk}/", headers=headers)
    assert "김민준" in page.content.decode()
    assert Record.objects.filter(action="issue.read", target=f"autonomy.issue:{reported.pk}").exists()
    wrong = client.post(page.request["PATH_INFO"], {"move": "take", "title": "", "room": "care", "reason": "r"})
    assert wrong.status_code == 200
    named = {"move": "take", "title": "김민준 010-1234-5678", "room": "care", "reason": "r"}
    assert 'id="take_title_error"' in client.post(page.request["PATH_INFO"], named).content.decode()
    taken = client.post(
        page.request["PATH_INFO"], {"move": "take", "title": "가로등", "room": "autonomy", "reason": "어둡습니다"}
    )
    found = AgendaItem.objects.get()
    assert taken.headers["Location"] == f"/desk/items/{found.pk}/"
    assert (found.title, found.lon) == ("가로등", None)


def test_an_officer_answers_a_report(seo_gu: SeoGu, reported: Issue) -> None:
    client = enter(Role.DONG_OFFICER, seo_gu.dong.code)
    data = {"move": "answer", "outcome": "explained", "reason": "한전에 알렸습니다."}
    assert client.post(f"/desk/reports/{reported.pk}/", data).headers["Location"] == "/desk/"
    reported.refresh_from_db()
    assert (reported.state, reported.said) == ("answered", "explained")
    assert client.post(f"/desk/reports/{reported.pk}/", data).status_code == 200
    assert AgendaMove.objects.count() == 1


def test_an_officer_of_another_dong_finds_nothing(seo_gu: SeoGu, reported: Issue, item: AgendaItem) -> None:
    client = enter(Role.DONG_OFFICER, seo_gu.other.code)
    for path in (f"/desk/reports/{reported.pk}/", f"/desk/reports/{reported.pk}/photo/", f"/desk/items/{item.pk}/"):
        assert client.get(path).status_code == 404
    assert not Record.objects.filter(action="issue.read").exists()


def test_a_council_decides_and_an_officer_delivers(seo_gu: SeoGu, item: AgendaItem) -> None:
    council, officer = enter(Role.COUNCIL_MEMBER, seo_gu.dong.code), enter(Role.DONG_OFFICER, seo_gu.dong.code)
    path = f"/desk/items/{item.pk}/"
    assert 'name="budget_won"' in council.get(path).content.decode()
    assert 'name="budget_won"' not in officer.get(path).content.decode()
    decision = {"move": "decided", "title": "가로등 둘", "rationale": "어둡습니다", "budget_won": "5000000"}
    assert council.post(path, {**decision, "votes_for": "3"}).status_code == 200
    assert (
        council.post(path, {**decision, "votes_for": "3", "votes_against": "1", "votes_cast": "4"}).status_code == 302
    )
    assert Decision.objects.get().budget_won == 5_000_000
    assert officer.post(path, {"move": "answered", "outcome": "promised", "reason": "r"}).status_code == 200
    assert officer.post(path, {"move": "delivered", "reason": "달았습니다"}).status_code == 302
    assert AgendaItem.objects.get().state == "delivered"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_signal_is_taken_up(seo_gu: SeoGu, language: str) -> None:
    signal = signal_raise(
        SYSTEM,
        SignalDraft(
            key="care:x", room="care", place=seo_gu.dong.code, topic="elders-alone", text_ko="홀로 사는 어르신",
            text_en="Older residents alone",
        ),
    )  # fmt: skip
    client = enter(Role.COUNCIL_MEMBER, seo_gu.dong.code)
    page = client.get(f"/desk/signals/{signal.pk}/", headers={"accept-language": language})
    assert {"ko": "홀로 사는 어르신", "en": "Older residents alone"}[language] in page.content.decode()
    taken = client.post(f"/desk/signals/{signal.pk}/", {"move": "take", "title": "t", "room": "care", "reason": "r"})
    assert taken.status_code == 302
    assert client.get(f"/desk/signals/{signal.pk}/").status_code == 404


def test_ids_on_a_page_stand_once(seo_gu: SeoGu, reported: Issue) -> None:
    client = enter(Role.ADMINISTRATOR, seo_gu.district.code)
    agenda_take(SYSTEM, TakeDraft(title="t", room="care", reason="r", issues=[reported.pk]))
    fresh = client.post("/report/", filled(seo_gu))
    assert fresh.status_code == 302
    newest = Issue.objects.latest("pk")
    for path in (f"/desk/reports/{newest.pk}/", f"/desk/items/{AgendaItem.objects.get().pk}/", "/report/"):
        ids = re.findall(r'\sid="([^"]+)"', client.get(path).content.decode())
        assert len(ids) == len(set(ids)), path
