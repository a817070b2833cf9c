"""The autonomy app."""

from django.apps import AppConfig


class AutonomyConfig(AppConfig):
    """Resident autonomy: the dong's agenda and its decisions."""

    name = "madang.rooms.autonomy"
    label = "autonomy"
    default_auto_field = "django.db.models.BigAutoField"
