"""Long work of the autonomy room."""

from django.core.cache import cache
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks.base import TaskContext

from madang.rooms.autonomy.selectors.assembly import assembly_get
from madang.rooms.autonomy.selectors.conversation import refresh_due
from madang.rooms.autonomy.services import opinions_refresh
from madang.yard.audit.authority import SYSTEM
from madang.yard.audit.jobs import JobDraft, JobProgress, job_start

ASK_S = 60
"""Seconds in which one process asks for new groups at most once."""


@task(takes_context=True)
def opinions_refresh_assembly(context: TaskContext, assembly: int) -> None:
    """Compute the groups of a conversation anew if enough is new; run twice, the second finds nothing new."""
    report = JobProgress(str(context.task_result.id))
    if refresh_due(assembly):
        report(0.1, _("Finding people who think alike"))
        opinions_refresh(SYSTEM, assembly)
    report(1.0, _("done"))


def opinions_refresh_when_due(assembly: int) -> None:
    """Let the worker compute the groups of a conversation anew, if enough opinions are new."""
    if refresh_due(assembly) and cache.add(f"autonomy-opinions-{assembly}", 1, ASK_S):
        place = assembly_get(assembly).dong_id
        draft = JobDraft(
            task=opinions_refresh_assembly, title=_("Opinion groups"), arguments={"assembly": assembly}, place=place
        )
        job_start(SYSTEM, draft)
