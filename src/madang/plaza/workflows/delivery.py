"""The two steps of the cycle that reach into several rooms at once; see docs/decisions/0063-workflows.md.

Each is one transaction over the rooms' own services, which ask for permission and write the audit log. What follows by
rule from what was done (measures, the pledge's state) is entered by the system itself: no officer has a say in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError
from madang.rooms.autonomy.bridge import ORIGIN, origin_of
from madang.rooms.autonomy.engine.agenda import State
from madang.rooms.autonomy.selectors import item_get
from madang.rooms.autonomy.services import DeliveryDraft, agenda_deliver, agenda_measure
from madang.rooms.projects.models import Milestone, PledgeAssessment, Project
from madang.rooms.projects.selectors import pledge_find, project_get
from madang.rooms.projects.services import (
    MilestoneDraft,
    ProjectDraft,
    ReachDraft,
    milestone_reach,
    pledge_assess,
    project_open,
    projects_measure,
)
from madang.yard.audit.authority import SYSTEM, Actor
from madang.yard.ledger.models import Entry, Fund, Programme
from madang.yard.ledger.services import (
    AppropriationDraft,
    ExpenditureDraft,
    LineDraft,
    appropriation_enter,
    expenditure_enter,
    line_open,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingDraft:
    """A decided matter that becomes a project with money.

    Attributes
    ----------
    item : int
        Key of the agenda item.
    fund : Fund
        Where the money comes from.
    programme : Programme
        What it is spent on; through it the project serves a pledge.
    owner : str
        The office that answers for it; never a person's name.
    milestones : sequence of MilestoneDraft
        At least one; the last is the delivery.
    on : date or None
        The day; today if None.
    """

    item: int
    fund: Fund
    programme: Programme
    owner: str
    milestones: Sequence[MilestoneDraft]
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDelivery:
    """The word that a project's next milestone was reached, and what was paid for it.

    Attributes
    ----------
    project : int
        Key of the project.
    note : str
        What was done; everybody reads it.
    paid_won : int
        What was paid [won]; 0 for nothing.
    on : date or None
        The day; today if None.
    """

    project: int
    note: str
    paid_won: int = 0
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of it.

    Attributes
    ----------
    milestone : Milestone
        The one that was reached.
    payment : Entry or None
        The ledger's entry.
    whole : bool
        Whether that was the last one, so that the matter is delivered.
    assessments : list of PledgeAssessment
        The pledges that were judged again.
    """

    milestone: Milestone
    payment: Entry | None
    whole: bool
    assessments: list[PledgeAssessment] = field(default_factory=list)


@transaction.atomic
def decision_fund(actor: Actor, draft: FundingDraft) -> Project:
    """Make a project with its milestones of a decided matter, open its budget line and set its money apart.

    The same matter again returns the project that stands.

    Raises
    ------
    Conflict
        If the matter is not decided, or has been delivered.
    DomainError
        If the fund has not that much, or something else is not acceptable.
    """
    item = item_get(draft.item)
    if item.matter_state is not State.DECIDED:
        message = _("Only what has been decided and not yet delivered becomes a project.")
        raise Conflict("not_decided", message, {"item": item.pk, "state": item.state})
    decision, url = item.decision, f"/agenda/{item.pk}/"
    line = None
    if decision.budget_won:
        line = line_open(
            actor,
            LineDraft(
                fund=draft.fund,
                place=item.dong_id,
                programme=draft.programme,
                title=decision.title,
                owner=draft.owner,
                origin=origin_of(item.pk),
                origin_url=url,
                code=f"{draft.fund.code[:30]}-A{item.pk}",
            ),
        )
        appropriation_enter(
            actor,
            AppropriationDraft(
                line=line,
                amount_won=decision.budget_won,
                memo=decision.title,
                date=draft.on,
                key=f"{origin_of(item.pk)}:appropriation",
            ),
        )
    return project_open(
        actor,
        ProjectDraft(
            programme=draft.programme,
            title=decision.title,
            owner=draft.owner,
            origin=origin_of(item.pk),
            origin_url=url,
            milestones=draft.milestones,
            dong=item.dong_id,
            budget_won=decision.budget_won,
            line=line,
            on=draft.on,
        ),
    )


@transaction.atomic
def project_deliver(actor: Actor, draft: ProjectDelivery) -> Delivered:
    """Reach a project's next milestone and pay for it; the last one delivers the matter and judges the pledge again.

    Raises
    ------
    Conflict
        If every milestone has been reached.
    DomainError
        If the line has not that much, or something else is not acceptable.
    """
    project = project_get(draft.project)
    ahead = [milestone for milestone in project.milestones.all() if milestone.reached_on is None]
    if not ahead:
        raise Conflict("delivered_already", _("Everything about this project has been delivered."))
    milestone = milestone_reach(actor, ReachDraft(milestone=ahead[0].pk, note=draft.note, on=draft.on))
    payment = None
    if draft.paid_won:
        if project.line is None:
            message = _("This project has no budget line to pay from.")
            raise DomainError("no_line", message, field="paid_won")
        payment = expenditure_enter(
            actor,
            ExpenditureDraft(
                line=project.line,
                amount_won=draft.paid_won,
                memo=project.title,
                date=draft.on,
                key=f"{milestone.code}:payment",
            ),
        )
    whole = len(ahead) == 1
    room, _colon, item = project.origin.partition(":")
    if whole and room == ORIGIN and item.isdigit():
        agenda_deliver(actor, DeliveryDraft(item=int(item), reason=draft.note, on=draft.on))
    return Delivered(milestone=milestone, payment=payment, whole=whole, assessments=_by_rule(project))


def _by_rule(project: Project) -> list[PledgeAssessment]:
    """Measure agenda and projects, and judge the pledges that this can have changed."""
    agenda_measure(SYSTEM)
    projects_measure(SYSTEM)
    codes = {project.programme.pledge, "autonomy", "projects"}
    pledges = [pledge for pledge in map(pledge_find, sorted(codes)) if pledge is not None]
    return [pledge_assess(SYSTEM, pledge, project.origin) for pledge in pledges]
