"""Computing a stored run again."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.utils.translation import gettext as _

from madang.numerics.digests import json_digest
from madang.numerics.errors import Conflict
from madang.yard.audit.models import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of computing a run again.

    Attributes
    ----------
    run : str
        Its id.
    engine, version : str
        The function, and the version whose numbers the run holds.
    equal : bool
        Whether the result has the stored digest.
    stored, computed : str
        The two digests.
    result : JSON value
        What was computed now.
    """

    run: str
    engine: str
    version: str
    equal: bool
    stored: str
    computed: str
    result: Any


def run_replay(run: Run) -> Replay:
    """Compute a run again from the inputs it kept.

    Raises
    ------
    Conflict
        If the run kept no inputs (they are published elsewhere) or is not of an engine's function.
    """
    module_name, _colon, function_name = run.engine.partition(":")
    if ".engine." not in module_name or not module_name.startswith("madang.") or run.inputs is None:
        raise Conflict(
            "run_keeps_no_inputs",
            _("This run did not keep its inputs, so it is recomputed from the published data it names."),
            {"run": str(run.pk), "engine": run.engine},
        )
    function = getattr(import_module(module_name), function_name)
    result = function(run.inputs, run.parameters, run.seed)
    computed = json_digest(result)
    return Replay(
        run=str(run.pk),
        engine=run.engine,
        version=run.version,
        equal=computed == run.result_digest,
        stored=run.result_digest,
        computed=computed,
        result=result,
    )
