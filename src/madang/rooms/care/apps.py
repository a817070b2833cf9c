"""The care app."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Integrated care at home."""

    name = "madang.rooms.care"
    label = "care"
    default_auto_field = "django.db.models.BigAutoField"
