"""Long work of the evidence."""

from django_tasks import task
from django_tasks.base import TaskContext

from madang.yard.audit.authority import SYSTEM
from madang.yard.audit.jobs import JobProgress
from madang.yard.evidence.services import dataset_publish


@task(takes_context=True)
def datasets_publish_all(context: TaskContext) -> None:
    """Publish every dataset; run twice, it publishes nothing new."""
    dataset_publish(SYSTEM, JobProgress(str(context.task_result.id)))
