"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Authority table, hash-chained records, runs and jobs."""

    name = "madang.yard.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
