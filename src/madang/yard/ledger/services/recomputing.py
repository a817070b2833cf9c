"""Recomputing the ledger from its entries, so that every balance shown points to a run."""

from django.db import transaction

from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.models import Run
from madang.yard.audit.services import Computation, run_perform
from madang.yard.ledger.bridge import ledger_inputs
from madang.yard.ledger.engine.replay import VERSION, recompute
from madang.yard.ledger.selectors.verify import RECOMPUTE

# Above this the run keeps digests only: the entries themselves are published as CSV.
_MOST_KEPT = 20_000


@transaction.atomic
def ledger_recompute(actor: Actor) -> Run:
    """Compute every balance again from the entries, without the database's own sums, and leave a run behind."""
    require(actor, Action.RUN_RECORD)
    inputs = ledger_inputs()
    computation = Computation(
        engine=RECOMPUTE, version=VERSION, inputs=inputs, keep=len(inputs["entries"]) <= _MOST_KEPT
    )
    run, _result = run_perform(actor, computation, recompute)
    return run
