"""Pledges, the programmes that keep them, how they are judged, and the projects that deliver."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from madang.rooms.projects.engine.pledge_state import PledgeState
from madang.ui.language import in_current_language
from madang.yard.audit.models import Run
from madang.yard.evidence.models import Indicator, Room
from madang.yard.ledger.models import BudgetLine, Programme
from madang.yard.places.models import Dong


class BoardState(models.TextChoices):
    """The engine's states with the words of the pages."""

    DONE = PledgeState.DONE.value, pgettext_lazy("pledge", "done")
    ON_TRACK = PledgeState.ON_TRACK.value, pgettext_lazy("pledge", "on track")
    NOT_STARTED = PledgeState.NOT_STARTED.value, pgettext_lazy("pledge", "not started")
    ON_HOLD = PledgeState.ON_HOLD.value, pgettext_lazy("pledge", "on hold, waiting for another body")
    LATE = PledgeState.LATE.value, pgettext_lazy("pledge", "late")


class NamedModel(models.Model):
    """What has a code and a name in both languages."""

    code = models.CharField(max_length=40, unique=True)
    name_ko = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)

    class Meta:
        """Not a table of its own."""

        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.name_ko}"

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return in_current_language(self.name_ko, self.name_en)


class Pledge(NamedModel):
    """A promise of the elected term, loaded from the pledge file and never typed in."""

    room = models.CharField(max_length=16, choices=Room.choices)
    position = models.PositiveSmallIntegerField(default=0)
    promise_ko = models.CharField(max_length=300)
    promise_en = models.CharField(max_length=300)
    source_ko = models.CharField(max_length=300)
    source_en = models.CharField(max_length=300)
    starts_on = models.DateField()
    ends_on = models.DateField()
    funding_plan = models.JSONField(default=list)
    funding_weight = models.FloatField(default=1.0)
    file_digest = models.CharField(max_length=64)
    is_current = models.BooleanField(default=True)

    class Meta:
        """In the order of the board."""

        ordering = ("position", "code")
        constraints = (
            models.CheckConstraint(condition=Q(funding_weight__gt=0), name="projects_pledge_weight_positive"),
            models.CheckConstraint(condition=Q(ends_on__gt=models.F("starts_on")), name="projects_pledge_term_lasts"),
        )

    @property
    def promise(self) -> str:
        """The promise in one sentence, in the reader's language."""
        return in_current_language(self.promise_ko, self.promise_en)

    @property
    def source(self) -> str:
        """Where the promise and its figures come from, in the reader's language."""
        return in_current_language(self.source_ko, self.source_en)


class PledgeProgramme(models.Model):
    """A programme of the ledger that keeps a pledge."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="programmes")
    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    summary_ko = models.CharField(max_length=300)
    summary_en = models.CharField(max_length=300)

    class Meta:
        """In the order of the file."""

        ordering = ("pledge", "position")

    def __str__(self) -> str:
        return f"{self.pledge_id} {self.programme_id}"

    @property
    def summary(self) -> str:
        """What it does, in the reader's language."""
        return in_current_language(self.summary_ko, self.summary_en)


class PledgeIndicator(models.Model):
    """An indicator of the evidence by which a pledge is judged; its path stands with the indicator."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="indicators")
    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    weight = models.FloatField(default=1.0)
    waits_for = models.JSONField(default=list)

    class Meta:
        """In the order of the file."""

        ordering = ("pledge", "position")
        constraints = (models.CheckConstraint(condition=Q(weight__gt=0), name="projects_indicator_weight_positive"),)

    def __str__(self) -> str:
        return f"{self.pledge_id} {self.indicator_id}"


class Ask(NamedModel):
    """A decision that an outside body must take; open from the day it is asked until the day it is answered."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="asks")
    position = models.PositiveSmallIntegerField(default=0)
    body_ko = models.CharField(max_length=80)
    body_en = models.CharField(max_length=120)
    asked_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    answered_on = models.DateField(null=True, blank=True)

    class Meta:
        """In the order of the file."""

        ordering = ("pledge", "position")

    @property
    def body(self) -> str:
        """Whose decision it is, in the reader's language."""
        return in_current_language(self.body_ko, self.body_en)


class Project(models.Model):
    """What was decided and is being delivered: its dong, its money and its milestones.

    `origin` names what decided it in the words of the ledger, such as `agenda:12`; the same decision makes one project.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    dong = models.ForeignKey(
        Dong, on_delete=models.PROTECT, to_field="code", db_column="dong", null=True, related_name="projects"
    )
    title = models.CharField(max_length=120)
    owner = models.CharField(max_length=80)
    origin = models.CharField(max_length=120, unique=True)
    origin_url = models.CharField(max_length=200, blank=True)
    budget_won = models.BigIntegerField(default=0)
    line = models.OneToOneField(BudgetLine, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-opened_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(budget_won__gte=0), name="projects_project_budget_not_negative"),
        )

    def __str__(self) -> str:
        return self.title


class Milestone(models.Model):
    """An event that is due by a day: promised by a pledge itself, or planned by a project."""

    code = models.CharField(max_length=60, unique=True)
    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, null=True, related_name="milestones")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="milestones")
    position = models.PositiveSmallIntegerField(default=0)
    name_ko = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    due_on = models.DateField()
    weight = models.FloatField(default=1.0)
    waits_for = models.JSONField(default=list)
    reached_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        """By day."""

        ordering = ("due_on", "position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(pledge=None, project__isnull=False) | Q(pledge__isnull=False, project=None),
                name="projects_milestone_one_owner",
            ),
            models.CheckConstraint(condition=Q(weight__gt=0), name="projects_milestone_weight_positive"),
            models.CheckConstraint(
                condition=Q(reached_on=None) | ~Q(note=""), name="projects_milestone_reached_says_how"
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return in_current_language(self.name_ko, self.name_en)


class PledgeAssessment(models.Model):
    """A pledge's state as computed on a day, for ever; the newest is the one on the board."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="assessments")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    state = models.CharField(max_length=16, choices=BoardState.choices)
    progress = models.FloatField()
    plan = models.FloatField()
    shortfall = models.FloatField()
    reasons = models.JSONField()
    occasion = models.CharField(max_length=200)
    assessed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-pk",)
        indexes = (models.Index(fields=["pledge", "-id"], name="projects_assessment_newest"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1, plan__gte=0, plan__lte=1),
                name="projects_assessment_shares",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pledge_id} {self.as_of} {self.state}"
