"""What a vote refuses, and why: by the codes that programs read."""

import json
import secrets
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from tests.rooms.autonomy.ballots.conftest import MANIFEST, Device, Vote, open_vote, prepared_vote
from tests.rooms.autonomy.conftest import Hall

from madang.numerics.errors import DomainError
from madang.rooms.autonomy.engine.ballots.encoding import b64
from madang.rooms.autonomy.engine.ballots.seal import public_point, scalar_drawn
from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.models import BoxEntry, PaperKeying, Poll, Proposal, TokenIssued, Trustee, WaitingBallot
from madang.rooms.autonomy.selectors.ballots import (
    ReceiptState,
    poll_get,
    poll_pabulib,
    receipt_find,
    token_was_issued,
    trustee_of,
)
from madang.rooms.autonomy.services.ballots import (
    BallotDraft,
    HeadDraft,
    PaperDraft,
    PaperIssueDraft,
    PollDraft,
    ShareDraft,
    SheetsDraft,
    TokenDraft,
    TrusteeDraft,
    ballot_cast,
    batch_enter,
    head_sign,
    paper_issue,
    paper_key,
    paper_print,
    poll_close,
    poll_freeze,
    poll_open,
    poll_prepare,
    share_post,
    token_issue,
    trustee_register,
)
from madang.rooms.autonomy.services.ballots.paper import Outcome
from madang.yard.audit.authority import SYSTEM, VISITOR, Role
from madang.yard.audit.models import Record
from madang.yard.people.models import Person

pytestmark = pytest.mark.django_db


def code_of(call: Any) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code


# ------------------------------------------------------------------ preparing


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"manifest": {}}, "manifest_not_valid"),
        ({"manifest": {"rule": "loudest"}}, "manifest_not_valid"),
        ({"manifest": {**MANIFEST, "eligibility": {"min_age": "old"}}}, "manifest_not_valid"),
        ({"manifest": {**MANIFEST, "eligibility": {"min_age": -1}}}, "manifest_not_valid"),
        ({"manifest": {**MANIFEST, "budget": 5}}, "budget_differs"),
        ({"manifest": {**MANIFEST, "ballot": {"type": "approval", "min_length": 9, "max_length": 9}}},
         "manifest_not_valid"),
        ({"manifest": {**MANIFEST, "step": {1, 2}}}, "manifest_not_valid"),
        ({"threshold": 0}, "numbers_not_valid"),
        ({"batch": 0}, "numbers_not_valid"),
    ],
)  # fmt: skip
def test_a_vote_that_cannot_be_prepared(draft_vote: Vote, changes: dict[str, Any], code: str) -> None:
    values: dict[str, Any] = {"assembly": draft_vote.hall.assembly.pk, "manifest": MANIFEST, **changes}
    assert code_of(lambda: poll_prepare(draft_vote.hall.seo_gu.officer, PollDraft(**values))) == code


def test_without_admitted_proposals_there_is_no_vote(hall: Hall) -> None:
    hall.turn_to(Phase.DISCUSS)
    draft = PollDraft(assembly=hall.assembly.pk, manifest=MANIFEST)
    assert code_of(lambda: poll_prepare(hall.seo_gu.officer, draft)) == "no_projects"


def test_a_vote_prepared_again_is_the_same_vote_with_what_is_admitted_now(draft_vote: Vote) -> None:
    hall = draft_vote.hall
    hall.turn_to(Phase.REVIEW)
    Proposal.objects.filter(code=draft_vote.codes[0]).update(cost_won=70_000_000, title="새 제목")
    hall.turn_to(Phase.DISCUSS)
    assert code_of(lambda: poll_freeze(hall.seo_gu.officer, draft_vote.poll.code)) == "projects_changed"
    poll = poll_prepare(hall.seo_gu.officer, PollDraft(assembly=hall.assembly.pk, manifest=MANIFEST, threshold=3))
    assert poll.pk == draft_vote.poll.pk
    assert poll.projects.get(code=draft_vote.codes[0]).cost_won == 70_000_000
    assert poll_freeze(hall.seo_gu.officer, poll.code).threshold == 3


def test_a_vote_without_trustees_is_not_fixed(draft_vote: Vote) -> None:
    Trustee.objects.filter(number__gt=1).delete()
    assert code_of(lambda: poll_freeze(draft_vote.hall.seo_gu.officer, draft_vote.poll.code)) == "trustees_missing"


def test_numbers_of_trustees_have_no_holes(draft_vote: Vote) -> None:
    Trustee.objects.filter(number=1).delete()
    poll = poll_freeze(draft_vote.hall.seo_gu.officer, draft_vote.poll.code)
    assert list(Trustee.objects.filter(poll=poll).values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize("name", ["sign", "box"])
@pytest.mark.parametrize("value", ["", "x", b64(bytes(65)), b64(bytes(10))])
def test_keys_that_are_none(draft_vote: Vote, name: str, value: str) -> None:
    point = b64(public_point(scalar_drawn(secrets.token_bytes)))
    other = b64(public_point(scalar_drawn(secrets.token_bytes)))
    draft = TrusteeDraft(**{"poll": draft_vote.poll.code, "sign": point, "box": other, name: value})
    assert code_of(lambda: trustee_register(draft_vote.keys[0].who.actor, draft)) == "key_not_valid"


def test_a_trustee_registers_again_and_nobody_registers_the_keys_of_another(draft_vote: Vote) -> None:
    points = [b64(public_point(scalar_drawn(secrets.token_bytes))) for _point in range(3)]
    first, second = (key.who.actor for key in draft_vote.keys[:2])
    draft = TrusteeDraft(poll=draft_vote.poll.code, sign=points[0], box=points[1])
    assert trustee_register(first, draft).number == 1
    assert code_of(lambda: trustee_register(second, draft)) == "key_not_valid"
    same = TrusteeDraft(poll=draft_vote.poll.code, sign=points[2], box=points[2])
    assert code_of(lambda: trustee_register(second, same)) == "key_not_valid"
    assert trustee_of(first, draft_vote.poll).number == 1  # type: ignore[union-attr]  # it is registered


def test_the_key_of_the_ballots_is_kept_nowhere(vote: Vote) -> None:
    poll = vote.now
    assert poll.token_secret
    rows = json.dumps([list(map(str, row)) for row in Trustee.objects.values_list()]) + poll.header
    for key in vote.keys:
        share = key.share(poll)
        assert share not in rows
        assert share not in str(list(Record.objects.values_list("detail", flat=True)))


# ------------------------------------------------------------------ the right to vote


def test_a_right_to_vote_is_given_once(vote: Vote) -> None:
    resident = vote.hall.resident()
    first, second = Device(header=vote.header), Device(header=vote.header)
    asked = TokenDraft(poll=vote.poll.code, blinded=first.ask())
    answer = token_issue(resident.actor, asked)
    # The answer was lost on the way: the same question has the same answer.
    assert token_issue(resident.actor, asked) == answer
    other = TokenDraft(poll=vote.poll.code, blinded=second.ask())
    assert code_of(lambda: token_issue(resident.actor, other)) == "token_taken"
    paper = PaperIssueDraft(poll=vote.poll.code, person=resident.person.pk)
    assert code_of(lambda: paper_issue(vote.hall.seo_gu.officer, paper)) == "token_taken"
    assert TokenIssued.objects.count() == 1
    assert token_was_issued(resident.actor, vote.poll)
    assert not token_was_issued(vote.hall.resident().actor, vote.poll)


def test_who_took_paper_cannot_vote_by_phone(vote: Vote) -> None:
    resident = vote.hall.resident()
    draft = PaperIssueDraft(poll=vote.poll.code, person=resident.person.pk)
    paper_issue(vote.hall.seo_gu.officer, draft)
    assert code_of(lambda: paper_issue(vote.hall.seo_gu.officer, draft)) == "token_taken"
    asked = TokenDraft(poll=vote.poll.code, blinded=Device(header=vote.header).ask())
    assert code_of(lambda: token_issue(resident.actor, asked)) == "token_taken"


@pytest.mark.parametrize("blinded", ["", "*", b64(bytes(256)), b64(b"\xff" * 256), b64(bytes(10))])
def test_what_is_no_token_uses_up_nothing(vote: Vote, blinded: str) -> None:
    resident = vote.hall.resident()
    code = code_of(lambda: token_issue(resident.actor, TokenDraft(poll=vote.poll.code, blinded=blinded)))
    assert code in {"blinded_length", "blinded_range", "not_base64url"}
    assert not TokenIssued.objects.exists()


def born(vote: Vote, resident: Any, day: date | None) -> str:
    person = Person.objects.get(pk=resident.person.pk)
    person.birth_date = day
    person.save()
    asked = TokenDraft(poll=vote.poll.code, blinded=Device(header=vote.header).ask())
    try:
        token_issue(resident.actor, asked)
    except DomainError as error:
        return error.code
    return ""


def test_the_age_is_that_of_the_first_day_of_the_vote(vote: Vote) -> None:
    begins = next(span.begins_at for span in vote.hall.assembly.spans if span.phase is Phase.VOTE)
    day = timezone.localdate(begins)
    try:
        fourteen = day.replace(year=day.year - 14)
    except ValueError:  # born on a leap day
        fourteen = day.replace(year=day.year - 14, day=28)
    resident = vote.hall.resident()
    assert born(vote, resident, fourteen + timedelta(days=1)) == "too_young"
    assert born(vote, resident, None) == "age_unknown"
    assert born(vote, resident, fourteen) == ""
    child = vote.hall.resident()
    Person.objects.get(pk=child.person.pk)
    assert born(vote, child, day) == "too_young"
    paper = PaperIssueDraft(poll=vote.poll.code, person=child.person.pk)
    assert code_of(lambda: paper_issue(vote.hall.seo_gu.officer, paper)) == "too_young"


def test_paper_is_for_the_residents_of_the_dong(vote: Vote) -> None:
    elsewhere = next(dong.code for dong in vote.hall.seo_gu.district.dongs.exclude(code=vote.hall.dong)[:1])
    for person in (vote.hall.resident(dong=elsewhere).person.pk, uuid4()):
        draft = PaperIssueDraft(poll=vote.poll.code, person=person)
        assert code_of(lambda draft=draft: paper_issue(vote.hall.seo_gu.officer, draft)) == "person_elsewhere"


def test_an_account_without_a_person_is_given_nothing(vote: Vote) -> None:
    resident = vote.hall.resident()
    Person.objects.filter(pk=resident.person.pk).update(user=None)
    asked = TokenDraft(poll=vote.poll.code, blinded=Device(header=vote.header).ask())
    assert code_of(lambda: token_issue(resident.actor, asked)) == "not_a_resident"


# ------------------------------------------------------------------ ballots


def test_a_ballot_that_is_sent_again_is_one_ballot(vote: Vote) -> None:
    device = vote.device()
    draft = device.ballot({"approve": vote.codes[:1]})
    first = ballot_cast(VISITOR, draft)
    assert ballot_cast(VISITOR, draft) == first
    for other in [vote.device() for _voter in range(3)]:
        vote.cast(other, vote.codes[1])
    # Four: the batch is in the box, and the ballot is still the same one.
    assert ballot_cast(VISITOR, draft).state is ReceiptState.IN_BOX
    assert (WaitingBallot.objects.count(), BoxEntry.objects.count()) == (0, 4)
    vote.close()
    assert ballot_cast(VISITOR, draft).receipt == first.receipt
    assert code_of(lambda: ballot_cast(VISITOR, device.ballot({"approve": vote.codes[:1]}))) == "poll_state"


def test_turns_go_one_way(vote: Vote) -> None:
    device = vote.device()
    ballot_cast(VISITOR, device.ballot({"approve": vote.codes[:1]}, turn=2))
    same = device.ballot({"approve": vote.codes[1:2]}, turn=2)
    earlier = device.ballot({"approve": vote.codes[1:2]}, turn=1)
    assert code_of(lambda: ballot_cast(VISITOR, same)) == "turn_taken"
    assert code_of(lambda: ballot_cast(VISITOR, earlier)) == "turn_old"
    for other in [vote.device() for _voter in range(3)]:
        vote.cast(other, vote.codes[1])
    assert code_of(lambda: ballot_cast(VISITOR, same)) == "turn_taken"
    assert code_of(lambda: ballot_cast(VISITOR, earlier)) == "turn_old"
    ballot_cast(VISITOR, device.ballot({"approve": vote.codes[:1]}, turn=64))
    assert code_of(lambda: ballot_cast(VISITOR, device.ballot({"approve": vote.codes[:1]}, turn=64))) == "turn_taken"


def test_a_watcher_of_the_box_cannot_vote_in_anybodys_stead(vote: Vote) -> None:
    """The key of turn 2 gives that of turn 1 by hashing; the other way nobody goes."""
    import hashlib

    device = vote.device()
    body = ballot_cast(VISITOR, device.ballot({"approve": vote.codes[:1]})).body
    thief = Device(header=vote.header, prefix=device.prefix, signature=device.signature)
    forged = thief.ballot({"approve": vote.codes[1:2]}, turn=2)
    for key in (body["turn_key"], body["token"], b64(hashlib.sha256(body["turn_key"].encode()).digest())):
        attempt = {**forged.body, "token": body["token"], "turn_key": key}
        draft = BallotDraft(poll=vote.poll.code, body=attempt, sealed=forged.sealed)
        assert code_of(lambda draft=draft: ballot_cast(VISITOR, draft)) == "ballot_turn"


def broken(draft: BallotDraft, **changes: Any) -> BallotDraft:
    sealed = changes.pop("sealed", draft.sealed)
    return BallotDraft(poll=draft.poll, body={**draft.body, **changes}, sealed=sealed)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signature": b64(bytes(256))}, "ballot_signature"),
        ({"prefix": b64(bytes(32))}, "ballot_signature"),
        ({"turn": 2}, "ballot_turn"),
        ({"turn": 0}, "ballot_turn"),
        ({"turn": 1.0}, "ballot_form"),
        ({"turn": True}, "ballot_form"),
        ({"turn_key": "x"}, "ballot_form"),
        ({"commitment": "x"}, "ballot_form"),
        ({"commitment": "A" * 64}, "ballot_form"),
        ({"sealed_hash": "0" * 64}, "ballot_sealed"),
        ({"kind": "paper"}, "ballot_form"),
        ({"kind": "close"}, "ballot_form"),
        ({"voted_at": "noon"}, "ballot_form"),
        ({"token": None}, "ballot_form"),
        ({"sealed": ""}, "ballot_sealed"),
        ({"sealed": b64(bytes(100))}, "ballot_sealed"),
    ],
)
def test_a_ballot_that_is_not_sound(vote: Vote, changes: dict[str, Any], code: str) -> None:
    draft = vote.device().ballot({"approve": vote.codes[:1]})
    assert code_of(lambda: ballot_cast(VISITOR, broken(draft, **changes))) == code
    assert not WaitingBallot.objects.exists()


def test_a_token_of_another_vote_is_worth_nothing(vote: Vote) -> None:
    stranger = Device(header=vote.header, signature=secrets.token_bytes(255).rjust(256, b"\x00"))
    assert code_of(lambda: ballot_cast(VISITOR, stranger.ballot({"approve": []}))) == "ballot_signature"


def test_strange_ballots_are_taken_and_do_not_count(vote: Vote) -> None:
    """What is sealed cannot be looked at before the opening; it is told apart afterwards, and published as it came."""
    pad = vote.header.pad
    fine = vote.device()
    vote.cast(fine, vote.codes[1])
    words = vote.device()
    words.turn = 1
    ballot_cast(VISITOR, words.sealed_ballot(b"greetings to whoever bought this".ljust(pad), "0" * 64))
    too_much = vote.device()
    ballot_cast(VISITOR, too_much.ballot({"approve": vote.codes}))
    lied = vote.device()
    lied.turn = 1
    honest = lied.ballot({"approve": vote.codes[:1]}, turn=1)
    lie = broken(honest, commitment="1" * 64)
    receipt = ballot_cast(VISITOR, lie)
    vote.close()
    vote.open()
    found = receipt_find(vote.now, receipt.receipt)
    assert (found.state, found.reason) == (ReceiptState.INVALID, "commitment")
    closing = json.loads(vote.now.closing)["closing"]
    assert sorted(row["reason"] for row in closing["invalid"]) == ["choice", "commitment", "plaintext"]
    assert closing["result"]["winners"] == [vote.codes[1]]
    assert closing["result"]["voters"] == 1


@pytest.mark.parametrize("digits", ["", "12", "x" * 20, "0" * 19, "0" * 65, "0" * 20, "가" * 20])
def test_receipts_of_nothing(vote: Vote, digits: str) -> None:
    assert code_of(lambda: receipt_find(vote.poll, digits)) == "receipt_unknown"


def test_a_batch_that_is_not_full_stays(vote: Vote) -> None:
    vote.cast(vote.device(), vote.codes[0])
    assert batch_enter(SYSTEM, vote.poll.code) == 0
    assert not BoxEntry.objects.exists()


def test_a_batch_enters_in_the_order_of_its_digests(vote: Vote) -> None:
    receipts = [vote.cast(vote.device(), vote.codes[0]).receipt for _voter in range(4)]
    assert list(BoxEntry.objects.order_by("seq").values_list("receipt", flat=True)) == sorted(receipts)


# ------------------------------------------------------------------ paper


def sheet_of(vote: Vote, *, issued: bool = True) -> str:
    if issued:
        draft = PaperIssueDraft(poll=vote.poll.code, person=vote.hall.resident().person.pk)
        paper_issue(vote.hall.seo_gu.officer, draft)
    return paper_print(vote.hall.seo_gu.officer, SheetsDraft(poll=vote.poll.code, count=1))[0].number


def keyed(vote: Vote, sheet: str, code: str, by: Any) -> Outcome:
    return paper_key(by, PaperDraft(poll=vote.poll.code, sheet=sheet, choice={"approve": [code]})).outcome


def test_two_who_read_differently_key_again(vote: Vote) -> None:
    officer, member = vote.hall.seo_gu.officer, vote.keys[0].who.actor
    sheet = sheet_of(vote)
    assert keyed(vote, sheet, vote.codes[0], officer) is Outcome.FIRST
    assert keyed(vote, sheet, vote.codes[1], member) is Outcome.DIFFERENT
    assert not PaperKeying.objects.exists()
    assert not WaitingBallot.objects.exists()
    assert keyed(vote, sheet, vote.codes[1], member) is Outcome.FIRST
    assert keyed(vote, sheet, vote.codes[1], officer) is Outcome.ENTERED
    assert code_of(lambda: keyed(vote, sheet, vote.codes[1], officer)) == "sheet_entered"
    assert not PaperKeying.objects.exists()


def test_nobody_keys_a_sheet_twice(vote: Vote) -> None:
    officer = vote.hall.seo_gu.officer
    sheet = sheet_of(vote)
    keyed(vote, sheet, vote.codes[0], officer)
    assert code_of(lambda: keyed(vote, sheet, vote.codes[0], officer)) == "second_person_needed"


def test_the_first_reading_is_sealed(vote: Vote) -> None:
    from django.db import connection

    keyed(vote, sheet_of(vote), vote.codes[0], vote.hall.seo_gu.officer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT choice FROM autonomy_paperkeying")
        assert vote.codes[0] not in cursor.fetchone()[0]
    assert vote.codes[0] not in repr(PaperDraft(poll="x", sheet="y", choice={"approve": vote.codes[:1]}))


def test_no_more_sheets_enter_than_were_taken(vote: Vote) -> None:
    officer, member = vote.hall.seo_gu.officer, vote.keys[0].who.actor
    sheet = sheet_of(vote, issued=False)
    keyed(vote, sheet, vote.codes[0], officer)
    assert code_of(lambda: keyed(vote, sheet, vote.codes[0], member)) == "sheets_over_issued"
    # Nothing of it was kept: the second may key it again when the resident is in the list.
    paper_issue(officer, PaperIssueDraft(poll=vote.poll.code, person=vote.hall.resident().person.pk))
    assert keyed(vote, sheet, vote.codes[0], member) is Outcome.ENTERED


@pytest.mark.parametrize(
    ("sheet", "choice", "code"),
    [
        ("0000-0000-0000", {"approve": []}, "sheet_unknown"),
        ("", {"approve": []}, "sheet_unknown"),
        (None, {"approve": []}, "choice_not_valid"),
        (None, {"approve": ["nothing"]}, "choice_not_valid"),
        (None, {"points": {}}, "choice_not_valid"),
    ],
)
def test_sheets_that_cannot_be_keyed(vote: Vote, sheet: str | None, choice: dict[str, Any], code: str) -> None:
    draft = PaperDraft(poll=vote.poll.code, sheet=sheet_of(vote) if sheet is None else sheet, choice=choice)
    assert code_of(lambda: paper_key(vote.hall.seo_gu.officer, draft)) == code


@pytest.mark.parametrize("count", [0, -1, 5001])
def test_so_many_sheets_are_not_printed(vote: Vote, count: int) -> None:
    draft = SheetsDraft(poll=vote.poll.code, count=count)
    assert code_of(lambda: paper_print(vote.hall.seo_gu.officer, draft)) == "numbers_not_valid"


def test_a_half_keyed_sheet_holds_the_closing_up(vote: Vote) -> None:
    keyed(vote, sheet_of(vote), vote.codes[0], vote.hall.seo_gu.officer)
    assert code_of(vote.close) == "paper_half_keyed"


# ------------------------------------------------------------------ closing and opening


def test_closing_forgets_the_key_of_the_tokens(vote: Vote) -> None:
    vote.cast(vote.device(), vote.codes[0])
    assert vote.close().token_secret is None
    body = json.loads(BoxEntry.objects.order_by("-seq")[0].body)
    assert body == {"kind": "close", "entries": 1, "issued": {"phone": 1, "paper": 0}}
    assert code_of(lambda: poll_close(SYSTEM, vote.poll.code)) == "poll_state"


def test_an_empty_vote_can_be_counted(hall: Hall) -> None:
    vote = open_vote(hall)
    vote.close()
    poll = vote.open()
    assert json.loads(poll.closing)["closing"]["result"]["winners"] == []


def test_what_is_missing_for_the_opening_is_said(vote: Vote) -> None:
    vote.cast(vote.device(), vote.codes[0])
    vote.close()
    opener = vote.keys[0].who.actor
    assert code_of(lambda: poll_open(opener, vote.poll.code)) == "shares_missing"
    for key in vote.keys[:2]:
        vote.post(key)
    assert code_of(lambda: poll_open(opener, vote.poll.code)) == "head_unsigned"
    vote.sign(vote.keys[2])
    vote.sign(vote.keys[2])
    assert code_of(lambda: poll_open(opener, vote.poll.code)) == "head_unsigned"
    assert code_of(lambda: poll_pabulib(vote.now)) == "poll_not_opened"
    vote.sign(vote.keys[0])
    assert poll_open(opener, vote.poll.code).state == "opened"


def test_a_share_of_somebody_else_is_refused(vote: Vote) -> None:
    vote.close()
    first, second = vote.keys[:2]
    for text in (second.share(vote.poll), b64(bytes(32)), "x", ""):
        draft = ShareDraft(poll=vote.poll.code, share=text)
        assert code_of(lambda draft=draft: share_post(first.who.actor, draft)) == "share_not_valid"
        assert text == "" or text not in repr(draft)
    vote.post(first)
    vote.post(first)


def test_signatures_on_another_box_are_refused(vote: Vote) -> None:
    vote.close()
    actor = vote.keys[0].who.actor
    entry = BoxEntry.objects.get()
    wrong = HeadDraft(poll=vote.poll.code, seq=entry.seq, head="0" * 64, signature=b64(bytes(64)))
    assert code_of(lambda: head_sign(actor, wrong)) == "head_unknown"
    for signature in (b64(bytes(64)), "x"):
        draft = HeadDraft(poll=vote.poll.code, seq=entry.seq, head=entry.hash, signature=signature)
        assert code_of(lambda draft=draft: head_sign(actor, draft)) == "signature_not_valid"
    outsider = vote.hall.resident(role=Role.COUNCIL_MEMBER).actor
    assert code_of(lambda: head_sign(outsider, draft)) == "not_a_trustee"
    stand_in = HeadDraft(poll=vote.poll.code, seq=1, head=entry.hash, signature="x", trustee=1)
    assert code_of(lambda: head_sign(outsider, stand_in)) == "not_a_trustee"


def test_two_votes_do_not_mix(hall: Hall) -> None:
    vote = prepared_vote(hall)
    assert list(Poll.objects.values_list("code", flat=True)) == [vote.poll.code]
    assert code_of(lambda: poll_get("none")) == "poll_unknown"
