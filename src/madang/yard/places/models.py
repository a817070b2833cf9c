"""Records of the district and its dongs."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ui.language import in_current_language


class DongKind(models.TextChoices):
    """What a boundary delimits: the legal dong of addresses, or the administrative dong that has an office."""

    LEGAL = "legal", _("legal dong")
    ADMINISTRATIVE = "administrative", _("administrative dong")


class District(models.Model):
    """The municipality that this installation serves.

    The map's width and height are those of the SVG view box that every dong's `outline` is drawn in.
    """

    code = models.CharField(max_length=5, unique=True)
    name_ko = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80)
    sido_ko = models.CharField(max_length=40)
    sido_en = models.CharField(max_length=80)
    kind = models.CharField(max_length=16, choices=DongKind.choices, default=DongKind.LEGAL)
    source = models.CharField(max_length=1000)
    boundary_digest = models.CharField(max_length=64)
    area_m2 = models.FloatField()
    map_width = models.PositiveIntegerField()
    map_height = models.PositiveIntegerField()
    is_sample = models.BooleanField(default=False)
    sample_seed = models.BigIntegerField(null=True, blank=True)
    sample_scale = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """By code."""

        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(is_sample=True) | models.Q(sample_seed__isnull=True, sample_scale__isnull=True),
                name="places_district_seed_of_sample",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name_ko}"

    @property
    def name(self) -> str:
        """The district's name in the reader's language."""
        return in_current_language(self.name_ko, self.name_en)

    @property
    def sido(self) -> str:
        """The province's or metropolitan city's name in the reader's language."""
        return in_current_language(self.sido_ko, self.sido_en)

    @property
    def full_name(self) -> str:
        """Both names, in the order of the reader's language."""
        korean = f"{self.sido_ko} {self.name_ko}"
        return in_current_language(korean, f"{self.name_en}, {self.sido_en}" if self.name_en else "")


class Dong(models.Model):
    """One neighbourhood of the district: its code, names and boundary.

    `boundary` is WKB in WGS 84 degrees (exact); `outline` is the simplified SVG path in the district's view box.
    """

    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="dongs")
    code = models.CharField(max_length=10, unique=True)
    name_ko = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80)
    kind = models.CharField(max_length=16, choices=DongKind.choices, default=DongKind.LEGAL)
    boundary = models.BinaryField()
    outline = models.TextField()
    label_x = models.FloatField()
    label_y = models.FloatField()
    lon = models.FloatField()
    lat = models.FloatField()
    area_m2 = models.FloatField()
    population = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        """By code."""

        ordering = ("code",)
        constraints = (models.CheckConstraint(condition=models.Q(area_m2__gt=0), name="places_dong_has_area"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name_ko}"

    @property
    def name(self) -> str:
        """The dong's name in the reader's language."""
        return in_current_language(self.name_ko, self.name_en)
