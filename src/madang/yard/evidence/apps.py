"""The evidence app."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Indicators, observations, signals, documents, and what may be published of them."""

    name = "madang.yard.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
