"""Every rule against the slow reference on drawn elections, and by hand."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.rooms.autonomy.allocation.drawn import SATISFACTIONS, Drawn, elections

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.allocation.completion import Stop
from madang.rooms.autonomy.engine.allocation.exact_equal_shares import ExactEqualShares
from madang.rooms.autonomy.engine.allocation.rule import allocate, winners_of
from madang.rooms.autonomy.engine.allocation.support import Satisfaction, support_of
from madang.rooms.autonomy.engine.allocation.ties import Tie, tie_ranks
from madang.rooms.autonomy.engine.election import BallotType, Election
from madang.rooms.autonomy.engine.manifest import BallotRule, Completion, Manifest, Rule


def counted(election: Election, rule: Rule, satisfaction: Satisfaction, **more: Any) -> list[str]:
    manifest = Manifest(rule=rule, satisfaction=satisfaction, ballot=BallotRule(type=election.ballots.type), **more)
    return winners_of(election, allocate(election, manifest).winners)


def pairs() -> Any:
    return st.sampled_from(SATISFACTIONS).flatmap(lambda pair: st.tuples(elections(pair[0]), st.just(pair[1])))


@given(pairs())
@settings(max_examples=150)
def test_equal_shares(pair: tuple[Drawn, Satisfaction]) -> None:
    drawn, satisfaction = pair
    assert counted(drawn.election(), Rule.EQUAL_SHARES, satisfaction) == drawn.reference(satisfaction).equal_shares()


@given(pairs())
@settings(max_examples=150)
def test_exact_equal_shares(pair: tuple[Drawn, Satisfaction]) -> None:
    drawn, satisfaction = pair
    expected, _ = drawn.reference(satisfaction).exact_equal_shares()
    assert counted(drawn.election(), Rule.EXACT_EQUAL_SHARES, satisfaction) == expected


@given(pairs())
@settings(max_examples=150)
def test_bos(pair: tuple[Drawn, Satisfaction]) -> None:
    drawn, satisfaction = pair
    assert counted(drawn.election(), Rule.BOS, satisfaction) == drawn.reference(satisfaction).bos()


@given(pairs())
def test_greedy(pair: tuple[Drawn, Satisfaction]) -> None:
    drawn, satisfaction = pair
    assert counted(drawn.election(), Rule.GREEDY, satisfaction) == drawn.reference(satisfaction).greedy()


@given(elections(BallotType.APPROVAL))
@settings(max_examples=150)
def test_phragmen(drawn: Drawn) -> None:
    expected = drawn.reference(Satisfaction.CARDINALITY).phragmen()
    assert counted(drawn.election(), Rule.PHRAGMEN, Satisfaction.CARDINALITY) == expected


@given(pairs(), st.booleans(), st.booleans(), st.sampled_from((Fraction(1, 3), Fraction(1, 2), Fraction(1))))
def test_completion_by_steps(pair: tuple[Drawn, Satisfaction], run_on: bool, exact: bool, step: Fraction) -> None:
    drawn, satisfaction = pair
    reference = drawn.reference(satisfaction)
    expected = reference.add_steps("exact_equal_shares" if exact else "equal_shares", step, run_on=run_on)
    assume(expected is not None)
    rule = Rule.EXACT_EQUAL_SHARES if exact else Rule.EQUAL_SHARES
    stop = Stop.RUN_ON if run_on else Stop.FIRST_EXHAUSTIVE
    found = counted(drawn.election(), rule, satisfaction, completion=Completion.ADD1, stop=stop, step=step)
    assert found == expected
    found = counted(drawn.election(), rule, satisfaction, completion=Completion.ADD1_GREEDY, stop=stop, step=step)
    assert found == reference.greedy(first=expected)


@given(elections(BallotType.APPROVAL), st.sampled_from((Satisfaction.COST, Satisfaction.CARDINALITY)))
@settings(max_examples=60)
def test_the_next_share_is_the_first_that_changes_something(drawn: Drawn, satisfaction: Satisfaction) -> None:
    election = drawn.election()
    rule = ExactEqualShares(election, support_of(election, satisfaction), tie_ranks(election, ()))
    reference = drawn.reference(satisfaction)
    share = Fraction(election.budget_units, election.voters)
    for _ in range(12):
        outcome = rule.run(share)
        ahead = rule.next_share(outcome)
        here = reference.exact_equal_shares(share / election.unit)
        if ahead is None:
            assert set(here[0]) == set(reference.backed)
            break
        assert ahead > share
        for part in (Fraction(1, 7), Fraction(1, 2), Fraction(999_999, 1_000_000)):
            assert reference.exact_equal_shares((share + (ahead - share) * part) / election.unit) == here
        assert reference.exact_equal_shares(ahead / election.unit) != here
        share = ahead


@given(pairs(), st.sampled_from(list(Rule)), st.randoms(use_true_random=False))
def test_the_order_of_ballots_changes_nothing(pair: tuple[Drawn, Satisfaction], rule: Rule, random: Any) -> None:
    drawn, satisfaction = pair
    shuffled = list(drawn.ballots)
    random.shuffle(shuffled)
    assert counted(drawn.election(), rule, satisfaction) == counted(drawn.election(shuffled), rule, satisfaction)


@given(pairs(), st.sampled_from(list(Rule)), st.integers(2, 50))
def test_many_of_each_voter_change_nothing(pair: tuple[Drawn, Satisfaction], rule: Rule, times: int) -> None:
    drawn, satisfaction = pair
    cloned = drawn.election(drawn.ballots * times)
    assert len(cloned.ballots.counts) == len(drawn.election().ballots.counts)
    assert counted(cloned, rule, satisfaction) == counted(drawn.election(), rule, satisfaction)


@given(pairs(), st.sampled_from(list(Rule)), st.sampled_from((Fraction(1, 100), Fraction(7), Fraction(10**9))))
def test_the_currency_changes_nothing(pair: tuple[Drawn, Satisfaction], rule: Rule, rate: Fraction) -> None:
    drawn, satisfaction = pair
    other = Drawn({p: c * rate for p, c in drawn.costs.items()}, drawn.ballots, drawn.budget * rate, drawn.type)
    assert counted(other.election(), rule, satisfaction) == counted(drawn.election(), rule, satisfaction)


@given(pairs(), st.sampled_from(list(Rule)))
def test_money_is_never_overspent_nor_paid_twice(pair: tuple[Drawn, Satisfaction], rule: Rule) -> None:
    drawn, satisfaction = pair
    election = drawn.election()
    manifest = Manifest(rule=rule, satisfaction=satisfaction, ballot=BallotRule(type=drawn.type))
    outcome = allocate(election, manifest)
    assert len(set(outcome.winners)) == len(outcome.winners)
    assert sum(election.costs_units[p] for p in outcome.winners) <= election.budget_units
    if rule.shared:
        for purchase in outcome.purchases:
            paid = float(purchase.paid @ election.ballots.counts[purchase.rows])
            assert paid == pytest.approx(election.costs_units[purchase.project])


def test_ties_go_by_the_string_order_of_identifiers_unless_declared() -> None:
    ten = Drawn({"2": Fraction(4), "10": Fraction(4)}, [{"2": 1, "10": 1}], Fraction(4), BallotType.APPROVAL)
    for rule in set(Rule) - {Rule.PHRAGMEN}:
        assert counted(ten.election(), rule, Satisfaction.COST) == ["10"]
    # Both are due at once and together overspend only after the first: 4 fits, then the other does not.
    assert counted(ten.election(), Rule.PHRAGMEN, Satisfaction.COST) == ["10"]
    assert counted(ten.election(), Rule.GREEDY, Satisfaction.COST, ties=(Tie.LISTED,)) == ["2"]
    dear = Drawn({"1": Fraction(4), "2": Fraction(5)}, [{"1": 1, "2": 1}], Fraction(5), BallotType.APPROVAL)
    assert counted(dear.election(), Rule.EQUAL_SHARES, Satisfaction.COST) == ["1"]
    assert counted(dear.election(), Rule.EQUAL_SHARES, Satisfaction.COST, ties=(Tie.COSTLY,)) == ["2"]
    assert tie_ranks(ten.election(), ()) == (1, 0)


def test_equal_shares_by_hand() -> None:
    # Four voters have 10 each. a: three pay 8. b: two of them have 2 left, the fourth 10: 2 + 2 + 6 = 10. c: 4 left.
    costs = {"a": Fraction(24), "b": Fraction(10), "c": Fraction(5)}
    ballots = [{"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 1}, {"b": 1, "c": 1}]
    drawn = Drawn(costs, ballots, Fraction(40), BallotType.APPROVAL)
    election = drawn.election()
    manifest = Manifest(rule=Rule.EQUAL_SHARES, satisfaction=Satisfaction.CARDINALITY)
    outcome = allocate(election, manifest)
    assert winners_of(election, outcome.winners) == ["b", "c", "a"] or winners_of(election, outcome.winners) == [
        "b",
        "c",
    ]
    # By cardinality b comes first, 10 / 3 each; then c, 5 from the fourth; a would take 8 of 20 / 3 left: too much.
    assert [round(float(p.paid.max()), 6) for p in outcome.purchases] == [3.333333, 5.0]
    by_cost = allocate(election, Manifest(rule=Rule.EQUAL_SHARES, satisfaction=Satisfaction.COST))
    assert winners_of(election, by_cost.winners) == ["a", "b"]
    assert [round(float(p.paid.max()), 6) for p in by_cost.purchases] == [8.0, 6.0]


def test_bounded_overspending_by_hand() -> None:
    # Three of four voters want a for 40 of the 40 there are; they hold 30 and overspend. The fourth wants b for 10.
    costs = {"a": Fraction(40), "b": Fraction(10)}
    drawn = Drawn(costs, [{"a": 1}, {"a": 1}, {"a": 1}, {"b": 1}], Fraction(40), BallotType.APPROVAL)
    # a: p / (p * 3 / 40)^2 at p = 10 is 160 / 9, for each unit of cost 4 / 9; b: 10 / 1, for each unit of cost 1.
    assert counted(drawn.election(), Rule.BOS, Satisfaction.COST) == ["a"]
    # By cardinality b is the cheaper gain, 10 against 160 / 9, and a no longer fits.
    assert counted(drawn.election(), Rule.BOS, Satisfaction.CARDINALITY) == ["b"]
    assert counted(drawn.election(), Rule.EQUAL_SHARES, Satisfaction.COST) == ["b"]


def test_bounded_overspending_pays_in_part_only_where_that_is_best() -> None:
    costs = {p: Fraction(c) for p, c in {"0": 24, "1": 12, "2": 60, "3": 10, "4": 8, "5": 4, "6": 11}.items()}
    rows = ["0123456", "", "0123456", "2564", "134", "21465", "2", "25"]
    drawn = Drawn(costs, [dict.fromkeys(row, 1) for row in rows], Fraction(47), BallotType.APPROVAL)
    assert counted(drawn.election(), Rule.BOS, Satisfaction.CARDINALITY) == ["5", "4", "6", "1", "3"]


def test_add_opt_of_exact_equal_shares_passes_by_no_outcome() -> None:
    # a and b cost each voter 4 + 6 = 10; c is bought when one voter alone has 10 more.
    costs = {"a": Fraction(8), "b": Fraction(12), "c": Fraction(10)}
    drawn = Drawn(costs, [{"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1}], Fraction(30), BallotType.APPROVAL)
    election = drawn.election()
    manifest = Manifest(
        rule=Rule.EXACT_EQUAL_SHARES, satisfaction=Satisfaction.COST, completion=Completion.ADD_OPT, stop=Stop.RUN_ON
    )
    outcome = allocate(election, manifest)
    assert winners_of(election, outcome.winners) == ["a", "b", "c"]
    assert (outcome.share, outcome.runs, outcome.stopped) == (20, 2, "all_funded")
    points = Drawn(costs, [{"a": 1}], Fraction(30), BallotType.CUMULATIVE).election()
    assert winners_of(points, allocate(points, Manifest.from_json(POINTS)).winners) == ["a"]
    with pytest.raises(EngineInputError, match="add-opt"):
        Manifest.from_json({**POINTS, "completion": "add-opt"})
    rule = ExactEqualShares(points, support_of(points, Satisfaction.ADDITIVE), tie_ranks(points, ()))
    with pytest.raises(EngineInputError, match="add-opt"):
        rule.next_share(rule.run(Fraction(1)))


POINTS = {"rule": "exact-equal-shares", "ballot": {"type": "cumulative"}}
