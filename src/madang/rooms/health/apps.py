"""The health app."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """A healthy community and its quarantine system."""

    name = "madang.rooms.health"
    label = "health"
    default_auto_field = "django.db.models.BigAutoField"
