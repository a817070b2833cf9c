"""The records of a secret vote: what says who voted and what says how share no value, no time and no order.

`TokenIssued` names persons and nothing of a ballot; `WaitingBallot` and `BoxEntry` hold ballots and nothing of a
person, no moment and no address. Rows of both kinds lie in the order of random keys: on SQLite the tables of persons
and of waiting ballots have no row numbers, which would tell the order in which they came.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from madang.rooms.autonomy.models.assembly import Assembly
from madang.rooms.autonomy.models.proposals import Proposal
from madang.yard.audit.models import Run
from madang.yard.people.fields import EncryptedTextField
from madang.yard.people.models import Person


class PollState(models.TextChoices):
    """How far a poll is; the calendar of the assembly says when voting is open."""

    DRAFT = "draft", pgettext_lazy("poll", "being prepared")
    FROZEN = "frozen", pgettext_lazy("poll", "rules fixed")
    CLOSED = "closed", pgettext_lazy("poll", "closed")
    OPENED = "opened", pgettext_lazy("poll", "counted")


class VoteChannel(models.TextChoices):
    """How somebody votes."""

    PHONE = "phone", pgettext_lazy("vote channel", "phone")
    PAPER = "paper", pgettext_lazy("vote channel", "paper")


class SheetState(models.TextChoices):
    """Life of a paper sheet."""

    PRINTED = "printed", pgettext_lazy("sheet", "printed")
    KEYED = "keyed", pgettext_lazy("sheet", "keyed once")
    ENTERED = "entered", pgettext_lazy("sheet", "in the box")


class Poll(models.Model):
    """The vote of one assembly: its rule, its keys, and after closing its result.

    Nothing of rule, projects and keys changes once it is frozen; the database itself refuses it.
    """

    assembly = models.OneToOneField(Assembly, on_delete=models.PROTECT, related_name="poll")
    code = models.SlugField(max_length=40, unique=True)
    state = models.CharField(max_length=8, choices=PollState.choices, default=PollState.DRAFT.value)
    manifest = models.JSONField(default=dict)
    manifest_hash = models.CharField(max_length=64)
    threshold = models.PositiveSmallIntegerField(default=2)
    batch = models.PositiveSmallIntegerField(default=50)
    header = models.TextField(blank=True)
    token_secret = EncryptedTextField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closing = models.TextField(blank=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verdict = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PollState.values), name="autonomy_poll_state_known"),
            models.CheckConstraint(
                condition=Q(state="draft", header="", frozen_at=None)
                | (~Q(state="draft") & ~Q(header="") & Q(frozen_at__isnull=False)),
                name="autonomy_poll_frozen_has_header",
            ),
            models.CheckConstraint(
                condition=Q(state="opened", opened_at__isnull=False, run__isnull=False) & ~Q(closing="")
                | (~Q(state="opened") & Q(closing="", opened_at=None, run=None)),
                name="autonomy_poll_opened_has_result",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "frozen"), closed_at=None)
                | Q(state__in=("closed", "opened"), closed_at__isnull=False),
                name="autonomy_poll_closed_says_when",
            ),
            models.CheckConstraint(condition=Q(threshold__gte=1, batch__gte=1), name="autonomy_poll_numbers"),
        )

    def __str__(self) -> str:
        return self.code


class PollProject(models.Model):
    """One thing that can be voted for, as it stood when the poll was prepared."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="projects")
    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="poll_projects"
    )
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    cost_won = models.BigIntegerField()
    category = models.CharField(max_length=32, blank=True)

    class Meta:
        """In order of code."""

        ordering = ("poll", "code")
        constraints = (
            models.UniqueConstraint(fields=["poll", "code"], name="autonomy_pollproject_code_once"),
            models.UniqueConstraint(
                fields=["poll", "proposal"], condition=Q(proposal__isnull=False), name="autonomy_pollproject_once"
            ),
            models.CheckConstraint(condition=Q(cost_won__gte=0), name="autonomy_pollproject_cost"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="autonomy_pollproject_named"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Trustee(models.Model):
    """A council member who holds a share of the key to the ballots and signs what the box looked like."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="trustees")
    number = models.PositiveSmallIntegerField()
    user = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=60, blank=True)
    sign_public = models.CharField(max_length=87)
    box_public = models.CharField(max_length=87)
    sealed_share = models.TextField(blank=True)

    class Meta:
        """In order of number."""

        ordering = ("poll", "number")
        constraints = (
            models.UniqueConstraint(fields=["poll", "number"], name="autonomy_trustee_number_once"),
            models.UniqueConstraint(fields=["poll", "user"], condition=~Q(user=""), name="autonomy_trustee_user_once"),
            models.UniqueConstraint(fields=["poll", "sign_public"], name="autonomy_trustee_key_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="autonomy_trustee_numbered"),
        )

    def __str__(self) -> str:
        return f"{self.poll_id}:{self.number}"


class TokenIssued(models.Model):
    """That somebody was given the right to vote, once: by phone or on paper. It says neither when nor in what order.

    The digest of the blinded message lets the same phone ask again for an answer that was lost on the way.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="issued")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=VoteChannel.choices)
    blinded = models.CharField(max_length=64, blank=True)

    class Meta:
        """No order: there is none."""

        constraints = (
            models.UniqueConstraint(fields=["poll", "person"], name="autonomy_token_once"),
            models.CheckConstraint(
                condition=(Q(channel="phone") & ~Q(blinded="")) | Q(channel="paper", blinded=""),
                name="autonomy_token_channel",
            ),
        )

    def __str__(self) -> str:
        return f"{self.poll_id} {self.channel}"


class WaitingBallot(models.Model):
    """A ballot that was acknowledged and waits for others, so that it enters the box in their company.

    Its key is the digest of its body, which is its receipt. The voter is the token's message, or `sheet:` and a paper
    sheet's number.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="waiting")
    voter = models.CharField(max_length=43)
    turn = models.PositiveSmallIntegerField()
    body = models.TextField()
    sealed = models.BinaryField()

    class Meta:
        """In order of digest, which is no order at all."""

        ordering = ("digest",)
        constraints = (models.UniqueConstraint(fields=["poll", "voter", "turn"], name="autonomy_waiting_turn_once"),)

    def __str__(self) -> str:
        return self.digest[:12]


class BoxEntry(models.Model):
    """One entry of the public box, for ever."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    receipt = models.CharField(max_length=64)
    voter = models.CharField(max_length=43)
    turn = models.PositiveSmallIntegerField()
    body = models.TextField()
    hash = models.CharField(max_length=64)
    sealed = models.BinaryField(default=b"")

    class Meta:
        """In the order of the box."""

        ordering = ("poll", "seq")
        constraints = (
            models.UniqueConstraint(fields=["poll", "seq"], name="autonomy_box_seq_once"),
            models.UniqueConstraint(fields=["poll", "receipt"], name="autonomy_box_receipt_once"),
            models.UniqueConstraint(fields=["poll", "voter", "turn"], name="autonomy_box_turn_once"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="autonomy_box_seq_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.poll_id}#{self.seq}"


class BallotOpening(models.Model):
    """What one entry of the box said when the ballots were opened, or why it does not count."""

    entry = models.OneToOneField(BoxEntry, on_delete=models.PROTECT, primary_key=True, related_name="opening")
    opening = models.TextField(blank=True)
    reason = models.CharField(max_length=16, blank=True)

    class Meta:
        """In the order of the box; either an opening or a reason."""

        ordering = ("entry",)
        constraints = (
            models.CheckConstraint(
                condition=(Q(opening="") & ~Q(reason="")) | (~Q(opening="") & Q(reason="")),
                name="autonomy_opening_or_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.reason or 'counts'}"


class HeadSignature(models.Model):
    """A trustee's word that the box ended so at that entry."""

    trustee = models.ForeignKey(Trustee, on_delete=models.PROTECT, related_name="signatures")
    seq = models.PositiveIntegerField()
    head = models.CharField(max_length=64)
    signature = models.CharField(max_length=86)
    signed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """In order of the box."""

        ordering = ("seq", "trustee")
        constraints = (models.UniqueConstraint(fields=["trustee", "seq"], name="autonomy_head_signed_once"),)

    def __str__(self) -> str:
        return f"{self.trustee_id} #{self.seq}"


class PostedShare(models.Model):
    """A trustee's share of the key, given after closing so that the ballots can be opened."""

    trustee = models.OneToOneField(Trustee, on_delete=models.PROTECT, primary_key=True, related_name="posted")
    share = models.CharField(max_length=43)
    posted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """By trustee."""

        ordering = ("trustee",)

    def __str__(self) -> str:
        return str(self.trustee_id)


class PaperSheet(models.Model):
    """A printed ballot sheet. Its number is drawn at random, and nobody writes down who took it."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="sheets")
    number = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=SheetState.choices, default=SheetState.PRINTED.value)
    rounds = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """In order of number."""

        ordering = ("poll", "number")
        constraints = (
            models.UniqueConstraint(fields=["poll", "number"], name="autonomy_sheet_once"),
            models.CheckConstraint(condition=Q(state__in=SheetState.values), name="autonomy_sheet_state_known"),
        )

    def __str__(self) -> str:
        return self.number


class PaperKeying(models.Model):
    """What the first of two people read on a sheet; sealed until the second has keyed it, then deleted."""

    sheet = models.OneToOneField(PaperSheet, on_delete=models.PROTECT, primary_key=True, related_name="keying")
    user = models.CharField(max_length=64, blank=True)
    choice = EncryptedTextField()

    class Meta:
        """By sheet."""

        ordering = ("sheet",)

    def __str__(self) -> str:
        return str(self.sheet_id)
