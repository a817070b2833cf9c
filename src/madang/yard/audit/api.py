"""The audit log and the runs, for programs."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import ModelSchema, Router, Schema
from ninja.pagination import LimitOffsetPagination, paginate

from madang.yard.audit.models import Run
from madang.yard.audit.selectors import head_export, run_get, run_list

router = Router()


class HeadOut(Schema):
    """The sealed end of the log."""

    count: int
    head: str
    signature: str
    public_key: str
    at: str


class RunOut(ModelSchema):
    """A computation, without its input and result."""

    id: UUID

    class Meta:
        """Which columns leave the house."""

        model = Run
        fields = ("engine", "version", "seed", "input_digest", "result_digest", "started_at", "duration_ms")


class RunWhole(RunOut):
    """A computation with everything that is needed to do it again."""

    parameters: dict[str, Any]
    inputs: Any
    result: Any


@router.get("/head", response=HeadOut, summary="The sealed head of the audit log")
def head(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001  # ninja's signature
    """Return the sealed head; keep it to prove later that the log was not rewritten."""
    return head_export()


@router.get("/runs", response=list[RunOut], summary="Computations, newest first")
@paginate(LimitOffsetPagination)
def runs(request: HttpRequest, engine: str = "") -> QuerySet[Run]:  # noqa: ARG001
    """List computations whose method's name holds a text."""
    return run_list(engine, ("-started_at", "pk"))


@router.get("/runs/{run_id}", response=RunWhole, summary="One computation, with its input and result")
def run(request: HttpRequest, run_id: str) -> Run:  # noqa: ARG001
    """Return a computation by its number or the first characters of it."""
    return run_get(run_id)
