"""A dong that holds its assembly: a fund, a calendar that can be turned to any phase, residents with accounts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.conftest import SeoGu
from tests.yard.people.conftest import draft as person_draft
from tests.yard.people.conftest import second_factor, signed_in

from madang.rooms.autonomy.engine.phases import Phase, Span
from madang.rooms.autonomy.models import Assembly, AssemblyPhase, Proposal
from madang.rooms.autonomy.services import (
    AssemblyDraft,
    EstimateDraft,
    ProposalAnswerDraft,
    ProposalDraft,
    assembly_call,
    proposal_answer,
    proposal_estimate,
    proposal_submit,
)
from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.ledger.models import Fund, FundLevel
from madang.yard.people.models import Person, RoleAssignment, User
from madang.yard.people.services import person_add

BUDGET_WON = 300_000_000
WEEK = timedelta(days=7)


def spans_at(phase: Phase, now: datetime | None = None) -> tuple[Span, ...]:
    """Return a calendar of weeks, one a phase, in whose middle of the given phase it is now."""
    begin = (now or timezone.now()) - WEEK / 2 - WEEK * list(Phase).index(phase)
    return tuple(
        Span(phase=each, begins_at=begin + WEEK * place, ends_at=begin + WEEK * (place + 1))
        for place, each in enumerate(Phase)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A person with an account, as an actor in one role."""

    person: Person
    user: User
    actor: Actor

    @property
    def client(self) -> Client:
        return signed_in(self.user)


def entered(role: Role, place: str) -> Client:
    """Return a browser signed in, with a second factor, in a role at a place."""
    user = user_make(role, place)
    second_factor(user)
    return signed_in(user)


def user_make(role: Role, place: str) -> User:
    """Return an account without a password: hashing one takes longer than everything else that these tests do."""
    user = User.objects.create(username=f"account-{uuid4().hex[:12]}", password="!")
    RoleAssignment.objects.create(user=user, role=role.value, place=place)
    return user


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """An assembly, and the people who meet there."""

    seo_gu: SeoGu
    assembly: Assembly

    @property
    def dong(self) -> str:
        return self.seo_gu.dong.code

    def turn_to(self, phase: Phase) -> None:
        """Let it be the middle of a phase."""
        AssemblyPhase.objects.filter(assembly=self.assembly).delete()
        AssemblyPhase.objects.bulk_create(
            AssemblyPhase(
                assembly=self.assembly, phase=span.phase.value, begins_at=span.begins_at, ends_at=span.ends_at
            )
            for span in spans_at(phase)
        )

    def resident(self, role: Role = Role.RESIDENT, dong: str = "", name: str = "홍길동") -> Resident:
        place = dong or self.dong
        person = person_add(SYSTEM, person_draft(place, name=name))
        user = user_make(role, place)
        person.user = user
        person.save(update_fields=["user"])
        return Resident(person=person, user=user, actor=Actor(role=role, place=place, user=str(user.pk)))

    def draft(self, **changes: object) -> ProposalDraft:
        values: dict[str, object] = {
            "assembly": self.assembly.pk,
            "key": uuid4().hex,
            "title": "어린이 통학로 그늘막",
            "text": "학교 앞 길에 여름 볕을 가릴 그늘막을 세웁시다.",
            "category": "heat-cold",
            **changes,
        }
        return ProposalDraft(**values)  # type: ignore[arg-type]  # a test's loose values

    def proposed(self, by: Resident | None = None, **changes: object) -> Proposal:
        who = by or self.resident()
        return proposal_submit(who.actor, self.draft(**changes))

    def admitted(self, by: Resident | None = None, *, cost_won: int = 24_000_000, **changes: object) -> Proposal:
        proposal = self.proposed(by, **changes)
        estimate = EstimateDraft(proposal=proposal.pk, cost_won=cost_won, basis="비슷한 공사 세 곳의 평균")
        proposal_estimate(self.seo_gu.officer, estimate)
        answer = ProposalAnswerDraft(proposal=proposal.pk, admit=True, reason="우리 동이 할 수 있는 일입니다.")
        return proposal_answer(self.seo_gu.officer, answer)


def call_draft(dong: str, phase: Phase = Phase.PROPOSE, **changes: object) -> AssemblyDraft:
    values: dict[str, object] = {
        "dong": dong,
        "year": 2027,
        "title": "2026 주민총회",
        "about": "내년 우리 동 예산을 함께 정합니다.",
        "budget_won": BUDGET_WON,
        "fund": "dong-fund",
        "spans": spans_at(phase),
        **changes,
    }
    return AssemblyDraft(**values)  # type: ignore[arg-type]  # a test's loose values


@pytest.fixture
def fund(seo_gu: SeoGu) -> Fund:
    return Fund.objects.create(
        code="dong-fund", name_ko="동 자치 기금", level=FundLevel.DONG, place=seo_gu.dong.code, fiscal_year=2027
    )


@pytest.fixture
def hall(seo_gu: SeoGu, fund: Fund) -> Hall:
    return Hall(seo_gu=seo_gu, assembly=assembly_call(seo_gu.officer, call_draft(seo_gu.dong.code)))
