"""What the district hands down: a published formula, and the register of authorities."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from madang.ui.language import in_current_language
from madang.yard.audit.models import Run
from madang.yard.places.models import Dong


class DevolutionFormula(models.Model):
    """A formula as it was published for a year, with its numbers; it never changes, a newer one replaces it.

    `inputs` is what the engine takes and `run` what it gave; `names` are the dongs' names in Korean when it was
    published.
    """

    year = models.PositiveSmallIntegerField(db_index=True)
    title = models.CharField(max_length=120)
    reason = models.TextField()
    inputs = models.JSONField()
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-year", "-published_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(year__gte=1948, year__lte=2200) & ~Q(title="") & ~Q(reason=""),
                name="autonomy_formula_titled",
            ),
        )

    def __str__(self) -> str:
        return f"{self.year} {self.title}"


class Delegation(models.Model):
    """An authority that the district has handed to a dong, with the posts that go with it."""

    dong = models.ForeignKey(
        Dong, on_delete=models.PROTECT, to_field="code", db_column="dong", related_name="delegations"
    )
    title_ko = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    legal_basis = models.CharField(max_length=200)
    staff_posts = models.PositiveSmallIntegerField(default=0)
    starts_on = models.DateField()
    review_on = models.DateField()
    reviewed_on = models.DateField(null=True, blank=True)
    review_note = models.TextField(blank=True)
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """By dong and start; a review follows the start, an end has a reason."""

        ordering = ("dong", "starts_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(title_ko="") & ~Q(legal_basis=""), name="autonomy_delegation_has_basis"
            ),
            models.CheckConstraint(
                condition=Q(review_on__gt=F("starts_on")), name="autonomy_delegation_reviewed_later"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, end_reason="") | (Q(ended_on__gte=F("starts_on")) & ~Q(end_reason="")),
                name="autonomy_delegation_end_has_reason",
            ),
        )

    def __str__(self) -> str:
        return self.title_ko

    @property
    def title(self) -> str:
        """What was delegated, in the reader's language."""
        return in_current_language(self.title_ko, self.title_en)

    def in_force(self, today: date) -> bool:
        """Return whether the dong holds it on a day."""
        return self.starts_on <= today and (self.ended_on is None or today < self.ended_on)

    def overdue(self, today: date) -> bool:
        """Return whether its review should have happened before a day."""
        return self.in_force(today) and self.review_on < today
