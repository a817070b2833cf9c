"""A dong's assembly: one year's round from proposals to money, and its calendar."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from madang.rooms.autonomy.engine.phases import Deed, Phase, Span, is_open, phase_at
from madang.yard.places.models import Dong


class PhaseName(models.TextChoices):
    """The engine's phases with the words of the pages."""

    PROPOSE = Phase.PROPOSE.value, pgettext_lazy("phase", "Propose")
    REVIEW = Phase.REVIEW.value, pgettext_lazy("phase", "Review and estimate")
    DISCUSS = Phase.DISCUSS.value, pgettext_lazy("phase", "Discuss")
    VOTE = Phase.VOTE.value, pgettext_lazy("phase", "Vote")
    COUNT = Phase.COUNT.value, pgettext_lazy("phase", "Count")
    RESULT = Phase.RESULT.value, pgettext_lazy("phase", "Result")


class Assembly(models.Model):
    """One dong's assembly of one year: what it may decide on and out of which fund."""

    dong = models.ForeignKey(
        Dong, on_delete=models.PROTECT, to_field="code", db_column="dong", related_name="assemblies"
    )
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    budget_won = models.BigIntegerField()
    fund = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first; one a dong and year under one title."""

        ordering = ("-year", "dong", "pk")
        constraints = (
            models.UniqueConstraint(fields=["dong", "year", "title"], name="autonomy_assembly_once"),
            models.CheckConstraint(condition=Q(budget_won__gt=0), name="autonomy_assembly_has_budget"),
            models.CheckConstraint(condition=~Q(title=""), name="autonomy_assembly_titled"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def spans(self) -> tuple[Span, ...]:
        """The calendar as the engine takes it, in order."""
        return tuple(
            Span(phase=Phase(row.phase), begins_at=row.begins_at, ends_at=row.ends_at) for row in self.phases.all()
        )

    def phase(self, moment: datetime | None = None) -> Phase | None:
        """Return the phase that is open now, or at a moment."""
        return phase_at(self.spans, moment or timezone.now())

    def opens(self, deed: Deed, moment: datetime | None = None) -> bool:
        """Return whether the calendar allows a deed now, or at a moment."""
        return is_open(self.spans, deed, moment or timezone.now())


class AssemblyPhase(models.Model):
    """From when until when a phase of an assembly lasts."""

    assembly = models.ForeignKey(Assembly, on_delete=models.CASCADE, related_name="phases")
    phase = models.CharField(max_length=16, choices=PhaseName.choices)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        """In order of time."""

        ordering = ("begins_at",)
        constraints = (
            models.UniqueConstraint(fields=["assembly", "phase"], name="autonomy_phase_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="autonomy_phase_not_empty"),
            models.CheckConstraint(condition=Q(phase__in=PhaseName.values), name="autonomy_phase_known"),
        )

    def __str__(self) -> str:
        return f"{self.phase} {self.begins_at:%Y-%m-%d}"
