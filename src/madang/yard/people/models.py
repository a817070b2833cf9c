"""Accounts and the roles they hold at places, persons whose data is sealed, and keys for programs."""

import datetime as dt
import uuid
from typing import Any, NoReturn

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import FieldError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.yard.audit.authority import ROLE_NAMES, Role
from madang.yard.people.fields import BlindIndexField, EncryptedDateField, EncryptedTextField
from madang.yard.people.keyring import KeyUse
from madang.yard.places.models import Dong


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def create_user(self, username: str, password: str | None = None) -> "User":
        """Return a new account; without a password it can only be entered by other means."""
        user = self.model(username=self.model.normalize_username(username))
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account. What it may do comes from its role assignments alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=64, unique=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "username"

    class Meta:
        """By name."""

        ordering = ("username",)

    def __str__(self) -> str:
        return self.username


class RoleAssignment(models.Model):
    """A role that an account holds at a place, from a day on, until it is revoked."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=32, choices=[(role.value, ROLE_NAMES[role]) for role in Role])
    place = models.CharField(max_length=16)
    granted_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One live assignment of a role at a place to an account; a place always named."""

        ordering = ("user", "role", "place")
        constraints = (
            models.UniqueConstraint(
                fields=["user", "role", "place"],
                condition=models.Q(revoked_at=None),
                name="people_assignment_live_once",
            ),
            models.CheckConstraint(condition=~models.Q(place=""), name="people_assignment_placed"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.place}"


class Sex(models.TextChoices):
    """Registered sex."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    UNKNOWN = "unknown", _("not stated")


class PersonQuerySet(models.QuerySet["Person"]):
    """Persons; what is indexed blindly changes only through an instance, so that index and value stay together."""

    def update(self, **kwargs: Any) -> int:  # noqa: ANN401  # Django's signature
        """Change columns of many rows at once.

        Raises
        ------
        FieldError
            If one of them has a blind index, which would be left behind.
        """
        for field in self.model._meta.concrete_fields:
            if isinstance(field, BlindIndexField) and field.of in kwargs:
                raise FieldError(f"{field.of} has a blind index; save the instance")
        return super().update(**kwargs)

    def bulk_update(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse, for the same reason.

        Raises
        ------
        FieldError
            Always.
        """
        raise FieldError("persons are changed one by one")


class Person(models.Model):
    """A resident as the district knows them. Everything that tells who they are is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dong = models.ForeignKey(Dong, on_delete=models.PROTECT, related_name="persons")
    name = EncryptedTextField()
    phone = EncryptedTextField(default="", blank=True)
    address = EncryptedTextField(default="", blank=True)
    birth_date = EncryptedDateField(null=True, blank=True)
    notes = EncryptedTextField(default="", blank=True)
    name_index = BlindIndexField(of="name", form="text")
    phone_index = BlindIndexField(of="phone", form="phone")
    sex = models.CharField(max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    household = models.UUIDField(null=True, blank=True, db_index=True)
    user = models.OneToOneField(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="person")
    is_sample = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = PersonQuerySet.as_manager()

    class Meta:
        """In the order in which they were entered: a sealed name has none."""

        ordering = ("created_at", "id")
        indexes = (models.Index(fields=["dong", "created_at", "id"], name="people_person_by_dong"),)

    def __str__(self) -> str:
        return str(self.pk)

    def __repr__(self) -> str:
        return f"<Person {self.pk}>"

    def age_on(self, day: dt.date) -> int | None:
        """Return the age in whole years on a day; None where the date of birth is not known."""
        born = self.birth_date
        return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class ApiToken(models.Model):
    """A key for a program that acts for an account in one of its roles; only its digest is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    assignment = models.ForeignKey(RoleAssignment, on_delete=models.CASCADE, related_name="api_tokens")
    place = models.CharField(max_length=16)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first; it always ends."""

        ordering = ("-created_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="people_token_expires_later"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    def is_live(self, now: dt.datetime | None = None) -> bool:
        """Return whether it opens anything now."""
        return self.revoked_at is None and self.expires_at > (now or timezone.now())


class KeyCheck(models.Model):
    """A known text made with a key of the keyring: tells a wrong keyring from damaged data."""

    key_id = models.CharField(max_length=16, primary_key=True)
    use = models.CharField(max_length=8, choices=[(use.value, use.value) for use in KeyUse])
    check_text = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Oldest first."""

        ordering = ("created_at", "key_id")

    def __str__(self) -> str:
        return f"{self.use} {self.key_id}"
