"""The officer's two steps that reach into several rooms: funding a decision, and delivering what it made."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madang.plaza.forms import DeliverForm, FundForm
from madang.plaza.selectors import funds_for, matter_view
from madang.plaza.workflows import FundingDraft, ProjectDelivery, decision_fund, project_deliver
from madang.rooms.autonomy.views.acting import tried
from madang.rooms.autonomy.views.desk import for_staff
from madang.rooms.projects.selectors import project_get
from madang.yard.audit.authority import Action, require
from madang.yard.people.selectors import request_actor
from madang.yard.places.selectors import district_current


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def fund(request: HttpRequest, item_id: int) -> HttpResponse:
    """Make a project with money of a decided matter."""
    actor = request_actor(request)
    view = matter_view(item_id)
    item = view.item
    require(actor, Action.PROJECT_OPEN, place=item.dong_id)
    if view.project is not None:
        return redirect("project_deliver", view.project.pk)
    office = _("%(dong)s office") % {"dong": item.dong.name}
    form = FundForm(
        request.POST or None, initial={"owner": office}, funds=funds_for(item.dong_id, timezone.localdate().year)
    )
    if request.method == "POST" and form.is_valid():
        draft = FundingDraft(
            item=item.pk,
            fund=form.cleaned_data["fund"],
            programme=form.cleaned_data["programme"],
            owner=form.cleaned_data["owner"],
            milestones=form.milestones(),
        )
        opened = tried(form, lambda: decision_fund(actor, draft))
        if opened is not None:
            messages.success(request, _("The project is open, and its money is set apart."))
            return redirect("project_deliver", opened.pk)
    decision = getattr(item, "decision", None)
    return render(request, "plaza/fund.html", {"item": item, "decision": decision, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def deliver(request: HttpRequest, project_id: int) -> HttpResponse:
    """Reach a project's next step and pay for it."""
    actor = request_actor(request)
    project = project_get(project_id)
    require(actor, Action.MILESTONE_REACH, place=project.dong_id or district_current().code)
    form = DeliverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        draft = ProjectDelivery(project=project.pk, **form.cleaned_data)
        delivered = tried(form, lambda: project_deliver(actor, draft))
        if delivered is not None:
            done = _("Delivered. The promise that it serves has been judged again.")
            messages.success(request, done if delivered.whole else _("This step is reached."))
            return redirect("project_deliver", project.pk)
    ahead = [milestone for milestone in project.milestones.all() if milestone.reached_on is None]
    context = {"project": project, "form": form, "next": ahead[0] if ahead else None, "last": len(ahead) == 1}
    return render(request, "plaza/deliver.html", context)
