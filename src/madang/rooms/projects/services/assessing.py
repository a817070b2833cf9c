"""Judging pledges by the rule: inputs in, verdict and run out, for ever."""

from django.db import transaction
from django.utils import timezone

from madang.numerics.digests import json_digest
from madang.rooms.projects.bridge import pledge_inputs
from madang.rooms.projects.engine.pledge_state import ENGINE, VERSION, PledgeParameters, pledge_state_json
from madang.rooms.projects.models import Pledge, PledgeAssessment
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import Computation, hold, record, run_perform
from madang.yard.places.selectors import district_current

MAX_OCCASION = 200


@transaction.atomic
def pledge_assess(actor: Actor, pledge: Pledge, occasion: str) -> PledgeAssessment:
    """Judge a pledge as of today from what is stored, and keep verdict and run.

    Where nothing that it depends on has changed since it was last judged, that judgement is returned.

    Parameters
    ----------
    actor : Actor
        For whom.
    pledge : Pledge
        Which one.
    occasion : str
        Why now, such as "monthly" or a reference to what was delivered; never a person's name.
    """
    require(actor, Action.PLEDGE_ASSESS, place=district_current().code)
    hold()
    today = timezone.localdate()
    settings = PledgeParameters()
    inputs = pledge_inputs(pledge, today)
    newest = pledge.assessments.select_related("run").first()
    if newest is not None and (newest.run.version, newest.run.input_digest) == (VERSION, json_digest(inputs)):
        return newest
    computation = Computation(
        engine=ENGINE,
        version=VERSION,
        inputs=inputs,
        parameters={"tolerance": settings.tolerance, "stale_days": settings.stale_days},
    )
    run, verdict = run_perform(actor, computation, pledge_state_json)
    assessment = PledgeAssessment.objects.create(
        pledge=pledge,
        run=run,
        as_of=today,
        state=verdict["state"],
        progress=verdict["progress"],
        plan=verdict["plan"],
        shortfall=verdict["shortfall"],
        reasons=verdict["reasons"],
        occasion=occasion[:MAX_OCCASION],
    )
    record(
        actor,
        Action.PLEDGE_ASSESS,
        target=pledge,
        detail={"state": assessment.state, "run": str(run.pk), "occasion": assessment.occasion},
    )
    return assessment


@transaction.atomic
def pledges_assess(actor: Actor, occasion: str) -> list[PledgeAssessment]:
    """Judge every current pledge."""
    return [pledge_assess(actor, pledge, occasion) for pledge in Pledge.objects.filter(is_current=True)]
