"""Reading accounts and roles."""

from django.http import HttpRequest

from madang.yard.audit.authority import VISITOR, Actor, Role
from madang.yard.people.models import RoleAssignment, User


def actor_of(user: User, assignment_id: int | None = None) -> Actor:
    """Return a user as an actor in the chosen live assignment, else in their first one, else as a visitor."""
    live = RoleAssignment.objects.filter(user=user, revoked_at=None)
    chosen = live.filter(pk=assignment_id).first() if assignment_id else None
    assignment = chosen or live.order_by("pk").first()
    if assignment is None:
        return Actor(role=Role.PUBLIC, user=str(user.pk))
    return Actor(role=Role(assignment.role), place=assignment.place, user=str(user.pk))


def request_actor(request: HttpRequest) -> Actor:
    """Return who acts in a request; a visitor where nobody signed in."""
    actor: Actor = getattr(request, "actor", VISITOR)
    return actor
