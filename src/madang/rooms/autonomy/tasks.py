"""Long work of the autonomy room."""

from django.core.cache import cache
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks.base import TaskContext

from madang.rooms.autonomy.models import Poll, PollState
from madang.rooms.autonomy.selectors.assembly import assembly_get
from madang.rooms.autonomy.selectors.ballots import box_state, poll_get
from madang.rooms.autonomy.selectors.conversation import refresh_due
from madang.rooms.autonomy.services import opinions_refresh
from madang.rooms.autonomy.services.ballots import poll_explain, poll_open, poll_open_check
from madang.yard.audit.authority import SYSTEM, Actor
from madang.yard.audit.jobs import JobDraft, JobProgress, job_start

ASK_S = 60
"""Seconds in which one process asks for new groups at most once."""

OPENED_AT_ONCE = 2000
"""Ballots that a page opens and counts itself; more are left to the worker [1]."""

_OPENING_PART = 0.5


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


@task(takes_context=True)
def poll_count(context: TaskContext, code: str) -> None:
    """Open and count a closed vote, and explain every win and loss; what is done already is not done again."""
    report = JobProgress(str(context.task_result.id))
    if poll_get(code).state != PollState.OPENED:
        poll_open(SYSTEM, code, lambda part, step: report(_OPENING_PART * part, step))
    poll_explain(
        SYSTEM,
        code,
        lambda part, project: report(
            _OPENING_PART + (1 - _OPENING_PART) * part, _("explaining %(project)s") % {"project": project}
        ),
    )
    report(1.0, _("done"))


def poll_count_start(actor: Actor, code: str) -> Poll:
    """Open the ballots of a closed vote for whoever may; a large box, and all explaining, is left to the worker.

    Raises
    ------
    Conflict
        If shares or signatures are missing.
    """
    poll = poll_open_check(actor, code)
    if box_state(poll).entries <= OPENED_AT_ONCE:
        poll = poll_open(actor, code)
    title = _("Counting the vote: %(title)s") % {"title": poll.assembly.title}
    job_start(SYSTEM, JobDraft(task=poll_count, title=title, arguments={"code": code}, place=poll.assembly.dong_id))
    return poll
