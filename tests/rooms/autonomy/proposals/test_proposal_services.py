"""Proposals: submitted once, answered with reasons, merged by consent, and never inconsistent with their history."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.autonomy.conftest import BUDGET_WON, Hall, Resident

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.engine.phases import OPENS, Deed, Phase
from madang.rooms.autonomy.engine.proposals import LIVE_STATES, ProposalState, state_after
from madang.rooms.autonomy.models import (
    Argument,
    MergeOffer,
    OfferState,
    Poll,
    PollProject,
    Proposal,
    ProposalMove,
)
from madang.rooms.autonomy.selectors.proposals import arguments_of, is_author, proposals_admitted, proposals_own
from madang.rooms.autonomy.services import (
    ArgumentDraft,
    EstimateDraft,
    HideDraft,
    MergeAnswerDraft,
    MergeOfferDraft,
    ProposalAnswerDraft,
    argument_hide,
    argument_make,
    merge_answer,
    merge_offer,
    proposal_answer,
    proposal_estimate,
    proposal_submit,
    proposal_withdraw,
)
from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.audit.models import Record

pytestmark = pytest.mark.django_db


def estimate(proposal: Proposal, cost_won: int = 24_000_000) -> EstimateDraft:
    return EstimateDraft(proposal=proposal.pk, cost_won=cost_won, basis="비슷한 공사 세 곳의 평균")


def admit(proposal: Proposal) -> ProposalAnswerDraft:
    return ProposalAnswerDraft(proposal=proposal.pk, admit=True, reason="할 수 있는 일입니다.")


def decline(proposal: Proposal) -> ProposalAnswerDraft:
    return ProposalAnswerDraft(proposal=proposal.pk, admit=False, reason="국가가 맡은 길입니다.")


def offer(proposal: Proposal, into: Proposal) -> MergeOfferDraft:
    return MergeOfferDraft(proposal=proposal.pk, into=into.pk, reason="같은 길 이야기입니다.")


def argue(proposal: Proposal, **changes: object) -> ArgumentDraft:
    values = {
        "proposal": proposal.pk,
        "key": uuid4().hex,
        "side": "for",
        "text": "여름에 아이들이 힘듭니다.",
        **changes,
    }
    return ArgumentDraft(**values)  # type: ignore[arg-type]  # a test's loose values


def test_a_proposal_goes_from_a_sentence_to_the_ballot(hall: Hall) -> None:
    author = hall.resident()
    proposal = hall.admitted(author)
    assert (proposal.state, proposal.code, proposal.cost_won) == ("admitted", "P01", 24_000_000)
    assert proposals_admitted(hall.assembly) == [proposal]
    assert list(proposal.moves.values_list("source", "state", "cost_won", "role")) == [
        ("", "submitted", None, "resident"),
        ("submitted", "submitted", 24_000_000, "dong_officer"),
        ("submitted", "admitted", None, "dong_officer"),
    ]
    assert is_author(author.actor, proposal)
    assert not is_author(hall.resident().actor, proposal)
    assert proposals_own(author.actor) == [(proposal, None)]


def test_a_proposal_sent_twice_is_one(hall: Hall) -> None:
    author, draft = hall.resident(), hall.draft()
    assert proposal_submit(author.actor, draft) == proposal_submit(author.actor, draft)
    assert Proposal.objects.count() == ProposalMove.objects.count() == 1
    with pytest.raises(Conflict) as refusal:
        proposal_submit(hall.resident().actor, draft)
    assert refusal.value.code == "key_used"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"title": " "}, "text_missing", "title"),
        ({"title": "가" * 121}, "text_too_long", "title"),
        ({"text": ""}, "text_missing", "text"),
        ({"text": "연락은 010-1234-5678 로"}, "personal_data", "text"),
        ({"category": "nonsense"}, "category_unknown", "category"),
        ({"key": "short"}, "key_length", "key"),
        ({"lon": 0.0, "lat": 0.0}, "outside_dong", "place"),
        ({"lon": 900.0, "lat": 900.0}, "outside_dong", "place"),
        ({"item": 1}, "item_elsewhere", "item"),
    ],
)
def test_what_a_proposal_cannot_be(hall: Hall, changes: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        hall.proposed(**changes)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not Proposal.objects.exists()


def test_a_place_in_the_dong_is_kept_and_one_next_door_is_not(hall: Hall) -> None:
    dong, other = hall.seo_gu.dong, hall.seo_gu.other
    assert hall.proposed(lon=dong.lon, lat=dong.lat).lon == dong.lon
    with pytest.raises(DomainError) as refusal:
        hall.proposed(lon=other.lon, lat=other.lat)
    assert refusal.value.code == "outside_dong"


def test_nobody_floods_the_assembly(hall: Hall) -> None:
    author = hall.resident()
    proposals = [hall.proposed(author) for _ in range(5)]
    with pytest.raises(Conflict) as refusal:
        hall.proposed(author)
    assert refusal.value.code == "too_many"
    proposal_withdraw(author.actor, proposals[0].pk)
    assert hall.proposed(author).pk


SUBMITTERS = {Role.RESIDENT, Role.COUNCIL_MEMBER, Role.SYSTEM}
OFFICE = {Role.DONG_OFFICER, Role.ADMINISTRATOR, Role.SYSTEM}
JOINERS = OFFICE | {Role.COUNCIL_MEMBER}

Deeds = dict[str, tuple[set[Role], set[ProposalState], Callable[[Actor, Proposal, Proposal], object]]]
# What is done: who may, from which states, and how. Withdrawing and consenting are the author's alone.
DEEDS: Deeds = {
    "estimate": (OFFICE, set(LIVE_STATES), lambda actor, proposal, _o: proposal_estimate(actor, estimate(proposal))),
    "admit": (
        OFFICE,
        {ProposalState.SUBMITTED, ProposalState.DECLINED},
        lambda actor, proposal, _o: proposal_answer(actor, admit(proposal)),
    ),
    "decline": (OFFICE, set(LIVE_STATES), lambda actor, proposal, _o: proposal_answer(actor, decline(proposal))),
    "offer": (JOINERS, set(LIVE_STATES), lambda actor, proposal, other: merge_offer(actor, offer(proposal, other))),
    "withdraw": (set(), set(LIVE_STATES), lambda actor, proposal, _o: proposal_withdraw(actor, proposal.pk)),
}


def brought_to(hall: Hall, author: Resident, state: ProposalState) -> Proposal:
    proposal = hall.proposed(author)
    proposal_estimate(SYSTEM, estimate(proposal))
    if state in {ProposalState.ADMITTED, ProposalState.DECLINED}:
        proposal_answer(SYSTEM, admit(proposal) if state is ProposalState.ADMITTED else decline(proposal))
    if state is ProposalState.WITHDRAWN:
        proposal_withdraw(author.actor, proposal.pk)
    if state is ProposalState.MERGED:
        made = merge_offer(SYSTEM, offer(proposal, hall.proposed()))
        merge_answer(author.actor, MergeAnswerDraft(offer=made.pk, accept=True))
    return Proposal.objects.get(pk=proposal.pk)


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("state", ProposalState)
def test_who_may_do_what_from_where(hall: Hall, state: ProposalState, deed: str) -> None:
    allowed, sources, act = DEEDS[deed]
    proposal, other = brought_to(hall, hall.resident(), state), hall.proposed()
    before = (proposal.state, ProposalMove.objects.count(), MergeOffer.objects.count())
    for role in Role:
        actor = SYSTEM if role is Role.SYSTEM else hall.seo_gu.actor(role)
        if role not in (allowed or {Role.SYSTEM}):
            with pytest.raises((PermissionDenied, NotFound, Conflict)) as refusal:
                act(actor, proposal, other)
            assert refusal.value.code in {"not_permitted", "proposal_unknown", "not_a_resident"}, role
        elif state not in sources:
            with pytest.raises(Conflict) as refusal:
                act(actor, proposal, other)
            assert refusal.value.code == "moved_meanwhile", role
        else:
            with transaction.atomic():
                act(actor, proposal, other)
                after = (proposal.state, ProposalMove.objects.count(), MergeOffer.objects.count())
                assert after != before, role
                transaction.set_rollback(True)
        proposal.refresh_from_db()
        assert (proposal.state, ProposalMove.objects.count(), MergeOffer.objects.count()) == before, role


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_done_in_another_dong(hall: Hall, deed: str) -> None:
    proposal, other = hall.proposed(), hall.proposed()
    for role in JOINERS - {Role.SYSTEM}:
        with pytest.raises(PermissionDenied):
            DEEDS[deed][2](hall.seo_gu.actor(role, hall.seo_gu.other.code), proposal, other)


WHEN = {
    Deed.WITHDRAW: "withdraw",
    Deed.MERGE: "offer",
    Deed.ESTIMATE: "estimate",
    Deed.ANSWER: "decline",
}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("deed", WHEN)
def test_the_calendar_opens_it(hall: Hall, deed: Deed, phase: Phase) -> None:
    proposal, other = hall.proposed(), hall.proposed()
    hall.turn_to(phase)
    if deed in OPENS[phase]:
        assert DEEDS[WHEN[deed]][2](SYSTEM, proposal, other)
    else:
        with pytest.raises(Conflict) as refusal:
            DEEDS[WHEN[deed]][2](SYSTEM, proposal, other)
        assert refusal.value.code == "not_open_now"


@pytest.mark.parametrize("phase", Phase)
def test_proposals_and_arguments_have_their_time(hall: Hall, phase: Phase) -> None:
    author, proposal = hall.resident(), hall.proposed()
    hall.turn_to(phase)
    for deed, act in (
        (Deed.PROPOSE, lambda: hall.proposed(author)),
        (Deed.ARGUE, lambda: argument_make(author.actor, argue(proposal))),
    ):
        if deed in OPENS[phase]:
            assert act()
        else:
            with pytest.raises(Conflict):
                act()


@pytest.mark.parametrize("cost_won", [-1, 10**12 + 1])
def test_an_estimate_is_a_plausible_number(hall: Hall, cost_won: int) -> None:
    with pytest.raises(DomainError) as refusal:
        proposal_estimate(hall.seo_gu.officer, estimate(hall.proposed(), cost_won))
    assert refusal.value.code == "cost_not_valid"


def test_nothing_goes_to_the_vote_without_a_price_or_above_the_budget(hall: Hall) -> None:
    officer, proposal = hall.seo_gu.officer, hall.proposed()
    with pytest.raises(DomainError) as refusal:
        proposal_answer(officer, admit(proposal))
    assert refusal.value.code == "estimate_missing"
    proposal_estimate(officer, estimate(proposal, BUDGET_WON + 1))
    with pytest.raises(DomainError) as refusal:
        proposal_answer(officer, admit(proposal))
    assert refusal.value.code == "cost_over_budget"
    proposal_estimate(officer, estimate(proposal, BUDGET_WON))
    proposal_answer(officer, admit(proposal))
    with pytest.raises(DomainError) as refusal:
        proposal_estimate(officer, estimate(proposal, BUDGET_WON + 1))
    assert refusal.value.code == "cost_over_budget"
    proposal.refresh_from_db()
    assert (proposal.state, proposal.cost_won) == ("admitted", BUDGET_WON)


def test_a_code_is_given_once_and_stays(hall: Hall) -> None:
    officer, first, second = hall.seo_gu.officer, hall.admitted(), hall.admitted()
    assert (first.code, second.code) == ("P01", "P02")
    proposal_answer(officer, decline(first))
    assert hall.admitted().code == "P03"
    assert proposal_answer(officer, admit(first)).code == "P01"


def test_a_merge_needs_the_author_and_nobody_else(hall: Hall) -> None:
    author, neighbour = hall.resident(), hall.resident()
    proposal, into = hall.proposed(author), hall.admitted(neighbour)
    made = merge_offer(hall.seo_gu.council, offer(proposal, into))
    assert proposals_own(author.actor) == [(proposal, made.pk)]
    for stranger in (neighbour.actor, hall.seo_gu.officer, hall.seo_gu.council, hall.seo_gu.administrator):
        with pytest.raises((NotFound, PermissionDenied, Conflict)):
            merge_answer(stranger, MergeAnswerDraft(offer=made.pk, accept=True))
    argument_make(neighbour.actor, argue(proposal, text="가려던 길 그대로입니다."))
    argument_make(neighbour.actor, argue(into, side="against"))
    merge_answer(author.actor, MergeAnswerDraft(offer=made.pk, accept=True, answer="좋습니다."))
    proposal.refresh_from_db()
    assert (proposal.state, proposal.merged_into) == ("merged", into)
    found = arguments_of(into)
    assert [[argument.proposal_id for argument in found[side]] for side in ("for", "against")] == [
        [proposal.pk],
        [into.pk],
    ]
    with pytest.raises(Conflict) as refusal:
        merge_answer(author.actor, MergeAnswerDraft(offer=made.pk, accept=False))
    assert refusal.value.code == "offer_answered"


def test_a_refused_offer_changes_nothing_and_another_can_be_made(hall: Hall) -> None:
    author = hall.resident()
    proposal, into = hall.proposed(author), hall.proposed()
    made = merge_offer(hall.seo_gu.officer, offer(proposal, into))
    with pytest.raises(Conflict) as refusal:
        merge_offer(hall.seo_gu.officer, offer(proposal, into))
    assert refusal.value.code == "offer_open"
    merge_answer(author.actor, MergeAnswerDraft(offer=made.pk, accept=False, answer="다른 길입니다."))
    proposal.refresh_from_db()
    assert (proposal.state, MergeOffer.objects.get().state) == ("submitted", "refused")
    assert merge_offer(hall.seo_gu.officer, offer(proposal, into)).state == "open"


def test_what_stands_on_a_fixed_ballot_moves_no_more(hall: Hall) -> None:
    author, officer = hall.resident(), hall.seo_gu.officer
    proposal, other = hall.admitted(author), hall.admitted()
    poll = Poll.objects.create(assembly=hall.assembly, code="vote")
    project = {"code": proposal.code, "name": proposal.title, "cost_won": 24_000_000}
    PollProject.objects.create(poll=poll, proposal=proposal, **project)
    assert proposal_estimate(officer, estimate(proposal, 23_000_000)).cost_won == 23_000_000
    Poll.objects.filter(pk=poll.pk).update(state="frozen", header="{}", frozen_at=timezone.now())
    made = merge_offer(officer, offer(proposal, other))
    for act in (
        lambda: proposal_estimate(officer, estimate(proposal, 22_000_000)),
        lambda: proposal_answer(officer, decline(proposal)),
        lambda: proposal_withdraw(author.actor, proposal.pk),
        lambda: merge_answer(author.actor, MergeAnswerDraft(offer=made.pk, accept=True)),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "on_the_ballot"
    proposal.refresh_from_db()
    assert (proposal.state, proposal.cost_won) == ("admitted", 23_000_000)
    assert proposal_withdraw(SYSTEM, other.pk).state == "withdrawn"


@pytest.mark.parametrize("which", ["itself", "withdrawn", "declined", "elsewhere"])
def test_what_a_proposal_cannot_be_joined_with(hall: Hall, which: str) -> None:
    author = hall.resident()
    proposal, into = hall.proposed(author), hall.proposed(author)
    if which == "withdrawn":
        proposal_withdraw(author.actor, into.pk)
    if which == "declined":
        proposal_answer(SYSTEM, decline(into))
    target = {"itself": proposal.pk, "elsewhere": 0}.get(which, into.pk)
    with pytest.raises(DomainError) as refusal:
        merge_offer(hall.seo_gu.officer, MergeOfferDraft(proposal=proposal.pk, into=target, reason="r"))
    assert refusal.value.code == "merge_target"


@pytest.mark.parametrize("end", ["withdraw", "decline", "merge on"])
def test_an_offer_lapses_when_either_proposal_ends(hall: Hall, end: str) -> None:
    author = hall.resident()
    first, second, third = hall.proposed(author), hall.proposed(author), hall.proposed(author)
    made = merge_offer(SYSTEM, offer(first, second))
    if end == "withdraw":
        proposal_withdraw(author.actor, first.pk)
    elif end == "decline":
        proposal_answer(SYSTEM, decline(second))
    else:
        onward = merge_offer(SYSTEM, offer(second, third))
        merge_answer(author.actor, MergeAnswerDraft(offer=onward.pk, accept=True))
    made.refresh_from_db()
    assert (made.state, made.answered_at is not None) == ("lapsed", True)
    with pytest.raises(Conflict):
        merge_answer(author.actor, MergeAnswerDraft(offer=made.pk, accept=True))


def test_an_argument_sent_twice_is_one_and_a_hidden_one_says_why(hall: Hall) -> None:
    author, proposal = hall.resident(), hall.proposed()
    draft = argue(proposal)
    assert argument_make(author.actor, draft) == argument_make(author.actor, draft)
    with pytest.raises(Conflict):
        argument_make(hall.resident().actor, draft)
    argument = Argument.objects.get()
    for role in set(Role) - JOINERS:
        with pytest.raises(PermissionDenied):
            argument_hide(hall.seo_gu.actor(role), HideDraft(words=argument.pk, reason="r"))
    with pytest.raises(DomainError):
        argument_hide(hall.seo_gu.council, HideDraft(words=argument.pk, reason=" "))
    hidden = argument_hide(hall.seo_gu.council, HideDraft(words=argument.pk, reason="이웃을 헐뜯는 말입니다."))
    assert hidden.hidden_reason == "이웃을 헐뜯는 말입니다."
    with pytest.raises(Conflict):
        argument_hide(hall.seo_gu.officer, HideDraft(words=argument.pk, reason="r"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"side": "maybe"}, "side_unknown"), ({"text": ""}, "text_missing"), ({"text": "가" * 501}, "text_too_long")],
)
def test_what_an_argument_cannot_be(hall: Hall, changes: dict[str, object], code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        argument_make(hall.resident().actor, argue(hall.proposed(), **changes))
    assert refusal.value.code == code


def test_the_log_names_no_author_in_its_details(hall: Hall) -> None:
    author = hall.resident()
    proposal = hall.admitted(author)
    argument_make(author.actor, argue(proposal))
    for entry in Record.objects.filter(action__in=("proposal.submit", "argument.make")):
        assert str(author.person.pk) not in str(entry.detail)


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "nonsense"},
        {"state": "admitted"},
        {"state": "declined"},
        {"state": "merged"},
        {"cost_won": 5},
        {"cost_won": -5, "cost_basis": "b"},
        {"title": ""},
        {"lon": 1.0},
    ],
    ids=str,
)
def test_the_database_itself_refuses_what_cannot_be(hall: Hall, broken: dict[str, object]) -> None:
    proposal = hall.proposed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(**broken)


def test_history_only_grows(hall: Hall) -> None:
    hall.proposed()
    for statement in ("UPDATE autonomy_proposalmove SET reason = 'x'", "DELETE FROM autonomy_proposalmove"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


STEPS = ("estimate", "admit", "decline", "offer", "accept", "refuse", "withdraw", "argue")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2), st.integers(0, 2)), max_size=14))
def test_whatever_is_tried_in_whatever_order_the_state_is_that_of_the_history(
    hall: Hall, steps: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        author = hall.resident()
        proposals = [hall.proposed(author) for _ in range(3)]
        for deed, which, other in steps:
            try:
                _try(hall, author, deed, (proposals[which], proposals[other]))
            except DomainError:
                continue
        for proposal in Proposal.objects.filter(pk__in=[one.pk for one in proposals]):
            moves = list(proposal.moves.values_list("source", "state"))
            assert state_after(moves) is proposal.proposal_state
            assert (proposal.merged_into_id is not None) == (proposal.state == "merged")
            last = proposal.moves.exclude(cost_won=None).last()
            assert proposal.cost_won == (last.cost_won if last else None)
            open_offers = MergeOffer.objects.filter(proposal=proposal, state=OfferState.OPEN.value)
            assert open_offers.count() <= (1 if proposal.proposal_state in LIVE_STATES else 0)
            assert not open_offers.exclude(into__state__in=[state.value for state in LIVE_STATES]).exists()
        coded = Proposal.objects.filter(assembly=hall.assembly).exclude(code="").values_list("code", flat=True)
        assert len(set(coded)) == len(coded)
        transaction.set_rollback(True)


def _try(hall: Hall, author: Resident, deed: str, pair: tuple[Proposal, Proposal]) -> None:
    proposal, other = pair
    if deed in {"accept", "refuse"}:
        waiting = MergeOffer.objects.filter(proposal=proposal).first()
        if waiting is not None:
            merge_answer(author.actor, MergeAnswerDraft(offer=waiting.pk, accept=deed == "accept"))
    elif deed == "argue":
        argument_make(author.actor, argue(proposal))
    elif deed == "withdraw":
        proposal_withdraw(author.actor, proposal.pk)
    else:
        DEEDS[deed][2](hall.seo_gu.administrator, proposal, other)
