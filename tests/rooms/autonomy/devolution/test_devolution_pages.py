"""The pages of what is handed down, and the administrator's desk."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.autonomy.devolution.test_devolution_services import TODAY, authority, formula
from tests.rooms.conftest import SeoGu
from tests.yard.people.conftest import enter

from madang.rooms.autonomy.models import Delegation, DevolutionFormula
from madang.rooms.autonomy.services.devolution import delegation_enter, devolution_publish
from madang.yard.audit.authority import SYSTEM, Role

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_formula_register_and_a_dongs_finances(client: Client, seo_gu: SeoGu, language: str) -> None:
    headers = {"accept-language": language}
    pages = ("/devolution/", f"/devolution/{seo_gu.dong.code}/")
    for page in pages:
        assert client.get(page, headers=headers).status_code == 200
    made = devolution_publish(SYSTEM, formula(seo_gu))
    delegation_enter(SYSTEM, authority(seo_gu, review_on=TODAY - timedelta(days=1)))
    for page in pages:
        shown = client.get(page, headers=headers).content.decode()
        assert f'lang="{language}"' in shown
        assert made.run.short in shown
        assert ("공원 관리" if language == "ko" else "Care of parks") in shown
    assert client.get("/devolution/1111010100/", headers=headers).status_code == 404
    assert client.get("/devolution/?year=1999", headers=headers).status_code == 200
    for page, word in (
        ("/devolution.csv", seo_gu.dong.code),
        ("/devolution/effects.csv", "population"),
        ("/devolution/register.csv", "사무위임 조례 제3조"),
    ):
        assert word in client.get(page).getvalue().decode()


TOML = """
title = "x"
[budget]
total = 1_000_000_000
[[criteria]]
name = "area_km2"
weight = 1
"""


def test_an_administrator_publishes_enters_reviews_and_ends(seo_gu: SeoGu) -> None:
    browser = enter(Role.ADMINISTRATOR, seo_gu.district.code)
    desk = "/desk/devolution/"
    assert browser.get(desk).status_code == 200
    sent = {"step": "formula", "year": 2027, "title": "면적", "reason": "시험", "formula": TOML}
    assert browser.post(desk, {**sent, "formula": "[budget"}).status_code == 200
    assert not DevolutionFormula.objects.exists()
    assert browser.post(desk, sent).status_code == 302
    assert sum(DevolutionFormula.objects.get().run.result["given"]["budget"]) == 1_000_000_000  # type: ignore[index]
    today = timezone.localdate()
    entry = {
        "step": "delegation", "dong": seo_gu.dong.code, "title_ko": "도서관 운영", "title_en": "",
        "legal_basis": "조례 제2조", "staff_posts": 1, "starts_on": today.isoformat(),
        "review_on": (today + timedelta(days=200)).isoformat(),
    }  # fmt: skip
    assert browser.post(desk, {**entry, "review_on": today.isoformat()}).status_code == 200
    assert browser.post(desk, entry).status_code == 302
    one = f"/desk/delegations/{Delegation.objects.get().pk}/"
    assert browser.get(one).status_code == 200
    review = {"step": "review", "note": "잘 되고 있음", "next_on": (today + timedelta(days=300)).isoformat()}
    assert browser.post(one, review).status_code == 302
    assert browser.post(one, {"step": "end", "reason": ""}).status_code == 200
    assert browser.post(one, {"step": "end", "reason": "구로 되돌림"}).status_code == 302
    assert browser.get(one).status_code == 200
    assert Delegation.objects.get().ended_on == today


@pytest.mark.parametrize("role", [Role.DONG_OFFICER, Role.RESIDENT, Role.AUDITOR])
def test_others_find_no_desk(seo_gu: SeoGu, role: Role) -> None:
    browser = enter(role, seo_gu.district.code)
    assert browser.get("/desk/devolution/").status_code in {403, 404}
