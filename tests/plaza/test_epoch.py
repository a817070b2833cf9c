"""A page that says what is open now is made anew when a phase begins or ends, without any write."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone
from tests.plaza.test_results import PURSE_WON, stage

from madang.plaza.selectors.epoch import page_epoch
from madang.plaza.workflows.sample_assembly import SampleAssembly, assembly_proposing
from madang.rooms.autonomy.models import Assembly
from madang.yard.audit.models import Record

__all__ = ["stage"]
pytestmark = pytest.mark.django_db
NOW = "madang.plaza.selectors.epoch.timezone.now"


def test_a_phase_that_ends_changes_the_epoch_and_nothing_else_does(stage: SampleAssembly) -> None:
    assembly_proposing(SampleAssembly(dong=stage.dong, fund=stage.fund, purse_won=PURSE_WON, day=7))
    ends_at = Assembly.objects.get().phases.get(phase="propose").ends_at
    before = page_epoch()
    with patch(NOW, return_value=ends_at - timedelta(seconds=1)):
        assert page_epoch() == before
    with patch(NOW, return_value=ends_at):
        after = page_epoch()
    # The end of one phase is the beginning of the next.
    assert after == (before[0], before[1] + 2)


def test_a_page_is_kept_and_then_made_anew(stage: SampleAssembly, client: Client) -> None:
    assembly = assembly_proposing(SampleAssembly(dong=stage.dong, fund=stage.fund, purse_won=PURSE_WON, day=7))
    path = f"/assemblies/{assembly.pk}/"
    first = client.get(path).content
    records = Record.objects.count()
    later = assembly.phases.get(phase="propose").ends_at + timedelta(minutes=1)
    assert client.get(path).content == first
    with patch.object(timezone, "now", return_value=later):
        assert client.get(path).content != first
    assert Record.objects.count() == records
