"""Funds, budget lines, accounts and the entries between them.

Money moves from the debit account to the credit account of an entry, a whole number of won at a time. An account holds
what came in (`credits_won`) less what went out (`debits_won`). The database keeps both columns itself, from the entries
alone, and refuses whatever would break the rules: see the migration `0002_guards` and `docs/explanation/money.md`.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ui.language import in_current_language

# More than the yearly budget of the whole country; an amount above it is a slip of the hand.
MOST_WON = 10**15


class FundLevel(models.TextChoices):
    """Whose money a fund holds."""

    NATIONAL = "national", _("national government")
    METROPOLITAN = "metropolitan", _("metropolitan city or province")
    DISTRICT = "district", _("district")
    DONG = "dong", _("dong")
    DONATION = "donation", _("donors")


class RevenueSource(models.TextChoices):
    """Where a fund's money comes from, outside the ledger."""

    LOCAL_TAX = "local_tax", _("local taxes")
    NON_TAX = "non_tax", _("fees, rents and other non-tax revenue")
    SHARED_TAX = "shared_tax", _("shared national tax")
    ADJUSTMENT_GRANT = "adjustment_grant", _("adjustment grant of the metropolitan city or province")
    NATIONAL_SUBSIDY = "national_subsidy", _("national subsidy")
    METROPOLITAN_SUBSIDY = "metropolitan_subsidy", _("subsidy of the metropolitan city or province")
    DONATION = "donation", _("donations")
    CARRIED_OVER = "carried_over", _("carried over from the year before")
    OTHER = "other", _("other revenue")


class AccountKind(models.TextChoices):
    """What an account stands for; the guards allow entries between certain kinds only."""

    SOURCE = "source", _("outside source")
    POOL = "pool", _("not yet allocated")
    AVAILABLE = "available", _("available")
    COMMITTED = "committed", _("committed")
    SPENT = "spent", _("spent")


class EntryKind(models.TextChoices):
    """What an entry does."""

    REVENUE = "revenue", _("revenue")
    APPROPRIATION = "appropriation", _("appropriation")
    TRANSFER = "transfer", _("transfer")
    COMMITMENT = "commitment", _("commitment")
    RELEASE = "release", _("release")
    EXPENDITURE = "expenditure", _("expenditure")
    REVERSAL = "reversal", _("reversal")


class Fund(models.Model):
    """A purse of one fiscal year: what comes in is not yet anyone's until it is appropriated to lines."""

    code = models.CharField(max_length=40, unique=True)
    name_ko = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    level = models.CharField(max_length=16, choices=FundLevel.choices)
    place = models.CharField(max_length=16, db_index=True)
    fiscal_year = models.PositiveSmallIntegerField(db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """By year and code."""

        ordering = ("-fiscal_year", "code")
        constraints = (
            models.CheckConstraint(condition=Q(level__in=FundLevel.values), name="ledger_fund_level_known"),
            models.CheckConstraint(
                condition=Q(fiscal_year__gte=1948, fiscal_year__lte=2200), name="ledger_fund_year_plausible"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name_ko}"

    @property
    def name(self) -> str:
        """The fund's name in the reader's language."""
        return in_current_language(self.name_ko, self.name_en)


class Programme(models.Model):
    """What money is spent on: a programme of a pledge, of a room, or of the ordinary administration."""

    code = models.CharField(max_length=40, unique=True)
    name_ko = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    room = models.CharField(max_length=16, blank=True)
    pledge = models.CharField(max_length=40, blank=True)

    class Meta:
        """By code."""

        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.name_ko}"

    @property
    def name(self) -> str:
        """The programme's name in the reader's language."""
        return in_current_language(self.name_ko, self.name_en)


class BudgetLine(models.Model):
    """Money of a fund set apart for one purpose at one place."""

    code = models.CharField(max_length=40, unique=True)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="lines")
    place = models.CharField(max_length=16, db_index=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="lines")
    title = models.CharField(max_length=120)
    owner = models.CharField(max_length=80, blank=True)
    origin = models.CharField(max_length=120, blank=True)
    origin_url = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """By code."""

        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=Q(origin_url="") | (Q(origin_url__startswith="/") & ~Q(origin_url__startswith="//")),
                name="ledger_line_origin_on_site",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Account(models.Model):
    """Where won stand: an outside source, a fund's pool, or what of a line is available, committed or spent.

    Each commitment has an account of its own, so that no more can be spent on it or released from it than it holds.
    `debits_won`, `credits_won` and `last_entry` are written by the database when an entry is inserted, and only then.
    """

    code = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=AccountKind.choices)
    place = models.CharField(max_length=16, db_index=True)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="accounts")
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, null=True, related_name="accounts")
    source = models.CharField(max_length=32, choices=RevenueSource.choices, blank=True)
    title = models.CharField(max_length=120, blank=True)
    guarded = models.BooleanField(default=True)
    debits_won = models.BigIntegerField(default=0)
    credits_won = models.BigIntegerField(default=0)
    last_entry = models.BigIntegerField(default=0)

    class Meta:
        """By code."""

        ordering = ("code",)
        indexes = (models.Index(fields=["line", "kind"], name="ledger_account_line_kind"),)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=AccountKind.values), name="ledger_account_kind_known"),
            models.CheckConstraint(
                condition=Q(debits_won__gte=0, credits_won__gte=0), name="ledger_account_sums_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(guarded=False) | Q(credits_won__gte=F("debits_won")), name="ledger_account_not_overdrawn"
            ),
            models.CheckConstraint(
                condition=(Q(kind="source", guarded=False) & ~Q(source=""))
                | (~Q(kind="source") & Q(guarded=True, source="")),
                name="ledger_account_only_sources_unguarded",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("source", "pool"), line=None)
                | Q(kind__in=("available", "committed", "spent"), line__isnull=False),
                name="ledger_account_line_fits_kind",
            ),
            models.UniqueConstraint(fields=["fund"], condition=Q(kind="pool"), name="ledger_account_one_pool"),
            models.UniqueConstraint(
                fields=["fund", "source"], condition=Q(kind="source"), name="ledger_account_one_per_source"
            ),
            models.UniqueConstraint(
                fields=["line", "kind"],
                condition=Q(kind__in=("available", "spent")),
                name="ledger_account_one_per_line_kind",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def balance_won(self) -> int:
        """What the account holds [won]; negative for an outside source that has given."""
        return self.credits_won - self.debits_won


class Entry(models.Model):
    """An immutable movement of won from one account to another."""

    journal = models.UUIDField(default=uuid.uuid4, db_index=True)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16, choices=EntryKind.choices)
    date = models.DateField()
    amount_won = models.BigIntegerField()
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debit_entries")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credit_entries")
    memo = models.CharField(max_length=200, blank=True)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=32)

    class Meta:
        """Oldest first."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=["date", "id"], name="ledger_entry_date"),
            models.Index(fields=["kind", "id"], name="ledger_entry_kind"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="ledger_entry_kind_known"),
            models.CheckConstraint(
                condition=Q(amount_won__gt=0, amount_won__lte=MOST_WON), name="ledger_entry_amount_positive"
            ),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_entry_two_accounts"),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses=None)),
                name="ledger_entry_reversal_names_entry",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.amount_won}"
