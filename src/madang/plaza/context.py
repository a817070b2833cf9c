"""What every page shows around its content."""

from typing import Any

from django.http import HttpRequest

from madang.yard.people.selectors import request_actor


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the shell's context: who is here and where."""
    return {"actor": request_actor(request)}
