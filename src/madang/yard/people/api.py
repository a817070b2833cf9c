"""Tokens for programs, and persons by API: only with a scope, a purpose and an audit record each time."""

import datetime as dt
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer

from madang.numerics.errors import DomainError
from madang.yard.people.models import ApiToken
from madang.yard.people.selectors import PersonRecord, PersonRow, request_actor, token_actor, token_find
from madang.yard.people.selectors.persons import Purpose
from madang.yard.people.services import PersonQuery, PurposeDraft, Scope, person_read, persons_search, token_use

router = Router()

PURPOSE_HEADER = "X-Purpose"


class TokenAuth(HttpBearer):
    """Lets a program in that shows a live token with every scope named.

    Sets `request.actor` to the token's account in the token's role at the token's place, so that services judge it like
    anybody else.

    Parameters
    ----------
    scopes : Scope
        What the endpoint needs; none for any live token.

    Examples
    --------
    >>> TokenAuth(Scope.WRITE_ISSUES).scopes
    (<Scope.WRITE_ISSUES: 'write:issues'>,)
    """

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self.scopes = scopes

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token, or None for one that opens nothing.

        Raises
        ------
        HttpError
            403 if the token lives but lacks a scope.
        """
        found = token_find(token)
        if found is None:
            return None
        missing = [scope.value for scope in self.scopes if scope.value not in found.scopes]
        if missing:
            raise HttpError(403, _("This token lacks the scope %(scopes)s.") % {"scopes": ", ".join(missing)})
        request.actor = token_actor(found)  # type: ignore[attr-defined]  # read by request_actor
        token_use(request_actor(request), found)
        return found


class MeOut(Schema):
    """Who a token is."""

    role: str
    place: str
    scopes: list[str]
    expires_at: dt.datetime


class PersonOut(Schema):
    """A person's data in clear."""

    id: UUID
    name: str
    phone: str
    address: str
    birth_date: dt.date | None
    notes: str
    sex: str
    dong: str
    household: UUID | None
    is_sample: bool


class PersonFound(Schema):
    """A person of whom only the first letter of the name is told."""

    id: UUID
    masked_name: str
    dong: str
    is_sample: bool


class SearchIn(Schema):
    """Whom to search for; in the body, never in the address."""

    name: str = ""
    phone: str = ""


def _purpose(request: HttpRequest) -> PurposeDraft:
    kind, _colon, text = request.headers.get(PURPOSE_HEADER, "").partition(":")
    if kind.strip() not in Purpose.values:
        raise DomainError(
            "purpose_missing",
            _("State the purpose in the header X-Purpose, such as “care: application of 3 March”. Kinds: %(kinds)s.")
            % {"kinds": ", ".join(Purpose.values)},
            {"kinds": Purpose.values},
            field=PURPOSE_HEADER,
        )
    return PurposeDraft(kind=Purpose(kind.strip()), text=text)


@router.get("/me", response=MeOut, auth=TokenAuth(), summary="Who this token is")
def me(request: HttpRequest) -> dict[str, object]:
    """Return the role, place, scopes and end of the token that was shown."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]  # set by ninja
    actor = request_actor(request)
    return {"role": actor.role.value, "place": actor.place, "scopes": token.scopes, "expires_at": token.expires_at}


@router.get(
    "/persons/{uuid:person_id}",
    response=PersonOut,
    auth=TokenAuth(Scope.READ_PEOPLE),
    summary="A person, for a purpose",
)
def person(request: HttpRequest, response: HttpResponse, person_id: UUID) -> dict[str, object]:
    """Return a person's data; the header X-Purpose says why, and the log keeps it."""
    response["Cache-Control"] = "no-store"
    record: PersonRecord = person_read(request_actor(request), person_id, _purpose(request))
    return {
        "id": record.id,
        "name": record.name,
        "phone": record.phone,
        "address": record.address,
        "birth_date": record.birth_date,
        "notes": record.notes,
        "sex": record.sex.value,
        "dong": record.dong_code,
        "household": record.household,
        "is_sample": record.is_sample,
    }


@router.post(
    "/persons/search", response=list[PersonFound], auth=TokenAuth(Scope.READ_PEOPLE), summary="Find persons exactly"
)
def search(request: HttpRequest, response: HttpResponse, query: SearchIn) -> list[PersonRow]:
    """Return the persons of exactly this name and number within the token's reach, masked."""
    response["Cache-Control"] = "no-store"
    return persons_search(request_actor(request), PersonQuery(name=query.name, phone=query.phone))
