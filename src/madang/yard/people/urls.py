"""Addresses of accounts, roles and persons.

Of allauth's addresses only those are named that have a page of ours; there is no sign-up and no mail.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import include, path

from madang.yard.people.views import account as own
from madang.yard.people.views import demo, entrance, persons, roles

_own = [
    path("account/", own.account, name="account"),
    path("account/roles/", own.role_choose_view, name="role_choose"),
    path("account/tokens/", own.tokens, name="tokens"),
    path("account/tokens/<uuid:token_id>/revoke/", own.token_revoke_view, name="token_revoke"),
    path("account/record/", own.own_record, name="own_record"),
    path("demo/", demo.roles, name="roles"),
    path("demo/role", demo.switch, name="role_switch"),
    path("people/", persons.persons, name="persons"),
    path("people/search/", persons.search, name="person_search"),
    path("people/add/", persons.add, name="person_add"),
    path("people/<uuid:person_id>/", persons.person, name="person"),
    path("people/<uuid:person_id>/edit/", persons.edit, name="person_edit"),
    path("people/roles/", roles.users, name="role_admin"),
    path("people/roles/add/", roles.add, name="user_add"),
    path("people/roles/<uuid:user_id>/", roles.user, name="user"),
    path("people/roles/<int:assignment_id>/revoke/", roles.revoke, name="role_revoke"),
    path("people/roles/<uuid:user_id>/second-factor/", roles.reset_second_factor, name="second_factor_reset"),
    path("people/roles/<uuid:user_id>/close/", roles.close, name="user_close"),
]

urlpatterns = [
    path("", include((_own, "people"))),
    path("account/login/", entrance.SignInView.as_view(), name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/sign-up/", account.signup, name="account_signup"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/sessions/", own.sessions, name="usersessions_list"),
    path("account/second-factor/", mfa.index, name="mfa_index"),
    path("account/second-factor/code/", mfa.authenticate, name="mfa_authenticate"),
    path("account/second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/second-factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/second-factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/second-factor/codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/second-factor/keys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/second-factor/keys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/second-factor/keys/again/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/second-factor/keys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/second-factor/keys/<int:pk>/edit/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/identities/", entrance.ConnectionsView.as_view(), name="socialaccount_connections"),
    path("account/identities/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("account/identities/error/", social.login_error, name="socialaccount_login_error"),
    path("account/identities/sign-up/", social.signup, name="socialaccount_signup"),
    path("account/oidc/<str:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("account/oidc/<str:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
]
