"""What only a sample may do: an assembly whose year passes in a moment."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict
from madang.rooms.autonomy.engine.phases import Span, calendar_checked
from madang.rooms.autonomy.models import Assembly, AssemblyPhase
from madang.rooms.autonomy.services.assembly import assembly_locked
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record


@transaction.atomic
def sample_calendar_set(actor: Actor, assembly_id: int, spans: Sequence[Span]) -> Assembly:
    """Set the whole calendar of a sample's assembly, what has passed included.

    Raises
    ------
    NotFound
        If there is no such assembly.
    Conflict
        If the district is real: there a phase that has begun stays as it was announced.
    EngineInputError
        If the calendar is not one.
    """
    require(actor, Action.SAMPLE_LOAD)
    hold()
    assembly = assembly_locked(assembly_id)
    if not assembly.dong.district.is_sample:
        raise Conflict("district_real", _("The calendar of a real assembly is not rewritten."))
    checked = calendar_checked(tuple(spans))
    assembly.phases.all().delete()
    AssemblyPhase.objects.bulk_create(
        AssemblyPhase(assembly=assembly, phase=span.phase.value, begins_at=span.begins_at, ends_at=span.ends_at)
        for span in checked
    )
    record(actor, Action.SAMPLE_LOAD, target=assembly, detail={"phases": len(checked)})
    return assembly
