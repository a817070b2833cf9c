"""Records of evidence: indicators, their observations, signals, documents, and what was published."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ui.language import in_current_language
from madang.yard.audit.models import Run
from madang.yard.evidence.engine.periods import Frequency
from madang.yard.evidence.engine.targets import TargetPath


class Room(models.TextChoices):
    """Whose subject an indicator or a signal is."""

    AUTONOMY = "autonomy", _("Resident autonomy")
    CARE = "care", _("Integrated care")
    HEALTH = "health", _("Healthy community")
    CLIMATE = "climate", _("Carbon neutral 2045")
    PROJECTS = "projects", _("Large projects and pledges")


class Unit(models.TextChoices):
    """What an indicator counts in; the code is what files carry."""

    PERCENT = "percent", _("%")
    PERSONS = "persons", pgettext_lazy("unit", "persons")
    HOUSEHOLDS = "households", pgettext_lazy("unit", "households")
    CASES = "cases", pgettext_lazy("unit", "cases")
    PER_100K = "per_100k", pgettext_lazy("unit", "per 100,000 persons")
    PER_1K = "per_1k", pgettext_lazy("unit", "per 1,000 persons")
    COUNT = "count", pgettext_lazy("unit", "items")
    DAYS = "days", pgettext_lazy("unit", "days")
    HOURS = "hours", pgettext_lazy("unit", "hours")
    MINUTES = "minutes", pgettext_lazy("unit", "minutes")
    WON = "won", pgettext_lazy("unit", "won")
    KWH = "kwh", _("kWh")
    MWH = "mwh", _("MWh")
    KW = "kw", _("kW")
    TCO2E = "tco2e", _("t CO₂e")
    CELSIUS = "celsius", _("°C")
    RATIO = "ratio", pgettext_lazy("unit", "ratio")
    INDEX = "index", pgettext_lazy("unit", "points")


# Units whose values do not grow with a place: a dong's can be held against the district's own target.
COMPARABLE_UNITS = frozenset(
    {
        Unit.PERCENT,
        Unit.PER_100K,
        Unit.PER_1K,
        Unit.DAYS,
        Unit.HOURS,
        Unit.MINUTES,
        Unit.CELSIUS,
        Unit.RATIO,
        Unit.INDEX,
    }
)


class Direction(models.TextChoices):
    """Which way an indicator should go."""

    UP = "up", _("higher is better")
    DOWN = "down", _("lower is better")


class FrequencyChoice(models.TextChoices):
    """How often an indicator is observed; the codes are the engine's."""

    YEAR = Frequency.YEAR.value, _("yearly")
    QUARTER = Frequency.QUARTER.value, _("quarterly")
    MONTH = Frequency.MONTH.value, _("monthly")
    WEEK = Frequency.WEEK.value, _("weekly")
    DAY = Frequency.DAY.value, _("daily")


class Aggregation(models.TextChoices):
    """How a longer stretch follows from its periods."""

    SUM = "sum", _("added up")
    MEAN = "mean", _("averaged")
    LAST = "last", _("the last value counts")


class Indicator(models.Model):
    """Something that is measured again and again, and what it should become.

    `target_path` is a list of `[period, value]` in order of time. A sensitive indicator counts persons: its values
    leave only through the publication guard, with `threshold` as the smallest count that is shown.
    """

    code = models.CharField(max_length=60, unique=True)
    room = models.CharField(max_length=16, choices=Room.choices)
    name_ko = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    unit = models.CharField(max_length=16, choices=Unit.choices)
    decimals = models.PositiveSmallIntegerField(default=1)
    definition_ko = models.TextField()
    definition_en = models.TextField()
    source_ko = models.CharField(max_length=300)
    source_en = models.CharField(max_length=300)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    frequency = models.CharField(max_length=8, choices=FrequencyChoice.choices, default=FrequencyChoice.MONTH)
    aggregation = models.CharField(max_length=8, choices=Aggregation.choices, default=Aggregation.LAST)
    sensitive = models.BooleanField(default=False)
    threshold = models.PositiveSmallIntegerField(default=5)
    zeros_sensitive = models.BooleanField(default=False)
    target_path = models.JSONField(default=list, blank=True)
    defined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """By code."""

        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(threshold__gte=2, threshold__lte=1000), name="evidence_indicator_threshold"
            ),
            models.CheckConstraint(condition=models.Q(decimals__lte=6), name="evidence_indicator_decimals"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name_ko}"

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return in_current_language(self.name_ko, self.name_en)

    @property
    def definition(self) -> str:
        """What exactly is measured, in the reader's language."""
        return in_current_language(self.definition_ko, self.definition_en)

    @property
    def source(self) -> str:
        """Where the numbers come from, in the reader's language."""
        return in_current_language(self.source_ko, self.source_en)

    @property
    def targets(self) -> TargetPath:
        """The path that it should take."""
        return TargetPath.of(self.target_path)


class ObservationStatus(models.TextChoices):
    """How a value came about."""

    MEASURED = "measured", pgettext_lazy("observation", "measured")
    ESTIMATED = "estimated", pgettext_lazy("observation", "estimated")
    SAMPLE = "sample", pgettext_lazy("observation", "sample data")


class Observation(models.Model):
    """An indicator's value for a place and a period; a correction is a further row with the next revision.

    The table only grows. `place` is the official code of the district or a dong, so a series outlives new boundaries.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="observations")
    place = models.CharField(max_length=10)
    period = models.CharField(max_length=10)
    revision = models.PositiveSmallIntegerField(default=1)
    value = models.FloatField()
    numerator = models.FloatField(null=True, blank=True)
    denominator = models.FloatField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=ObservationStatus.choices, default=ObservationStatus.MEASURED)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """In order of time."""

        ordering = ("indicator", "place", "period", "revision")
        constraints = (
            models.UniqueConstraint(
                fields=["indicator", "place", "period", "revision"], name="evidence_observation_once"
            ),
            models.CheckConstraint(condition=models.Q(revision__gte=1), name="evidence_observation_revision"),
            models.CheckConstraint(
                condition=models.Q(denominator=None) | models.Q(denominator__gt=0),
                name="evidence_observation_denominator",
            ),
        )
        indexes = (models.Index(fields=["indicator", "period", "place"], name="evidence_observation_line"),)

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.place} {self.period} r{self.revision}"


class Withholding(models.Model):
    """A cell of a sensitive indicator that is not shown, decided when its line was entered; the table only grows.

    What was withheld once stays withheld: shown later, beside what else is public by then, it could betray others.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="withholdings")
    place = models.CharField(max_length=10)
    period = models.CharField(max_length=10)

    class Meta:
        """One row a cell."""

        ordering = ("indicator", "place", "period")
        constraints = (
            models.UniqueConstraint(fields=["indicator", "place", "period"], name="evidence_withholding_once"),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.place} {self.period}"


class Severity(models.IntegerChoices):
    """How urgent a signal is; the higher, the sooner."""

    NOTICE = 1, pgettext_lazy("severity", "to note")
    WARNING = 2, pgettext_lazy("severity", "warning")
    URGENT = 3, pgettext_lazy("severity", "urgent")


class SignalState(models.TextChoices):
    """Where a signal is in its life."""

    RAISED = "raised", pgettext_lazy("signal", "raised")
    SEEN = "seen", pgettext_lazy("signal", "seen")
    ON_AGENDA = "on_agenda", pgettext_lazy("signal", "on the agenda")
    ANSWERED = "answered", pgettext_lazy("signal", "answered")
    CLOSED = "closed", pgettext_lazy("signal", "closed")


class Signal(models.Model):
    """Something a room found that a dong should know: an alarm, a gap, a risk.

    `key` names the finding, so that finding it again raises nothing new. `evidence` is a mapping of `observations`,
    `runs` and `documents` to lists of their ids. The text is public and never names a person.
    """

    key = models.CharField(max_length=120, unique=True)
    room = models.CharField(max_length=16, choices=Room.choices)
    place = models.CharField(max_length=10)
    topic = models.CharField(max_length=60)
    text_ko = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices, default=Severity.NOTICE)
    evidence = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=12, choices=SignalState.choices, default=SignalState.RAISED)
    raised_by = models.CharField(max_length=64, blank=True)
    raised_role = models.CharField(max_length=32)
    raised_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The most urgent first, then the newest."""

        ordering = ("-severity", "-raised_at", "-pk")
        indexes = (models.Index(fields=["state", "place"], name="evidence_signal_state_place"),)

    def __str__(self) -> str:
        return f"{self.room} {self.place} {self.topic}"

    @property
    def text(self) -> str:
        """What was found, in the reader's language."""
        return in_current_language(self.text_ko, self.text_en)


class SignalMove(models.Model):
    """One step in a signal's life, with its reason; the table only grows."""

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="moves")
    from_state = models.CharField(max_length=12, choices=SignalState.choices, blank=True)
    to_state = models.CharField(max_length=12, choices=SignalState.choices)
    reason = models.CharField(max_length=500)
    role = models.CharField(max_length=32)
    user = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Oldest first."""

        ordering = ("signal", "pk")

    def __str__(self) -> str:
        return f"{self.signal_id} {self.from_state} -> {self.to_state}"


class Document(models.Model):
    """A file that evidence rests on, kept under its SHA-256; the table only grows."""

    title = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    place = models.CharField(max_length=10)
    filed_by = models.CharField(max_length=64, blank=True)
    filed_role = models.CharField(max_length=32)
    filed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-filed_at", "-pk")

    def __str__(self) -> str:
        return f"{self.title} ({self.sha256[:12]})"


class Publication(models.Model):
    """One publication of a dataset in one format: what was given out, when and under which digest; it only grows."""

    dataset = models.CharField(max_length=32)
    media = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField()
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-published_at", "-pk")
        indexes = (models.Index(fields=["dataset", "media", "-published_at"], name="evidence_publication_last"),)

    def __str__(self) -> str:
        return f"{self.dataset}.{self.media} {self.sha256[:12]}"
