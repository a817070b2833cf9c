"""Everything that can be read from the ledger."""

from madang.yard.ledger.selectors.balances import (
    KindTotal,
    LineFilter,
    PlaceMoney,
    TrialBalance,
    commitments_of,
    fiscal_years,
    line_balances,
    line_get,
    places_money,
    trial_balance,
    year_shown,
)
from madang.yard.ledger.selectors.entries import (
    EntryFilter,
    audit_numbers,
    balance_rows,
    entries_list,
    entry_get,
    entry_rows,
    line_rows,
)
from madang.yard.ledger.selectors.flows import MoneyFlow, MoneyStep, MoneyStop, PlaceFlow, district_money, dong_money
from madang.yard.ledger.selectors.verify import LedgerVerdict, guards_missing, ledger_verify, recomputation_last

__all__ = [
    "EntryFilter",
    "KindTotal",
    "LedgerVerdict",
    "LineFilter",
    "MoneyFlow",
    "MoneyStep",
    "MoneyStop",
    "PlaceFlow",
    "PlaceMoney",
    "TrialBalance",
    "audit_numbers",
    "balance_rows",
    "commitments_of",
    "district_money",
    "dong_money",
    "entries_list",
    "entry_get",
    "entry_rows",
    "fiscal_years",
    "guards_missing",
    "ledger_verify",
    "line_balances",
    "line_get",
    "line_rows",
    "places_money",
    "recomputation_last",
    "trial_balance",
    "year_shown",
]
