"""Demo accounts of a sample district, and a visitor's switch into one of them."""

import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from madang.numerics.errors import Conflict, NotFound
from madang.yard.audit.authority import Action, Actor, Role, require
from madang.yard.audit.services import record
from madang.yard.people.models import Person, RoleAssignment, User
from madang.yard.people.selectors.demo import demo_assignments, demo_on
from madang.yard.people.services.accounts import HELD_AT
from madang.yard.places.models import District

PASSWORD_BYTES = 9
_LIVING_THERE = frozenset({Role.RESIDENT, Role.COUNCIL_MEMBER})


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """A demo account: its name, role and first place."""

    username: str
    role: Role
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccounts:
    """The demo accounts of a sample district.

    Attributes
    ----------
    accounts : tuple of DemoAccount
        The first of each role.
    password : str
        Password of all of them, drawn for this installation; empty when they existed already, since only its hash is
        kept.
    """

    accounts: tuple[DemoAccount, ...]
    password: str


@transaction.atomic
def demo_accounts_make(actor: Actor, district: District) -> DemoAccounts:
    """Make the demo accounts: a role that is held for a dong is held in each of them.

    One account a role holds it everywhere; only who speaks as somebody who lives there (a resident, a council member)
    has an account of their own in each dong, tied to an invented person of that dong.

    Raises
    ------
    Conflict
        If the district is real.
    """
    require(actor, Action.USER_ADD, place=district.code)
    if not district.is_sample:
        raise Conflict("district_real", _("A real district has no demo accounts."))
    dongs = list(district.dongs.order_by("code").values_list("code", flat=True))
    wanted = {role: _accounts_of(role, [district.code] if "district" in HELD_AT[role] else dongs) for role in HELD_AT}
    accounts = tuple(
        DemoAccount(username=next(iter(held)), role=role, place=next(iter(held.values()))[0])
        for role, held in wanted.items()
        if held
    )
    there = set(User.objects.filter(is_demo=True).values_list("username", flat=True))
    missing = [
        (role, username, places)
        for role, held in wanted.items()
        for username, places in held.items()
        if username not in there
    ]
    if not missing:
        return DemoAccounts(accounts=accounts, password="")
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    # One slow hash for all of them: they share their password, so they may share its salt.
    hashed = make_password(password)
    for role, username, places in missing:
        user = User.objects.create(username=username, is_demo=True, password=hashed)
        RoleAssignment.objects.bulk_create(RoleAssignment(user=user, role=role.value, place=place) for place in places)
        detail = {"username": user.username, "role": role.value, "demo": True}
        record(actor, Action.USER_ADD, target=user, detail=detail)
    User.objects.filter(is_demo=True).update(password=hashed)
    _link_residents()
    return DemoAccounts(accounts=accounts, password=password)


def _accounts_of(role: Role, places: list[str]) -> dict[str, list[str]]:
    """Return the user names of a role's demo accounts and where each holds it; the first is that of the first place."""
    name = f"demo-{role.value.replace('_', '-')}"
    if role not in _LIVING_THERE or not places:
        return {name: places} if places else {}
    return {name: places[:1]} | {f"{name}-{place}": [place] for place in places[1:]}


def _link_residents() -> None:
    """Tie the accounts that speak as somebody who lives there to an invented person of their dong each."""
    roles = [role.value for role in _LIVING_THERE]
    lonely = RoleAssignment.objects.filter(
        user__is_demo=True, user__person=None, user__is_active=True, role__in=roles, revoked_at=None
    )
    for user_id, place in list(lonely.order_by("-role", "place").values_list("user", "place")):
        person = Person.objects.filter(is_sample=True, user=None, dong__code=place).first()
        if person is not None and not Person.objects.filter(user=user_id).exists():
            person.user_id = user_id
            person.save(update_fields=["user"])


@transaction.atomic
def role_switch(actor: Actor, role: Role, place: str) -> RoleAssignment:
    """Return the demo assignment that a visitor switches into; the face then signs them in.

    Raises
    ------
    NotFound
        If demo mode is off, whatever was asked for; or if there is no such demo role.
    """
    require(actor, Action.ROLE_SWITCH)
    if not demo_on():
        raise NotFound("demo_off", _("There is nothing here, or you may not see it."))
    found = [held for held in demo_assignments() if held.role == role.value]
    chosen = next((held for held in found if held.place == place), None)
    if chosen is None and not place and found:
        chosen = found[0]
    if chosen is None:
        raise NotFound("demo_role_unknown", _("There is no such role to try."))
    record(
        actor,
        Action.ROLE_SWITCH,
        target=chosen.user,
        detail={"assignment": chosen.pk, "role": chosen.role, "place": chosen.place, "demo": True},
    )
    return chosen
