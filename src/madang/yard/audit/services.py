"""Writing to the log: records, runs, and the sealed head."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from madang.numerics.digests import json_digest
from madang.yard.audit import seal
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.bridge import record_body
from madang.yard.audit.engine.chain import GENESIS, link_hash
from madang.yard.audit.models import Head, Record, Run
from madang.yard.audit.selectors import audit_verify

T = TypeVar("T")


def target_name(target: models.Model | str) -> str:
    """Return how the log names a thing: `app.model:key`."""
    if isinstance(target, str):
        return target
    return f"{target._meta.label_lower}:{target.pk}"


def hold() -> None:
    """Wait until nobody else is writing, and keep it so until the transaction ends.

    Every service ends by locking the audit log's head. Taking that lock first means that two services never hold what
    the other waits for, however a workflow nests them, and that entries are numbered in the order they were committed.
    """
    Head.objects.select_for_update().filter(pk=1).first()


def record(
    actor: Actor, action: Action, *, target: models.Model | str, detail: Mapping[str, Any] | None = None
) -> Record:
    """Append one record to the chain, inside the caller's transaction.

    Parameters
    ----------
    actor : Actor
        Who did it.
    action : Action
        What was done.
    target : Model or str
        What it was done to.
    detail : mapping, optional
        JSON values that say more; never a personal value.

    Notes
    -----
    Locks the head row until the transaction ends, so records are numbered in commit order without holes. Writers
    therefore queue behind one another; on SQLite they do so anyway.
    """
    with transaction.atomic():
        head = Head.objects.select_for_update().filter(pk=1).first()
        if head is None:
            head, _made = Head.objects.get_or_create(pk=1, defaults={"count": 0, "hash": GENESIS})
            head = Head.objects.select_for_update().get(pk=1)
        entry = Record(
            sequence=head.count + 1,
            at=timezone.now(),
            user=actor.user or "",
            role=actor.role.value,
            place=actor.place,
            action=action.value,
            target=target_name(target),
            purpose=actor.purpose[:200],
            detail=dict(detail or {}),
            previous=head.hash,
        )
        entry.hash = link_hash(entry.sequence, entry.previous, record_body(entry))
        entry.save(force_insert=True)
        head.count = entry.sequence
        head.hash = entry.hash
        head.signature = seal.sign(head.count, head.hash)
        head.save(force_update=True, update_fields=["count", "hash", "signature"])
    return entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Computation:
    """What is about to be computed.

    Attributes
    ----------
    engine : str
        Dotted path `package.module:function` of a pure function `(inputs, parameters, seed) -> JSON value`; it is what
        a later reader calls to compute the same result again.
    version : str
        Version of the method, raised whenever its numbers change.
    inputs : JSON value
        Everything it reads.
    parameters : mapping
        Its settings.
    seed : int or None
        Seed of its random stream; None if it draws nothing.
    keep : bool
        Whether inputs and result are kept with the run, so that it can be recomputed from the run alone. What is not
        kept is digested under the installation's key, so that nobody can find it by trying.
    """

    engine: str
    version: str
    inputs: Any
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    keep: bool = True


def run_perform(
    actor: Actor, computation: Computation, function: Callable[[Any, Mapping[str, Any], int | None], T]
) -> tuple[Run, T]:
    """Carry out a computation and leave a `Run` behind.

    Parameters
    ----------
    actor : Actor
        For whom it runs.
    computation : Computation
        What is computed.
    function : callable
        The function that `computation.engine` names.

    Returns
    -------
    (Run, result)
        The stored run and what the function returned (a JSON value).
    """
    require(actor, Action.RUN_RECORD)
    started_at = timezone.now()
    begun = time.perf_counter()
    result = function(computation.inputs, computation.parameters, computation.seed)
    duration = time.perf_counter() - begun
    return run_store(actor, computation, result, (started_at, duration)), result


@transaction.atomic
def run_store(actor: Actor, computation: Computation, result: object, timing: tuple[datetime, float]) -> Run:
    """Store the run of a computation that has been carried out (`timing`: when it began, and seconds it took)."""
    require(actor, Action.RUN_RECORD)
    started_at, seconds = timing
    # A plain digest of what is not kept (a few small counts, say) could be found by trying.
    digest = json_digest if computation.keep else seal.keyed_digest
    run = Run.objects.create(
        engine=computation.engine,
        version=computation.version,
        parameters=dict(computation.parameters),
        seed=computation.seed,
        input_digest=digest(computation.inputs),
        inputs=computation.inputs if computation.keep else None,
        result_digest=digest(result),
        result=result if computation.keep else None,
        started_at=started_at,
        duration_ms=round(seconds * 1000),
        user=actor.user or "",
        role=actor.role.value,
    )
    record(actor, Action.RUN_RECORD, target=run, detail={"engine": run.engine, "result": run.result_digest})
    return run


def verification_perform(actor: Actor, progress: Callable[[float], None] | None = None) -> Run:
    """Walk the whole log and leave the verdict as a run.

    Parameters
    ----------
    actor : Actor
        Who wants to know.
    progress : callable, optional
        Told the fraction of the log that has been walked.
    """
    require(actor, Action.RUN_RECORD)
    started_at = timezone.now()
    begun = time.perf_counter()
    verdict = audit_verify(progress)
    computation = Computation(
        engine="madang.yard.audit.selectors:audit_verify",
        version="1",
        inputs={"count": verdict.count, "head": verdict.head},
    )
    result = {"sound": verdict.sound, "broken_at": verdict.broken_at, "fault": verdict.fault}
    return run_store(actor, computation, result, (started_at, time.perf_counter() - begun))
