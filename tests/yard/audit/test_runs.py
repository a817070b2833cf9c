"""A computation leaves a run behind from which it can be done again."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from madang.numerics.digests import json_digest
from madang.numerics.errors import Conflict, NotFound
from madang.yard.audit.authority import Actor
from madang.yard.audit.models import Run
from madang.yard.audit.replay import run_replay
from madang.yard.audit.selectors import audit_verify, run_get
from madang.yard.audit.services import Computation, run_perform, verification_perform

pytestmark = pytest.mark.django_db


def total(inputs: Any, parameters: Mapping[str, Any], seed: int | None) -> Any:
    return {"total": sum(inputs) * parameters["times"]}


def perform(actor: Actor) -> Run:
    computation = Computation(
        engine="madang.yard.audit.engine.chain:verify_chain", version="1", inputs=[1, 2], parameters={"times": 3}
    )
    run, result = run_perform(actor, computation, total)
    assert result == {"total": 9}
    return run


def test_a_run_is_stored_recorded_and_found_by_its_first_characters(administrator: Actor) -> None:
    run = perform(administrator)
    assert run_get(str(run.pk)) == run_get(run.short) == run
    assert audit_verify().count == 1
    for wrong in ("zz", "", "../etc", run.short[:3]):
        with pytest.raises(NotFound):
            run_get(wrong)


def test_a_run_cannot_be_changed(administrator: Actor) -> None:
    run = perform(administrator)
    with pytest.raises(DatabaseError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(version="2")


def test_a_run_that_kept_no_inputs_says_so(administrator: Actor) -> None:
    with pytest.raises(Conflict):
        run_replay(verification_perform(administrator))


def test_what_is_not_kept_cannot_be_found_by_trying(administrator: Actor) -> None:
    computation = Computation(
        engine="madang.x.engine.y:z", version="1", inputs=[3], parameters={"times": 1}, keep=False
    )
    run, result = run_perform(administrator, computation, total)
    again, _result = run_perform(administrator, computation, total)
    assert (run.inputs, run.result) == (None, None)
    assert json_digest([3]) != run.input_digest
    assert json_digest(result) != run.result_digest
    assert (run.input_digest, run.result_digest) == (again.input_digest, again.result_digest)
