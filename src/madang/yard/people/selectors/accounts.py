"""Reading accounts, roles, sessions and tokens."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import NotFound
from madang.yard.audit.authority import ROLE_NAMES, STAFF_ROLES, VISITOR, Action, Actor, Role, require
from madang.yard.people.models import ApiToken, RoleAssignment, User
from madang.yard.places.models import District, Dong

SESSION_ASSIGNMENT = "assignment"
"""Where the session keeps which assignment its account acts in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role that an account holds, as a page shows it.

    Attributes
    ----------
    id : int
        Key of the assignment.
    role : Role
        The role.
    label, place_name : object
        Their names in the reader's language.
    place : str
        Code of the place.
    current : bool
        Whether the session acts in it now.
    """

    id: int
    role: Role
    label: object
    place: str
    place_name: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who an account is in a request: the actor, and whether any of its roles is a staff role."""

    actor: Actor
    is_staff: bool


def identity_of(user: User, assignment_id: int | None = None) -> Identity:
    """Return a user in the chosen live assignment, else in their first one, else as a visitor; one query."""
    live = list(
        RoleAssignment.objects.filter(user=user, revoked_at=None).order_by("pk").values_list("pk", "role", "place")
    )
    if not live:
        return Identity(actor=Actor(role=Role.PUBLIC, user=str(user.pk)), is_staff=False)
    _key, role, place = next((row for row in live if row[0] == assignment_id), live[0])
    return Identity(
        actor=Actor(role=Role(role), place=place, user=str(user.pk)),
        is_staff=any(Role(held) in STAFF_ROLES for _pk, held, _place in live),
    )


def actor_of(user: User, assignment_id: int | None = None) -> Actor:
    """Return a user as an actor in the chosen live assignment, else in their first one, else as a visitor."""
    return identity_of(user, assignment_id).actor


def request_actor(request: HttpRequest) -> Actor:
    """Return who acts in a request; a visitor where nobody signed in."""
    actor: Actor = getattr(request, "actor", VISITOR)
    return actor


def request_user(request: HttpRequest) -> User | None:
    """Return the account of a request, or None."""
    user: User | AnonymousUser = request.user
    return user if isinstance(user, User) and user.is_authenticated else None


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names, in the reader's language, of districts and dongs."""
    wanted = set(codes)
    named = {district.code: district.name for district in District.objects.filter(code__in=wanted)}
    for dong in Dong.objects.filter(code__in=wanted - set(named)).only("code", "name_ko", "name_en"):
        named[dong.code] = dong.name
    return named


def assignments_held(user: User, current: Actor | None = None) -> tuple[Held, ...]:
    """Return the roles that an account holds now, oldest first."""
    rows = list(
        RoleAssignment.objects.filter(user=user, revoked_at=None).order_by("pk").values_list("pk", "role", "place")
    )
    names = place_names(place for _pk, _role, place in rows)
    return tuple(
        Held(
            id=key,
            role=Role(role),
            label=ROLE_NAMES[Role(role)],
            place=place,
            place_name=names.get(place, place),
            current=current is not None and (current.role.value, current.place) == (role, place),
        )
        for key, role, place in rows
    )


def assignment_live(actor: Actor) -> RoleAssignment:
    """Return the assignment in which an actor acts.

    Raises
    ------
    NotFound
        If their account holds no such role now.
    """
    found = RoleAssignment.objects.filter(
        user=account_key(actor), role=actor.role.value, place=actor.place, revoked_at=None
    ).first()
    if found is None:
        raise NotFound("assignment_unknown", _("This account does not hold that role now."))
    return found


def account_key(actor: Actor) -> uuid.UUID | None:
    """Return the key of an actor's account; None for who has none."""
    try:
        return uuid.UUID(actor.user or "")
    except ValueError:
        return None


def has_second_factor(user: User) -> bool:
    """Return whether an account signs in with something besides its password."""
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return bool(factors.exists())


def users_visible(actor: Actor) -> QuerySet[User]:
    """Return the accounts that hold, or held, a role within an administrator's reach, with those roles.

    Raises
    ------
    PermissionDenied
        If the actor does not keep accounts.
    """
    require(actor, Action.USER_ADD)
    live = Prefetch(
        "assignments",
        queryset=RoleAssignment.objects.filter(revoked_at=None).order_by("pk"),
        to_attr="live_assignments",
    )
    users = User.objects.prefetch_related(live)
    if actor.role is Role.SYSTEM:
        return users
    return users.filter(pk__in=RoleAssignment.objects.filter(place__startswith=actor.place).values("user"))


def user_get(actor: Actor, user_id: uuid.UUID | str) -> User:
    """Return one account within an administrator's reach.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = users_visible(actor).filter(pk=user_id).first()
    if found is None:
        raise NotFound("user_unknown", _("There is no such account, or you may not see it."))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A place where an account is signed in."""

    id: int
    started_at: datetime
    address: str
    browser: str
    current: bool


def sessions_of(user: User, session_key: str | None = None) -> tuple[OpenSession, ...]:
    """Return where an account is signed in, newest first."""
    found: Sequence[UserSession] = UserSession.objects.purge_and_list(user)
    return tuple(
        OpenSession(
            id=session.pk,
            started_at=session.created_at,
            address=str(session.ip),
            browser=session.user_agent,
            current=session.session_key == session_key,
        )
        for session in sorted(found, key=lambda session: session.created_at, reverse=True)
    )


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return the live tokens of an account, newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now()).select_related(
        "assignment"
    )


def token_digest(secret: str) -> str:
    """Return the digest by which a token is stored; its 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_find(secret: str) -> ApiToken | None:
    """Return the live token that a program shows, if its account and role are live too."""
    token = (
        ApiToken.objects.filter(
            digest=token_digest(secret), user__is_active=True, assignment__revoked_at=None, revoked_at=None
        )
        .select_related("assignment", "user")
        .first()
    )
    return token if token is not None and token.is_live() else None


def token_actor(token: ApiToken) -> Actor:
    """Return who acts through a token: its account, in its role, at the token's own place."""
    return Actor(role=Role(token.assignment.role), place=token.place, user=str(token.user_id))
