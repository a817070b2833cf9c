"""Pages of assemblies: what is open, the one main action of each phase, calling and rescheduling."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.autonomy.conftest import Hall, entered, spans_at
from tests.rooms.conftest import SeoGu

from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.models import Assembly
from madang.yard.audit.authority import Role
from madang.yard.ledger.models import Fund

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")
# The one main action of each phase, as the address that it leads to; there is no vote prepared here.
ACTIONS = {
    Phase.PROPOSE: "/propose/",
    Phase.REVIEW: "",
    Phase.DISCUSS: "/conversation/",
    Phase.VOTE: "",
    Phase.COUNT: "",
    Phase.RESULT: "",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phase", Phase)
def test_an_assembly_has_one_main_action_a_phase(hall: Hall, phase: Phase, language: str) -> None:
    hall.turn_to(phase)
    answer = Client().get(f"/assemblies/{hall.assembly.pk}/", headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len(answer.content) < 100_000
    assert "csrf" not in page
    head = page.partition('class="page-head"')[2].partition("</div>\n</div>")[0]
    wanted = ACTIONS[phase]
    assert (f'href="/assemblies/{hall.assembly.pk}{wanted}"' in head) == bool(wanted)
    assert page.count('aria-current="step"') == 1
    assert page.count("<rect") == len(Phase) + 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_calendar_of_all_dongs_and_of_one(hall: Hall, language: str) -> None:
    headers = {"accept-language": language}
    assert hall.assembly.title in Client().get("/assemblies/", headers=headers).content.decode()
    here = Client().get(f"/assemblies/?dong={hall.dong}", headers=headers).content.decode()
    assert hall.assembly.title in here
    other = Client().get(f"/assemblies/?dong={hall.seo_gu.other.code}", headers=headers)
    assert hall.assembly.title not in other.content.decode()
    assert other.status_code == 200
    assert hall.assembly.title in Client().get("/assemblies/?dong=nonsense", headers=headers).content.decode()


def test_an_assembly_that_is_over_says_so(hall: Hall) -> None:
    hall.assembly.phases.filter(ends_at__gt=timezone.now()).delete()
    hall.assembly.phases.all().delete()
    page = Client().get(f"/assemblies/{hall.assembly.pk}/", headers={"accept-language": "en"}).content.decode()
    assert "This assembly is over." in page


def called(seo_gu: SeoGu, fund: Fund) -> dict[str, str]:
    data = {
        "title": "2026 주민총회", "about": "", "dong": seo_gu.dong.code, "year": "2027", "budget_won": "300000000",
        "fund": fund.code,
    }  # fmt: skip
    for span in spans_at(Phase.PROPOSE):
        data[f"{span.phase.value}_begins"] = f"{timezone.localtime(span.begins_at):%Y-%m-%dT%H:%M}"
        data[f"{span.phase.value}_ends"] = f"{timezone.localtime(span.ends_at):%Y-%m-%dT%H:%M}"
    return data


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_calls_an_assembly(seo_gu: SeoGu, fund: Fund, language: str) -> None:
    officer, headers = entered(Role.DONG_OFFICER, seo_gu.dong.code), {"accept-language": language}
    page = officer.get("/desk/assemblies/new/", headers=headers).content.decode()
    assert seo_gu.dong.name in page or seo_gu.dong.name_en in page
    assert seo_gu.other.code not in page
    data = called(seo_gu, fund)
    half = officer.post("/desk/assemblies/new/", {**data, "vote_ends": ""}, headers=headers)
    assert 'id="id_vote_ends_error"' in half.content.decode()
    mixed = officer.post("/desk/assemblies/new/", {**data, "review_begins": data["propose_begins"]}, headers=headers)
    assert mixed.status_code == 200
    assert not Assembly.objects.exists()
    made = officer.post("/desk/assemblies/new/", data)
    assembly = Assembly.objects.get()
    assert made.headers["Location"] == f"/assemblies/{assembly.pk}/"
    assert [span.phase for span in assembly.spans] == list(Phase)


def test_a_phase_may_be_left_out(seo_gu: SeoGu, fund: Fund) -> None:
    data = called(seo_gu, fund)
    data |= {"count_begins": "", "count_ends": ""}
    entered(Role.DONG_OFFICER, seo_gu.dong.code).post("/desk/assemblies/new/", data)
    assert Phase.COUNT not in [span.phase for span in Assembly.objects.get().spans]


def test_only_the_office_calls(hall: Hall) -> None:
    paths = ("/desk/assemblies/new/", f"/desk/assemblies/{hall.assembly.pk}/calendar/")
    for path in paths:
        assert Client().get(path).headers["Location"].startswith("/account/login/")
        assert entered(Role.RESIDENT, hall.dong).get(path).status_code == 404
        assert entered(Role.COUNCIL_MEMBER, hall.dong).get(path).status_code == 404
    assert entered(Role.DONG_OFFICER, hall.seo_gu.other.code).get(paths[1]).status_code == 404


def test_an_officer_moves_what_is_still_to_come(hall: Hall) -> None:
    officer = entered(Role.DONG_OFFICER, hall.dong)
    path = f"/desk/assemblies/{hall.assembly.pk}/calendar/"
    before = hall.assembly.spans
    assert "disabled" in officer.get(path).content.decode()
    data = {}
    for span in before:
        later = timedelta(days=2) if span.phase is Phase.RESULT else timedelta()
        data[f"{span.phase.value}_begins"] = f"{timezone.localtime(span.begins_at):%Y-%m-%dT%H:%M}"
        data[f"{span.phase.value}_ends"] = f"{timezone.localtime(span.ends_at + later):%Y-%m-%dT%H:%M}"
    # Minutes are coarser than the calendar that was called: the second phase begins when the first one ends.
    data["review_begins"] = f"{timezone.localtime(before[0].ends_at + timedelta(minutes=1)):%Y-%m-%dT%H:%M}"
    assert officer.post(path, data).status_code == 302
    after = Assembly.objects.get().spans
    assert after[0] == before[0]
    assert timedelta(days=1, hours=23) < after[-1].ends_at - before[-1].ends_at <= timedelta(days=2)
