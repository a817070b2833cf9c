"""The ui app."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The page shell, components, charts and maps; knows no domain word."""

    name = "madang.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"
