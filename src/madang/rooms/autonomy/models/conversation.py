"""The opinion conversation of an assembly: short sentences, what people think of them, and the groups that show."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from madang.rooms.autonomy.models.assembly import Assembly
from madang.yard.audit.models import Run
from madang.yard.people.models import Person

MAX_STATEMENT = 140


class Opinion(models.IntegerChoices):
    """What somebody thinks of a statement; the numbers are those of the field's exports."""

    AGREE = 1, pgettext_lazy("opinion", "I agree")
    DISAGREE = -1, pgettext_lazy("opinion", "I disagree")
    PASS = 0, pgettext_lazy("opinion", "I cannot say")


class Statement(models.Model):
    """One short sentence that one can agree with or not. What breaks the rules is hidden with the reason."""

    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="statements")
    text = models.CharField(max_length=MAX_STATEMENT)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="statements")
    made_at = models.DateTimeField(default=timezone.now)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        """Oldest first; a sentence stands in an assembly once."""

        ordering = ("made_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=["assembly", "text"], name="autonomy_statement_once"),
            models.CheckConstraint(condition=~Q(text=""), name="autonomy_statement_worded"),
            models.CheckConstraint(
                condition=(Q(hidden_at=None) & Q(hidden_reason=""))
                | (Q(hidden_at__isnull=False) & ~Q(hidden_reason="")),
                name="autonomy_statement_hidden_says_why",
            ),
        )

    def __str__(self) -> str:
        return self.text


class StatementVote(models.Model):
    """What somebody thinks of a statement, the last they said.

    The voter is a digest that only this installation can make, another in each assembly; the row has neither a time
    nor a number that grows, so that it cannot be laid beside the log of who did something when.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="votes")
    voter = models.CharField(max_length=64)
    value = models.SmallIntegerField(choices=Opinion.choices)

    class Meta:
        """One a voter and statement."""

        ordering = ("statement", "voter")
        constraints = (
            models.UniqueConstraint(fields=["statement", "voter"], name="autonomy_opinion_once"),
            models.CheckConstraint(condition=Q(value__in=Opinion.values), name="autonomy_opinion_known"),
        )

    def __str__(self) -> str:
        return str(self.statement_id)


class OpinionView(models.Model):
    """The groups of a conversation at one moment, as they are published: no small group and nobody alone in it.

    The state is for the next refresh alone, so that groups keep their names; only the newest row keeps one, and no page
    shows it.
    """

    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="opinion_views")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="+")
    result = models.JSONField()
    state = models.JSONField(default=dict, blank=True)
    participants = models.PositiveIntegerField()
    votes = models.PositiveIntegerField()
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-computed_at", "-pk")
        indexes = (models.Index(fields=["assembly", "-computed_at"], name="autonomy_opinion_newest"),)

    def __str__(self) -> str:
        return f"{self.assembly_id} {self.computed_at:%Y-%m-%d}"
