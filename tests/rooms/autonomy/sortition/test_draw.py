"""The draw: committed, public, and the same for everybody."""

import hashlib
import json
from collections import Counter
from typing import Any

import pytest

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.sortition.chance import Chance, commitment_of
from madang.rooms.autonomy.engine.sortition.lottery import Tickets, draw_json, fair_tickets, hidden, tickets_read
from madang.rooms.autonomy.engine.sortition.pool import Pool, Problem, Quota, problem_json, problem_read

SEED = "5a" * 32
ROWS = [("f", "old"), ("f", "young"), ("m", "old"), ("m", "young"), ("f", "old"), ("m", "young")]


def problem(order: list[int] | None = None) -> Problem:
    order = order or list(range(len(ROWS)))
    return Problem(
        pool=Pool(lots=tuple(f"L{n}" for n in order), categories=("sex", "age"), values=tuple(ROWS[n] for n in order)),
        quotas=(
            Quota(category="sex", value="f", least=1, most=2),
            Quota(category="sex", value="m", least=1, most=2),
            Quota(category="age", value="old", least=1, most=2),
            Quota(category="age", value="young", least=1, most=2),
        ),
        size=3,
    )


def inputs(**changes: Any) -> dict[str, Any]:
    found = {
        "problem": problem_json(problem()),
        "lottery": fair_tickets(problem(), 1000).as_json(),
        "commitment": commitment_of(SEED),
        "seed": SEED,
        "public_value": "KOSPI 2712.14",
    }
    return {**found, **changes}


def test_numbers_below_a_bound_are_those_that_the_documentation_describes() -> None:
    chance = Chance(seed=SEED, public_value=" 12 ", digest="d" * 64)
    body = json.dumps(["madang-lottery-1", SEED, "12", "d" * 64, "draw"], separators=(",", ":"))
    key = hashlib.sha256(body.encode()).digest()
    first = int.from_bytes(hashlib.sha256(key + bytes(8)).digest(), "big")
    second = int.from_bytes(hashlib.sha256(key + bytes(7) + b"\x01").digest(), "big")
    assert [chance.below(1000), chance.below(1000)] == [first % 1000, second % 1000]


def test_large_bounds_take_more_blocks_and_no_number_lies_outside() -> None:
    chance = Chance(seed=SEED, public_value="x", digest="")
    assert all(0 <= chance.below(3**400) < 3**400 for _time in range(20))


def test_lots_are_chosen_evenly() -> None:
    chance = Chance(seed=SEED, public_value="x", digest="")
    seen = Counter(tuple(sorted(chance.choose(("a", "b", "c", "d"), 2))) for _time in range(6000))
    assert len(seen) == 6
    assert all(abs(count - 1000) < 150 for count in seen.values())


def test_the_order_of_the_file_decides_nothing() -> None:
    one, other = problem(), problem([5, 3, 0, 2, 1, 4])
    assert one.digest == other.digest
    assert fair_tickets(one).as_json() == fair_tickets(other).as_json()


def test_anybody_who_has_the_published_lottery_draws_the_same_council() -> None:
    found = draw_json(inputs(), {"method": "leximin"}, None)
    again = json.loads(json.dumps(inputs()))
    assert draw_json(again, {"method": "leximin"}, None) == found
    lottery = tickets_read(problem(), inputs()["lottery"])
    drawn = set(found["drawn"])
    assert len(drawn) == 3
    assert any(
        members == tuple(len(drawn & set(lots)) for lots in problem().members) for _tickets, members in lottery.councils
    )


def test_another_public_value_or_pool_draws_otherwise_and_both_methods_draw() -> None:
    councils = {
        tuple(draw_json(inputs(public_value=str(value)), {"method": "uniform"}, None)["drawn"]) for value in range(30)
    }
    assert len(councils) > 5


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seed": "5b" * 32}, "seed_not_committed"),
        ({"seed": "zz"}, "seed_form"),
        ({"public_value": "  "}, "public_value_missing"),
        ({"lottery": {}}, "lottery_form"),
        ({"lottery": {**fair_tickets(problem(), 10).as_json(), "digest": "0" * 64}}, "lottery_of_other_pool"),
    ],
)
def test_what_was_not_published_so_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(EngineInputError) as refused:
        draw_json(inputs(**changes), {"method": "leximin"}, None)
    assert refused.value.code == code


def test_a_lottery_with_a_council_that_breaks_a_quota_is_refused() -> None:
    lottery = fair_tickets(problem(), 1000).as_json()
    lottery["councils"] = [[1000, [[0, 2], [1, 1]]]]
    with pytest.raises(EngineInputError) as refused:
        tickets_read(problem(), lottery)
    assert refused.value.code == "council_breaks_quota"


def test_the_hidden_lottery_has_the_same_councils_and_no_values() -> None:
    lottery = fair_tickets(problem(), 1000)
    veiled = hidden(lottery, Chance(seed=SEED, public_value="", digest="", purpose="types"))
    text = json.dumps([problem_json(veiled.problem), veiled.as_json()])
    assert "old" not in text
    assert '"f"' not in text

    def by_lot(one: Tickets) -> dict[str, object]:
        return {lot: one.probability(kind) for kind, lots in enumerate(one.problem.members) for lot in lots}

    assert by_lot(veiled) == by_lot(lottery)

    def councils(one: Tickets) -> list[object]:
        return sorted(
            (tickets, sorted((one.problem.members[kind], n) for kind, n in enumerate(members) if n))
            for tickets, members in one.councils
        )

    assert councils(veiled) == councils(lottery)


def test_a_problem_survives_its_json() -> None:
    assert problem_read(problem_json(problem())).digest == problem().digest
