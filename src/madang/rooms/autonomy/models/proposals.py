"""What residents propose to their dong's assembly, every move of it, and the arguments for and against."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from madang.rooms.autonomy.engine.proposals import LIVE_STATES, ProposalState
from madang.rooms.autonomy.models.agenda import AgendaItem, Category
from madang.rooms.autonomy.models.assembly import Assembly
from madang.yard.people.models import Person

MAX_ARGUMENT = 500


class ProposalStateName(models.TextChoices):
    """The engine's states with the words of the pages."""

    SUBMITTED = ProposalState.SUBMITTED.value, pgettext_lazy("proposal", "waiting for the office")
    ADMITTED = ProposalState.ADMITTED.value, pgettext_lazy("proposal", "goes to the vote")
    DECLINED = ProposalState.DECLINED.value, pgettext_lazy("proposal", "cannot go to the vote")
    MERGED = ProposalState.MERGED.value, pgettext_lazy("proposal", "joined with another")
    WITHDRAWN = ProposalState.WITHDRAWN.value, pgettext_lazy("proposal", "withdrawn")


class OfferState(models.TextChoices):
    """What became of an offer to join two proposals."""

    OPEN = "open", pgettext_lazy("offer", "waiting for the author")
    ACCEPTED = "accepted", pgettext_lazy("offer", "the author agreed")
    REFUSED = "refused", pgettext_lazy("offer", "the author declined")
    LAPSED = "lapsed", pgettext_lazy("offer", "no longer needed")


class Side(models.TextChoices):
    """Which way an argument points."""

    FOR = "for", pgettext_lazy("argument", "for")
    AGAINST = "against", pgettext_lazy("argument", "against")


class Proposal(models.Model):
    """What a resident wants the assembly to decide on. Everybody reads it; nobody reads whose it is.

    The code is given when it is first admitted and stays: ballots name the proposal by it. The idempotency key makes
    a proposal that is sent twice one proposal.
    """

    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="proposals")
    code = models.CharField(max_length=8, blank=True)
    idempotency_key = models.CharField(max_length=200, unique=True)
    title = models.CharField(max_length=120)
    text = models.TextField()
    category = models.CharField(max_length=16, choices=Category.choices)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="proposals")
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals")
    state = models.CharField(
        max_length=16, choices=ProposalStateName.choices, default=ProposalStateName.SUBMITTED.value
    )
    state_since = models.DateTimeField(default=timezone.now)
    cost_won = models.BigIntegerField(null=True, blank=True)
    cost_basis = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_proposals"
    )
    submitted_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """In the order in which they came in; read by assembly and state."""

        ordering = ("submitted_at", "pk")
        indexes = (models.Index(fields=["assembly", "state"], name="autonomy_proposal_by_state"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=ProposalStateName.values), name="autonomy_proposal_state_known"
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="autonomy_proposal_worded"),
            models.UniqueConstraint(
                fields=["assembly", "code"], condition=~Q(code=""), name="autonomy_proposal_code_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.ADMITTED.value) | (~Q(code="") & Q(cost_won__isnull=False)),
                name="autonomy_proposal_admitted_is_ready",
            ),
            models.CheckConstraint(
                condition=Q(cost_won=None, cost_basis="") | (Q(cost_won__gte=0) & ~Q(cost_basis="")),
                name="autonomy_proposal_cost_has_basis",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(ProposalState.ADMITTED.value, ProposalState.DECLINED.value)) | ~Q(reason=""),
                name="autonomy_proposal_answer_has_reason",
            ),
            models.CheckConstraint(
                condition=(Q(state=ProposalState.MERGED.value) & Q(merged_into__isnull=False))
                | (~Q(state=ProposalState.MERGED.value) & Q(merged_into=None)),
                name="autonomy_proposal_merged_somewhere",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="autonomy_proposal_not_into_itself"),
            models.CheckConstraint(
                condition=Q(lon=None, lat=None) | Q(lon__isnull=False, lat__isnull=False),
                name="autonomy_proposal_both_coordinates",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    @property
    def proposal_state(self) -> ProposalState:
        """The state as the engine names it."""
        return ProposalState(self.state)

    @property
    def is_live(self) -> bool:
        """Whether it still goes its way."""
        return self.proposal_state in LIVE_STATES


class ProposalMove(models.Model):
    """One move of a proposal, for ever: from where to where, why, by which role; an estimate leads to where it was."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="moves")
    source = models.CharField(max_length=16, choices=ProposalStateName.choices, blank=True)
    state = models.CharField(max_length=16, choices=ProposalStateName.choices)
    cost_won = models.BigIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True)
    role = models.CharField(max_length=32)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Oldest first."""

        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(source=F("state")) | Q(cost_won__isnull=False),
                name="autonomy_proposal_move_does_something",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") | Q(source="") | Q(state=ProposalState.WITHDRAWN.value),
                name="autonomy_proposal_move_has_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} → {self.state}"


class MergeOffer(models.Model):
    """The offer to join a proposal with another one; only the author of the one that would go can accept it."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="offers")
    into = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="offers_received")
    reason = models.TextField()
    role = models.CharField(max_length=32)
    offered_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=OfferState.choices, default=OfferState.OPEN.value)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        """Newest first."""

        ordering = ("-offered_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=OfferState.values), name="autonomy_offer_state_known"),
            models.CheckConstraint(condition=~Q(proposal=F("into")), name="autonomy_offer_two_proposals"),
            models.CheckConstraint(condition=~Q(reason=""), name="autonomy_offer_has_reason"),
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(state=OfferState.OPEN.value), name="autonomy_offer_open_once"
            ),
            models.CheckConstraint(
                condition=(Q(state=OfferState.OPEN.value) & Q(answered_at=None))
                | (~Q(state=OfferState.OPEN.value) & Q(answered_at__isnull=False)),
                name="autonomy_offer_answered_says_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.proposal_id} → {self.into_id}"


class Argument(models.Model):
    """An argument for or against a proposal. What breaks the rules is hidden with the reason, never deleted."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="arguments")
    idempotency_key = models.CharField(max_length=200, unique=True)
    side = models.CharField(max_length=8, choices=Side.choices)
    text = models.CharField(max_length=MAX_ARGUMENT)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="arguments")
    made_at = models.DateTimeField(default=timezone.now)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        """Oldest first."""

        ordering = ("made_at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(side__in=Side.values), name="autonomy_argument_side_known"),
            models.CheckConstraint(condition=~Q(text=""), name="autonomy_argument_worded"),
            models.CheckConstraint(
                condition=(Q(hidden_at=None) & Q(hidden_reason=""))
                | (Q(hidden_at__isnull=False) & ~Q(hidden_reason="")),
                name="autonomy_argument_hidden_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk} {self.side}"
