"""Pages of the conversation: one sentence at a time, then what has been found."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.rooms.autonomy.conftest import Hall, entered
from tests.rooms.autonomy.conversation.test_conversation_services import said, two_camps

from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.models import OpinionView, Statement, StatementVote
from madang.rooms.autonomy.selectors.conversation import refresh_due
from madang.rooms.autonomy.services import HideDraft, opinions_refresh, statement_hide
from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.audit.models import Job
from madang.yard.audit.worker import Worker

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")


@pytest.fixture
def talk(hall: Hall) -> Hall:
    hall.turn_to(Phase.DISCUSS)
    cache.clear()
    return hall


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_resident_answers_one_sentence_after_the_other(talk: Hall, language: str) -> None:
    author, headers = talk.resident(), {"accept-language": language}
    first, second = said(talk, author, "첫째 문장"), said(talk, author, "둘째 문장")
    client, path = talk.resident().client, f"/assemblies/{talk.assembly.pk}/conversation/"
    page = client.get(path, headers=headers)
    text = page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert f'action="/statements/{first.pk}/opinion/"' in text
    assert text.count('name="value"') == 3
    sent = client.post(f"/statements/{first.pk}/opinion/", {"value": "1"})
    assert sent.headers["Location"] == f"{path}#now"
    assert f'action="/statements/{second.pk}/opinion/"' in client.get(path, headers=headers).content.decode()
    client.post(f"/statements/{second.pk}/opinion/", {"value": "-1"})
    assert 'name="value"' not in client.get(path, headers=headers).content.decode()
    assert sorted(StatementVote.objects.values_list("value", flat=True)) == [-1, 1]


def test_what_few_have_answered_is_asked_first(talk: Hall) -> None:
    author = talk.resident()
    first, second = said(talk, author, "첫째 문장"), said(talk, author, "둘째 문장")
    author.client.post(f"/statements/{first.pk}/opinion/", {"value": "1"})
    page = talk.resident().client.get(f"/assemblies/{talk.assembly.pk}/conversation/").content.decode()
    assert f'action="/statements/{second.pk}/opinion/"' in page


def test_a_visitor_reads_and_is_asked_to_sign_in(talk: Hall) -> None:
    statement = said(talk, talk.resident())
    path = f"/assemblies/{talk.assembly.pk}/conversation/"
    page = Client().get(path).content.decode()
    assert statement.text in page
    assert "csrf" not in page
    assert f"/account/login/?next={path}" in page
    assert Client().post(f"/statements/{statement.pk}/opinion/", {"value": "1"}).status_code == 302
    assert not StatementVote.objects.exists()
    stranger = entered(Role.RESIDENT, talk.dong)
    told = stranger.post(f"/statements/{statement.pk}/opinion/", {"value": "1"}, follow=True)
    assert "notice tone-late" in told.content.decode()
    assert stranger.post("/statements/0/opinion/", {"value": "1"}).status_code == 404
    assert talk.resident().client.post(f"/statements/{statement.pk}/opinion/", {"value": "x"}).status_code == 422


def test_a_sentence_is_added(talk: Hall) -> None:
    client, path = talk.resident().client, f"/assemblies/{talk.assembly.pk}/conversation/say/"
    assert client.get(path).status_code == 200
    assert "id_text_error" in client.post(path, {"text": "가" * 141}).content.decode()
    assert client.post(path, {"text": "밤길이 밝아지면 좋겠습니다."}).status_code == 302
    again = talk.resident().client.post(path, {"text": "밤길이 밝아지면 좋겠습니다."})
    assert "id_text_error" in again.content.decode()
    assert Statement.objects.count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_found_is_said_in_words(talk: Hall, language: str) -> None:
    two_camps(talk, (14, 11))
    view = opinions_refresh(SYSTEM, talk.assembly.pk)
    answer = Client().get(f"/assemblies/{talk.assembly.pk}/conversation/", headers={"accept-language": language})
    page = answer.content.decode()
    assert page.count('class="size"') == 2
    assert reverse("run", args=[view.run_id]) in page
    assert {"ko": "1번 모둠", "en": "What builds a bridge"}[language] in page
    assert len(answer.content) < 100_000
    for voter in StatementVote.objects.values_list("voter", flat=True).distinct():
        assert voter not in page
    lines = b"".join(Client().get(f"/assemblies/{talk.assembly.pk}/opinions.csv")).decode().splitlines()  # type: ignore[call-overload]
    assert lines[0].lstrip("\ufeff") == "id,statement,agree,disagree,pass,agree_group_1,agree_group_2"
    assert len(lines) == 11


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_groups_are_named_as_the_reason_that_none_are_shown(talk: Hall, language: str) -> None:
    two_camps(talk, (20, 3))
    opinions_refresh(SYSTEM, talk.assembly.pk)
    page = Client().get(f"/assemblies/{talk.assembly.pk}/conversation/", headers={"accept-language": language})
    assert 'class="groups"' not in page.content.decode()
    assert {"ko": "5명", "en": "at least 5 people"}[language] in page.content.decode()


def test_a_hidden_sentence_shows_its_reason(talk: Hall) -> None:
    statement = said(talk, talk.resident(), "못된 말")
    council = entered(Role.COUNCIL_MEMBER, talk.dong)
    path = f"/desk/statements/{statement.pk}/hide/"
    assert path in council.get(f"/assemblies/{talk.assembly.pk}/conversation/").content.decode()
    assert entered(Role.RESIDENT, talk.dong).get(path).status_code == 404
    assert "못된 말" in council.get(path).content.decode()
    assert council.post(path, {"reason": "이웃을 헐뜯습니다."}).status_code == 302
    page = Client().get(f"/assemblies/{talk.assembly.pk}/conversation/").content.decode()
    assert "못된 말" not in page
    assert "이웃을 헐뜯습니다." in page


def test_a_sentence_hidden_after_the_groups_were_computed_is_not_shown_among_them(talk: Hall) -> None:
    two_camps(talk, (14, 11))
    opinions_refresh(SYSTEM, talk.assembly.pk)
    first = Statement.objects.order_by("pk").first()
    assert first is not None
    statement_hide(SYSTEM, HideDraft(words=first.pk, reason="규칙에 어긋납니다."))
    assert first.text not in Client().get(f"/assemblies/{talk.assembly.pk}/conversation/").content.decode()


def test_the_worker_computes_when_enough_is_new(talk: Hall) -> None:
    two_camps(talk, (14, 11))
    statement = Statement.objects.order_by("pk").first()
    assert statement is not None
    clients = [talk.resident().client for _ in range(2)]
    for client in clients:
        client.post(f"/statements/{statement.pk}/opinion/", {"value": "1"})
    assert Job.objects.count() == 1
    assert Worker().step()
    assert OpinionView.objects.count() == 1
    assert not refresh_due(talk.assembly.pk)
    cache.clear()
    clients[0].post(f"/statements/{statement.pk}/opinion/", {"value": "0"})
    assert Job.objects.count() == 1


def test_the_conversation_takes_few_queries(talk: Hall, django_assert_max_num_queries: Callable[[int], Any]) -> None:
    two_camps(talk, (14, 11))
    opinions_refresh(SYSTEM, talk.assembly.pk)
    with django_assert_max_num_queries(8):
        Client().get(f"/assemblies/{talk.assembly.pk}/conversation/")
