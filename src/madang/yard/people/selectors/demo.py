"""Whether visitors may try roles: only where every person is invented."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from madang.numerics.errors import InstallationError
from madang.yard.audit.authority import ROLE_NAMES, Role
from madang.yard.people.models import Person, RoleAssignment
from madang.yard.people.selectors.accounts import place_names, request_actor, request_user
from madang.yard.places.models import District


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRole:
    """A role at a place that a visitor may try with one click."""

    role: Role
    label: object
    place: str
    place_name: str
    current: bool


def demo_on() -> bool:
    """Return whether demo mode is on: it was asked for, and every district here is a sample."""
    if not settings.MADANG_DEMO:
        return False
    kinds = set(District.objects.values_list("is_sample", flat=True))
    return kinds == {True}


def demo_check() -> None:
    """Refuse demo mode where anything is real; called before serving.

    Raises
    ------
    InstallationError
        If demo mode was asked for with a real district, or with real persons.
    """
    if not settings.MADANG_DEMO:
        return
    real = District.objects.filter(is_sample=False).exists() or Person.objects.filter(is_sample=False)[:1].exists()
    if real:
        raise InstallationError(
            "demo_with_real_data",
            _("Demo mode is on, but this district is real. Unset MADANG_DEMO and start again."),
        )


def demo_assignments() -> list[RoleAssignment]:
    """Return the roles of the demo accounts, in the order of the roles and places."""
    order = {role.value: number for number, role in enumerate(Role)}
    found = RoleAssignment.objects.filter(user__is_demo=True, user__is_active=True, revoked_at=None)
    return sorted(found.select_related("user"), key=lambda held: (order[held.role], held.place))


def demo_roles(request: HttpRequest) -> list[DemoRole]:
    """Return the roles that this visitor may switch to; none where demo mode is off."""
    if not demo_on():
        return []
    held = demo_assignments()
    names = place_names(assignment.place for assignment in held)
    user, actor = request_user(request), request_actor(request)
    here = (actor.role.value, actor.place) if user is not None and user.is_demo else None
    return [
        DemoRole(
            role=Role(assignment.role),
            label=ROLE_NAMES[Role(assignment.role)],
            place=assignment.place,
            place_name=names.get(assignment.place, assignment.place),
            current=here == (assignment.role, assignment.place),
        )
        for assignment in held
    ]
