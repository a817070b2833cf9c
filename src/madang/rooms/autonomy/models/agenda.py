"""What residents report, what a dong has on its agenda, and every move of it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.rooms.autonomy.engine.agenda import Outcome, State
from madang.rooms.autonomy.engine.receipt import receipt_shown
from madang.yard.evidence.models import Room, Signal
from madang.yard.people.fields import BlindIndexField, EncryptedTextField
from madang.yard.places.models import Dong

MAX_TEXT = 4000


class MatterState(models.TextChoices):
    """The engine's states with the words of the pages."""

    RECEIVED = State.RECEIVED.value, pgettext_lazy("matter", "received")
    ON_AGENDA = State.ON_AGENDA.value, pgettext_lazy("matter", "on the agenda")
    DECIDED = State.DECIDED.value, pgettext_lazy("matter", "decided")
    ANSWERED = State.ANSWERED.value, pgettext_lazy("matter", "answered")
    DELIVERED = State.DELIVERED.value, pgettext_lazy("matter", "delivered")


class AnswerOutcome(models.TextChoices):
    """The engine's outcomes with the words of the pages."""

    PROMISED = Outcome.PROMISED.value, _("will be done")
    EXPLAINED = Outcome.EXPLAINED.value, _("explained")
    MERGED = Outcome.MERGED.value, _("joined with another matter")
    DECLINED = Outcome.DECLINED.value, _("not taken up")


class Category(models.TextChoices):
    """What a report is about; the codes are also the service codes of Open311."""

    ROAD = "road", _("Road, pavement, crossing")
    LIGHT = "light", _("Street lamp, night safety")
    WASTE = "waste", _("Litter and waste")
    PARK = "park", _("Park, trees, playground")
    SENIORS = "seniors", _("Help for older neighbours")
    HEALTH = "health", _("Health and hygiene")
    HEAT_COLD = "heat-cold", _("Heat, cold, energy")
    BUILDING = "building", _("Building, construction, noise")
    OTHER = "other", _("Something else")


class Channel(models.TextChoices):
    """By which door a report came in."""

    PAGE = "page", _("page")
    API = "api", _("programming interface")
    OPEN311 = "open311", _("Open311")
    COUNTER = "counter", _("counter of the dong office")


class AgendaItem(models.Model):
    """One matter on a dong's agenda, in words that an officer made public."""

    dong = models.ForeignKey(
        Dong, on_delete=models.PROTECT, to_field="code", db_column="dong", related_name="agenda_items"
    )
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    room = models.CharField(max_length=16, choices=Room.choices)
    state = models.CharField(max_length=16, choices=MatterState.choices, default=MatterState.ON_AGENDA)
    said = models.CharField(max_length=16, choices=AnswerOutcome.choices, blank=True)
    state_since = models.DateField()
    opened_on = models.DateField()
    signal = models.OneToOneField(Signal, on_delete=models.PROTECT, null=True, blank=True, related_name="agenda_item")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_items"
    )
    pledge = models.CharField(max_length=40, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Newest first; read by dong and by state."""

        ordering = ("-opened_on", "-pk")
        indexes = (
            models.Index(fields=["dong", "state"], name="autonomy_item_dong_state"),
            models.Index(fields=["state", "state_since"], name="autonomy_item_state_since"),
            models.Index(fields=["-updated_at"], name="autonomy_item_updated"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State if state is not State.RECEIVED]),
                name="autonomy_item_state_known",
            ),
            models.CheckConstraint(
                condition=Q(said__in=[outcome.value for outcome in Outcome], state__in=("answered", "delivered"))
                | (Q(said="") & ~Q(state="answered")),
                name="autonomy_item_says_when_answered",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(said=Outcome.MERGED.value), name="autonomy_item_merged_says_so"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def matter_state(self) -> State:
        """The state as the engine names it."""
        return State(self.state)

    @property
    def matter_said(self) -> Outcome | None:
        """The answer's outcome as the engine names it."""
        return Outcome(self.said) if self.said else None


class Issue(models.Model):
    """What a resident reported, sealed: the public sees it only in the words of the item that it led to.

    The receipt number opens it to whoever holds it. The idempotency key makes a report that is
    sent twice one report.
    """

    receipt = EncryptedTextField()
    receipt_index = BlindIndexField(of="receipt", unique=True, db_index=False)
    idempotency_key = models.CharField(max_length=200, unique=True)
    dong = models.ForeignKey(Dong, on_delete=models.PROTECT, to_field="code", db_column="dong", related_name="issues")
    category = models.CharField(max_length=16, choices=Category.choices)
    text = EncryptedTextField()
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    photo = models.CharField(max_length=80, blank=True)
    photo_width = models.PositiveIntegerField(null=True, blank=True)
    photo_height = models.PositiveIntegerField(null=True, blank=True)
    channel = models.CharField(max_length=16, choices=Channel.choices, default=Channel.PAGE)
    state = models.CharField(max_length=16, choices=MatterState.choices, default=MatterState.RECEIVED)
    said = models.CharField(max_length=16, choices=AnswerOutcome.choices, blank=True)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="issues")
    reported_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first; read by dong and by state."""

        ordering = ("-reported_at", "-pk")
        indexes = (
            models.Index(fields=["dong", "state"], name="autonomy_issue_dong_state"),
            models.Index(fields=["-reported_at"], name="autonomy_issue_reported"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("received", "on_agenda", "answered")), name="autonomy_issue_state_known"
            ),
            models.CheckConstraint(
                condition=(Q(state="on_agenda") & Q(item__isnull=False) & Q(said=""))
                | (Q(state="received") & Q(item=None) & Q(said=""))
                | (Q(state="answered") & Q(said__in=[outcome.value for outcome in Outcome])),
                name="autonomy_issue_item_fits_state",
            ),
            models.CheckConstraint(
                condition=Q(lon=None, lat=None) | Q(lon__isnull=False, lat__isnull=False),
                name="autonomy_issue_both_coordinates",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk} {self.category}"

    @property
    def receipt_groups(self) -> str:
        """The receipt number as it is printed."""
        return receipt_shown(self.receipt or "")

    @property
    def matter_state(self) -> State:
        """How far the report is: the state of the item it led to, else its own."""
        return self.item.matter_state if self.item is not None else State(self.state)


class AgendaMove(models.Model):
    """One move of a matter, for ever: from where to where, why, on which day and by which role."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, related_name="moves")
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, null=True, related_name="moves")
    source = models.CharField(max_length=16, choices=MatterState.choices)
    state = models.CharField(max_length=16, choices=MatterState.choices)
    said = models.CharField(max_length=16, choices=AnswerOutcome.choices, blank=True)
    reason = models.TextField()
    on = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    role = models.CharField(max_length=32)
    user = models.CharField(max_length=64, blank=True)

    class Meta:
        """Oldest first."""

        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(item=None, issue__isnull=False) | Q(item__isnull=False, issue=None),
                name="autonomy_move_one_subject",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="autonomy_move_has_reason"),
        )

    def __str__(self) -> str:
        return f"{self.source} → {self.state}"


class Decision(models.Model):
    """What was decided on an item: recorded once, never changed."""

    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="decision")
    title = models.CharField(max_length=120)
    rationale = models.TextField()
    budget_won = models.BigIntegerField(default=0)
    votes_for = models.PositiveIntegerField(null=True, blank=True)
    votes_against = models.PositiveIntegerField(null=True, blank=True)
    votes_cast = models.PositiveIntegerField(null=True, blank=True)
    voted = models.ForeignKey(
        "autonomy.PollProject", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    decided_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-decided_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(budget_won__gte=0), name="autonomy_decision_budget_not_negative"),
            models.CheckConstraint(
                condition=Q(votes_for=None, votes_against=None, votes_cast=None)
                | Q(votes_for__isnull=False, votes_against__isnull=False, votes_cast__gte=0),
                name="autonomy_decision_votes_whole",
            ),
        )

    def __str__(self) -> str:
        return self.title
