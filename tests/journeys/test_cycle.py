"""The cycle in a real browser: a resident reports by keyboard on a small phone and follows it to its delivery."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import Settings
from tests.journeys.conftest import LANGUAGES, SCHEMES, WIDTHS, assert_accessible, assert_fits, assert_sound, visit
from tests.rooms.autonomy.test_photo import JPEG
from tests.rooms.conftest import draft
from tests.yard.people.conftest import PASSWORD, account

from madang.plaza.workflows import FundingDraft, ProjectDelivery, decision_fund, project_deliver
from madang.rooms.autonomy.models import AgendaItem, Issue
from madang.rooms.autonomy.services import DecisionDraft, TakeDraft, agenda_decide, agenda_take, issue_report
from madang.rooms.care.services import elders_observe
from madang.rooms.climate.services import homes_observe
from madang.rooms.health.services import profile_observe
from madang.rooms.projects.services import MilestoneDraft, pledges_assess, pledges_file_of, pledges_load
from madang.yard.audit.authority import SYSTEM, VISITOR, Role
from madang.yard.ledger.models import Fund, FundLevel, Programme, RevenueSource
from madang.yard.ledger.services import FundDraft, RevenueDraft, fund_open, revenue_enter
from madang.yard.people.engine.population import Population, synthesise
from madang.yard.places.formats.bundle import district_read
from madang.yard.places.models import District
from madang.yard.places.services import SampleStatement, district_adopt, sample_state

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {
    "ko": {"send": "보내기", "show": "보기", "text": "가로등이 꺼졌어요", "done": "이행함", "sign_in": "로그인"},
    "en": {"send": "Send", "show": "Show it", "text": "The lamp is out", "done": "delivered", "sign_in": "Sign in"},
}


@pytest.fixture(scope="module")
def population() -> Population:
    return synthesise(district_read("29140"), 2026, 0.3)


@pytest.fixture
def district(transactional_db: None) -> District:
    return district_adopt(SYSTEM, "29140", is_sample=True)


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until something that fits has the focus."""
    for _stop in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_by_keyboard_alone_on_a_small_phone(
    page_at: Callable[..., Page], district: District, language: str
) -> None:
    words = WORDS[language]
    page = page_at(360, language=language, javascript=False)
    assert visit(page, "/report/") == 200
    assert_fits(page)
    tab_to(page, "[name=dong]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    tab_to(page, "[name=category]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "[name=text]")
    page.keyboard.type(words["text"])
    tab_to(page, ".actions button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/report/done/"))
    issue = Issue.objects.get()
    assert (issue.text, issue.category) == (words["text"], "light")
    assert issue.receipt_groups in page.inner_text("main")
    assert_fits(page)
    assert visit(page, "/track/") == 200
    tab_to(page, "[name=receipt]")
    page.keyboard.type(issue.receipt_groups.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/track/.+"))
    assert words["text"] in page.inner_text("main")
    assert_fits(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_place_pressed_on_the_map_and_a_photo(
    page_at: Callable[..., Page], district: District, language: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(JPEG)
    page = page_at(360, language=language, javascript=False)
    visit(page, "/report/")
    page.fill("[name=text]", WORDS[language]["text"])
    page.set_input_files("[name=photo]", photo)
    dong = district.dongs.order_by("code")[5]
    scale = 300 / district.map_width
    page.click("input.picker", position={"x": dong.label_x * scale, "y": dong.label_y * scale})
    page.wait_for_load_state()
    # What was typed and chosen before is still there, and the place is filled in.
    assert page.input_value("[name=text]") == WORDS[language]["text"]
    assert page.input_value("[name=dong]") == dong.code
    assert page.locator("[name=photo]").count() == 0
    page.check("[name=category][value=light]")
    page.click(".actions button")
    page.wait_for_url(re.compile("/report/done/"))
    issue = Issue.objects.get()
    assert (issue.dong_id, bool(issue.photo)) == (dong.code, True)
    assert issue.lon == pytest.approx(dong.lon, abs=0.003)
    visit(page, f"/track/{issue.receipt}/")
    assert page.evaluate("document.querySelector('main img').naturalWidth") == 16


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_public_pages_are_sound(
    page_at: Callable[..., Page], district: District, population: Population, width: int, scheme: str, language: str
) -> None:
    pledges_load(SYSTEM, pledges_file_of("29140"))
    sample_state(SYSTEM, SampleStatement(seed=2026, scale=0.3, populations=population.persons_by_dong))
    for observe in (elders_observe, profile_observe, homes_observe):
        observe(SYSTEM, population)
    dong = district.dongs.earliest("code").code
    issue = issue_report(VISITOR, draft(dong))
    agenda_take(SYSTEM, TakeDraft(title="가로등", room="autonomy", reason="까닭", issues=[issue.pk]))
    page = page_at(width, scheme, language)
    paths = (
        "/report/", f"/report/done/{issue.receipt}/", "/track/", f"/track/{issue.receipt}/", "/agenda/",
        "/agenda/?q=zzz", "/care/", "/health/", "/climate/",
    )  # fmt: skip
    for path in paths:
        assert visit(page, path) == 200, path
        assert_accessible(page)
        assert_fits(page)
        if scheme == "light" and language == "ko":
            assert_sound(page)


def test_faults_are_named_and_sound(page_at: Callable[..., Page], district: District) -> None:
    page = page_at(360, language="en", expect_errors=True)
    visit(page, "/report/")
    page.click(".actions button")
    page.wait_for_load_state()
    assert "Choose the dong where it is." in page.inner_text("main")
    assert_sound(page)
    visit(page, "/track/")
    page.fill("[name=receipt]", "1234")
    page.click(".actions button")
    page.wait_for_load_state()
    assert "has a slip in it" in page.inner_text("main")
    assert_sound(page)


def test_a_matter_goes_round_in_two_browsers(
    page_at: Callable[..., Page], district: District, settings: Settings
) -> None:
    settings.MADANG_DEMO = True
    pledges_load(SYSTEM, pledges_file_of("29140"))
    pledges_assess(SYSTEM, "before")
    dong = district.dongs.earliest("code").code
    issue = issue_report(VISITOR, draft(dong, text="가로등이 꺼졌어요"))
    officer = account(Role.DONG_OFFICER, dong, "officer-of-the-lamp", is_demo=True)
    page = page_at(1280, language="ko")
    visit(page, f"/account/login/?next=/desk/reports/{issue.pk}/")
    page.fill("[name=login]", officer.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button.btn")
    page.wait_for_url(re.compile("/desk/reports/"))
    assert "가로등이 꺼졌어요" in page.inner_text("main")
    assert_sound(page)
    page.fill("#take_title", "골목 가로등")
    page.click("text=의제로 올리기 >> nth=-1")
    page.wait_for_url(re.compile("/desk/items/"))
    assert_sound(page)
    visit(page, "/desk/")
    assert_sound(page)
    item = AgendaItem.objects.get()
    _decided_and_delivered(item, dong)
    resident = page_at(360, language="ko")
    visit(resident, f"/track/{issue.receipt}/")
    assert WORDS["ko"]["done"] in resident.inner_text("main")
    visit(resident, f"/agenda/{item.pk}/")
    assert "골목 가로등" in resident.inner_text("main")
    assert_sound(resident)
    visit(resident, "/pledges/autonomy/")
    assert "정상 추진" in resident.inner_text("main")


def _decided_and_delivered(item: AgendaItem, dong: str) -> Fund:
    today = timezone.localdate()
    agenda_decide(SYSTEM, DecisionDraft(item=item.pk, title="가로등 교체", rationale="어둡습니다", budget_won=1000))
    fund = fund_open(
        SYSTEM, FundDraft(code="f", name_ko="동 예산", level=FundLevel.DONG, place=dong, fiscal_year=today.year)
    )
    revenue_enter(SYSTEM, RevenueDraft(fund=fund, source=RevenueSource.OTHER, amount_won=10_000))
    project = decision_fund(
        SYSTEM,
        FundingDraft(
            item=item.pk, fund=fund, programme=Programme.objects.get(code="autonomy-budget"), owner="동",
            milestones=[MilestoneDraft(name_ko="교체", due_on=today + timedelta(days=9))],
        ),
    )  # fmt: skip
    project_deliver(SYSTEM, ProjectDelivery(project=project.pk, note="바꿨습니다", paid_won=900))
    return fund
