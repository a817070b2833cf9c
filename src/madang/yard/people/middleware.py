"""Who acts in this request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from madang.yard.audit.authority import VISITOR, Actor
from madang.yard.people.selectors import actor_of


class ActorMiddleware:
    """Set `request.actor`: the signed-in account in the role it has chosen, or a visitor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the actor and go on."""
        request.actor = _actor(request)  # type: ignore[attr-defined]  # read through people.selectors.request_actor
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor:
    if not request.user.is_authenticated:
        return VISITOR
    return actor_of(request.user, request.session.get("assignment"))
