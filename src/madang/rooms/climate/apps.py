"""The climate app."""

from django.apps import AppConfig


class ClimateConfig(AppConfig):
    """A carbon-neutral city by 2045."""

    name = "madang.rooms.climate"
    label = "climate"
    default_auto_field = "django.db.models.BigAutoField"
