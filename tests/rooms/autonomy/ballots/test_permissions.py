"""Who may do what in a vote, and when: one table of role and deed, one of state and deed."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from tests.rooms.autonomy.ballots.conftest import MANIFEST, Device, Vote, prepared_vote
from tests.rooms.autonomy.conftest import Hall

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.engine.ballots.box import head_message
from madang.rooms.autonomy.engine.ballots.encoding import b64
from madang.rooms.autonomy.engine.ballots.seal import public_point, scalar_drawn, signed
from madang.rooms.autonomy.engine.ballots.tokens import PrivateKey
from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.selectors.ballots import box_state
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
    head_sign,
    paper_issue,
    paper_key,
    paper_print,
    poll_close,
    poll_freeze,
    poll_open,
    poll_prepare,
    polls,
    share_post,
    token_issue,
    trustee_register,
)
from madang.yard.audit.authority import SYSTEM, VISITOR, Actor, Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_key_for_all(token_key: PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing a key takes longer than everything else that these tests do."""
    monkeypatch.setattr(polls, "_token_key", lambda: token_key)


Deed = Callable[[Vote, Actor], object]


def fresh_keys(vote: Vote) -> TrusteeDraft:
    sign, box = (b64(public_point(scalar_drawn(secrets.token_bytes))) for _key in range(2))
    return TrusteeDraft(poll=vote.poll.code, sign=sign, box=box)


def blinded(vote: Vote) -> str:
    # Before the rules are fixed there is no key to blind for.
    return Device(header=vote.header).ask() if vote.now.header else b64(bytes(256))


def last_head(vote: Vote, number: int, actor: Actor) -> HeadDraft:
    stand_in = number if actor.role is Role.SYSTEM else None
    if not vote.now.header:
        return HeadDraft(poll=vote.poll.code, seq=1, head="0" * 64, signature=b64(bytes(64)), trustee=stand_in)
    state = box_state(vote.now)
    message = head_message(vote.poll.code, state.entries, state.head)
    return HeadDraft(
        poll=vote.poll.code,
        seq=state.entries,
        head=state.head,
        signature=b64(signed(message, vote.keys[number - 1].sign)),
        trustee=stand_in,
    )


def share(vote: Vote, actor: Actor) -> ShareDraft:
    text = vote.keys[0].share(vote.poll) if vote.now.header else b64(bytes(32))
    return ShareDraft(poll=vote.poll.code, share=text, trustee=1 if actor.role is Role.SYSTEM else None)


def prepare(vote: Vote, actor: Actor) -> object:
    return poll_prepare(actor, PollDraft(assembly=vote.hall.assembly.pk, manifest=MANIFEST))


def ask_token(vote: Vote, actor: Actor) -> object:
    person = vote.hall.resident().person.pk if actor.role is Role.SYSTEM else None
    return token_issue(actor, TokenDraft(poll=vote.poll.code, blinded=blinded(vote), person=person))


def cast(vote: Vote, actor: Actor) -> object:
    if vote.now.header:
        device = vote.device() if vote.now.state == "frozen" and vote.now.assembly.phase() is Phase.VOTE else None
        device = device or Device(header=vote.header, signature=bytes(256))
        return ballot_cast(actor, device.ballot({"approve": vote.codes[:1]}))
    return ballot_cast(actor, BallotDraft(poll=vote.poll.code, body={}, sealed=""))


def issue_paper(vote: Vote, actor: Actor) -> object:
    return paper_issue(actor, PaperIssueDraft(poll=vote.poll.code, person=vote.hall.resident().person.pk))


def key_paper(vote: Vote, actor: Actor) -> object:
    officer = vote.hall.seo_gu.officer
    try:
        number = paper_print(officer, SheetsDraft(poll=vote.poll.code, count=1))[0].number
    except Conflict:
        number = "none"
    draft = PaperDraft(poll=vote.poll.code, sheet=number, choice={"approve": vote.codes[:1]})
    return paper_key(replace(actor, user=actor.user or "system"), draft)


DEEDS: dict[str, Deed] = {
    "prepare": prepare,
    "register": lambda vote, actor: trustee_register(actor, fresh_keys(vote)),
    "freeze": lambda vote, actor: poll_freeze(actor, vote.poll.code),
    "token": ask_token,
    "cast": cast,
    "paper issue": issue_paper,
    "paper print": lambda vote, actor: paper_print(actor, SheetsDraft(poll=vote.poll.code, count=2)),
    "paper key": key_paper,
    "sign": lambda vote, actor: head_sign(actor, last_head(vote, 1, actor)),
    "close": lambda vote, actor: poll_close(actor, vote.poll.code),
    "share": lambda vote, actor: share_post(actor, share(vote, actor)),
    "open": lambda vote, actor: poll_open(actor, vote.poll.code),
}

OFFICE = {Role.DONG_OFFICER, Role.ADMINISTRATOR, Role.SYSTEM}
COUNCIL = {Role.COUNCIL_MEMBER, Role.SYSTEM}
EVERYBODY = set(Role)

# Deed: the stage at which it is tried, and who may then do it.
MAY: dict[str, tuple[str, set[Role]]] = {
    "prepare": ("draft", OFFICE),
    "register": ("draft", COUNCIL),
    "freeze": ("draft", OFFICE),
    "token": ("voting", {Role.RESIDENT, Role.COUNCIL_MEMBER, Role.SYSTEM}),
    "cast": ("voting", EVERYBODY),
    "paper issue": ("voting", OFFICE),
    "paper print": ("voting", OFFICE),
    "paper key": ("voting", OFFICE | {Role.COUNCIL_MEMBER}),
    "sign": ("closed", COUNCIL),
    "close": ("counting", OFFICE),
    "share": ("closed", COUNCIL),
    "open": ("ready", COUNCIL),
}


def actor_of(vote: Vote, role: Role, deed: str) -> Actor:
    if role is Role.PUBLIC:
        return VISITOR
    if role is Role.SYSTEM:
        return SYSTEM
    if role is Role.COUNCIL_MEMBER and deed in {"sign", "share", "open"}:
        return vote.keys[0].who.actor
    if role in {Role.RESIDENT, Role.COUNCIL_MEMBER}:
        return vote.hall.resident(role=role).actor
    return Actor(role=role, place=vote.hall.dong, user=f"{role.value}-1")


def brought_to(hall: Hall, stage: str) -> Vote:
    vote = prepared_vote(hall)
    if stage == "draft":
        return vote
    vote.poll = poll_freeze(hall.seo_gu.officer, vote.poll.code)
    if stage == "frozen":
        return vote
    hall.turn_to(Phase.VOTE)
    if stage == "voting":
        return vote
    vote.cast(vote.device(), vote.codes[0])
    hall.turn_to(Phase.COUNT)
    if stage == "counting":
        return vote
    vote.close()
    if stage == "ready":
        for key in vote.keys[:2]:
            vote.sign(key)
            vote.post(key)
    if stage == "opened":
        vote.open()
    return vote


def tried(vote: Vote, deed: str, actor: Actor) -> str:
    """Return what came of a deed, and undo it."""
    with transaction.atomic():
        try:
            DEEDS[deed](vote, actor)
        except PermissionDenied:
            return "not permitted"
        except (Conflict, DomainError, NotFound):
            return "not now"
        finally:
            transaction.set_rollback(True)
    return "done"


@pytest.mark.parametrize("deed", list(DEEDS))
def test_who_may(hall: Hall, deed: str) -> None:
    stage, roles = MAY[deed]
    vote = brought_to(hall, stage)
    found = {role: tried(vote, deed, actor_of(vote, role, deed)) for role in Role}
    assert found == {role: "done" if role in roles else "not permitted" for role in Role}


@pytest.mark.parametrize("deed", sorted(set(DEEDS) - {"cast"}))
def test_nobody_acts_in_the_next_dong(hall: Hall, deed: str) -> None:
    stage, roles = MAY[deed]
    vote = brought_to(hall, stage)
    elsewhere = next(dong.code for dong in hall.seo_gu.district.dongs.exclude(code=hall.dong)[:1])
    role = Role.COUNCIL_MEMBER if Role.COUNCIL_MEMBER in roles else Role.DONG_OFFICER
    assert tried(vote, deed, vote.hall.resident(role=role, dong=elsewhere).actor) == "not permitted"


# Deed: the stages in which it is open; everywhere else it is refused, and nothing is written.
OPEN_IN: dict[str, set[str]] = {
    "prepare": {"draft"},
    "register": {"draft"},
    "freeze": {"draft"},
    "token": {"voting"},
    "cast": {"voting"},
    "paper issue": {"voting"},
    "paper print": {"frozen", "voting", "counting"},
    "paper key": {"voting", "counting"},
    # Before, the one ballot waits, and there is no head to sign.
    "sign": {"closed", "ready"},
    "close": {"counting"},
    "share": {"closed", "ready"},
    "open": {"ready"},
}
STAGES = ("draft", "frozen", "voting", "counting", "closed", "ready", "opened")


@pytest.mark.parametrize("stage", STAGES)
def test_when_it_may_be_done(hall: Hall, stage: str) -> None:
    vote = brought_to(hall, stage)
    found = {deed: tried(vote, deed, SYSTEM) for deed in DEEDS}
    assert found == {deed: "done" if stage in OPEN_IN[deed] else "not now" for deed in DEEDS}


@pytest.mark.parametrize("code", ["", "29140104-2027-999999", "x" * 60])
def test_an_unknown_vote_is_unknown(hall: Hall, code: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: poll_freeze(SYSTEM, code),
        lambda: poll_close(SYSTEM, code),
        lambda: poll_open(SYSTEM, code),
        lambda: token_issue(SYSTEM, TokenDraft(poll=code, blinded="")),
        lambda: paper_print(SYSTEM, SheetsDraft(poll=code, count=1)),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()
