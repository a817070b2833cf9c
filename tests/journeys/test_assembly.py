"""A residents' assembly in real browsers, from the first sentence of a proposal to the project that it became."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import Settings
from tests.journeys.conftest import LANGUAGES, assert_accessible, assert_fits, assert_sound, visit
from tests.journeys.test_vote import choose, enter, give_paper, office, register_keys, send
from tests.rooms.autonomy.conftest import Hall, Resident, call_draft
from tests.rooms.conftest import SeoGu
from typer.testing import CliRunner

from madang.cli import app
from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.models import Decision, Poll, PollState, Proposal, Statement
from madang.rooms.autonomy.selectors.ballots import box_file_lines, winners_of
from madang.rooms.autonomy.services import OpinionsDraft, assembly_call, opinions_load, opinions_refresh
from madang.rooms.autonomy.services.ballots import poll_explain
from madang.rooms.projects.models import Project
from madang.rooms.projects.services import pledges_file_of, pledges_load
from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.ledger.models import BudgetLine, FundLevel, Programme, RevenueSource
from madang.yard.ledger.services import FundDraft, RevenueDraft, fund_open, revenue_enter
from madang.yard.places.selectors import dongs_of
from madang.yard.places.services import district_adopt

pytestmark = pytest.mark.django_db(transaction=True)
SHADE_WON, LAMP_WON = 24_000_000, 9_000_000
NEIGHBOURS = 14


@pytest.fixture
def hall(transactional_db: None, settings: Settings) -> Hall:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    district = district_adopt(SYSTEM, "29140", is_sample=True)
    pledges_load(SYSTEM, pledges_file_of("29140"))
    seo_gu = SeoGu(district=district, dongs=dongs_of(district))
    year = timezone.localdate().year
    fund = fund_open(
        SYSTEM,
        FundDraft(
            code="dong-fund", name_ko="동 자치 기금", level=FundLevel.DONG, place=seo_gu.dong.code, fiscal_year=year
        ),
    )
    revenue_enter(SYSTEM, RevenueDraft(fund=fund, source=RevenueSource.OTHER, amount_won=40_000_000))
    draft = call_draft(seo_gu.dong.code, year=year, budget_won=40_000_000)
    return Hall(seo_gu=seo_gu, assembly=assembly_call(seo_gu.officer, draft))


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_a_sentence_to_a_project(page_at: Callable[..., Page], hall: Hall, language: str, tmp_path: Path) -> None:
    def browser(who: Resident, width: int = 360) -> Page:
        page = page_at(width, language=language)
        enter(page, who)
        return page

    first, second, third = (hall.resident(name=name) for name in ("제안일", "제안이", "제안삼"))
    officer, member = office(hall, Role.DONG_OFFICER), hall.resident(role=Role.COUNCIL_MEMBER, name="위원일")
    desk, council = browser(officer, 1280), browser(member)
    shade = propose(browser(first), hall, "어린이 통학로 그늘막", "학교 앞 길에 여름 볕을 가릴 그늘막을 세웁시다.")
    lamp = propose(browser(third), hall, "어두운 골목에 보안등", "밤에 지나기 무서운 골목에 등을 달아 주세요.")
    author = browser(second)
    like = propose(
        author, hall, "통학로에 그늘막 설치", "어린이가 다니는 학교 앞 길에 그늘막을 세워 주세요.", suggests=True
    )
    merged_by_consent(desk, author, like, shade)
    for proposal, won in ((shade, SHADE_WON), (lamp, LAMP_WON)):
        estimated_and_admitted(desk, proposal, won)
    hall.turn_to(Phase.DISCUSS)
    discussed(browser(first), hall, shade)
    poll, keys = prepared(
        desk, council, browser(hall.resident(role=Role.COUNCIL_MEMBER, name="위원이")), hall, tmp_path
    )
    hall.turn_to(Phase.VOTE)
    codes = {one.pk: Proposal.objects.get(pk=one.pk).code for one in (shade, lamp)}
    voted(browser(first), poll, codes[shade.pk])
    voted(browser(second), poll, codes[lamp.pk])
    give_paper(desk, council, poll, hall, codes[shade.pk])
    hall.turn_to(Phase.COUNT)
    opened(desk, keys, poll)
    poll_explain(SYSTEM, poll.code)
    hall.turn_to(Phase.RESULT)
    funded(desk, poll)
    result_read(browser(first), poll, language)
    recounted(Poll.objects.get(pk=poll.pk), tmp_path)


def propose(page: Page, hall: Hall, title: str, text: str, *, suggests: bool = False) -> Proposal:
    """Make a proposal; where it is like another, that one is suggested before it is sent."""
    visit(page, f"/assemblies/{hall.assembly.pk}/propose/")
    assert_sound(page)
    page.fill("#id_title", title)
    page.fill("#id_text", text)
    page.check("input[name=category] >> nth=0")
    if suggests:
        page.wait_for_selector("#alike .notice")
        assert_accessible(page)
        assert_fits(page)
    page.click("main form.form .actions button")
    page.wait_for_load_state()
    if page.locator("form.form #id_title").count():
        # What was suggested is now seen; the same button sends it as another one.
        page.click("main form.form .actions button")
        page.wait_for_load_state()
    return Proposal.objects.get(title=title)


def merged_by_consent(desk: Page, author: Page, like: Proposal, shade: Proposal) -> None:
    """Offer to join two proposals; nothing happens before the author agrees."""
    visit(desk, "/desk/proposals/")
    assert_sound(desk)
    visit(desk, f"/desk/proposals/{like.pk}/")
    form = desk.locator("details:has(input[name=deed][value=offer])")
    form.evaluate("it => { it.open = true }")
    form.locator("select[name=into]").select_option(str(shade.pk))
    form.locator("textarea[name=reason]").fill("같은 일을 바라는 제안입니다.")
    form.locator("button.btn").click()
    desk.wait_for_load_state()
    assert Proposal.objects.get(pk=like.pk).state == "submitted"
    visit(author, "/proposals/mine/")
    assert_sound(author)
    author.click('main a[href^="/proposals/offers/"]')
    author.wait_for_load_state()
    assert_sound(author)
    author.check("input[name=accept][value=yes]")
    author.click("main form button.btn")
    author.wait_for_load_state()
    joined = Proposal.objects.get(pk=like.pk)
    assert (joined.state, joined.merged_into_id) == ("merged", shade.pk)


def estimated_and_admitted(desk: Page, proposal: Proposal, won: int) -> None:
    for deed, fill in (
        ("estimate", {"cost_won": str(won), "basis": "비슷한 공사의 평균"}),
        ("answer", {"reason": "할 수 있습니다."}),
    ):
        visit(desk, f"/desk/proposals/{proposal.pk}/")
        form = desk.locator(f"details:has(input[name=deed][value={deed}])")
        form.evaluate("it => { it.open = true }")
        for name, text in fill.items():
            form.locator(f"[name={name}]").fill(text)
        if deed == "answer":
            form.locator("input[name=admit][value=yes]").check()
        form.locator("button.btn").click()
        desk.wait_for_load_state()
    assert Proposal.objects.get(pk=proposal.pk).state == "admitted"


def discussed(page: Page, hall: Hall, shade: Proposal) -> None:
    """Argue, say a sentence, answer it; then see who thinks alike."""
    visit(page, f"/proposals/{shade.pk}/argue/?side=for")
    page.fill("[name=text]", "여름 한낮에 가장 뜨거운 길입니다.")
    page.click("main form button.btn")
    page.wait_for_url(f"**/proposals/{shade.pk}/")
    assert "여름 한낮에 가장 뜨거운 길입니다." in page.inner_text("#arguments")
    for sentence in (
        "그늘이 먼저입니다.",
        "밤길이 먼저입니다.",
        "고치는 일이 먼저입니다.",
        "새로 짓는 일이 먼저입니다.",
    ):
        visit(page, f"/assemblies/{hall.assembly.pk}/conversation/say/")
        page.fill("[name=text]", sentence)
        page.click("main form button.btn")
        page.wait_for_load_state()
    visit(page, f"/assemblies/{hall.assembly.pk}/conversation/")
    page.click(".three button >> nth=0")
    page.wait_for_load_state()
    statements = list(Statement.objects.order_by("pk").values_list("pk", flat=True))
    neighbours = [hall.resident(name=f"이웃{number}").person.pk for number in range(NEIGHBOURS)]
    votes = [
        (person, statement, 1 if (place + at) % 2 else -1)
        for place, person in enumerate(neighbours)
        for at, statement in enumerate(statements)
    ]
    opinions_load(SYSTEM, OpinionsDraft(assembly=hall.assembly.pk, votes=votes))
    opinions_refresh(SYSTEM, hall.assembly.pk)
    visit(page, f"/assemblies/{hall.assembly.pk}/conversation/")
    assert page.locator("svg.groups circle").count() == 2
    assert_sound(page)


def prepared(desk: Page, first: Page, second: Page, hall: Hall, tmp_path: Path) -> tuple[Poll, list[tuple[Page, Path]]]:
    """Choose the rule, let two council members make their keys, and fix the vote."""
    visit(desk, f"/assemblies/{hall.assembly.pk}/")
    desk.click(f'a[href="/desk/assemblies/{hall.assembly.pk}/poll/"]')
    desk.wait_for_load_state()
    assert_sound(desk)
    desk.fill("[name=max_length]", "2")
    desk.fill("[name=step]", "100000")
    desk.fill("[name=batch]", "3")
    desk.click("main form button.btn")
    desk.wait_for_url("**/trustee/")
    poll = Poll.objects.get()
    keys = [
        (page, register_keys(page, poll, tmp_path / f"key-{number}.json"))
        for number, page in enumerate((first, second))
    ]
    visit(desk, f"/polls/{poll.pk}/trustee/")
    desk.click("#freeze ~ form button")
    desk.wait_for_load_state()
    assert Poll.objects.get().state == PollState.FROZEN.value
    return poll, keys


def voted(page: Page, poll: Poll, code: str) -> None:
    visit(page, f"/polls/{poll.pk}/vote/")
    choose(page, code)
    digits = send(page)
    visit(page, f"/polls/{poll.pk}/receipt/?number={digits}")
    assert page.locator(".receipt-state").count() == 1


def opened(desk: Page, keys: list[tuple[Page, Path]], poll: Poll) -> None:
    visit(desk, f"/polls/{poll.pk}/paper/")
    desk.click("#close ~ form button")
    desk.wait_for_load_state()
    for page, key in keys:
        visit(page, f"/polls/{poll.pk}/trustee/")
        for deed in ("sign", "share"):
            page.set_input_files(f"#{deed}-key", key)
            page.click(f"#trustee-{deed} button:not([disabled])")
            page.wait_for_load_state()
    last = keys[-1][0]
    last.click("#open ~ form button")
    last.wait_for_load_state()
    assert Poll.objects.get(pk=poll.pk).state == PollState.OPENED.value


def funded(desk: Page, poll: Poll) -> None:
    """Make projects of what won; each has its line with its money."""
    visit(desk, f"/polls/{poll.code}/result/")
    assert_sound(desk)
    desk.click(f'a[href="/polls/{poll.code}/fund/"]')
    desk.wait_for_load_state()
    assert_sound(desk)
    desk.select_option("[name=programme]", str(Programme.objects.get(code="autonomy-budget").pk))
    desk.fill("[name=name_1]", "설치")
    desk.fill("[name=due_1]", (timezone.localdate() + timedelta(days=60)).isoformat())
    desk.click("main form button.btn")
    desk.wait_for_url(f"**/polls/{poll.code}/result/")
    winners = winners_of(Poll.objects.get(pk=poll.pk))
    assert [winner.project.cost_won for winner in winners] == [SHADE_WON, LAMP_WON]
    assert Project.objects.count() == Decision.objects.count() == BudgetLine.objects.count() == len(winners)


def result_read(page: Page, poll: Poll, language: str) -> None:
    visit(page, f"/polls/{poll.code}/result/")
    assert_sound(page)
    told = page.inner_text("ol.results")
    assert "보안등" in told
    assert ("냈습니다" if language == "ko" else "paid") in told
    page.click("ol.results a.more >> nth=0")
    page.wait_for_load_state()
    assert page.url.endswith(f"/agenda/{Decision.objects.get(title__contains='그늘막').item_id}/")
    assert_sound(page)


def recounted(poll: Poll, tmp_path: Path) -> None:
    box = tmp_path / f"{poll.code}.box.jsonl"
    box.write_bytes(b"".join(box_file_lines(poll)))
    again = CliRunner().invoke(app, ["autonomy", "recount", str(box), "--json"])
    assert again.exit_code == 0, again.output
    report = json.loads(again.output)
    assert report["sound"]
    assert report["winners"] == [winner.project.code for winner in winners_of(poll)]
