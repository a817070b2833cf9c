"""The pool of a lottery: what is entered, what is computed of it, and what of it is published."""

import csv
import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from madang.numerics.errors import DomainError, EngineError, EngineInfeasible
from madang.rooms.autonomy.models import LotteryMethod
from madang.yard.audit.authority import Actor
from madang.yard.audit.models import Run
from madang.yard.audit.services import Computation, run_perform
from madang.yard.people.models import Person

if TYPE_CHECKING:
    from madang.rooms.autonomy.engine.sortition.lottery import Tickets
    from madang.rooms.autonomy.engine.sortition.pool import Problem

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


def persons_of(draft: LotteryDraft) -> list[Person]:
    """Return the records of the applicants, in their order; all of the lottery's dong."""
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


def lots_made(count: int) -> list[str]:
    """Return that many random lots: numbers of four to six digits that say nothing of an order."""
    digits = max(4, len(str(10 * count)))
    numbers = secrets.SystemRandom().sample(range(10 ** (digits - 1), 10**digits), count)
    return [str(number) for number in numbers]


def problem_of(draft: LotteryDraft, lots: Sequence[str]) -> "Problem":
    """Return pool and quotas as the engine takes them, refused in words of this room."""
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


def lottery_computed(
    actor: Actor, draft: LotteryDraft, problem: "Problem"
) -> tuple["Tickets | None", list[list[Any]], Run | None]:
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


def lottery_published(
    problem: "Problem", found: "Tickets | None", *, is_open: bool
) -> tuple[dict[str, Any], tuple[str, str]]:
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


def groups_of(problem: "Problem") -> list[dict[str, Any]]:
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
