"""Seo-gu with something of everything: reports, an agenda, money, evidence, pledges, a project; and the same bare."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from django.utils import timezone

from madang.rooms.autonomy.models import AgendaItem
from madang.rooms.autonomy.services import (
    DecisionDraft,
    DeliveryDraft,
    IssueDraft,
    TakeDraft,
    agenda_decide,
    agenda_deliver,
    agenda_take,
    issue_report,
)
from madang.rooms.projects.models import Pledge, Project
from madang.rooms.projects.services import (
    MilestoneDraft,
    ProjectDraft,
    ReachDraft,
    milestone_reach,
    pledges_assess,
    pledges_file_of,
    pledges_load,
    project_open,
)
from madang.yard.audit.authority import SYSTEM, VISITOR
from madang.yard.evidence.services import (
    IndicatorDraft,
    ObservationBatch,
    SignalDraft,
    indicator_define,
    observation_enter_many,
    signal_raise,
)
from madang.yard.ledger.models import FundLevel, Programme, RevenueSource
from madang.yard.ledger.services import (
    AppropriationDraft,
    ExpenditureDraft,
    FundDraft,
    LineDraft,
    RevenueDraft,
    appropriation_enter,
    expenditure_enter,
    fund_open,
    line_open,
    revenue_enter,
)
from madang.yard.places.models import District, Dong
from madang.yard.places.selectors import dongs_of
from madang.yard.places.services import district_adopt

CODE = "29140"
ELDERS = IndicatorDraft(
    code="care.elders-alone",
    room="care",
    name_ko="홀로 사는 65세 이상 주민",
    name_en="Residents of 65 and over who live alone",
    unit="persons",
    definition_ko="한 사람 가구인 65세 이상 주민의 수",
    definition_en="Residents of 65 and over in households of one person",
    source_ko="시험 자료",
    source_en="Test data",
    direction="down",
    frequency="year",
    decimals=0,
    sensitive=True,
)
_KEPT: dict[str, list[dict[str, object]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """The district with its records: three items (open, decided, delivered), a project, its pledge."""

    district: District
    dongs: list[Dong]
    open: AgendaItem
    delivered: AgendaItem
    project: Project
    pledge: Pledge

    @property
    def dong(self) -> Dong:
        """Return the dong where everything happens."""
        return self.dongs[0]


def adopt() -> District:
    """Adopt Seo-gu; drawing it takes a while, so its rows are kept from the first time on."""
    if not _KEPT:
        district_adopt(SYSTEM, CODE, is_sample=True)
        _KEPT["district"], _KEPT["dongs"] = list(District.objects.values()), list(Dong.objects.values())
    else:
        District.objects.bulk_create(District(**row) for row in _KEPT["district"])
        Dong.objects.bulk_create(Dong(**row) for row in _KEPT["dongs"])
    return District.objects.get()


def matter(dong: Dong, title: str, room: str = "autonomy") -> AgendaItem:
    """Report something and put it on the dong's agenda."""
    draft = IssueDraft(key=uuid4().hex, text="골목이 어두워요. 김민준 010-1234-5678", category="light", dong=dong.code)
    issue = issue_report(VISITOR, draft)
    return agenda_take(SYSTEM, TakeDraft(title=title, room=room, reason="여럿이 알렸습니다.", issues=[issue.pk]))


def evidence(district: District, dongs: list[Dong]) -> None:
    """Enter counts of persons, one of them small, and raise a signal."""
    indicator_define(SYSTEM, ELDERS)
    counts = [3, *(200 + 10 * place for place in range(1, len(dongs)))]
    batch = ObservationBatch(
        indicator=ELDERS.code,
        places=[*(dong.code for dong in dongs), district.code],
        periods=["2026"] * (len(dongs) + 1),
        values=np.array([*counts, sum(counts)], np.float64),
        status="sample",
    )
    observation_enter_many(SYSTEM, batch)
    signal = SignalDraft(
        key="care:test", room="care", place=dongs[0].code, topic="elders-alone", text_ko="홀로 사는 어르신이 많습니다.",
        text_en="Many older residents live alone.", severity=2,
    )  # fmt: skip
    signal_raise(SYSTEM, signal)


def furnish() -> Yard:
    """Adopt the district and put something of everything into it."""
    district = adopt()
    dongs = dongs_of(district)
    today = timezone.localdate()
    pledges_load(SYSTEM, pledges_file_of(CODE, starts_on=today.replace(day=1) - timedelta(days=120)))
    evidence(district, dongs)
    matter(dongs[1], "어린이 통학로 그늘막", "climate")
    opened = matter(dongs[0], "골목 가로등 세 개")
    done = matter(dongs[0], "놀이터 모래 갈기")
    votes = {"votes_for": 41, "votes_against": 3, "votes_cast": 45}
    agenda_decide(
        SYSTEM,
        DecisionDraft(item=done.pk, title="모래를 간다", rationale="오래됐습니다.", budget_won=3_000_000, **votes),
    )
    programme = Programme.objects.get(code="autonomy-budget")
    fund = fund_open(
        SYSTEM,
        FundDraft(
            code="TEST", name_ko="일반회계", name_en="General account", level=FundLevel.DISTRICT, place=CODE,
            fiscal_year=today.year,
        ),
    )  # fmt: skip
    revenue_enter(SYSTEM, RevenueDraft(fund=fund, source=RevenueSource.LOCAL_TAX, amount_won=500_000_000))
    line = line_open(
        SYSTEM, LineDraft(fund=fund, place=dongs[0].code, programme=programme, title="놀이터 모래", owner="양동")
    )
    appropriation_enter(SYSTEM, AppropriationDraft(line=line, amount_won=123_000_000))
    expenditure_enter(SYSTEM, ExpenditureDraft(line=line, amount_won=2_500_000, memo="납품"))
    project = project_open(
        SYSTEM,
        ProjectDraft(
            programme=programme, title="놀이터 모래 갈기", owner="양동 주민자치회", origin=f"agenda:{done.pk}",
            origin_url=f"/agenda/{done.pk}/", dong=dongs[0].code, budget_won=3_000_000, line=line,
            milestones=[MilestoneDraft(name_ko="완료", name_en="Done", due_on=today + timedelta(days=30))],
        ),
    )  # fmt: skip
    pledges_assess(SYSTEM, "before")
    milestone_reach(SYSTEM, ReachDraft(milestone=project.milestones.get().pk, note="확인했습니다."))
    agenda_deliver(SYSTEM, DeliveryDraft(item=done.pk, reason="모래를 갈았습니다."))
    pledges_assess(SYSTEM, "after")
    return Yard(
        district=district,
        dongs=dongs,
        open=opened,
        delivered=AgendaItem.objects.get(pk=done.pk),
        project=project,
        pledge=Pledge.objects.get(code="autonomy"),
    )


@pytest.fixture
def bare(db: None) -> District:
    """Return a district with nothing in it but its dongs."""
    return adopt()


@pytest.fixture
def yard(db: None) -> Yard:
    """Return the furnished district."""
    return furnish()
