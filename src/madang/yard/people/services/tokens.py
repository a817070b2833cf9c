"""Keys for programs: issued once, stored as a digest, bound to one of their owner's roles."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import DomainError, NotFound
from madang.yard.audit.authority import MAY, Action, Actor, Role, require
from madang.yard.audit.services import record
from madang.yard.people.models import ApiToken
from madang.yard.people.selectors.accounts import account_key, assignment_live, token_digest

PREFIX = "madang_"
SECRET_BYTES = 32
DAYS_MAX = 366
TOUCH_AFTER = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token opens; open data needs none."""

    READ_AUDIT = "read:audit"
    READ_PEOPLE = "read:people"
    WRITE_ISSUES = "write:issues"
    WRITE_AGENDA = "write:agenda"
    WRITE_LEDGER = "write:ledger"
    WRITE_EVIDENCE = "write:evidence"
    WRITE_PROJECTS = "write:projects"


SCOPE_NAMES: Mapping[Scope, object] = MappingProxyType(
    {
        Scope.READ_AUDIT: _("Read the audit log"),
        Scope.READ_PEOPLE: _("Read persons, with a stated purpose each time"),
        Scope.WRITE_ISSUES: _("Report issues"),
        Scope.WRITE_AGENDA: _("Work on the agenda"),
        Scope.WRITE_LEDGER: _("Enter money"),
        Scope.WRITE_EVIDENCE: _("Enter observations and signals"),
        Scope.WRITE_PROJECTS: _("Work on projects and pledges"),
    }
)

# A scope is only given to a role that may do what it opens; the services ask again on every call.
OPENS: Mapping[Scope, Action] = MappingProxyType(
    {
        Scope.READ_AUDIT: Action.AUDIT_READ,
        Scope.READ_PEOPLE: Action.PERSON_READ,
        Scope.WRITE_ISSUES: Action.ISSUE_REPORT,
        Scope.WRITE_AGENDA: Action.AGENDA_TAKE,
        Scope.WRITE_LEDGER: Action.COMMITMENT_ENTER,
        Scope.WRITE_EVIDENCE: Action.OBSERVATION_ENTER,
        Scope.WRITE_PROJECTS: Action.MILESTONE_REACH,
    }
)


def scopes_for(role: Role) -> tuple[Scope, ...]:
    """Return the scopes that a role's token may have."""
    return tuple(scope for scope in Scope if role in MAY[OPENS[scope]])


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDraft:
    """A token that is to be issued.

    Attributes
    ----------
    name : str
        What it is for, in its owner's words.
    scopes : tuple of Scope
        What it opens.
    place : str
        Where: the role's place or one below; empty for the role's own.
    days : int
        After how many days it ends, 1 to 366.
    """

    name: str
    scopes: tuple[Scope, ...]
    place: str = ""
    days: int = 90


@transaction.atomic
def token_issue(actor: Actor, draft: TokenDraft) -> tuple[ApiToken, str]:
    """Issue a token in the role in which the actor acts; the secret is returned this once and never again.

    Raises
    ------
    DomainError
        If the role may not do what a scope opens, the place is beyond it, or the days are out of range.
    """
    require(actor, Action.TOKEN_ISSUE)
    place = draft.place or actor.place
    require(actor, Action.TOKEN_ISSUE, place=place)
    assignment = assignment_live(actor)
    if not draft.name.strip():
        raise DomainError("name_missing", _("Say what the token is for."), field="name")
    if not draft.scopes:
        raise DomainError("scope_none", _("Choose at least one thing that the token may do."), field="scopes")
    if not 1 <= draft.days <= DAYS_MAX:
        raise DomainError("days_bad", _("1 to 366 days."), {"days": draft.days}, field="days")
    allowed = scopes_for(actor.role)
    if any(scope not in allowed for scope in draft.scopes):
        raise DomainError("scope_not_allowed", _("Your role may not do all of this."), field="scopes")
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    now = timezone.now()
    token = ApiToken.objects.create(
        name=draft.name.strip()[:80],
        digest=token_digest(secret),
        user_id=assignment.user_id,
        assignment=assignment,
        place=place,
        scopes=[scope.value for scope in draft.scopes],
        created_at=now,
        expires_at=now + timedelta(days=draft.days),
    )
    record(
        actor,
        Action.TOKEN_ISSUE,
        target=token,
        detail={"scopes": token.scopes, "place": place, "expires": token.expires_at.date().isoformat()},
    )
    return token, secret


@transaction.atomic
def token_revoke(actor: Actor, token_id: uuid.UUID) -> ApiToken:
    """Revoke one of the actor's own tokens.

    Raises
    ------
    NotFound
        If it is not theirs, or was revoked already.
    """
    require(actor, Action.TOKEN_REVOKE)
    mine = ApiToken.objects.select_for_update().filter(user=account_key(actor), revoked_at=None)
    token = mine.filter(pk=token_id).first()
    if token is None:
        raise NotFound("token_unknown", _("There is no such token, or it was revoked already."))
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record(actor, Action.TOKEN_REVOKE, target=token)
    return token


def token_use(actor: Actor, token: ApiToken) -> None:
    """Note that a token was used, at most once a minute; what it did stands in the log.

    Raises
    ------
    PermissionDenied
        If its role may not have tokens any more.
    """
    require(actor, Action.TOKEN_ISSUE, place=token.place)
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > TOUCH_AFTER:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
