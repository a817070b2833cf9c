"""Explaining a counted vote: once, by the same engine that anybody can run on the published ballots."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict
from madang.rooms.autonomy.engine.ballots.count import count_inputs
from madang.rooms.autonomy.engine.verdict import VERDICT_ENGINE, VERSION, verdict_json
from madang.rooms.autonomy.models import Poll, PollState
from madang.rooms.autonomy.selectors.ballots import ballots_counted, poll_get, poll_header
from madang.rooms.autonomy.services.ballots.codes import poll_locked
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.models import Run
from madang.yard.audit.services import Computation, run_perform

Progress = Callable[[float, str], None]


def poll_explain(actor: Actor, code: str, progress: Progress | None = None) -> Run:
    """Explain every win and loss of a counted vote, and keep that beside the result; a second time changes nothing.

    Raises
    ------
    NotFound
        If there is no such poll.
    Conflict
        If its ballots are not counted.
    """
    require(actor, Action.RUN_RECORD)
    poll = poll_get(code)
    if poll.state != PollState.OPENED:
        raise Conflict("poll_not_counted", _("The ballots of this vote are not counted yet."), {"poll": code})
    if poll.verdict is not None:
        return poll.verdict
    computation = Computation(
        engine=VERDICT_ENGINE,
        version=VERSION,
        inputs=count_inputs(poll_header(poll), ballots_counted(poll)),
        parameters=poll.manifest,
    )

    def explained(inputs: Any, parameters: Mapping[str, Any], seed: int | None) -> dict[str, Any]:  # noqa: ANN401  # JSON
        return verdict_json(inputs, parameters, seed, progress)

    run, _result = run_perform(actor, computation, explained)
    with transaction.atomic():
        locked: Poll = poll_locked(code)
        if locked.verdict is None:
            locked.verdict = run
            locked.save(update_fields=["verdict"])
        return locked.verdict
