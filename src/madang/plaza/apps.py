"""The plaza app."""

from django.apps import AppConfig


class PlazaConfig(AppConfig):
    """Pages that show several rooms at once; they only read."""

    name = "madang.plaza"
    label = "plaza"
    default_auto_field = "django.db.models.BigAutoField"
