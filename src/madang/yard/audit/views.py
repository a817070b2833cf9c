"""Pages of the audit log, the runs and the jobs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from madang.ui.listing import Column, ListingRules, listing_of, page_of
from madang.ui.pagecache import public_page
from madang.yard.audit.authority import ROLE_NAMES, Action, Role, actor_in, may, require
from madang.yard.audit.jobs import JobDraft, job_cancel, job_start
from madang.yard.audit.models import Job, JobState
from madang.yard.audit.selectors import (
    head_export,
    job_get,
    record_list,
    run_get,
    run_list,
    verification_last,
)
from madang.yard.audit.tasks import audit_verify_whole

RECORD_COLUMNS = (
    Column(label=gettext_lazy("Number"), key="number", numeric=True),
    Column(label=gettext_lazy("When")),
    Column(label=gettext_lazy("Role")),
    Column(label=gettext_lazy("What was done")),
    Column(label=gettext_lazy("To what")),
    Column(label=gettext_lazy("Purpose")),
    Column(label=gettext_lazy("Link")),
)
RECORD_RULES = ListingRules(
    sortable={"number": "sequence"},
    default="-number",
    filters={"role": tuple(role.value for role in Role), "action": tuple(action.value for action in Action)},
)
RUN_COLUMNS = (
    Column(label=gettext_lazy("Run")),
    Column(label=gettext_lazy("Method")),
    Column(label=gettext_lazy("When"), key="when"),
    Column(label=gettext_lazy("Milliseconds"), key="duration", numeric=True),
)
RUN_RULES = ListingRules(sortable={"when": "started_at", "duration": "duration_ms"}, default="-when")


@require_safe
@public_page
def overview(request: HttpRequest) -> HttpResponse:
    """Say what the log is, where its head stands and how anyone can check it."""
    context = {"head": head_export(), "last": verification_last()}
    return render(request, "audit/overview.html", context)


@require_safe
def head(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  # Django's signature
    """Return the sealed head, to be kept elsewhere."""
    return JsonResponse(head_export())


@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """List the log, for those who may read it."""
    actor = actor_in(request)
    require(actor, Action.AUDIT_READ)
    listing = listing_of(request, RECORD_RULES)
    page = page_of(record_list(actor, listing.q, listing.chosen, listing.ordering), listing.page)
    context = {
        "listing": listing,
        "page": page,
        "columns": RECORD_COLUMNS,
        "role_names": {role.value: name for role, name in ROLE_NAMES.items()},
        "action_choices": [(action.value, action.value) for action in Action],
    }
    return render(request, "audit/records.html", context)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Start a walk along the whole log."""
    draft = JobDraft(task=audit_verify_whole, title=_("Check the audit log"))
    return redirect("job", job_id=str(job_start(actor_in(request), draft).pk))


@require_safe
@public_page
def runs(request: HttpRequest) -> HttpResponse:
    """List the computations."""
    listing = listing_of(request, RUN_RULES)
    page = page_of(run_list(listing.q, listing.ordering), listing.page)
    context = {"listing": listing, "page": page, "columns": RUN_COLUMNS}
    return render(request, "audit/runs.html", context)


@require_safe
@public_page
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show one computation and how to do it again."""
    return render(request, "audit/run.html", {"run": run_get(run_id)})


@require_safe
def job(request: HttpRequest, job_id: str) -> HttpResponse:
    """Show how far a long task is; the fragment alone where htmx asks."""
    actor = actor_in(request)
    found = job_get(actor, job_id)
    context = {
        "job": found,
        "step": _step(found),
        "running": found.finished_at is None,
        "may_cancel": may(actor, Action.JOB_CANCEL, found.place or None),
    }
    template = "audit/job_progress.html" if request.headers.get("HX-Request") else "audit/job.html"
    return render(request, template, context)


def _step(found: Job) -> str:
    if found.state == JobState.RUNNING and found.step:
        return found.step
    if found.problem and found.state in {JobState.FAILED, JobState.CANCELLED}:
        return found.problem
    return str(JobState(found.state).label)


@require_POST
def cancel(request: HttpRequest, job_id: str) -> HttpResponse:
    """Ask a long task to stop."""
    job_cancel(actor_in(request), job_id)
    return redirect("job", job_id=job_id)
