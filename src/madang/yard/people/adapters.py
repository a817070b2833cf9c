"""How allauth behaves here: no sign-up, no mail, secrets sealed, nothing of an outside identity kept but its number."""

import io
import time

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from qrcode.image.svg import SvgPathFillImage

from madang.yard.people.keyring_file import keyring_current, unseal
from madang.yard.people.lockout import client_address
from madang.yard.people.models import User
from madang.yard.people.selectors.demo import demo_on
from madang.yard.people.selectors.keys import MFA_CONTEXT


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """Signs in by user name and password."""

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        """Return whether an account may be entered: it is open, and a demo account only where demo mode is on."""
        if not super().user_can_authenticate(user):
            return False
        return not (isinstance(user, User) and user.is_demo) or demo_on()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed to sign-up; writes no letters."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's signature
        """Return False: `madang user add` or an administrator makes accounts."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: object) -> HttpResponse | None:
        """Stop, before anything is signed in, an account that may not be entered, by whichever way it came."""
        if not AccountBackend().user_can_authenticate(user):
            refused: HttpResponse = self.respond_user_inactive(request, user)
            return refused
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Return whether the password or code is asked again: not within five minutes of having been given."""
        if not super().is_reauthentication_required(app=app):
            return False
        records = get_authentication_records(self.request, self.request.user)
        return not any(time.time() - record["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for record in records)

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """Do nothing: accounts have no mail address."""

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Do nothing: axes counts failures, in the database that all processes share."""

    def authentication_failed(self, request: HttpRequest, **credentials: object) -> None:
        """Do nothing, for the same reason."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that a request came from."""
        return client_address(request)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """An outside identity may only be connected to an account that exists."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:  # noqa: ARG002
        """Return False: an unknown identity makes no account."""
        return False

    def new_user(self, request: HttpRequest, sociallogin: object) -> User:
        """Return an empty account, having dropped what the provider told of the person before any of it is stored."""
        sociallogin.account.extra_data = {}  # type: ignore[attr-defined]  # allauth ships no types
        sociallogin.email_addresses = []  # type: ignore[attr-defined]
        sociallogin.phone = None  # type: ignore[attr-defined]
        user: User = super().new_user(request, sociallogin)
        return user

    def populate_user(self, request: HttpRequest, sociallogin: object, data: object) -> User:  # noqa: ARG002
        """Return the account as it is: nothing is taken over from the provider."""
        user: User = sociallogin.user  # type: ignore[attr-defined]
        return user

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """Do nothing: accounts have no mail address."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals the secrets of second factors with the keyring."""

    def encrypt(self, text: str) -> str:
        """Return a secret sealed."""
        return keyring_current().seal(text, MFA_CONTEXT)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret opened."""
        return unseal(encrypted_text, MFA_CONTEXT)

    def build_totp_svg(self, url: str) -> str:
        """Return the set-up code as an image with its own white ground, readable in the dark scheme too."""
        image = io.BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage, box_size=14).save(image)
        return image.getvalue().decode()

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """Do nothing: accounts have no mail address."""
