"""The agenda, for programs: everybody reads and reports; a receipt opens its report."""

import datetime as dt
from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Header, Router, Schema, Status
from ninja.errors import AuthenticationError
from ninja.pagination import LimitOffsetPagination, paginate
from pydantic import StringConstraints

from madang.rooms.autonomy.models import MAX_TEXT, AgendaItem, Category, Channel, Issue
from madang.rooms.autonomy.selectors import (
    Step,
    agenda_items,
    issue_by_receipt,
    issue_timeline,
    item_get,
    item_timeline,
)
from madang.rooms.autonomy.services import IssueDraft, issue_report
from madang.yard.audit.authority import VISITOR, Actor
from madang.yard.people.api import TokenAuth
from madang.yard.people.selectors import token_actor
from madang.yard.people.services import Scope

router = Router()
_REPORTER = TokenAuth(Scope.WRITE_ISSUES)


class CategoryOut(Schema):
    """A kind of report."""

    code: str
    name: str


class IssueIn(Schema):
    """A report: a dong or a point, a kind, and what it is about."""

    category: str = Field(examples=["road"])
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)]
    dong: str = Field("", description="Code of the dong; may be left out where lon and lat tell.")
    lon: float | None = None
    lat: float | None = None


class ReceiptOut(Schema):
    """What a report is opened with; keep it."""

    receipt: str
    dong: str
    state: str
    reported_at: dt.datetime


class StepOut(Schema):
    """One step of a matter: reached, now, or ahead."""

    label: str
    when: dt.date | None
    why: str
    status: str


class IssueOut(ReceiptOut):
    """A report as whoever holds its receipt sees it."""

    category: str
    text: str
    item: int | None
    steps: list[StepOut]


class ItemOut(Schema):
    """A matter on a dong's agenda."""

    id: int
    dong: str
    title: str
    summary: str
    room: str
    state: str
    said: str
    opened_on: dt.date
    state_since: dt.date
    lon: float | None
    lat: float | None

    @staticmethod
    def resolve_dong(item: AgendaItem) -> str:
        """Return the dong's code."""
        return str(item.dong_id)


class DecisionOut(Schema):
    """What was decided."""

    title: str
    rationale: str
    budget_won: int
    votes_for: int | None
    votes_against: int | None
    votes_cast: int | None
    decided_on: dt.date


class ItemWhole(ItemOut):
    """A matter with its decision and its steps."""

    decision: DecisionOut | None
    steps: list[StepOut]

    @staticmethod
    def resolve_decision(item: AgendaItem) -> object:
        """Return the decision, None where there is none."""
        return getattr(item, "decision", None)

    @staticmethod
    def resolve_steps(item: AgendaItem) -> list[Step]:
        """Return the steps."""
        return item_timeline(item)


@router.get("/categories", response=list[CategoryOut], summary="Kinds of report")
def categories(request: HttpRequest) -> list[dict[str, str]]:  # noqa: ARG001  # ninja's signature
    """List the kinds of report."""
    return [{"code": code, "name": str(name)} for code, name in Category.choices]


@router.post("/issues", response={201: ReceiptOut}, summary="Report an issue; the same Idempotency-Key is kept once")
def issue_post(
    request: HttpRequest,
    body: IssueIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key")],
) -> Status[dict[str, object]]:
    """Take a report in; sent again under the same key it is the same report with the same receipt."""
    draft = IssueDraft(
        key=idempotency_key,
        text=body.text,
        category=body.category,
        dong=body.dong,
        lon=body.lon,
        lat=body.lat,
        channel=Channel.API.value,
    )
    issue = issue_report(_actor(request), draft)
    return Status(201, _receipt(issue))


@router.get("/issues/{receipt}", response=IssueOut, summary="A report, by its receipt number")
def issue_get(request: HttpRequest, receipt: str) -> dict[str, object]:  # noqa: ARG001
    """Return a report to whoever holds its receipt number."""
    issue = issue_by_receipt(receipt)
    return {
        **_receipt(issue),
        "category": issue.category,
        "text": issue.text,
        "item": issue.item_id,
        "steps": issue_timeline(issue),
    }


@router.get("/agenda", response=list[ItemOut], summary="Matters on the agenda, newest first")
@paginate(LimitOffsetPagination)
def agenda(request: HttpRequest, dong: str = "", state: str = "", room: str = "") -> QuerySet[AgendaItem]:  # noqa: ARG001
    """List matters on the agenda."""
    return agenda_items(dong=dong, state=state, room=room)


@router.get("/agenda/{item_id}", response=ItemWhole, summary="One matter with its decision and steps")
def agenda_one(request: HttpRequest, item_id: int) -> AgendaItem:  # noqa: ARG001
    """Return one matter."""
    return item_get(item_id)


def _receipt(issue: Issue) -> dict[str, object]:
    return {
        "receipt": issue.receipt,
        "dong": issue.dong_id,
        "state": issue.matter_state.value,
        "reported_at": issue.reported_at,
    }


def _actor(request: HttpRequest) -> Actor:
    """Return a visitor, or whose token was shown: a cookie does not count, since other sites' pages send it along."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return VISITOR
    token = _REPORTER.authenticate(request, secret.strip())
    if token is None:
        raise AuthenticationError
    return token_actor(token)
