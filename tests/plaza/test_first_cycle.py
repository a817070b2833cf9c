from datetime import datetime
from unittest.mock import patch

import pytest

from madang.numerics.errors import Conflict
from madang.plaza.workflows import first_cycle
from madang.rooms.autonomy.models import AgendaItem, Decision, Issue
from madang.rooms.projects.models import Pledge, PledgeAssessment, Project
from madang.yard.audit.authority import SYSTEM
from madang.yard.audit.models import Record, Run
from madang.yard.audit.replay import run_replay
from madang.yard.audit.selectors import audit_verify
from madang.yard.evidence.models import Observation, Signal
from madang.yard.ledger.models import BudgetLine, Entry
from madang.yard.ledger.selectors import ledger_verify
from madang.yard.people.engine.population import Population, synthesise
from madang.yard.places.formats.bundle import district_read
from madang.yard.places.models import District
from madang.yard.places.services import SampleStatement, district_adopt, sample_state

pytestmark = pytest.mark.django_db
SEED, SCALE = 2026, 0.3


@pytest.fixture(scope="module", params=["29140", "11440"])
def population(request: pytest.FixtureRequest) -> Population:
    return synthesise(district_read(request.param), SEED, SCALE)


@pytest.fixture
def turned(db: None, population: Population) -> Population:
    district_adopt(SYSTEM, population.district, is_sample=True)
    sample_state(SYSTEM, SampleStatement(seed=SEED, scale=SCALE, populations=population.persons_by_dong))
    assert first_cycle(population)
    return population


def test_one_turn_is_complete(turned: Population) -> None:
    assert Issue.objects.count() == 14
    assert set(AgendaItem.objects.values_list("state", flat=True)) == {"on_agenda", "answered", "decided", "delivered"}
    assert Decision.objects.count() == Project.objects.count() == 2
    line = BudgetLine.objects.get(origin=f"agenda:{AgendaItem.objects.get(state='delivered').pk}")
    assert [entry.kind for entry in Entry.objects.filter(debit__line=line)] == ["commitment", "expenditure"]
    assert Signal.objects.filter(state="on_agenda").exists()
    assert Signal.objects.filter(state="raised").exists()
    assert audit_verify().sound
    assert ledger_verify().sound


def test_a_pledge_is_judged_before_and_after_and_its_state_changes(turned: Population) -> None:
    pledge = Pledge.objects.get(code="autonomy")
    states = list(pledge.assessments.order_by("pk").values_list("state", flat=True))
    assert states[0] == "late"
    assert states[-1] == "on_track"
    assert len(states) > 2
    assert PledgeAssessment.objects.filter(occasion="before the first turn").count() == 5
    # What did not change is not judged again.
    changed = set(
        PledgeAssessment.objects.exclude(occasion="before the first turn").values_list("pledge__code", flat=True)
    )
    assert changed == {"autonomy", "health", "projects"}
    newest = {pledge.code: pledge.assessments.order_by("-pk")[0].state for pledge in Pledge.objects.all()}
    assert newest["care"] == "not_started"
    assert newest["projects"] == ("on_hold" if turned.district == "29140" else "on_track")


def test_every_stored_verdict_can_be_computed_again(turned: Population) -> None:
    runs = list(Run.objects.filter(inputs__isnull=False))
    assert len(runs) > 10
    assert all(run_replay(run).equal for run in runs)
    # Counts of persons in a dong are not kept with their runs.
    kept = {run.engine.rpartition(":")[2] for run in Run.objects.filter(inputs__isnull=True)}
    assert kept == {"elders_alone_json", "several_conditions_json", "uncooled_homes_json"}


def test_a_second_start_does_nothing(turned: Population) -> None:
    before = (Record.objects.count(), Observation.objects.count(), Entry.objects.count())
    assert not first_cycle(turned)
    assert (Record.objects.count(), Observation.objects.count(), Entry.objects.count()) == before


def test_what_is_computed_of_a_sample_says_so(turned: Population) -> None:
    assert set(Observation.objects.values_list("status", flat=True)) == {"sample"}


def test_a_real_district_is_left_alone(population: Population) -> None:
    district_adopt(SYSTEM, population.district)
    with pytest.raises(Conflict):
        first_cycle(population)
    assert not District.objects.get().is_sample
    assert not Issue.objects.exists()


@pytest.mark.parametrize("day", ["2027-01-03T00:00:00+09:00", "2028-02-29T12:00:00+09:00"])
def test_the_turn_can_be_played_on_any_day(db: None, population: Population, day: str) -> None:
    with patch("django.utils.timezone.now", return_value=datetime.fromisoformat(day)):
        district_adopt(SYSTEM, population.district, is_sample=True)
        assert first_cycle(population)
        states = Pledge.objects.get(code="autonomy").assessments.order_by("pk").values_list("state", flat=True)
        assert (states[0], list(states)[-1]) == ("late", "on_track")
    assert ledger_verify().sound
