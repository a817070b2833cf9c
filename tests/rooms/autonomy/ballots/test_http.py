"""The vote over HTTP: a token for who is signed in, a ballot from nobody, the box for everybody."""

import json
from typing import Any

import pytest
from django.test import Client
from tests.rooms.autonomy.ballots.conftest import Device, Vote
from tests.yard.people.conftest import signed_in

from madang.rooms.autonomy.engine.ballots.encoding import canonical
from madang.rooms.autonomy.engine.ballots.verification import verify_box
from madang.rooms.autonomy.formats.box import box_read
from madang.rooms.autonomy.models import WaitingBallot
from madang.rooms.autonomy.selectors.ballots import box_file_lines, box_state, poll_get, receipt_find, winners_of

pytestmark = pytest.mark.django_db


def posted(client: Client, url: str, value: Any, **headers: str) -> Any:
    return client.post(url, json.dumps(value), content_type="application/json", headers=headers)


def url(vote: Vote, tail: str) -> str:
    return f"/polls/{vote.poll.code}/{tail}"


def by_phone(vote: Vote, client: Client, *codes: str) -> tuple[Device, Any]:
    device = Device(header=vote.header)
    answer = posted(client, url(vote, "token/"), {"blinded": device.ask()})
    assert answer.status_code == 200, answer.content
    device.take(answer.json()["signature"])
    draft = device.ballot({"approve": sorted(codes)})
    return device, posted(Client(), url(vote, "ballots/"), {"body": dict(draft.body), "sealed": draft.sealed})


def test_a_vote_by_phone(vote: Vote) -> None:
    device, answer = by_phone(vote, vote.hall.resident().client, vote.codes[0])
    assert answer.status_code == 201
    assert answer.json()["state"] == "waiting"
    assert answer["Cache-Control"].startswith("max-age=0")
    assert answer.cookies == {}
    found = Client().get(url(vote, f"receipts/{answer.json()['receipt'][:20]}.json")).json()
    assert found["receipt"] == answer.json()["receipt"]
    assert found["body"]["commitment"] == answer.json()["body"]["commitment"]
    assert device.turn == 1


def test_a_ballot_asks_for_no_cookie_and_no_csrf_token(vote: Vote) -> None:
    device = vote.device()
    draft = device.ballot({"approve": vote.codes[:1]})
    value = {"body": dict(draft.body), "sealed": draft.sealed}
    strict = Client(enforce_csrf_checks=True)
    assert posted(strict, url(vote, "ballots/"), value).status_code == 201
    # Even where a browser sends its cookie along, nothing of it is read or kept.
    with_session = vote.hall.resident().client
    again = posted(with_session, url(vote, "ballots/"), value)
    assert (again.status_code, again.json()["receipt"]) == (
        201,
        receipt_find(vote.poll, again.json()["receipt"]).receipt,
    )
    assert WaitingBallot.objects.count() == 1


def test_the_token_wants_a_session_and_its_csrf_token(vote: Vote) -> None:
    value = {"blinded": Device(header=vote.header).ask()}
    refused = posted(Client(), url(vote, "token/"), value)
    assert (refused.status_code, refused.json()["code"]) == (403, "sign_in")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(vote.hall.resident().user).cookies
    assert posted(strict, url(vote, "token/"), value).status_code == 403


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("{", "application/json", "request_unreadable"),
        ("[]", "application/json", "request_unreadable"),
        ("{}", "application/json", "request_unreadable"),
        ('{"body":[],"sealed":"x"}', "application/json", "request_unreadable"),
        ('{"body":{},"sealed":1}', "application/json", "request_unreadable"),
        ('{"body":{},"sealed":"x"}', "text/plain", "request_unreadable"),
        ('{"body":{},"sealed":"x"}', "application/json", "ballot_form"),
        (" " * 70_000, "application/json", "request_unreadable"),
        ("[" * 10_000, "application/json", "request_unreadable"),
    ],
)
def test_what_is_no_ballot_is_a_problem_with_a_code(vote: Vote, body: str, kind: str, code: str) -> None:
    answer = Client().post(url(vote, "ballots/"), body, content_type=kind)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_what_a_ballot_is_refused_for_has_its_status(vote: Vote) -> None:
    device = vote.device()
    vote.cast(device, vote.codes[0])
    draft = device.ballot({"approve": vote.codes[1:2]}, turn=1)
    answer = posted(Client(), url(vote, "ballots/"), {"body": dict(draft.body), "sealed": draft.sealed})
    assert (answer.status_code, answer.json()["code"], answer.json()["data"]) == (409, "turn_taken", {"turn": 1})
    assert posted(Client(), "/polls/none/ballots/", {"body": {}, "sealed": ""}).status_code == 404
    assert Client().get(url(vote, "ballots/")).status_code == 405
    language = posted(Client(), url(vote, "ballots/"), {}, **{"accept-language": "en"}).json()["detail"]
    assert language.startswith("This request cannot be read")


def test_the_box_for_everybody(vote: Vote) -> None:
    for _voter in range(5):
        vote.cast(vote.device(), vote.codes[1])
    client = Client()
    header = client.get(url(vote, "header.json"))
    assert header.content == canonical(vote.header.value)
    state = client.get(url(vote, "state.json")).json()
    assert (state["entries"], state["shares"], state["threshold"], state["signed"]) == (4, 0, 2, [])
    assert client.get(url(vote, "result.json")).json() == {"closing": None}
    assert client.get(url(vote, "result.pb")).status_code == 404
    vote.close()
    vote.open()
    answer = client.get(url(vote, "box.jsonl"))
    assert answer["Content-Disposition"].endswith(f'{vote.poll.code}.box.jsonl"')
    lines = b"".join(answer.streaming_content).splitlines(keepends=True)  # type: ignore[attr-defined]  # it streams
    file = box_read(lines, "box")
    assert verify_box(file.header, file.lines).sound
    assert client.get(url(vote, "result.json")).json()["closing"]["seq"] == 6
    assert b"voter_id;vote\n" in client.get(url(vote, "result.pb")).content
    assert [row["trustees"] for row in client.get(url(vote, "state.json")).json()["signed"]] == [[1, 2]]


def test_nothing_is_shown_of_a_vote_that_is_not_fixed(draft_vote: Vote) -> None:
    for tail in ("header.json", "state.json", "box.jsonl", "result.pb"):
        assert Client().get(url(draft_vote, tail)).status_code == 404


def test_what_is_public_shows_no_single_ballot(vote: Vote) -> None:
    before = Client().get(url(vote, "state.json")).content, b"".join(box_file_lines(vote.now))
    vote.cast(vote.device(), vote.codes[0])
    assert (Client().get(url(vote, "state.json")).content, b"".join(box_file_lines(vote.now))) == before


def test_reading_takes_few_queries(vote: Vote, django_assert_num_queries: Any) -> None:
    receipts = [vote.cast(vote.device(), vote.codes[0]).receipt for _voter in range(9)]
    poll = poll_get(vote.poll.code)
    with django_assert_num_queries(4):
        box_state(poll)
    with django_assert_num_queries(3):
        receipt_find(poll, receipts[0])
    with django_assert_num_queries(2):
        list(box_file_lines(poll))
    vote.close()
    vote.open()
    poll = poll_get(vote.poll.code)
    with django_assert_num_queries(3):
        winners_of(poll)
    with django_assert_num_queries(2):
        poll_get(vote.poll.code)
