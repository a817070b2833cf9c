"""Whatever is done in whatever order, the books hold: random sequences of everything that can be asked for."""

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from madang.numerics.errors import DomainError
from madang.yard.audit.authority import SYSTEM
from madang.yard.ledger.bridge import ledger_inputs
from madang.yard.ledger.engine.replay import recompute
from madang.yard.ledger.models import Account, AccountKind, BudgetLine, Entry, Fund, RevenueSource
from madang.yard.ledger.selectors import district_money, dong_money, ledger_verify, line_balances, trial_balance
from madang.yard.ledger.selectors.balances import LineFilter
from madang.yard.ledger.services import (
    AppropriationDraft,
    CommitmentDraft,
    ExpenditureDraft,
    ReleaseDraft,
    RevenueDraft,
    ReversalDraft,
    TransferDraft,
    appropriation_enter,
    commitment_enter,
    commitment_release,
    entry_reverse,
    expenditure_enter,
    revenue_enter,
    transfer_enter,
)
from madang.yard.ledger.services.checks import today

from .conftest import DISTRICT, DONG, make_places, make_purse

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

amounts = st.one_of(st.integers(1, 400_000), st.integers(1, 12_000_000))
pick = st.integers(0, 10**6)


class Books(RuleBasedStateMachine):
    """The ledger beside a model of it that a child could keep: a balance for each account."""

    def __init__(self) -> None:
        super().__init__()
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        make_places()
        make_purse()
        self.held = {account.code: account.balance_won for account in Account.objects.all()}

    def teardown(self) -> None:
        """Leave no trace for the next sequence."""
        transaction.set_rollback(True)
        self._atomic.__exit__(None, None, None)

    def chosen(self, table: type[Fund] | type[BudgetLine] | type[Entry], at: int) -> object:
        rows = table.objects.order_by("pk")
        return rows[at % rows.count()]

    def commitment(self, at: int) -> Account | None:
        rows = Account.objects.filter(kind=AccountKind.COMMITTED).select_related("line").order_by("pk")
        return rows[at % rows.count()] if rows else None

    def attempt(self, work: Callable[[], Entry], *holding: str, won: int) -> None:
        """Do it; it must be refused exactly where an account that gives holds too little."""
        short = any(self.held[code] < won for code in holding)
        try:
            entry = work()
        except DomainError:
            if not short:
                raise
            return
        assert not short
        for one in Entry.objects.filter(journal=entry.journal).select_related("debit", "credit"):
            self.held[one.debit.code] = self.held.get(one.debit.code, 0) - one.amount_won
            self.held[one.credit.code] = self.held.get(one.credit.code, 0) + one.amount_won

    @rule(at=pick, source=st.sampled_from(list(RevenueSource)), won=amounts)
    def revenue(self, at: int, source: RevenueSource, won: int) -> None:
        fund = self.chosen(Fund, at)
        self.attempt(lambda: revenue_enter(SYSTEM, RevenueDraft(fund=fund, source=source, amount_won=won)), won=won)

    @rule(at=pick, won=amounts)
    def appropriate(self, at: int, won: int) -> None:
        line = self.chosen(BudgetLine, at)
        self.attempt(
            lambda: appropriation_enter(SYSTEM, AppropriationDraft(line=line, amount_won=won)),
            f"{line.fund.code}:pool",
            won=won,
        )

    @rule(at=pick, other=pick, won=amounts, lines=st.booleans())
    def transfer(self, at: int, other: int, won: int, lines: bool) -> None:
        table = BudgetLine if lines else Fund
        giver, taker = self.chosen(table, at), self.chosen(table, other)
        if giver == taker:
            taker = giver.fund if lines else giver
        if giver == taker:
            return
        self.attempt(
            lambda: transfer_enter(SYSTEM, TransferDraft(giver=giver, taker=taker, amount_won=won)),
            f"{giver.code}:{'available' if lines else 'pool'}",
            won=won,
        )

    @rule(at=pick, won=amounts)
    def commit(self, at: int, won: int) -> None:
        line = self.chosen(BudgetLine, at)
        self.attempt(
            lambda: commitment_enter(SYSTEM, CommitmentDraft(line=line, title="a", amount_won=won)),
            f"{line.code}:available",
            won=won,
        )

    @rule(at=pick, won=amounts)
    def pay_directly(self, at: int, won: int) -> None:
        line = self.chosen(BudgetLine, at)
        self.attempt(
            lambda: expenditure_enter(SYSTEM, ExpenditureDraft(line=line, amount_won=won)),
            f"{line.code}:available",
            won=won,
        )

    @rule(at=pick, won=amounts, release=st.booleans())
    def use_commitment(self, at: int, won: int, release: bool) -> None:
        commitment = self.commitment(at)
        if commitment is None:
            return
        if release:
            work = lambda: commitment_release(SYSTEM, ReleaseDraft(commitment=commitment, amount_won=won))  # noqa: E731
        else:
            draft = ExpenditureDraft(line=commitment.line, commitment=commitment, amount_won=won)
            work = lambda: expenditure_enter(SYSTEM, draft)  # noqa: E731
        self.attempt(work, commitment.code, won=won)

    @rule(at=pick)
    def undo(self, at: int) -> None:
        entry = self.chosen(Entry, at)
        if entry.kind == "reversal" or hasattr(entry, "reversed_by"):
            return
        gives = [] if entry.credit.kind == AccountKind.SOURCE else [entry.credit.code]
        self.attempt(lambda: entry_reverse(SYSTEM, ReversalDraft(entry=entry, memo="a")), *gives, won=entry.amount_won)

    @invariant()
    def balances_are_what_a_child_would_count(self) -> None:
        stored = {account.code: account.balance_won for account in Account.objects.all()}
        assert stored == {code: self.held.get(code, 0) for code in stored}
        assert all(won >= 0 for code, won in stored.items() if code.split(":")[-1] not in RevenueSource.values)

    @invariant()
    def everything_adds_up(self) -> None:
        assert trial_balance().sum_won == 0
        assert ledger_verify().sound
        again = recompute(ledger_inputs(), {}, None)
        assert (again["sound"], again["sum_won"]) == (True, 0)

    @invariant()
    def every_won_is_shown_once(self) -> None:
        year = today().year
        for shown in (district_money(year), dong_money(DISTRICT, year), dong_money(DONG, year)):
            net: dict[tuple[str, str], int] = {}
            for step in shown.flow.steps:
                for stop, won in ((step.giver, -step.won), (step.taker, step.won)):
                    net[(stop.kind, stop.code)] = net.get((stop.kind, stop.code), 0) + won
            assert all(won == 0 for (kind, _code), won in net.items() if kind in {"fund", "line"})
            assert sum(net.values()) == 0
        for line in line_balances(LineFilter()):
            assert line.appropriated_won == line.available_won + line.committed_won + line.spent_won


@pytest.mark.slow
def test_the_books_hold_whatever_is_done() -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
