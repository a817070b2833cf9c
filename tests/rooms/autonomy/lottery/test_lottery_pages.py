"""A lottery's pages: what everybody reads, the files that repeat the draw, and the officer's steps."""

import json
from pathlib import Path

import pytest
from django.test import Client
from tests.rooms.autonomy.lottery.test_lottery_services import KINDS, committed, draft
from tests.rooms.conftest import SeoGu
from tests.yard.people.conftest import enter
from typer.testing import CliRunner

from madang.rooms.autonomy.cli import app
from madang.rooms.autonomy.models import CouncilLottery
from madang.rooms.autonomy.services.lottery import lottery_announce, lottery_draw, lottery_prepare
from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.people.models import Person
from madang.yard.people.services import PersonDraft, person_add

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")


@pytest.fixture
def people(seo_gu: SeoGu) -> list[Person]:
    return [person_add(SYSTEM, PersonDraft(dong=seo_gu.dong.code, name=f"주민{n}")) for n in range(24)]


def body(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draw_is_shown_without_names(client: Client, seo_gu: SeoGu, people: list[Person], language: str) -> None:
    headers = {"accept-language": language}
    assert client.get("/lotteries/", headers=headers).status_code == 200
    lottery = committed(seo_gu, people)
    before = client.get(f"/lotteries/{lottery.pk}/", headers=headers).content.decode()
    assert lottery.commitment in before
    assert f'lang="{language}"' in before
    lottery_announce(SYSTEM, lottery.pk, "2,712.14")
    drawn = lottery_draw(SYSTEM, lottery.pk)
    page = client.get(f"/lotteries/{lottery.pk}/", headers=headers).content.decode()
    for lot in (drawn.result or {})["drawn"]:
        assert lot in page
    assert drawn.seed in page
    assert "주민1" not in page
    assert lottery.title in client.get("/lotteries/", headers=headers).content.decode()
    assert client.get("/lotteries/999/", headers=headers).status_code == 404


@pytest.mark.parametrize("crowded", [True, False])
def test_the_files_of_the_page_repeat_the_draw(
    client: Client, seo_gu: SeoGu, people: list[Person], tmp_path: Path, crowded: bool
) -> None:
    lottery = committed(seo_gu, people if crowded else people[:13], crowded=crowded)
    lottery_announce(SYSTEM, lottery.pk, "2,712.14")
    drawn = lottery_draw(SYSTEM, lottery.pk)
    for name in ("pool.csv", "quotas.csv", "lottery.json"):
        (tmp_path / name).write_bytes(body(client, f"/lotteries/{lottery.pk}/{name}"))
    command = ["draw", str(tmp_path / "pool.csv"), str(tmp_path / "quotas.csv"), "--size", "3", "--json"]
    command += ["--lottery", str(tmp_path / "lottery.json"), "--seed-commitment", drawn.commitment]
    command += ["--seed", drawn.seed, "--public-value", drawn.public_value]
    found = json.loads(CliRunner().invoke(app, command).stdout)
    assert found["drawn"] == (drawn.result or {})["drawn"]
    assert found["pool_digest"] == lottery.pool_digest
    assert found["lottery_digest"] == lottery.lottery_digest
    assert b"category" in body(client, f"/lotteries/{lottery.pk}/groups.csv")
    assert b"probability" in body(client, f"/lotteries/{lottery.pk}/chances.csv")


def test_an_officer_takes_the_four_steps(seo_gu: SeoGu, people: list[Person]) -> None:
    officer = enter(Role.DONG_OFFICER, seo_gu.dong.code)
    assert officer.get("/desk/lotteries/new/").status_code == 200
    given = draft(seo_gu, people)
    table = "sex,age,person\n" + "\n".join(
        f"{','.join(KINDS[n % len(KINDS)])},{person.pk}" for n, person in enumerate(people)
    )
    quotas = "category,value,min,max\nsex,f,1,2\nsex,m,1,2\nage,old,1,2\nage,young,1,2\n"
    sent = {
        "dong": given.dong, "title": given.title, "about": "", "size": 3, "method": "leximin", "quotas": quotas,
        "applicants": table, "public_source": given.public_source, "value_on": given.value_on.isoformat(),
    }  # fmt: skip
    faulty = officer.post("/desk/lotteries/new/", {**sent, "quotas": quotas.replace("f,1,2", "f,x,2")})
    assert faulty.status_code == 200
    assert not CouncilLottery.objects.exists()
    assert officer.post("/desk/lotteries/new/", {**sent, "size": 99}).status_code == 200
    done = officer.post("/desk/lotteries/new/", sent)
    lottery = CouncilLottery.objects.get()
    desk = f"/desk/lotteries/{lottery.pk}/"
    assert (done.status_code, done.headers["Location"]) == (302, desk)
    assert officer.get(desk).status_code == 200
    assert officer.post(desk, {"step": "commit"}).status_code == 302
    early = officer.post(desk, {"step": "announce", "value": "1"})
    assert early.status_code == 200
    CouncilLottery.objects.update(value_on=lottery.prepared_at.date())
    assert officer.post(desk, {"step": "announce", "value": "2,712.14"}).status_code == 302
    assert officer.get(desk).status_code == 200
    drawn = officer.post(desk, {"step": "draw"})
    assert drawn.headers["Location"] == f"/lotteries/{lottery.pk}/"
    assert officer.get(desk).status_code == 200
    assert officer.post(desk, {"step": "draw"}).status_code == 409


@pytest.mark.parametrize(("role", "status"), [(Role.RESIDENT, 404), (Role.AUDITOR, 404)])
def test_others_find_no_desk(seo_gu: SeoGu, people: list[Person], role: Role, status: int) -> None:
    lottery = lottery_prepare(SYSTEM, draft(seo_gu, people))
    browser = enter(role, seo_gu.dong.code)
    assert browser.get(f"/desk/lotteries/{lottery.pk}/").status_code in {403, status}
    assert browser.post(f"/desk/lotteries/{lottery.pk}/", {"step": "commit"}).status_code in {403, status}
    assert not CouncilLottery.objects.exclude(commitment="").exists()


def test_visitors_are_sent_to_the_login(client: Client, seo_gu: SeoGu) -> None:
    for address in ("/desk/lotteries/new/", "/desk/devolution/"):
        assert client.get(address).status_code == 302
