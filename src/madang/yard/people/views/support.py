"""What the views of this part share."""

from django import forms

from madang.numerics.errors import DomainError, NotFound, PermissionDenied
from madang.yard.audit.authority import DISTRICT_DIGITS, Actor, Role
from madang.yard.places.models import District, Dong


def blame(form: forms.Form, error: DomainError) -> None:
    """Put a refused rule beside the field it speaks of; what may not be known to exist goes on as it is.

    Raises
    ------
    NotFound, PermissionDenied
        If the error is one that names no field of the form.
    """
    known = error.field in form.fields
    if isinstance(error, NotFound | PermissionDenied) and not known:
        raise error
    form.add_error(error.field if known else None, str(error.message))


def dong_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the dongs within an actor's reach, for a form."""
    dongs = Dong.objects.only("code", "name_ko", "name_en").order_by("code")
    if actor.role is not Role.SYSTEM and len(actor.place) == DISTRICT_DIGITS:
        dongs = dongs.filter(district__code=actor.place)
    elif actor.role is not Role.SYSTEM:
        dongs = dongs.filter(code=actor.place)
    return [(dong.code, dong.name) for dong in dongs]


def place_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the districts and dongs within an actor's reach, for a form."""
    districts = [(one.code, one.name) for one in District.objects.all() if actor.reaches(one.code)]
    return districts + dong_choices(actor)
