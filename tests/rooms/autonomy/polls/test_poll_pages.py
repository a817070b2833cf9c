"""The pages of a vote without a browser: public, the office's, the trustees', and who may see them."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries
from tests.rooms.autonomy.ballots.conftest import Vote, open_vote, prepared_vote
from tests.rooms.autonomy.conftest import Hall, Resident
from tests.yard.people.conftest import second_factor

from madang.rooms.autonomy.engine.ballots.box import receipt_shown
from madang.rooms.autonomy.engine.ballots.choice import BallotRules
from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.forms.polls import PaperForm
from madang.rooms.autonomy.models import PaperSheet, Poll, PollState, SheetState, TokenIssued, Trustee
from madang.rooms.autonomy.selectors.polls import (
    ballot_sentence,
    choice_lines,
    dong_drawing,
    poll_by_id,
    poll_projects,
    rule_sentences,
    sheet_choice,
)
from madang.rooms.autonomy.services.ballots import PaperIssueDraft, SheetsDraft, paper_issue, paper_print
from madang.yard.audit.authority import Role

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")
COSTS = {f"P{number}": number * 100 for number in range(1, 5)}


@pytest.fixture
def vote(hall: Hall) -> Vote:
    return open_vote(hall)


@pytest.fixture
def draft_vote(hall: Hall) -> Vote:
    return prepared_vote(hall)


def page(client: Client, poll: Poll, path: str = "", language: str = "ko", **query: str) -> str:
    answer = client.get(f"/polls/{poll.pk}/{path}", query, headers={"accept-language": language})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert f'<html lang="{language}"' in text
    assert len(answer.content) < 100_000
    return text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["", "vote/", "receipt/"])
def test_public_pages_in_both_languages_in_every_state(client: Client, hall: Hall, language: str, path: str) -> None:
    draft = prepared_vote(hall)
    if not path:
        assert draft.codes[0] in page(client, draft.poll, path, language)
    else:
        assert client.get(f"/polls/{draft.poll.pk}/{path}").status_code == 404
    vote = Vote(hall=hall, poll=_frozen(draft), keys=draft.keys, codes=draft.codes)
    page(client, vote.poll, path, language)
    hall.turn_to(Phase.VOTE)
    page(client, vote.poll, path, language)
    vote.cast(vote.device(), vote.codes[0])
    vote.close()
    page(client, vote.poll, path, language)
    vote.open()
    text = page(client, vote.poll, path, language)
    if not path:
        assert f"/polls/{vote.poll.code}/result/" in text
        assert f"/polls/{vote.poll.code}/result.pb" in text


def _frozen(vote: Vote) -> Poll:
    from madang.rooms.autonomy.services.ballots import poll_freeze

    return poll_freeze(vote.hall.seo_gu.officer, vote.poll.code)


def test_the_page_says_what_and_how_and_offers_the_way_to_check(client: Client, vote: Vote) -> None:
    text = page(client, vote.poll, language="en")
    assert "The proposals with the most votes" in text
    assert "You may choose up to 2 proposals." in text
    assert f"/polls/{vote.poll.pk}/vote/" in text
    assert vote.poll.manifest_hash in text
    assert f"/polls/{vote.poll.code}/box.jsonl" in text
    assert "/verifier/?download" in text
    assert "2 of 3 council members together" in text
    found = page(client, vote.poll, language="en", q="제안 2")
    assert vote.codes[1] in found
    assert "1 proposal to vote on" in found
    assert "Show all" in page(client, vote.poll, language="en", q="zzz")


def test_nothing_of_how_the_vote_stands_is_shown_before_its_end(client: Client, vote: Vote) -> None:
    before = page(client, vote.poll)
    vote.cast(vote.device(), vote.codes[0])
    assert page(client, vote.poll) == before


def test_projects_as_a_file_and_as_a_map(client: Client, vote: Vote) -> None:
    lines = client.get(f"/polls/{vote.poll.pk}/projects.csv").getvalue().decode().splitlines()
    assert len(lines) == 4
    assert lines[1].split(",")[0] == vote.codes[0]
    proposal = poll_projects(vote.poll)[0].proposal
    assert proposal is not None
    dong = vote.hall.seo_gu.dong
    proposal.lon, proposal.lat = dong.lon, dong.lat
    proposal.save()
    drawn = client.get(f"/polls/{vote.poll.pk}/map.svg")
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    assert drawn.content.count(b"<circle") == 1
    assert f"/polls/{vote.poll.pk}/map.svg" in page(client, vote.poll)
    drawing = dong_drawing(dong.code)
    assert drawing.left <= dong.label_x <= drawing.left + drawing.width
    assert drawing.top <= dong.label_y <= drawing.top + drawing.height
    assert drawing.width < vote.hall.seo_gu.district.map_width


def test_the_voting_page_carries_what_the_script_needs_and_no_inline_script(client: Client, vote: Vote) -> None:
    text = page(client, vote.poll, "vote/", "en")
    found = re.search(r'<script type="application/json" id="vote-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data = json.loads(found.group(1))
    assert data["header"] == json.loads(vote.now.header)
    assert data["urls"]["cast"] == f"/polls/{vote.poll.code}/ballots/"
    scripts = re.findall(r"<script[^>]*>", text)
    assert all("src=" in tag or "application/json" in tag for tag in scripts)
    assert "This page needs JavaScript to keep your vote secret" in text
    assert "You can vote on paper" in text
    answer = client.get(f"/polls/{vote.poll.pk}/vote/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_who_lives_elsewhere_is_told_so(vote: Vote) -> None:
    here, elsewhere = vote.hall.resident(), vote.hall.resident(dong=vote.hall.seo_gu.other.code)
    assert "Only residents of this dong vote here" in page(elsewhere.client, vote.poll, "vote/", "en")
    assert "Only residents of this dong vote here" not in page(here.client, vote.poll, "vote/", "en")


def test_a_receipt_is_found_by_its_number_without_script(client: Client, vote: Vote) -> None:
    device = vote.device()
    first = vote.cast(device, vote.codes[0])
    number = receipt_shown(first.receipt)
    assert "Your ballot has been received" in page(client, vote.poll, "receipt/", "en", number=number)
    again = vote.cast(device, vote.codes[1])
    assert "A later ballot has taken its place" in page(client, vote.poll, "receipt/", "en", number=number)
    vote.close()
    number = again.receipt[:20].upper()
    assert "Your ballot is in the box" in page(client, vote.poll, "receipt/", "en", number=number)
    vote.open()
    counted = page(client, vote.poll, "receipt/", "en", number=number)
    assert "Your ballot was counted" in counted
    assert "제안 2" in counted
    unknown = page(client, vote.poll, "receipt/", "en", number="0" * 20)
    assert 'id="id_number_error"' in unknown
    assert 'id="id_number_error"' in page(client, vote.poll, "receipt/", "en", number="")


def test_the_verifier_comes_with_a_policy_of_its_own(client: Client) -> None:
    shown, taken = client.get("/verifier/"), client.get("/verifier/?download")
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert policy.count("'sha256-") == 3
    assert "attachment" in taken.headers["Content-Disposition"]
    assert shown.content == taken.content
    # One file, and nothing that it could fetch.
    text = shown.content.decode()
    assert not re.search(r"""(src|href)\s*=\s*["'](?!data:)""", text)
    assert not re.search(r"\b(fetch|XMLHttpRequest|importScripts|WebSocket|sendBeacon)\b", text)


MAY_SEE: list[tuple[Role, bool, bool]] = [
    (Role.RESIDENT, False, False),
    (Role.COUNCIL_MEMBER, True, True),
    (Role.DONG_OFFICER, True, True),
    (Role.ADMINISTRATOR, True, True),
    (Role.CARE_MANAGER, False, False),
    (Role.AUDITOR, False, False),
]


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize(("role", "paper", "trustee"), MAY_SEE)
def test_who_may_open_the_office_pages(vote: Vote, role: Role, paper: bool, trustee: bool, elsewhere: bool) -> None:
    place = vote.hall.seo_gu.other.code if elsewhere else vote.hall.dong
    who = vote.hall.resident(role=role, dong=place)
    second_factor(who.user)
    for path, allowed in (("paper/", paper), ("trustee/", trustee)):
        status = who.client.get(f"/polls/{vote.poll.pk}/{path}").status_code
        assert status == (200 if allowed and not elsewhere else 404), path


def test_visitors_are_sent_to_the_login(client: Client, vote: Vote) -> None:
    for path in ("paper/", "trustee/"):
        assert client.get(f"/polls/{vote.poll.pk}/{path}").status_code == 302


def officer(vote: Vote) -> Resident:
    who = vote.hall.resident(role=Role.DONG_OFFICER, name="김담당")
    second_factor(who.user)
    return who


def post(who: Resident, vote: Vote, path: str, deed: str, **values: Any) -> Any:
    return who.client.post(
        f"/polls/{vote.poll.pk}/{path}", {"deed": deed, **values}, headers={"accept-language": "en"}, follow=True
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_office_pages_in_both_languages(vote: Vote, language: str) -> None:
    who = officer(vote)
    page(who.client, vote.poll, "paper/", language)
    page(vote.keys[0].who.client, vote.poll, "trustee/", language)


def test_a_sheet_is_given_out_and_keyed_by_two(vote: Vote) -> None:
    who, second = officer(vote), vote.hall.resident(role=Role.COUNCIL_MEMBER)
    voter = vote.hall.resident(name="이종이")
    printed = post(who, vote, "paper/", "print", count="3").content.decode()
    numbers = list(PaperSheet.objects.values_list("number", flat=True))
    assert len(numbers) == 3
    assert all(number in printed for number in numbers)
    found = post(who, vote, "paper/", "find", name="이종이", phone="").content.decode()
    assert str(voter.person.pk) in found
    assert "이종이" not in found.replace('value="이종이"', "")
    given = post(who, vote, "paper/", "issue", person=str(voter.person.pk)).content.decode()
    assert "Noted." in given
    assert TokenIssued.objects.get(person=voter.person).channel == "paper"
    # A second sheet for the same person is refused in words.
    again = post(who, vote, "paper/", "issue", person=str(voter.person.pk)).content.decode()
    assert "paper ballot" in again
    values = {"sheet": numbers[0].lower(), "choice": [vote.codes[0]]}
    assert "Somebody else has to key it again" in post(who, vote, "paper/", "key", **values).content.decode()
    assert "Somebody else must key it a second time" in post(who, vote, "paper/", "key", **values).content.decode()
    other = {"sheet": numbers[0], "choice": [vote.codes[1]]}
    assert "The two readings differ" in post(second, vote, "paper/", "key", **other).content.decode()
    post(who, vote, "paper/", "key", **values)
    assert "Both people read the same" in post(second, vote, "paper/", "key", **values).content.decode()
    assert PaperSheet.objects.get(number=numbers[0]).state == SheetState.ENTERED.value
    closed = Poll.objects.get(pk=vote.poll.pk)
    assert closed.state == PollState.FROZEN.value


def test_what_is_wrong_on_a_sheet_stands_at_its_field(vote: Vote) -> None:
    who = officer(vote)
    paper_print(vote.hall.seo_gu.officer, SheetsDraft(poll=vote.poll.code, count=1))
    number = PaperSheet.objects.get().number
    unknown = post(who, vote, "paper/", "key", sheet="XXXX-XXXX-XXXX", choice=[vote.codes[0]]).content.decode()
    assert 'id="key_sheet_error"' in unknown
    assert "XXXX-XXXX-XXXX" in unknown
    too_many = post(who, vote, "paper/", "key", sheet=number, choice=vote.codes).content.decode()
    assert "Not sent yet" in too_many
    assert "Not sent yet" in post(who, vote, "paper/", "key", sheet="", choice=[]).content.decode()
    assert "Not sent yet" in post(who, vote, "paper/", "print", count="0").content.decode()
    assert post(who, vote, "paper/", "issue", person="nobody").status_code == 404


def test_a_council_member_who_may_not_issue_sees_no_search(vote: Vote) -> None:
    text = page(vote.keys[0].who.client, vote.poll, "paper/", "en")
    assert "A resident takes a sheet" not in text
    assert "Close the vote" not in text
    answer = post(vote.keys[0].who, vote, "paper/", "find", name="홍길동", phone="")
    assert answer.status_code == 404


def test_the_office_closes_the_vote_when_its_time_has_come(vote: Vote) -> None:
    who = officer(vote)
    early = post(who, vote, "paper/", "close").content.decode()
    assert vote.now.state == PollState.FROZEN.value
    assert "notice tone-late" in early
    vote.hall.turn_to(Phase.COUNT)
    assert "The vote is closed" in post(who, vote, "paper/", "close").content.decode()
    assert vote.now.state == PollState.CLOSED.value


def test_trustees_register_sign_give_their_share_and_open(draft_vote: Vote) -> None:
    vote = draft_vote
    from madang.rooms.autonomy.engine.ballots.box import head_message
    from madang.rooms.autonomy.engine.ballots.encoding import b64
    from madang.rooms.autonomy.engine.ballots.seal import public_point, signed
    from madang.rooms.autonomy.selectors.ballots import box_state

    newcomer = vote.hall.resident(role=Role.COUNCIL_MEMBER)
    keys = {"sign": b64(public_point(11)), "box": b64(public_point(12))}
    done = post(newcomer, vote, "trustee/", "register", name="총무", **keys).content.decode()
    assert "Your keys are registered" in done
    assert Trustee.objects.filter(name="총무").count() == 1
    assert "Not sent yet" in post(newcomer, vote, "trustee/", "register", name="", **keys).content.decode()
    wrong = post(newcomer, vote, "trustee/", "register", name="총무", sign="zz", box="zz").content.decode()
    assert "Not sent yet" in wrong
    who = officer(vote)
    assert "The rules are fixed" in post(who, vote, "trustee/", "freeze").content.decode()
    vote.hall.turn_to(Phase.VOTE)
    vote.poll = vote.now
    vote.cast(vote.device(), vote.codes[0])
    vote.close()
    state = box_state(vote.now)
    for number, key in enumerate(vote.keys[:2]):
        head = {"seq": str(state.entries), "head": state.head}
        bad = post(key.who, vote, "trustee/", "sign", **head, signature=b64(bytes(64))).content.decode()
        assert "Not sent yet" in bad
        signature = b64(signed(head_message(vote.poll.code, state.entries, state.head), key.sign))
        good = post(key.who, vote, "trustee/", "sign", **head, signature=signature).content.decode()
        assert "Your signature stands beside the box" in good
        assert "Not sent yet" in post(key.who, vote, "trustee/", "share", share=b64(bytes(32))).content.decode()
        given = post(key.who, vote, "trustee/", "share", share=key.share(vote.now)).content.decode()
        assert "Your share was taken" in given
        assert ("Open and count" in given) == (number == 1)
    assert "opened and counted" in post(vote.keys[2].who, vote, "trustee/", "open").content.decode()
    assert vote.now.state == PollState.OPENED.value


@pytest.mark.parametrize(
    ("limits", "given", "wanted"),
    [
        ({"type": "approval"}, {"choice": ["P3", "P1"]}, {"approve": ["P1", "P3"]}),
        ({"type": "cumulative", "max_sum_points": 9}, {"of_P3": "2", "of_P1": "5"}, {"points": {"P1": 5, "P3": 2}}),
        ({"type": "scoring", "max_points": 5}, {"of_P2": "5", "of_P1": "0"}, {"points": {"P2": 5}}),
        ({"type": "ordinal"}, {"of_P3": "1", "of_P1": "2"}, {"order": ["P3", "P1"]}),
        ({"type": "ordinal"}, {"of_P3": "1", "of_P1": "1"}, None),
    ],
)
def test_a_sheet_is_read_as_a_choice_of_its_kind(
    limits: dict[str, Any], given: dict[str, Any], wanted: dict[str, Any] | None
) -> None:
    projects = [{"id": code, "cost": cost} for code, cost in COSTS.items()]
    rules = BallotRules.of({"ballot": limits}, projects)
    form = PaperForm({"sheet": "A", **given}, rules=rules, projects=[(code, code) for code in COSTS])
    assert form.is_valid() == (wanted is not None)
    if wanted is not None:
        choice = sheet_choice(rules, form.given())
        assert choice == wanted
        assert len(choice_lines(choice, {"P1": "하나"})) == len(next(iter(wanted.values())))
    assert ballot_sentence(rules)


@pytest.mark.parametrize("rule", ["greedy", "equal-shares", "exact-equal-shares", "bos", "phragmen"])
@pytest.mark.parametrize("completion", ["none", "greedy", "add1", "add1-greedy", "add-opt", "add-opt-greedy"])
def test_every_rule_is_said_in_words(rule: str, completion: str) -> None:
    assert len(rule_sentences({"rule": rule, "completion": completion})) == 2 + (completion != "none")


def test_a_poll_and_its_projects_cost_few_queries(
    vote: Vote, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        found = poll_by_id(vote.poll.pk)
        assert found.assembly.spans
        assert [row.proposal.title for row in poll_projects(found) if row.proposal] == ["제안 1", "제안 2", "제안 3"]


def test_a_paper_vote_takes_away_the_phone_vote(vote: Vote) -> None:
    voter = vote.hall.resident()
    paper_issue(vote.hall.seo_gu.officer, PaperIssueDraft(poll=vote.poll.code, person=voter.person.pk))
    answer = voter.client.post(
        f"/polls/{vote.poll.code}/token/", json.dumps({"blinded": "AA"}), content_type="application/json"
    )
    assert answer.status_code in {409, 422}
