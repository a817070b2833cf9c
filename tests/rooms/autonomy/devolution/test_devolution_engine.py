"""The formula: shares, what each weight does, and the file and command that carry it."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from madang.numerics.errors import EngineInputError, InputError
from madang.rooms.autonomy.cli import app
from madang.rooms.autonomy.engine.devolution import devolve, devolve_json, formula_read
from madang.rooms.autonomy.formats.devolution_toml import formula_toml

FILE = """
title = "Budgets of the dongs"
rounding = "hare"
[budget]
total = 1_000_000_000
floor = 200_000_000
unit = 1_000_000
[posts]
total = 10
[[criteria]]
name = "population"
weight = 60
[[criteria]]
name = "elderly"
weight = 30
[[criteria]]
name = "all alike"
weight = 10
equal = true
[[dongs]]
code = "2914010100"
name = "Yang"
population = 5000
elderly = 1500
[[dongs]]
code = "2914010200"
population = 12000
elderly = 1500
[[dongs]]
code = "2914010300"
population = 3000
elderly = 1000.5
cap_posts = 1
"""


def value(**changes: Any) -> dict[str, Any]:
    found = {
        "dongs": ["a", "b"],
        "criteria": [
            {"name": "people", "weight": 3, "values": [100, 300]},
            {"name": "need", "weight": "1", "values": ["0.5", "0.5"]},
        ],
        "pots": [{"name": "posts", "total": 16, "unit": 1, "floors": [0, 0], "caps": [16, 16]}],
        "rounding": "sainte-lague",
    }
    return {**found, **changes}


def test_by_hand() -> None:
    # a: 3/4 x 1/4 + 1/4 x 1/2 = 5/16.
    found = devolve(formula_read(value()))
    assert found.shares == (Fraction(5, 16), Fraction(11, 16))
    assert found.given == ((5, 11),)
    by = {(effect.criterion, int(effect.points)): effect.changes[0] for effect in found.effects}
    # People five points up: a has 0.8 x 1/4 + 0.2 x 1/2 = 0.3 of 16 = 4.8, still 5; down: 0.325 of 16 = 5.2.
    assert by == {("people", 5): (0, 0), ("people", -5): (0, 0), ("need", 5): (0, 0), ("need", -5): (0, 0)}
    large = value(pots=[{"name": "budget", "total": 16000, "unit": 1, "floors": [0, 0], "caps": [16000, 16000]}])
    effects = devolve_json(large, {}, None)["effects"]
    assert effects[0] == {"criterion": "people", "points": 5.0, "changes": {"budget": [-200, 200]}}
    assert effects[1] == {"criterion": "people", "points": -5.0, "changes": {"budget": [200, -200]}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dongs": ["a", "a"]}, "dongs_wrong"),
        ({"criteria": []}, "criterion_wrong"),
        ({"criteria": [{"name": "x", "weight": 1, "values": [0, 0]}]}, "criterion_wrong"),
        ({"criteria": [{"name": "x", "weight": -1, "values": [1, 0]}]}, "criterion_wrong"),
        ({"criteria": [{"name": "x", "weight": 1, "values": ["ten", 0]}]}, "number_wrong"),
        ({"rounding": "dice"}, "formula_form"),
        ({"pots": [{"name": "p", "total": 5, "unit": 2, "floors": [0, 0], "caps": [4, 4]}]}, "unit_does_not_divide"),
        ({"pots": [{"name": "p"}]}, "formula_form"),
    ],
)
def test_what_is_no_formula(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(EngineInputError) as refused:
        devolve_json(value(**changes), {}, None)
    assert refused.value.code == code


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.lists(st.integers(1, 99), min_size=4, max_size=4)), min_size=1, max_size=4
    ),
    st.sampled_from(["dhondt", "sainte-lague", "huntington-hill", "adams", "hare"]),
    st.permutations(range(4)),
)
def test_every_won_is_shared_and_the_order_of_the_dongs_decides_nothing(
    criteria: list[tuple[int, list[int]]], rounding: str, order: list[int]
) -> None:
    rows = [(str(n), weight + 1, values) for n, (weight, values) in enumerate(criteria)]

    def formula(places: list[int]) -> dict[str, Any]:
        return {
            "dongs": [str(place) for place in places],
            "criteria": [
                {"name": name, "weight": weight, "values": [values[place] for place in places]}
                for name, weight, values in rows
            ],
            "pots": [{"name": "budget", "total": 999_983, "unit": 1, "floors": [0] * 4, "caps": [999_983] * 4}],
            "rounding": rounding,
        }

    plain, turned = devolve_json(formula([0, 1, 2, 3]), {}, None), devolve_json(formula(order), {}, None)
    assert sum(plain["given"]["budget"]) == 999_983
    for effect in plain["effects"]:
        assert sum(effect["changes"]["budget"]) == 0
    # Only an exact tie may go to whoever stands first, and moves one won.
    assert all(
        abs(turned["given"]["budget"][n] - plain["given"]["budget"][place]) <= 1 for n, place in enumerate(order)
    )


def test_the_file_is_read() -> None:
    found = formula_toml("f.toml", FILE.encode())
    assert found.names == ("Yang", "2914010200", "2914010300")
    result = devolve_json(found.inputs, {}, None)
    assert sum(result["given"]["budget"]) == 1_000_000_000
    assert min(result["given"]["budget"]) >= 200_000_000
    assert all(won % 1_000_000 == 0 for won in result["given"]["budget"])
    assert result["given"]["posts"][2] == 1
    assert len(result["effects"]) == 6


def test_numbers_of_the_installation_fill_what_the_file_leaves_out() -> None:
    start, _dongs = FILE.split("[[dongs]]", 1)
    formula = start.replace("elderly", "area_km2") + '[[dongs]]\ncode = "a"\narea_km2 = 2\n[[dongs]]\ncode = "b"\n'
    known = {"a": {"population": 10, "area_km2": 1}, "b": {"population": 30, "area_km2": 4, "name": "B"}}
    found = formula_toml("f.toml", formula.encode(), known)
    assert found.names == ("a", "B")
    assert [row["values"] for row in found.inputs["criteria"]] == [["10", "30"], ["2", "4"], ["1", "1"]]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("total = 10", "total = 1.5", "posts.total"),
        ("population = 5000", "population = -1", "2914010100.population"),
        ("elderly = 1000.5", "", "2914010300.elderly"),
        ('"hare"', '"dice"', "rounding"),
        ('code = "2914010200"', 'code = "2914010100"', "dongs[1].code"),
        ("weight = 60", "weight = 'much'", "criteria[0].weight"),
        ("unit = 1_000_000", "unit = 7", "unit"),
    ],
)
def test_a_bad_file_says_which_key(old: str, new: str, field: str) -> None:
    with pytest.raises(InputError) as refused:
        formula_toml("f.toml", FILE.replace(old, new).encode())
    assert refused.value.at.field == field


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "formula.toml"
    path.write_text(FILE)
    found = json.loads(CliRunner().invoke(app, ["devolve", str(path), "--json"]).stdout)
    assert sum(dong["budget"] for dong in found["dongs"]) == 1_000_000_000
    lines = CliRunner().invoke(app, ["devolve", str(path)])
    assert lines.exit_code == 0
    assert "Yang" in lines.stdout
    path.write_text("[budget\n")
    assert CliRunner().invoke(app, ["devolve", str(path)]).exit_code == 2
