"""A council drawn by lot: what is published of it, and who applied."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from madang.yard.audit.models import Run
from madang.yard.people.fields import EncryptedTextField
from madang.yard.people.models import Person
from madang.yard.places.models import Dong


class LotteryState(models.TextChoices):
    """How far a lottery is; the steps go one way."""

    PREPARED = "prepared", pgettext_lazy("lottery", "prepared")
    COMMITTED = "committed", pgettext_lazy("lottery", "seed fixed")
    ANNOUNCED = "announced", pgettext_lazy("lottery", "public value known")
    DRAWN = "drawn", pgettext_lazy("lottery", "drawn")


class LotteryMethod(models.TextChoices):
    """How it is drawn."""

    LEXIMIN = "leximin", pgettext_lazy("lottery", "as equal chances as the quotas allow")
    UNIFORM = "uniform", pgettext_lazy("lottery", "every possible council with the same chance")


class CouncilLottery(models.Model):
    """One public lottery of a dong.

    `published` holds what anybody needs to repeat the draw: the pool with its quotas, and the lottery in whole tickets.
    Where values would tell who applied, its pool has numbers of types instead, and `is_open` is false. `secret` is the
    seed, sealed until the draw; `seed` is the same, revealed by it.
    """

    dong = models.ForeignKey(
        Dong, on_delete=models.PROTECT, to_field="code", db_column="dong", related_name="lotteries"
    )
    title = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    size = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=8, choices=LotteryMethod.choices)
    quotas = models.JSONField()
    state = models.CharField(max_length=12, choices=LotteryState.choices, default=LotteryState.PREPARED.value)
    is_open = models.BooleanField(default=False)
    published = models.JSONField()
    pool_digest = models.CharField(max_length=64)
    lottery_digest = models.CharField(max_length=64, blank=True)
    levels = models.JSONField()
    groups = models.JSONField()
    public_source = models.CharField(max_length=200)
    value_on = models.DateField()
    secret = EncryptedTextField(null=True, blank=True)
    commitment = models.CharField(max_length=64, blank=True)
    public_value = models.CharField(max_length=120, blank=True)
    seed = models.CharField(max_length=128, blank=True)
    result = models.JSONField(null=True)
    fair_run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+")
    draw_run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField(default=timezone.now)
    committed_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first; nothing is drawn without a commitment and a public value."""

        ordering = ("-prepared_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=LotteryState.values), name="autonomy_lottery_state_known"),
            models.CheckConstraint(condition=Q(size__gt=0) & ~Q(title=""), name="autonomy_lottery_sized_and_titled"),
            models.CheckConstraint(
                condition=Q(state="prepared", commitment="") | (~Q(state="prepared") & ~Q(commitment="")),
                name="autonomy_lottery_committed_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("prepared", "committed"), public_value="")
                | (Q(state__in=("announced", "drawn")) & ~Q(public_value="")),
                name="autonomy_lottery_value_in_time",
            ),
            models.CheckConstraint(
                condition=(~Q(state="drawn") & Q(seed="", result__isnull=True))
                | (Q(state="drawn") & ~Q(seed="") & Q(result__isnull=False)),
                name="autonomy_lottery_seed_with_result",
            ),
        )

    def __str__(self) -> str:
        return self.title


class LotteryApplicant(models.Model):
    """A person in a pool under a random lot; what the quotas ask of them is sealed."""

    lottery = models.ForeignKey(CouncilLottery, on_delete=models.CASCADE, related_name="applicants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    lot = models.CharField(max_length=12)
    values = EncryptedTextField()
    is_drawn = models.BooleanField(default=False)

    class Meta:
        """By lot, which says nothing of the order in which they applied."""

        ordering = ("lottery", "lot")
        constraints = (
            models.UniqueConstraint(fields=["lottery", "person"], name="autonomy_applicant_once"),
            models.UniqueConstraint(fields=["lottery", "lot"], name="autonomy_lot_once"),
        )

    def __str__(self) -> str:
        return self.lot
