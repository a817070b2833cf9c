"""A council by lot: preparing the pool, fixing the seed, announcing the public value, drawing."""

import csv
import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, EngineError, EngineInfeasible, NotFound
from madang.rooms.autonomy.models import CouncilLottery, LotteryApplicant, LotteryMethod, LotteryState
from madang.rooms.autonomy.services.moves import public_text, text_checked
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import Computation, hold, record, run_perform
from madang.yard.people.models import Person
from madang.yard.places.selectors import dong_get

if TYPE_CHECKING:
    from madang.rooms.autonomy.engine.sortition.lottery import Tickets
    from madang.rooms.autonomy.engine.sortition.pool import Problem

MAX_TITLE, MAX_ABOUT, MAX_SOURCE, MAX_VALUE = 120, 4000, 200, 120
SMALL = 5
"""A type, or a group, of fewer persons would single somebody out."""


class LotteryCode(StrEnum):
    """What a service of the lottery can refuse for."""

    APPLICANT_UNKNOWN = "applicant_unknown"
    APPLICANT_TWICE = "applicant_twice"
    POOL_NOT_VALID = "pool_not_valid"
    QUOTAS_CONFLICT = "quotas_conflict"
    QUOTAS_NOT_VALID = "quotas_not_valid"
    METHOD_UNKNOWN = "method_unknown"
    UNIFORM_NEEDS_OPEN_POOL = "uniform_needs_open_pool"
    VALUE_DAY_PAST = "value_day_past"
    VALUE_TOO_EARLY = "value_too_early"
    MOVED_MEANWHILE = "moved_meanwhile"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantDraft:
    """Somebody who may be drawn: their record, and the value of each category that a quota speaks of."""

    person: UUID | str
    values: Mapping[str, str]

    def __repr__(self) -> str:
        return "<ApplicantDraft>"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaDraft:
    """How many of a group the council must and may have."""

    category: str
    value: str
    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotteryDraft:
    """A lottery to be prepared.

    Attributes
    ----------
    dong : str
        Code of the dong whose council is drawn.
    title, about : str
        What residents read.
    size : int
        Members of the council.
    quotas : sequence of QuotaDraft
        One for every group that occurs.
    applicants : sequence of ApplicantDraft
        Everybody who may be drawn; all live in the dong.
    public_source : str
        Which public value will be taken, in words that leave no choice ("closing value of the KOSPI on 4 December").
    value_on : date
        The day on which it becomes known; later than today when the seed is fixed.
    method : str
        `leximin` or `uniform`.
    """

    dong: str
    title: str
    size: int
    quotas: Sequence[QuotaDraft]
    applicants: Sequence[ApplicantDraft]
    public_source: str
    value_on: date
    about: str = ""
    method: str = LotteryMethod.LEXIMIN.value


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
    persons = _persons(draft)
    lots = _lots(len(persons))
    problem = _problem(draft, lots)
    found, levels, run = _computed(actor, draft, problem)
    is_open = min(len(members) for members in problem.members) >= SMALL
    if draft.method == LotteryMethod.UNIFORM and not is_open:
        message = _(
            "Some combinations of values fit fewer than five applicants, so the pool cannot be published and nobody "
            "could repeat this draw. Draw by equal chances instead, or use fewer categories."
        )
        raise DomainError(LotteryCode.UNIFORM_NEEDS_OPEN_POOL, message, field="method")
    published, digests = _published(problem, found, is_open=is_open)
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
        groups=_groups(problem),
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


def lottery_of_files(applicants: str, quotas: str) -> tuple[tuple[ApplicantDraft, ...], tuple[QuotaDraft, ...]]:
    """Return what two comma-separated texts say: `person` with categories, and `category,value,min,max`.

    Raises
    ------
    InputError
        With the line and field of what cannot be read.
    """
    from madang.rooms.autonomy.formats.pool_csv import pool_read, quotas_read

    pool = pool_read(_("applicants"), _with_first_column(applicants, "person").encode())
    limits = quotas_read(_("quotas"), quotas.encode())
    people = tuple(
        ApplicantDraft(person=lot, values=dict(zip(pool.categories, row, strict=True)))
        for lot, row in zip(pool.lots, pool.values, strict=True)
    )
    groups = tuple(
        QuotaDraft(category=quota.category, value=quota.value, least=quota.least, most=quota.most) for quota in limits
    )
    return people, groups


def _with_first_column(text: str, name: str) -> str:
    """Return a table whose column of a name stands first, which is what the reader takes where none is called lot."""
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or name not in rows[0]:
        return text
    place = rows[0].index(name)
    out = io.StringIO()
    csv.writer(out).writerows([row[place : place + 1] + row[:place] + row[place + 1 :] for row in rows])
    return out.getvalue()


def _persons(draft: LotteryDraft) -> list[Person]:
    wanted = [str(applicant.person) for applicant in draft.applicants]
    if len(set(wanted)) != len(wanted):
        raise DomainError(LotteryCode.APPLICANT_TWICE, _("Somebody stands in the pool twice."), field="applicants")
    try:
        found = {str(person.pk): person for person in Person.objects.filter(pk__in=wanted, dong__code=draft.dong)}
    except (ValidationError, ValueError) as error:
        raise _unknown_applicant() from error
    if len(found) != len(wanted):
        raise _unknown_applicant()
    return [found[key] for key in wanted]


def _unknown_applicant() -> DomainError:
    message = _("Somebody in the pool has no record in this dong. Take the record numbers from the list of persons.")
    return DomainError(LotteryCode.APPLICANT_UNKNOWN, message, field="applicants")


def _lots(count: int) -> list[str]:
    """Return that many random lots: numbers of four to six digits that say nothing of an order."""
    digits = max(4, len(str(10 * count)))
    numbers = secrets.SystemRandom().sample(range(10 ** (digits - 1), 10**digits), count)
    return [str(number) for number in numbers]


def _problem(draft: LotteryDraft, lots: Sequence[str]) -> "Problem":
    from madang.rooms.autonomy.engine.sortition.pool import Pool, Problem, Quota

    categories = tuple(sorted({name for applicant in draft.applicants for name in applicant.values}))
    try:
        pool = Pool(
            lots=tuple(lots),
            categories=categories,
            values=tuple(
                tuple(str(applicant.values.get(name, "")) for name in categories) for applicant in draft.applicants
            ),
        )
        quotas = tuple(
            Quota(category=quota.category, value=quota.value, least=quota.least, most=quota.most)
            for quota in draft.quotas
        )
        return Problem(pool=pool, quotas=quotas, size=draft.size)
    except EngineError as error:
        raise _pool_refused(error) from error


def _pool_refused(error: EngineError) -> DomainError:
    field = error.field if error.field in {"quotas", "size"} else "applicants"
    messages = {
        "size_outside": _("The council is larger than the pool, or has no members."),
        "quota_missing": _("A group that occurs in the pool has no quota: %(category)s, %(value)s."),
        "quota_unknown_category": _("The pool has no such category: %(category)s."),
        "quota_twice": _("A group has two quotas: %(category)s, %(value)s."),
        "quota_bounds": _("A quota asks for fewer at most than at least: %(category)s, %(value)s."),
    }
    message = messages.get(error.code, _("This pool cannot be drawn from.")) % {
        "category": error.data.get("category", ""),
        "value": error.data.get("value", ""),
    }
    return DomainError(LotteryCode.POOL_NOT_VALID, message, error.data, field=field)


def _computed(actor: Actor, draft: LotteryDraft, problem: "Problem") -> tuple["Tickets | None", list[list[Any]], Any]:
    """Return the fair lottery, the probability of each type, and the run; of the uniform method probabilities alone."""
    from madang.rooms.autonomy.engine.sortition.lottery import FAIR_ENGINE, VERSION, fair_json, tickets_read
    from madang.rooms.autonomy.engine.sortition.pool import problem_json
    from madang.rooms.autonomy.engine.sortition.uniform import Uniform

    try:
        if draft.method == LotteryMethod.UNIFORM:
            shares, _exact = Uniform(problem).levels()
            return None, [[int(n), round(p, 12)] for n, p in zip(problem.counts, shares.tolist(), strict=True)], None
        computation = Computation(engine=FAIR_ENGINE, version=VERSION, inputs=problem_json(problem), keep=False)
        run, result = run_perform(actor, computation, fair_json)
    except EngineInfeasible as error:
        raise _conflict(error) from error
    except EngineError as error:
        message = _("No fair lottery could be computed: %(why)s") % {"why": error}
        raise DomainError(LotteryCode.QUOTAS_NOT_VALID, message, field="quotas") from error
    return tickets_read(problem, result), result["levels"], run


def _conflict(error: EngineInfeasible) -> DomainError:
    sides = {
        "least": _("%(category)s, %(value)s: at least %(count)s"),
        "most": _("%(category)s, %(value)s: at most %(count)s"),
    }
    bounds = "; ".join(sides[bound["side"]] % bound for bound in error.data["conflict"])
    changes = "; ".join(sides[one["side"]] % {**one, "count": one["then"]} for one in error.data["relaxation"])
    message = _("No council meets these quotas together: %(bounds)s. The smallest change that helps: %(changes)s.")
    return DomainError(
        LotteryCode.QUOTAS_CONFLICT, message % {"bounds": bounds, "changes": changes}, error.data, field="quotas"
    )


def _published(problem: "Problem", found: "Tickets | None", *, is_open: bool) -> tuple[dict[str, Any], tuple[str, str]]:
    """Return what is published of pool and lottery, and the digests of both."""
    from madang.rooms.autonomy.engine.sortition.chance import Chance
    from madang.rooms.autonomy.engine.sortition.lottery import hidden
    from madang.rooms.autonomy.engine.sortition.pool import problem_json

    if found is None:
        return {"problem": problem_json(problem), "lottery": None}, (problem.digest, "")
    shown = found
    if not is_open:
        shown = hidden(found, Chance(seed=secrets.token_hex(32), public_value="", digest="", purpose="types"))
    body = {"problem": problem_json(shown.problem), "lottery": shown.as_json()}
    return body, (shown.problem.digest, shown.digest)


def _groups(problem: "Problem") -> list[dict[str, Any]]:
    """Return each quota with the number of applicants, None where a small one could be worked out."""
    from madang.yard.evidence.engine.line import guard_line
    from madang.yard.evidence.engine.rules import Rule

    counts = problem.incidence @ problem.counts
    rows = []
    for category in problem.used:
        places = [n for n, quota in enumerate(problem.quotas) if quota.category == category]
        shown = guard_line(counts[places], Rule(threshold=SMALL)).published
        for place, is_shown in zip(places, shown.tolist(), strict=False):
            quota = problem.quotas[place]
            pool = int(counts[place]) if is_shown else None
            row = {"category": category, "value": quota.value, "min": quota.least, "max": quota.most, "pool": pool}
            rows.append(row)
    return rows


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
