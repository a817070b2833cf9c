"""Pages of proposals: made, found to be alike, argued about, answered, joined by consent."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.rooms.autonomy.conftest import Hall, entered

from madang.rooms.autonomy.bridge import proposals_alike
from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.models import Argument, MergeOffer, Proposal
from madang.rooms.autonomy.services import (
    ArgumentDraft,
    HideDraft,
    MergeOfferDraft,
    ProposalAnswerDraft,
    argument_hide,
    argument_make,
    merge_offer,
    proposal_answer,
)
from madang.yard.audit.authority import SYSTEM, Role

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")
SHADE = {
    "title": "초등학교 앞 그늘막",
    "text": "학교 앞 길에 그늘막을 세워 주세요.",
    "category": "heat-cold",
}
WIDTH = 300


def filled(**changes: object) -> dict[str, object]:
    return {**SHADE, "key": uuid4().hex, "lon": "", "lat": "", "item": "", **changes}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_resident_proposes(hall: Hall, language: str) -> None:
    client, path = hall.resident().client, f"/assemblies/{hall.assembly.pk}/propose/"
    page = client.get(path, headers={"accept-language": language})
    assert page.status_code == 200
    assert f'lang="{language}"'.encode() in page.content
    assert "no-store" in page.headers["Cache-Control"]
    data = filled()
    sent, again = client.post(path, data), client.post(path, data)
    proposal = Proposal.objects.get()
    assert sent.headers["Location"] == again.headers["Location"] == f"/proposals/{proposal.pk}/"
    read = Client().get(sent.headers["Location"], headers={"accept-language": language})
    assert SHADE["title"] in read.content.decode()
    assert "csrf" not in read.content.decode()
    assert len(read.content) < 100_000


def test_the_same_wish_is_shown_before_it_is_sent(hall: Hall) -> None:
    there = hall.proposed(title="초등학교 통학로 그늘막 설치", text="학교 앞 통학로에 그늘막이 없어 아이들이 덥습니다.")
    client, path = hall.resident().client, f"/assemblies/{hall.assembly.pk}/propose/"
    data = filled()
    suggested = client.post(path, data, headers={"accept-language": "en"})
    page = suggested.content.decode()
    assert suggested.status_code == 200
    assert "Is it one of these?" in page
    assert f'name="seen" value="{there.pk}"' in page
    assert SHADE["text"] in page
    assert Proposal.objects.count() == 1
    sent = client.post(path, {**data, "seen": str(there.pk)})
    assert sent.status_code == 302
    assert Proposal.objects.count() == 2


def test_suggestions_come_while_one_types(hall: Hall) -> None:
    there = hall.proposed(title="초등학교 통학로 그늘막 설치", text="학교 앞 통학로에 그늘막이 없어 아이들이 덥습니다.")
    client, path = hall.resident().client, f"/assemblies/{hall.assembly.pk}/alike/"
    part = client.post(path, {"title": "통학로 그늘막", "text": ""}).content.decode()
    assert f"/proposals/{there.pk}/" in part
    assert "<html" not in part
    assert client.post(path, {"title": "도서관에 큰글자책", "text": ""}).content.strip() == b""
    assert client.post(path, {"title": "그", "text": ""}).content.strip() == b""
    assert Client().post(path, {"title": "통학로 그늘막"}).status_code == 302


def test_what_has_just_been_proposed_is_suggested_and_what_was_withdrawn_is_not(hall: Hall) -> None:
    author = hall.resident()
    client, path = hall.resident().client, f"/assemblies/{hall.assembly.pk}/alike/"
    assert client.post(path, {"title": "통학로 그늘막"}).content.strip() == b""
    there = hall.proposed(author, title="통학로 그늘막", text="그늘막을 세웁시다.")
    assert f"/proposals/{there.pk}/".encode() in client.post(path, {"title": "통학로 그늘막"}).content
    author.client.post(f"/proposals/{there.pk}/withdraw/", {"reason": ""})
    assert client.post(path, {"title": "통학로 그늘막"}).content.strip() == b""


def test_the_kept_index_and_what_came_after_it_are_searched_alike(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madang.rooms.autonomy.bridge._BLOCK", 2)
    author, other = hall.resident(), hall.resident()
    early = hall.proposed(author, title="통학로 그늘막", text="그늘막을 세웁시다.")
    hall.proposed(author, title="도서관 큰글자책", text="큰글자책을 삽시다.")
    for number in range(3):
        late = hall.proposed(other, title=f"통학로 그늘막 {number}", text="그늘막을 세웁시다.")
        found = proposals_alike(hall.assembly.pk, "통학로 그늘막", "")
        assert {early.pk, late.pk} <= set(found)
    author.client.post(f"/proposals/{early.pk}/withdraw/", {"reason": ""})
    assert early.pk not in proposals_alike(hall.assembly.pk, "통학로 그늘막", "")


def test_nothing_typed_is_lost_and_a_place_is_pressed(hall: Hall) -> None:
    client, path = hall.resident().client, f"/assemblies/{hall.assembly.pk}/propose/"
    page = client.post(path, filled(category="", text="줄\n둘째 <줄>")).content.decode()
    assert "줄\n둘째 &lt;줄&gt;" in page
    assert 'id="id_category_error"' in page
    scale, dongs = WIDTH / hall.seo_gu.district.map_width, hall.seo_gu.dongs
    for dong, inside in ((dongs[0], True), (dongs[3], False)):
        press = {"map.x": round(dong.label_x * scale), "map.y": round(dong.label_y * scale)}
        pressed = client.post(path, filled(**press), headers={"accept-language": "en"}).content.decode()
        assert ("The point is marked" in pressed) == inside
        assert ("lies outside" in pressed) != inside
    assert not Proposal.objects.exists()


def test_a_refusal_stands_at_its_field(hall: Hall) -> None:
    client, path = hall.resident().client, f"/assemblies/{hall.assembly.pk}/propose/"
    page = client.post(path, filled(text="연락처 010-1234-5678")).content.decode()
    assert 'id="id_text_error"' in page
    hall.turn_to(Phase.VOTE)
    late = client.post(path, filled(), headers={"accept-language": "en"}).content.decode()
    assert "The time for this is over" in late
    assert SHADE["text"] in late


def test_who_does_not_live_here_is_told_so(hall: Hall) -> None:
    stranger = entered(Role.RESIDENT, hall.dong)
    for path in (f"/assemblies/{hall.assembly.pk}/propose/", f"/proposals/{hall.proposed().pk}/argue/"):
        page = stranger.get(path, headers={"accept-language": "en"}).content.decode()
        assert "not tied to a resident" in page
    answer = stranger.post(f"/assemblies/{hall.assembly.pk}/propose/", filled(title="전혀 다른 일", text="다른 글"))
    assert answer.status_code == 200
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_proposal_says_everything_but_who(hall: Hall, language: str) -> None:
    author, neighbour = hall.resident(name="비밀이"), hall.resident()
    proposal = hall.admitted(author)
    merged = hall.proposed(author, title="통학로 차양")
    argued = ArgumentDraft(proposal=proposal.pk, key=uuid4().hex, side="against", text="나무가 더 낫습니다.")
    argument_make(neighbour.actor, argued)
    offer = merge_offer(SYSTEM, MergeOfferDraft(proposal=merged.pk, into=proposal.pk, reason="같은 길입니다."))
    author.client.post(f"/proposals/offers/{offer.pk}/", {"accept": "yes", "answer": "좋습니다."})
    page = Client().get(f"/proposals/{proposal.pk}/", headers={"accept-language": language}).content.decode()
    for words in (
        "P01",
        "나무가 더 낫습니다.",
        "비슷한 공사 세 곳의 평균",
        "우리 동이 할 수 있는 일입니다.",
        "통학로 차양",
    ):
        assert words in page
    for secret in ("비밀이", str(author.person.pk), author.user.username, str(author.user.pk)):
        assert secret not in page
    joined = Client().get(f"/proposals/{merged.pk}/", headers={"accept-language": language}).content.decode()
    assert f"/proposals/{proposal.pk}/" in joined
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_hidden_argument_shows_its_reason_and_not_its_words(hall: Hall) -> None:
    proposal = hall.proposed()
    draft = ArgumentDraft(proposal=proposal.pk, key=uuid4().hex, side="for", text="못된 말")
    argument = argument_make(hall.resident().actor, draft)
    officer = entered(Role.DONG_OFFICER, hall.dong)
    assert "못된 말" in officer.get(f"/desk/arguments/{argument.pk}/hide/").content.decode()
    assert entered(Role.RESIDENT, hall.dong).get(f"/desk/arguments/{argument.pk}/hide/").status_code == 404
    assert officer.post(f"/desk/arguments/{argument.pk}/hide/", {"reason": ""}).status_code == 200
    officer.post(f"/desk/arguments/{argument.pk}/hide/", {"reason": "이웃을 헐뜯습니다."})
    page = Client().get(f"/proposals/{proposal.pk}/").content.decode()
    assert "못된 말" not in page
    assert "이웃을 헐뜯습니다." in page


def test_an_argument_is_made(hall: Hall) -> None:
    proposal, client = hall.proposed(), hall.resident().client
    path = f"/proposals/{proposal.pk}/argue/"
    assert Client().get(path).headers["Location"].startswith("/account/login/")
    assert "checked" in client.get(f"{path}?side=against").content.decode()
    data = {"side": "for", "text": "아이들이 좋아합니다.", "key": uuid4().hex}
    assert client.post(path, {**data, "text": ""}).status_code == 200
    assert [client.post(path, data).status_code for _ in range(2)] == [302, 302]
    assert Argument.objects.get().side == "for"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_estimates_answers_and_asks(hall: Hall, language: str) -> None:
    author = hall.resident()
    proposal, twin = hall.proposed(author, **SHADE), hall.proposed(author, **SHADE)
    officer = entered(Role.DONG_OFFICER, hall.dong)
    headers = {"accept-language": language}
    desk = officer.get("/desk/proposals/", headers=headers)
    assert desk.content.decode().count(SHADE["title"]) == 2
    path = f"/desk/proposals/{proposal.pk}/"
    page = officer.get(path, headers=headers).content.decode()
    assert f"/proposals/{twin.pk}/" in page
    assert f'<option value="{twin.pk}" selected>' in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    early = officer.post(path, {"deed": "answer", "admit": "yes", "reason": "좋습니다."}, headers=headers)
    assert early.status_code == 200
    assert "notice tone-late" in early.content.decode()
    estimate = {"deed": "estimate", "cost_won": "24000000", "basis": "견적 셋의 평균"}
    assert officer.post(path, estimate).status_code == 302
    assert officer.post(path, {"deed": "answer", "admit": "yes", "reason": "좋습니다."}).status_code == 302
    asked = {"deed": "offer", "into": str(proposal.pk), "reason": "같은 길입니다."}
    assert officer.post(f"/desk/proposals/{twin.pk}/", asked).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.code, MergeOffer.objects.count()) == ("admitted", "P01", 1)
    council = entered(Role.COUNCIL_MEMBER, hall.dong).get(path).content.decode()
    assert 'name="cost_won"' not in council
    assert 'value="offer"' in council


def test_the_desk_is_for_the_office_and_the_council_of_the_dong(hall: Hall) -> None:
    proposal = hall.proposed()
    assert Client().get("/desk/proposals/").headers["Location"].startswith("/account/login/")
    for role, place, seen in (
        (Role.RESIDENT, hall.dong, False),
        (Role.DONG_OFFICER, hall.seo_gu.other.code, False),
        (Role.COUNCIL_MEMBER, hall.dong, True),
        (Role.ADMINISTRATOR, hall.seo_gu.district.code, True),
    ):
        client = entered(role, place)
        assert (client.get(f"/desk/proposals/{proposal.pk}/").status_code == 200) == seen
        shown = client.get("/desk/proposals/")
        assert (proposal.title in shown.content.decode()) == seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_author_is_asked_and_answers(hall: Hall, language: str) -> None:
    author, headers = hall.resident(), {"accept-language": language}
    proposal, into = hall.proposed(author, title="통학로 차양"), hall.admitted()
    offer = merge_offer(SYSTEM, MergeOfferDraft(proposal=proposal.pk, into=into.pk, reason="같은 길입니다."))
    client, path = author.client, f"/proposals/offers/{offer.pk}/"
    assert path in client.get("/proposals/mine/", headers=headers).content.decode()
    assembly = f"/assemblies/{hall.assembly.pk}/"
    assert "/proposals/mine/" in client.get(assembly, headers=headers).content.decode()
    assert "/proposals/mine/" not in Client().get(assembly, headers=headers).content.decode()
    assert path in client.get(f"/proposals/{proposal.pk}/", headers=headers).content.decode()
    assert path not in Client().get(f"/proposals/{proposal.pk}/", headers=headers).content.decode()
    page = client.get(path, headers=headers).content.decode()
    assert "같은 길입니다." in page
    assert hall.resident().client.get(path).status_code == 404
    assert entered(Role.DONG_OFFICER, hall.dong).get(path).status_code == 404
    assert client.post(path, {"answer": ""}).status_code == 200
    sent = client.post(path, {"accept": "yes", "answer": "고맙습니다."})
    assert sent.headers["Location"] == f"/proposals/{into.pk}/"
    proposal.refresh_from_db()
    assert (proposal.state, proposal.merged_into) == ("merged", into)
    assert client.get(path, headers=headers).status_code == 200


def test_an_author_takes_a_proposal_back_and_nobody_else_does(hall: Hall) -> None:
    author = hall.resident()
    proposal = hall.proposed(author)
    path = f"/proposals/{proposal.pk}/withdraw/"
    assert path in author.client.get(f"/proposals/{proposal.pk}/").content.decode()
    assert hall.resident().client.post(path, {"reason": ""}).status_code == 404
    assert author.client.post(path, {"reason": "생각이 바뀌었습니다."}).status_code == 302
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"


def test_proposals_leave_as_csv(hall: Hall) -> None:
    hall.admitted()
    hall.proposed(title="=1+1")
    lines = b"".join(Client().get(f"/assemblies/{hall.assembly.pk}/proposals.csv")).decode().splitlines()  # type: ignore[call-overload]
    assert lines[0].lstrip("\ufeff").startswith("id,code,title,category,state,cost_won")
    assert any(",P01,어린이 통학로 그늘막,heat-cold,admitted,24000000," in line for line in lines)
    assert any(",'=1+1," in line for line in lines)
    only = b"".join(Client().get(f"/assemblies/{hall.assembly.pk}/proposals.csv?state=admitted")).decode()  # type: ignore[call-overload]
    assert len(only.splitlines()) == 2


@pytest.mark.parametrize(
    ("path", "most"),
    [("/assemblies/{assembly}/", 9), ("/proposals/{proposal}/", 10), ("/assemblies/", 8)],
)
def test_pages_take_few_queries_however_much_is_said(
    hall: Hall, path: str, most: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    proposal = hall.admitted()
    for number in range(6):
        author = hall.resident()
        hall.proposed(author, title=f"제안 {number}")
        argument_make(
            author.actor, ArgumentDraft(proposal=proposal.pk, key=uuid4().hex, side="for", text=f"까닭 {number}")
        )
    address = path.format(assembly=hall.assembly.pk, proposal=proposal.pk)
    with django_assert_max_num_queries(most):
        Client().get(address)


def test_the_desk_takes_few_queries(hall: Hall, django_assert_max_num_queries: Callable[[int], Any]) -> None:
    for number in range(6):
        hall.proposed(title=f"제안 {number}")
    client = entered(Role.DONG_OFFICER, hall.dong)
    with django_assert_max_num_queries(10):
        client.get("/desk/proposals/")


def test_an_unknown_proposal_is_not_there(hall: Hall) -> None:
    for path in ("/proposals/0/", "/assemblies/0/", "/assemblies/0/proposals.csv", "/assemblies/0/conversation/"):
        assert Client().get(path).status_code == 404


def test_a_declined_proposal_says_why_in_its_page(hall: Hall) -> None:
    proposal = hall.proposed()
    proposal_answer(SYSTEM, ProposalAnswerDraft(proposal=proposal.pk, admit=False, reason="국도라서 동이 못 합니다."))
    assert "국도라서 동이 못 합니다." in Client().get(f"/proposals/{proposal.pk}/").content.decode()


def test_a_hidden_argument_cannot_be_hidden_twice_on_the_page(hall: Hall) -> None:
    proposal = hall.proposed()
    draft = ArgumentDraft(proposal=proposal.pk, key=uuid4().hex, side="for", text="못된 말")
    argument = argument_make(hall.resident().actor, draft)
    argument_hide(SYSTEM, HideDraft(words=argument.pk, reason="이웃을 헐뜯습니다."))
    officer = entered(Role.DONG_OFFICER, hall.dong)
    assert officer.post(f"/desk/arguments/{argument.pk}/hide/", {"reason": "또"}).status_code == 200
