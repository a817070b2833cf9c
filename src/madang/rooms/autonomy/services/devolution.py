"""Handing down: publishing a formula, and the register of authorities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, EngineError, NotFound
from madang.rooms.autonomy.models import Delegation, DevolutionFormula
from madang.rooms.autonomy.services.moves import public_text
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import Computation, hold, record, run_perform
from madang.yard.places.selectors import district_current, dong_get

MAX_TITLE, MAX_BASIS, MAX_REASON, MAX_POSTS = 120, 200, 2000, 1000
YEARS = (2000, 2200)


class DevolutionCode(StrEnum):
    """What a service of devolution can refuse for."""

    DONG_UNKNOWN = "dong_unknown"
    FORMULA_NOT_VALID = "formula_not_valid"
    YEAR_NOT_VALID = "year_not_valid"
    REVIEW_TOO_EARLY = "review_too_early"
    POSTS_NOT_VALID = "posts_not_valid"
    ENDED_ALREADY = "ended_already"
    DAY_NOT_VALID = "day_not_valid"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaDraft:
    """A formula to be published.

    Attributes
    ----------
    year : int
        For which year's budget.
    title, reason : str
        What it is called, and why it weighs as it does.
    inputs : mapping
        What `engine.devolution.formula_read` takes, with the codes of dongs of this district.
    """

    year: int
    title: str
    reason: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationDraft:
    """An authority to be entered."""

    dong: str
    title_ko: str
    legal_basis: str
    starts_on: date
    review_on: date
    title_en: str = ""
    staff_posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDraft:
    """What a review said, and when the next is due."""

    delegation: int
    note: str
    next_on: date
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDraft:
    """The end of a delegation, and why."""

    delegation: int
    reason: str
    on: date | None = None


@transaction.atomic
def devolution_publish(actor: Actor, draft: FormulaDraft) -> DevolutionFormula:
    """Compute a formula and publish it with its numbers; the newest of a year is the one in force.

    Raises
    ------
    DomainError
        If it cannot be computed, names a dong that is not here, or a text is missing.
    """
    from madang.rooms.autonomy.engine.devolution import ENGINE, VERSION, devolve_json

    hold()
    district = district_current()
    require(actor, Action.DEVOLUTION_PUBLISH, place=district.code)
    if not YEARS[0] <= draft.year <= YEARS[1]:
        raise DomainError(DevolutionCode.YEAR_NOT_VALID, _("Enter the budget year, such as 2027."), field="year")
    codes = set(district.dongs.values_list("code", flat=True))
    unknown = sorted({str(code) for code in draft.inputs.get("dongs", ())} - codes)
    if unknown:
        message = _("The formula names dongs that are not of this district: %(codes)s.") % {"codes": ", ".join(unknown)}
        raise DomainError(DevolutionCode.DONG_UNKNOWN, message, {"codes": unknown}, field="formula")
    computation = Computation(engine=ENGINE, version=VERSION, inputs=dict(draft.inputs))
    try:
        run, _result = run_perform(actor, computation, devolve_json)
    except EngineError as error:
        message = _("The formula cannot be computed: %(why)s") % {"why": error}
        raise DomainError(DevolutionCode.FORMULA_NOT_VALID, message, error.data, field="formula") from error
    formula = DevolutionFormula.objects.create(
        year=draft.year,
        title=public_text(draft.title, field="title", most=MAX_TITLE, missing=_("Write a title.")),
        reason=public_text(
            draft.reason, field="reason", most=MAX_REASON, missing=_("Write the reason: residents read it.")
        ),
        inputs=dict(draft.inputs),
        run=run,
    )
    record(actor, Action.DEVOLUTION_PUBLISH, target=formula, detail={"year": draft.year, "run": str(run.pk)})
    return formula


@transaction.atomic
def delegation_enter(actor: Actor, draft: DelegationDraft) -> Delegation:
    """Enter an authority that a dong receives.

    Raises
    ------
    NotFound, DomainError
        If there is no such dong, or something about the entry is not acceptable.
    """
    require(actor, Action.DELEGATION_ENTER, place=draft.dong)
    dong = dong_get(draft.dong)
    if draft.review_on <= draft.starts_on:
        message = _("The review comes after the start.")
        raise DomainError(DevolutionCode.REVIEW_TOO_EARLY, message, field="review_on")
    if not 0 <= draft.staff_posts <= MAX_POSTS:
        message = _("Enter how many posts go with it, 0 for none.")
        raise DomainError(DevolutionCode.POSTS_NOT_VALID, message, field="staff_posts")
    delegation = Delegation.objects.create(
        dong_id=dong.code,
        title_ko=public_text(
            draft.title_ko, field="title_ko", most=MAX_TITLE, missing=_("Write what is delegated, in Korean.")
        ),
        title_en=draft.title_en.strip()[:160],
        legal_basis=public_text(
            draft.legal_basis,
            field="legal_basis",
            most=MAX_BASIS,
            missing=_("Name the law or ordinance and its article."),
        ),
        staff_posts=draft.staff_posts,
        starts_on=draft.starts_on,
        review_on=draft.review_on,
    )
    detail = {"dong": dong.code, "posts": draft.staff_posts, "starts_on": draft.starts_on.isoformat()}
    record(actor, Action.DELEGATION_ENTER, target=delegation, detail=detail)
    return delegation


@transaction.atomic
def delegation_review(actor: Actor, draft: ReviewDraft) -> Delegation:
    """Enter that a delegation was reviewed, what was found, and when the next review is due.

    Raises
    ------
    NotFound, Conflict, DomainError
        If it is not there, has ended, or the day of the next review is not later.
    """
    delegation = _locked(actor, draft.delegation)
    day = _day(draft.on, delegation)
    if draft.next_on <= day:
        message = _("The next review comes after this one.")
        raise DomainError(DevolutionCode.REVIEW_TOO_EARLY, message, field="next_on")
    delegation.review_note = public_text(
        draft.note, field="note", most=MAX_REASON, missing=_("Write what the review found: residents read it.")
    )
    delegation.reviewed_on, delegation.review_on = day, draft.next_on
    delegation.save(update_fields=["review_note", "reviewed_on", "review_on"])
    detail = {"reviewed_on": day.isoformat(), "review_on": draft.next_on.isoformat()}
    record(actor, Action.DELEGATION_ENTER, target=delegation, detail=detail)
    return delegation


@transaction.atomic
def delegation_end(actor: Actor, draft: EndDraft) -> Delegation:
    """Enter that a delegation has ended, and why.

    Raises
    ------
    NotFound, Conflict, DomainError
        If it is not there, has ended before, or the reason is missing.
    """
    delegation = _locked(actor, draft.delegation)
    delegation.ended_on = _day(draft.on, delegation)
    delegation.end_reason = public_text(
        draft.reason, field="reason", most=MAX_REASON, missing=_("Write the reason: residents read it.")
    )
    delegation.save(update_fields=["ended_on", "end_reason"])
    record(actor, Action.DELEGATION_ENTER, target=delegation, detail={"ended_on": delegation.ended_on.isoformat()})
    return delegation


def _locked(actor: Actor, delegation_id: int) -> Delegation:
    hold()
    delegation = Delegation.objects.select_for_update().filter(pk=delegation_id).first()
    if delegation is None:
        raise NotFound("delegation_unknown", _("There is no such delegation."))
    require(actor, Action.DELEGATION_ENTER, place=delegation.dong_id)
    if delegation.ended_on is not None:
        raise Conflict(DevolutionCode.ENDED_ALREADY, _("This delegation has ended."))
    return delegation


def _day(on: date | None, delegation: Delegation) -> date:
    day = on or timezone.localdate()
    if not delegation.starts_on <= day <= timezone.localdate():
        message = _("Enter a day from its start to today.")
        raise DomainError(DevolutionCode.DAY_NOT_VALID, message, field="on")
    return day
