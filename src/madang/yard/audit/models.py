"""Records of what was done, computed and is being done."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Record(models.Model):
    """One write, or one read of personal data, linked to the record before it."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    user = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=32)
    place = models.CharField(max_length=16, blank=True)
    action = models.CharField(max_length=48)
    target = models.CharField(max_length=128)
    purpose = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        """Newest last; searched by target and by user."""

        ordering = ("sequence",)
        indexes = (
            models.Index(fields=["target"], name="audit_record_target"),
            models.Index(fields=["user", "sequence"], name="audit_record_user"),
        )

    def __str__(self) -> str:
        return f"#{self.sequence} {self.action} {self.target}"


class Head(models.Model):
    """The end of the chain: the one row that a new record locks, signed with a key outside the database."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    count = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=128, blank=True)

    class Meta:
        """Exactly one row."""

        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="audit_head_single"),)

    def __str__(self) -> str:
        return f"{self.count}:{self.hash[:12]}"


class Run(models.Model):
    """One computation: enough to do it again and get the same result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    engine = models.CharField(max_length=160)
    version = models.CharField(max_length=32)
    parameters = models.JSONField(default=dict)
    seed = models.BigIntegerField(null=True)
    input_digest = models.CharField(max_length=64)
    inputs = models.JSONField(null=True)
    result_digest = models.CharField(max_length=64)
    result = models.JSONField(null=True)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    user = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=32)

    class Meta:
        """Newest first."""

        ordering = ("-started_at", "id")
        indexes = (models.Index(fields=["engine", "-started_at"], name="audit_run_engine"),)

    def __str__(self) -> str:
        return f"{self.engine} {self.id}"

    @property
    def short(self) -> str:
        """First characters of the id, enough to read aloud."""
        return str(self.id)[:8]


class JobState(models.TextChoices):
    """Life of a long task."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Job(models.Model):
    """A long task as people see it: what it does, how far it is, and whether it was asked to stop.

    The queue's own row (same id) holds what the worker needs; this one outlives it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=JobState.choices, default=JobState.WAITING)
    fraction = models.FloatField(default=0.0)
    step = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    cancel_requested = models.BooleanField(default=False)
    heartbeat_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    result_url = models.CharField(max_length=200, blank=True)
    user = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=32)
    place = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first."""

        ordering = ("-created_at", "id")
        constraints = (
            models.CheckConstraint(condition=models.Q(fraction__gte=0.0, fraction__lte=1.0), name="audit_job_fraction"),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"
