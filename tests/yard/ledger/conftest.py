"""A small district with money in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest
from django.db import connection

from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.ledger.models import Account, AccountKind, BudgetLine, Fund, FundLevel, Programme, RevenueSource
from madang.yard.ledger.services import (
    AppropriationDraft,
    FundDraft,
    LineDraft,
    ProgrammeDraft,
    RevenueDraft,
    TransferDraft,
    appropriation_enter,
    fund_open,
    line_open,
    programme_open,
    revenue_enter,
    transfer_enter,
)
from madang.yard.ledger.services.checks import today
from madang.yard.places.models import District, Dong

DISTRICT, DONG, OTHER_DONG = "29140", "2914010100", "2914010200"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """A district with a fund of ten million, a dong fund of three, and a line of each."""

    district_fund: Fund
    dong_fund: Fund
    programme: Programme
    district_line: BudgetLine
    dong_line: BudgetLine

    @staticmethod
    def account(holder: Fund | BudgetLine, kind: AccountKind) -> Account:
        """Return an account as it stands now."""
        if isinstance(holder, Fund):
            return Account.objects.get(fund=holder, kind=kind, line=None)
        return Account.objects.get(line=holder, kind=kind)

    def balance(self, holder: Fund | BudgetLine, kind: AccountKind) -> int:
        """Return what an account holds now [won]."""
        return self.account(holder, kind).balance_won


def make_places() -> District:
    """Record a district of two dongs."""
    district = District.objects.create(
        code=DISTRICT,
        name_ko="서구",
        name_en="Seo-gu",
        sido_ko="광주광역시",
        sido_en="Gwangju",
        source="test",
        boundary_digest="0" * 64,
        area_m2=1.0,
        map_width=100,
        map_height=100,
    )
    for code, korean, english in ((DONG, "양동", "Yang-dong"), (OTHER_DONG, "농성동", "Nongseong-dong")):
        Dong.objects.create(
            district=district,
            code=code,
            name_ko=korean,
            name_en=english,
            boundary=b"",
            outline="M0,0 1,0 1,1Z",
            label_x=0.0,
            label_y=0.0,
            lon=126.9,
            lat=35.15,
            area_m2=1.0,
        )
    return district


def make_purse() -> Purse:
    """Open funds and lines and give them money."""
    year = today().year
    district_fund = fund_open(
        SYSTEM,
        FundDraft(
            code="SEO", name_ko="서구 일반회계", name_en="Seo-gu general account", level=FundLevel.DISTRICT,
            place=DISTRICT, fiscal_year=year,
        ),
    )  # fmt: skip
    dong_fund = fund_open(
        SYSTEM,
        FundDraft(
            code="YANG", name_ko="양동 자치회계", name_en="Yang-dong account", level=FundLevel.DONG, place=DONG,
            fiscal_year=year,
        ),
    )  # fmt: skip
    programme = programme_open(
        SYSTEM,
        ProgrammeDraft(code="P1", name_ko="주민참여예산", name_en="Participatory budget", room="autonomy", pledge="1"),
    )
    revenue_enter(SYSTEM, RevenueDraft(fund=district_fund, source=RevenueSource.LOCAL_TAX, amount_won=7_000_000))
    revenue_enter(SYSTEM, RevenueDraft(fund=district_fund, source=RevenueSource.NATIONAL_SUBSIDY, amount_won=3_000_000))
    transfer_enter(SYSTEM, TransferDraft(giver=district_fund, taker=dong_fund, amount_won=3_000_000))
    district_line = line_open(
        SYSTEM,
        LineDraft(fund=district_fund, place=DONG, programme=programme, title="어린이 통학로 그늘막", owner="교통과"),
    )
    dong_line = line_open(
        SYSTEM, LineDraft(fund=dong_fund, place=DONG, programme=programme, title="골목 화단", owner="양동")
    )
    appropriation_enter(SYSTEM, AppropriationDraft(line=district_line, amount_won=2_000_000))
    appropriation_enter(SYSTEM, AppropriationDraft(line=dong_line, amount_won=1_000_000))
    return Purse(
        district_fund=district_fund,
        dong_fund=dong_fund,
        programme=programme,
        district_line=district_line,
        dong_line=dong_line,
    )


def standing_purse() -> Purse:
    """Return what `make_purse` made before."""
    return Purse(
        district_fund=Fund.objects.get(code="SEO"),
        dong_fund=Fund.objects.get(code="YANG"),
        programme=Programme.objects.get(code="P1"),
        district_line=BudgetLine.objects.select_related("fund").get(code="SEO-L0001"),
        dong_line=BudgetLine.objects.select_related("fund").get(code="YANG-L0001"),
    )


@pytest.fixture
def places(db: None) -> District:
    """Return a district of two dongs."""
    return make_places()


@pytest.fixture
def purse(places: District) -> Purse:
    """Return funds and lines with money."""
    return make_purse()


@pytest.fixture
def officer() -> Actor:
    """Return the officer of the first dong."""
    return Actor(role=Role.DONG_OFFICER, place=DONG, user="officer")


@pytest.fixture
def other_officer() -> Actor:
    """Return the officer of the other dong."""
    return Actor(role=Role.DONG_OFFICER, place=OTHER_DONG, user="other-officer")


@pytest.fixture
def raw(db: None) -> Callable[..., None]:
    """Return a function that runs one statement past the ORM."""

    def run(statement: str, parameters: Mapping[str, object] | Sequence[object] = ()) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    return run
