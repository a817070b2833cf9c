"""The ledger app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Double-entry money in integer won."""

    name = "madang.yard.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
