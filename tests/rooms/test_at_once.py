"""Many officers at once on PostgreSQL: what nests services never locks up, and every move is made once."""

import random
import threading
from itertools import pairwise

import pytest
from django.db import connection, connections
from django.utils import timezone
from tests.rooms.conftest import draft

from madang.numerics.errors import Conflict
from madang.plaza.workflows import FundingDraft, ProjectDelivery, decision_fund, project_deliver
from madang.rooms.autonomy.engine.agenda import Outcome
from madang.rooms.autonomy.models import AgendaItem, AgendaMove
from madang.rooms.autonomy.services import (
    AnswerDraft,
    DecisionDraft,
    DeliveryDraft,
    TakeDraft,
    agenda_answer,
    agenda_decide,
    agenda_deliver,
    agenda_take,
    issue_report,
)
from madang.rooms.projects.services import MilestoneDraft, pledges_file_of, pledges_load
from madang.yard.audit.authority import SYSTEM, VISITOR
from madang.yard.audit.selectors import audit_verify
from madang.yard.ledger.models import Fund, FundLevel, Programme, RevenueSource
from madang.yard.ledger.selectors import ledger_verify
from madang.yard.ledger.services import FundDraft, RevenueDraft, fund_open, revenue_enter
from madang.yard.places.services import district_adopt

pytestmark = pytest.mark.django_db(transaction=True)
ITEMS, WORKERS = 12, 6


def worked(item: int, fund: Fund, chance: random.Random, faults: list[str]) -> None:
    """Do everything to an item that can be done, in an order of one's own."""
    programme = Programme.objects.get(code="autonomy-budget")
    acts = [
        lambda: agenda_answer(SYSTEM, AnswerDraft(item=item, outcome=Outcome.PROMISED, reason="r")),
        lambda: agenda_decide(SYSTEM, DecisionDraft(item=item, title="t", rationale="r", budget_won=1000)),
        lambda: agenda_deliver(SYSTEM, DeliveryDraft(item=item, reason="r")),
        lambda: project_deliver(
            SYSTEM,
            ProjectDelivery(
                project=decision_fund(
                    SYSTEM,
                    FundingDraft(
                        item=item, fund=fund, programme=programme, owner="o",
                        milestones=[MilestoneDraft(name_ko="단계", due_on=timezone.localdate())],
                    ),
                ).pk,
                note="x",
                paid_won=900,
            ),
        ),
    ]  # fmt: skip
    chance.shuffle(acts)
    for act in acts:
        try:
            act()
        except Conflict:
            continue
        except Exception as error:  # noqa: BLE001  # whatever it is, the test names it
            faults.append(repr(error))


def test_nested_services_never_lock_up() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    district = district_adopt(SYSTEM, "29140")
    pledges_load(SYSTEM, pledges_file_of("29140"))
    dong = district.dongs.values_list("code", flat=True)[0]
    year = timezone.localdate().year
    fund = fund_open(SYSTEM, FundDraft(code="f", name_ko="f", level=FundLevel.DONG, place=dong, fiscal_year=year))
    revenue_enter(SYSTEM, RevenueDraft(fund=fund, source=RevenueSource.OTHER, amount_won=10**6))
    items = [
        agenda_take(
            SYSTEM,
            TakeDraft(title="t", room="care", reason="r", issues=[issue_report(VISITOR, draft(dong)).pk]),
        ).pk
        for _item in range(ITEMS)
    ]
    faults: list[str] = []

    def work(worker: int) -> None:
        chance = random.Random(worker)  # noqa: S311  # the order of a test
        try:
            for item in chance.sample(items, len(items)):
                worked(item, fund, chance, faults)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    assert faults == []
    assert set(AgendaItem.objects.values_list("state", flat=True)) <= {"answered", "decided", "delivered"}
    for item in items:
        moves = list(AgendaMove.objects.filter(item=item).order_by("pk").values_list("source", "state"))
        assert len(moves) == len(set(moves))
        assert all(left[1] == right[0] for left, right in pairwise(moves))
    assert audit_verify().sound
    assert ledger_verify().sound
