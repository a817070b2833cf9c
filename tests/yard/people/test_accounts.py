"""Accounts, roles, sessions and tokens: who may make, grant, revoke and close what."""

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.yard.audit.authority import SYSTEM, Action, Role
from madang.yard.audit.models import Record
from madang.yard.people.models import ApiToken, RoleAssignment, User
from madang.yard.people.selectors import (
    actor_of,
    assignments_held,
    identity_of,
    token_actor,
    token_find,
    users_visible,
)
from madang.yard.people.services import (
    RoleDraft,
    Scope,
    TokenDraft,
    UserDraft,
    role_choose,
    role_grant,
    role_revoke,
    scopes_for,
    second_factor_reset,
    session_revoke,
    token_issue,
    token_revoke,
    user_add,
    user_close,
)
from madang.yard.people.services.accounts import HELD_AT

pytestmark = pytest.mark.django_db

KEEPERS = {Role.ADMINISTRATOR, Role.SYSTEM}


def user_draft(town: SimpleNamespace, **changes: object) -> UserDraft:
    values = {"username": "officer-1", "password": town.password, "role": Role.DONG_OFFICER, "place": town.dong}
    return UserDraft(**{**values, **changes})  # type: ignore[arg-type]  # a test's loose values


@pytest.mark.parametrize("role", Role)
def test_who_keeps_accounts(town: SimpleNamespace, role: Role) -> None:
    keeper = town.actor(role, town.district)
    user = town.account(Role.DONG_OFFICER, town.dong)
    held = RoleAssignment.objects.get(user=user)
    acts = (
        lambda: user_add(keeper, user_draft(town)),
        lambda: role_grant(keeper, RoleDraft(user_id=user.pk, role=Role.CARE_MANAGER, place=town.dong)),
        lambda: role_revoke(keeper, held.pk),
        lambda: second_factor_reset(keeper, user.pk),
        lambda: user_close(keeper, user.pk),
    )
    for act in acts:
        if role in KEEPERS:
            act()
        else:
            with pytest.raises(PermissionDenied):
                act()
    assert Record.objects.count() == (len(acts) if role in KEEPERS else 0)


def test_an_administrator_keeps_only_their_district(town: SimpleNamespace) -> None:
    keeper = town.actor(Role.ADMINISTRATOR, town.district)
    stranger = town.account(Role.DONG_OFFICER, town.foreign_dong)
    held = RoleAssignment.objects.get(user=stranger)
    for act in (
        lambda: user_add(keeper, user_draft(town, place=town.foreign_dong)),
        lambda: role_grant(keeper, RoleDraft(user_id=stranger.pk, role=Role.CARE_MANAGER, place=town.dong)),
        lambda: role_grant(
            keeper,
            RoleDraft(user_id=town.account(Role.RESIDENT, town.dong).pk, role=Role.RESIDENT, place=town.foreign_dong),
        ),
        lambda: role_revoke(keeper, held.pk),
        lambda: second_factor_reset(keeper, stranger.pk),
        lambda: user_close(keeper, stranger.pk),
    ):
        with pytest.raises((PermissionDenied, NotFound)):
            act()
    assert list(users_visible(keeper).filter(pk=stranger.pk)) == []


def test_an_account_that_also_serves_elsewhere_is_not_closed_from_here(town: SimpleNamespace) -> None:
    keeper = town.actor(Role.ADMINISTRATOR, town.district)
    shared = town.account(Role.CARE_MANAGER, town.dong)
    RoleAssignment.objects.create(user=shared, role=Role.CARE_MANAGER.value, place=town.foreign_dong)
    for act in (user_close, second_factor_reset):
        with pytest.raises(PermissionDenied):
            act(keeper, shared.pk)
    shared.refresh_from_db()
    assert shared.is_active


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "A B"}, "username_bad"),
        ({"username": "홍길동"}, "username_bad"),
        ({"username": "ab"}, "username_bad"),
        ({"username": "1st"}, "username_bad"),
        ({"password": "short"}, "password_weak"),
        ({"password": "password123"}, "password_weak"),
        ({"password": "officer-1"}, "password_weak"),
        ({"role": Role.SYSTEM}, "role_not_granted"),
        ({"role": Role.PUBLIC}, "role_not_granted"),
        ({"place": "9999999999"}, "place_unknown"),
        ({"place": "2914"}, "place_unknown"),
        ({"place": ""}, "place_unknown"),
        ({"role": Role.ADMINISTRATOR}, "place_not_for_role"),
        ({"place": "29140"}, "place_not_for_role"),
    ],
)
def test_what_an_account_may_not_be(town: SimpleNamespace, changes: dict[str, object], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        user_add(SYSTEM, user_draft(town, **changes))
    assert caught.value.code == code
    assert str(changes.get("password", "x" * 50)) not in str(caught.value)
    assert not User.objects.exists()


def test_names_are_one_whatever_their_case(town: SimpleNamespace) -> None:
    assert user_add(SYSTEM, user_draft(town, username=" Officer-1 ")).username == "officer-1"
    with pytest.raises(DomainError) as caught:
        user_add(SYSTEM, user_draft(town, username="OFFICER-1"))
    assert caught.value.code == "username_taken"


def test_every_role_that_can_be_granted_can_be_granted_somewhere(town: SimpleNamespace) -> None:
    for number, (role, levels) in enumerate(HELD_AT.items()):
        for level in levels:
            place = town.district if level == "district" else town.dong
            made = user_add(SYSTEM, user_draft(town, username=f"user-{number}-{level}", role=role, place=place))
            assert actor_of(made).role is role
    assert set(Role) - set(HELD_AT) == {Role.PUBLIC, Role.SYSTEM}


def test_a_role_is_held_once_and_duties_are_kept_apart(town: SimpleNamespace) -> None:
    administrator = town.account(Role.ADMINISTRATOR, town.district)
    keeper = town.actor(Role.ADMINISTRATOR, town.district)
    with pytest.raises(Conflict) as caught:
        role_grant(keeper, RoleDraft(user_id=administrator.pk, role=Role.AUDITOR, place=town.district))
    assert caught.value.code == "roles_apart"
    user = town.account(Role.DONG_OFFICER, town.dong)
    draft = RoleDraft(user_id=user.pk, role=Role.DONG_OFFICER, place=town.dong)
    with pytest.raises(Conflict) as caught:
        role_grant(keeper, draft)
    assert caught.value.code == "role_held"
    role_revoke(keeper, RoleAssignment.objects.get(user=user).pk)
    role_grant(keeper, draft)
    assert RoleAssignment.objects.filter(user=user).count() == 2


def test_nobody_changes_their_own_roles(town: SimpleNamespace) -> None:
    user = town.account(Role.ADMINISTRATOR, town.district)
    me = town.actor(Role.ADMINISTRATOR, town.district, user)
    for act in (
        lambda: role_grant(me, RoleDraft(user_id=user.pk, role=Role.CARE_MANAGER, place=town.dong)),
        lambda: role_revoke(me, RoleAssignment.objects.get(user=user).pk),
        lambda: user_close(me, user.pk),
        lambda: second_factor_reset(me, user.pk),
    ):
        with pytest.raises(DomainError) as caught:
            act()
        assert caught.value.code == "own_account"


def test_a_revoked_role_ends_with_the_next_request(town: SimpleNamespace) -> None:
    user = town.account(Role.DONG_OFFICER, town.dong)
    town.second_factor(user)
    client = town.signed_in(user)
    assert client.get(reverse("people:persons")).status_code == 200
    role_revoke(SYSTEM, RoleAssignment.objects.get(user=user).pk)
    assert client.get(reverse("people:persons")).status_code == 404
    assert actor_of(user).role is Role.PUBLIC


def test_a_closed_account_is_out_at_once(town: SimpleNamespace) -> None:
    user = town.account(Role.DONG_OFFICER, town.dong)
    town.second_factor(user)
    client = town.signed_in(user)
    client.get(reverse("people:account"))
    token, secret = token_issue(
        town.actor(Role.DONG_OFFICER, town.dong, user), TokenDraft(name="x", scopes=(Scope.WRITE_ISSUES,))
    )
    user_close(town.actor(Role.ADMINISTRATOR, town.district), user.pk)
    assert client.get(reverse("people:account")).status_code == 302
    assert token_find(secret) is None
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert not UserSession.objects.filter(user=user).exists()


def test_a_lost_second_factor_is_removed_with_every_session(town: SimpleNamespace) -> None:
    user = town.account(Role.DONG_OFFICER, town.dong)
    town.second_factor(user)
    client = town.signed_in(user)
    client.get(reverse("people:account"))
    second_factor_reset(town.actor(Role.ADMINISTRATOR, town.district), user.pk)
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get(reverse("people:account")).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]


def test_a_session_is_ended_by_its_owner_only(town: SimpleNamespace) -> None:
    user, other = town.account(Role.RESIDENT, town.dong), town.account(Role.RESIDENT, town.dong)
    here, there = town.signed_in(user), town.signed_in(user)
    for client in (here, there):
        client.get(reverse("people:account"))
    target = UserSession.objects.exclude(session_key=here.session.session_key).get(user=user)
    with pytest.raises(NotFound):
        session_revoke(town.actor(Role.RESIDENT, town.dong, other), target.pk)
    assert there.get(reverse("people:account")).status_code == 200
    session_revoke(town.actor(Role.RESIDENT, town.dong, user), target.pk)
    assert there.get(reverse("people:account")).status_code == 302
    assert here.get(reverse("people:account")).status_code == 200


def test_one_acts_in_ones_own_live_roles_only(town: SimpleNamespace) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    second = RoleAssignment.objects.create(user=user, role=Role.COUNCIL_MEMBER.value, place=town.other_dong)
    strange = RoleAssignment.objects.get(user=town.account(Role.ADMINISTRATOR, town.district))
    me = town.actor(Role.RESIDENT, town.dong, user)
    assert role_choose(me, second.pk) == second
    assert actor_of(user, second.pk).role is Role.COUNCIL_MEMBER
    assert actor_of(user, strange.pk).role is Role.RESIDENT
    with pytest.raises(NotFound):
        role_choose(me, strange.pk)
    role_revoke(SYSTEM, second.pk)
    assert actor_of(user, second.pk).role is Role.RESIDENT
    with pytest.raises(NotFound):
        role_choose(me, second.pk)
    assert [held.role for held in assignments_held(user, me)] == [Role.RESIDENT]
    assert Record.objects.filter(action=Action.ROLE_SWITCH.value).count() == 1


def test_who_a_request_is_costs_one_query(
    town: SimpleNamespace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = town.account(Role.RESIDENT, town.dong)
    RoleAssignment.objects.create(user=user, role=Role.CARE_MANAGER.value, place=town.dong)
    with django_assert_num_queries(1):
        identity = identity_of(user)
    assert identity.actor.role is Role.RESIDENT
    assert identity.is_staff


def test_a_list_of_accounts_costs_two_queries(
    town: SimpleNamespace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(12):
        town.account(Role.RESIDENT, town.dong)
    with django_assert_num_queries(2):
        assert len(list(users_visible(town.actor(Role.ADMINISTRATOR, town.district)))) == 12


# --- tokens


def test_a_token_is_shown_once_and_stored_as_a_digest(town: SimpleNamespace) -> None:
    user = town.account(Role.DONG_OFFICER, town.dong)
    me = town.actor(Role.DONG_OFFICER, town.dong, user)
    token, secret = token_issue(me, TokenDraft(name="report", scopes=(Scope.READ_PEOPLE,), days=30))
    assert secret.startswith("madang_")
    assert len(secret) > 45
    assert secret not in str(ApiToken.objects.values().get())
    assert secret not in str(list(Record.objects.values()))
    found = token_find(secret)
    assert found == token
    assert token_actor(token) == me
    assert token_find(secret + "x") is None
    assert token_find("") is None


@pytest.mark.parametrize("role", [role for role in Role if role in HELD_AT])
def test_a_token_opens_no_more_than_its_role(town: SimpleNamespace, role: Role) -> None:
    place = town.dong if "dong" in HELD_AT[role] else town.district
    user = town.account(role, place)
    me = town.actor(role, place, user)
    for scope in Scope:
        draft = TokenDraft(name="x", scopes=(scope,))
        if scope in scopes_for(role):
            token_issue(me, draft)
        else:
            with pytest.raises(DomainError):
                token_issue(me, draft)
    assert (Scope.READ_PEOPLE in scopes_for(role)) is (
        role in {Role.DONG_OFFICER, Role.CARE_MANAGER, Role.CARE_WORKER, Role.HEALTH_OFFICER, Role.ADMINISTRATOR}
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": " "}, "name"), ({"scopes": ()}, "scopes"), ({"days": 0}, "days"), ({"days": 367}, "days")],
)
def test_what_a_token_may_not_be(town: SimpleNamespace, changes: dict[str, object], field: str) -> None:
    me = town.actor(Role.RESIDENT, town.dong, town.account(Role.RESIDENT, town.dong))
    values: dict[str, object] = {"name": "x", "scopes": (Scope.WRITE_ISSUES,), **changes}
    with pytest.raises(DomainError) as caught:
        token_issue(me, TokenDraft(**values))  # type: ignore[arg-type]  # a test's loose values
    assert caught.value.field == field


def test_a_token_may_be_narrower_than_its_role_but_not_wider(town: SimpleNamespace) -> None:
    user = town.account(Role.CARE_MANAGER, town.district)
    me = town.actor(Role.CARE_MANAGER, town.district, user)
    narrow = TokenDraft(name="x", scopes=(Scope.READ_PEOPLE,), place=town.dong)
    token, _secret = token_issue(me, narrow)
    assert token_actor(token).place == town.dong
    with pytest.raises(PermissionDenied):
        token_issue(me, TokenDraft(name="x", scopes=(Scope.READ_PEOPLE,), place=town.foreign_dong))
    with pytest.raises(NotFound):
        token_issue(town.actor(Role.ADMINISTRATOR, town.district, user), narrow)


def test_a_token_ends_by_time_by_revocation_and_with_its_role(town: SimpleNamespace) -> None:
    user = town.account(Role.DONG_OFFICER, town.dong)
    me = town.actor(Role.DONG_OFFICER, town.dong, user)
    draft = TokenDraft(name="x", scopes=(Scope.READ_PEOPLE,))
    (expired, one), (revoked, two), (_third, three) = (token_issue(me, draft) for _number in range(3))
    past = timezone.now() - timedelta(days=2)
    ApiToken.objects.filter(pk=expired.pk).update(created_at=past, expires_at=past + timedelta(days=1))
    assert token_find(one) is None
    with pytest.raises(NotFound):
        token_revoke(town.actor(Role.DONG_OFFICER, town.dong, town.account(Role.DONG_OFFICER, town.dong)), revoked.pk)
    token_revoke(me, revoked.pk)
    assert token_find(two) is None
    with pytest.raises(NotFound):
        token_revoke(me, revoked.pk)
    with pytest.raises(NotFound):
        token_revoke(me, uuid.uuid4())
    assert token_find(three) is not None
    role_revoke(SYSTEM, RoleAssignment.objects.get(user=user).pk)
    assert token_find(three) is None


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.SYSTEM])
def test_who_has_no_account_has_no_token(town: SimpleNamespace, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        token_issue(town.actor(role), TokenDraft(name="x", scopes=(Scope.WRITE_ISSUES,)))
