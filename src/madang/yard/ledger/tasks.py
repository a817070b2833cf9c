"""Long work of the ledger."""

from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks.base import TaskContext

from madang.yard.audit.authority import SYSTEM
from madang.yard.audit.jobs import JobProgress
from madang.yard.ledger.services import ledger_recompute


@task(takes_context=True)
def ledger_recompute_whole(context: TaskContext) -> None:
    """Compute every balance again from the entries and leave a run."""
    report = JobProgress(str(context.task_result.id))
    report(0.1, _("Computing every balance again from the entries"))
    ledger_recompute(SYSTEM)
    report(1.0, _("done"))
