"""What arrives at a stop is what leaves it."""

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from madang.numerics.errors import EngineInputError
from madang.yard.ledger.engine.flows import LineTotals, MoneyTotals, Step, arranged, flow, without_lines


def as_dict(steps: tuple[Step, ...]) -> dict[tuple[str, str], int]:
    """Return steps by the codes of their ends."""
    return {(step.giver[1], step.taker[1]): step.won for step in steps}


def test_a_dong_worked_by_hand() -> None:
    steps = flow(
        MoneyTotals(
            pools={"YANG": 200},
            sources={("YANG", "donation"): 50},
            transfers={("SEO", "YANG"): 300, ("YANG", "SEO"): 50, ("SEO", "OTHER"): 999},
            lines={
                "shade": LineTotals(fund="SEO", available_won=70, spent_won=30),
                "flowers": LineTotals(fund="YANG", available_won=20, committed_won=30, spent_won=50),
            },
        )
    )
    assert as_dict(steps) == {
        ("donation", "YANG"): 50,
        ("SEO", "YANG"): 250,
        ("SEO", "shade"): 100,
        ("YANG", "flowers"): 100,
        ("shade", "available"): 70,
        ("shade", "spent"): 30,
        ("flowers", "available"): 20,
        ("flowers", "committed"): 30,
        ("flowers", "spent"): 50,
        ("YANG", "unallocated"): 200,
    }
    assert {step.giver[0] for step in steps if step.giver[1] == "SEO"} == {"giver"}


def test_a_line_that_got_money_from_another_funds_line_shows_both() -> None:
    steps = flow(
        MoneyTotals(
            pools={"A": 0},
            sources={("A", "tax"): 60},
            transfers={("B", "line"): 40},
            lines={"line": LineTotals(fund="A", available_won=100)},
        )
    )
    assert as_dict(steps)[("A", "line")] == 60
    assert as_dict(steps)[("B", "line")] == 40


def test_a_fund_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(EngineInputError) as refused:
        flow(MoneyTotals(pools={"A": 5}, sources={("A", "tax"): 4}, lines={}))
    assert refused.value.code == "flow_not_balanced"


def test_money_in_a_circle_is_seen_as_one() -> None:
    names = ("fund", "a"), ("fund", "b"), ("fund", "c")
    steps = (
        Step(giver=("source", "tax"), taker=names[0], won=10),
        Step(giver=names[0], taker=names[1], won=9),
        Step(giver=names[1], taker=names[2], won=8),
        Step(giver=names[2], taker=names[0], won=7),
        Step(giver=names[2], taker=("use", "spent"), won=1),
    )
    drawn = arranged(steps)
    assert as_dict(drawn.steps) == {("tax", "a+b+c"): 10, ("a+b+c", "spent"): 1}
    assert drawn.column == {("source", "tax"): 0, ("fund", "a+b+c"): 1, ("use", "spent"): 2}


def test_nothing_at_all_can_be_arranged() -> None:
    assert arranged(()).column == {}


amounts = st.integers(0, 1000)
lines = st.tuples(st.sampled_from("ABCX"), amounts, amounts, amounts)
holders = st.sampled_from(["A", "B", "C", "X", "Y", "line0", "line1"])


@example(sources={}, transfers={("A", "line1"): 1, ("X", "A"): 2}, own=[("A", 0, 0, 0), ("X", 0, 0, 0)])
@given(
    sources=st.dictionaries(st.tuples(st.sampled_from("ABC"), st.sampled_from(["tax", "gift"])), amounts),
    transfers=st.dictionaries(st.tuples(holders, holders), amounts),
    own=st.lists(lines, max_size=5),
)
def test_every_stop_passes_on_what_it_gets(
    sources: dict[tuple[str, str], int],
    transfers: dict[tuple[str, str], int],
    own: list[tuple[str, int, int, int]],
) -> None:
    transfers = {(giver, taker): won for (giver, taker), won in transfers.items() if giver != taker}
    shown = {
        f"line{at}": LineTotals(fund=fund, available_won=a, committed_won=c, spent_won=s)
        for at, (fund, a, c, s) in enumerate(own)
    }
    steps = flow(
        MoneyTotals(pools=filled(sources, transfers, shown), sources=sources, transfers=transfers, lines=shown)
    )
    for seen in (steps, without_lines(steps), arranged(steps).steps):
        net: Counter[tuple[str, str]] = Counter()
        for step in seen:
            assert step.won > 0
            net[step.giver] -= step.won
            net[step.taker] += step.won
        assert all(won == 0 for (kind, _code), won in net.items() if kind in {"fund", "line"})
    drawn = arranged(steps)
    assert all(drawn.column[step.giver] < drawn.column[step.taker] for step in drawn.steps)


def filled(
    sources: dict[tuple[str, str], int], transfers: dict[tuple[str, str], int], shown: dict[str, LineTotals]
) -> dict[str, int]:
    """Return what funds hold; one that would be below zero gets the rest from a source of its own."""
    left = Counter(dict.fromkeys("ABC", 0))
    for (fund, _source), won in sources.items():
        left[fund] += won
    for name, line in shown.items():
        left[line.fund] -= line.total_won
        left[line.fund] += sum(won for (_giver, taker), won in transfers.items() if taker == name)
        left[line.fund] -= sum(won for (giver, _taker), won in transfers.items() if giver == name)
    for (giver, taker), won in transfers.items():
        left[giver] -= won
        left[taker] += won
    for fund in "ABC":
        if left[fund] < 0:
            sources[(fund, "rest")] = -left[fund]
            left[fund] = 0
    return {fund: left[fund] for fund in "ABC"}
