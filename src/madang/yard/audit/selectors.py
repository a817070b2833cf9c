"""Reading the log."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import NotFound
from madang.yard.audit import seal
from madang.yard.audit.authority import Action, Actor, Role, may
from madang.yard.audit.bridge import links
from madang.yard.audit.engine.chain import GENESIS, Link, verify_chain
from madang.yard.audit.models import Head, Job, Record, Run

_TELL_EVERY = 1000
_RUN_NAME = re.compile(r"^[0-9a-f]{6,32}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerdict:
    """Whether the log is whole.

    Attributes
    ----------
    sound : bool
        Every link holds, the head matches and its seal is ours.
    count : int
        Records that hold, counted from the first.
    head : str
        Hash of the last of them.
    broken_at : int or None
        Sequence number of the first record that does not hold.
    fault : str
        "altered", "unlinked", "missing", "cut" (the end is gone), "unsealed" or "".
    """

    sound: bool
    count: int
    head: str
    broken_at: int | None
    fault: str


def head_current() -> Head:
    """Return the head of the chain (an unsaved one at the start)."""
    return Head.objects.filter(pk=1).first() or Head(count=0, hash=GENESIS)


def audit_verify(progress: Callable[[float], None] | None = None) -> AuditVerdict:
    """Walk the whole log and compare its end with the sealed head.

    Parameters
    ----------
    progress : callable, optional
        Told the fraction of the log that has been walked, every thousand records.

    Notes
    -----
    O(n) in records, constant memory. Records that are written during the walk are not looked at; that the log does not
    go on behind its head is checked at the end.
    """
    head = head_current()
    check = verify_chain(_told(links(until=head.count), head.count, progress))
    fault, broken_at = check.fault, check.broken_at
    if broken_at is None and (check.count, check.head) != (head.count, head.hash):
        fault, broken_at = "cut", check.count + 1
    if broken_at is None and _last_sequence() > head_current().count:
        fault, broken_at = "cut", head.count + 1
    if broken_at is None and head.count and not seal.holds(head.count, head.hash, head.signature):
        fault, broken_at = "unsealed", head.count
    return AuditVerdict(sound=broken_at is None, count=check.count, head=check.head, broken_at=broken_at, fault=fault)


def _told(chain: Iterator[Link], count: int, progress: Callable[[float], None] | None) -> Iterator[Link]:
    for link in chain:
        if progress is not None and link.sequence % _TELL_EVERY == 0:
            progress(min(link.sequence / count, 1.0))
        yield link


def _last_sequence() -> int:
    last: int | None = Record.objects.aggregate(last=Max("sequence"))["last"]
    return last or 0


def records_of(target: str) -> QuerySet[Record]:
    """Return what was done to one thing, oldest first."""
    return Record.objects.filter(target=target)


def run_get(run_id: str) -> Run:
    """Return one run by its id or by the first characters of it (at least six).

    Raises
    ------
    NotFound
        If there is none, or more than one, of this name.
    """
    plain = run_id.replace("-", "").lower()
    found: list[Run] = []
    if _RUN_NAME.match(plain):
        low, high = UUID(plain.ljust(32, "0")), UUID(plain.ljust(32, "f"))
        found = list(Run.objects.filter(pk__gte=low, pk__lte=high)[:2])
    if len(found) != 1:
        raise NotFound("run_unknown", _("There is no computation with this number."), {"run": run_id})
    return found[0]


def head_export() -> dict[str, object]:
    """Return the sealed head as JSON: whoever keeps it can later prove that the log was cut or rewritten."""
    head = head_current()
    return {
        "count": head.count,
        "head": head.hash,
        "signature": head.signature,
        "public_key": seal.public_key_hex(),
        "at": timezone.now().isoformat(timespec="seconds"),
    }


def job_get(actor: Actor, job_id: str) -> Job:
    """Return a job that the actor started or whose place they reach.

    Raises
    ------
    NotFound
        If there is none, or it is none of the actor's business.
    """
    try:
        job = Job.objects.filter(pk=UUID(job_id)).first()
    except ValueError:
        job = None
    if job is None or not (job.user == (actor.user or "") or may(actor, Action.JOB_CANCEL, job.place)):
        raise NotFound("job_unknown", _("There is no such task."), {"job": job_id})
    return job


def epoch() -> str:
    """Return the hash of the log's head; every write changes it, so a page made at an epoch holds within it.

    The hash and not the count, because a restored log can reach the same count with other records.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM audit_head WHERE id = 1")
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def record_list(actor: Actor, q: str, chosen: Mapping[str, str], ordering: Sequence[str]) -> QuerySet[Record]:
    """Return the records that an actor may read: what was done at their place and below.

    Parameters
    ----------
    actor : Actor
        Who reads.
    q : str
        Part of a target's name, or a sequence number.
    chosen : mapping
        Filters `role` and `action`; an empty value does not filter.
    ordering : sequence of str
        Order of the rows.
    """
    found = Record.objects.order_by(*ordering)
    if actor.role is not Role.SYSTEM:
        # The system's own records belong to no place; they are part of every district's log.
        found = found.filter(Q(place__startswith=actor.place) | Q(place=""))
    if q:
        found = found.filter(sequence=int(q)) if q.isascii() and q.isdigit() else found.filter(target__icontains=q)
    return found.filter(**{name: value for name, value in chosen.items() if value})


def run_list(q: str, ordering: Sequence[str]) -> QuerySet[Run]:
    """Return the computations whose method's name holds a text."""
    return Run.objects.filter(engine__icontains=q).order_by(*ordering).defer("inputs", "result", "parameters")


def verification_last() -> Run | None:
    """Return the run of the last walk along the whole log."""
    return Run.objects.filter(engine="madang.yard.audit.selectors:audit_verify").order_by("-started_at").first()
