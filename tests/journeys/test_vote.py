"""A secret vote in a real browser: by phone, again, over a bad network, on paper, to the verified result."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route
from pytest_django import Settings
from tests.journeys.conftest import LANGUAGES, SCHEMES, WIDTHS, assert_accessible, assert_fits, assert_sound, visit
from tests.journeys.test_cycle import tab_to
from tests.rooms.autonomy.ballots.conftest import MANIFEST, Vote, open_vote
from tests.rooms.autonomy.conftest import Hall, Resident, call_draft
from tests.rooms.conftest import SeoGu
from tests.yard.people.conftest import PASSWORD, second_factor, signed_in

from madang.rooms.autonomy.engine.ballots.box import header_read
from madang.rooms.autonomy.engine.ballots.verification import verify_box
from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.models import BoxEntry, PaperSheet, Poll, PollState, TokenIssued, WaitingBallot
from madang.rooms.autonomy.selectors.ballots import ballots_counted, box_file_lines, receipt_find
from madang.rooms.autonomy.services import assembly_call
from madang.rooms.autonomy.services.ballots import PollDraft, poll_prepare
from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.ledger.models import Fund, FundLevel
from madang.yard.places.selectors import dongs_of
from madang.yard.places.services import district_adopt

pytestmark = pytest.mark.django_db(transaction=True)
SENT = "#step-done:not([hidden])"
WORDS = {
    "ko": {"received": "투표가 접수되었습니다", "replaced": "나중 표로 바뀌었습니다", "right": "✓ 맞습니다"},
    "en": {
        "received": "Your vote was received",
        "replaced": "A later ballot has taken its place",
        "right": "✓ It is right",
    },
}


@pytest.fixture
def hall(transactional_db: None, settings: Settings) -> Hall:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    district = district_adopt(SYSTEM, "29140", is_sample=True)
    seo_gu = SeoGu(district=district, dongs=dongs_of(district))
    Fund.objects.create(
        code="dong-fund", name_ko="동 자치 기금", level=FundLevel.DONG, place=seo_gu.dong.code, fiscal_year=2027
    )
    return Hall(seo_gu=seo_gu, assembly=assembly_call(seo_gu.officer, call_draft(seo_gu.dong.code)))


@pytest.fixture
def vote(hall: Hall) -> Vote:
    return open_vote(hall)


def enter(page: Page, who: Resident) -> None:
    """Put a session into the browser; the journey by keyboard signs in through the page."""
    cookie = signed_in(who.user).cookies["madang_session"].value
    page.context.add_cookies([{"name": "madang_session", "value": cookie, "url": page.live_url}])  # type: ignore[attr-defined]  # set by page_at


def choose(page: Page, *codes: str) -> None:
    for code in codes:
        page.click(f'#ballot li[data-id="{code}"] .pick')


def send(page: Page) -> str:
    """Look at the vote, send it, and return the receipt's digits."""
    page.click("#basket-confirm")
    page.click("#confirm-send")
    page.wait_for_selector(SENT)
    return page.inner_text("#receipt-number").replace(" ", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_vote_by_keyboard_alone_on_a_small_phone(page_at: Callable[..., Page], vote: Vote, language: str) -> None:
    voter = vote.hall.resident()
    voter.user.set_password(PASSWORD)
    voter.user.save()
    page = page_at(360, language=language)
    address = f"/polls/{vote.poll.pk}/vote/"
    assert visit(page, address) == 200
    assert_sound(page)
    page.evaluate("document.activeElement.blur()")
    for code in (vote.codes[1], vote.codes[2]):
        tab_to(page, f'#ballot li[data-id="{code}"] .pick')
        page.keyboard.press("Enter")
    assert page.locator("#ballot li.in").count() == 2
    tab_to(page, "#basket-confirm")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "confirm-title"
    assert_accessible(page)
    assert_fits(page)
    tab_to(page, "#confirm-send")
    page.keyboard.press("Enter")
    # Not signed in: the way there and back keeps what was chosen.
    page.wait_for_selector("#sending-failed:not([hidden])")
    assert_accessible(page)
    tab_to(page, "#sending-sign-in")
    page.keyboard.press("Enter")
    page.wait_for_selector("input[name=login]")
    tab_to(page, "input[name=login]")
    page.keyboard.type(voter.user.username)
    tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(address)))
    page.wait_for_selector("#vote:not([hidden])")
    assert page.locator("#ballot li.in").count() == 2
    tab_to(page, "#basket-confirm")
    page.keyboard.press("Enter")
    tab_to(page, "#confirm-send")
    page.keyboard.press("Enter")
    page.wait_for_selector(SENT)
    assert WORDS[language]["received"] in page.inner_text("#step-done")
    assert page.evaluate("document.activeElement.id") == "done-title"
    assert_accessible(page)
    assert_fits(page)
    number = page.inner_text("#receipt-number").replace(" ", "")
    waiting = WaitingBallot.objects.get()
    assert waiting.digest.startswith(number)
    tab_to(page, "#receipt-check")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/receipt/"))
    assert page.locator(".receipt-state").count() == 1
    assert_sound(page)
    vote.close()
    vote.open()
    found = receipt_find(vote.now, number)
    assert (found.state.value, found.receipt) == ("counted", waiting.digest)
    assert [row.choice for row in ballots_counted(vote.now)] == [{"approve": sorted(vote.codes[1:])}]


def test_a_ballot_carries_no_cookie_and_the_policy_holds(page_at: Callable[..., Page], vote: Vote) -> None:
    page = page_at(360, bypass_csp=False)
    enter(page, vote.hall.resident())
    seen: dict[str, Request] = {}
    page.on("request", lambda request: seen.update({request.url.rstrip("/").rpartition("/")[2]: request}))
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    choose(page, vote.codes[0])
    send(page)
    token, ballot = seen["token"].all_headers(), seen["ballots"].all_headers()
    assert "madang_session" in token["cookie"]
    assert "cookie" not in ballot
    assert "referer" not in ballot
    assert "x-csrftoken" not in ballot
    body = json.loads(seen["ballots"].post_data or "")
    assert set(body) == {"body", "sealed"}
    # What the office signed is nowhere in the ballot.
    blinded = json.loads(seen["token"].post_data or "")["blinded"]
    assert blinded not in json.dumps(body)
    assert vote.codes[0] not in json.dumps(body)


@pytest.mark.parametrize("language", LANGUAGES)
def test_voting_again_replaces_and_another_device_goes_on_with_the_file(
    page_at: Callable[..., Page], vote: Vote, language: str, tmp_path: Path
) -> None:
    page = page_at(360, language=language)
    enter(page, vote.hall.resident())
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    choose(page, vote.codes[0])
    first = send(page)
    page.click("#receipt-again")
    choose(page, vote.codes[0], vote.codes[1])
    second = send(page)
    assert first != second
    visit(page, f"/polls/{vote.poll.pk}/receipt/?number={first}")
    assert WORDS[language]["replaced"] in page.inner_text("main")
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    assert page.locator("#voted").is_visible()
    # Reloaded, the page still knows the vote and what was chosen.
    assert page.locator("#ballot li.in").count() == 1
    page.click("#basket-confirm")
    page.click("#confirm-send")
    page.wait_for_selector(SENT)
    with page.expect_download() as download:
        page.click("#receipt-keep")
    kept = tmp_path / "receipt.json"
    download.value.save_as(kept)
    # Another device, with nobody signed in.
    other = page_at(360, language=language)
    visit(other, f"/polls/{vote.poll.pk}/vote/")
    other.click("#step-choose details summary")
    other.set_input_files("#load", kept)
    other.wait_for_selector("#voted:not([hidden])")
    choose(other, vote.codes[1], vote.codes[2])
    last = send(other)
    # A receipt file finds its number by itself.
    visit(other, f"/polls/{vote.poll.pk}/receipt/")
    other.set_input_files("#receipt-file", kept)
    other.wait_for_url(re.compile("number="))
    assert WORDS[language]["replaced"] in other.inner_text("main")
    # The first device did not know of the vote in between; its next one still comes after it.
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    page.noted.errors.clear()  # type: ignore[attr-defined]  # set by page_at
    choose(page, vote.codes[1], vote.codes[0])
    newest = send(page)
    page.noted.errors.clear()  # type: ignore[attr-defined]  # the browser reports the refusal of the taken turn
    vote.close()
    vote.open()
    states = {number: receipt_find(vote.now, number).state.value for number in (first, second, last, newest)}
    assert list(states.values()) == ["replaced", "replaced", "replaced", "counted"]
    assert [row.choice for row in ballots_counted(vote.now)] == [{"approve": [vote.codes[0]]}]
    assert TokenIssued.objects.count() == 1


def test_a_lost_answer_costs_nothing(page_at: Callable[..., Page], vote: Vote) -> None:
    page = page_at(360, expect_errors=True)
    enter(page, vote.hall.resident())
    lost: list[str] = []

    def lose(route: Route) -> None:
        if len(lost) < 2:
            # The first is taken in and its answer is lost; the second does not arrive at all.
            if not lost:
                route.fetch()
            lost.append(route.request.post_data or "")
            route.abort()
        else:
            lost.append(route.request.post_data or "")
            route.continue_()

    page.route("**/ballots/", lose)
    page.route("**/token/", lambda route: (route.fetch(), route.abort()), times=1)
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    choose(page, vote.codes[0])
    number = send(page)
    assert len(set(lost)) == 1
    assert len(lost) == 3
    assert [row.digest[:20] for row in WaitingBallot.objects.all()] == [number]
    assert TokenIssued.objects.count() == 1


def test_a_dead_network_keeps_the_ballot_for_later(page_at: Callable[..., Page], vote: Vote) -> None:
    page = page_at(360, expect_errors=True)
    enter(page, vote.hall.resident())
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    page.route("**/ballots/", lambda route: route.abort())
    choose(page, vote.codes[0])
    page.click("#basket-confirm")
    page.click("#confirm-send")
    page.wait_for_selector("#sending-failed:not([hidden])")
    assert_accessible(page)
    assert WaitingBallot.objects.count() == 0
    # Even after the browser was closed.
    page.unroute("**/ballots/")
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    page.click("#unsent-send")
    page.wait_for_selector(SENT)
    assert WaitingBallot.objects.count() == 1
    # A device that is not one's own forgets.
    page.click("#step-done details summary")
    page.click("#forget")
    with page.expect_navigation():
        page.click("#forget-now")
    page.wait_for_selector("#vote:not([hidden])")
    assert page.evaluate("localStorage.length") == 0
    assert page.locator("#voted").is_hidden()


def by_points(page: Page, codes: list[str]) -> None:
    for _time in range(3):
        page.click(f'#ballot li[data-id="{codes[0]}"] .pick >> nth=1')
    page.click(f'#ballot li[data-id="{codes[0]}"] .pick >> nth=0')
    for _time in range(4):
        page.click(f'#ballot li[data-id="{codes[2]}"] .pick >> nth=1')


def by_order(page: Page, codes: list[str]) -> None:
    choose(page, *codes)
    # Third to second, then first to second.
    page.click(f'#ranking li[data-id="{codes[2]}"] [data-by="-1"]')
    page.click(f'#ranking li[data-id="{codes[0]}"] [data-by="1"]')
    assert page.locator("#ranking li").count() == 3


@pytest.mark.parametrize("kind", ["cumulative", "ordinal"])
def test_points_and_orders_are_voted_with_buttons(page_at: Callable[..., Page], hall: Hall, kind: str) -> None:
    limits = {"cumulative": {"max_sum_points": 5, "max_points": 4}, "ordinal": {"max_length": 3}}[kind]
    rule = {"rule": "equal-shares", "ballot": {"type": kind, **limits}, "eligibility": {}}
    vote = open_vote(hall, manifest=rule)
    page = page_at(360)
    enter(page, hall.resident())
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    assert_sound(page)
    (by_points if kind == "cumulative" else by_order)(page, vote.codes)
    assert_accessible(page)
    assert_fits(page)
    send(page)
    vote.close()
    vote.open()
    first, second, third = vote.codes
    # The fourth point did not fit any more.
    wanted = {"points": {first: 2, third: 3}} if kind == "cumulative" else {"order": [third, first, second]}
    assert [row.choice for row in ballots_counted(vote.now)] == [wanted]


def test_search_sort_and_the_limit(page_at: Callable[..., Page], vote: Vote) -> None:
    page = page_at(360)
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    page.fill("#vote-q", "제안 2")
    assert page.locator("#ballot li:visible").count() == 1
    page.fill("#vote-q", "")
    page.select_option("#vote-sort", "dear")
    order = page.eval_on_selector_all("#ballot li", "rows => rows.map(row => row.dataset.id)")
    assert order == [vote.codes[0], vote.codes[2], vote.codes[1]]
    choose(page, *vote.codes[:2])
    choose(page, vote.codes[2])
    assert page.inner_text("#vote-told") != ""
    assert page.locator("#ballot li.in").count() == 2


def test_without_script_the_page_says_how_to_vote_on_paper(page_at: Callable[..., Page], vote: Vote) -> None:
    page = page_at(360, javascript=False, language="en")
    visit(page, f"/polls/{vote.poll.pk}/vote/")
    assert "You can vote on paper" in page.inner_text("main")
    assert page.locator("#vote").is_hidden()
    assert_fits(page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_vote_are_sound(page_at: Callable[..., Page], vote: Vote, width: int, scheme: str) -> None:
    page = page_at(width, scheme, "ko" if scheme == "light" else "en")
    for path in ("", "vote/", "receipt/"):
        assert visit(page, f"/polls/{vote.poll.pk}/{path}") == 200
        assert_accessible(page)
        assert_fits(page)
    officer = vote.hall.resident(role=Role.DONG_OFFICER)
    second_factor(officer.user)
    enter(page, officer)
    for path in ("trustee/", "paper/"):
        assert visit(page, f"/polls/{vote.poll.pk}/{path}") == 200
        assert_accessible(page)
        assert_fits(page)
    page.fill("#print_count", "2")
    page.click("#print ~ form button")
    page.wait_for_selector(".sheet")
    assert_accessible(page)


def office(hall: Hall, role: Role) -> Resident:
    who = hall.resident(role=role)
    second_factor(who.user)
    return who


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_trustees_keys_to_the_verified_result(
    page_at: Callable[..., Page], hall: Hall, language: str, tmp_path: Path
) -> None:
    codes = [hall.admitted(cost_won=cost, title=f"제안 {cost}").code for cost in (200_000_000, 60_000_000, 90_000_000)]
    hall.turn_to(Phase.DISCUSS)
    draft = PollDraft(assembly=hall.assembly.pk, manifest=MANIFEST, threshold=2, batch=4)
    poll = poll_prepare(hall.seo_gu.officer, draft)
    council = [hall.resident(role=Role.COUNCIL_MEMBER, name=f"위원{number}") for number in range(3)]
    keys = []
    for number, member in enumerate(council):
        page = page_at(360, language=language)
        enter(page, member)
        keys.append(register_keys(page, poll, tmp_path / f"key-{number}.json"))
    officer = office(hall, Role.DONG_OFFICER)
    desk = page_at(1280, language=language)
    enter(desk, officer)
    visit(desk, f"/polls/{poll.pk}/trustee/")
    desk.click("#freeze ~ form button")
    desk.wait_for_load_state()
    hall.turn_to(Phase.VOTE)
    numbers = [_voted(page_at(360, language=language), poll, hall.resident(), code) for code in (codes[1], codes[2])]
    second = page_at(360, language=language)
    enter(second, council[0])
    give_paper(desk, second, poll, hall, codes[1])
    hall.turn_to(Phase.COUNT)
    visit(desk, f"/polls/{poll.pk}/paper/")
    desk.click("#close ~ form button")
    desk.wait_for_load_state()
    assert Poll.objects.get(pk=poll.pk).state == PollState.CLOSED.value
    for member, key in list(zip(council, keys, strict=True))[:2]:
        page = page_at(360, language=language)
        enter(page, member)
        visit(page, f"/polls/{poll.pk}/trustee/")
        assert_sound(page)
        for deed in ("sign", "share"):
            page.set_input_files(f"#{deed}-key", key)
            page.click(f"#trustee-{deed} button:not([disabled])")
            page.wait_for_load_state()
            assert page.locator(".tone-done[role=status]").count() == 1
    page.click("#open ~ form button")
    page.wait_for_load_state()
    opened = Poll.objects.get(pk=poll.pk)
    assert opened.state == PollState.OPENED.value
    _verified(page_at(360, language=language, bypass_csp=False), opened, numbers, tmp_path, language)


def register_keys(page: Page, poll: Poll, path: Path) -> Path:
    """Make a council member's keys in the browser, keep the file, and register the public halves."""
    visit(page, f"/polls/{poll.pk}/trustee/")
    assert_sound(page)
    with page.expect_download() as download:
        page.click("#register-make")
    download.value.save_as(path)
    page.fill("#register_name", "주민자치회 위원")
    page.click("#trustee-register button:not([disabled])")
    page.wait_for_selector(".tone-done[role=status]")
    return path


def _voted(page: Page, poll: Poll, voter: Resident, code: str) -> str:
    enter(page, voter)
    visit(page, f"/polls/{poll.pk}/vote/")
    choose(page, code)
    return send(page)


def give_paper(desk: Page, second: Page, poll: Poll, hall: Hall, code: str) -> None:
    """Give a sheet to a resident and let two people key it."""
    hall.resident(name="이종이")
    visit(desk, f"/polls/{poll.pk}/paper/")
    desk.fill("#print_count", "2")
    desk.click("#print ~ form button")
    desk.wait_for_selector(".sheet")
    number = PaperSheet.objects.filter(poll=poll).values_list("number", flat=True)[0]
    visit(desk, f"/polls/{poll.pk}/paper/")
    desk.fill("#find_name", "이종이")
    desk.click("#issue ~ form button")
    desk.wait_for_selector("#issue ~ ul.list")
    desk.click("#issue ~ ul.list form button")
    desk.wait_for_load_state()
    for page in (desk, second):
        visit(page, f"/polls/{poll.pk}/paper/")
        page.fill("#key_sheet", number)
        page.check(f"input[name=choice][value='{code}']")
        page.click("#key ~ form button")
        page.wait_for_selector(".tone-done[role=status]")
    assert PaperSheet.objects.get(number=number).state == "entered"


def _verified(page: Page, poll: Poll, numbers: list[str], tmp_path: Path, language: str) -> None:
    """Take the box away, hold it against verifier and engine, and look for a receipt in it."""
    visit(page, f"/polls/{poll.pk}/")
    with page.expect_download() as download:
        page.click(f'a[href$="/{poll.code}/box.jsonl"]')
    box = tmp_path / f"{poll.code}.box.jsonl"
    download.value.save_as(box)
    assert box.read_bytes() == b"".join(box_file_lines(poll))
    assert visit(page, "/verifier/") == 200
    page.set_input_files("#file", box)
    page.fill("#receipt", numbers[0])
    page.click("#start")
    page.wait_for_selector("#verdict:not([hidden])")
    assert page.inner_text("#verdict-title") == WORDS[language]["right"]
    assert page.locator("#mine p").count() == 3
    lines = [json.loads(line) for line in box.read_text(encoding="utf-8").splitlines()]
    verdict = verify_box(header_read(lines[0]), lines[1:])
    assert (verdict.faults, verdict.phone, verdict.paper, len(verdict.counted)) == ((), 2, 1, 3)
    winners = lines[-1]["closing"]["result"]["winners"]
    shown = [cell.inner_text() for cell in page.locator("#result tbody td:nth-child(2)").all()]
    assert [text.rpartition("(")[2].rstrip(")") for text in shown] == winners
    assert BoxEntry.objects.filter(poll=poll).count() == 4
