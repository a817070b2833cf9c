"""What the pages' cache goes by: every write, and every moment at which an assembly's calendar turns a page."""

import functools
from bisect import bisect_right
from datetime import datetime

from django.utils import timezone

from madang.rooms.autonomy.models import AssemblyPhase
from madang.yard.audit.selectors import epoch


def page_epoch() -> tuple[str, int]:
    """Return the head of the audit log, and how many phases of assemblies have begun or ended by now.

    Notes
    -----
    A calendar changes only by a write, so its moments are read once a head; what remains is a search among them.
    """
    head = epoch()
    return head, bisect_right(_turns(head), timezone.now())


@functools.lru_cache(maxsize=2)
def _turns(_head: str) -> tuple[datetime, ...]:
    rows = AssemblyPhase.objects.order_by().values_list("begins_at", "ends_at")
    return tuple(sorted(moment for row in rows for moment in row))
