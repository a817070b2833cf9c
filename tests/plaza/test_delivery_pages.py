"""Funding a decision and delivering its project on pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.plaza.test_workflows import WON, adopted, decided, fund, seo_gu
from tests.rooms.conftest import SeoGu
from tests.yard.people.conftest import enter

from madang.rooms.autonomy.models import AgendaItem
from madang.rooms.projects.models import Project
from madang.yard.audit.authority import Role
from madang.yard.ledger.models import Fund, Programme

__all__ = ["adopted", "decided", "fund", "seo_gu"]

pytestmark = pytest.mark.django_db


def filled(fund: Fund, **changes: object) -> dict[str, object]:
    today = timezone.localdate()
    return {
        "fund": fund.pk, "programme": Programme.objects.get(code="autonomy-budget").pk, "owner": "행정복지센터",
        "name_1": "설치", "due_1": (today + timedelta(days=9)).isoformat(), "name_2": "업체 선정",
        "due_2": today.isoformat(), "name_3": "", "due_3": "", **changes,
    }  # fmt: skip


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_decision_is_funded_and_delivered(seo_gu: SeoGu, fund: Fund, decided: AgendaItem, language: str) -> None:
    client = enter(Role.DONG_OFFICER, seo_gu.dong.code)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    path = f"/desk/items/{decided.pk}/fund/"
    assert path in client.get(f"/desk/items/{decided.pk}/").content.decode()
    page = client.get(path)
    assert page.status_code == 200
    assert f'lang="{language}"'.encode() in page.content
    half = client.post(path, filled(fund, due_2=""))
    assert (half.status_code, b'id="id_due_2_error"' in half.content) == (200, True)
    answer = client.post(path, filled(fund))
    project = Project.objects.get()
    assert answer.headers["Location"] == f"/desk/projects/{project.pk}/"
    assert [step.name_ko for step in project.milestones.all()] == ["업체 선정", "설치"]
    assert client.get(path).headers["Location"] == f"/desk/projects/{project.pk}/"
    path = f"/desk/projects/{project.pk}/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"note": "골랐습니다", "paid_won": "0"}).status_code == 302
    too_much = client.post(path, {"note": "달았습니다", "paid_won": str(WON + 1)})
    assert too_much.status_code == 200
    assert b'id="id_' in too_much.content
    assert client.post(path, {"note": "달았습니다", "paid_won": str(WON)}).status_code == 302
    decided.refresh_from_db()
    assert decided.state == "delivered"
    assert client.get(path).status_code == 200


def test_what_is_not_decided_is_not_funded(seo_gu: SeoGu, fund: Fund, decided: AgendaItem) -> None:
    client = enter(Role.DONG_OFFICER, seo_gu.dong.code)
    assert client.post(f"/desk/items/{decided.pk}/fund/", {**filled(fund), "fund": 99999}).status_code == 200
    assert not Project.objects.exists()


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.COUNCIL_MEMBER, Role.AUDITOR])
def test_others_find_nothing(seo_gu: SeoGu, fund: Fund, decided: AgendaItem, role: Role) -> None:
    client = enter(role, seo_gu.dong.code)
    assert client.get(f"/desk/items/{decided.pk}/fund/").status_code == 404
    stranger = enter(Role.DONG_OFFICER, seo_gu.other.code)
    assert stranger.get(f"/desk/items/{decided.pk}/fund/").status_code == 404


def test_visitors_are_sent_to_the_login(client: Client, decided: AgendaItem) -> None:
    assert client.get(f"/desk/items/{decided.pk}/fund/").status_code == 302
    assert client.get("/desk/projects/1/").status_code == 302
