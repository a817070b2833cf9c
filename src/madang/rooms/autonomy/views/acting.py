"""What the assembly's pages share: who must sign in, and how a refusal comes back to the form."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from madang.numerics.errors import DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.views.report import private
from madang.ui.problems import form_problem
from madang.yard.audit.authority import Role
from madang.yard.people.selectors import request_actor

_View = Callable[..., HttpResponse]
_T = TypeVar("_T")


def signed_in(view: _View) -> _View:
    """Send visitors to the login, and keep the page out of every cache."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: int) -> HttpResponse:
        if request_actor(request).role is Role.PUBLIC and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return private(view(request, **kwargs))

    return guarded


def tried(form: forms.Form, act: Callable[[], _T]) -> _T | None:
    """Return what a service did, or None with what was wrong written at its field."""
    try:
        return act()
    except (NotFound, PermissionDenied):
        raise
    except DomainError as error:
        form_problem(form, error)
        return None
