"""One complete turn of the cycle on a sample district, so that it is alive from its first minute.

Everything goes through the same services that people use, in the roles that people have, inside one transaction: a
start that is killed leaves nothing half done, and a second start finds the turn and does nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from madang.numerics.errors import Conflict
from madang.plaza.workflows.delivery import FundingDraft, ProjectDelivery, decision_fund, project_deliver
from madang.plaza.workflows.sample_assembly import (
    LEAST_ELECTORATE,
    SampleAssembly,
    assembly_decided,
    assembly_proposing,
    assembly_voting,
    electorate,
)
from madang.plaza.workflows.sample_council import council_drawn, money_handed_down
from madang.plaza.workflows.sample_texts import FIRST, MATTERS, REPORTS, SampleReport
from madang.rooms.autonomy.engine.agenda import Outcome
from madang.rooms.autonomy.models import Channel, Issue
from madang.rooms.autonomy.services import (
    AnswerDraft,
    DecisionDraft,
    IssueDraft,
    TakeDraft,
    agenda_answer,
    agenda_decide,
    agenda_take,
    issue_report,
)
from madang.rooms.care.services import elders_observe
from madang.rooms.climate.services import homes_observe, use_observe
from madang.rooms.health.services import profile_observe, profiles_count
from madang.rooms.projects.engine.pledge_tree import month_after
from madang.rooms.projects.services import MilestoneDraft, pledges_assess, pledges_file_of, pledges_load
from madang.ui.terminal import translate as _
from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.evidence.models import Signal
from madang.yard.evidence.selectors import signals_open
from madang.yard.ledger.models import Fund, FundLevel, Programme, RevenueSource
from madang.yard.ledger.selectors import places_money
from madang.yard.ledger.services import (
    FundDraft,
    RevenueDraft,
    TransferDraft,
    fund_open,
    revenue_enter,
    transfer_enter,
)
from madang.yard.people.engine.population import Population
from madang.yard.places.models import District, Dong
from madang.yard.places.selectors import district_current

KEY = "sample-first-turn-{:04d}"
TERM_BEGAN_MONTHS_AGO = 4
WHO = "sample"
"""The account that the sample's acts are written down under; it is nobody's."""

DISTRICT_WON = 1_800_000_000
DONG_WON, DONG_WON_A_PERSON = 30_000_000, 1_500
SHADE_WON, LAMP_WON, SAVED_WON = 24_000_000, 9_000_000, 800_000

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What the turn is played on: the district, its dongs by residents, the day."""

    district: District
    dongs: Sequence[Dong]
    today: date

    def dong(self, rank: int) -> Dong:
        """Return the dong of a rank; a small district begins again from its first."""
        if rank == FIRST:
            return min(self.dongs, key=lambda dong: dong.code)
        return self.dongs[rank % len(self.dongs)]

    def ago(self, days: int) -> date:
        """Return a day so many days ago."""
        return self.today - timedelta(days=days)

    def ago_this_year(self, days: int) -> date:
        """Return the same, but not before this year's first day: money belongs to its year."""
        return max(self.ago(days), self.today.replace(month=1, day=1))


def first_cycle_was_run() -> bool:
    """Return whether the turn has been run here."""
    return Issue.objects.filter(idempotency_key=KEY.format(0)).exists()


@transaction.atomic
def first_cycle(population: Population, *, progress: Progress | None = None) -> bool:
    """Run one turn on the sample; return whether it was run now.

    Parameters
    ----------
    population : Population
        The district's synthetic population.
    progress : callable, optional
        Told the fraction done and the step.

    Raises
    ------
    Conflict
        If the district's data are real.
    """
    district = district_current()
    if not district.is_sample:
        raise Conflict("district_is_real", "the first turn is played on samples only", {"district": district.code})
    if first_cycle_was_run():
        return False
    tell = progress or (lambda _fraction, _step: None)
    stage = _stage(district, population)
    tell(0.0, _("loading the pledges"))
    pledges_load(SYSTEM, pledges_file_of(district.code, _term_start(stage.today)))
    tell(0.1, _("computing evidence from the sample population"))
    elders_observe(SYSTEM, population)
    profile_observe(SYSTEM, population)
    homes_observe(SYSTEM, population)
    use_observe(SYSTEM, population)
    tell(0.4, _("judging the pledges as they stand"))
    pledges_assess(SYSTEM, "before the first turn")
    tell(0.5, _("giving the dongs their budgets"))
    funds = _budgets(stage)
    tell(0.65, _("residents report, the dongs take up and decide"))
    issues = [_reported(stage, number, report) for number, report in enumerate(REPORTS)]
    shade, lamp, *_others = _agenda(stage, issues)
    _decided(stage, shade, lamp)
    tell(0.8, _("delivering what was decided"))
    _delivered(stage, funds, shade, lamp)
    profiles_count(SYSTEM)
    tell(0.85, _("the assemblies propose, discuss, vote and count"))
    _assemblies(stage, funds)
    tell(0.95, _("judging the pledges again"))
    pledges_assess(SYSTEM, "after the first turn")
    tell(1.0, _("the first turn is done"))
    return True


def _stage(district: District, population: Population) -> _Stage:
    residents = population.persons_by_dong
    dongs = list(district.dongs.defer("boundary", "outline"))
    ranked = sorted(dongs, key=lambda dong: (-residents.get(dong.code, 0), dong.code))
    return _Stage(district=district, dongs=ranked, today=timezone.localdate())


def _term_start(today: date) -> date:
    return month_after(today.replace(day=1), -TERM_BEGAN_MONTHS_AGO)


def _actor(role: Role, place: str) -> Actor:
    return Actor(role=role, place=place, user=WHO)


def _budgets(stage: _Stage) -> dict[str, Fund]:
    """Give the district its revenue, and each dong a budget that grows with its residents."""
    year, district = stage.today.year, stage.district
    treasurer = _actor(Role.ADMINISTRATOR, district.code)
    source = fund_open(
        treasurer,
        FundDraft(
            code=f"{district.code}-{year}", name_ko=f"{district.name_ko} 일반회계",
            name_en=f"General account of {district.name_en}", level=FundLevel.DISTRICT, place=district.code,
            fiscal_year=year,
        ),
    )  # fmt: skip
    for kind, share in (
        (RevenueSource.LOCAL_TAX, 45), (RevenueSource.ADJUSTMENT_GRANT, 35), (RevenueSource.NATIONAL_SUBSIDY, 20),
    ):  # fmt: skip
        amount = _district_won(stage) * share // 100
        revenue_enter(
            treasurer,
            RevenueDraft(
                fund=source,
                source=kind,
                amount_won=amount,
                memo="예시 금액",
                date=stage.ago_this_year(366),
                key=f"sample-{kind}",
            ),
        )
    funds = {}
    for dong in stage.dongs:
        fund = fund_open(
            treasurer,
            FundDraft(
                code=f"{dong.code}-{year}", name_ko=f"{dong.name_ko} 주민참여예산",
                name_en=f"Participatory budget of {dong.name_en}", level=FundLevel.DONG, place=dong.code,
                fiscal_year=year,
            ),
        )  # fmt: skip
        transfer_enter(
            treasurer,
            TransferDraft(
                giver=source, taker=fund, amount_won=_dong_won(dong), memo="주민참여예산 배분 (예시)",
                date=stage.ago_this_year(366),
                key=f"sample-{dong.code}",
            ),
        )  # fmt: skip
        funds[dong.code] = fund
    return funds


def _dong_won(dong: Dong) -> int:
    return (DONG_WON + DONG_WON_A_PERSON * (dong.population or 0)) // 100_000 * 100_000


def _district_won(stage: _Stage) -> int:
    return max(DISTRICT_WON, 2 * sum(_dong_won(dong) for dong in stage.dongs))


def _reported(stage: _Stage, number: int, report: SampleReport) -> Issue:
    dong = stage.dong(report.dong)
    draft = IssueDraft(
        key=KEY.format(number),
        text=report.text,
        category=report.category,
        dong=dong.code,
        lon=dong.lon if report.has_point else None,
        lat=dong.lat if report.has_point else None,
        channel=Channel.PAGE.value,
        reported_at=timezone.now() - timedelta(days=report.days_ago),
    )
    return issue_report(SYSTEM, draft)


def _agenda(stage: _Stage, issues: Sequence[Issue]) -> list[int]:
    """Take up what was reported and signalled, answer some of it, decide two; return the keys in the texts' order."""
    items = []
    for matter in MATTERS:
        dong = stage.dong(REPORTS[matter.reports[0]].dong)
        draft = TakeDraft(
            title=f"{dong.name_ko} {matter.title}",
            room=matter.room,
            summary=matter.summary,
            reason=matter.reason,
            issues=[issues[report].pk for report in matter.reports],
            shows_point=True,
            pledge=matter.pledge,
            on=stage.ago(matter.days_ago),
        )
        items.append(agenda_take(_actor(Role.DONG_OFFICER, dong.code), draft).pk)
    signal = _signal(stage)
    if signal is not None:
        draft = TakeDraft(
            title=signal.text_ko[:120], room=signal.room, reason="방에서 계산한 신호입니다.", signal=signal.pk,
        )  # fmt: skip
        agenda_take(_actor(Role.DONG_OFFICER, signal.place), draft)
    pavement, swing = items[2], items[3]
    promise = AnswerDraft(
        item=pavement, outcome=Outcome.PROMISED, on=stage.ago(14), reason="이번 달 안에 구청 도로 담당이 고칩니다."
    )
    agenda_answer(_actor(Role.DONG_OFFICER, stage.dong(1).code), promise)
    explanation = AnswerDraft(
        item=swing, outcome=Outcome.EXPLAINED, on=stage.ago(10),
        reason="점검해 보니 줄을 바꿀 때가 아니어서, 다음 점검일을 앞당겼습니다.",
    )  # fmt: skip
    agenda_answer(_actor(Role.DONG_OFFICER, stage.dong(4).code), explanation)
    return items


def _signal(stage: _Stage) -> Signal | None:
    """Return the climate room's most urgent signal of a dong; those of other rooms stay open for the desk."""
    dongs = {dong.code for dong in stage.dongs}
    return next((found for found in signals_open() if found.room == "climate" and found.place in dongs), None)


def _decided(stage: _Stage, shade: int, lamp: int) -> None:
    agenda_decide(
        _actor(Role.COUNCIL_MEMBER, stage.dong(0).code),
        DecisionDraft(
            item=shade, title=f"{stage.dong(0).name_ko} 통학로 그늘막 설치", budget_won=SHADE_WON, votes_for=212,
            votes_against=18, votes_cast=241, on=stage.ago(11),
            rationale="여름 한낮 통학로가 가장 덥고, 많은 아이가 날마다 다닙니다.",
        ),
    )  # fmt: skip
    agenda_decide(
        _actor(Role.COUNCIL_MEMBER, stage.dong(2).code),
        DecisionDraft(
            item=lamp, title=f"{stage.dong(2).name_ko} 공원 가로등 교체", budget_won=LAMP_WON, votes_for=97,
            votes_against=6, votes_cast=109, on=stage.ago(8),
            rationale="밤에 공원을 지나는 주민의 안전을 먼저 생각했습니다.",
        ),
    )  # fmt: skip


def _delivered(stage: _Stage, funds: dict[str, Fund], shade: int, lamp: int) -> None:
    """Fund both decisions; deliver the first to its end, leave the second on its way."""
    programme = Programme.objects.get(code="autonomy-budget")
    for rank, item in ((0, shade), (2, lamp)):
        dong = stage.dong(rank)
        officer = _actor(Role.DONG_OFFICER, dong.code)
        project = decision_fund(
            officer,
            FundingDraft(
                item=item,
                fund=funds[dong.code],
                programme=programme,
                owner=f"{dong.name_ko} 행정복지센터",
                milestones=(
                    MilestoneDraft(name_ko="업체 선정", name_en="Contractor chosen", due_on=stage.today),
                    MilestoneDraft(name_ko="설치 완료", name_en="Installed", due_on=stage.today + timedelta(days=60)),
                ),
                on=stage.ago_this_year(7),
            ),
        )
        chosen = ProjectDelivery(project=project.pk, note="견적을 비교해 업체를 골랐습니다.", on=stage.ago_this_year(5))
        project_deliver(officer, chosen)
        if item == shade:
            done = ProjectDelivery(
                project=project.pk, note="그늘막 네 개를 놓았습니다. 누구나 와서 보실 수 있습니다.",
                paid_won=SHADE_WON - SAVED_WON, on=stage.ago_this_year(1),
            )  # fmt: skip
            project_deliver(officer, done)


def _assemblies(stage: _Stage, funds: dict[str, Fund]) -> None:
    """Let one assembly end with projects, one vote and one take proposals; a dong holds one at most."""
    purses = places_money(stage.today.year)
    wanted = ((stage.dong(FIRST), assembly_voting, 52), (stage.dong(1), assembly_decided, 70))
    held: set[str] = set()
    for dong, play, day in (*wanted, (stage.dong(2), assembly_proposing, 7)):
        if dong.code not in held and len(electorate(dong)) >= LEAST_ELECTORATE:
            held.add(dong.code)
            purse = purses[dong.code].unallocated_won
            play(SampleAssembly(dong=dong, fund=funds[dong.code], purse_won=purse, day=day))
    council_drawn(stage.dong(0), electorate(stage.dong(0)))
    money_handed_down(stage.dongs, sum(_dong_won(dong) for dong in stage.dongs))
