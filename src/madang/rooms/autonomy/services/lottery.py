"""A council by lot: preparing the pool, fixing the seed, announcing the public value, drawing."""

import json
import secrets
from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.rooms.autonomy.models import CouncilLottery, LotteryApplicant, LotteryMethod, LotteryState
from madang.rooms.autonomy.services.lottery_pool import (
    SMALL,
    ApplicantDraft,
    LotteryCode,
    LotteryDraft,
    QuotaDraft,
    groups_of,
    lots_made,
    lottery_computed,
    lottery_of_files,
    lottery_published,
    persons_of,
    problem_of,
)
from madang.rooms.autonomy.services.moves import public_text, text_checked
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import Computation, hold, record, run_perform
from madang.yard.places.selectors import dong_get

__all__ = [
    "ApplicantDraft",
    "LotteryCode",
    "LotteryDraft",
    "QuotaDraft",
    "lottery_announce",
    "lottery_commit",
    "lottery_draw",
    "lottery_of_files",
    "lottery_prepare",
]

MAX_TITLE, MAX_ABOUT, MAX_SOURCE, MAX_VALUE = 120, 4000, 200, 120


@transaction.atomic
def lottery_prepare(actor: Actor, draft: LotteryDraft) -> CouncilLottery:
    """Enter the pool under random lots, look whether the quotas can be met, and compute the fairest lottery.

    Raises
    ------
    DomainError
        If an applicant, a quota or a text is not acceptable, or no council meets the quotas (which, and the smallest
        change that mends it, are in the message).
    """
    hold()
    require(actor, Action.LOTTERY_PREPARE, place=draft.dong)
    dong = dong_get(draft.dong)
    if draft.method not in LotteryMethod.values:
        raise DomainError(LotteryCode.METHOD_UNKNOWN, _("Choose how it is drawn from the list."), field="method")
    persons = persons_of(draft)
    lots = lots_made(len(persons))
    problem = problem_of(draft, lots)
    found, levels, run = lottery_computed(actor, draft, problem)
    is_open = min(len(members) for members in problem.members) >= SMALL
    if draft.method == LotteryMethod.UNIFORM and not is_open:
        message = _(
            "Some combinations of values fit fewer than five applicants, so the pool cannot be published and nobody "
            "could repeat this draw. Draw by equal chances instead, or use fewer categories."
        )
        raise DomainError(LotteryCode.UNIFORM_NEEDS_OPEN_POOL, message, field="method")
    published, digests = lottery_published(problem, found, is_open=is_open)
    lottery = CouncilLottery.objects.create(
        dong_id=dong.code,
        title=public_text(draft.title, field="title", most=MAX_TITLE, missing=_("Write a title.")),
        about=public_text(draft.about, field="about", most=MAX_ABOUT, missing="") if draft.about.strip() else "",
        size=draft.size,
        method=draft.method,
        quotas=[[quota.category, quota.value, quota.least, quota.most] for quota in draft.quotas],
        is_open=is_open,
        published=published,
        pool_digest=digests[0],
        lottery_digest=digests[1],
        levels=levels,
        groups=groups_of(problem),
        public_source=public_text(
            draft.public_source,
            field="public_source",
            most=MAX_SOURCE,
            missing=_("Name the public value, so that nobody can choose it later."),
        ),
        value_on=draft.value_on,
        fair_run=run,
    )
    LotteryApplicant.objects.bulk_create(
        LotteryApplicant(
            lottery=lottery,
            person=person,
            lot=lot,
            values=json.dumps(dict(applicant.values), ensure_ascii=False, sort_keys=True),
        )
        for person, lot, applicant in zip(persons, lots, draft.applicants, strict=True)
    )
    detail = {"dong": dong.code, "size": draft.size, "applicants": len(persons), "pool": lottery.pool_digest}
    record(actor, Action.LOTTERY_PREPARE, target=lottery, detail=detail)
    return lottery


@transaction.atomic
def lottery_commit(actor: Actor, lottery_id: int, *, on: date | None = None) -> CouncilLottery:
    """Make the secret seed, seal it, and publish its commitment with the name of the public value.

    Parameters
    ----------
    actor : Actor
        Who does it.
    lottery_id : int
        Key of the lottery.
    on : date, optional
        The day; in a sample district it may be past, elsewhere it is today.

    Raises
    ------
    NotFound, Conflict, DomainError
        If the lottery is not there, has moved on, or the public value is known already on that day.
    """
    from madang.rooms.autonomy.engine.sortition.chance import SEED_BYTES, commitment_of

    lottery = _locked(lottery_id, LotteryState.PREPARED)
    require(actor, Action.LOTTERY_PREPARE, place=lottery.dong_id)
    day = on if on is not None and lottery.dong.district.is_sample else timezone.localdate()
    if lottery.value_on <= day:
        message = _("The public value must become known on a later day than the commitment. Prepare it anew.")
        raise DomainError(LotteryCode.VALUE_DAY_PAST, message, field="value_on")
    lottery.secret = secrets.token_hex(SEED_BYTES)
    lottery.commitment = commitment_of(lottery.secret)
    lottery.committed_at = timezone.make_aware(datetime.combine(day, time(12)))
    if day == timezone.localdate():
        lottery.committed_at = timezone.now()
    lottery.prepared_at = min(lottery.prepared_at, lottery.committed_at)
    _moved(lottery, LotteryState.COMMITTED)
    detail = {"commitment": lottery.commitment, "pool": lottery.pool_digest, "lottery": lottery.lottery_digest}
    record(actor, Action.LOTTERY_PREPARE, target=lottery, detail=detail)
    return lottery


@transaction.atomic
def lottery_announce(actor: Actor, lottery_id: int, value: str) -> CouncilLottery:
    """Enter the public value, once it is known.

    Raises
    ------
    NotFound, Conflict, DomainError
        If the lottery is not there, has moved on, its day has not come, or the value is empty.
    """
    lottery = _locked(lottery_id, LotteryState.COMMITTED)
    require(actor, Action.LOTTERY_DRAW, place=lottery.dong_id)
    if timezone.localdate() < lottery.value_on:
        message = _("The public value is not known yet.")
        raise DomainError(LotteryCode.VALUE_TOO_EARLY, message, {"on": lottery.value_on.isoformat()}, field="value")
    missing = _("Write the public value exactly as it was announced.")
    lottery.public_value = text_checked(value, field="value", most=MAX_VALUE, missing=missing)
    lottery.announced_at = timezone.now()
    _moved(lottery, LotteryState.ANNOUNCED)
    record(actor, Action.LOTTERY_DRAW, target=lottery, detail={"public_value": lottery.public_value})
    return lottery


@transaction.atomic
def lottery_draw(actor: Actor, lottery_id: int) -> CouncilLottery:
    """Reveal the seed and draw; the run holds all that is needed to do it again.

    Raises
    ------
    NotFound, Conflict
        If the lottery is not there or has moved on.
    """
    from madang.rooms.autonomy.engine.sortition.lottery import DRAW_ENGINE, VERSION, draw_json

    lottery = _locked(lottery_id, LotteryState.ANNOUNCED)
    require(actor, Action.LOTTERY_DRAW, place=lottery.dong_id)
    inputs = {
        "problem": lottery.published["problem"],
        "lottery": lottery.published["lottery"],
        "commitment": lottery.commitment,
        "seed": lottery.secret or "",
        "public_value": lottery.public_value,
    }
    computation = Computation(engine=DRAW_ENGINE, version=VERSION, inputs=inputs, parameters={"method": lottery.method})
    run, result = run_perform(actor, computation, draw_json)
    lottery.seed, lottery.result, lottery.draw_run = lottery.secret or "", result, run
    _mark_drawn(lottery, result["drawn"])
    lottery.drawn_at = timezone.now()
    _moved(lottery, LotteryState.DRAWN)
    detail = {"lots": result["drawn"], "ticket": result["ticket"], "run": str(run.pk)}
    record(actor, Action.LOTTERY_DRAW, target=lottery, detail=detail)
    return lottery


def _mark_drawn(lottery: CouncilLottery, lots: Sequence[str]) -> None:
    drawn = lottery.applicants.filter(lot__in=lots)
    drawn.update(is_drawn=True)
    council = [json.loads(values or "{}") for values in drawn.values_list("values", flat=True)]
    for row in lottery.groups:
        row["drawn"] = sum(values.get(row["category"]) == row["value"] for values in council)


def _locked(lottery_id: int, state: LotteryState) -> CouncilLottery:
    hold()
    lottery = CouncilLottery.objects.select_for_update().filter(pk=lottery_id).first()
    if lottery is None:
        raise NotFound("lottery_unknown", _("There is no such lottery."))
    if lottery.state != state.value:
        raise Conflict(LotteryCode.MOVED_MEANWHILE, _("This step has been taken meanwhile. Open the page again."))
    return lottery


def _moved(lottery: CouncilLottery, state: LotteryState) -> None:
    lottery.state = state.value
    lottery.save()
