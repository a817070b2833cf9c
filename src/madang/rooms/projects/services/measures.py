"""Measuring the projects themselves: how many milestones were reached by their day."""

from django.db import transaction
from django.utils import timezone

from madang.rooms.projects.bridge import milestone_days
from madang.rooms.projects.engine.punctuality import ENGINE, VERSION, in_time_json
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.models import Run
from madang.yard.audit.services import Computation, run_perform
from madang.yard.evidence.models import Indicator, ObservationStatus
from madang.yard.evidence.services import ObservationDraft, observation_enter
from madang.yard.places.selectors import district_current

IN_TIME = "projects.milestones-in-time"


@transaction.atomic
def projects_measure(actor: Actor) -> Run | None:
    """Enter this month's share of milestones that were reached by their day; None where nothing asks for it."""
    district = district_current()
    require(actor, Action.OBSERVATION_ENTER, place=district.code)
    if not Indicator.objects.filter(code=IN_TIME).exists():
        return None
    today = timezone.localdate()
    inputs = {"as_of": today.isoformat(), "milestones": milestone_days()}
    run, result = run_perform(actor, Computation(engine=ENGINE, version=VERSION, inputs=inputs), in_time_json)
    if result["percent"] is not None:
        draft = ObservationDraft(
            indicator=IN_TIME,
            place=district.code,
            period=f"{today:%Y-%m}",
            value=result["percent"],
            numerator=result["part"],
            denominator=result["whole"],
            status=(ObservationStatus.SAMPLE if district.is_sample else ObservationStatus.MEASURED).value,
            run=run,
        )
        observation_enter(actor, draft)
    return run
