"""Long work of the audit log."""

from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks.base import TaskContext

from madang.yard.audit.authority import SYSTEM
from madang.yard.audit.jobs import JobProgress
from madang.yard.audit.services import verification_perform


@task(takes_context=True)
def audit_verify_whole(context: TaskContext) -> None:
    """Walk the whole log and leave the verdict as a run."""
    report = JobProgress(str(context.task_result.id))
    verification_perform(SYSTEM, progress=lambda fraction: report(fraction, _("Checking each record of the log")))
