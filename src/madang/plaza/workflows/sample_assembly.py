"""Three assemblies of a sample district: one that ended with projects, one that votes now, one that takes proposals.

Everybody in them is played by the system through the services that people use; only time is short, so the calendar is
turned from phase to phase. Residents vote with tokens that the office signed blindly, the council opens the ballots
with its shares, and the rule counts them: nothing of the result is written by hand.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.utils import timezone

from madang.plaza.workflows.assembly import PollFundingDraft, poll_fund
from madang.plaza.workflows.sample_proposals import ARGUMENTS, PROPOSALS, STATEMENTS, SampleProposal
from madang.rooms.autonomy.engine.ballots.box import Header, Voting, ballot_body, head_message
from madang.rooms.autonomy.engine.ballots.choice import NONCE_BYTES, commitment, plaintext
from madang.rooms.autonomy.engine.ballots.encoding import DIGEST_BYTES, b64, unb64
from madang.rooms.autonomy.engine.ballots.seal import (
    private_key,
    public_point,
    scalar_drawn,
    sealed,
    signed,
    unsealed,
)
from madang.rooms.autonomy.engine.ballots.tokens import (
    PREFIX_BYTES,
    SALT_BYTES,
    blind,
    blinding_factor,
    finalize,
    prepared,
)
from madang.rooms.autonomy.engine.ballots.turns import turn_key
from madang.rooms.autonomy.engine.phases import Phase, Span
from madang.rooms.autonomy.models import Assembly, Poll, Proposal
from madang.rooms.autonomy.selectors.ballots import box_state, poll_get, poll_header, trustees_of
from madang.rooms.autonomy.services import (
    ArgumentDraft,
    AssemblyDraft,
    EstimateDraft,
    OpinionsDraft,
    ProposalAnswerDraft,
    ProposalDraft,
    StatementDraft,
    argument_make,
    assembly_call,
    opinions_load,
    opinions_refresh,
    proposal_answer,
    proposal_estimate,
    proposal_submit,
    statement_make,
)
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
    poll_explain,
    poll_freeze,
    poll_open,
    poll_prepare,
    share_post,
    token_issue,
    trustee_register,
)
from madang.rooms.autonomy.services.sample import sample_calendar_set
from madang.rooms.projects.services import MilestoneDraft
from madang.yard.audit.authority import SYSTEM, VISITOR, Actor, Role
from madang.yard.ledger.models import Fund, Programme
from madang.yard.people.models import Person
from madang.yard.places.models import Dong

SEED = 20261124
WHO = "sample"
TRUSTEES, THRESHOLD, BATCH = 3, 2, 10
LEAST_ELECTORATE = 12
PART_OF_FUND = 0.6
LEAST_AGE = 14
MOST_CHOICES = 4
LEAST_STEP_WON, STEPS = 1000, 50
ROUND_WON = 100_000
TURNOUT = 0.8
PASSED = 10
"""How likely somebody passes instead of disagreeing [%]."""

DAYS: tuple[tuple[Phase, int, int], ...] = (
    (Phase.PROPOSE, 0, 21),
    (Phase.REVIEW, 21, 35),
    (Phase.DISCUSS, 35, 49),
    (Phase.VOTE, 49, 63),
    (Phase.COUNT, 63, 66),
    (Phase.RESULT, 66, 150),
)
"""The calendar that an assembly of the sample announces: from which day until which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAssembly:
    """An assembly of the sample.

    Attributes
    ----------
    dong : Dong
        Where.
    fund : Fund
        What it decides on.
    purse_won : int
        What is in the fund [won].
    day : int
        Which day of its calendar today is.
    """

    dong: Dong
    fund: Fund
    purse_won: int
    day: int

    @property
    def officer(self) -> Actor:
        """The dong's officer, as the sample plays one."""
        return Actor(role=Role.DONG_OFFICER, place=self.dong.code, user=WHO)

    @property
    def budget_won(self) -> int:
        """What the assembly may decide on [won]."""
        return max(ROUND_WON, int(self.purse_won * PART_OF_FUND) // ROUND_WON * ROUND_WON)

    def cost_won(self, proposal: SampleProposal) -> int:
        """Return what a proposal would cost [won]."""
        return max(1000, self.budget_won * proposal.percent // 100 // 1000 * 1000)

    def calendar(self) -> tuple[Span, ...]:
        """Return the calendar that this assembly has in the end."""
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        start = today - timedelta(days=self.day)
        return tuple(
            Span(phase=phase, begins_at=start + timedelta(days=first), ends_at=start + timedelta(days=last))
            for phase, first, last in DAYS
        )


def assembly_decided(stage: SampleAssembly) -> Assembly:
    """Play an assembly to its end: proposals, conversation, vote, count, projects."""
    assembly, people = _discussed(stage)
    poll, keys = _frozen(stage, assembly, people)
    _voted(assembly, poll, people)
    _counted(stage, assembly, poll, keys)
    poll_explain(SYSTEM, poll.code)
    _turned(assembly, Phase.RESULT)
    poll_fund(
        stage.officer,
        PollFundingDraft(
            poll=poll.code,
            programme=Programme.objects.get(code="autonomy-budget"),
            owner=f"{stage.dong.name_ko} 행정복지센터",
            milestones=(
                MilestoneDraft(name_ko="설계와 업체 선정", name_en="Design and contractor", due_on=_in_days(45)),
                MilestoneDraft(name_ko="완료", name_en="Done", due_on=_in_days(150)),
            ),
        ),
    )
    return sample_calendar_set(SYSTEM, assembly.pk, stage.calendar())


def assembly_voting(stage: SampleAssembly) -> Assembly:
    """Play an assembly up to its vote, and leave that open to whoever tries the sample."""
    assembly, people = _discussed(stage)
    poll, _keys = _frozen(stage, assembly, people)
    _voted(assembly, poll, people[: len(people) // 2])
    return sample_calendar_set(SYSTEM, assembly.pk, stage.calendar())


def assembly_proposing(stage: SampleAssembly) -> Assembly:
    """Call an assembly that takes proposals now, with the first few of them."""
    assembly = _called(stage)
    people = electorate(stage.dong)
    for number, proposal in enumerate(PROPOSALS[:4]):
        _submitted(assembly, people, number, proposal)
    return sample_calendar_set(SYSTEM, assembly.pk, stage.calendar())


def _called(stage: SampleAssembly) -> Assembly:
    draft = AssemblyDraft(
        dong=stage.dong.code,
        year=stage.fund.fiscal_year,
        title=f"{stage.fund.fiscal_year}년 주민총회",
        about="우리 동 주민참여예산을 어디에 쓸지 주민이 제안하고, 함께 이야기하고, 투표로 정합니다.",
        budget_won=stage.budget_won,
        fund=stage.fund.code,
        spans=_now(Phase.PROPOSE),
    )
    return assembly_call(stage.officer, draft)


def _discussed(stage: SampleAssembly) -> tuple[Assembly, list[Person]]:
    """Call an assembly and play it to where its vote can be prepared; return it and who lives there."""
    assembly, people = _called(stage), electorate(stage.dong)
    proposals = [_submitted(assembly, people, number, proposal) for number, proposal in enumerate(PROPOSALS)]
    for proposal, sample in zip(proposals, PROPOSALS, strict=True):
        cost = stage.cost_won(sample)
        proposal_estimate(stage.officer, EstimateDraft(proposal=proposal.pk, cost_won=cost, basis=sample.basis))
        reason = sample.declined or "구청 부서가 살펴보았고, 할 수 있는 일입니다."
        answer = ProposalAnswerDraft(proposal=proposal.pk, admit=not sample.declined, reason=reason)
        proposal_answer(stage.officer, answer)
    _turned(assembly, Phase.DISCUSS)
    for number, (at, side, text) in enumerate(ARGUMENTS):
        author = people[(number * 5 + 3) % len(people)].pk
        key = f"sample-argument-{assembly.pk}-{number:02d}"
        argument_make(SYSTEM, ArgumentDraft(proposal=proposals[at].pk, key=key, side=side, text=text, author=author))
    _talked(assembly, people)
    return assembly, people


def _submitted(assembly: Assembly, people: Sequence[Person], number: int, proposal: SampleProposal) -> Proposal:
    draft = ProposalDraft(
        assembly=assembly.pk,
        key=f"sample-proposal-{assembly.pk}-{number:02d}",
        title=proposal.title,
        text=proposal.text,
        category=proposal.category,
        author=people[number % len(people)].pk,
    )
    return proposal_submit(SYSTEM, draft)


def _talked(assembly: Assembly, people: Sequence[Person]) -> None:
    """Let residents say what they think of each other's sentences, and find who thinks alike."""
    chance = np.random.default_rng([SEED, assembly.pk, 1])
    statements = [
        statement_make(SYSTEM, StatementDraft(assembly=assembly.pk, text=said.text, author=people[at % len(people)].pk))
        for at, said in enumerate(STATEMENTS)
    ]
    votes = []
    for place, person in enumerate(people):
        for statement, said in zip(statements, STATEMENTS, strict=True):
            agrees = chance.integers(100) < said.agreed_by[place % 2]
            votes.append((person.pk, statement.pk, 1 if agrees else 0 if chance.integers(100) < PASSED else -1))
    opinions_load(SYSTEM, OpinionsDraft(assembly=assembly.pk, votes=votes))
    opinions_refresh(SYSTEM, assembly.pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TrusteeKeys:
    number: int
    sign: int
    box: int


def _frozen(stage: SampleAssembly, assembly: Assembly, people: Sequence[Person]) -> tuple[Poll, list[_TrusteeKeys]]:
    manifest = {
        "rule": "equal-shares",
        "satisfaction": "cost",
        "completion": "add1",
        "step": max(LEAST_STEP_WON, stage.budget_won // len(people) // STEPS // LEAST_STEP_WON * LEAST_STEP_WON),
        "stop": "first-exhaustive",
        "ballot": {"type": "approval", "min_length": 1, "max_length": MOST_CHOICES},
        "eligibility": {"dong": stage.dong.code, "min_age": LEAST_AGE},
    }
    draft = PollDraft(assembly=assembly.pk, manifest=manifest, threshold=THRESHOLD, batch=BATCH)
    poll = poll_prepare(stage.officer, draft)
    keys = []
    for number in range(1, TRUSTEES + 1):
        sign, box = scalar_drawn(secrets.token_bytes), scalar_drawn(secrets.token_bytes)
        points = {"sign": b64(public_point(sign)), "box": b64(public_point(box))}
        trustee = trustee_register(SYSTEM, TrusteeDraft(poll=poll.code, name=f"주민자치회 위원 {number}", **points))
        keys.append(_TrusteeKeys(number=trustee.number, sign=sign, box=box))
    return poll_freeze(stage.officer, poll.code), keys


def _voted(assembly: Assembly, poll: Poll, people: Sequence[Person]) -> None:
    _turned(assembly, Phase.VOTE)
    chance = np.random.default_rng([SEED, assembly.pk, 2])
    header = poll_header(poll)
    liked = {proposal.title: proposal.liked_by for proposal in PROPOSALS}
    rows = [(project["id"], liked[project["name"]]) for project in header.value["projects"]]
    for place, person in enumerate(people):
        if chance.random() > TURNOUT:
            continue
        likes = [code for code, by in rows if chance.integers(100) < by[place % 2]] or [rows[place % len(rows)][0]]
        chosen = sorted(chance.permutation(likes)[:MOST_CHOICES].tolist())
        ballot_cast(VISITOR, _ballot(header, person, {"approve": chosen}))


def _ballot(header: Header, person: Person, choice: dict[str, list[str]]) -> BallotDraft:
    """Do what a resident's phone does: draw a secret, have it signed blindly, seal the choice."""
    secret, prefix = secrets.token_bytes(DIGEST_BYTES), secrets.token_bytes(PREFIX_BYTES)
    token, key = turn_key(secret, 0), header.token
    message = prepared(prefix, token)
    factor = blinding_factor(key, secrets.token_bytes)
    blinded, inverse = blind(key, message, secrets.token_bytes(SALT_BYTES), factor)
    answer = token_issue(SYSTEM, TokenDraft(poll=header.poll, blinded=b64(blinded), person=person.pk))
    signature = finalize(key, message, unb64(answer), inverse)
    nonce = secrets.token_bytes(NONCE_BYTES)
    text = plaintext(choice, nonce, header.pad)
    closed = sealed(text, header.seal, poll=header.poll, associated=token, random_bytes=secrets.token_bytes)
    voting = Voting(token=token, prefix=prefix, signature=signature, turn=1, turn_key=turn_key(secret, 1))
    return BallotDraft(
        poll=header.poll, body=ballot_body(voting, commitment(choice, nonce), closed), sealed=b64(closed)
    )


def _counted(stage: SampleAssembly, assembly: Assembly, poll: Poll, keys: Sequence[_TrusteeKeys]) -> None:
    """Close the box; let the council sign it, post its shares and open the ballots."""
    _turned(assembly, Phase.COUNT)
    poll_close(stage.officer, poll.code)
    state = box_state(poll_get(poll.code))
    message = head_message(poll.code, state.entries, state.head)
    shares = {trustee.number: trustee.sealed_share for trustee in trustees_of(poll)}
    for key in keys:
        signature = b64(signed(message, key.sign))
        head = HeadDraft(
            poll=poll.code, seq=state.entries, head=state.head, signature=signature, trustee=key.number,
        )  # fmt: skip
        head_sign(SYSTEM, head)
        associated = f"share:{key.number}".encode()
        share = unsealed(unb64(shares[key.number]), private_key(key.box), poll=poll.code, associated=associated)
        share_post(SYSTEM, ShareDraft(poll=poll.code, share=b64(share), trustee=key.number))
    poll_open(SYSTEM, poll.code)


def electorate(dong: Dong) -> list[Person]:
    """Return the sample's residents of a dong who are old enough to vote."""
    today = timezone.localdate()
    latest = today.replace(year=today.year - LEAST_AGE - 1, day=1)
    persons = Person.objects.filter(dong=dong, is_sample=True, user=None)
    return [person for person in persons if person.birth_date is not None and person.birth_date < latest]


def _turned(assembly: Assembly, phase: Phase) -> None:
    sample_calendar_set(SYSTEM, assembly.pk, _now(phase))


def _now(phase: Phase) -> tuple[Span, ...]:
    """Return a calendar in which a phase is open now."""
    moment = timezone.now()
    return (Span(phase=phase, begins_at=moment - timedelta(hours=1), ends_at=moment + timedelta(days=1)),)


def _in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)
