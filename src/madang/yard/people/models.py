"""Accounts and the roles they hold at places."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

from madang.yard.audit.authority import ROLE_NAMES, Role


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def create_user(self, username: str, password: str | None = None) -> "User":
        """Return a new account; without a password it can only be entered by other means."""
        user = self.model(username=self.model.normalize_username(username))
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
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
        """One live assignment of a role at a place to an account."""

        ordering = ("user", "role", "place")
        constraints = (
            models.UniqueConstraint(
                fields=["user", "role", "place"],
                condition=models.Q(revoked_at=None),
                name="people_assignment_live_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.place}"
