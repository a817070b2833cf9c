"""Contrast of everything that is read, in both schemes."""

import itertools

import pytest
from tests.ui.palette import blended, contrast, declared, tokens

HUES = ("persimmon", "rose", "pine", "sky", "slate")
SCHEMES = ("light", "dark")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["paper", "sheet"])
@pytest.mark.parametrize("text", ["ink", "soft"])
def test_body_text_reaches_seven_to_one(scheme: str, ground: str, text: str) -> None:
    found = tokens(scheme)
    assert contrast(found[text], found[ground]) >= 7


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("hue", HUES)
def test_hues_can_be_read_on_every_ground(scheme: str, hue: str) -> None:
    found = tokens(scheme)
    for ground in ("paper", "sheet", f"{hue}-wash"):
        assert contrast(found[hue], found[ground]) >= 4.5, ground
    assert contrast(found["sheet"], found[hue]) >= 4.5, "a button in a hue"
    assert contrast(found["ink"], found[f"{hue}-wash"]) >= 7, "text on a wash"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_edges_that_carry_meaning_reach_three_to_one(scheme: str) -> None:
    found = tokens(scheme)
    for edge in ("rule", "focus"):
        for ground in ("paper", "sheet"):
            assert contrast(found[edge], found[ground]) >= 3, (edge, ground)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("hue", HUES)
def test_labels_can_be_read_on_every_shade_of_a_map(scheme: str, hue: str) -> None:
    found = tokens(scheme)
    for shade in range(1, 6):
        ground = blended(found[hue], found["paper"], float(found[f"shade-{shade}"]))
        assert contrast(found["ink"], ground) >= 4.5, shade


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("hue", HUES)
def test_quiet_bars_stand_out_from_the_paper(scheme: str, hue: str) -> None:
    found = tokens(scheme)
    assert contrast(blended(found[hue], found["paper"], 0.72), found["paper"]) >= 3


@pytest.mark.parametrize("hue", HUES)
def test_neighbouring_shades_differ(hue: str) -> None:
    for scheme in SCHEMES:
        found = tokens(scheme)
        grounds = [blended(found[hue], found["paper"], float(found[f"shade-{shade}"])) for shade in range(1, 6)]
        steps = [contrast(one, other) for one, other in itertools.pairwise(grounds)]
        assert min(steps) >= 1.1, steps


def test_the_chosen_dark_scheme_is_the_device_s() -> None:
    assert declared("dark") == declared("chosen")
    assert len(declared("dark")) == 22
