"""Writing accounts, roles, persons, tokens and keys: one function a use case, permission checked and audited inside."""

from madang.yard.people.services.accounts import (
    RoleDraft,
    UserDraft,
    role_choose,
    role_grant,
    role_revoke,
    second_factor_reset,
    session_revoke,
    user_add,
    user_close,
)
from madang.yard.people.services.demo import DemoAccounts, demo_accounts_make, role_switch
from madang.yard.people.services.keys import Rotation, keys_forget, keys_prepare, keys_rotate
from madang.yard.people.services.persons import (
    PersonDraft,
    PersonQuery,
    PurposeDraft,
    person_add,
    person_edit,
    person_link,
    person_read,
    person_read_own,
    persons_load,
    persons_search,
)
from madang.yard.people.services.tokens import Scope, TokenDraft, scopes_for, token_issue, token_revoke, token_use

__all__ = [
    "DemoAccounts",
    "PersonDraft",
    "PersonQuery",
    "PurposeDraft",
    "RoleDraft",
    "Rotation",
    "Scope",
    "TokenDraft",
    "UserDraft",
    "demo_accounts_make",
    "keys_forget",
    "keys_prepare",
    "keys_rotate",
    "person_add",
    "person_edit",
    "person_link",
    "person_read",
    "person_read_own",
    "persons_load",
    "persons_search",
    "role_choose",
    "role_grant",
    "role_revoke",
    "role_switch",
    "scopes_for",
    "second_factor_reset",
    "session_revoke",
    "token_issue",
    "token_revoke",
    "token_use",
    "user_add",
    "user_close",
]
