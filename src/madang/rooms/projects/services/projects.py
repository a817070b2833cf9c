"""Projects: opened by a decision, delivered milestone by milestone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.rooms.projects.models import Milestone, Project
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.ledger.models import BudgetLine, Programme
from madang.yard.places.selectors import district_current

MAX_TITLE = 120
MAX_NOTE = 2000


class ProjectCode(StrEnum):
    """What a service of the projects can refuse for."""

    DAY_NOT_VALID = "day_not_valid"
    MILESTONES_MISSING = "milestones_missing"
    REACHED_ALREADY = "reached_already"
    TEXT_MISSING = "text_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneDraft:
    """An event of a project: its names and the day it is due."""

    name_ko: str
    due_on: date
    name_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDraft:
    """A project to be opened.

    Attributes
    ----------
    programme : Programme
        The programme of the ledger that it belongs to.
    title : str
        What a resident calls it.
    owner : str
        The office that answers for it; never a person's name.
    origin, origin_url : str
        What decided it, and that page's address on this site.
    milestones : sequence of MilestoneDraft
        At least one; the last is its delivery.
    dong : str
        Code of its dong, empty for one of the whole district.
    budget_won : int
        What was decided for it [won].
    line : BudgetLine or None
        Where its money stands.
    on : date or None
        The day; today if None.
    """

    programme: Programme
    title: str
    owner: str
    origin: str
    milestones: Sequence[MilestoneDraft]
    origin_url: str = ""
    dong: str = ""
    budget_won: int = 0
    line: BudgetLine | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachDraft:
    """The word that a milestone was reached: which, how it is known, and on which day."""

    milestone: int
    note: str
    on: date | None = None


@transaction.atomic
def project_open(actor: Actor, draft: ProjectDraft) -> Project:
    """Open a project with its milestones; the same origin again returns the project that stands.

    Raises
    ------
    DomainError
        If it has no milestone, or a text or day is not acceptable.
    """
    require(actor, Action.PROJECT_OPEN, place=draft.dong or district_current().code)
    hold()
    standing = Project.objects.filter(origin=draft.origin).first()
    if standing is not None:
        return standing
    if not draft.milestones:
        message = _("A project needs at least one milestone: the day it is to be done.")
        raise DomainError(ProjectCode.MILESTONES_MISSING, message, field="milestones")
    project = Project.objects.create(
        programme=draft.programme,
        dong_id=draft.dong or None,
        title=_text(draft.title, "title", MAX_TITLE),
        owner=_text(draft.owner, "owner", 80),
        origin=draft.origin,
        origin_url=draft.origin_url,
        budget_won=draft.budget_won,
        line=draft.line,
        opened_on=_day(draft.on),
    )
    Milestone.objects.bulk_create(
        Milestone(
            code=f"project-{project.pk}-{position + 1}",
            project=project,
            position=position,
            name_ko=_text(row.name_ko, "name_ko", 80),
            name_en=row.name_en[:120],
            due_on=row.due_on,
        )
        for position, row in enumerate(draft.milestones)
    )
    detail = {
        "programme": draft.programme.code, "dong": draft.dong, "origin": draft.origin, "won": draft.budget_won,
    }  # fmt: skip
    record(actor, Action.PROJECT_OPEN, target=project, detail=detail)
    return project


@transaction.atomic
def milestone_reach(actor: Actor, draft: ReachDraft) -> Milestone:
    """Say that a milestone was reached.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If it was reached before.
    DomainError
        If it is not said how that is known, or the day is not acceptable.
    """
    hold()
    milestone = Milestone.objects.select_for_update().filter(pk=draft.milestone).first()
    if milestone is None:
        raise NotFound("milestone_unknown", _("There is no such milestone."))
    project = milestone.project
    place = (project.dong_id if project is not None else None) or district_current().code
    require(actor, Action.MILESTONE_REACH, place=place)
    if milestone.reached_on is not None:
        message = _("This milestone was reached already. Open the page again.")
        raise Conflict(ProjectCode.REACHED_ALREADY, message, {"on": milestone.reached_on.isoformat()})
    milestone.note = _text(draft.note, "note", MAX_NOTE)
    milestone.reached_on = _day(draft.on)
    milestone.save(update_fields=["note", "reached_on"])
    detail = {"due_on": milestone.due_on.isoformat(), "reached_on": milestone.reached_on.isoformat()}
    record(actor, Action.MILESTONE_REACH, target=milestone, detail=detail)
    return milestone


def _text(text: str, field: str, most: int) -> str:
    stripped = text.strip()
    if not 0 < len(stripped) <= most:
        message = _("Write between 1 and %(most)d characters.") % {"most": most}
        raise DomainError(ProjectCode.TEXT_MISSING, message, {"most": most}, field=field)
    return stripped


def _day(day: date | None) -> date:
    today = timezone.localdate()
    if day is not None and day > today:
        raise DomainError(ProjectCode.DAY_NOT_VALID, _("Enter a day that is past, or today."), field="on")
    return day or today
