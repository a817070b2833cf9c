"""A vote with its trustees and voters' devices, as they behave outside of the server."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.ops.conftest import own_database as own_database
from tests.rooms.autonomy.conftest import Hall, Resident

from madang.rooms.autonomy.engine.ballots.box import Header, Voting, ballot_body, head_message
from madang.rooms.autonomy.engine.ballots.choice import commitment, plaintext
from madang.rooms.autonomy.engine.ballots.encoding import b64, unb64
from madang.rooms.autonomy.engine.ballots.rehearsal import Rehearsal, Stage, rehearse
from madang.rooms.autonomy.engine.ballots.seal import private_key, public_point, scalar_drawn, sealed, signed, unsealed
from madang.rooms.autonomy.engine.ballots.tokens import (
    PrivateKey,
    PublicKey,
    blind,
    blinding_factor,
    finalize,
    prepared,
)
from madang.rooms.autonomy.engine.ballots.turns import turn_key
from madang.rooms.autonomy.engine.phases import Phase
from madang.rooms.autonomy.models import Poll, Trustee
from madang.rooms.autonomy.selectors.ballots import Receipt, box_state, poll_get, poll_header
from madang.rooms.autonomy.services.ballots import (
    BallotDraft,
    HeadDraft,
    PollDraft,
    ShareDraft,
    TokenDraft,
    TrusteeDraft,
    ballot_cast,
    head_sign,
    poll_close,
    poll_freeze,
    poll_open,
    poll_prepare,
    share_post,
    token_issue,
    trustee_register,
)
from madang.yard.audit.authority import VISITOR, Role

MANIFEST: dict[str, Any] = {
    "rule": "greedy",
    "satisfaction": "cost",
    # A project that nobody wants is not funded because money is left.
    "min_votes": 1,
    "ballot": {"type": "approval", "min_length": 1, "max_length": 2},
    "eligibility": {"min_age": 14},
}
PROJECTS = [{"id": f"P{number}", "name": f"project {number}", "cost": 100 * number} for number in range(1, 8)]


@dataclass(slots=True)
class Device:
    """A voter's phone: draws the secret, blinds, unblinds, seals."""

    header: Header
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    prefix: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    turn: int = 0
    signature: bytes = b""
    blinded: bytes = b""
    inverse: int = 0

    @property
    def token(self) -> bytes:
        return turn_key(self.secret, 0)

    def ask(self) -> str:
        key = self.header.token
        message = prepared(self.prefix, self.token)
        factor = blinding_factor(key, secrets.token_bytes)
        self.blinded, self.inverse = blind(key, message, secrets.token_bytes(48), factor)
        return b64(self.blinded)

    def take(self, answer: str) -> None:
        message = prepared(self.prefix, self.token)
        self.signature = finalize(self.header.token, message, unb64(answer), self.inverse)

    def ballot(self, choice: Mapping[str, Any], turn: int | None = None) -> BallotDraft:
        self.turn = turn if turn is not None else self.turn + 1
        nonce = secrets.token_bytes(32)
        text = plaintext(dict(choice), nonce, self.header.pad)
        return self.sealed_ballot(text, commitment(dict(choice), nonce))

    def sealed_ballot(self, text: bytes, committed: str) -> BallotDraft:
        closed = sealed(
            text, self.header.seal, poll=self.header.poll, associated=self.token, random_bytes=secrets.token_bytes
        )
        voting = Voting(
            token=self.token,
            prefix=self.prefix,
            signature=self.signature,
            turn=self.turn,
            turn_key=turn_key(self.secret, self.turn),
        )
        return BallotDraft(poll=self.header.poll, body=ballot_body(voting, committed, closed), sealed=b64(closed))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """What a trustee keeps."""

    who: Resident
    sign: int
    box: int

    def share(self, poll: Poll) -> str:
        trustee = Trustee.objects.get(poll=poll, user=self.who.actor.user)
        associated = f"share:{trustee.number}".encode()
        return b64(unsealed(unb64(trustee.sealed_share), private_key(self.box), poll=poll.code, associated=associated))


@dataclass(slots=True)
class Vote:
    """An assembly's vote and everybody in it."""

    hall: Hall
    poll: Poll
    keys: list[KeyFile]
    codes: list[str]

    @property
    def header(self) -> Header:
        return poll_header(self.now)

    @property
    def now(self) -> Poll:
        return poll_get(self.poll.code)

    def device(self, who: Resident | None = None) -> Device:
        """Return the phone of a resident who has taken a token."""
        device = Device(header=self.header)
        actor = (who or self.hall.resident()).actor
        device.take(token_issue(actor, TokenDraft(poll=self.poll.code, blinded=device.ask())))
        return device

    def cast(self, device: Device, *codes: str) -> Receipt:
        return ballot_cast(VISITOR, device.ballot({"approve": sorted(codes)}))

    def close(self) -> Poll:
        self.hall.turn_to(Phase.COUNT)
        return poll_close(self.hall.seo_gu.officer, self.poll.code)

    def sign(self, key: KeyFile) -> None:
        state = box_state(self.now)
        message = head_message(self.poll.code, state.entries, state.head)
        signature = b64(signed(message, key.sign))
        head_sign(
            key.who.actor,
            HeadDraft(poll=self.poll.code, seq=state.entries, head=state.head, signature=signature),
        )

    def post(self, key: KeyFile) -> None:
        share_post(key.who.actor, ShareDraft(poll=self.poll.code, share=key.share(self.poll)))

    def open(self, trustees: int = 2) -> Poll:
        for key in self.keys[:trustees]:
            self.sign(key)
            self.post(key)
        return poll_open(self.keys[0].who.actor, self.poll.code)


def council(hall: Hall, poll: Poll, count: int = 3) -> list[KeyFile]:
    """Register so many trustees."""
    found = []
    for _number in range(count):
        key = KeyFile(
            who=hall.resident(role=Role.COUNCIL_MEMBER),
            sign=scalar_drawn(secrets.token_bytes),
            box=scalar_drawn(secrets.token_bytes),
        )
        draft = TrusteeDraft(
            poll=poll.code, sign=b64(public_point(key.sign)), box=b64(public_point(key.box)), name="위원"
        )
        trustee_register(key.who.actor, draft)
        found.append(key)
    return found


def prepared_vote(hall: Hall, *, batch: int = 4, manifest: Mapping[str, Any] = MANIFEST) -> Vote:
    """Return a vote whose trustees are registered and whose rules are not fixed yet."""
    costs = (200_000_000, 60_000_000, 90_000_000)
    codes = [hall.admitted(cost_won=cost, title=f"제안 {number}").code for number, cost in enumerate(costs, 1)]
    hall.turn_to(Phase.DISCUSS)
    draft = PollDraft(assembly=hall.assembly.pk, manifest=manifest, threshold=2, batch=batch)
    poll = poll_prepare(hall.seo_gu.officer, draft)
    return Vote(hall=hall, poll=poll, keys=council(hall, poll), codes=codes)


def open_vote(hall: Hall, **how: Any) -> Vote:
    """Return a vote that is taking ballots."""
    vote = prepared_vote(hall, **how)
    vote.poll = poll_freeze(hall.seo_gu.officer, vote.poll.code)
    hall.turn_to(Phase.VOTE)
    return vote


@pytest.fixture
def draft_vote(hall: Hall) -> Vote:
    return prepared_vote(hall)


@pytest.fixture
def vote(hall: Hall) -> Vote:
    return open_vote(hall)


@pytest.fixture(scope="session")
def token_key() -> PrivateKey:
    numbers = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_numbers()
    return PrivateKey(public=PublicKey(n=numbers.public_numbers.n), p=numbers.p, q=numbers.q)


def stage_of(token_key: PrivateKey, **changes: Any) -> Stage:
    values: dict[str, Any] = {
        "poll": "29140104-2027-1",
        "title": "연습 투표",
        "manifest": MANIFEST,
        "budget": 1000,
        "projects": PROJECTS,
        "token_key": token_key,
        "random_bytes": np.random.default_rng(20261124).bytes,
        **changes,
    }
    return Stage(**values)


@pytest.fixture(scope="session")
def rehearsal(token_key: PrivateKey) -> Rehearsal:
    return rehearse(stage_of(token_key))
