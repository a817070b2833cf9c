"""One synthetic district for all tests of the engine."""

import pytest

from madang.yard.people.engine.population import Population, synthesise
from madang.yard.places.engine.boundaries import Boundaries
from madang.yard.places.formats.bundle import district_read


@pytest.fixture(scope="session")
def seo_gu() -> Boundaries:
    return district_read("29140")


@pytest.fixture(scope="session")
def population(seo_gu: Boundaries) -> Population:
    return synthesise(seo_gu, 2026)
