"""Making and closing accounts, granting and revoking roles, ending sessions."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.yard.audit.authority import Action, Actor, Role, require
from madang.yard.audit.services import record
from madang.yard.people.models import ApiToken, RoleAssignment, User
from madang.yard.people.selectors.accounts import account_key, user_get
from madang.yard.places.models import District, Dong

USERNAME = re.compile(r"^[a-z][a-z0-9._-]{2,39}$")

_DISTRICT, _DONG = frozenset({"district"}), frozenset({"dong"})

# Where a role may be held. Who decides for the district does so for all of it; who lives in a dong lives in one.
HELD_AT: Mapping[Role, frozenset[str]] = MappingProxyType(
    {
        Role.RESIDENT: _DONG,
        Role.COUNCIL_MEMBER: _DONG,
        Role.DONG_OFFICER: _DONG,
        Role.CARE_MANAGER: _DISTRICT | _DONG,
        Role.CARE_WORKER: _DISTRICT | _DONG,
        Role.HEALTH_OFFICER: _DISTRICT | _DONG,
        Role.ENERGY_OFFICER: _DISTRICT | _DONG,
        Role.PROJECT_OFFICER: _DISTRICT | _DONG,
        Role.ADMINISTRATOR: _DISTRICT,
        Role.AUDITOR: _DISTRICT,
    }
)

# Who runs the district's records may not be who examines them.
KEPT_APART = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDraft:
    """An account that is to be made.

    Attributes
    ----------
    username : str
        Small letters, digits, dot, dash and underscore.
    password : str or None
        None for an account that is entered through an identity provider.
    role : Role
        Its first role.
    place : str
        Code of the district or dong that the role is for.
    is_demo : bool
        Whether visitors of a sample may enter it.
    """

    username: str
    password: str | None
    role: Role
    place: str
    is_demo: bool = False

    def __repr__(self) -> str:
        return f"<UserDraft {self.username}>"


@transaction.atomic
def user_add(actor: Actor, draft: UserDraft) -> User:
    """Make an account with its first role.

    Raises
    ------
    DomainError
        If the name is taken or not allowed, the password weak, or the role not held at such a place.
    """
    require(actor, Action.USER_ADD, place=draft.place)
    _require_place(draft.role, draft.place)
    username = draft.username.strip().lower()
    if not USERNAME.match(username):
        raise DomainError(
            "username_bad",
            _("3 to 40 small letters, digits, dots, dashes or underscores, beginning with a letter."),
            field="username",
        )
    if User.objects.filter(username=username).exists():
        raise DomainError("username_taken", _("There is an account of this name. Choose another."), field="username")
    user = User(username=username, is_demo=draft.is_demo)
    if draft.password is None:
        user.set_unusable_password()
    else:
        _require_password(draft.password, user)
        user.set_password(draft.password)
    user.save()
    RoleAssignment.objects.create(user=user, role=draft.role.value, place=draft.place)
    record(
        actor,
        Action.USER_ADD,
        target=user,
        detail={"username": username, "role": draft.role.value, "place": draft.place, "demo": draft.is_demo},
    )
    return user


def _require_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError("password_weak", " ".join(error.messages), field="password") from None


def _require_place(role: Role, place: str) -> None:
    levels = HELD_AT.get(role)
    if levels is None:
        raise DomainError("role_not_granted", _("This role is not granted to accounts."), field="role")
    if District.objects.filter(code=place).exists():
        level = "district"
    elif Dong.objects.filter(code=place).exists():
        level = "dong"
    else:
        raise NotFound("place_unknown", _("There is no district or dong of this code here."), field="place")
    if level not in levels:
        message = (
            _("This role is held for the whole district. Choose the district.")
            if level == "dong"
            else _("This role is held for one dong. Choose a dong.")
        )
        raise DomainError("place_not_for_role", message, field="place")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDraft:
    """A role that is to be granted: to whom, which, and for which district or dong."""

    user_id: uuid.UUID
    role: Role
    place: str


@transaction.atomic
def role_grant(actor: Actor, draft: RoleDraft) -> RoleAssignment:
    """Grant a role at a place to an account.

    Raises
    ------
    DomainError
        If the role is not held at such a place, or the account is the actor's own.
    Conflict
        If the account holds it already, or a role that must be kept apart from it.
    """
    require(actor, Action.ROLE_GRANT, place=draft.place)
    user = user_get(actor, draft.user_id)
    _require_other(actor, user)
    _require_place(draft.role, draft.place)
    held = {(row.role, row.place) for row in RoleAssignment.objects.filter(user=user, revoked_at=None)}
    if (draft.role.value, draft.place) in held:
        raise Conflict("role_held", _("This account holds that role there already."), field="role")
    apart = KEPT_APART - {draft.role} if draft.role in KEPT_APART else frozenset()
    if any(Role(role) in apart for role, _place in held):
        raise Conflict(
            "roles_apart",
            _("One account cannot be both administrator and auditor. Make another account."),
            field="role",
        )
    granted = RoleAssignment.objects.create(user=user, role=draft.role.value, place=draft.place)
    record(
        actor,
        Action.ROLE_GRANT,
        target=user,
        detail={"assignment": granted.pk, "role": draft.role.value, "place": draft.place},
    )
    return granted


def _require_other(actor: Actor, user: User) -> None:
    if actor.user == str(user.pk):
        raise DomainError("own_account", _("Nobody changes their own roles. Ask another administrator."))


@transaction.atomic
def role_revoke(actor: Actor, assignment_id: int) -> RoleAssignment:
    """Revoke a role; what the account does in it ends with its next request, and so do its tokens.

    Raises
    ------
    NotFound
        If there is no such live role within the actor's reach.
    """
    require(actor, Action.ROLE_REVOKE)
    held = RoleAssignment.objects.select_for_update().filter(pk=assignment_id, revoked_at=None).first()
    if held is None or not actor.reaches(held.place):
        raise NotFound("assignment_unknown", _("There is no such role here, or it was revoked already."))
    require(actor, Action.ROLE_REVOKE, place=held.place)
    _require_other(actor, held.user)
    held.revoked_at = timezone.now()
    held.save(update_fields=["revoked_at"])
    record(
        actor,
        Action.ROLE_REVOKE,
        target=held.user,
        detail={"assignment": held.pk, "role": held.role, "place": held.place},
    )
    return held


@transaction.atomic
def user_close(actor: Actor, user_id: uuid.UUID) -> User:
    """Close an account: its roles, tokens and sessions end; what it did stays in the log.

    Raises
    ------
    PermissionDenied
        If the account holds a role beyond the actor's reach.
    """
    require(actor, Action.USER_CLOSE)
    user = user_get(actor, user_id)
    _require_other(actor, user)
    live = RoleAssignment.objects.select_for_update().filter(user=user, revoked_at=None)
    for held in live:
        require(actor, Action.USER_CLOSE, place=held.place)
    now = timezone.now()
    live.update(revoked_at=now)
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    user.is_active = False
    user.save(update_fields=["is_active"])
    ended = _end_sessions(user)
    record(actor, Action.USER_CLOSE, target=user, detail={"sessions": ended})
    return user


@transaction.atomic
def second_factor_reset(actor: Actor, user_id: uuid.UUID) -> User:
    """Remove an account's second factor after its owner lost it; they set up another at the next sign-in.

    Their sessions end, since whoever asked may not be who they say.
    """
    require(actor, Action.SECOND_FACTOR_RESET)
    user = user_get(actor, user_id)
    _require_other(actor, user)
    for held in RoleAssignment.objects.filter(user=user, revoked_at=None):
        require(actor, Action.SECOND_FACTOR_RESET, place=held.place)
    removed = Authenticator.objects.filter(user=user).count()
    Authenticator.objects.filter(user=user).delete()
    ended = _end_sessions(user)
    record(actor, Action.SECOND_FACTOR_RESET, target=user, detail={"removed": removed, "sessions": ended})
    return user


def _end_sessions(user: User) -> int:
    ended = 0
    for session in UserSession.objects.filter(user=user):
        session.end()
        ended += 1
    return ended


@transaction.atomic
def session_revoke(actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions.

    Raises
    ------
    NotFound
        If it is not theirs, or has ended.
    """
    require(actor, Action.SESSION_REVOKE)
    session = UserSession.objects.filter(pk=session_id, user=account_key(actor)).first()
    if session is None:
        raise NotFound("session_unknown", _("This session has ended already."))
    session.end()
    record(actor, Action.SESSION_REVOKE, target=f"people.session:{session_id}")


@transaction.atomic
def role_choose(actor: Actor, assignment_id: int) -> RoleAssignment:
    """Act, from the next request on, in another of one's own roles.

    Raises
    ------
    NotFound
        If the account does not hold it now.
    """
    require(actor, Action.ROLE_SWITCH)
    held = RoleAssignment.objects.filter(pk=assignment_id, user=account_key(actor), revoked_at=None).first()
    if held is None:
        raise NotFound("assignment_unknown", _("This account does not hold that role now."))
    record(
        actor,
        Action.ROLE_SWITCH,
        target=held.user,
        detail={"assignment": held.pk, "role": held.role, "place": held.place},
    )
    return held
