"""Pledges and projects, for programs: open to everybody."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.pagination import LimitOffsetPagination, paginate

from madang.rooms.projects.models import PledgeAssessment, Project
from madang.rooms.projects.selectors import (
    BoardRow,
    assessments_list,
    board,
    board_row,
    pledge_get,
    projects_of_pledge,
)

router = Router()


class PledgeOut(Schema):
    """A pledge with its newest state; progress and plan are shares from 0 to 1."""

    code: str
    room: str
    name: str
    promise: str
    starts_on: dt.date
    ends_on: dt.date
    state: str | None
    progress: float | None
    plan: float | None
    reasons: list[str]
    run: UUID | None


class AssessmentOut(Schema):
    """A pledge's state as it was computed on a day."""

    as_of: dt.date
    state: str
    progress: float
    plan: float
    shortfall: float
    reasons: list[dict[str, Any]]
    occasion: str
    run_id: UUID
    assessed_at: dt.datetime


class MilestoneOut(Schema):
    """An event of a project."""

    code: str
    name_ko: str
    name_en: str
    due_on: dt.date
    reached_on: dt.date | None


class ProjectOut(Schema):
    """A project with its milestones."""

    id: int
    dong: str | None
    title: str
    owner: str
    origin: str
    budget_won: int
    opened_on: dt.date
    milestones: list[MilestoneOut]

    @staticmethod
    def resolve_dong(project: Project) -> str | None:
        """Return the dong's code, None for a project of the whole district."""
        return None if project.dong_id is None else str(project.dong_id)


@router.get("/pledges", response=list[PledgeOut], summary="The pledge board")
def pledges(request: HttpRequest) -> list[dict[str, object]]:  # noqa: ARG001  # ninja's signature
    """List every current pledge with its newest state, computed by rule."""
    return [_shown(row) for row in board()]


@router.get("/pledges/{code}", response=PledgeOut, summary="One pledge")
def pledge(request: HttpRequest, code: str) -> dict[str, object]:  # noqa: ARG001
    """Return one pledge with its newest state."""
    return _shown(board_row(pledge_get(code)))


@router.get(
    "/pledges/{code}/assessments", response=list[AssessmentOut], summary="How a pledge was judged, newest first"
)
@paginate(LimitOffsetPagination)
def assessments(request: HttpRequest, code: str) -> Any:  # noqa: ANN401, ARG001  # the page that ninja makes of it
    """List every judgement of a pledge; its run holds what it was computed from."""
    return assessments_list(pledge_get(code))


@router.get("/pledges/{code}/projects", response=list[ProjectOut], summary="Projects of a pledge")
def projects(request: HttpRequest, code: str) -> list[Project]:  # noqa: ARG001
    """List the projects that a pledge's programmes deliver."""
    return projects_of_pledge(pledge_get(code).code)


def _shown(row: BoardRow) -> dict[str, object]:
    assessment: PledgeAssessment | None = row.assessment
    return {
        "code": row.pledge.code,
        "room": row.pledge.room,
        "name": row.pledge.name,
        "promise": row.pledge.promise,
        "starts_on": row.pledge.starts_on,
        "ends_on": row.pledge.ends_on,
        "state": assessment.state if assessment else None,
        "progress": assessment.progress if assessment else None,
        "plan": assessment.plan if assessment else None,
        "reasons": [sentence.text for sentence in row.sentences],
        "run": assessment.run_id if assessment else None,
    }
