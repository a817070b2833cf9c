"""Reading the log."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import NotFound
from madang.yard.audit import seal
from madang.yard.audit.bridge import links
from madang.yard.audit.engine.chain import GENESIS, verify_chain
from madang.yard.audit.models import Head, Record, Run


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


def audit_verify() -> AuditVerdict:
    """Walk the whole log and compare its end with the sealed head.

    Notes
    -----
    O(n) in records, constant memory. Records that are written during the walk are not looked at; that the log does not
    go on behind its head is checked at the end.
    """
    head = head_current()
    check = verify_chain(links(until=head.count))
    fault, broken_at = check.fault, check.broken_at
    if broken_at is None and (check.count, check.head) != (head.count, head.hash):
        fault, broken_at = "cut", check.count + 1
    if broken_at is None and _last_sequence() > head_current().count:
        fault, broken_at = "cut", head.count + 1
    if broken_at is None and head.count and not seal.holds(head.count, head.hash, head.signature):
        fault, broken_at = "unsealed", head.count
    return AuditVerdict(sound=broken_at is None, count=check.count, head=check.head, broken_at=broken_at, fault=fault)


def _last_sequence() -> int:
    last: int | None = Record.objects.aggregate(last=Max("sequence"))["last"]
    return last or 0


def records_of(target: str) -> QuerySet[Record]:
    """Return what was done to one thing, oldest first."""
    return Record.objects.filter(target=target)


def run_get(run_id: str) -> Run:
    """Return one run.

    Raises
    ------
    NotFound
        If there is none with this id.
    """
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        raise NotFound("run_unknown", _("There is no computation with this number."), {"run": run_id})
    return run


def epoch() -> int:
    """Return the number of records in the log: it grows with every write, so a page made at an epoch holds within it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count FROM audit_head WHERE id = 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
